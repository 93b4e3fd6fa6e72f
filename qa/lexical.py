"""Words of passages in a tantivy index, ranked by BM25."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import tantivy

from qa.errors import DamagedIndex

_HEAP_BYTES = 64_000_000
_LINKS = "verbatim-links-"
_DEAD_SECONDS = 3600.0
"""Links are needed for milliseconds: those of this age were left by a process that was killed."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("passage", stored=False, indexed=True, fast=True)
    builder.add_unsigned_field("document", stored=False, indexed=True, fast=False)
    builder.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="position")
    return builder.build()


def write_lexical(folder: Path, passages: Iterable[tuple[int, int, Sequence[str]]]) -> None:
    """Write passage number, document number and stems of each passage to a new index in `folder`.

    One thread writes, so that the same passages give the same order of equal scores.
    """
    folder.mkdir()
    index = tantivy.Index(_schema(), path=str(folder))
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
    for number, document, stems in passages:
        row = tantivy.Document()
        row.add_unsigned("passage", number)
        row.add_unsigned("document", document)
        row.add_text("body", " ".join(stems))
        writer.add_document(row)
    writer.commit()
    writer.wait_merging_threads()
    for path in folder.iterdir():
        if path.suffix == ".lock":
            path.unlink()
        else:
            path.chmod(0o644)  # tantivy writes its metadata for the owner alone


@contextlib.contextmanager
def _telling(folder: Path) -> Iterator[None]:
    """Raise DamagedIndex for what tantivy raises over files that are not as it wrote them: errors, and panics of its own."""
    try:
        yield
    except BaseException as error:
        # a panic derives from BaseException and has no name that could be imported
        if isinstance(error, ValueError | OSError) or type(error).__name__ == "PanicException":
            reason = " ".join(str(error).split())[:200]
            raise DamagedIndex(f"{folder}: cannot be read ({reason}); the index is damaged, run: qa index --rebuild") from None
        raise


def clear_links() -> None:
    """Remove the private folders of links that killed processes left."""
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
        links = Path(tempfile.mkdtemp(prefix=_LINKS))
        try:
            for path in folder.resolve().iterdir():
                (links / path.name).symlink_to(path)
            self._open(links)
        finally:
            shutil.rmtree(links, ignore_errors=True)
        self._folder = folder
        with _telling(folder):
            self.passages = int(self._searcher.num_docs)

    def _open(self, links: Path) -> None:
        """Open the index behind a folder of links; raises ValueError for what tantivy panics over."""
        try:
            self._index = tantivy.Index.open(str(links))
            self._index.config_reader(reload_policy="manual")
            self._schema = self._index.schema
            self._searcher = self._index.searcher()
        except BaseException as error:
            if type(error).__name__ == "PanicException":
                raise ValueError(" ".join(str(error).split())[:200]) from None
            raise

    def _term(self, stem: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, "body", stem, index_option="freq")

    def _within(self, documents: Sequence[int]) -> tuple[tantivy.Occur, tantivy.Query]:
        chosen = tantivy.Query.term_set_query(self._schema, "document", list(documents))
        return tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0)

    def _search(self, clauses: list[tuple[tantivy.Occur, tantivy.Query]], limit: int) -> list[tuple[int, float]]:
        with _telling(self._folder):
            hits = self._searcher.search(tantivy.Query.boolean_query(clauses), limit, count=False).hits
            numbers = self._searcher.fast_field_values("passage", [address for _, address in hits])
        return [(int(number or 0), float(score)) for number, (score, _) in zip(numbers, hits, strict=True)]

    def search(self, stems: Sequence[str], limit: int, documents: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Return passage numbers and BM25 scores of passages with any of the stems, best first."""
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

    def document_frequency(self, stem: str) -> int:
        """Return how many passages hold a stem."""
        with _telling(self._folder):
            return int(self._searcher.doc_freq("body", stem))
