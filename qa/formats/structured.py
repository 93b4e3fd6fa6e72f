"""Read JSON and JSON Lines: each record a sentence, `name: value; …`, its long texts as paragraphs."""

import json
from collections.abc import Iterator
from typing import Any

from qa.coverage import Coverage
from qa.formats.blocks import Blocks, clean
from qa.formats.decoding import decode
from qa.formats.parsed import Beat, Parsed, Unreadable, file_date

_FIELD_CHARACTERS = 200
"""A longer text stands as a paragraph of its own."""

_DEPTH = 50
_NAMED = 20
"""Lines with faults that are named."""


def _scalar(value: object) -> str:
    """Return a value as JSON writes it, texts without their quotes; null is nothing."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _fields(value: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield a record's fields, those of inner records as `outer.inner`; inner lists of records are left to `_add`."""
    if depth > _DEPTH:
        raise Unreadable(f"nested more than {_DEPTH} deep; flatten it")
    for key, inner in value.items():
        name = f"{prefix}{clean(key)}"
        if isinstance(inner, dict):
            yield from _fields(inner, f"{name}.", depth + 1)
        elif not isinstance(inner, list):
            yield name, _scalar(inner)
        elif not any(isinstance(item, dict | list) for item in inner):
            yield name, ", ".join(_scalar(item) for item in inner)


def _lists(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Yield a record's lists that hold records or lists."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _lists(inner, f"{prefix}{clean(key)}.")
        elif isinstance(inner, list) and any(isinstance(item, dict | list) for item in inner):
            yield f"{prefix}{clean(key)}", inner


def _add(blocks: Blocks, value: object, beat: Beat, depth: int = 0, name: str = "") -> None:
    """Add a value: its short fields as one line, its long texts, then the records within it, under the name they have."""
    beat()
    if depth > _DEPTH:
        raise Unreadable(f"nested more than {_DEPTH} deep; flatten it")
    if isinstance(value, list):
        for inner in value:
            _add(blocks, inner, beat, depth + 1, name)
    elif isinstance(value, dict):
        fields = [(own, clean(text)) for own, text in _fields(value, f"{name}." if name else "")]
        short = [(own, " ".join(text.split())) for own, text in fields if len(text) <= _FIELD_CHARACTERS]
        blocks.paragraph("; ".join(f"{own}: {text}" if own else text for own, text in short if text))
        for _, text in fields:
            if len(text) > _FIELD_CHARACTERS:
                blocks.paragraph(text)
        for own, inner in _lists(value, f"{name}." if name else ""):
            _add(blocks, inner, beat, depth + 1, own)
    else:
        text = _scalar(value)
        blocks.paragraph(f"{name}: {text}" if name and text else text)


def parse_json(data: bytes, beat: Beat) -> Parsed:
    """Read a JSON file; each item of its list, or of the lists in its object, is a record with its number."""
    text, encoding = decode(data)
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"not JSON ({error}); mend it, or name it .txt to have it read as it is") from None
    except RecursionError:
        raise Unreadable(f"nested more than {_DEPTH} deep; flatten it") from None
    blocks = Blocks()
    metadata: dict[str, str] = {}
    if isinstance(value, dict):
        lists = dict(_lists(value))
        metadata = {key: value[key] for key in ("title", "author", "publisher", "url") if isinstance(value.get(key), str)}
        metadata["date"] = file_date(value["date"]) if isinstance(value.get("date"), str) else ""
        _add(blocks, _without_lists(value), beat)
        for name, items in lists.items():
            blocks.heading(name, 1)
            for number, item in enumerate(items, start=1):
                blocks.mark("record", number, name)
                _add(blocks, item, beat)
    else:
        for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
            blocks.mark("record", number)
            _add(blocks, item, beat)
    return blocks.parsed(metadata, Coverage(notes=(f"encoding {encoding}",)))


def _without_lists(value: dict[str, Any]) -> dict[str, Any]:
    """Return a record without its lists of records, which are numbered apart."""
    kept: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            kept[key] = _without_lists(inner)
        elif not (isinstance(inner, list) and any(isinstance(item, dict | list) for item in inner)):
            kept[key] = inner
    return kept


def parse_json_lines(data: bytes, beat: Beat) -> Parsed:
    """Read JSON Lines, a record a line; lines that are no JSON are left out and named."""
    text, encoding = decode(data)
    blocks = Blocks()
    faulty = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            faulty.append(number)
            continue
        blocks.mark("line", number)
        _add(blocks, value, beat)
    if faulty and blocks.empty:
        raise Unreadable(f"not JSON Lines (line {faulty[0]:,}); mend it, or name it .txt to have it read as it is")
    notes = [f"encoding {encoding}"]
    if faulty:
        named = ", ".join(f"{number:,}" for number in faulty[:_NAMED]) + (" …" if len(faulty) > _NAMED else "")
        notes.append(f"{len(faulty):,} lines are no JSON and were left out: {named}")
    return blocks.parsed({}, Coverage(notes=tuple(notes)))
