"""Read web pages (HTML, MHTML): the main text, headings, tables as rows."""

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from lxml import etree, html

from qa.coverage import Coverage
from qa.formats.blocks import SPANNED, Blocks, header_of, row_text
from qa.formats.elements import BLOCKS, as_utf8, count_hidden, is_hidden, is_skipped, main_of, one_blank, tag_of, unfold, words_of
from qa.formats.numerals import numeral
from qa.formats.parsed import Beat, Parsed, Unreadable, file_date, one_line

_HEADING = re.compile(r"h([1-6])$")
_DATES = ("article:published_time", "date", "dc.date", "dcterms.date", "dcterms.created", "publication_date")
_NUMERALS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_INTEGER = re.compile(r"-?\d{1,6}", re.ASCII)
_SPANNED = 100
_SENTENCE_ENDS = (".", "!", "?")
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(https?://[^\s<>\"]{1,2000})\s*-->")


def _span(cell: Any, name: str) -> int:
    """Return how many columns or rows a cell spans."""
    span = cell.get(name) or "1"
    return max(1, min(int(span), _SPANNED)) if span.isdigit() and span.isascii() else 1


def _has_name(row: Sequence[Any]) -> bool:
    """Tell whether a row begins with its own name, so that what stands beside it is no column's name either."""
    beside = any(tag_of(cell) == "td" and words_of(cell).strip() for cell in row[1:])
    return beside and tag_of(row[0]) == "th" and bool(words_of(row[0]).strip())


def _is_header(element: Any, row: Sequence[Any]) -> bool:
    """Tell whether a table's first row has the columns' names, as a page marks them; a corner may be empty."""
    corner = len(row) > 1 and not words_of(row[0]).strip()
    marked = len(row) > 1 and tag_of(element.getparent()) == "thead"
    return marked or (bool(row) and all(tag_of(cell) == "th" for cell in row[corner:]))


def _table(element: Any) -> tuple[list[list[str]], list[list[str]], list[str] | None] | None:
    """Return a table's titles, its rows and its header, [] where it surely has none; None for one of layout alone.

    A title is a row of one cell above those of several.
    """
    rows = [row for row in element.iter() if tag_of(row) == "tr" and next(_ancestors(row, "table"), None) is element]
    cells = [[cell for cell in row if tag_of(cell) in ("td", "th")] for row in rows]
    first = next((number for number, row in enumerate(cells) if len(row) > 1), None)
    if first is None:
        return None
    of_rows = _has_name(cells[first]) and tag_of(rows[first].getparent()) != "thead"  # below a title, if it is not the first
    named = not of_rows and len(cells) > first + 1 and _is_header(rows[first], cells[first])
    titled = len(cells[0]) == 1 and _is_header(rows[0], cells[0])
    layout = ("table",) if named or of_rows or titled else ("table", "h1", "h2", "h3", "ul", "ol")
    if any(tag_of(inner) in layout for row in cells for cell in row for inner in cell.iter()):
        return None
    texts: list[list[str]] = []
    spanning: dict[int, tuple[int, str]] = {}
    for row in cells:
        told: list[str] = []

        def fill(told: list[str] = told) -> None:
            while spanning.get(len(told), (0, ""))[0] > 0:  # a cell that began in a row above stands beside this one too
                left, words = spanning[len(told)]
                spanning[len(told)] = (left - 1, words)
                told.append(words)

        for cell in row:
            fill()
            words, down = words_of(cell), _span(cell, "rowspan")
            for number in range(_span(cell, "colspan")):
                spanning[len(told)] = (down - 1, SPANNED if number else words)
                told.append(SPANNED if number else words)
        fill()
        texts.append(told)
    if named:
        names, depth = header_of(texts[first:])
        if depth < 2 or _has_name(cells[first + 1]):
            names, depth = [" ".join(name.replace(SPANNED, "").split()) for name in texts[first]], 1
        return texts[:first], texts[first + depth :], names
    bare = of_rows or titled or (first > 0 and SPANNED not in texts[first - 1])
    return texts[:first], texts[first:], [] if bare else None


def _ancestors(element: Any, tag: str) -> Iterator[Any]:
    return (parent for parent in element.iterancestors() if tag_of(parent) == tag)


def _marks(element: Any) -> Iterator[str]:
    """Yield what a browser sets before each item of a list: its number or letter, or a bullet."""
    items = [child for child in element if tag_of(child) == "li"]
    style = "".join((element.get("style") or "").lower().split())
    if tag_of(element) != "ol" or "list-style:none" in style or "list-style-type:none" in style:
        yield from ("" if tag_of(element) == "ol" else "•" for _ in items)
        return
    start, step = element.get("start") or "", -1 if element.get("reversed") is not None else 1
    number = int(start) if _INTEGER.fullmatch(start) else len(items) if step < 0 else 1
    kind = _NUMERALS.get(element.get("type") or "1", "decimal")
    for item in items:
        value = item.get("value") or ""
        number = int(value) if _INTEGER.fullmatch(value) else number
        yield f"{numeral(number, kind)}."
        number += step


def _definitions(element: Any) -> list[list[Any]]:
    """Return a list's terms, each with its definitions; [] where it holds anything else."""
    inner = [child for child in element if not is_skipped(child) and not is_hidden(child)]
    items = [part for child in inner for part in (child if tag_of(child) == "div" else [child])]
    loose = any((node.text or "").strip() for node in (element, *inner) if tag_of(node) in ("dl", "div"))
    loose = loose or any((child.tail or "").strip() for child in element)
    if loose or any(tag_of(item) not in ("dt", "dd") or (item.tail or "").strip() for item in items):
        return []
    groups: list[list[Any]] = []
    for before, item in pairwise([None, *items]):
        if before is None or (tag_of(item), tag_of(before)) == ("dt", "dd"):
            groups.append([])
        groups[-1].append(item)
    return groups


def _is_line(item: Any) -> bool:
    """Tell whether a term or a definition is no more than one paragraph."""
    inner = [tag_of(part) for part in item.iterdescendants() if tag_of(part) in BLOCKS]
    return not inner or inner in (["p"], ["div"])


def _defined(group: Sequence[Any]) -> str:
    """Return a term with its definitions as `Term: definition; definition`."""
    told = [(tag_of(item), " ".join(words_of(item).split())) for item in group if not is_hidden(item)]
    term = ", ".join(words.rstrip(" :") for tag, words in told if tag == "dt" and words)
    definition = ""
    for words in (words for tag, words in told if tag == "dd" and words):
        definition += ("" if not definition else " " if definition.endswith(_SENTENCE_ENDS) else "; ") + words
    return (" " if term.endswith(_SENTENCE_ENDS) else ": ").join(filter(None, (term, definition)))


def add_element(blocks: Blocks, element: Any, beat: Beat, mark: str = "") -> None:
    """Add what stands in an element, block by block; an item of a list begins with its mark."""
    beat()
    tag = tag_of(element)
    if not tag or is_skipped(element) or is_hidden(element):
        return
    heading = _HEADING.match(tag)
    mark = mark if tag in ("li", "p", "div") or _HEADING.match(tag) else ""
    if heading:
        number = f"{mark} " if mark != "•" else ""
        blocks.heading(f"{number}{words_of(element)}", int(heading[1]))
        return
    if tag == "pre":
        blocks.paragraph(words_of(element, keep=True))
        return
    if tag == "table":
        found = _table(element)
        if found is not None:
            for caption in (child for child in element if tag_of(child) == "caption"):
                add_element(blocks, caption, beat)
            titles, cells, names = found
            for title in titles:
                blocks.paragraph(row_text((), title))
            blocks.table(cells, names)
            return
    if tag == "dl" and (groups := _definitions(element)):
        for group in groups:
            if all(map(_is_line, group)):
                blocks.paragraph(_defined(group))
                continue
            for item in group:
                add_element(blocks, item, beat)
        return
    run: list[str] = []

    marks = _marks(element) if tag in ("ol", "ul") else iter(())

    def flush() -> None:
        nonlocal mark
        text = "".join(run).strip()
        if text:
            blocks.paragraph(f"{mark} {text}" if mark and not text.startswith(mark) else text)
            mark = ""
        run.clear()

    run.append(one_blank(element.text or ""))
    for child in element:
        name = tag_of(child)
        if name == "br":
            run.append("\n")
        elif name in BLOCKS or (name and any(tag_of(inner) in BLOCKS for inner in child.iterdescendants())):
            flush()
            before = blocks.length
            add_element(blocks, child, beat, next(marks, "•") if name == "li" else mark)
            mark = mark if blocks.length == before else ""
        elif name and not is_skipped(child) and not is_hidden(child):
            run.append(words_of(child))
        run.append(one_blank(child.tail or ""))
    flush()


def parse_html(data: bytes, beat: Beat) -> Parsed:
    """Read a web page; of one that marks its main part, only that is read. Raises Unreadable where it is empty."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(as_utf8(data), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise Unreadable("empty, or no web page; open it in a browser and save a copy") from None
    unfold(root)
    main, body = main_of(root), root.find("body")
    blocks = Blocks()
    notes: tuple[str, ...] = ()
    if main is not None and words_of(main).strip():
        notes = (f"only its {tag_of(main)} part was read, without the page around it",)
    else:
        main = root if body is None else body
    add_element(blocks, main, beat)
    if hidden := count_hidden(main):
        notes = (*notes, f"stretches of hidden words not read: {hidden}")
    return blocks.parsed(_metadata(root) | _saved_from(data), Coverage(notes=notes))


def _saved_from(data: bytes) -> dict[str, str]:
    """Return the address that browsers write into the pages they save."""
    found = _SAVED_FROM.search(data, 0, 4096)
    return {"url": found[1].decode("utf-8", "replace")} if found else {}


def _metadata(root: Any) -> dict[str, str]:
    """Return title, author, date, language and address, where the page tells them."""
    named: dict[str, str] = {}
    for meta in root.iter("meta"):
        key = (meta.get("property") or meta.get("name") or "").lower()
        if key and meta.get("content"):
            named.setdefault(key, one_line(meta.get("content")))
    title = next((one_line(words_of(element)) for element in root.iter("title")), "")
    address = next((link.get("href") for link in root.iter("link") if (link.get("rel") or "").lower() == "canonical"), None)
    date = next((file_date(named[key]) for key in _DATES if key in named), "")
    return {
        "title": named.get("og:title", "") or title,
        "author": named.get("author", ""),
        "publisher": named.get("og:site_name", ""),
        "date": date,
        "language": (root.get("lang") or "").strip(),
        "url": address if address and address.startswith(("http://", "https://")) else "",
    }


def parse_mhtml(data: bytes, beat: Beat) -> Parsed:
    """Read a web page saved with its pictures in one file."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                parsed = parse_html(content, beat)
                address = str(message.get("Snapshot-Content-Location") or part.get("Content-Location") or "").strip()
                told = address.startswith(("http://", "https://")) and "url" not in parsed.metadata
                return replace(parsed, metadata={**parsed.metadata, "url": address}) if told else parsed
    raise Unreadable("no web page is in it; open it in a browser and save it as HTML")
