"""The source beside the answer: a document's whole text as HTML, its evidence marked at its offsets."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from qa.answer import Citation
from qa.catalog import Entry
from qa.collection import has_lines
from qa.records import Heading, Span
from qa.render import provenance, unwrapped
from qa.ui.choosing import document_line
from qa.ui.images_view import pages_view
from qa.ui.markup import Markup, address, element, escape
from qa.ui.views import place_words

LONGEST = 400_000
"""Characters shown of a document; of a longer one, those around the evidence."""

_PARAGRAPH_BREAK = re.compile(r"(?:\r\n|\r(?!\n)|\n)[^\S\r\n]*(?=[\r\n])\s*")


@dataclass(frozen=True)
class Reading:
    """Hold an open document: its text, a turn's citations of it, and which of how many is looked at.

    `changed` since the answer was given, or the answer itself `forgotten`: then no evidence is known.
    `pages` says where each page begins and its number; `shelf` is the key of the shelf it belongs to.
    """

    entry: Entry
    text: str
    turn: int | None = None
    citations: tuple[Citation, ...] = ()
    current: Citation | None = None
    of: int = 0
    changed: bool = False
    forgotten: bool = False
    pages: tuple[tuple[int, int], ...] = ()
    shelf: str = ""

    def page_at(self, offset: int) -> int | None:
        """Return the number of the page that an offset stands on; None where there are no pages."""
        number = bisect_right(self.pages, offset, key=lambda page: page[0])
        return self.pages[max(0, number - 1)][1] if self.pages else None


def marked(text: str, start: int, end: int, reading: Reading) -> Iterator[Markup]:
    """Yield a stretch of a text in pieces, evidence in `mark`, the passage looked at in a `span`."""
    passage = Span(reading.current.start, reading.current.end) if reading.current else Span(0, 0)
    evidence = [(span, citation.rank) for citation in reading.citations for span in citation.highlights]
    edges = {edge for span in (passage, *(span for span, _ in evidence)) for edge in (span.start, span.end)}
    for first, last in pairwise(sorted({start, end, *(edge for edge in edges if start < edge < end)})):
        piece = escape(text[first:last])
        rank = next((rank for span, rank in evidence if span.start <= first < span.end), None)
        if rank is not None:
            looked_at = reading.current is not None and rank == reading.current.rank
            piece = element("mark", piece, class_="current" if looked_at else None, data_rank=rank)
        if passage.start <= first < passage.end:
            piece = element("span", piece, class_="passage")
        yield piece


def paragraphs(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the paragraphs of a stretch, without the blank lines around them."""
    breaks = [(match.start(), match.end()) for match in _PARAGRAPH_BREAK.finditer(text, start, end)]
    edges = [start, *(edge for pair in breaks for edge in pair), end]
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        first += len(text[first:last]) - len(text[first:last].lstrip("\r\n"))
        last -= len(text[first:last]) - len(text[first:last].rstrip("\r\n"))
        if text[first:last].strip():
            yield Span(first, last)


def shown_part(reading: Reading) -> Span:
    """Return the part of a document that is shown: all of it, or LONGEST characters around the evidence."""
    body, length = reading.entry.document.body, len(reading.text)
    if length - body <= LONGEST:
        return Span(body, length)
    focus = reading.current.start if reading.current else body
    start = max(body, min(focus - LONGEST // 2, length - LONGEST))
    return Span(start, start + LONGEST)


def _flowing(reading: Reading, part: Span) -> Reading:
    """Return a reading whose part, where its lines are those of a text file, is unwrapped; all offsets stay."""
    if not has_lines(reading.entry.document):
        return reading
    text = reading.text
    return replace(reading, text=text[: part.start] + unwrapped(text[part.start : part.end]) + text[part.end :])


def _body(reading: Reading, part: Span, headings: Sequence[tuple[int, Heading]]) -> Iterator[Markup]:
    """Yield the headings and paragraphs of the part that is shown."""
    position = part.start
    for number, heading in headings:
        yield from _paragraphs(reading, position, heading.start)
        yield element(
            f"h{min(heading.level + 2, 6)}",
            heading.text,
            data_heading=number,
            data_page=reading.page_at(heading.start),
            tabindex=-1,
        )
        position = heading.end
    yield from _paragraphs(reading, position, part.end)


def _paragraphs(reading: Reading, start: int, end: int) -> Iterator[Markup]:
    for span in paragraphs(reading.text, start, end):
        yield element("p", *marked(reading.text, span.start, span.end, reading), data_page=reading.page_at(span.start))


def _contents(headings: Sequence[tuple[int, Heading]]) -> Markup:
    if len(headings) < 2:
        return Markup()
    rows = [
        element("li", element("button", heading.text, type="button", data_jump=number), class_=f"level{min(heading.level, 4)}")
        for number, heading in headings
    ]
    return element("details", element("summary", "Contents"), element("ol", *rows), class_="contents")


def _steps(reading: Reading) -> Markup:
    """Return the buttons to the previous and next citation of the same answer."""
    if reading.current is None or reading.of < 2:
        return Markup()
    rank = reading.current.rank

    def step(sign: str, label: str, to: int, key: str) -> Markup:
        return element(
            "button", sign, type="button", aria_label=label, title=f"{label} ({key})", disabled=not 1 <= to <= reading.of,
            data_open=True, data_turn=reading.turn, data_rank=to,
        )  # fmt: skip

    back, on = step("‹", "Previous evidence", rank - 1, "p"), step("›", "Next evidence", rank + 1, "n")
    shown = [element("em", "Evidence"), back, element("span", f"{rank} of {reading.of}"), on]
    return element("div", *shown, class_="steps", role="group", aria_label="Evidence")


def _views(of_pages: bool) -> Markup:
    """Return the buttons that show a PDF's pages as they look or its text."""
    if not of_pages:
        return Markup()
    buttons = [
        element("button", name, type="button", data_view=name.lower(), aria_pressed=pressed)
        for name, pressed in (("Page", "true"), ("Text", "false"))
    ]
    return element("div", *buttons, class_="views", role="group", aria_label="Show")


def close_button() -> Markup:
    """Return the button that closes the pane."""
    return element("button", "×", type="button", class_="close", data_close=True, aria_label="Close the source")


def reading_view(reading: Reading) -> Markup:
    """Return the pane: title, provenance, contents and text; where it has changed since the answer, that it has."""
    document, part = reading.entry.document, shown_part(reading)
    headings = [
        (number, heading)
        for number, heading in enumerate(document.headings)
        if part.start <= heading.start and heading.end <= part.end
    ]
    where = [element("span", document.path, class_="path")]
    if reading.current:
        if provenance(reading.current):
            where.insert(0, element("span", provenance(reading.current), class_="from retold" if document.retold else "from"))
        if place_words(reading.current):
            where.append(element("span", place_words(reading.current), class_="place"))
    elif document.retold and document.source:
        title = f"“{document.source.title}”" if document.source.title else "another work"
        named = [title, document.source.author, document.source.publisher, document.source.date]
        where.insert(0, element("span", f"retold from {', '.join(part for part in named if part)}", class_="from retold"))
    if document.url:
        where.append(address(document.url))
    notes = []
    if reading.changed:
        notes.append("This document has changed since the answer was given; ask again to see the evidence in it.")
    if reading.forgotten:
        notes.append("The server was restarted or out of reach since this answer; ask again to see the evidence marked.")
    if part.end - part.start < len(reading.text) - document.body:
        notes.append(f"Too long to show whole: characters {part.start:,} to {part.end:,} of {len(reading.text):,}.")
    of_pages = document.encoding == "PDF" and bool(reading.pages)
    pages = pages_view(document, reading.citations, reading.current, reading.shelf) if of_pages else Markup()
    return element(
        "section",
        element(
            "header",
            element("div", _steps(reading), _views(of_pages), close_button(), class_="tools"),
            element("h2", document.title, tabindex=-1, title=document_line(reading.entry)),
            element("p", *where, class_="details"),
            *(element("p", note, class_="note", role="note") for note in notes),
            _contents(headings),
        ),
        pages,
        element(
            "div",
            *_body(_flowing(reading, part), part, headings),
            class_="text",
            tabindex=0,
            role="document",
            aria_label=document.title,
        ),
        class_="reading",
        data_showing="page" if of_pages else "text",
        aria_label="Source",
    )
