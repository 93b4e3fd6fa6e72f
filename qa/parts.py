"""Write the parts of a generation: what is new, and what stands in its predecessor as it stands there."""

import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, takewhile
from pathlib import Path
from typing import TypeVar

import numpy as np

from qa.catalog import Catalog, CatalogWriter, Run
from qa.cuts import Cut, embed, runs, sentence_counts
from qa.digests import DIGEST_BYTES, passage_digest
from qa.encoder import PassageEncoding
from qa.errors import DamagedIndex
from qa.generation import Held
from qa.lexical import LexicalWriter, document_key
from qa.models import Progress
from qa.predecessor import Counts, KnownVectors
from qa.store import CATALOG, DIGESTS, LEXICAL, ROWS, VECTORS
from qa.text import stems
from qa.vectors import VectorWriter

Item = TypeVar("Item")

SHARDS = 16
"""Least number of shards that the words of many documents are written in; at most about twice as many."""

ONE_SHARD = 4096
"""Up to so many passages all are one shard."""


def write_parts(
    staged: Path, cuts: list[Cut], encoding: PassageEncoding, reuse: Held | None, exact_rows: int, progress: Progress
) -> tuple[Counts, int]:
    """Write all parts of a generation but its manifest and encoder, texts and words while passages are being embedded.

    Return how many sentences each passage has and how many passages were embedded. Raises OSError where the disk fails.
    """
    known = KnownVectors(reuse, {key for cut in cuts for key in cut.keys})
    counts = sentence_counts(cuts, known)
    rows, dimension = int(counts.sum()), encoding.encoder.dimension
    with ThreadPoolExecutor(1) as beside, VectorWriter(staged / VECTORS, dimension, rows, exact_rows, known.index) as vectors:
        over = threading.Event()
        texts = beside.submit(_write_texts, staged, cuts, None if reuse is None else reuse.folder, over)

        def told(stage: str, done: int, total: int) -> None:
            if texts.done():
                texts.result()  # where there was no room for the texts, the vectors need not be waited for
            progress(stage, done, total)

        try:
            embedded = embed(cuts, encoding, known, vectors, told)
            vectors.close()
            texts.result()
        finally:
            over.set()
    np.save(staged / ROWS, np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64), allow_pickle=False)
    return counts, embedded


def _until(over: threading.Event, items: Iterable[Item]) -> Iterator[Item]:
    """Yield items until it is over: who interrupts a run need not wait for texts that nobody will read."""
    return takewhile(lambda item: not over.is_set(), items)


def _write_texts(staged: Path, cuts: list[Cut], before: Path | None, over: threading.Event) -> None:
    """Write catalog, digests and words; what was written when it was over is not whole."""
    _write_catalog(staged / CATALOG, _until(over, runs(cuts)), before)
    _write_digests(staged / DIGESTS, _until(over, runs(cuts)), before)
    try:
        _write_words(staged, _until(over, shards(cuts)), before)
    except ValueError as error:  # how tantivy says that the disk failed it
        raise OSError(" ".join(str(error).split())[:200]) from error


def _write_catalog(path: Path, items: Iterable[Cut | Run], before: Path | None) -> None:
    writer = CatalogWriter(path, None if before is None else before / CATALOG)
    for item in items:
        if isinstance(item, Run):
            writer.keep(item)
        else:
            writer.add(item.document, item.passages, item.keys)
    writer.close()


def _write_digests(path: Path, items: Iterable[Cut | Run], before: Path | None) -> None:
    held = b"" if before is None else (before / DIGESTS).read_bytes()
    with path.open("wb") as file:
        for item in items:
            if isinstance(item, Run):
                start, size = item.first_passage * DIGEST_BYTES, item.passages * DIGEST_BYTES
                if len(held) < start + size:
                    raise DamagedIndex(f"{before}/{DIGESTS}: something is missing; the index is damaged, run: qa index --rebuild")
                file.write(held[start : start + size])
            else:
                text = item.document.text
                file.writelines(passage_digest(text[passage.start : passage.end]) for passage in item.passages)


def shards(cuts: Sequence[Cut]) -> list[Sequence[Cut]]:
    """Part documents into shards for the words.

    Where one begins depends on the path of its first document and roughly on how many documents there
    are, on nothing else: a change of one document changes one shard, and an index that was updated has
    the shards, and so the scores to the last bit, of one that is built afresh.
    """
    if sum(cut.size for cut in cuts) <= ONE_SHARD:
        return [cuts]
    every = 1 << max(0, (len(cuts) // SHARDS).bit_length() - 1)
    firsts = [number for number, cut in enumerate(cuts) if number == 0 or zlib.crc32(cut.document.path.encode()) % every == 0]
    return [cuts[first:stop] for first, stop in zip(firsts, [*firsts[1:], len(cuts)], strict=True)]


def _write_words(staged: Path, parts: Iterable[Sequence[Cut]], before: Path | None) -> None:
    """Write the words of all passages shard by shard, the catalog being there."""
    words = LexicalWriter(staged / LEXICAL, None if before is None else before / LEXICAL)
    catalog = Catalog(staged / CATALOG)
    first = 0
    for shard in parts:
        kept = list(runs(shard))
        if not (len(kept) == 1 and isinstance(kept[0], Run) and words.keep(kept[0].first_passage, kept[0].passages)):
            words.add(_passages(shard, first, catalog))
        first += sum(cut.size for cut in shard)
    catalog.close()
    words.close()


def _passages(shard: Sequence[Cut], first: int, catalog: Catalog) -> Iterator[tuple[int, list[str]]]:
    """Yield the document's key and the stems of a shard's passages, of which `first` is the first."""
    for cut, start in zip(shard, accumulate((cut.size for cut in shard), initial=first), strict=False):
        for begins, ends in catalog.places(start, cut.size):
            yield document_key(cut.document.id), stems(cut.document.text[begins:ends])
