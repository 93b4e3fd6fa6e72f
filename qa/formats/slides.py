"""Read presentations (PPTX): slide by slide, titles, text, tables as rows, speakers' notes."""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.oxml.ns import qn
from pptx.shapes.base import BaseShape
from pptx.table import Table

from qa.coverage import Coverage
from qa.formats.archive import open_archive
from qa.formats.blocks import SPANNED, Blocks, notes_of
from qa.formats.parsed import Beat, Parsed, file_date, one_line, page_numbers

_DRAWN = (MSO_SHAPE_TYPE.CHART, MSO_SHAPE_TYPE.DIAGRAM, MSO_SHAPE_TYPE.PICTURE, MSO_SHAPE_TYPE.IGX_GRAPHIC)
_TEMPLATE = (datetime(2013, 1, 27, 9, 15, 58), datetime(2013, 1, 27, 9, 14, 16))
"""When python-pptx's template, which says so in every presentation made from it, was last changed and made."""

_LINE = 50_000
"""Shapes whose tops are within this many units (about a twentieth of an inch) stand on one line."""

_CHOICES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_HOLDERS = (qn("p:spTree"), qn("p:grpSp"))
_CHOSEN = tuple(qn(f"p:{name}") for name in ("sp", "grpSp", "graphicFrame", "cxnSp", "pic"))
"""Shapes that have a place of their own, as python-pptx asks of them; ink has none."""


def _shapes(shapes: Iterable[BaseShape], depth: int = 0) -> Iterator[BaseShape]:
    """Yield shapes as they are read, from the top down and from left to right; those of a group stay together."""
    ordered = sorted(shapes, key=lambda shape: ((shape.top or 0) // _LINE, shape.left or 0))
    for shape in ordered:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < 20:
            yield from _shapes(shape.shapes, depth + 1)  # type: ignore[attr-defined]
        else:
            yield shape


def _choose(slide: Any) -> None:
    """Put the shapes that new programs show, of a choice, where the others stand; python-pptx would pass over them."""
    for either in list(slide.iter(f"{_CHOICES}AlternateContent")):
        choice = either.find(f"{_CHOICES}Choice")
        if choice is not None and either.getparent().tag in _HOLDERS:
            for shape in list(choice.iterchildren(*_CHOSEN)):
                either.addprevious(shape)


def _rows(table: Table) -> list[list[str]]:
    """Return a table's cells as texts, row by row; one that spans several columns comes once, one that spans rows in each."""
    rows: list[list[str]] = []
    for row in table.rows:
        above = rows[-1] if rows else []
        texts: list[str] = []
        for cell in row.cells:
            goes_on = cell._tc.vMerge and len(texts) < len(above)
            texts.append(SPANNED if cell._tc.hMerge else above[len(texts)] if goes_on else cell.text)
        rows.append(texts)
    return rows


def parse_pptx(data: bytes, beat: Beat) -> Parsed:
    """Read a presentation; raises Unreadable where it is none."""
    open_archive(data, "presentation").close()
    presentation = Presentation(io.BytesIO(data))
    blocks = Blocks()
    empty, drawn, hidden = [], [], []
    for number, slide in enumerate(presentation.slides, start=1):
        beat()
        told = False
        _choose(slide._element)
        if slide._element.get("show") in ("0", "false"):
            hidden.append(number)
        if any(shape.shape_type in _DRAWN or getattr(shape, "has_chart", False) for shape in _shapes(slide.shapes)):
            drawn.append(number)
        title = slide.shapes.title
        name = one_line(title.text_frame.text) if title is not None and title.has_text_frame else ""
        blocks.mark("slide", number, name or None)
        if name:
            blocks.heading(name, 1)
        for shape in _shapes(slide.shapes):
            if title is not None and shape._element is title._element:
                continue
            if getattr(shape, "has_table", False):
                table = shape.table  # type: ignore[attr-defined]
                blocks.table(_rows(table))
                told = True
            elif shape.has_text_frame:
                for paragraph in shape.text_frame.paragraphs:  # type: ignore[attr-defined]
                    blocks.paragraph(paragraph.text)
                    told = told or bool(paragraph.text.strip())
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            blocks.mark("slide", number, notes_of(name))
            for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
                blocks.paragraph(paragraph.text)
                told = told or bool(paragraph.text.strip())
        if not told and not name:
            empty.append(number)
    properties = presentation.core_properties
    metadata = {"title": properties.title, "author": properties.author, "language": properties.language}
    found = {key: one_line(value) for key, value in metadata.items() if value}
    if found.get("title") == "PowerPoint Presentation":  # the template's own
        del found["title"]
    if found.get("author") == "Steve Canny":  # python-pptx's template's own
        del found["author"]
    dates = (when for when in (properties.modified, properties.created) if when is not None)
    own = next((when for when in dates if when.replace(tzinfo=None) not in _TEMPLATE), None)
    found["date"] = file_date(own.date().isoformat()) if own is not None else ""
    told_of = (
        (empty, "no text on them"),
        (drawn, "charts, diagrams or pictures, which were not read"),
        (hidden, "hidden, but read too"),
    )
    notes = tuple(f"{page_numbers(numbers, 'slide')}: {what}" for numbers, what in told_of if numbers)
    return blocks.parsed(found, Coverage(pages=len(presentation.slides), empty_pages=tuple(empty), notes=notes))
