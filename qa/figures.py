"""Choose among a sentence's figures and cells the one that a question means: the value of 2021/22, not that of the year before.

A reader of a few million weights takes the first of two figures that stand beside each other. Where each plainly belongs to
a time of its own, or to a header of its own, the question says which.
"""

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from qa.amounts import AMOUNT
from qa.records import Span
from qa.text import stems
from qa.years import FOUR_DIGITS, MONTH, Years, agree, years_of

_YEAR = rf"{FOUR_DIGITS}(?:\s?[-–/]\s?(?:\d{{4}}|\d{{2}})(?!\d)|s\b)?"
_TIME = re.compile(
    rf"(?<![\w£$€.,])(?:(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)? )?(?P<month>{MONTH})\b(?:,? (?P<its>{_YEAR}))?|(?P<year>{_YEAR}))"
    r"(?![\d%])"
)
_FIGURE = re.compile(AMOUNT)
# "143 in March 2022", "41,870 visitors in 2023": a figure, and soon after it its time; "6 more than in 2022" is not of 2022.
_THEN = re.compile(
    r"(?!.*\bthan\b)[^,;:()]{0,40}\b(?:in|at|on|by|for|during|of|to)\s(?:the |end of |year |financial year |season ){0,3}$"
)
# "2022 (39,500", "2022: 412", "November 2021, 31": a time, and right after it its figure.
_RIGHT_AFTER = re.compile(r"^[\s(:,=–-]{1,3}$")
# "Header: value" of a row that reads so, a value of "one; two" too; a row's cells of Markdown, and the rule under its headers.
_CELL = re.compile(r"(?:^|; )(?P<header>[^;:]{1,80}): (?P<value>[^;]+(?:; (?![^;:]{1,80}: )[^;]+)*)")
_MISSING = re.compile(
    r"\W*|n\.?/?a\.?|nil|none|closed|tb[ac]|unknown|not (?:applicable|available|known|open|recorded|published|stated)",
    re.IGNORECASE,
)
_CELL_OF_ROW = re.compile(r"(?<=\|)[^|\r\n]*(?=\|)")
_TABBED = re.compile(r"[^\t\r\n]+")
CELL_CHARACTERS = 60
"""Longest cell that is quoted whole for a word of it."""

_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")


class _Time(NamedTuple):
    """Hold a time that a text names, and where."""

    span: Span
    day: str | None
    month: str | None
    years: tuple[Years, ...]

    def agrees(self, other: "_Time") -> bool:
        """Tell whether two times share a part, and differ in none that both have."""
        shared = [one == its for one, its in ((self.day, other.day), (self.month, other.month)) if one and its]
        if self.years and other.years:
            shared.append(any(agree(one, its) for one in self.years for its in other.years))
        return bool(shared) and all(shared)


def _times(text: str) -> list[_Time]:
    return [
        _Time(Span(*found.span()), found["day"], found["month"], tuple(years_of(found["its"] or found["year"] or "")))
        for found in _TIME.finditer(text)
    ]


def of_the_time_asked(question: str, sentence: str, marked: Span) -> Span:
    """Return the figure of the time that a question asks about where the marked one is another time's; else the marked words.

    Only where the sentence joins exactly one figure to that time and the marked words hold no figure joined to it.
    """
    asked = _times(question)
    if not asked:
        return marked
    meant = {figure for time, figure in _joins(sentence) if any(time.agrees(one) for one in asked)}
    held = [
        figure for figure in _figures(sentence, _times(sentence)) if marked.start <= figure.start and figure.end <= marked.end
    ]
    if len(meant) != 1 or len(held) != 1 or held[0] in meant:
        return marked
    figure, unit = meant.pop(), sentence[held[0].end : marked.end]
    return Span(figure.start, figure.end + len(unit) if sentence.startswith(unit, figure.end) else figure.end)


def _figures(sentence: str, times: Sequence[_Time]) -> list[Span]:
    found = (Span(*one.span()) for one in _FIGURE.finditer(sentence))
    return [
        figure for figure in found if not any(figure.start < time.span.end and time.span.start < figure.end for time in times)
    ]


def _joins(sentence: str) -> list[tuple[_Time, Span]]:
    """Return the figures of a sentence that stand beside a time, each with it."""
    times = _times(sentence)
    figures = _figures(sentence, times)
    return [(time, figure) for time in times for figure in figures if _joined(sentence, time.span, figure)]


def _joined(sentence: str, time: Span, figure: Span) -> bool:
    if figure.end <= time.start:
        between = sentence[figure.end : time.start]
        return bool(_THEN.fullmatch(between)) and not _FIGURE.search(between)
    return bool(_RIGHT_AFTER.match(sentence[time.end : figure.start]))


class _Cell(NamedTuple):
    """Hold a cell of a table's row: what its header says, and where the header and the value stand in the sentence."""

    header: str
    named: Span
    value: Span


def _cells(sentence: str) -> list[_Cell]:
    """Return the cells of a row that reads "Header: value; Header: value"; none of a sentence that is no row."""
    found = list(_CELL.finditer(sentence))
    whole = len(found) >= 2 and found[0].start() == 0 and all(one.end() == other.start() for one, other in pairwise(found))
    return [_Cell(one["header"], Span(*one.span("header")), Span(*one.span("value"))) for one in found] if whole else []


def is_row(sentence: str) -> bool:
    """Tell whether a sentence is a row of a table: "Header: value; Header: value", or cells between tabs or bars."""
    return len(_cells(sentence)) > 1 or "\t" in sentence.strip() or bool(_CELL_OF_ROW.search(sentence))


def _piped(sentence: str, headers: Sequence[str]) -> list[_Cell]:
    """Return the cells of a row of Markdown under its headers, empty ones too; none where it has not as many."""
    found = list(_CELL_OF_ROW.finditer(sentence))
    if len(found) != len(headers):
        return []
    starts = [cell.start() + len(cell.group()) - len(cell.group().lstrip()) for cell in found]
    values = [Span(start, start + len(cell.group().strip())) for start, cell in zip(starts, found, strict=True)]
    return [_Cell(header, Span(0, 0), value) for header, value in zip(headers, values, strict=True)]


def headers_above(sentences: Sequence[str], number: int) -> tuple[str, ...]:
    """Return the headers of the Markdown table that a sentence is a row of, by its passage's sentences; none of another."""
    if not sentences[number].lstrip().startswith("|"):
        return ()
    lines = [line for sentence in sentences[:number] for line in sentence.splitlines()]
    rows = list(takewhile(lambda line: line.lstrip().startswith("|"), reversed(lines)))
    rule = next((place for place, row in enumerate(rows) if _RULE.fullmatch(row)), len(rows))
    return tuple(map(str.strip, _CELL_OF_ROW.findall(rows[rule + 1]))) if rule + 1 < len(rows) else ()


def of_the_header_asked(question: str, sentence: str, marked: Span, headers: Sequence[str] = ()) -> Span:
    """Return the value under the header that a question names better than any other of a row; else the marked words.

    `headers` are those of a Markdown table whose row the sentence is. Where the marked words are a header themselves and
    none is named better, all of the row.
    """
    cells = _piped(sentence, headers) if headers else _cells(sentence)
    if len(cells) < 2:
        return marked
    meant = _meant(question, sentence, cells)
    at = next((cell for cell in cells if cell.named.start <= marked.start and marked.end <= cell.value.end), None)
    if meant and (meant is not at or marked.start < at.named.end):
        return meant.value if meant.value.start < meant.value.end else Span(0, len(sentence))
    return Span(0, len(sentence)) if at and marked.start < at.named.end else marked


def cell_named(question: str, sentence: str, headers: Sequence[str] = ()) -> Span | None:
    """Return the value of a row that a query names by its header: "revenue 2021" of "Measure: Revenue; 2021: 8; 2022: 9".

    Only one figure, or what stands under a header that is named whole. Of another sentence the one figure that it joins to
    the time which the query names; None of none.
    """
    cells = _piped(sentence, headers) if headers else _cells(sentence)
    if len(cells) < 2:
        figures = {figure for time, figure in _joins(sentence) if any(time.agrees(one) for one in _times(question))}
        return figures.pop() if len(figures) == 1 else None
    meant = _meant(question, sentence, cells)
    if meant is None or meant.value.start == meant.value.end:
        return None
    figures_held = len(_FIGURE.findall(sentence[meant.value.start : meant.value.end]))
    return meant.value if figures_held == 1 or set(stems(meant.header)) <= set(stems(question)) else None


def whole_cell(sentence: str, marked: Span, headers: Sequence[str] = ()) -> Span:
    """Return all of a short cell of which words are marked, "Diaphragm torn" for "Diaphragm"; the marked words outside a row."""
    cells = [cell.value for cell in _row(sentence, headers)]
    held = (cell for cell in cells if cell.start <= marked.start and marked.end <= cell.end <= cell.start + CELL_CHARACTERS)
    return next(held, marked)


def one_cell(question: str, sentence: str, marked: Span, headers: Sequence[str] = ()) -> Span:
    """Return the value of the cell in which most of the words stand that cross from a cell into another; else the marked words.

    Not a value that the question says itself: of "Code: E2; Cause" the cause answers "What does E2 mean?".
    """

    def shared(cell: _Cell) -> int:
        return min(cell.value.end, marked.end) - max(min(cell.named.start, cell.value.start), marked.start)

    crossed = [cell for cell in _row(sentence, headers) if shared(cell) > 0 and cell.value.start < cell.value.end]
    asked = set(stems(question))
    new = [cell for cell in crossed if not _said(cell, sentence, asked)]
    return max(new, key=shared).value if len(crossed) > 1 and new else marked


def _row(sentence: str, headers: Sequence[str]) -> list[_Cell]:
    """Return the cells of a row of any kind, those between tabs without headers."""
    cells = _piped(sentence, headers) if headers else _cells(sentence)
    if cells or "\t" not in sentence:
        return cells
    values = (Span(*found.span()) for found in _TABBED.finditer(sentence))
    return [_Cell("", Span(value.start, value.start), value) for value in values]


def _meant(question: str, sentence: str, cells: Sequence[_Cell]) -> _Cell | None:
    """Return the cell whose header a question names better than any other's; None where none or several are."""
    asked = set(stems(question))
    named = [set(stems(cell.header)) for cell in cells]
    best = max(len(asked & header) for header in named)
    # What names the row is not what is asked of it: "Ticket: Adult" where the question says "adult ticket".
    meant = [
        (cell, header)
        for cell, header in zip(cells, named, strict=True)
        if len(asked & header) == best and not _said(cell, sentence, asked)
    ]
    # "Visitors", not "Visitors abroad", where no more than visitors is asked for.
    wholly = [(cell, header) for cell, header in meant if header <= asked]
    meant = wholly if len(wholly) == 1 else meant
    return meant[0][0] if best and len(meant) == 1 else None


def is_missing(text: str) -> bool:
    """Tell whether a cell's text says that there is nothing to tell: n/a, –, closed."""
    return bool(_MISSING.fullmatch(text.strip()))


def _said(cell: _Cell, sentence: str, asked: set[str]) -> bool:
    told = stems(sentence[cell.value.start : cell.value.end])
    return bool(told) and asked.issuperset(told)
