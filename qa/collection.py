"""Read the files under a root into documents; a test collection's corpus (BEIR, Thakur et al. 2021) holds one a record."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from qa.archives import is_archive, members
from qa.coverage import Coverage, FileCoverage, coverage_of
from qa.folders import find_files, printable
from qa.loaders import APART, FILE_BYTES, Parsed, Recall, Unreadable, document_from, document_of, load
from qa.records import Document, Skipped
from qa.sandbox import Sandbox

CORPUS = "corpus.jsonl"
"""The corpus of a test collection, directly under the root: `_id`, `title` and `text` a line."""

_BESIDE = ("queries.jsonl", "qrels")
"""What makes a folder a whole test collection, of which the corpus alone is documents."""

_ALSO_TOLD = ("publisher", "author", "date", "url")


def file_of(path: str) -> str:
    """Return the path of the file that holds a document: of a record, its corpus."""
    return CORPUS if path.startswith(f"{CORPUS}#") else path


def has_lines(document: Document) -> bool:
    """Tell whether a document's text is that of its file, so that its lines are those an editor shows."""
    return document.encoding not in APART.values() and file_of(document.path) == document.path


def corpus_files(root: Path) -> Iterator[str | Skipped]:
    """Yield the files under a root as `find_files` does; of a whole test collection only its corpus."""
    alone = (root / CORPUS).is_file() and any((root / name).exists() for name in _BESIDE)
    for item in find_files(root):
        if not alone or (item.path if isinstance(item, Skipped) else item) == CORPUS:
            yield item


def files_covered(documents: Iterable[Document], skipped: Iterable[Skipped]) -> tuple[FileCoverage, ...]:
    """Return what was read of each file by path; the records of a collection are one file's."""
    covered: list[tuple[str, str, Coverage]] = []
    records = characters = 0
    for document in documents:
        if file_of(document.path) == document.path:
            covered.append((document.path, document.encoding, document.coverage))
        else:
            records, characters = records + 1, characters + document.coverage.characters
    if records:
        covered.append((CORPUS, "collection", Coverage(characters=characters, notes=(f"{records:,} records",))))
    return coverage_of(covered, skipped)


def read_documents(
    root: Path, path: str, sandbox: Sandbox | None = None, recall: Recall | None = None
) -> Iterator[Document | Skipped]:
    """Yield the documents of one file, or why it, or a part of it, is none; `sandbox` and `recall` are as for `load`."""
    try:
        if path == CORPUS:
            yield from _records(root)
        elif is_archive(path):
            yield from _members(root, path, sandbox, recall)
        else:
            yield load(root, path, sandbox, recall)
    except Unreadable as error:
        yield Skipped(printable(path), str(error))


def _members(root: Path, path: str, sandbox: Sandbox | None, recall: Recall | None) -> Iterator[Document | Skipped]:
    """Yield the documents in an archive, or why one is none."""
    for item in members(root, path):
        if isinstance(item, Skipped):
            yield item
            continue
        try:
            yield document_from(*item, sandbox, recall)
        except Unreadable as error:
            yield Skipped(printable(item[0]), str(error))


def _records(root: Path) -> Iterator[Document | Skipped]:
    """Yield the records of a root's corpus as documents `corpus.jsonl#ID`; one with a fault is named by its line."""
    lines: dict[str, int] = {}
    if not (root / CORPUS).is_file():  # reading a pipe would wait for ever
        raise Unreadable("not a regular file")
    try:
        with (root / CORPUS).open("rb") as file:
            number = 0
            while line := file.readline(FILE_BYTES):
                number += 1
                try:
                    if line.strip():
                        yield _document(line, number, lines)
                except Unreadable as error:
                    yield Skipped(f"{CORPUS}:{number}", str(error))
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None


def _document(line: bytes, number: int, lines: dict[str, int]) -> Document:
    """Read one line; `lines` has the ids of those before. Raises Unreadable naming the field."""
    try:
        record = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 (byte {error.start} of the line); save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON ({error})") from None
    if not isinstance(record, dict):
        raise Unreadable("must be an object with _id, title and text")
    identity = record.get("_id")
    identity = str(identity) if isinstance(identity, int) and not isinstance(identity, bool) else identity
    if not isinstance(identity, str) or not identity.strip():
        raise Unreadable(f"_id: {'must be text, and not empty' if '_id' in record else 'missing'}")
    identity = identity.strip()
    title, text = _words(record, "title"), _words(record, "text")
    # Records of only a title are common; what it says is then all there is to quote.
    text = text if text.strip() else title
    if not text.strip():
        raise Unreadable("text: empty, and so is title")
    for name, value in (("_id", identity), ("title", title), ("text", text)):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise Unreadable(f"{name}: holds half of a surrogate pair, which is no character")
    if identity in lines:
        raise Unreadable(f"_id: {identity!r} is also in line {lines[identity]}")
    lines[identity] = number
    told = record.get("metadata")
    metadata: dict[str, Any] = {key: told.get(key) for key in _ALSO_TOLD} if isinstance(told, dict) else {}
    return document_of(f"{CORPUS}#{identity}", text, Parsed(metadata=metadata | {"title": title.strip() or identity}), "utf-8")


def _words(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise Unreadable(f"{key}: must be text")
    return value or ""
