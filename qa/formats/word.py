"""Read Word documents (DOCX): paragraphs, headings, tables as rows, footnotes."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.table import Table
from docx.text.paragraph import Paragraph

from qa.coverage import Coverage
from qa.formats.archive import open_archive
from qa.formats.blocks import SPANNED, SYMBOLS, Blocks, raised
from qa.formats.numbering import Labels
from qa.formats.parsed import Beat, Parsed, file_date, one_line

_DELETED = {
    qn("w:del"),
    qn("w:moveFrom"),
    qn("w:txbxContent"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_TEXT, _TAB, _HYPHEN = qn("w:t"), qn("w:tab"), qn("w:noBreakHyphen")
_TEXTS = {_TEXT, "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"}
_SYMBOL, _REFERENCE = qn("w:sym"), qn("w:footnoteReference")
_BREAKS = {qn("w:br"), qn("w:cr")}
_RUN, _PROPERTIES, _VANISH, _HEIGHT = qn("w:r"), qn("w:rPr"), qn("w:vanish"), qn("w:vertAlign")
_P, _TBL, _TR, _TC = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}pic"
_WRAPPERS = {qn(name) for name in ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo")}
_BOX, _FALLBACK = qn("w:txbxContent"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEMPLATE = datetime(2013, 12, 23, 23, 15)


@dataclass
class _Reader:
    """Read paragraphs in order, counting what Word counts: lists and footnotes."""

    labels: Labels
    notes: dict[str, Any]
    marked: bool
    referred: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0

    def text(self, paragraph: Any) -> str:
        """Return a paragraph with its number."""
        words = "".join(self.words(paragraph)).strip()
        if not words and paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}") is not None:
            return ""  # a paragraph that was taken out is not counted
        label = self.labels.label(paragraph)
        return f"{label} {words}" if label and words else words

    def words(self, element: Any) -> Iterator[str]:
        """Yield the text of a paragraph as it stands with all changes accepted; text boxes are read apart."""
        for child in element:
            if child.tag in _TEXTS:
                yield child.text or ""
            elif child.tag == _TAB:
                yield " "
            elif child.tag == _HYPHEN:
                yield "-"
            elif child.tag in _BREAKS:
                yield "\n" if child.get(qn("w:type")) != "page" else " "
            elif child.tag == _SYMBOL:
                yield _symbol(child.get(qn("w:char")) or "")
            elif child.tag == _REFERENCE:
                yield self._mark(child)
            elif child.tag == _RUN and (shown := child.find(_PROPERTIES)) is not None:
                if not _on(shown.find(_VANISH)):
                    words = "".join(self.words(child))
                    raise_it = (height := shown.find(_HEIGHT)) is not None and height.get(qn("w:val")) == "superscript"
                    yield raised(words) if raise_it else words
            elif child.tag not in _DELETED:
                yield from self.words(child)

    def _mark(self, reference: Any) -> str:
        """Return a footnote's raised number, and keep the note to be read after the paragraph."""
        note, custom = reference.get(qn("w:id")) or "", _on_attribute(reference.get(qn("w:customMarkFollows")))
        self.count += not custom
        mark = raised(str(self.count)) if self.marked and not custom else ""
        if note in self.notes:
            self.referred.append((mark, note))
        return mark

    def pending(self) -> Iterator[str]:
        """Yield the paragraphs of the footnotes referred to since the last call."""
        while self.referred:
            mark, number = self.referred.pop(0)
            for paragraph in self.notes[number].iter(_P):
                words = "".join(self.words(paragraph)).strip()
                if words:
                    yield f"{mark} {words}" if mark else words
                    mark = ""

    def rows(self, table: Any) -> list[list[str]]:
        """Return a table's cells as texts, row by row; one that spans several columns comes once, one that spans rows in each."""
        rows: list[list[str]] = []
        for row in table.iterchildren(_TR, *_WRAPPERS):
            own = [row] if row.tag == _TR else [inner for inner in row.iter(_TR) if next(inner.iterancestors(_TBL)) is table]
            for inner in own:
                if inner.find(f"{qn('w:trPr')}/{qn('w:del')}") is None:
                    rows.append(self._cells(inner, rows[-1] if rows else []))
        return rows

    def _cells(self, row: Any, above: list[str]) -> list[str]:
        cells = [child for child in row.iter(_TC) if next(child.iterancestors(_TR)) is row]
        texts = [""] * _count(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"), 0)
        for cell in cells:
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            goes_on = merged is not None and merged.get(qn("w:val")) != "restart" and len(texts) < len(above)
            own = " ".join(filter(None, (self.text(paragraph) for paragraph in _shown(cell))))
            texts.append(above[len(texts)] if goes_on and not own.strip() else own)
            texts += [SPANNED] * (_count(cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}"), 1) - 1)
        return texts


def _count(columns: Any, otherwise: int) -> int:
    """Return how many columns an element says."""
    told = (columns.get(qn("w:val")) or "") if columns is not None else ""
    return min(int(told), 100) if told.isdecimal() else otherwise


def _shown(element: Any) -> Iterator[Any]:
    """Yield the paragraphs in an element, those kept for old programs aside."""
    return (paragraph for paragraph in element.iter(_P) if not any(True for _ in paragraph.iterancestors(_FALLBACK)))


def _symbol(code: str) -> str:
    """Return the character of a symbol by its number in its font, which may lack the private area's F000."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    return SYMBOLS.get(number) or SYMBOLS.get(number + 0xF000, "")


def _on_attribute(value: str | None) -> bool:
    return value not in (None, "0", "false", "off")


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


def _names_rows(table: Any) -> bool:
    """Tell whether a table's first column is bold and its first row is not: its rows have names, and it has no header."""
    rows = list(table.iterchildren(_TR))
    cells = [list(row.iterchildren(_TC)) for row in rows]
    if len(rows) < 2 or any(len(row) < 2 for row in cells):
        return False
    return all(_bold(row[0]) for row in cells) and not any(_bold(cell) for cell in cells[0][1:])


def _names_columns(table: Any) -> bool:
    """Tell whether a table's first row is marked as its header, or set in bold as the cells below it are not."""
    rows = list(table.iterchildren(_TR))
    if len(rows) < 2:
        return False
    first, second = (list(row.iterchildren(_TC)) for row in rows[:2])
    bold = all(map(_bold, first)) and not any(_bold(cell) for cell in second[1:])
    return bold or _on(rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}"))


def _bold(cell: Any) -> bool:
    """Tell whether all words of a cell are set in bold."""
    runs = [run for run in cell.iter(_RUN) if any((text.text or "").strip() for text in run.iter(_TEXT))]
    return bool(runs) and all(_on(run.find(f"{_PROPERTIES}/{qn('w:b')}")) for run in runs)


def _content(element: Any, body: Any) -> Iterator[Paragraph | Table]:
    """Yield paragraphs and tables in order, those in content controls and other wrappers too, as forms and covers have them."""
    for child in element:
        if child.tag == _P:
            yield Paragraph(child, body)
        elif child.tag == _TBL:
            yield Table(child, body)
        elif child.tag in _WRAPPERS:
            yield from _content(child, body)


def _boxes(element: Any) -> Iterator[Any]:
    """Yield the paragraphs of the text boxes in an element."""
    for box in element.iter(_BOX):
        yield from _shown(box)


def _parts(document: Any, *kinds: str) -> Iterator[Any]:
    """Yield the roots of the parts of some kinds that belong to a document, such as its footnotes."""
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind in kinds and not relation.is_external:
            yield parse_xml(relation.target_part.blob)


def _marked(document: Any) -> bool:
    """Tell whether footnotes are numbered 1, 2, 3 through the whole document, as they are unless it says otherwise."""
    body = document.element.body
    places = [part.find(qn("w:footnotePr")) for part in _parts(document, "settings")] + list(body.iter(qn("w:footnotePr")))
    told = [child.get(qn("w:val")) for place in places if place is not None for child in place]
    return not any(value not in (None, "decimal", "continuous", "pageBottom", "beneathText", "1") for value in told)


def _left_out(document: Any) -> Iterator[str]:
    """Yield what a document holds that is not read, and how its changes were."""
    body = document.element.body
    if changes := sum(1 for _ in body.iter(qn("w:ins"), qn("w:del"), qn("w:moveFrom"), qn("w:moveTo"))):
        yield f"tracked changes, read as if they were accepted: {changes:,}"
    if comments := sum(1 for part in _parts(document, "comments") for _ in part.iter(qn("w:comment"))):
        yield f"comments not read: {comments:,}"
    if any((text.text or "").strip() for part in _parts(document, "header", "footer") for text in part.iter(_TEXT)):
        yield "headers and footers not read, for they stand on every page"
    if hidden := sum(1 for run in body.iter(_VANISH) if _on(run) and run.getparent().getparent().tag == _RUN):
        yield f"stretches of hidden words not read: {hidden:,}"
    if pictures := sum(1 for _ in body.iter(_PICTURE)):
        yield f"pictures not read: {pictures:,}"


def parse_docx(data: bytes, beat: Beat) -> Parsed:
    """Read a Word document; raises Unreadable where it is none."""
    open_archive(data, "Word document").close()
    document = docx.Document(io.BytesIO(data))
    blocks = Blocks()
    numbering = next(_parts(document, "numbering"), None)
    notes = {note.get(qn("w:id")) or "": note for part in _parts(document, "footnotes") for note in part.iter(qn("w:footnote"))}
    reader = _Reader(Labels(numbering, document.styles.element), notes, _marked(document))
    for item in _content(document.element.body, document._body):
        beat()
        if isinstance(item, Table):
            header = () if _names_rows(item._tbl) else None
            blocks.table(reader.rows(item._tbl), header, usual=_names_columns(item._tbl))
        else:
            text, level = reader.text(item._p), _level(item)
            if level is None:
                blocks.paragraph(text)
            else:
                blocks.heading(text, level)
            for boxed in _boxes(item._p):
                blocks.paragraph(reader.text(boxed))
        for note in reader.pending():
            blocks.paragraph(note)
    for part in _parts(document, "endnotes"):
        for endnote in part.iter(_P):
            blocks.paragraph(reader.text(endnote))
    properties = document.core_properties
    metadata = {"title": properties.title, "author": properties.author, "language": properties.language}
    told = {key: one_line(value) for key, value in metadata.items() if value}
    when = properties.modified or properties.created
    told["date"] = file_date(when.date().isoformat()) if when is not None else ""
    if told.get("author") == "python-docx":  # the template's own, as is this date
        del told["author"]
    if when is not None and when.replace(tzinfo=None) == _TEMPLATE:
        del told["date"]
    return blocks.parsed(told, Coverage(notes=tuple(_left_out(document))))
