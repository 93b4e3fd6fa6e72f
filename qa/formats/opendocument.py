"""Read OpenDocument texts and presentations (ODT, ODP): headings, paragraphs, tables as rows, slides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from qa.coverage import Coverage
from qa.formats.archive import open_archive, read_xml
from qa.formats.blocks import SPANNED, Blocks, notes_of, raised
from qa.formats.odflists import STYLE, Lists
from qa.formats.parsed import Beat, Parsed, Unreadable, file_date, one_line

_NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
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
_COMMENT = _q("office:annotation")
_PICTURE_WORDS = {_q("svg:title"), _q("svg:desc")}
"""What a picture is called and what it shows, for those who cannot see it: no words of the text."""

_SKIPPED = _PICTURE_WORDS | {
    _q("text:tracked-changes"), _COMMENT, _q("text:ruby-text"), _q("office:forms"), _q("text:page-number")
}  # fmt: skip
_BOX, _SPAN = _q("draw:text-box"), _q("text:span")
_LIST, _ITEM = _q("text:list"), _q("text:list-item")
_STYLES_DEEP = 20


class _Place(NamedTuple):
    """Hold which list a paragraph stands in, how deep, and what is set before it."""

    style: str = ""
    level: int = 0
    label: str = ""


_NOWHERE = _Place()


@dataclass
class _Reader:
    """Read a text in order, counting what it counts: lists, headings, footnotes and slides."""

    blocks: Blocks
    beat: Beat
    lists: Lists
    parents: dict[str, str]
    raising: frozenset[str]
    slides: int = 0

    def words(self, element: Any) -> Iterator[str]:
        """Yield the words of a paragraph with the marks of its notes; notes and text boxes in it are read apart."""
        yield element.text or ""
        for child in element:
            if child.tag == _BLANK or child.tag == _TAB:
                yield " "
            elif child.tag == _BREAK:
                yield "\n"
            elif child.tag == _NOTE:
                yield _citation(child)
            elif child.tag == _SPAN and child.get(_q("text:style-name")) in self.raising:
                yield raised("".join(self.words(child)))
            elif isinstance(child.tag, str) and child.tag not in _SKIPPED and child.tag != _BOX:
                yield from self.words(child)
            yield child.tail or ""

    def text(self, element: Any) -> str:
        return "".join(self.words(element)).strip()

    def table(self, table: Any) -> list[list[str]]:
        """Return a table's cells row by row; one that spans several columns comes once, one that spans rows in each."""
        rows: list[list[str]] = []
        spanning: dict[int, int] = {}
        for row in table.iter(_ROW):
            if next(row.iterancestors(_TABLE), None) is table:
                rows.append(self._cells(row, rows[-1] if rows else [], spanning))
        return rows

    def _cells(self, row: Any, above: list[str], spanning: dict[int, int]) -> list[str]:
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
            own = (words for words in cell.iter(_P, _H) if not any(True for _ in words.iterancestors(_NOTE, _COMMENT)))
            text = " ".join(filter(None, map(self.text, own)))
            repeated = cell.get(_q("table:number-columns-repeated")) or "1"
            cells += [text] * (min(int(repeated), _MOST_REPEATED) if repeated.isdigit() else 1)
        return cells

    def add(self, element: Any, place: _Place = _NOWHERE) -> None:
        """Add what stands in an element, block by block."""
        self.beat()
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED:
                continue
            if child.tag in (_P, _H):
                self._paragraph(child, place)
                place = place._replace(label="")
            elif child.tag == _TABLE:
                self.blocks.table(self.table(child))
                for inner in child.iter(_NOTE):
                    self._note(inner)
            elif child.tag == _LIST:
                style = child.get(_q("text:style-name")) or place.style
                self.lists.begin(child, style, place.level + 1)
                self.add(child, _Place(style, place.level + 1))
            elif child.tag == _ITEM:
                told = any(inner.tag in (_P, _H) for inner in child)
                label = self.lists.label(child, place.style, place.level) if told else ""
                self.add(child, place._replace(label="" if self.slides and label == "•" else label))
            elif child.tag == _PAGE:
                self._slide(child)
            else:
                self.add(child, place)

    def _paragraph(self, element: Any, place: _Place) -> None:
        words, level = self.text(element), self._level(element)
        label = place.label
        if element.tag == _H and level is not None and not place.level:
            label = self.lists.heading(level)
        told = f"{label} {words}" if label and words else words
        if level is None:
            self.blocks.paragraph(told)
        else:
            self.blocks.heading(told, level)
        for inner in element.iter(_NOTE, _BOX):
            if inner.tag == _NOTE:
                self._note(inner)
            else:
                self.add(inner)

    def _level(self, element: Any) -> int | None:
        """Return a heading's level; a text's title is one of the first."""
        if element.tag == _H:
            level = element.get(_q("text:outline-level")) or "1"
            return int(level) if level.isdigit() else 1
        style, seen = element.get(_q("text:style-name")) or "", 0
        while style and style != "Title" and seen < _STYLES_DEEP:
            style, seen = self.parents.get(style, ""), seen + 1
        return 1 if style == "Title" else None

    def _note(self, note: Any) -> None:
        mark = _citation(note)
        for body in note.iter(_NOTE_BODY):
            for paragraph in body.iter(_P, _H):
                words = self.text(paragraph)
                self.blocks.paragraph(f"{mark} {words}" if mark and words else words)
                mark = ""

    def _slide(self, page: Any) -> None:
        self.slides += 1
        titles = (box for box in page.iterchildren() if box.get(_q("presentation:class")) == "title")
        title = one_line(" ".join(self.text(words) for box in titles for words in box.iter(_P)))
        self.blocks.mark("slide", self.slides, title or None)
        self.blocks.heading(title, 1)
        for shape in page:
            if shape.tag == _NOTES:
                self.blocks.mark("slide", self.slides, notes_of(title))
            if shape.get(_q("presentation:class")) != "title":
                self.add(shape)


def _raises(style: Any) -> bool:
    """Tell whether a style sets words above the line."""
    shown = style.find(f"{STYLE}text-properties")
    place = "" if shown is None else shown.get(f"{STYLE}text-position") or ""
    return place.startswith("super") or (place.partition("%")[0].isdigit() and not place.startswith("0"))


def _citation(note: Any) -> str:
    """Return the mark of a footnote, its digits raised as on the page; none where letters would run into the word before."""
    found = note.find(_q("text:note-citation"))
    mark = "" if found is None else "".join(found.itertext()).strip()
    return raised(mark) if mark.isdigit() else ""


def _left_out(content: Any, styles: Any) -> Iterator[str]:
    """Yield what a text holds that is not read."""
    if changes := sum(1 for _ in content.iter(_q("text:changed-region"))):
        yield f"tracked changes, read as if they were accepted: {changes:,}"
    if comments := sum(1 for _ in content.iter(_q("office:annotation"))):
        yield f"comments not read: {comments:,}"
    running = () if styles is None else styles.iter(f"{STYLE}header", f"{STYLE}footer")
    if any("".join(part.itertext()).strip() for part in running):
        yield "headers and footers not read, for they stand on every page"
    if pictures := sum(1 for _ in content.iter(_q("draw:image"))):
        yield f"pictures not read: {pictures:,}"


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
        try:
            styles = read_xml(archive, "styles.xml")
        except KeyError:
            styles = None
    if content.tag != _q("office:document-content"):
        raise Unreadable("encrypted, or no OpenDocument file; save a copy without a password")
    blocks = Blocks()
    body = content.find(_q("office:body"))
    roots = (content,) if styles is None else (content, styles)
    named = [style for root in roots for style in root.iter(f"{STYLE}style")]
    parents = {style.get(f"{STYLE}name") or "": style.get(f"{STYLE}parent-style-name") or "" for style in named}
    raising = frozenset(style.get(f"{STYLE}name") or "" for style in named if _raises(style))
    if body is not None:
        _Reader(blocks, beat, Lists(roots), parents, raising).add(body)

    def told(name: str) -> str:
        found = None if described is None else described.find(f".//{_q(name)}")
        return one_line(found.text or "") if found is not None else ""

    author = told("meta:initial-creator") or told("dc:creator")
    date = file_date(told("dc:date") or told("meta:creation-date"))
    return blocks.parsed(
        {"title": told("dc:title"), "author": author, "date": date, "language": told("dc:language")},
        Coverage(notes=tuple(_left_out(content, styles))),
    )
