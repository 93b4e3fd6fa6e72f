"""Put citations together: copies folded into the first, quotes read at their offsets, nothing aligned."""

import re
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
from qa.text import fold as folded
from qa.text import line_breaks

_SAID = re.compile(r"\(?\d(?:[\d.,:]*\d)?\)?|\w+|[^\w\s]")
_UNSAID = frozenset(".,;:!?'\"‘’“”„«»()[]{}*_#|·•…`")
"""Marks that two copies may have unlike; a sign that belongs to a figure (£, %, -) is none."""

POOL = 3
"""Passages looked at for each one asked for, so that folded copies leave enough."""


class Found(NamedTuple):
    """Pair a candidate with its verified passage and the copies folded into it."""

    candidate: Candidate
    stored: StoredPassage
    copies: list[StoredPassage]

    def around(self, store: Store) -> tuple[str, ...]:
        """Return what names the place where the passage stands: its document's title, then its headings, outermost first."""
        title = store.catalog.entry(self.stored.document).document.title.replace("_", " ")
        return (title, *self.stored.passage.heading)


def _said(text: str) -> tuple[str, ...]:
    """Return what a text says, word by word: of copies the same, however they are set.

    Not nearly the same: where yearly reports differ in one figure, that figure is what is asked for.
    """
    return tuple(word for word in _SAID.findall(folded(text)) if word not in _UNSAID)


def fold(found: Iterable[tuple[Candidate, StoredPassage]], count: int) -> list[Found]:
    """Return the first `count` passages that are no copies of one before them; copies go with the first."""
    kept: dict[tuple[str, ...], Found] = {}
    for candidate, stored in found:
        said = _said(stored.text)
        if said in kept:
            kept[said].copies.append(stored)
        elif len(kept) < count:
            kept[said] = Found(candidate, stored, [])
    return list(kept.values())


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
