"""Put citations together: copies folded into the first, quotes read at their offsets, nothing aligned."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from qa.answer import Citation, Place, Scores
from qa.catalog import StoredPassage
from qa.collection import has_lines
from qa.extractor import Evidence
from qa.lists import Stretch
from qa.pages import areas_of
from qa.passages import content_span
from qa.records import Passage, Span
from qa.retriever import Candidate
from qa.store import Store
from qa.text import fold as folded
from qa.text import line_breaks

_SAID = re.compile(r"\(?\d(?:[\d.,:]*\d)?\)?|\w+|[^\w\s]")
_UNSAID = frozenset(".,;:!?'\"‘’“”„«»()[]{}*_#|·•…`")
"""Marks that two copies may have unlike; a sign that belongs to a figure (£, %, -) is none."""

POOL = 3
"""Passages looked at for each one asked for, so that folded copies leave enough."""

REACH = 10
"""Passages read on each side of one whose list may go on in them; such passages have about 300 characters."""


class Found(NamedTuple):
    """Pair a candidate with its verified passage and the copies folded into it."""

    candidate: Candidate
    stored: StoredPassage
    copies: list[StoredPassage]

    def around(self, store: Store) -> tuple[str, ...]:
        """Return what names the place where the passage stands: its document's title, then its headings, outermost first."""
        title = store.catalog.entry(self.stored.document).document.title.replace("_", " ")
        return (title, *self.stored.passage.heading)

    def dated(self, store: Store) -> str:
        """Return the year of its document's date, and of what that retells."""
        document = store.catalog.entry(self.stored.document).document
        dates = (document.date, document.source.date if document.source else None)
        return " ".join(date[:4] for date in dates if date)


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


def stretch_around(store: Store, stored: StoredPassage) -> Stretch:
    """Return a passage with those of its section that stand next to it, at most REACH on each side, all verified."""
    numbers = range(max(0, stored.number - REACH), min(store.passages, stored.number + REACH + 1))
    near = store.verified(numbers)
    first = last = stored.number - numbers.start
    while first > 0 and _joined(near[first - 1], near[first]):
        first -= 1
    while last < len(near) - 1 and _joined(near[last], near[last + 1]):
        last += 1
    held = near[first : last + 1]
    head = held[0].passage
    sentences = tuple(span for one in held for span in one.passage.sentences)
    return Stretch(
        Passage(head.start, held[-1].passage.end, sentences, head.heading, head.line),
        "".join(one.text for one in held),
        opens=first > 0 or numbers.start == 0,
        closes=last < len(near) - 1 or numbers.stop == store.passages,
    )


def _joined(one: StoredPassage, other: StoredPassage) -> bool:
    """Tell whether a passage goes on in the other: it is of the same section, in which passages leave nothing out."""
    same = one.document == other.document and one.passage.heading == other.passage.heading
    return same and one.passage.end == other.passage.start


def _says_too(store: Store, copy: StoredPassage, quote: str) -> bool:
    """Tell whether a copy of a passage is followed and led to by the same words as those of a quote that is longer than it."""
    return f" {' '.join(_said(quote))} " in f" {' '.join(_said(stretch_around(store, copy).text))} "


def citation_of(
    store: Store,
    item: Found,
    rank: int,
    evidence: Evidence | None = None,
    confidence: float | None = None,
    described: Mapping[str, float] = MappingProxyType({}),
    answer: tuple[Span, ...] = (),
) -> Citation:
    """Put a citation together from a verified passage; quotes are read at their offsets, nothing is aligned.

    What is quoted is the passage, and of those beside it what holds the list that answers.
    """
    stored = item.stored
    document = store.catalog.entry(stored.document).document
    own = content_span(stored.passage)
    stretch = evidence.stretch if evidence and evidence.stretch else Stretch(stored.passage, stored.text)
    highlights = evidence.highlights if evidence else ()
    quoted = Span(min(span.start for span in (own, *highlights)), max(span.end for span in (own, *highlights)))
    quote = stretch.words(quoted)
    copies = item.copies if quoted == own else [copy for copy in item.copies if _says_too(store, copy, quote)]
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
        line=stretch.passage.line + line_breaks(stretch.words(Span(stretch.passage.sentences[0].start, first.start))),
        heading=stored.passage.heading,
        start=quoted.start,
        end=quoted.end,
        quote=quote,
        highlights=highlights,
        confidence=confidence,
        scores=Scores(item.candidate.dense, item.candidate.lexical, item.candidate.fused),
        sha256=document.sha256,
        also_in=tuple(_place(store, copy) for copy in copies),
        answer=answer,
        features=described,
        locator=locator,
        boxes=tuple(area for span in highlights for area in areas_of(held[span], span)),
        recognised=bool(document.coverage.recognised_pages)
        and any(item.number in document.coverage.recognised_pages for item in store.catalog.locators(stored.document, quoted)),
        lined=has_lines(document),
    )


def repeats(citation: Citation, other: Citation) -> bool:
    """Tell whether another citation quotes all that one marks: a list that began before its passage or went on after it."""
    return other.document == citation.document and all(
        other.start <= span.start and span.end <= other.end for span in citation.highlights
    )


def _place(store: Store, stored: StoredPassage) -> Place:
    quoted = content_span(stored.passage)
    document = store.catalog.entry(stored.document).document
    held = store.catalog.locators(stored.document, quoted)
    page = next((item.number for item in held if item.kind == "page"), None)
    locator = held[0] if held else None
    return Place(document.path, quoted.start, quoted.end, stored.passage.line, page, locator, has_lines(document))
