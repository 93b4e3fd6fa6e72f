"""Read OpenDocument texts and presentations (ODT, ODP): headings, paragraphs, tables as rows, slides."""

from collections.abc import Iterator
from typing import Any

from qa.formats.archive import open_archive, read_xml
from qa.formats.blocks import SPANNED, Blocks
from qa.formats.parsed import Beat, Parsed, Unreadable, file_date, one_line

_NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
}
_MOST_REPEATED = 100


def _q(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMES[prefix]}}}{local}"


_P, _H, _TABLE, _ROW, _CELL = _q("text:p"), _q("text:h"), _q("table:table"), _q("table:table-row"), _q("table:table-cell")
_COVERED = _q("table:covered-table-cell")
_PAGE, _NOTES = _q("draw:page"), _q("presentation:notes")
_BLANK, _TAB, _BREAK, _NOTE, _NOTE_BODY = (
    _q("text:s"),
    _q("text:tab"),
    _q("text:line-break"),
    _q("text:note"),
    _q("text:note-body"),
)
_SKIPPED = {_q("text:tracked-changes"), _q("office:annotation"), _q("text:ruby-text"), _q("office:forms"), _q("text:page-number")}
_BOX = _q("draw:text-box")


def _words(element: Any) -> Iterator[str]:
    """Yield the words of a paragraph; notes and text boxes in it are read apart."""
    yield element.text or ""
    for child in element:
        if child.tag == _BLANK or child.tag == _TAB:
            yield " "
        elif child.tag == _BREAK:
            yield "\n"
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED and child.tag not in (_NOTE, _BOX):
            yield from _words(child)
        yield child.tail or ""


def _table(table: Any) -> list[list[str]]:
    """Return a table's cells row by row; a cell that spans several columns comes once, one that spans rows in each."""
    rows: list[list[str]] = []
    spanning: dict[int, int] = {}
    for row in table.iter(_ROW):
        if next(row.iterancestors(_TABLE), None) is table:
            rows.append(_cells(row, rows[-1] if rows else [], spanning))
    return rows


def _cells(row: Any, above: list[str], spanning: dict[int, int]) -> list[str]:
    """Return a row's cells; `spanning` counts for each column the rows that a cell above goes on for."""
    cells: list[str] = []
    for cell in row.iterchildren(_CELL, _COVERED):
        here = len(cells)
        if cell.tag == _COVERED:
            repeated = cell.get(_q("table:number-columns-repeated")) or "1"
            for column in range(here, here + (min(int(repeated), _MOST_REPEATED) if repeated.isdigit() else 1)):
                goes_on = spanning.get(column, 0) > 0 and column < len(above)
                cells.append(above[column] if goes_on else SPANNED)
                spanning[column] = spanning.get(column, 0) - 1
            continue
        rows = cell.get(_q("table:number-rows-spanned")) or "1"
        spanning[here] = int(rows) - 1 if rows.isdigit() else 0
        text = " ".join("".join(_words(paragraph)) for paragraph in cell.iter(_P, _H))
        repeated = cell.get(_q("table:number-columns-repeated")) or "1"
        cells += [text] * (min(int(repeated), _MOST_REPEATED) if repeated.isdigit() else 1)
    return cells


def _add(blocks: Blocks, element: Any, beat: Beat, slides: list[int]) -> None:
    """Add what stands in an element, block by block; `slides` counts the slides before it."""
    beat()
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _SKIPPED:
            continue
        if child.tag == _H:
            level = child.get(_q("text:outline-level")) or "1"
            blocks.heading("".join(_words(child)), int(level) if level.isdigit() else 1)
        elif child.tag == _P:
            blocks.paragraph("".join(_words(child)))
            for inner in child.iter(_NOTE_BODY, _BOX):
                _add(blocks, inner, beat, slides)
        elif child.tag == _TABLE:
            blocks.table(_table(child))
        elif child.tag == _PAGE:
            slides.append(len(slides) + 1)
            titles = (box for box in child.iterchildren() if box.get(_q("presentation:class")) == "title")
            title = one_line(" ".join("".join(_words(words)) for box in titles for words in box.iter(_P)))
            blocks.mark("slide", len(slides), title or None)
            blocks.heading(title, 1)
            for shape in child:
                if shape.get(_q("presentation:class")) != "title":
                    _add(blocks, shape, beat, slides)
        else:
            _add(blocks, child, beat, slides)


def parse_opendocument(data: bytes, beat: Beat) -> Parsed:
    """Read an OpenDocument text or presentation; raises Unreadable where it is none."""
    with open_archive(data, "OpenDocument file") as archive:
        try:
            content = read_xml(archive, "content.xml")
        except KeyError:
            raise Unreadable("corrupt, or no OpenDocument file; open it in its own program and save a copy") from None
        try:
            described = read_xml(archive, "meta.xml")
        except KeyError:
            described = None
    if content.tag != _q("office:document-content"):
        raise Unreadable("encrypted, or no OpenDocument file; save a copy without a password")
    blocks = Blocks()
    body = content.find(_q("office:body"))
    if body is not None:
        _add(blocks, body, beat, [])

    def told(name: str) -> str:
        found = None if described is None else described.find(f".//{_q(name)}")
        return one_line(found.text or "") if found is not None else ""

    author = told("meta:initial-creator") or told("dc:creator")
    date = file_date(told("dc:date") or told("meta:creation-date"))
    return blocks.parsed({"title": told("dc:title"), "author": author, "date": date, "language": told("dc:language")})
