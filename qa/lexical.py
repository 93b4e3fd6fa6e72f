"""Words of passages in a tantivy index, ranked by BM25."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple
from uuid import UUID

import tantivy

from qa.errors import DamagedIndex

_HEAP_BYTES = 64_000_000
_LINKS = "verbatim-links-"
_DEAD_SECONDS = 3600.0
"""Links are needed for milliseconds: those of this age were left by a process that was killed."""


_META, _MANAGED = "meta.json", ".managed.json"
_HEADER = ("index_settings", "schema", "opstamp")


class Shard(NamedTuple):
    """Name consecutive passages whose segments hold no others; in them passages are numbered from 0."""

    first: int
    passages: int
    segments: tuple[dict[str, Any], ...]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("passage", stored=False, indexed=True, fast=True)
    builder.add_unsigned_field("document", stored=False, indexed=True, fast=False)
    builder.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="position")
    return builder.build()


def document_key(identity: str) -> int:
    """Return the number by which a document of this id is filtered: it stays where others come and go."""
    return int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8], "big")


def read_shards(folder: Path) -> list[Shard]:
    """Return the shards of an index in order; raises ValueError or OSError if it says none."""
    try:
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        segments, shards, first = iter(meta["segments"]), list[Shard](), 0
        for passages, count in json.loads(meta["payload"]):
            shards.append(Shard(first, int(passages), tuple(next(segments) for _ in range(count))))
            first += int(passages)
            if sum(segment["max_doc"] for segment in shards[-1].segments) != passages:
                raise ValueError("counts differ")
        if next(segments, None) is not None or any(name not in meta for name in _HEADER):
            raise ValueError("there is more or less in it")
        for segment in meta["segments"]:
            UUID(str(segment["segment_id"]))
    except (LookupError, TypeError, RuntimeError, RecursionError, ValueError) as error:
        raise ValueError(f"{_META} does not say which segments hold which passages") from error
    return shards


def _files(folder: Path, segment: dict[str, Any]) -> list[Path]:
    """Return the files of a segment, whose name is checked: it could lead out of the folder."""
    return sorted(folder.glob(f"{UUID(str(segment['segment_id'])).hex}.*"))


class _PanicsAsErrors:
    """Raise ValueError for what tantivy panics over, known by its type's name: there is none that could be imported."""

    def __enter__(self) -> None:
        """Begin; nothing is needed."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None and kind.__name__ == "PanicException":
            raise ValueError(" ".join(str(error).split())[:200]) from None


@contextlib.contextmanager
def _telling(folder: Path) -> Iterator[None]:
    """Raise DamagedIndex for what tantivy raises over files that are not as it wrote them: errors, and panics of its own."""
    try:
        with _PanicsAsErrors():
            yield
    except (ValueError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DamagedIndex(f"{folder}: cannot be read ({reason}); the index is damaged, run: qa index --rebuild") from None


class LexicalWriter:
    """Write an index shard by shard, in order; one that an index before has too is linked, not written again.

    tantivy's own deletion leaves the deleted words in its files and in the statistics of BM25 until
    segments are merged, and a merge would take passages out of their order. A shard is as it is or
    written anew, so that the same shards give the same scores and the same order of equal ones.
    """

    def __init__(self, folder: Path, before: Path | None = None) -> None:
        """Begin an index in a new folder; `before` is the folder of the one that shards are taken from.

        Raises DamagedIndex where that one does not say its shards.
        """
        self._folder = folder
        self._before = before
        folder.mkdir()
        self._known: dict[tuple[int, int], Shard] = {}
        self._meta: dict[str, Any] = {}
        if before is not None:
            with _telling(before):
                self._known = {(shard.first, shard.passages): shard for shard in read_shards(before)}
                self._meta = json.loads((before / _META).read_text(encoding="utf-8"))
        self._segments: list[dict[str, Any]] = []
        self._shards: list[tuple[int, int]] = []

    def keep(self, first: int, passages: int) -> bool:
        """Take over the shard that holds just these passages of the index before; False if it has no such shard."""
        shard = self._known.get((first, passages))
        if shard is None or self._before is None:
            return False
        for path in (path for segment in shard.segments for path in _files(self._before, segment)):
            try:
                os.link(path, self._folder / path.name)
            except OSError:  # a file system without links
                shutil.copyfile(path, self._folder / path.name)
        self._add(passages, shard.segments)
        return True

    def add(self, passages: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Write a shard: the document's key and the stems of each passage.

        One thread writes, so that the same passages give the same order of equal scores.
        """
        folder = self._folder / f"{len(self._shards)}.part"
        folder.mkdir()
        index = tantivy.Index(_schema(), path=str(folder))
        writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        count = 0
        for key, stems in passages:
            row = tantivy.Document()
            row.add_unsigned("passage", count)
            row.add_unsigned("document", key)
            row.add_text("body", " ".join(stems))
            writer.add_document(row)
            count += 1
        writer.commit()
        writer.wait_merging_threads()
        self._meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        for path in folder.iterdir():
            if path.suffix != ".lock" and path.name not in (_META, _MANAGED):
                path.chmod(0o644)  # tantivy writes some for the owner alone
                path.rename(self._folder / path.name)
        # A thread of tantivy's may outlive its writer (one in a thousand did) and leave a lock behind; once
        # the folder has another name it finds nothing to lock.
        done = folder.rename(folder.with_suffix(".done"))
        shutil.rmtree(done)
        self._add(count, self._meta["segments"])

    def _add(self, passages: int, segments: Iterable[dict[str, Any]]) -> None:
        before = len(self._segments)
        self._segments += segments
        self._shards.append((passages, len(self._segments) - before))

    def close(self) -> None:
        """Finish the index, an empty one where it has no shards."""
        if not self._shards:
            self.add([])
        files = sorted(path.name for path in self._folder.iterdir())
        meta = {name: self._meta[name] for name in _HEADER} | {"segments": self._segments, "payload": json.dumps(self._shards)}
        (self._folder / _META).write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")
        (self._folder / _MANAGED).write_text(json.dumps([*files, _META]) + "\n", encoding="utf-8")


def _settle_folder() -> None:
    """Choose the folder for temporary files as Python does, but don't try it out: a kill would leave the file it tries."""
    for name in (*(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")), "/tmp"):  # noqa: S108 - where Python looks too
        if tempfile.tempdir is None and name and Path(name).is_dir() and os.access(name, os.W_OK | os.X_OK):
            tempfile.tempdir = str(Path(name).absolute())


def _remove(links: Path) -> None:
    """Remove a private folder of links; a thread of tantivy's may just have put its lock there."""
    for _ in range(100):
        shutil.rmtree(links, ignore_errors=True)
        if not links.exists():
            return
        time.sleep(0.001)


def clear_links() -> None:
    """Remove the private folders of links that killed processes left."""
    _settle_folder()
    for links in Path(tempfile.gettempdir()).glob(f"{_LINKS}*"):
        with contextlib.suppress(OSError):  # another process was first, or they are another user's
            if time.time() - links.lstat().st_mtime > _DEAD_SECONDS:
                shutil.rmtree(links, ignore_errors=True)


class LexicalIndex:
    """Search the words of a published generation; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Open the index; raises ValueError or OSError if it is none.

        tantivy takes a lock file inside the directory even to read, so it is shown a private folder
        of links, which can go as soon as the files are mapped.
        """
        _settle_folder()
        links = Path(tempfile.mkdtemp(prefix=_LINKS))
        try:
            for path in folder.resolve().iterdir():
                (links / path.name).symlink_to(path)
            self._open(links)
            self._firsts = [shard.first for shard in read_shards(links) for _ in shard.segments]
        finally:
            _remove(links)
        self._folder = folder
        with _telling(folder):
            self.passages = int(self._searcher.num_docs)
            if self._searcher.num_segments != len(self._firsts):
                raise ValueError("its shards are not those of its segments")

    def _open(self, links: Path) -> None:
        """Open the index behind a folder of links; raises ValueError for what tantivy panics over."""
        with _PanicsAsErrors():
            self._index = tantivy.Index.open(str(links))
            self._index.config_reader(reload_policy="manual")
            self._schema = self._index.schema
            self._searcher = self._index.searcher()

    def _term(self, stem: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, "body", stem, index_option="freq")

    def _within(self, documents: Sequence[int]) -> tuple[tantivy.Occur, tantivy.Query]:
        chosen = tantivy.Query.term_set_query(self._schema, "document", list(documents))
        return tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0)

    def _search(self, clauses: list[tuple[tantivy.Occur, tantivy.Query]], limit: int) -> list[tuple[int, float]]:
        with _telling(self._folder):
            hits = self._searcher.search(tantivy.Query.boolean_query(clauses), limit, count=False).hits
            numbers = self._searcher.fast_field_values("passage", [address for _, address in hits])
        return [
            (self._firsts[address.segment_ord] + int(number or 0), float(score))
            for number, (score, address) in zip(numbers, hits, strict=True)
        ]

    def search(self, stems: Sequence[str], limit: int, documents: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Return passage numbers and BM25 scores of passages with any of the stems, best first.

        `documents` are keys of those to which the search is limited, as `document_key` gives them.
        """
        if not stems:
            return []
        any_term = tantivy.Query.boolean_query([(tantivy.Occur.Should, self._term(stem)) for stem in stems])
        clauses = [(tantivy.Occur.Must, any_term)]
        if documents is not None:
            clauses.append(self._within(documents))
        return self._search(clauses, limit)

    def with_phrase(self, stems: Sequence[str]) -> list[int]:
        """Return the numbers of all passages in which the stems stand one after the other."""
        words: list[str | tuple[int, str]] = list(stems)
        query = self._term(stems[0]) if len(words) == 1 else tantivy.Query.phrase_query(self._schema, "body", words)
        return sorted(number for number, _ in self._search([(tantivy.Occur.Must, query)], max(1, self.passages)))

    def with_near(
        self, stem: str, distance: int, without: Iterable[str], limit: int, documents: Sequence[int] | None = None
    ) -> list[int]:
        """Return the numbers of passages with a stem within so many edits of this one that is none of those `without`.

        A swap of neighbours is one edit. `documents` are as for `search`.
        """
        near = tantivy.Query.fuzzy_term_query(self._schema, "body", stem, distance, transposition_cost_one=True)
        clauses = [(tantivy.Occur.Must, near), *((tantivy.Occur.MustNot, self._term(other)) for other in without)]
        if documents is not None:
            clauses.append(self._within(documents))
        return [number for number, _ in self._search(clauses, limit)]

    def document_frequency(self, stem: str) -> int:
        """Return how many passages hold a stem."""
        return self.document_frequencies([stem])[stem]

    def document_frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """Return how many passages hold each of some stems."""
        with _telling(self._folder):
            return {stem: int(self._searcher.doc_freq("body", stem)) for stem in stems}
