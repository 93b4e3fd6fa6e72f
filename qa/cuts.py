"""Cut documents into passages, each with its vectors' key, and embed those whose vectors are not known."""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from qa.catalog import Catalog, Entry, Run
from qa.digests import vector_key
from qa.encoder import Encoder, PassageEncoding, Unit
from qa.models import Progress
from qa.passages import context_of, cut_passages
from qa.predecessor import Counts, KnownVectors
from qa.records import Document, Passage, Span
from qa.settings import SETTINGS
from qa.vectors import VectorWriter

AHEAD = 4096
"""Passages that are embedded while others are still being cut; their vectors are about 27 MB."""


class Cut(NamedTuple):
    """Pair a document with its passages and their vectors' keys; where it is `kept`, they stand in the predecessor alone."""

    document: Document
    passages: list[Passage]
    keys: list[str]
    kept: Entry | None = None

    @property
    def size(self) -> int:
        """Count the passages."""
        return len(self.passages) if self.kept is None else self.kept.passages


def cut_documents(documents: list[Document], encoder: Encoder, before: Catalog | None, progress: Progress) -> Iterator[Cut]:
    """Yield documents with their passages; one with no words to quote has none.

    A document that is in every respect as it was in the catalog `before`, of the same model, is kept.
    """
    limit = encoder.token_limit(SETTINGS.passage_tokens)
    for done, document in enumerate(documents):
        progress("cutting", done, len(documents))
        kept = None if before is None else before.unchanged(document)
        if kept is not None:
            yield Cut(document, [], [], kept)
            continue
        passages = cut_passages(document, SETTINGS, encoder.count_tokens, limit)
        units = (_unit(document, passage) for passage in passages)
        keys = [vector_key(unit.context, unit.text, unit.sentences, encoder.fingerprint) for unit in units]
        yield Cut(document, passages, keys)


def runs(cuts: Sequence[Cut]) -> Iterator[Cut | Run]:
    """Yield what is new cut by cut, and what is kept as runs of documents that follow each other in the predecessor."""
    run = Run(0, 0, 0, 0)
    for cut in cuts:
        entry = cut.kept
        if run.documents and (
            entry is None or (entry.number, entry.first_passage) != (run.number + run.documents, run.first_passage + run.passages)
        ):
            yield run
            run = Run(0, 0, 0, 0)
        if entry is None:
            yield cut
        elif run.documents:
            run = run._replace(documents=run.documents + 1, passages=run.passages + entry.passages)
        else:
            run = Run(entry.number, 1, entry.first_passage, entry.passages)
    if run.documents:
        yield run


def _unit(document: Document, passage: Passage) -> Unit:
    sentences = tuple(Span(span.start - passage.start, span.end - passage.start) for span in passage.sentences)
    return Unit(context_of(document.title, passage.heading), document.text[passage.start : passage.end], sentences)


def sentence_counts(cuts: Sequence[Cut], known: KnownVectors) -> Counts:
    """Return how many sentences, and so vectors, each passage has."""
    parts = [
        known.counts(item) if isinstance(item, Run) else np.array([len(passage.sentences) for passage in item.passages], np.int64)
        for item in runs(cuts)
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def begun(cuts: Iterable[Cut], encoding: PassageEncoding) -> Iterator[Cut]:
    """Yield cuts, having the first AHEAD passages of them all embedded meanwhile, where none of their vectors is known."""
    seen: set[str] = set()
    for cut in cuts:
        for unit in islice(_new_units(cut, seen), AHEAD - encoding.given):
            encoding.give(unit)
        yield cut


def embed(cuts: list[Cut], encoding: PassageEncoding, known: KnownVectors, writer: VectorWriter, progress: Progress) -> int:
    """Write all passages' sentence vectors in order, old ones where they are known; return how many passages were embedded.

    However many they are, only those that the encoding is ahead of the writer are in memory.
    """
    missing = len({key for cut in cuts for key in cut.keys if key not in known})
    seen: set[str] = set()
    units = (unit for cut in cuts for unit in _new_units(cut, seen, known))
    encoded = encoding.vectors(islice(units, encoding.given, None))
    written: dict[str, int] = {}
    done = 0
    for item in runs(cuts):
        if isinstance(item, Run):
            writer.keep(*known.rows(item))
            continue
        for passage, key in zip(item.passages, item.keys, strict=True):
            if key in known:
                writer.keep(*known[key])
            elif key in written:
                writer.add(writer.read(written[key], len(passage.sentences)))
            else:
                progress("embedding", done, missing)
                written[key] = writer.add(next(encoded))
                done += 1
    progress("embedding", missing, missing)
    return missing


def _new_units(cut: Cut, seen: set[str], known: Container[str] = ()) -> Iterator[Unit]:
    """Yield the passages of a cut that are to be embedded, in order, each of all cuts once: keys are added to `seen`."""
    for passage, key in zip(cut.passages, cut.keys, strict=True):
        if key not in known and key not in seen:
            seen.add(key)
            yield _unit(cut.document, passage)
