"""Write a catalog: documents, their texts and the places of their passages, in one SQLite file."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from qa.errors import DamagedIndex
from qa.records import Document, Passage
from qa.settings import READING

_SCHEMA = """
create table documents (
    number integer primary key, id text not null unique, path text not null unique, sha256 text not null,
    date text, first_passage integer not null, passages integer not null, described text not null
) strict;
create table texts (document integer primary key, text blob not null) strict;
create table passages (
    number integer primary key, document integer not null, key text not null,
    start integer not null, stop integer not null, byte_start integer not null, byte_stop integer not null,
    line integer not null, heading text not null, sentences text not null
) strict;
create table locators (
    document integer not null, start integer not null, kind text not null, number integer not null, name text, boxes blob,
    primary key (document, start)
) strict, without rowid;
"""

_KEEP_DOCUMENTS = """
insert into main.documents select number + ?, id, path, sha256, date, first_passage + ?, passages, described
from before.documents where number >= ? and number < ? order by number
"""
_KEEP_TEXTS = "insert into main.texts select document + ?, text from before.texts where document >= ? and document < ? order by 1"
_KEEP_PASSAGES = """
insert into main.passages select number + ?, document + ?, key, start, stop, byte_start, byte_stop, line, heading, sentences
from before.passages where number >= ? and number < ? order by number
"""
_KEEP_LOCATORS = """
insert into main.locators select document + ?, start, kind, number, name, boxes
from before.locators where document >= ? and document < ? order by document, start
"""
_NOT_OF_ITS_SHAPE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT}


class Run(NamedTuple):
    """Name consecutive documents of a catalog, with their consecutive passages, by the first and how many."""

    number: int
    documents: int
    first_passage: int
    passages: int


def passage_bytes(text: str, passages: Sequence[Passage]) -> list[tuple[int, int]]:
    """Return each passage's place in the text's UTF-8 bytes; passages are in order and disjoint."""
    places, character, byte = [], 0, 0
    for passage in passages:
        byte += len(text[character : passage.start].encode())
        start = byte
        byte += len(text[passage.start : passage.end].encode())
        places.append((start, byte))
        character = passage.end
    return places


class CatalogWriter:
    """Write a new catalog; documents come in order and get consecutive numbers from 0."""

    def __init__(self, path: Path, before: Path | None = None) -> None:
        """Begin a catalog; `before` is one from which `keep` takes documents."""
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rwc", uri=True, isolation_level=None)
        self._before = before
        if before is not None:
            self._connection.execute("attach ? as before", (f"{before.resolve().as_uri()}?mode=ro&immutable=1",))
        # The whole generation is fsynced before it is published; until then a crash loses nothing.
        self._connection.executescript("pragma main.journal_mode = off; pragma main.synchronous = off;" + _SCHEMA + "begin;")
        self._documents = 0
        self._passages = 0

    def keep(self, run: Run) -> None:
        """Add consecutive documents of the catalog before as they stand there, under numbers that follow on.

        Raises DamagedIndex where it does not hold what its entries promise.
        """
        shifts = (self._documents - run.number, self._passages - run.first_passage)
        of_documents = (run.number, run.number + run.documents)
        of_passages = (run.first_passage, run.first_passage + run.passages)
        try:
            documents = self._copy(_KEEP_DOCUMENTS, *shifts, *of_documents)
            texts = self._copy(_KEEP_TEXTS, shifts[0], *of_documents)
            self._copy(_KEEP_LOCATORS, shifts[0], *of_documents)
            passages = self._copy(_KEEP_PASSAGES, *reversed(shifts), *of_passages)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in _NOT_OF_ITS_SHAPE:
                raise self._damaged(error) from None
            raise
        if (documents, texts, passages) != (run.documents, run.documents, run.passages):
            raise self._damaged("something is missing")
        self._documents += documents
        self._passages += passages

    def _copy(self, statement: str, *values: int) -> int:
        return self._connection.execute(statement, values).rowcount

    def _damaged(self, reason: object) -> DamagedIndex:
        return DamagedIndex(f"{self._before}: cannot be read ({reason}); the index is damaged, run: qa index --rebuild")

    def add(self, document: Document, passages: Sequence[Passage], keys: Sequence[str]) -> None:
        """Add a document with its passages and their vectors' keys."""
        number, first = self._documents, self._passages
        described = {
            "title": document.title,
            "publisher": document.publisher,
            "author": document.author,
            "url": document.url,
            "retold": document.retold,
            "source": None if document.source is None else vars(document.source),
            "body": document.body,
            "headings": [[heading.start, heading.end, heading.level, heading.text] for heading in document.headings],
            "encoding": document.encoding,
            "language": document.language,
            "file_sha256": document.file_sha256,
            "coverage": vars(document.coverage),
            "reading": READING,
        }
        self._connection.execute(
            "insert into documents values (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, document.id, document.path, document.sha256, document.date, first, len(passages), json.dumps(described)),
        )
        self._connection.execute("insert into texts values (?, ?)", (number, document.text.encode()))
        self._connection.executemany(
            "insert into locators values (?, ?, ?, ?, ?, ?)",
            [(number, item.start, item.kind, item.number, item.name, item.boxes or None) for item in document.locators],
        )
        rows = zip(passages, passage_bytes(document.text, passages), keys, strict=True)
        self._connection.executemany(
            "insert into passages values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    first + offset,
                    number,
                    key,
                    passage.start,
                    passage.end,
                    *place,
                    passage.line,
                    json.dumps(passage.heading),
                    json.dumps([[span.start, span.end] for span in passage.sentences]),
                )
                for offset, (passage, place, key) in enumerate(rows)
            ),
        )
        self._documents += 1
        self._passages += len(passages)

    def close(self) -> None:
        """Commit and close the file."""
        self._connection.execute("commit")
        self._connection.close()
