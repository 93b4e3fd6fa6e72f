"""JSON is read record by record: a question about a field finds its record, and a fault costs its line alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa import Engine
from qa.formats.parsed import Parsed, Unreadable
from qa.formats.structured import parse_json, parse_json_lines
from qa.loaders import load
from qa.render import position
from tests.indexes import rebuild


def parsed(value: Any) -> Parsed:
    return parse_json(json.dumps(value).encode(), lambda: None)


def test_a_record_is_a_line_of_its_fields_and_long_texts_are_paragraphs() -> None:
    story = "The pier burned in 1903. " * 12
    found = parsed([{"name": "East", "depth": 8.0, "open": True, "none": None, "at": {"lat": 1, "ids": [1, 2]}, "story": story}])
    assert found.text == f"name: East; depth: 8.0; open: true; at.lat: 1; at.ids: 1, 2\n\n{story.strip()}"
    assert [(item.kind, item.number, item.name, item.start) for item in found.locators] == [("record", 1, None, 0)]


def test_lists_in_an_object_are_numbered_under_their_names() -> None:
    found = parsed(
        {"title": "Quays", "date": "2019-03-04", "port": {"name": "Wick", "quays": [{"id": "N"}, {"id": "E"}]}, "n": [[1], [2]]}
    )
    assert found.text == "title: Quays; date: 2019-03-04; port.name: Wick\n\nport.quays\n\nid: N\n\nid: E\n\nn\n\n1\n\n2"
    assert [(item.number, item.name, found.text[item.start :][:5]) for item in found.locators] == [
        (1, "port.quays", "id: N"),
        (2, "port.quays", "id: E"),
        (1, "n", "1\n\n2"),
        (2, "n", "2"),
    ]
    assert [heading.text for heading in found.headings] == ["port.quays", "n"]
    assert (found.metadata["title"], found.metadata["date"]) == ("Quays", "2019-03-04")


def test_each_line_of_json_lines_is_a_record_and_faulty_ones_are_named() -> None:
    found = parse_json_lines('{"a": "x"}\n\n{"a": \r\n{"a": "y\u2028z"}\n'.encode(), lambda: None)
    assert found.text == "a: x\n\na: y z"
    assert [(item.kind, item.number) for item in found.locators] == [("line", 1), ("line", 4)]
    assert found.coverage.notes == ("encoding utf-8", "1 lines are no JSON and were left out: 3")
    with pytest.raises(Unreadable, match=r"^not JSON Lines \(line 1\); mend it, or name it .txt"):
        parse_json_lines(b"{\n}", lambda: None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1,}', "not JSON ("),
        ("[" * 100 + "]" * 100, "nested more than 50 deep; flatten it"),
        ("[" * 100_000, "nested more than 50 deep; flatten it"),
        ('{"a":' * 100 + "1" + "}" * 100, "nested more than 50 deep; flatten it"),
        ("[" + "9" * 5000 + "]", "not JSON ("),
    ],
)
def test_what_is_no_json_or_never_ends_is_named(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(Unreadable) as caught:
        load(tmp_path, "a.json")
    assert str(caught.value).startswith(reason)


def test_an_answer_in_a_record_names_it(tmp_path: Path) -> None:
    rows = [{"quay": "North", "harbour master": "Tom Reay"}, {"quay": "East", "harbour master": "Isobel Gunn"}]
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "masters_2019.json").write_text(json.dumps({"masters": rows}))
    rebuild(tmp_path / "index", tmp_path / "docs")
    with Engine.open(tmp_path / "index") as engine:
        first = engine.ask("Who is the harbour master of the East quay?").passages[0]
    assert (first.title, position(first)) == ("masters 2019", "record 2 (masters)")


def test_records_within_a_record_are_told_by_the_names_they_stand_under() -> None:
    visits = [{"date": "2023-01-02", "grade": "Good"}, {"date": "2024-02-03", "grade": "Poor"}]
    found = parsed({"homes": [{"name": "Oak", "visits": visits}, {"name": "Elm", "visits": []}]})
    assert found.text.split("\n\n")[1:] == [
        "name: Oak", "visits.date: 2023-01-02; visits.grade: Good", "visits.date: 2024-02-03; visits.grade: Poor", "name: Elm"
    ]  # fmt: skip
