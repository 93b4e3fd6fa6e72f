"""Pages as they look: where a span stands on them, and their images with the words marked."""

import contextlib
import hashlib
import sys
import zlib
from array import array
from collections.abc import Sequence
from pathlib import Path

from qa.archives import member_bytes
from qa.errors import BadInput
from qa.formats.parsed import Unreadable
from qa.locators import Area, Locator
from qa.records import Span
from qa.sandbox import Sandbox
from qa.store import Store

IMAGE_WIDTH = 1200
"""Pixels across a page's image; enough to read on a screen of twice the usual resolution."""

WIDEST = 4000
"""Most pixels across."""

_UNIT = 65535
_SAME_LINE = 0.5


def areas_of(locators: Sequence[Locator], span: Span) -> tuple[Area, ...]:
    """Return where a span stands: one rectangle for each line of each page; none where boxes are not known.

    `locators` are the parts of the document that the span touches, as `Catalog.locators` gives them.
    """
    areas: list[Area] = []
    for locator in locators:
        if locator.kind == "page" and locator.boxes:
            areas += _lines(locator, span)
    return tuple(areas)


def _lines(locator: Locator, span: Span) -> list[Area]:
    """Return the rectangles of a span's lines on one page."""
    numbers = array("H")
    numbers.frombytes(zlib.decompress(locator.boxes))
    if sys.byteorder == "big":
        numbers.byteswap()
    first, last = max(0, span.start - locator.start), min(len(numbers) // 4, span.end - locator.start)
    lines: list[list[int]] = []
    for index in range(first, last):
        left, top, right, bottom = numbers[4 * index : 4 * index + 4]
        if right <= left and bottom <= top:
            continue  # white space, and what was put in between lines
        if lines and _on_line(lines[-1], top, bottom) and left >= lines[-1][0]:
            line = lines[-1]
            lines[-1] = [line[0], min(line[1], top), max(line[2], right), max(line[3], bottom)]
        else:
            lines.append([left, top, right, bottom])
    return [Area(locator.number, *(value / _UNIT for value in line)) for line in lines]


def _on_line(line: Sequence[int], top: int, bottom: int) -> bool:
    """Tell whether a character stands on a line."""
    overlap = min(line[3], bottom) - max(line[1], top)
    return overlap > _SAME_LINE * min(line[3] - line[1], bottom - top)


def page_image(
    store: Store,
    document: str,
    page: int,
    span: Span | None = None,
    width: int = IMAGE_WIDTH,
    sandbox: Sandbox | None = None,
) -> bytes:
    """Return a PDF's page as a PNG image, `width` pixels across, with a span of its text marked.

    `document` is a path as citations name it, `page` counts from 1, `span` is of the document's text;
    only what stands on this page is marked, so a highlight that crosses a page is drawn on both. The
    page is drawn in the sandbox, without one in a new one. Raises BadInput, with what to do, where the document is not in the
    index or is no PDF, there is no such page, or the file is no longer the one that was indexed.
    """
    entry = next((entry for entry in store.entries if entry.document.path == document), None)
    if entry is None:
        raise BadInput(f"{document}: no such document in the index; run: qa show")
    if entry.document.encoding != "PDF":
        raise BadInput(f"{document}: has no pages to draw; run: qa show {document}")
    if not 1 <= page <= (entry.document.coverage.pages or 0):
        raise BadInput(f"{document}: has no page {page:,}; it has {entry.document.coverage.pages:,}")
    locators = store.catalog.locators(entry.number, span) if span is not None else []
    areas = [area for area in areas_of(locators, span or Span(0, 0)) if area.page == page]
    try:
        data = member_bytes(Path(store.manifest.root), document)
        if hashlib.sha256(data).hexdigest() != entry.document.file_sha256:
            raise BadInput(f"{document}: has changed since it was indexed; run: qa index")
        with contextlib.ExitStack() as stack:
            drawing = sandbox or stack.enter_context(Sandbox())
            return drawing.draw(data, page, areas, max(1, min(width, WIDEST)))
    except Unreadable as error:
        raise BadInput(f"{document}: {error}") from None
