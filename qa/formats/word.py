"""Read Word documents (DOCX): paragraphs, headings, tables as rows, footnotes."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.table import Table
from docx.text.paragraph import Paragraph

from qa.formats.archive import open_archive
from qa.formats.blocks import Blocks, raised
from qa.formats.parsed import Beat, Parsed, file_date, one_line

_DELETED = {
    qn("w:del"),
    qn("w:moveFrom"),
    qn("w:txbxContent"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_TEXT, _TAB, _HYPHEN = qn("w:t"), qn("w:tab"), qn("w:noBreakHyphen")
_BREAKS = {qn("w:br"), qn("w:cr")}
_RUN, _PROPERTIES, _VANISH, _HEIGHT = qn("w:r"), qn("w:rPr"), qn("w:vanish"), qn("w:vertAlign")
_P, _TBL = qn("w:p"), qn("w:tbl")
_WRAPPERS = {qn(name) for name in ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo")}
_BOX, _FALLBACK = qn("w:txbxContent"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEMPLATE = datetime(2013, 12, 23, 23, 15)
_NOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def _words(element: Any) -> Iterator[str]:
    """Yield the text of a paragraph as it stands with all changes accepted; text boxes are read apart."""
    for child in element:
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag == _TAB:
            yield " "
        elif child.tag == _HYPHEN:
            yield "-"
        elif child.tag in _BREAKS:
            yield "\n" if child.get(qn("w:type")) != "page" else " "
        elif child.tag == _RUN and (shown := child.find(_PROPERTIES)) is not None:
            if not _on(shown.find(_VANISH)):
                words = "".join(_words(child))
                raise_it = (height := shown.find(_HEIGHT)) is not None and height.get(qn("w:val")) == "superscript"
                yield raised(words) if raise_it else words
        elif child.tag not in _DELETED:
            yield from _words(child)


def _on(switch: Any) -> bool:
    """Tell whether a property that is on or off is on."""
    return switch is not None and switch.get(qn("w:val")) not in ("0", "false", "off")


def _level(paragraph: Paragraph) -> int | None:
    """Return a heading's level, by its style or those the style is based on; None for other paragraphs."""
    outline = paragraph._p.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    if outline is not None and (outline.get(qn("w:val")) or "9").isdigit():
        level = int(outline.get(qn("w:val")) or "9") + 1
        return level if level < 10 else None
    style, seen = paragraph.style, 0
    while style is not None and seen < 20:
        name = (style.name or "").lower()
        if name.startswith("heading ") and name[8:].isdigit():
            return int(name[8:])
        if name == "title":
            return 1
        style, seen = style.base_style, seen + 1
    return None


def _rows(table: Table) -> list[list[str]]:
    """Return a table's cells as texts, row by row; a cell that spans several columns comes once, one that spans rows in each."""
    rows: list[list[str]] = []
    for row in table._tbl.tr_lst:
        cells = [child for child in row.iter(qn("w:tc")) if next(child.iterancestors(qn("w:tr"))) is row]
        texts: list[str] = []
        for cell in cells:
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            goes_on = merged is not None and merged.get(qn("w:val")) != "restart" and rows and len(texts) < len(rows[-1])
            own = " ".join("".join(_words(paragraph)) for paragraph in cell.iter(qn("w:p")))
            texts.append(rows[-1][len(texts)] if goes_on and not own.strip() else own)
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            width = (span.get(qn("w:val")) or "1") if span is not None else "1"
            texts += [""] * (min(int(width), 100) - 1 if width.isdigit() else 0)
        rows.append(texts)
    return rows


def _content(element: Any, body: Any) -> Iterator[Paragraph | Table]:
    """Yield paragraphs and tables in order, those in content controls and other wrappers too, as forms and covers have them."""
    for child in element:
        if child.tag == _P:
            yield Paragraph(child, body)
        elif child.tag == _TBL:
            yield Table(child, body)
        elif child.tag in _WRAPPERS:
            yield from _content(child, body)


def _boxes(element: Any) -> Iterator[str]:
    """Yield the paragraphs of the text boxes in an element, those kept for old programs aside."""
    for box in element.iter(_BOX):
        if not any(True for _ in box.iterancestors(_FALLBACK)):
            yield from ("".join(_words(paragraph)) for paragraph in box.iter(qn("w:p")))


def parse_docx(data: bytes, beat: Beat) -> Parsed:
    """Read a Word document; raises Unreadable where it is none."""
    open_archive(data, "Word document").close()
    document = docx.Document(io.BytesIO(data))
    blocks = Blocks()
    for item in _content(document.element.body, document._body):
        beat()
        if isinstance(item, Table):
            blocks.table(_rows(item))
            continue
        text, level = "".join(_words(item._p)), _level(item)
        if level is None:
            blocks.paragraph(text)
        else:
            blocks.heading(text, level)
        for boxed in _boxes(item._p):
            blocks.paragraph(boxed)
    for kind in ("footnotes", "endnotes"):
        for relation in document.part.rels.values():
            if relation.reltype == _NOTES + kind and not relation.is_external:
                root = parse_xml(relation.target_part.blob)
                for note in root.iter(qn("w:p")):
                    blocks.paragraph("".join(_words(note)))
    properties = document.core_properties
    metadata = {"title": properties.title, "author": properties.author, "language": properties.language}
    told = {key: one_line(value) for key, value in metadata.items() if value}
    when = properties.modified or properties.created
    told["date"] = file_date(when.date().isoformat()) if when is not None else ""
    if told.get("author") == "python-docx":  # the template's own, as is this date
        del told["author"]
    if when is not None and when.replace(tzinfo=None) == _TEMPLATE:
        del told["date"]
    return blocks.parsed(told)
