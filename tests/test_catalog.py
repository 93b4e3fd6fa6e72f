"""The catalog: what was written comes back, character for character."""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.catalog import Catalog, CatalogWriter, passage_bytes
from qa.errors import DamagedIndex
from qa.formats.markdown import parse_markdown
from qa.loaders import document_of
from qa.passages import cut_passages
from qa.records import Document, Locator, Passage, Source, Span
from qa.settings import SETTINGS
from tests.conftest import hostile_texts, markdown

RETOLD = """---
title: "A 'title' \\" 😀"
author: Ann
date: 2020-01
url: https://example.org/?a=1&b=2
retold: true
source: {title: S, publisher: P, author: B, date: 2019, url: http://s}
---
# Eins
Text — 😀 mit\r\nZeilen.

## Zwei
Mehr.
"""


def cut(document: Document) -> list[Passage]:
    return cut_passages(document, SETTINGS, len, 600)


def written(path: Path, documents: Sequence[Document]) -> Catalog:
    path.unlink(missing_ok=True)
    writer = CatalogWriter(path)
    for document in documents:
        passages = cut(document)
        writer.add(document, passages, [f"{document.path}#{number}" for number in range(len(passages))])
    writer.close()
    return Catalog(path)


@given(st.lists(hostile_texts, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_document_and_passage_comes_back_as_it_was_cut(tmp_path: Path, texts: list[str]) -> None:
    documents = [markdown(text, f"{number}.md") for number, text in enumerate(texts)]
    catalog = written(tmp_path / "c", documents)
    passages = [(number, passage) for number, document in enumerate(documents) for passage in cut(document)]
    assert (catalog.documents, catalog.passages) == (len(documents), len(passages))
    stored = catalog.stored(range(len(passages)))
    assert [(item.number, item.document, item.passage) for item in stored] == [
        (place, *pair) for place, pair in enumerate(passages)
    ]
    assert [item.text for item in stored] == [documents[number].text[passage.start : passage.end] for number, passage in passages]
    assert [catalog.text(number) for number in range(len(documents))] == [document.text for document in documents]
    catalog.close()


def test_a_document_is_unchanged_only_if_all_of_it_is_as_it_stands(tmp_path: Path) -> None:
    made = replace(markdown(RETOLD, "a.md"), file_sha256="abc", locators=(Locator(0, "page", 1), Locator(9, "page", 2)))
    catalog = written(tmp_path / "c", [made, markdown("two", "z.md")])
    recalled = catalog.recall("a.md", "abc")
    assert recalled == made
    assert recalled is not None and catalog.recall("a.md", "abd") is None
    for same in (recalled, made):
        assert catalog.unchanged(same) == catalog.entry(0)
    for other in (
        replace(recalled, title="Another"),
        replace(recalled, text=f"{recalled.text}."),
        replace(recalled, locators=recalled.locators[1:]),
        replace(recalled, path="z.md"),
        replace(recalled, path="b.md"),
    ):
        assert catalog.unchanged(other) is None
    catalog.close()


@given(hostile_texts)
def test_a_passages_place_in_bytes_holds_its_characters(text: str) -> None:
    passages = cut(markdown(text))
    places = passage_bytes(text, passages)
    found = [text.encode()[start:stop].decode() for start, stop in places]
    assert found == [text[passage.start : passage.end] for passage in passages]


def test_an_entry_is_the_document_without_its_text_and_knows_its_passages(tmp_path: Path) -> None:
    documents = [
        markdown("one\n", "a.md"),
        markdown("\n", "empty.md"),
        markdown(RETOLD, "folder/b ü.md"),
        markdown("two", "z.md"),
    ]
    catalog = written(tmp_path / "c", documents)
    entries = catalog.entries()
    assert [entry.document.path for entry in entries] == ["a.md", "empty.md", "folder/b ü.md", "z.md"]
    assert [(entry.number, entry.first_passage, entry.passages) for entry in entries] == [
        (0, 0, 1),
        (1, 1, 0),
        (2, 1, 2),
        (3, 3, 1),
    ]
    for entry, document in zip(entries, documents, strict=True):
        assert vars(entry.document) | {"text": document.text} == vars(document)
        assert catalog.entry(entry.number) == entry
    retold = entries[2].document
    assert retold.source == Source("S", "P", "B", "2019", "http://s") and retold.retold and retold.date == "2020-01"


def test_passages_come_in_the_order_asked_for_and_as_often(tmp_path: Path) -> None:
    text = "".join(f"# H{number}\ntext {number} 😀\n" for number in range(1200))
    catalog = written(tmp_path / "c", [markdown(text)])
    numbers = [1199, 3, 3, *range(1100, 2, -1)]
    stored = catalog.stored(numbers)
    assert [item.number for item in stored] == numbers
    assert all(item.text == f"text {item.number} 😀\n" and item.passage.heading == (f"H{item.number}",) for item in stored)
    assert catalog.stored([]) == []


def test_the_vectors_keys_come_in_the_order_of_the_passages(tmp_path: Path) -> None:
    catalog = written(tmp_path / "c", [markdown("# A\na\n# B\nb\n", "a.md"), markdown("c", "b.md")])
    assert list(catalog.passage_keys()) == [("a.md#0", 0), ("a.md#1", 1), ("b.md#0", 2)]


def test_passages_and_keys_of_different_number_are_refused(tmp_path: Path) -> None:
    document = markdown("# A\na\n# B\nb\n")
    with pytest.raises(ValueError, match="shorter"):
        CatalogWriter(tmp_path / "c").add(document, cut(document), ["only one"])


def test_a_document_that_comes_twice_is_refused(tmp_path: Path) -> None:
    writer = CatalogWriter(tmp_path / "c")
    writer.add(markdown("a"), [], [])
    with pytest.raises(sqlite3.IntegrityError):
        writer.add(markdown("b"), [], [])


def test_a_catalog_lies_where_its_name_says_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / "a b?mode=rw#100%25 ü" / "c.sqlite"
    path.parent.mkdir()
    assert written(path, [markdown("text")]).text(0) == "text"
    assert [item.name for item in path.parent.iterdir()] == ["c.sqlite"]


def test_reading_never_writes(tmp_path: Path) -> None:
    catalog = written(tmp_path / "c", [markdown("text")])
    before = (tmp_path / "c").read_bytes()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        catalog._connection.execute("delete from passages")
    catalog.close()
    assert (tmp_path / "c").read_bytes() == before


def test_threads_read_what_one_reads(tmp_path: Path) -> None:
    text = "".join(f"# H\ntext {number}\n" for number in range(300))
    catalog = written(tmp_path / "c", [markdown(text)])
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: catalog.stored([number, 299 - number]), range(300)))
    assert [[item.number for item in pair] for pair in found] == [[number, 299 - number] for number in range(300)]
    assert all(item.text == f"text {item.number}\n" for pair in found for item in pair)


@pytest.mark.parametrize("data", [None, b"no database", b"SQLite format 3\0" + b"\xff" * 4000, b""])
def test_what_is_no_catalog_is_an_error(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "c").write_bytes(data)
    with pytest.raises(sqlite3.DatabaseError):
        Catalog(tmp_path / "c")


def test_a_passage_that_is_not_stored_is_an_error_and_not_left_out(tmp_path: Path) -> None:
    catalog = written(tmp_path / "c", [markdown("text")])
    with pytest.raises(
        DamagedIndex, match=r"cannot be read \(something is missing\); the index is damaged, run: qa index --rebuild$"
    ):
        catalog.stored([0, 1])


def test_a_span_that_does_not_end_at_a_character_is_not_possible() -> None:
    text = "é😀한\r\n"
    passages = [Passage(start, start + 1, (Span(start, start + 1),), (), 1) for start in range(len(text))]
    assert passage_bytes(text, passages) == [(0, 2), (2, 6), (6, 9), (9, 10), (10, 11)]
    assert document_of("a.md", text, parse_markdown(text), "utf-8").text == text
