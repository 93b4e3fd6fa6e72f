"""The catalog: documents, their texts and the places of their passages, in one SQLite file."""

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qa.errors import DamagedIndex
from qa.records import Coverage, Document, Heading, Locator, Passage, Source, Span
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


@dataclass(frozen=True)
class Entry:
    """Hold what the catalog knows of a document; its passages are consecutive from `first_passage` on."""

    number: int
    document: Document
    first_passage: int
    passages: int


@dataclass(frozen=True)
class StoredPassage:
    """Hold a passage with its numbers and its text; `document` is its document's number."""

    number: int
    document: int
    passage: Passage
    text: str


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

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        # The whole generation is fsynced before it is published; until then a crash loses nothing.
        self._connection.executescript("pragma journal_mode = off; pragma synchronous = off;" + _SCHEMA + "begin;")
        self._documents = 0
        self._passages = 0

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


class Catalog:
    """Read a published catalog; safe to share between threads.

    Whoever forges a catalog can make its checksums agree, so whatever it holds that no catalog of ours
    does is a DamagedIndex when it is read.
    """

    def __init__(self, path: Path) -> None:
        """Open the file read-only; raises sqlite3.DatabaseError if it is no catalog."""
        self._path = path
        self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        self.documents, self.passages = self._one("select (select count(*) from documents), (select count(*) from passages)", ())

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Raise DamagedIndex for whatever reading rows of another shape raises."""
        try:
            yield
        except (sqlite3.DatabaseError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            missing = isinstance(error, LookupError)
            reason = "something is missing" if missing else " ".join(str(error).split())[:200] or type(error).__name__
            raise DamagedIndex(
                f"{self._path}: cannot be read ({reason}); the index is damaged, run: qa index --rebuild"
            ) from None

    def _all(self, query: str, values: Sequence[object]) -> list[tuple[object, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def _one(self, query: str, values: Sequence[object]) -> tuple[int, ...]:
        with self._lock:
            row: tuple[int, ...] = self._connection.execute(query, values).fetchone()
            return row

    def entries(self, reading: int | None = None) -> list[Entry]:
        """Return all documents in order, without their texts; only those of one way of reading where it is given."""
        with self._reading():
            rows = self._all("select * from documents order by number", ())
            return [_entry(row) for row in rows if reading is None or json.loads(str(row[-1])).get("reading") == reading]

    def entry(self, number: int) -> Entry:
        """Return one document, without its text."""
        with self._reading():
            return _entry(self._all("select * from documents where number = ?", (number,))[0])

    def text(self, number: int) -> str:
        """Return a document's text."""
        with self._reading():
            return _text(self._all("select text from texts where document = ?", (number,))[0][0])

    def locators(self, number: int, span: Span) -> list[Locator]:
        """Return the parts of a document that a span touches, in order; none where it has no parts."""
        with self._reading():
            rows = self._all(
                "select start, kind, number, name, boxes from locators where document = ? and start < ? and start >="
                " coalesce((select max(start) from locators where document = ? and start <= ?), 0) order by start",
                (number, max(span.end, span.start + 1), number, span.start),
            )
            return [_locator(row) for row in rows]

    def page_starts(self, number: int) -> list[tuple[int, int]]:
        """Return where each page of a document begins, with its number; none where it has no pages."""
        with self._reading():
            rows = self._all("select start, number from locators where document = ? and kind = 'page' order by start", (number,))
            return [(int(str(start)), int(str(page))) for start, page in rows]

    def recall(self, path: str, file_sha256: str) -> Document | None:
        """Return a document as it was read, if it was read the way it would be now from a file of these bytes."""
        with self._reading():
            rows = self._all("select * from documents where path = ?", (path,))
            if not rows or json.loads(str(rows[0][-1])).get("reading") != READING:
                return None
            entry = _entry(rows[0])
        if entry.document.file_sha256 != file_sha256:
            return None
        text = self.text(entry.number)
        if hashlib.sha256(text.encode()).hexdigest() != entry.document.sha256:
            return None
        return replace(entry.document, text=text, locators=tuple(self.locators(entry.number, Span(0, len(text)))))

    def passages_of(self, entry: Entry) -> tuple[list[Passage], list[str]]:
        """Return a document's passages, in order, and their vectors' keys."""
        with self._reading():
            rows = self._all(
                "select number, document, start, stop, line, heading, sentences, x'', key from passages"
                " where number >= ? and number < ? order by number",
                (entry.first_passage, entry.first_passage + entry.passages),
            )
            return [_stored(row[:-1]).passage for row in rows], [str(row[-1]) for row in rows]

    def passage_keys(self) -> Iterator[tuple[str, int]]:
        """Yield each passage's key and number, in order."""
        with self._reading():
            rows = self._all("select key, number from passages order by number", ())
        for key, number in rows:
            yield str(key), int(str(number))

    def stored(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """Return the passages of these numbers, in the order asked for."""
        found = {}
        with self._reading():
            for first in range(0, len(numbers), 500):
                some = numbers[first : first + 500]
                rows = self._all(
                    "select p.number, p.document, p.start, p.stop, p.line, p.heading, p.sentences,"
                    " substr(t.text, p.byte_start + 1, p.byte_stop - p.byte_start)"
                    f" from passages p join texts t on t.document = p.document where p.number in ({','.join('?' * len(some))})",
                    some,
                )
                found.update({passage.number: passage for passage in map(_stored, rows)})
            return [found[number] for number in numbers]


def _text(value: object) -> str:
    """Decode a stored text; raises sqlite3.DatabaseError if the column holds something else."""
    if not isinstance(value, bytes):
        raise sqlite3.DatabaseError("a text is not stored as bytes")
    return value.decode()


_KINDS: dict[str, tuple[type, ...]] = {
    "title": (str,),
    "publisher": (str, type(None)),
    "author": (str, type(None)),
    "url": (str, type(None)),
    "retold": (bool,),
    "body": (int,),
    "encoding": (str,),
    "language": (str, type(None)),
    "file_sha256": (str,),
}


def _entry(row: tuple[object, ...]) -> Entry:
    number, id_, path, sha256, date, first, passages, text = row
    described = json.loads(str(text))
    for name, kinds in _KINDS.items():
        if not isinstance(described[name], kinds):
            raise ValueError(f"{name} of document {number} is of another kind")
    source = described.pop("source")
    described.pop("reading")
    headings = tuple(Heading(*heading) for heading in described.pop("headings"))
    coverage: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in described.pop("coverage").items()
    }
    document = Document(
        id=str(id_),
        path=str(path),
        sha256=str(sha256),
        date=None if date is None else str(date),
        text="",
        source=None if source is None else Source(**source),
        headings=headings,
        coverage=Coverage(**coverage),
        **described,
    )
    return Entry(int(str(number)), document, int(str(first)), int(str(passages)))


def _locator(row: tuple[object, ...]) -> Locator:
    start, kind, number, name, boxes = row
    held = boxes if isinstance(boxes, bytes) else b""
    return Locator(int(str(start)), str(kind), int(str(number)), None if name is None else str(name), held)


def _stored(row: tuple[object, ...]) -> StoredPassage:
    number, document, start, stop, line, heading, sentences, text = row
    passage = Passage(
        int(str(start)),
        int(str(stop)),
        tuple(Span(*span) for span in json.loads(str(sentences))),
        tuple(json.loads(str(heading))),
        int(str(line)),
    )
    return StoredPassage(int(str(number)), int(str(document)), passage, _text(text))
