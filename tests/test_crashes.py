"""A run killed at any system call, or failed by one, loses nothing; `tests.benchmarks.crashes` does it hundreds of times."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import disks, faults
from tests.benchmarks.crashes import Tally
from tests.faults import Call, Place, Point, Scenario, choose, parse_call, unsynced

traceable = pytest.mark.skipif(bool(faults.why_not()), reason=faults.why_not())
NAMES = ("fresh", "update", "deletion")


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scenario]:
    return {scenario.name: scenario for scenario in faults.make_scenarios(tmp_path_factory.mktemp("scenarios"))}


@pytest.fixture(scope="module")
def points(scenarios: dict[str, Scenario], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Point]]:
    folder = tmp_path_factory.mktemp("points")
    return {name: faults.points(scenario, folder / name) for name, scenario in scenarios.items()}


@traceable
def test_every_kind_of_call_that_publishes_is_known(points: dict[str, list[Point]]) -> None:
    for name in NAMES:
        assert {"write", "fsync", "rename", "mkdir", "unlink", "openat"} <= {point.name for point in points[name]}
        assert "{place}/index/.CURRENT" in {point.path for point in points[name] if point.name == "rename"}


@traceable
@pytest.mark.parametrize("name", NAMES)
def test_a_run_killed_at_a_call_or_without_power_leaves_the_old_answers_or_the_new(
    scenarios: dict[str, Scenario], points: dict[str, list[Point]], tmp_path: Path, name: str
) -> None:
    scenario, chance = scenarios[name], random.Random(name)
    publishing = [point for point in points[name] if point.name in {"rename", "fsync", "unlink", "write"}]
    reached = 0
    for number, point in enumerate(choose(publishing, 4, chance)):
        place = scenario.place(tmp_path / str(number))
        run = faults.hit(scenario, place, point, "signal=KILL")
        if run.status == -9:
            assert run.calls[-1].name == point.name
            reached += 1
            if number % 2:
                faults.lose_power(run.calls, place.index)
        faults.assert_survived(scenario, place)
    assert reached >= 2


@traceable
@pytest.mark.parametrize(("name", "call", "error"), [("update", "fsync", "EIO"), ("deletion", "unlink", "EIO")])
def test_a_call_that_fails_is_said_in_one_line_and_loses_nothing(
    scenarios: dict[str, Scenario], points: dict[str, list[Point]], tmp_path: Path, name: str, call: str, error: str
) -> None:
    point = next(point for point in points[name] if point.name == call)
    place = scenarios[name].place(tmp_path / "place")
    run = faults.hit(scenarios[name], place, point, f"error={error}")
    faults.assert_one_clear_line(run.status, run.errors)
    faults.assert_survived(scenarios[name], place)


@pytest.mark.skipif(not disks.mountable(), reason="only root may mount a small disk")
def test_a_full_disk_and_a_read_only_one_lose_nothing(scenarios: dict[str, Scenario], tmp_path: Path) -> None:
    try:
        with disks.small_disk(tmp_path / "disk") as disk:
            assert disks.on_a_full_disk(scenarios["update"], disk, 0) == "refused, old"
            assert disks.on_a_read_only_disk(scenarios["update"], disk) == "refused, old"
    except disks.CannotMount as error:
        pytest.skip(str(error))


def test_a_clock_that_jumps_changes_nothing(scenarios: dict[str, Scenario], tmp_path: Path) -> None:
    library = disks.jumping_clock(tmp_path)
    if library is None:
        pytest.skip("there is no C compiler")
    assert disks.with_a_jumping_clock(scenarios["update"], tmp_path / "place", library) == "done, new"


def call(name: str, *paths: str) -> Call:
    return Call("1", name, paths, True)


def test_what_was_written_after_its_last_fsync_is_lost_by_its_newest_name() -> None:
    calls = [call("write", "/s/a"), call("write", "/s/b"), call("fsync", "/s/a"), call("rename", "/s", "/g")]
    assert unsynced(calls) == {"/g/b"}
    assert unsynced([*calls, call("pwrite64", "/g/a")]) == {"/g/a", "/g/b"}
    assert unsynced([*calls, call("fdatasync", "/g/b")]) == set()
    assert unsynced([call("write", "/n"), call("rename", "/m", "/n")]) == set(), "the old file is gone with its name"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('7 rename("/p/a", "/p/b") = 0', Call("7", "rename", ("/p/a", "/p/b"), True)),
        ('7  write(3</p/a>, ""..., 39) = 39', Call("7", "write", ("/p/a",), True)),
        ('7 openat(AT_FDCWD</x>, "/p/a", O_RDONLY) = 3</p/a>', Call("7", "openat", ("/p/a",), False)),
        ('7 openat(AT_FDCWD</x>, "/p/a", O_WRONLY|O_CREAT, 0666) = 3</p/a>', Call("7", "openat", ("/p/a",), True)),
        ('7 openat(AT_FDCWD</x>, "/q/a", O_WRONLY|O_CREAT, 0666) = 3</q/a>', Call("7", "openat", ("/q/a",), False)),
        ("7 +++ killed by SIGKILL +++", None),
    ],
)
def test_a_line_of_the_log_tells_of_a_call_and_whether_it_changes_the_disk(line: str, expected: Call | None) -> None:
    assert parse_call(line, Place(Path("/p"))) == expected


def test_a_long_run_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    made: list[str] = []

    def trial(name: str, right: bool = True) -> Callable[[], str]:
        def make() -> str:
            made.append(name)
            assert right, "broken"
            return "old"

        return make

    first = Tally()
    first.resume(tmp_path / "state.json")
    first.hits["write"] += 1
    first.take("fresh", "a", trial("a"))
    first.take("fresh", "b", trial("b", right=False))
    second = Tally()
    second.resume(tmp_path / "state.json")
    for name in ("a", "b", "c"):
        second.take("fresh", name, trial(name))
    assert made == ["a", "b", "c"]
    assert (second.trials, len(second.broken), second.hits, second.outcomes) == (3, 1, {"write": 1}, {"fresh: old": 2})


def test_each_kind_of_call_is_hit_in_turn_and_none_twice_before_all() -> None:
    available = [Point("write", number, None) for number in range(9)] + [Point("rename", number, None) for number in range(3)]
    chosen = choose(available, 12, random.Random(1))
    assert [point.name for point in chosen] == ["rename", "write"] * 6
    assert len(set(chosen[:6:2])) == 3 and len(set(chosen[1::2])) == 6
