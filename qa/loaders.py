"""Read files into documents: one table of formats, one coordinate system."""

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from qa.coverage import Coverage
from qa.formats.dating import with_stated_date, without_later_date
from qa.formats.decoding import decode as decode
from qa.formats.markdown import parse_markdown
from qa.formats.parsed import FIELD_CHARACTERS as FIELD_CHARACTERS
from qa.formats.parsed import Parsed as Parsed
from qa.formats.parsed import Unreadable as Unreadable
from qa.formats.parsed import one_line, without_placeholders
from qa.formats.plain import parse_plain as parse_plain
from qa.formats.restructured import parse_rst
from qa.records import Document, Source
from qa.sandbox import Sandbox

FILE_BYTES = 100_000_000
"""A larger file is skipped; it would hold all of memory before it held an answer."""

HERE_BYTES = 16_384
"""A longer Markdown or reStructuredText file is parsed in a process apart, as all others are but plain text.

Twenty `>` before lines of one letter take 20 s a megabyte and more: so short, a file keeps everyone waiting for a second at
most. Notes are shorter, and a thousand of 2 KB take 4 s instead of 2 where each is parsed apart.
"""

_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)? ?(?:[Zz]|[+-]\d\d:?\d\d)?", re.ASCII)
_DATE_SHOWN = 40


def valid_date(value: object) -> str | None:
    """Return a date as `2013`, `2020-01` or `2022-06-17`; None if it is anything else."""
    return value if isinstance(value, str) and _DATE.fullmatch(value) else None


FORMATS: Mapping[str, Callable[[str], Parsed]] = {
    ".txt": parse_plain,
    ".text": parse_plain,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".rst": parse_rst,
}
"""What parses a file whose decoded bytes are the text, by its ending in lower case."""

APART: Mapping[str, str] = {
    ".pdf": "PDF",
    ".docx": "Word",
    ".docm": "Word",
    ".dotx": "Word",
    ".html": "HTML",
    ".htm": "HTML",
    ".xhtml": "HTML",
    ".mhtml": "MHTML",
    ".mht": "MHTML",
    ".pptx": "PowerPoint",
    ".pptm": "PowerPoint",
    ".ppsx": "PowerPoint",
    ".xlsx": "Excel",
    ".xlsm": "Excel",
    ".xlsb": "Excel",
    ".xls": "Excel",
    ".ods": "OpenDocument",
    ".csv": "CSV",
    ".tsv": "TSV",
    ".tab": "TSV",
    ".odt": "OpenDocument",
    ".ott": "OpenDocument",
    ".odp": "OpenDocument",
    ".epub": "EPUB",
    ".eml": "e-mail",
    ".mbox": "e-mail",
    ".rtf": "RTF",
    ".json": "JSON",
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
}
"""The other endings, whose files are parsed in a process apart, with the names of their formats."""

_DATED_BY_FILE = {"PDF", "Word", "PowerPoint", "Excel", "OpenDocument", "RTF"}
"""The formats that tell no more than when a file was made; the others tell the date of what is in it."""


def read_bytes(path: Path) -> bytes:
    """Read a regular file whole; raises Unreadable for what is none and what is too large."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("not a regular file")
        if status.st_size > FILE_BYTES:
            raise Unreadable(f"larger than {FILE_BYTES // 1_000_000} MB; split it")
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            # Python makes room first for as much as is asked for: 100 MB a file took 10,000 files 0.3 s.
            data = file.read(min(before.st_size, FILE_BYTES) + 1)
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
            raise Unreadable("changed while it was read; run qa index again once it is written")
        return data
    except PermissionError:
        raise Unreadable("no permission to read it; chmod +r it") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None


Recall = Callable[[str, str], Document | None]
"""Return the document of a path whose file has this sha256, if it was read before."""


def load(root: Path, path: str, sandbox: Sandbox | None = None, recall: Recall | None = None) -> Document:
    """Read the file at a POSIX path relative to the root; see `document_from`. Raises Unreadable with the reason."""
    check_ending(path)
    return document_from(path, read_bytes(root / path), sandbox, recall)


def check_ending(path: str) -> str:
    """Return a path's ending in lower case; raises Unreadable where it is of no format that is read."""
    ending = PurePosixPath(path).suffix
    if ending.lower() not in FORMATS and ending.lower() not in APART:
        raise Unreadable(f"unknown type {ending or 'without ending'}; save it as PDF or plain text")
    return ending.lower()


def document_from(path: str, data: bytes, sandbox: Sandbox | None = None, recall: Recall | None = None) -> Document:
    """Read a file's bytes under a path; raises Unreadable with the reason.

    What is no text, or longer than HERE_BYTES, is parsed in the sandbox, without one in a new one; where a file was read before
    and has not changed, `recall` saves the time (10,000 Markdown files of 2 KB: 0.4 instead of 3 s).
    """
    ending = check_ending(path)
    digest = hashlib.sha256(data).hexdigest()
    known = None if recall is None or not data else recall(path, digest)
    if known is not None and _read_so(known.coverage, ocr=sandbox is not None and sandbox.ocr):
        return known
    if ending in FORMATS:
        text, encoding = decode(data)
        if not text.strip():
            raise Unreadable("empty")
        here = len(data) <= HERE_BYTES or FORMATS[ending] is parse_plain
        parsed = FORMATS[ending](text) if here else _parsed_apart(ending, data, sandbox)
    else:
        if not data:
            raise Unreadable("empty")
        parsed = without_placeholders(_parsed_apart(ending, data, sandbox))
        text, encoding = parsed.text, APART[ending]
        parsed = without_later_date(parsed) if encoding in _DATED_BY_FILE else parsed
    if _day(parsed.metadata) is None:
        parsed = _noting_date(with_stated_date(parsed, text))
    if not text[parsed.body :].strip():
        raise Unreadable("empty after its front matter" if parsed.body else "empty")
    return replace(document_of(path, text, parsed, encoding), file_sha256=digest)


def _parsed_apart(ending: str, data: bytes, sandbox: Sandbox | None) -> Parsed:
    with contextlib.ExitStack() as stack:
        return (sandbox or stack.enter_context(Sandbox())).parse(ending, data)


def _read_so(coverage: Coverage, *, ocr: bool) -> bool:
    """Tell whether a file would be read the same with and without recognition, or was read the way now asked for."""
    return coverage.recognition == ocr or not (coverage.unread_pages or coverage.recognised_pages)


def document_of(path: str, text: str, parsed: Parsed, encoding: str) -> Document:
    """Put a document together from a text and what its format found in it."""
    metadata = parsed.metadata
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    first_heading = next((heading.text for heading in parsed.headings if heading.text), None)
    if any(item.kind in ("row", "record", "line") for item in parsed.locators):
        first_heading = None  # a sheet's or a list's name says nothing of the whole
    stem = PurePosixPath(path).stem.replace("_", " ").strip()
    retold = (_word(metadata, "retold") or "").lower() == "true"
    named = metadata.get("source")
    source = None
    if isinstance(named, dict):
        keys = ("title", "publisher", "author", "url")
        source = Source(**{key: _word(named, key) for key in keys}, date=_day(named))
    return Document(
        id=hashlib.sha256(f"{path}\0{digest}".encode()).hexdigest(),
        path=path,
        text=text,
        sha256=digest,
        title=_word(metadata, "title") or first_heading or stem or path,
        publisher=_word(metadata, "publisher") or (source.publisher if source else None),
        author=_word(metadata, "author") or (source.author if source else None),
        date=_day(metadata) or (source.date if source else None),
        url=_word(metadata, "url") or (source.url if source else None),
        retold=retold,
        source=source,
        body=parsed.body,
        headings=parsed.headings,
        encoding=encoding,
        language=_word(metadata, "language"),
        coverage=replace(parsed.coverage, characters=len(text)),
        locators=parsed.locators,
    )


def _day(metadata: Mapping[str, Any]) -> str | None:
    """Return the date of a text, without the time of day that may follow it; None if it is none."""
    told = _word(metadata, "date") or ""
    moment = _MOMENT.fullmatch(told)
    return valid_date(moment[1] if moment else told)


def _noting_date(parsed: Parsed) -> Parsed:
    """Return what is known of a text, with a note of the coverage where what stands for its date is none."""
    told = _word(parsed.metadata, "date")
    if told is None or _day(parsed.metadata):
        return parsed
    note = f"its date, {told[:_DATE_SHOWN]}, could not be read; write it as 2024-03-04"
    return replace(parsed, coverage=replace(parsed.coverage, notes=(*parsed.coverage.notes, note)))


def _word(metadata: Mapping[str, Any], key: str) -> str | None:
    """Return a field that is one line of words; None if missing, null or of another kind."""
    value = metadata.get(key)
    if not isinstance(value, str) or value.strip().lower() in {"", "null", "~"}:
        return None
    return one_line(value)
