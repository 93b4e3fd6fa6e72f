"""What a workbook's values alone don't tell: its title, which are shown as percentages, which formulas have no value saved."""

import io
import posixpath
import re
import zipfile
import zlib
from typing import Any, NamedTuple

from lxml import etree

from qa.formats.archive import UNPACKED_BYTES, open_archive, read_xml
from qa.formats.parsed import Beat, Unreadable, file_date, one_line

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PERCENT = {"9", "10"}
"""The percentages among the number formats that every workbook has without naming them."""

_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_QUOTED = re.compile(r'"[^"]*"|\\.')

_DAMAGED = (Unreadable, KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError)
_WRITER = "openpyxl"

Place = tuple[int, int]
"""A cell's row and column, from 0."""


class Shown(NamedTuple):
    """Hold the cells that are shown as percentages, and how many formulas of a sheet have no value."""

    percentages: frozenset[Place]
    unvalued: int


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
    """Return what there is to know of an Excel workbook's sheets, by their names; nothing of other formats."""
    if not data.startswith(b"PK"):
        return {}
    try:
        with open_archive(data, "workbook") as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return {}
            percent = _percent_styles(archive)
            return {name: _sheet(archive, part, percent, beat) for name, part in _parts(archive)}
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


def _percent_styles(archive: zipfile.ZipFile) -> set[str]:
    """Return the numbers of the styles that show a number as a percentage."""
    root = read_xml(archive, "xl/styles.xml")
    formats = {
        item.get("numFmtId") for item in root.iter(f"{_MAIN}numFmt") if "%" in _QUOTED.sub("", item.get("formatCode") or "")
    }
    styles = root.find(f"{_MAIN}cellXfs")
    return {
        str(number)
        for number, style in enumerate(() if styles is None else styles)
        if style.get("numFmtId") in formats | _PERCENT
    }


def _parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return the sheets' names and where in the archive they are."""
    links = {item.get("Id"): item.get("Target") or "" for item in read_xml(archive, "xl/_rels/workbook.xml.rels")}
    sheets = read_xml(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet")
    named = [(sheet.get("name") or "", links.get(sheet.get(_RELATION), "")) for sheet in sheets]
    return [(name, posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")) for name, target in named if target]


def _sheet(archive: zipfile.ZipFile, part: str, percent: set[str], beat: Beat) -> Shown:
    """Walk through a sheet's cells without holding them."""
    percentages: set[Place] = set()
    unvalued = 0
    with archive.open(part) as file:
        content = io.BytesIO(file.read(min(archive.getinfo(part).file_size, UNPACKED_BYTES) + 1))
    rows: Any = etree.iterparse(content, tag=f"{_MAIN}row", resolve_entities=False, no_network=True, load_dtd=False)
    for _, row in rows:
        beat()
        for cell in row.iter(f"{_MAIN}c"):
            if cell.get("s") in percent and cell.get("t", "n") == "n":
                place = place_of(cell.get("r") or "")
                if place is not None:
                    percentages.add(place)
            if cell.find(f"{_MAIN}f") is not None and not cell.findtext(f"{_MAIN}v"):
                unvalued += 1
        row.clear()
        while row.getprevious() is not None:
            del row.getparent()[0]
    return Shown(frozenset(percentages), unvalued)
