"""Put citations together: copies folded into the first, quotes read at their offsets, nothing aligned."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from qa.answer import Citation, Place, Scores
from qa.catalog import StoredPassage
from qa.collection import has_lines
from qa.extractor import Evidence
from qa.pages import areas_of
from qa.passages import content_span
from qa.records import Span
from qa.retriever import Candidate
from qa.store import Store
from qa.text import line_breaks, stems

COPY_OVERLAP = 0.9
"""Share of common words (Jaccard, over shingles of SHINGLE stems) from which on two passages are copies."""

SHINGLE = 3
POOL = 3
"""Passages looked at for each one asked for, so that folded copies leave enough."""


class Found(NamedTuple):
    """Pair a candidate with its verified passage and the copies folded into it."""

    candidate: Candidate
    stored: StoredPassage
    copies: list[StoredPassage]


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    found = stems(text)
    return frozenset(zip(*(found[first:] for first in range(SHINGLE)), strict=False)) or frozenset([tuple(found)])


def _copies(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether the shingles of two passages overlap as those of copies do."""
    least, most = sorted((len(one), len(other)))
    # What they share is at most the smaller one: most pairs differ too much in length to be compared.
    return least >= COPY_OVERLAP * most and len(one & other) >= COPY_OVERLAP * len(one | other)


def fold(found: Iterable[tuple[Candidate, StoredPassage]], count: int) -> list[Found]:
    """Return the first `count` passages that are no copies of one before them; copies go with the first."""
    kept: list[tuple[frozenset[tuple[str, ...]], Found]] = []
    for candidate, stored in found:
        own = _shingles(stored.text)
        original = next((item for held, item in kept if _copies(own, held)), None)
        if original is not None:
            original.copies.append(stored)
        elif len(kept) < count:
            kept.append((own, Found(candidate, stored, [])))
    return [item for _, item in kept]


def citation_of(
    store: Store,
    item: Found,
    rank: int,
    evidence: Evidence | None = None,
    confidence: float | None = None,
    described: Mapping[str, float] = MappingProxyType({}),
    answer: tuple[Span, ...] = (),
) -> Citation:
    """Put a citation together from a verified passage; quotes are read at their offsets, nothing is aligned."""
    stored = item.stored
    document = store.catalog.entry(stored.document).document
    quoted = content_span(stored.passage)
    highlights = evidence.highlights if evidence else ()
    first = highlights[0] if highlights else quoted
    held = {span: store.catalog.locators(stored.document, span) for span in {first, *highlights}}
    locator = held[first][0] if held[first] else None
    return Citation(
        rank=rank,
        document=document.path,
        title=document.title,
        publisher=document.publisher,
        author=document.author,
        date=document.date,
        url=document.url,
        retold=document.retold,
        source=document.source,
        page=locator.number if locator is not None and locator.kind == "page" else None,
        line=stored.passage.line
        + line_breaks(stored.text[quoted.start - stored.passage.start : first.start - stored.passage.start]),
        heading=stored.passage.heading,
        start=quoted.start,
        end=quoted.end,
        quote=stored.text[quoted.start - stored.passage.start : quoted.end - stored.passage.start],
        highlights=highlights,
        confidence=confidence,
        scores=Scores(item.candidate.dense, item.candidate.lexical, item.candidate.fused),
        sha256=document.sha256,
        also_in=tuple(_place(store, copy) for copy in item.copies),
        answer=answer,
        features=described,
        locator=locator,
        boxes=tuple(area for span in highlights for area in areas_of(held[span], span)),
        recognised=bool(document.coverage.recognised_pages)
        and any(item.number in document.coverage.recognised_pages for item in store.catalog.locators(stored.document, quoted)),
        lined=has_lines(document),
    )


def _place(store: Store, stored: StoredPassage) -> Place:
    quoted = content_span(stored.passage)
    document = store.catalog.entry(stored.document).document
    held = store.catalog.locators(stored.document, quoted)
    page = next((item.number for item in held if item.kind == "page"), None)
    locator = held[0] if held else None
    return Place(document.path, quoted.start, quoted.end, stored.passage.line, page, locator, has_lines(document))
