"""A damaged index says the same or names what is damaged; `tests.benchmarks.damage` damages it thousands of times."""

from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import damage

CLEAR = {"clear": "DamagedIndex", "message": "/i/rows.npy: is damaged, run: qa index --rebuild", "peak": 100}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process's memory")
@pytest.mark.parametrize("arguments", [["--flips", "34", "--forged", "32"], ["--flips", "0", "--forged", "32", "--cells"]])
def test_no_damage_gives_another_answer_or_an_error_that_is_not_clear(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert damage.main(arguments) == 0
    printed = capsys.readouterr().out
    assert ("one bit flipped  a clear error" in printed) == ("34" in arguments)
    assert "deleted          a clear error" in printed
    assert "BROKEN" not in printed


@pytest.mark.parametrize(
    ("told", "forged", "wrong"),
    [
        ({"answers": ["as before"], "peak": 100}, False, ""),
        ({"answers": ["others"], "peak": 100}, False, "other answers"),
        ({"answers": ["others"], "peak": 100}, True, ""),
        ({"answers": ["as before"], "peak": 100 + damage.GROWTH_MB + 1}, False, "401 MB, whole 100 MB"),
        ({"died": -11}, True, "died: -11"),
        ({"raw": "KeyError", "message": "3", "peak": 100}, True, "KeyError: 3"),
        (CLEAR, False, ""),
        (
            CLEAR | {"message": "it is damaged, run: qa index --rebuild"},
            False,
            "not clear: it is damaged, run: qa index --rebuild",
        ),
        (CLEAR | {"message": "/i/rows.npy: is damaged"}, True, "not clear: /i/rows.npy: is damaged"),
    ],
)
def test_every_broken_promise_is_told_from_those_kept(told: dict[str, Any], forged: bool, wrong: str) -> None:
    assert damage.judge(told, Path("/i/rows.npy"), ["as before"], 100, forged=forged)[1] == wrong
