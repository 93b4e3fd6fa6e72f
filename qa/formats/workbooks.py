"""What a workbook's values alone don't tell: its title, which are shown as percentages, which formulas have no value saved."""

import io
import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from lxml import etree

from qa.formats.archive import open_archive, read_part, read_xml
from qa.formats.parsed import Beat, Unreadable, file_date, one_line

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OFFICE, _TABLE, _TEXT = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text"))
_PERCENT = {"9", "10"}
"""The percentages among the number formats that every workbook has without naming them."""

_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_LOCALE = re.compile(r"\[\$([^\]-]*)-?[^\]]*\]")
_CURRENCY = re.compile("[£$€¥]")
_COMMENTS = re.compile(r"xl/(?:comments/)?comments?\d*\.xml")
_QUOTED = re.compile(r'"[^"]*"|\\.')
_UNSHOWN = re.compile(r'"[^"]*"|\[(?:\$[^\]]*|[A-Za-z]+\d*)\]|[\\_*].')
_DIGITS = re.compile(r"[-+()\s£$€¥]*([#0?,]*[#0?])(?:\.([#0?]{0,10}))?[-+()\s£$€¥]*")

_DAMAGED = (Unreadable, KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError)
_WRITER = "openpyxl"
_MOST_REPEATED = 1_000

Place = tuple[int, int]
"""A cell's row and column, from 0."""


class Digits(NamedTuple):
    """Say how a number's digits are shown: whether thousands are parted, and how many decimal places it has."""

    grouped: bool
    least: int
    most: int

    def shown(self, value: float) -> str:
        """Return a number as a sheet shows it."""
        told = f"{_rounded(value, self.most):{',' if self.grouped else ''}f}"
        whole, _, places = told.partition(".")
        places = places[: self.least] + places[self.least :].rstrip("0")
        return f"{whole}.{places}" if places else whole


class Sign(NamedTuple):
    """Hold a currency's sign, whether it stands after the number, and how that is shown where the format is a plain one."""

    text: str
    after: bool
    digits: Digits | None = None


class Shown(NamedTuple):
    """Hold the cells shown as percentages, those shown with a currency's sign, and those of which the file says how.

    `unvalued` counts the formulas that have no value, `hidden` the rows and columns that are not shown.
    """

    percentages: frozenset[Place]
    signs: dict[Place, Sign]
    texts: dict[Place, str]
    unvalued: int
    hidden: int


def _rounded(value: float, places: int) -> Decimal:
    """Return a number of 15 digits or fewer, rounded as sheets do it: 0.125 is 0.13."""
    return Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def place_of(name: str) -> Place | None:
    """Return the place of a cell by its name, such as B3."""
    match = _CELL.fullmatch(name)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def shown_cells(data: bytes, beat: Beat) -> dict[str, Shown]:
    """Return what there is to know of the sheets of a workbook of Excel or OpenDocument, by their names."""
    if not data.startswith(b"PK"):
        return {}
    try:
        with open_archive(data, "workbook") as archive:
            if "content.xml" in archive.namelist():
                return {name: Shown(frozenset(), {}, texts, 0, 0) for name, texts in _texts(archive, beat).items()}
            if "xl/workbook.xml" not in archive.namelist():
                return {}
            styles = _styles(archive)
            return {name: _sheet(archive, part, *styles, beat) for name, part in _parts(archive)}
    except _DAMAGED:
        return {}  # the values are read by another parser, which will say what is wrong


def properties_of(data: bytes) -> dict[str, str]:
    """Return title, author, date and language of a workbook of Excel or OpenDocument, where it tells them."""
    try:
        with open_archive(data, "workbook") as archive:
            name = next((part for part in ("docProps/core.xml", "meta.xml") if part in archive.namelist()), None)
            root = None if name is None else read_xml(archive, name)
    except _DAMAGED:
        return {}
    told: dict[str, str] = {}
    for element in () if root is None else root.iter():
        if isinstance(element.tag, str) and element.text:
            told.setdefault(element.tag.rpartition("}")[2], one_line(element.text))
    author = told.get("initial-creator") or told.get("creator", "")
    if author == _WRITER:  # a library's own, which says nothing of who wrote it
        author = ""
    date = next((told[key] for key in ("modified", "date", "created", "creation-date") if key in told), "")
    return {"title": told.get("title", ""), "author": author, "date": file_date(date), "language": told.get("language", "")}


def comment_count(data: bytes) -> int:
    """Return how many comments are written on the cells of an Excel workbook."""
    if not data.startswith(b"PK"):
        return 0
    try:
        with open_archive(data, "workbook") as archive:
            parts = [name for name in archive.namelist() if _COMMENTS.fullmatch(name)]
            return sum(1 for name in parts for _ in read_xml(archive, name).iter(f"{_MAIN}comment"))
    except _DAMAGED:
        return 0


def _styles(archive: zipfile.ZipFile) -> tuple[set[str], dict[str, Sign]]:
    """Return the numbers of the styles that show a number as a percentage, and of those that show a currency's sign."""
    root = read_xml(archive, "xl/styles.xml")
    codes = {item.get("numFmtId"): item.get("formatCode") or "" for item in root.iter(f"{_MAIN}numFmt")}
    formats = {number for number, code in codes.items() if "%" in _QUOTED.sub("", code)}
    signs = {number: sign for number, code in codes.items() if (sign := _sign(code)) is not None}
    styles = root.find(f"{_MAIN}cellXfs")
    used = {str(number): style.get("numFmtId") for number, style in enumerate(() if styles is None else styles)}
    percent = {number for number, own in used.items() if own in formats | _PERCENT}
    return percent, {number: signs[own] for number, own in used.items() if own in signs}


def _sign(code: str) -> Sign | None:
    """Return the currency's sign of a number format, such as `"£"#,##0.00` or `[$€-407]`."""
    first = _LOCALE.sub(r"\1", code.partition(";")[0])
    match = _CURRENCY.search(first)
    if match is None:
        return None
    digits = _DIGITS.fullmatch(_UNSHOWN.sub("", code.partition(";")[0]))
    return Sign(match[0], bool(re.search("[0#]", first[: match.start()])), _digits(*digits.groups("")) if digits else None)


def _digits(whole: str, places: str) -> Digits:
    return Digits("," in whole, places.count("0"), len(places))


def _parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return the sheets' names and where in the archive they are."""
    links = {item.get("Id"): item.get("Target") or "" for item in read_xml(archive, "xl/_rels/workbook.xml.rels")}
    sheets = read_xml(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet")
    named = [(sheet.get("name") or "", links.get(sheet.get(_RELATION), "")) for sheet in sheets]
    return [(name, posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")) for name, target in named if target]


def _walk(archive: zipfile.ZipFile, part: str, *tags: str) -> Iterator[Any]:
    """Yield a part's elements of some tags without holding them."""
    content = io.BytesIO(read_part(archive, part))
    elements: Any = etree.iterparse(content, tag=tags, resolve_entities=False, no_network=True, load_dtd=False)
    for _, element in elements:
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _sheet(archive: zipfile.ZipFile, part: str, percent: set[str], signed: dict[str, Sign], beat: Beat) -> Shown:
    """Return what there is to know of a sheet's cells."""
    percentages: set[Place] = set()
    signs: dict[Place, Sign] = {}
    unvalued = hidden = 0
    for row in _walk(archive, part, f"{_MAIN}row", f"{_MAIN}col"):
        beat()
        hidden += row.get("hidden") in ("1", "true")
        for cell in row.iter(f"{_MAIN}c"):
            style = cell.get("s")
            if (style in percent or style in signed) and cell.get("t", "n") == "n":
                place = place_of(cell.get("r") or "")
                if place is not None and style in percent:
                    percentages.add(place)
                elif place is not None:
                    signs[place] = signed[style]
            if cell.find(f"{_MAIN}f") is not None and not cell.findtext(f"{_MAIN}v"):
                unvalued += 1
    return Shown(frozenset(percentages), signs, {}, unvalued, hidden)


def _texts(archive: zipfile.ZipFile, beat: Beat) -> dict[str, dict[Place, str]]:
    """Return how percentages and money are shown in the sheets of OpenDocument, which tells it beside the values."""
    sheets: dict[str, dict[Place, str]] = {}
    tops: Counter[str] = Counter()
    for row in _walk(archive, "content.xml", f"{_TABLE}table-row"):
        beat()
        name = next(row.iterancestors(f"{_TABLE}table"), row).get(f"{_TABLE}name") or ""
        texts, top, left = sheets.setdefault(name, {}), tops[name], 0
        tops[name] += _repeated(row, "rows")
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            begun, left = left, left + _repeated(cell, "columns")
            if cell.get(f"{_OFFICE}value-type") in ("percentage", "currency"):
                told = one_line(" ".join("".join(words.itertext()) for words in cell.iterchildren(f"{_TEXT}p")))
                down, across = range(top, min(tops[name], top + _MOST_REPEATED)), range(begun, min(left, begun + _MOST_REPEATED))
                texts |= {(line, column): told for line in down for column in across}
    return sheets


def _repeated(element: Any, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated") or "1")
