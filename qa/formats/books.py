"""Read electronic books (EPUB): their chapters in the order of the book's spine."""

import posixpath
from typing import Any
from urllib.parse import unquote, urldefrag

from lxml import etree, html

from qa.coverage import Coverage
from qa.formats.archive import open_archive, read_part, read_xml
from qa.formats.blocks import Blocks
from qa.formats.elements import as_utf8
from qa.formats.parsed import Beat, Parsed, Unreadable, file_date, one_line
from qa.formats.web import add_element

_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_RIGHTS = frozenset(("META-INF/rights.xml", "META-INF/license.lcpl"))
_LOCKED = "locked by its seller; use a copy without digital rights management"
_DAMAGED = "corrupt, or no EPUB; open it in its own program and save a copy"


def _all(root: Any, name: str) -> list[Any]:
    """Return the elements of a name, whatever their namespace."""
    return [element for element in root.iter() if isinstance(element.tag, str) and element.tag.rpartition("}")[2] == name]


def _part(folder: str, address: str) -> str:
    """Return the name in the archive of what an address in a folder refers to."""
    return posixpath.normpath(posixpath.join(folder, unquote(urldefrag(address).url)))


def parse_epub(data: bytes, beat: Beat) -> Parsed:
    """Read a book; raises Unreadable where it is none or is locked by its seller."""
    blocks, missing = Blocks(), []
    with open_archive(data, "EPUB") as archive:
        parts = frozenset(archive.namelist())
        if _RIGHTS & parts:
            raise Unreadable(_LOCKED)
        try:
            roots = _all(read_xml(archive, _CONTAINER), "rootfile")
            path = roots[0].get("full-path") or ""
            package = read_xml(archive, path)
            locked = _all(read_xml(archive, _ENCRYPTION), "CipherReference") if _ENCRYPTION in parts else []
        except (KeyError, IndexError, etree.XMLSyntaxError):
            raise Unreadable(_DAMAGED) from None
        items = {item.get("id"): item.get("href") or "" for item in _all(package, "item")}
        spine = [items[entry.get("idref")] for entry in _all(package, "itemref") if entry.get("idref") in items]
        chapters = [_part(posixpath.dirname(path), chapter) for chapter in spine]
        if not {_part("", reference.get("URI") or "") for reference in locked}.isdisjoint(chapters):  # fonts often are
            raise Unreadable(_LOCKED)
        for name in chapters:
            try:
                page = html.document_fromstring(
                    as_utf8(read_part(archive, name)), parser=html.HTMLParser(encoding="utf-8", no_network=True)
                )
            except (KeyError, etree.ParserError):
                missing.append(name)
                continue
            body = page.find("body")
            add_element(blocks, page if body is None else body, beat)

    def told(name: str) -> str:
        found = next(package.iter(_DC + name), None)
        return one_line(found.text or "") if found is not None else ""

    notes = (f"chapters that could not be read: {', '.join(missing[:20])}",) if missing else ()
    names = ("title", "publisher", "language")
    metadata = {name: told(name) for name in names} | {"author": told("creator"), "date": file_date(told("date"))}
    metadata = {name: value for name, value in metadata.items() if not value.startswith("Unknown ")}
    return blocks.parsed(metadata, Coverage(notes=notes))
