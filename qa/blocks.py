"""Paragraphs, list items, table rows and labelled lines of a text: what no sentence crosses."""

import re
from collections.abc import Iterator
from itertools import pairwise

BULLETS = "•‣·▪▫◦⁃●○■□◆◇▶▸►➢➣➤★☆\uf0a7\uf0b7"
"""The last two are those of Word's symbol fonts, as PDFs have them."""

WRAPPED = 45
"""Characters from which on a line may end where it does because it was full."""

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
_ITEM = re.compile(rf"(?:\r\n?|\n)(?=[^\S\r\n]*(?:{_MARK}|\|)[^\S\r\n])")
ITEM_MARK = re.compile(rf"{_MARK}\s+")

_LINE = re.compile(r"[^\r\n]+")
_LABEL = re.compile(
    r"[^\S\r\n]*(?:> ?)*[*_]{0,2}[A-ZÀ-ÖØ-Þ][\w'’&/.()-]{0,30}(?: [\w'’&/.()-]{1,30}){0,3}[*_]{0,2}:[*_]{0,2}(?=\s|\Z)"
)


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
    cuts = {match.end() for match in _PARAGRAPH_BREAK.finditer(text, start, end)}
    cuts.update(match.end() for match in _ITEM.finditer(text, start, end))
    edges = [start, *sorted(cut for cut in cuts if start < cut < end), end]
    for first, last in pairwise(edges):
        yield from pairwise([first, *(cut for cut in _labelled(text, first, last) if cut > first), last])
