"""Paragraphs, list items, table rows and labelled lines of a text: what no sentence crosses."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

BULLETS = "•‣·▪▫◦⁃●○■□◆◇▶▸►➢➣➤★☆\uf0a7\uf0b7"
"""The last two are those of Word's symbol fonts, as PDFs have them."""

WRAPPED = 45
"""Characters from which on a line may end where it does because it was full."""

_WRAPPED_AT_MOST = 120
"""No text is wrapped at more characters; a longer line is a paragraph, at whose end a list may begin."""

_PARAGRAPH_BREAK = re.compile(r"(?:\r\n|\r(?!\n)|\n)[^\S\r\n]*(?=[\r\n])\s*")
# "4.2 A tenant" and "1.2.3 DEFINITIONS" are clauses; "3.5 million", "2.4 GHz" and "7.5 Tonnes" are amounts, "9.30 Coffee" tells a
# time, as "4.15 A tenant" well might, and "3.5.24" a day.
_CLAUSE = (
    r"(?!\d{1,2}\.[0-5][05]\s|\d{1,2}\.\d{1,2}\.\d\d\s)[1-9]\d?(?:\.[1-9]\d?){1,4}\.?"
    r"(?=\s+[\"“‘'(]*(?:(?!(?:Hz|Nm|Pa|Wh|Mb|Gb|Kg|Km|[MBT]n|Per|Percent|[MB]illion|Tonn?es?|Metres?|Degrees?)\b)[A-Z][a-z]|[AI]\s|[A-Z]{4}))"
)
_MARK = (
    rf"(?:[-*+{BULLETS}]|{_CLAUSE}|\d{{1,3}}[A-Z]?\."
    # "(a) above" and "(2) of the Act" at a line's start are words of the sentence.
    r"|\(?(?:\d{1,3}[A-Z]?|[A-Za-z]|[ivx]{2,5})\)(?: ?\((?:\d{1,3}|[a-z]|[ivx]{2,5})\))?"
    r"(?!\s+(?:(?:of|above|below)\b|(?:and|or|to) \()))"
)
# A list item or a table row starts a unit of its own.
_ITEM = re.compile(rf"(?:\r\n?|\n)(?=[^\S\r\n]*({_MARK}|\|)[^\S\r\n])")
ITEM_MARK = re.compile(rf"{_MARK}\s+")
# A sentence may have these at a line's start: "The fee is £", "45. It can be paid by card."
_DOUBTFUL = re.compile(r"(\(?)(\d{1,3})([.)])|[-*+]")
# What leads to a list ends so, and so does an item of most; so do a row and a rule.
_STOP = re.compile(r"[.!?:;…。！？–—|][\"”’')\]*_`]*$|[-=~_*#+]{3}$")
_LINE_END = re.compile(r"[\r\n]")

_LINE = re.compile(r"[^\r\n]+")
_LABEL = re.compile(
    r"[^\S\r\n]*(?:> ?)*[*_]{0,2}[A-ZÀ-ÖØ-Þ][\w'’&/.()-]{0,30}(?: [\w'’&/.()-]{1,30}){0,3}[*_]{0,2}:[*_]{0,2}(?=\s|\Z)"
)
_GAP = re.compile(r"(?<=\S)(?: [ \t]|\t)[ \t]*(?=\S)")
"""What parts the columns of a table drawn with blanks."""


def _place(mark: str) -> tuple[str, int] | None:
    """Return the kind and the number of a mark that may be a word of a sentence; 0 where it has none."""
    found = _DOUBTFUL.fullmatch(mark)
    return (f"{found[1]}1{found[3]}", int(found[2])) if found and found[2] else (mark, 0) if found else None


def _goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether the line that ends at `end` may end there because it was full, in the middle of a sentence."""
    line = _LINE_END.split(text[max(start, end - _WRAPPED_AT_MOST - 1) : end])[-1].rstrip()
    return WRAPPED <= len(line) <= _WRAPPED_AT_MOST and not _STOP.search(line)


def _items(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where the items and rows of a paragraph begin.

    After a full line that ends no sentence, a mark is one only in a paragraph that has the number before or after it, or
    the same mark again.
    """
    found = [*_ITEM.finditer(text, start, end)]
    opening = ITEM_MARK.match(text, start, end)
    places = [_place(match[1]) for match in found]
    counted = Counter([*places, _place(opening.group().strip()) if opening else None])
    for match, place in zip(found, places, strict=True):
        if place and _goes_on(text, start, match.start()):
            kind, number = place
            if counted[place] < 2 and (kind, number - 1) not in counted and (kind, number + 1) not in counted:
                continue
        yield match.end()


def _is_row(line: str) -> bool:
    """Tell whether a line has the gaps of a table's row, not those of two blanks here and there that fill a justified line."""
    gaps = _GAP.findall(line)
    return len(gaps) > 1 and (2 * len(gaps) >= len(line.split()) - 1 or any(len(gap) > 2 or "\t" in gap for gap in gaps))


def _rows(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where the rows of a block begin whose columns blanks part, of two or more in a row, and what follows the last.

    A line that is indented more than the row above it goes on with it.
    """
    run: list[int] = []
    for line in _LINE.finditer(text, start, end):
        if _is_row(line.group()):
            run.append(line.start())
        elif run and _indent(text, line.start()) <= _indent(text, run[-1]):
            if len(run) > 1:
                yield from (*run, line.start())
            run = []
    if len(run) > 1:
        yield from run


def _labelled(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where the lines of a block begin that have a label ("Apologies: …", "From: …"), of two or more in a row.

    Also where what follows the last begins. An indented line goes on with the label above it, as one does after a full line
    or after a label alone.
    """
    if text.count(":", start, end) < 2:
        return
    run: list[int] = []
    indent = 0
    alone = full = False
    for line in _LINE.finditer(text, start, end):
        words, indented = line.group(), _indent(text, line.start())
        if label := _LABEL.match(words):
            run.append(line.start())
            indent, alone = indented, label.end() == len(words.rstrip())
        elif run and not (alone or full or indented > indent):
            if len(run) > 1:
                yield from (*run, line.start())
            run = []
        full = len(words.rstrip()) >= WRAPPED
    if len(run) > 1:
        yield from run


def _indent(text: str, start: int) -> int:
    """Return how many blanks stand at the beginning of the line whose words, or blanks before them, begin at `start`."""
    first = start
    while first > 0 and text[first - 1] in " \t":
        first -= 1
    while start < len(text) and text[start] in " \t":
        start += 1
    return start - first


def blocks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs, list items, table rows and labelled lines of a stretch, tiling it."""
    breaks = [match.end() for match in _PARAGRAPH_BREAK.finditer(text, start, end)]
    for paragraph, below in pairwise([start, *(cut for cut in breaks if start < cut < end), end]):
        edges = [paragraph, *(cut for cut in _items(text, paragraph, below) if cut < below), below]
        for first, last in pairwise(edges):
            cuts = {*_labelled(text, first, last), *_rows(text, first, last)}
            yield from pairwise([first, *sorted(cut for cut in cuts if cut > first), last])
