"""Damage every file of an index and ask it: `python -m tests.benchmarks.damage [--flips N] [--forged N] [--cells]`.

Each file of the published generation and CURRENT is cut, emptied, deleted, exchanged for the one of
another generation, and has bits flipped. Either the answers are the same to the byte or one line names
the file and the command that mends it: never another answer, a dead process, or memory without bound.
`--forged` flips bits and then makes all checksums agree, as only a person would: then the answers may
be other ones, as they are whoever's who made the index, but every error is a clear one. Each index is
opened in a child process with limits. Exit status: 0 if all of that held.
"""

import argparse
import json
import random
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from tests.indexes import answers_of, change, copy_index, generation, generations, make_index, publish_changed

SECONDS = 120.0
"""A child that says nothing for so long hangs."""

ADDRESSES = 6_000_000_000
"""Bytes of address space a child may have; what it is told to map counts, used or not."""

GROWTH_MB = 300
"""What damage may add to a child's largest resident memory."""

Damage = Callable[[bytes], bytes | None]

_CHILD = """
import json, sys
from pathlib import Path
from qa.errors import VerbatimError
from tests.indexes import answers_of

def peak():
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))

for line in sys.stdin:
    try:
        told = {"answers": answers_of(Path(line.rstrip("\\n")))}
    except VerbatimError as error:
        told = {"clear": type(error).__name__, "message": str(error)}
    except Exception as error:
        told = {"raw": type(error).__name__, "message": str(error)}
    print(json.dumps(told | {"peak": peak()}), flush=True)
"""


class Asker:
    """Hold the child process that opens indexes within limits; one that died is replaced."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the child."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
        self._child = None

    def ask(self, index: Path) -> dict[str, Any]:
        """Return what the child told of an index, or how it died."""
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-c", _CHILD],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES)),
            )
        child = self._child
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(f"{index}\n")
        child.stdin.flush()
        ready, _, _ = select.select([child.stdout], [], [], SECONDS)
        line = child.stdout.readline() if ready else ""
        if line:
            told: dict[str, Any] = json.loads(line)
            return told
        died = child.wait() if ready else f"no answer in {SECONDS:.0f} s"
        self.close()
        return {"died": died}


def flip(chance: random.Random) -> Damage:
    """Return damage that flips one bit."""

    def damage(whole: bytes) -> bytes:
        place = chance.randrange(len(whole))
        return whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :]

    return damage


def damages(other: bytes) -> Iterator[tuple[str, Damage]]:
    """Yield each kind of damage but flips; `other` is the same file of another generation."""
    yield "truncated", lambda whole: whole[: len(whole) // 2]
    yield "one byte short", lambda whole: whole[:-1]
    yield "one byte long", lambda whole: whole + b"\0"
    yield "emptied", lambda whole: b""
    yield "deleted", lambda whole: None
    yield "swapped", lambda whole: other
    yield "zeroed", lambda whole: b"\0" * len(whole)


def counterpart(index: Path, path: Path) -> Path:
    """Return the file of the older generation that has a file's place; for CURRENT its own manifest."""
    if path.parent == index:
        return generation(index) / "manifest.json"
    older = index / "generations" / generations(index)[0]
    relative = path.relative_to(generation(index))
    if (older / relative).exists():
        return older / relative
    return next(older.glob(f"{relative.parent}/*{relative.suffix}"))


def judge(told: dict[str, Any], path: Path, whole: Any, least: int, *, forged: bool) -> tuple[str, str]:
    """Return the kind of an outcome, and what is wrong with it, if anything is."""
    if "died" in told:
        return "the process died", f"died: {told['died']}"
    if told["peak"] > least + GROWTH_MB:
        return "memory", f"{told['peak']} MB, whole {least} MB"
    if "raw" in told:
        return "raw error", f"{told['raw']}: {told['message'][:300]}"
    if "clear" in told:
        message = told["message"]
        # a manifest and the checksum of it in CURRENT disagree: which of the two is damaged cannot be known
        named = forged or str(path) in message or (path.name in {"manifest.json", "CURRENT"} and "CURRENT" in message)
        well = named and "run: qa " in message and "\n" not in message
        return "a clear error", "" if well else f"not clear: {message[:300]}"
    if told["answers"] == whole:
        return "the same answers", ""
    return "other answers", "" if forged else "other answers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Damage and ask; print what came of it; return how often a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--forged", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--cells", action="store_true", help="the vectors lie in cells, as only many would")
    given = parser.parse_args(arguments)
    chance, started = random.Random(given.seed), time.monotonic()
    results: Counter[tuple[str, str]] = Counter()
    broken = 0
    with tempfile.TemporaryDirectory(prefix="damage-") as name, Asker() as asker:
        made = make_index(Path(name) / "made", **({"exact_rows": 0} if given.cells else {}))
        index = copy_index(made, Path(name) / "copy")
        whole = answers_of(index)
        least = asker.ask(index)["peak"]
        files = sorted(path for path in generation(index).rglob("*") if path.is_file())
        places = [*files, index / "CURRENT"]

        def trial(kind: str, path: Path, damage: Damage, *, forged: bool = False) -> None:
            nonlocal broken
            content = path.read_bytes()
            damaged = damage(content)
            if damaged == content:
                return
            kept = {each: each.read_bytes() for each in (index / "CURRENT", generation(index) / "manifest.json")}
            if damaged is None:
                path.unlink()
            else:
                change(path, damaged)
            if forged:
                publish_changed(index, lambda folder: None)
            outcome, wrong = judge(asker.ask(index), path, whole, least, forged=forged)
            results[kind, outcome] += 1
            if wrong:
                broken += 1
                print(f"BROKEN {kind} {path.name}: {wrong}", flush=True)
            for each, before in (kept | {path: content}).items():
                each.unlink(missing_ok=True)
                each.write_bytes(before)

        for path in places:
            for kind, damage in damages(counterpart(index, path).read_bytes()):
                trial(kind, path, damage)
        for number in range(given.flips):
            trial("one bit flipped", places[number % len(places)], flip(chance))
        parts = [path for path in files if path.name != "manifest.json"]
        for number in range(given.forged):
            trial("forged", parts[number % len(parts)], flip(chance), forged=True)
        assert asker.ask(index)["answers"] == whole, "the index was not put together again"
    for (kind, outcome), number in sorted(results.items()):
        print(f"{kind:16} {outcome:18} {number:6,}")
    print(
        f"{sum(results.values()):,} damaged indexes, {len(places)} files, {time.monotonic() - started:,.0f} s;"
        f" {broken:,} promises broken"
    )
    return broken


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
