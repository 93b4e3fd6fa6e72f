"""A served page keeps nothing of those who used it; `tests.benchmarks.soak` uses it for an hour."""

from collections import Counter
from pathlib import Path

import pytest

from tests.benchmarks.soak import Stretch, growth, judge, kept, main, soak

linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell what a process holds")


@linux
def test_mixed_use_leaves_nothing_behind_and_makes_no_mistakes(tmp_path: Path) -> None:
    stretch = soak(tmp_path, 60, 0.5)
    assert stretch.wrong == []
    assert {"indexed", "asked", "abstained", "exported", "uploaded", "drawn", "searched", "visited"} == set(stretch.done)
    # so short a time is all warming up: memory is judged by the hour
    assert [line for line in judge(stretch) if "memory" not in line] == []


def held(*memory: int, files: int = 20, processes: int = 1) -> list[tuple[int, int, int]]:
    return [(value, files, processes) for value in memory]


def test_what_grows_after_warming_up_is_told_and_what_grows_before_is_not() -> None:
    flat = held(*range(100, 150), *[150] * 150)
    assert growth(flat) == 0
    assert judge(Stretch(60, Counter(), [], flat)) == []
    rising = held(*range(1000, 1200))
    assert judge(Stretch(60, Counter(), [], rising)) == [f"memory grew by {growth(rising):.1%}"]
    assert growth(rising) > 0.05
    leaking = flat[:125] + held(*[150] * 75, files=23, processes=2)
    assert judge(Stretch(60, Counter(), [], leaking)) == [
        "3 file descriptors more than at first (20)",
        "1 processes more than at first (1)",
    ]
    few = held(100, files=20) + held(100, 100, 100, files=22, processes=2)  # a slow machine makes few rounds in a minute
    assert judge(Stretch(60, Counter(), [], few)) == judge(Stretch(60, Counter(), [], few[:1])) == []
    assert judge(Stretch(60, Counter(), ["round 1, index: broken"], flat)) == ["round 1, index: broken"]
    assert judge(Stretch()) == ["no round was completed"]


def test_a_soak_that_is_done_is_only_told_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "soak.json").write_text('[{"seconds": 3600, "done": {"asked": 5}, "wrong": [], "held": [[100, 20, 1]]}]')
    assert main(["--minutes", "60", "--folder", str(tmp_path)]) == 0
    assert "5 asked" in capsys.readouterr().out
    assert kept(tmp_path / "soak.json")[0].seconds == 3600
