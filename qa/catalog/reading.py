"""Read a catalog, and believe no row that is of another shape than those written."""

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from qa.errors import DamagedIndex
from qa.records import Coverage, Document, Heading, Locator, Passage, Source, Span
from qa.settings import READING


@dataclass(frozen=True)
class Entry:
    """Hold what the catalog knows of a document; its passages are consecutive from `first_passage` on.

    `reading` numbers the way it was read, as READING does.
    """

    number: int
    document: Document
    first_passage: int
    passages: int
    reading: int


class Outline(NamedTuple):
    """Hold what filters ask of a document; its passages are consecutive from `first_passage` on."""

    number: int
    id: str
    path: str
    date: str | None
    first_passage: int
    passages: int


@dataclass(frozen=True)
class StoredPassage:
    """Hold a passage with its numbers and its text; `document` is its document's number."""

    number: int
    document: int
    passage: Passage
    text: str


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
        self._recalled: dict[str, Document] = {}
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

    def entries(self) -> list[Entry]:
        """Return all documents in order, without their texts."""
        return list(self._entries)

    @cached_property
    def _entries(self) -> list[Entry]:
        with self._reading():
            return [_entry(row) for row in self._all("select * from documents order by number", ())]

    def outlines(self) -> list[Outline]:
        """Return all documents in order, without what describes them: of 50,000 that takes seconds to read."""
        with self._reading():
            rows = self._all("select number, id, path, date, first_passage, passages from documents order by number", ())
            return [
                Outline(
                    int(str(number)), str(key), str(path), None if date is None else str(date), int(str(first)), int(str(count))
                )
                for number, key, path, date, first, count in rows
            ]

    def entry(self, number: int) -> Entry:
        """Return one document, without its text."""
        with self._reading():
            return _entry(self._all("select * from documents where number = ?", (number,))[0])

    @cached_property
    def _by_path(self) -> dict[str, Entry]:
        return {entry.document.path: entry for entry in self._entries}

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
        entry = self._by_path.get(path)
        if entry is None or entry.reading != READING or entry.document.file_sha256 != file_sha256:
            return None
        text = self.text(entry.number)
        if hashlib.sha256(text.encode()).hexdigest() != entry.document.sha256:
            return None
        locators = tuple(self.locators(entry.number, Span(0, len(text))))
        document = self._recalled[path] = replace(entry.document, text=text, locators=locators)
        return document

    def unchanged(self, document: Document) -> Entry | None:
        """Return the entry of a document that would be written again exactly as it stands here, text and all."""
        entry = self._by_path.get(document.path)
        if entry is not None and self._recalled.get(document.path) is document:
            return entry  # taken from here: to compare it again took 0.2 s of 10,000
        if entry is None or entry.reading != READING or entry.document != replace(document, text="", locators=()):
            return None
        held = self.text(entry.number), tuple(self.locators(entry.number, Span(0, len(document.text))))
        return entry if held == (document.text, document.locators) else None

    def places(self, first: int, count: int) -> list[tuple[int, int]]:
        """Return where consecutive passages begin and end in their documents' texts."""
        with self._reading():
            rows = self._all(
                "select start, stop from passages where number >= ? and number < ? order by number", (first, first + count)
            )
            return [(int(str(start)), int(str(stop))) for start, stop in rows]

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
    reading = described.pop("reading")
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
    return Entry(int(str(number)), document, int(str(first)), int(str(passages)), int(str(reading)))


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
