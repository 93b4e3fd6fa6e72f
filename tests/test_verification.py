"""Saved answers are proved against the index, and every change to a quote is seen."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa import Engine, build_index
from qa.errors import BadInput
from qa.store import Store
from qa.verification import verify

TEXT = "The bridge over the Elde opened in 1907. It was designed by Marta Lindqvist.\n\nTolls ended in 1934. 😀 Ferries stopped."


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/bridge.txt").write_text(TEXT, encoding="utf-8")
    build_index(tmp_path / "documents", tmp_path / "index")
    return tmp_path


@pytest.fixture
def saved(place: Path) -> dict[str, Any]:
    with Engine.open(place / "index") as engine:
        answer = engine.ask("Who designed the bridge over the Elde?").to_dict()
    assert answer["answered"]
    return answer


def states(place: Path, *answers: object) -> list[str]:
    file = place / "answers.jsonl"
    # As `qa ask -` prints them: what is not ASCII as it is.
    file.write_text("".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers), encoding="utf-8", newline="")
    store = Store.open(place / "index")
    try:
        return [verdict.state for verdict in verify(store, file)]
    finally:
        store.close()


def test_a_quote_that_stands_is_ok(place: Path, saved: dict[str, Any]) -> None:
    assert set(states(place, saved, saved)) == {"ok"}


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c"])
def test_a_quote_with_what_python_takes_for_a_line_end_is_proved_as_any_other(place: Path, end: str) -> None:
    (place / "documents/bridge.txt").write_text(TEXT.replace("1907. It", f"1907.{end}It"), encoding="utf-8", newline="")
    build_index(place / "documents", place / "index")
    with Engine.open(place / "index") as engine:
        answers = [engine.ask(question).to_dict() for question in ("Who designed the bridge?", "When did the bridge open?")]
    assert any(end in passage["quote"] for answer in answers for passage in answer["citations"] + answer["nearest"])
    assert set(states(place, *answers)) == {"ok"}


def test_one_changed_letter_in_a_saved_quote_is_caught(place: Path, saved: dict[str, Any]) -> None:
    saved["citations"][0]["quote"] = saved["citations"][0]["quote"].replace("1907", "1908")
    assert states(place, saved)[0] == "changed"


def test_words_given_as_the_answer_that_its_quote_does_not_hold_are_caught(place: Path, saved: dict[str, Any]) -> None:
    del saved["citations"][1:]
    first, text = saved["citations"][0], saved["answer"]["text"]
    (span,) = saved["answer"]["spans"]
    reach = first["quote"][span["start"] - first["start"] :]
    for edges, told in (
        ({}, text.replace("Marta", "Maria")),
        ({"end": 10**9}, reach),  # what Python's slices would make of it
        ({"citation": 0}, text),  # the last of one is the first
        ({"citation": 99}, text),
        ({"start": "0"}, text),
    ):
        saved["answer"] = {"text": told, "spans": [span | edges]}
        assert states(place, saved) == ["ok", "changed"], edges
    saved["answer"] = {"text": text, "spans": [span]}
    assert states(place, saved) == ["ok"]
    saved["answer"] = "Maria Lindqvist"
    assert states(place, saved) == ["ok", "changed"]


def test_a_quote_at_the_wrong_offset_is_moved_to_where_it_stands(place: Path, saved: dict[str, Any]) -> None:
    citation = saved["citations"][0]
    true_start, citation["start"], citation["end"] = citation["start"], citation["start"] + 1, citation["end"] + 1
    file = place / "answer.json"
    file.write_text(json.dumps(saved), encoding="utf-8")
    store = Store.open(place / "index")
    verdict = verify(store, file)[0]
    store.close()
    assert (verdict.state, verdict.start) == ("moved", true_start)


def test_text_put_before_a_quote_moves_it_and_a_rewritten_one_is_changed(place: Path, saved: dict[str, Any]) -> None:
    path = place / "documents/bridge.txt"
    path.write_text("A new first paragraph.\n\n" + TEXT, encoding="utf-8")
    build_index(place / "documents", place / "index")
    assert states(place, saved)[0] == "moved"
    path.write_text(TEXT.replace("Marta", "Maria"), encoding="utf-8")
    build_index(place / "documents", place / "index")
    assert states(place, saved)[0] == "changed"


def test_a_renamed_document_s_quote_is_moved_and_a_deleted_one_s_missing(place: Path, saved: dict[str, Any]) -> None:
    (place / "documents/bridge.txt").rename(place / "documents/elde.txt")
    build_index(place / "documents", place / "index")
    assert states(place, saved)[0] == "moved"
    (place / "documents/elde.txt").write_text("Nothing of the kind stands here.", encoding="utf-8")
    build_index(place / "documents", place / "index")
    assert states(place, saved)[0] == "missing"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no answers"),
        ("{", "line 1: is not JSON"),
        ('{"citations": []}\nnonsense', "line 2: is not JSON"),
        ("[1]", "answer 1: has no citations"),
        ('{"citations": [], "nearest": 5}', "answer 1: has no citations"),
        ('{"citations": [], "nearest": {"document": "a"}}', "answer 1: has no citations"),
        ('{"citations": [{"document": "a", "start": "0", "end": 1, "quote": "x"}]}', "answer 1, citation 1: start is missing"),
    ],
)
def test_what_holds_no_answers_is_refused_by_line(place: Path, content: str, message: str) -> None:
    file = place / "bad.json"
    file.write_text(content, encoding="utf-8")
    store = Store.open(place / "index")
    with pytest.raises(BadInput, match=message):
        verify(store, file)
    store.close()


@pytest.fixture
def command(place: Path) -> Iterator[list[str]]:
    yield [sys.executable, "-c", "from qa.cli import main; main()", "verify", "--index", str(place / "index")]


def test_the_command_says_what_became_of_each_quote_and_exits_1_when_one_is_gone(
    place: Path, saved: dict[str, Any], command: list[str]
) -> None:
    file = place / "saved.json"
    file.write_text(json.dumps(saved), encoding="utf-8")
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, "ok" in done.stdout) == (0, True)
    saved["citations"][0]["quote"] += "!"
    file.write_text(json.dumps(saved), encoding="utf-8")
    done = subprocess.run([*command, str(file), "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["counts"]["changed"] == 1
    done = subprocess.run([*command, str(place / "none.json")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no such file; name a file saved from qa ask --json" in done.stderr
