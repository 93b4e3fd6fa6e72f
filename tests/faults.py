"""Break `qa index` on purpose: kill it or make it fail at a chosen system call, and look at what is left.

strace counts the calls that change the disk and injects a signal or an error into one of them.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qa import build_index
from qa.errors import NoIndex
from qa.generation import check, hold
from tests.indexes import (
    NINE,
    answers_of,
    assert_tidy,
    change,
    copy_index,
    make_index,
    publish_changed,
    rebuild,
    write_files,
)

CALLS = (
    "write pwrite64 writev pwritev ftruncate truncate fallocate sendfile copy_file_range fsync fdatasync rename renameat"
    " renameat2 unlink unlinkat mkdir mkdirat rmdir link linkat symlink symlinkat open openat creat chmod fchmod fchmodat"
).split()
"""The system calls that can change a disk; `open` and `openat` where they ask to write or to create."""

_WRITES = {"write", "pwrite64", "writev", "pwritev", "ftruncate", "truncate", "fallocate", "sendfile", "copy_file_range"}
_OPENS = {"open", "openat", "creat"}
_SYNCS = {"fsync", "fdatasync"}
_LINE = re.compile(r"(\d+) +(\w+)\((.*)$")
_OPEN_TO_WRITE = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")
_PATH = re.compile(r'"([^"]*)"|^\d+<([^>]*)>')
_BY_CHANCE = re.compile(r"[0-9a-f]{32}|/\.tmp|/verbatim-")
_STALE_SECONDS = 7200

COMMAND = [sys.executable, "-c", "from qa.cli import main; main()", "index"]
STEADY = {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}

Answers = list[dict[str, Any]]


@cache
def why_not() -> str:
    """Return why no system call can be traced here, or nothing."""
    if shutil.which("strace") is None:
        return "there is no strace; on Debian: apt-get install strace"
    done = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"strace may not trace here: {done.stderr.strip()[:100]}"


@dataclass(frozen=True)
class Place:
    """Hold where one run reads, writes and keeps its temporary files."""

    folder: Path

    @property
    def docs(self) -> Path:
        """Return the folder of documents."""
        return self.folder / "docs"

    @property
    def index(self) -> Path:
        """Return the index directory."""
        return self.folder / "index"

    @property
    def temporary(self) -> Path:
        """Return the folder of temporary files."""
        return self.folder / "temporary"


@dataclass(frozen=True)
class Scenario:
    """Hold one kind of run: what it starts from, and the answers before it (None: no index) and after it."""

    name: str
    template: Path
    options: tuple[str, ...]
    before: Answers | None
    after: Answers

    def place(self, folder: Path) -> Place:
        """Copy what the run starts from to a new folder."""
        place = Place(folder)
        copy_index(self.template / "index", folder)
        if place.index.exists():
            publish_changed(place.index, lambda _: None, root=str(place.docs))
        place.temporary.mkdir()
        return place


@dataclass(frozen=True)
class Call:
    """Hold one traced system call: who made it, its name, the paths it names, and whether it changes the disk."""

    thread: str
    name: str
    paths: tuple[str, ...]
    changes: bool


@dataclass(frozen=True)
class Point:
    """Hold a system call to hit: the `count`-th of its name, among those on `path` where one is given."""

    name: str
    count: int
    path: str | None


@dataclass(frozen=True)
class Run:
    """Hold what became of one run; `calls` end with the one that was hit, if one was."""

    status: int
    output: str
    errors: str
    calls: Sequence[Call]


def golden(index: Path) -> Answers:
    """Return what an index says to the golden questions, but for the name of its generation."""
    answers = answers_of(index)
    for answer in answers:
        del answer["searched"]["generation"]
    return answers


def make_scenarios(folder: Path) -> list[Scenario]:
    """Make what a first run, an update and a deletion start from."""
    made = make_index(folder / "made")
    scenarios = []
    for name, options in (("fresh", ()), ("update", ()), ("deletion", ("--forget",))):
        template = folder / name
        copy_index(made, template)
        if name == "fresh":
            shutil.rmtree(template / "index")
        elif name == "update":
            write_files(template / "docs", {"ferry.txt": NINE, "heron.txt": "The heron is grey.\n"})
        else:
            (template / "docs" / "lighthouse.md").unlink()
        build_index(template / "docs", folder / f"{name}-after")
        before = golden(template / "index") if name != "fresh" else None
        scenarios.append(Scenario(name, template, options, before, golden(folder / f"{name}-after")))
        assert scenarios[-1].before != scenarios[-1].after
    return scenarios


def command(place: Place, scenario: Scenario) -> list[str]:
    """Return the command of a run."""
    return [*COMMAND, str(place.docs), "--index", str(place.index), *scenario.options]


def environment(place: Place) -> dict[str, str]:
    """Return the environment of a run: the same for each, with its own folder of temporary files."""
    kept = {name: value for name, value in os.environ.items() if name != "QA_INDEX"}
    return kept | STEADY | {"TMPDIR": str(place.temporary)}


def parse_call(line: str, place: Place) -> Call | None:
    """Return the call that a line of strace's log tells of, None for other lines."""
    match = _LINE.match(line)
    if match is None or match[2] not in CALLS:
        return None
    thread, name, rest = match.groups()
    paths = tuple(first or second for first, second in _PATH.findall(rest.replace("AT_FDCWD", "")))
    inside = any(Path(path).is_relative_to(place.folder) for path in paths)
    reads = name in {"open", "openat"} and _OPEN_TO_WRITE.search(rest) is None
    return Call(thread, name, paths[:1] if name in {"sendfile", *_WRITES} else paths, inside and not reads)


def traced(place: Place, scenario: Scenario, inject: str = "", path: str | None = None) -> Run:
    """Run `qa index` under strace, with a fault injected if one is given."""
    log = place.folder.with_suffix(".log")
    tracing = ["strace", "-f", "-qq", "-y", "-s", "0", "-o", str(log), "-e", f"trace={','.join(CALLS)}"]
    if inject:
        tracing += ["-e", f"inject={inject}"]
    if path:
        tracing += ["-P", path]
    done = subprocess.run(
        [*tracing, *command(place, scenario)], env=environment(place), capture_output=True, text=True, check=False
    )
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    log.unlink()
    calls = [call for line in lines if (call := parse_call(line, place)) is not None]
    return Run(done.returncode, done.stdout, done.stderr, calls)


def points(scenario: Scenario, folder: Path) -> list[Point]:
    """Run a scenario once, whole; return each call by which it changed the disk."""
    place = scenario.place(folder)
    run = traced(place, scenario)
    assert run.status == 0, run.errors
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    found = []
    for call in run.calls:
        counts[call.thread, call.name] += 1
        for path in call.paths:
            counts[call.thread, call.name, path] += 1
        if call.changes:
            # some files are named by chance: calls on them are known by their number alone
            steady = None if call.name == "symlink" else next((path for path in call.paths if not _BY_CHANCE.search(path)), None)
            if steady is None and call.name in _OPENS:
                continue  # so many files are read that such a number says nothing
            where = (call.thread, call.name) if steady is None else (call.thread, call.name, steady)
            steady = steady and steady.replace(str(folder), "{place}")
            found.append(Point(call.name, counts[where], steady))
    shutil.rmtree(folder)
    return found


def choose(available: Sequence[Point], count: int, chance: random.Random) -> list[Point]:
    """Choose points to hit, each kind of call in turn and no point twice before all were hit."""
    groups: dict[str, list[Point]] = {}
    for point in available:
        groups.setdefault(point.name, []).append(point)
    chosen: list[Point] = []
    left: dict[str, list[Point]] = {name: [] for name in groups}
    while len(chosen) < count:
        for name, group in sorted(groups.items()):
            if not left[name]:
                left[name] = chance.sample(group, len(group))
            chosen.append(left[name].pop())
    return chosen[:count]


def hit(scenario: Scenario, place: Place, point: Point, fault: str) -> Run:
    """Run a scenario with a fault (`signal=KILL`, `error=EIO`) at a point; a call that is killed is never made."""
    path = point.path and point.path.replace("{place}", str(place.folder))
    return traced(place, scenario, f"{point.name}:{fault}:when={point.count}", path)


def kill_at_random(scenario: Scenario, place: Place, seconds: float) -> int:
    """Kill a run that many seconds after it began; return its status."""
    with subprocess.Popen(
        command(place, scenario), env=environment(place), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
    return child.returncode


def unsynced(calls: Iterable[Call]) -> set[str]:
    """Return the files that were written and not fsynced since, by the names they have in the end."""
    dirty: set[str] = set()
    for call in calls:
        if call.name in _SYNCS:
            dirty -= set(call.paths)
        elif call.name.startswith("rename"):
            source, target = call.paths[:2]
            moved = {path for path in dirty if path == source or path.startswith(f"{source}/")}
            dirty = {path for path in dirty - moved if path != target} | {target + path[len(source) :] for path in moved}
        elif call.changes and (call.name in _WRITES or call.name in _OPENS):
            dirty.update(call.paths[:1])
    return dirty


def lose_power(calls: Sequence[Call], index: Path) -> int:
    """Empty what was not fsynced when a run was killed, as a disk would that lost power; return how many files."""
    lost = 0
    for name in unsynced(calls[:-1]):
        path = Path(name)
        if path.is_file() and path.is_relative_to(index):
            change(path, b"")
            lost += 1
    return lost


def assert_survived(scenario: Scenario, place: Place) -> str:
    """Assert that old or new answers stand, and that the next run gives the new ones and leaves nothing over; say which."""
    try:
        now = golden(place.index)
    except NoIndex:
        now = None
    assert now in (scenario.before, scenario.after), f"neither the old answers nor the new: {now}"
    stale = time.time() - _STALE_SECONDS  # what is left of a killed run is known by its age
    for path in place.temporary.iterdir():
        os.utime(path, (stale, stale))
    done = subprocess.run(command(place, scenario), env=environment(place), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert_tidy(place.index)
    left = [path.name for path in place.temporary.iterdir()]
    assert not left, f"temporary files left: {left}"
    held = hold(place.index)
    check(place.index, held, whole=True)
    held.close()
    assert golden(place.index) == scenario.after
    assert not rebuild(place.index, place.docs).published
    return "new" if now == scenario.after else "old"


def assert_one_clear_line(status: int, errors: str) -> None:
    """Assert that a run ended well, or with status 2 and one line that says what is wrong and what to do."""
    assert status in (0, 2), (status, errors)
    if status == 2:
        (line,) = errors.splitlines()
        assert line.startswith("qa: "), line
        assert "; " in line, line


def histogram(counts: Mapping[str, int]) -> str:
    """Return counts as lines, the largest first."""
    most = max(counts.values(), default=1)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join(f"  {name:16} {number:5,}  {'#' * max(1, 40 * number // most)}" for name, number in ordered)
