"""Kill `qa index`, fail its system calls, fill and take away its disk: `python -m tests.benchmarks.crashes [--kills N]`.

A first run, an update and a deletion are killed before every kind of system call that changes the disk,
each kind in turn; after every second of these kills whatever was not fsynced is emptied too, as on a loss
of power. A fifth of the kills come at random moments instead. Then calls fail with EIO, ENOSPC and EMFILE, the disk is full,
read-only or gone, and the clock jumps. After each: the old answers stand or the new ones, the next run
completes, and nothing is left over. Exit status: 0 if all of that held.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qa.errors import VerbatimError
from tests import disks, faults
from tests.faults import Point, Scenario

AT_RANDOM = "at random"
ERRORS = {
    "EIO": set(faults.CALLS),
    "ENOSPC": {"write", "pwrite64", "sendfile", "mkdir", "openat", "rename", "renameat", "link", "symlink", "fsync"},
    "EMFILE": {"openat"},
}


@dataclass
class Tally:
    """Count what was hit, what it came to, and what broke a promise."""

    hits: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    kept: Path | None = None
    skip: int = 0

    def take(self, kind: str, what: str, trial: Callable[[], str]) -> None:
        """Make a trial and count it, unless an earlier run did."""
        if self.skip:
            self.skip -= 1
            return
        self._make(kind, what, trial)
        if self.kept is not None:
            self.keep(self.kept)

    def keep(self, path: Path) -> None:
        """Write down what was counted."""
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps([self.hits, self.outcomes, self.broken]), encoding="utf-8")
        fresh.replace(path)

    def resume(self, path: Path) -> None:
        """Go on after the trials that were written down, if there are any."""
        self.kept = path
        if path.exists():
            hits, outcomes, self.broken = json.loads(path.read_text(encoding="utf-8"))
            self.hits, self.outcomes = Counter(hits), Counter(outcomes)
            self.skip = self.trials

    def _make(self, kind: str, what: str, trial: Callable[[], str]) -> None:
        try:
            self.outcomes[f"{kind}: {trial()}"] += 1
        except (AssertionError, VerbatimError, OSError, ValueError) as error:
            self.broken.append(f"{kind}, {what}: {type(error).__name__}: {' '.join(str(error).split())[:600]}")
            print(f"BROKEN {self.broken[-1]}", flush=True)
        if self.trials % 50 == 0:  # a run of hours that is broken off has told what it found
            print(f"{self.trials:,} trials, {len(self.broken):,} promises broken; calls hit:", flush=True)
            print(faults.histogram(self.hits), flush=True)

    @property
    def trials(self) -> int:
        """Return how many trials were made."""
        return sum(self.outcomes.values()) + len(self.broken)


@dataclass(frozen=True)
class Work:
    """Hold what all trials share."""

    folder: Path
    scenarios: Sequence[Scenario]
    points: dict[str, list[Point]]
    tally: Tally
    chance: random.Random

    def place(self) -> Path:
        """Return an empty place for the next trial."""
        shutil.rmtree(self.folder / "trial", ignore_errors=True)
        return self.folder / "trial"


def kill(work: Work, kills: int, power: bool) -> None:
    """Kill runs before chosen calls, a fifth of them at random moments instead."""
    each = -(-kills // len(work.scenarios))
    for scenario in work.scenarios:
        chosen = faults.choose(work.points[scenario.name], each - each // 5, work.chance)
        for number, point in enumerate(chosen):

            def trial(scenario: Scenario = scenario, point: Point = point, lose: bool = power and number % 2 == 1) -> str:
                place = scenario.place(work.place())
                run = faults.hit(scenario, place, point, "signal=KILL")
                assert run.status in (-9, 0), run
                if run.status == 0:
                    return f"not reached, {faults.assert_survived(scenario, place)}"
                work.tally.hits[run.calls[-1].name] += 1
                if lose:
                    faults.lose_power(run.calls, place.index)
                return f"{'power lost' if lose else 'killed'}, {faults.assert_survived(scenario, place)}"

            work.tally.take(scenario.name, f"killed at {point}", trial)
        place = scenario.place(work.place())
        started = time.perf_counter()
        disks.run(scenario, place)
        whole = time.perf_counter() - started
        for _ in range(each // 5):
            seconds = work.chance.uniform(0.0, whole)

            def trial(scenario: Scenario = scenario, seconds: float = seconds) -> str:
                place = scenario.place(work.place())
                if faults.kill_at_random(scenario, place, seconds) == 0:
                    return f"done before it was killed, {faults.assert_survived(scenario, place)}"
                work.tally.hits[AT_RANDOM] += 1
                return f"killed at random, {faults.assert_survived(scenario, place)}"

            work.tally.take(scenario.name, f"killed after {seconds:.3f} s", trial)


def fail(work: Work, count: int) -> None:
    """Let chosen calls fail with each error."""
    for scenario in work.scenarios:
        for error, names in ERRORS.items():
            available = [point for point in work.points[scenario.name] if point.name in names]
            for point in faults.choose(available, -(-count // len(work.scenarios) // len(ERRORS)), work.chance):

                def trial(scenario: Scenario = scenario, point: Point = point, error: str = error) -> str:
                    place = scenario.place(work.place())
                    run = faults.hit(scenario, place, point, f"error={error}")
                    faults.assert_one_clear_line(run.status, run.errors)
                    work.tally.hits[f"{error} {point.name}"] += 1
                    return f"{error} {'refused' if run.status else 'done'}, {faults.assert_survived(scenario, place)}"

                work.tally.take(scenario.name, f"{error} at {point}", trial)


def take_disks(work: Work, count: int) -> None:
    """Fill the disk, make it read-only, take the index away, and let the clock jump."""
    library = disks.jumping_clock(work.folder)
    for scenario in work.scenarios:
        if disks.mountable():
            with disks.small_disk(work.folder / "disk") as disk:
                for number in range(count):
                    free = 0 if number == 0 else int(10 ** work.chance.uniform(3, 7.6))
                    work.tally.take(
                        scenario.name,
                        f"{free:,} bytes free",
                        lambda scenario=scenario, free=free, disk=disk: (
                            "full disk: " + disks.on_a_full_disk(scenario, disk, free)
                        ),
                    )
                    shutil.rmtree(disk / "place", ignore_errors=True)
                work.tally.take(
                    scenario.name,
                    "read-only disk",
                    lambda scenario=scenario, disk=disk: "read-only disk: " + disks.on_a_read_only_disk(scenario, disk),
                )
        for point in faults.choose(work.points[scenario.name], count, work.chance):
            work.tally.take(
                scenario.name,
                f"vanished at {point}",
                lambda scenario=scenario, point=point: "vanished: " + disks.with_a_vanishing_index(scenario, work.place(), point),
            )
        for _ in range(count if library else 0):
            work.tally.take(
                scenario.name,
                "jumping clock",
                lambda scenario=scenario, library=library: (
                    "jumping clock: " + disks.with_a_jumping_clock(scenario, work.place(), library)
                ),
            )
    if not disks.mountable():
        print("full and read-only disks: not tried, nothing may be mounted here")
    if library is None:
        print("jumping clocks: not tried, there is no C compiler")


def main(arguments: Sequence[str] | None = None) -> Tally:
    """Break it, and print what was hit and what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--errors", type=int, default=None, help="failing calls; a third of the kills where not given")
    parser.add_argument("--disks", type=int, default=None, help="disks of each kind for each run; a fiftieth of the kills")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--state", type=Path, help="a file to go on from: the same command again makes the trials that are left")
    given = parser.parse_args(arguments)
    if faults.why_not():
        sys.exit(f"not tried: {faults.why_not()}")
    tally, started = Tally(), time.monotonic()
    if given.state is not None:
        tally.resume(given.state)
    with tempfile.TemporaryDirectory(prefix="crashes-") as name:
        folder = Path(name)
        scenarios = faults.make_scenarios(folder / "scenarios")
        points = {scenario.name: faults.points(scenario, folder / "points") for scenario in scenarios}
        work = Work(folder, scenarios, points, tally, random.Random(given.seed))
        kill(work, given.kills, power=True)
        fail(work, given.kills // 3 if given.errors is None else given.errors)
        take_disks(work, max(1, given.kills // 50) if given.disks is None else given.disks)
    print("calls hit:", faults.histogram(tally.hits), sep="\n")
    print("what became of it:", *(f"  {number:5,}  {what}" for what, number in sorted(tally.outcomes.items())), sep="\n")
    print(f"{tally.trials:,} trials in {time.monotonic() - started:,.0f} s, {len(tally.broken):,} promises broken")
    return tally


if __name__ == "__main__":
    sys.exit(1 if main().broken else 0)
