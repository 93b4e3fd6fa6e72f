"""The lines that are ruled on a PDF's page, and the cells that they part from one another."""

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa.formats.boxes import Box, Placing, placing

MOST_OBJECTS = 20_000
MOST_SEGMENTS = 2_000
MOST_RULES = 300
"""A page that draws more is a map or a chart, whose lines part no words."""

MOST_CELLS = 1_500

_THIN = 3.0
_STRAIGHT = 1.0
_SAME_LINE = 1.6
_NEAR = 4.0
_TOUCHING = 3.0
_COVERED = 0.6
_LEAST = 5.0
_PATH = pdfium_c.FPDF_PAGEOBJ_PATH


class Cell(NamedTuple):
    """Hold a cell of a ruled table: its place, its first row and column, and how many of each it spans."""

    place: Box
    row: int
    column: int
    rows: int
    columns: int


class Grid(NamedTuple):
    """Hold a ruled table: its place, where its rows and columns begin and end, and its cells as they are read."""

    place: Box
    tops: tuple[float, ...]
    lefts: tuple[float, ...]
    cells: tuple[Cell, ...]


class _Rule(NamedTuple):
    """Hold a line that runs across or down: how far from the page's edge, and from where to where."""

    at: float
    start: float
    end: float


def read_rules(page: pdfium.PdfPage) -> list[Box]:
    """Return the lines that a page rules and the edges of its rectangles, as flat boxes; none of a page that draws much more."""
    found: list[Box] = []
    shown = placing(page, *page.get_size())
    budget = MOST_SEGMENTS
    count = pdfium_c.FPDFPage_CountObjects(page.raw)
    for index in range(count if count <= MOST_OBJECTS else 0):
        item = pdfium_c.FPDFPage_GetObject(page.raw, index)
        if pdfium_c.FPDFPageObj_GetType(item) != _PATH:
            continue
        segments = pdfium_c.FPDFPath_CountSegments(item)
        budget -= segments
        if budget < 0:
            return []
        found += _edges(item, segments, shown)
    return found


def _edges(item: Any, segments: int, shown: Placing) -> Iterator[Box]:
    """Yield the straight lines of a path; of a rectangle too thin to hold words, itself."""
    own = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(item, own)
    a, b, e, c, d, f = shown
    x, y = ctypes.c_float(), ctypes.c_float()
    outline: list[tuple[float, float]] = []
    for number in range(segments):
        segment = pdfium_c.FPDFPath_GetPathSegment(item, number)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        across = own.a * x.value + own.c * y.value + own.e
        down = own.b * x.value + own.d * y.value + own.f
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            yield from _straight(outline)
            outline = []
        if kind == pdfium_c.FPDF_SEGMENT_BEZIERTO:
            return  # something drawn
        outline.append((a * across + b * down + e, c * across + d * down + f))
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            outline.append(outline[0])
    yield from _straight(outline)


def _straight(outline: Sequence[tuple[float, float]]) -> Iterator[Box]:
    """Yield what an outline rules, where all of it runs across or down."""
    if len(outline) < 2:
        return
    edges = [Box(min(x, u), min(y, v), max(x, u), max(y, v)) for (x, y), (u, v) in pairwise(outline)]
    if any(min(edge.right - edge.left, edge.bottom - edge.top) > _STRAIGHT for edge in edges):
        return
    whole = Box(*map(min, list(zip(*edges, strict=True))[:2]), *map(max, list(zip(*edges, strict=True))[2:]))
    thin = min(whole.right - whole.left, whole.bottom - whole.top) < _THIN
    yield from [whole] if thin else edges


def grids(boxes: Iterable[Box]) -> list[Grid]:
    """Return the tables that ruled lines make: two rows and columns at least, every cell a rectangle."""
    across, down = [], []
    for box in boxes:
        width, height = box.right - box.left, box.bottom - box.top
        if width > height and width > _LEAST:
            across.append(_Rule((box.top + box.bottom) / 2, box.left, box.right))
        elif height > _LEAST:
            down.append(_Rule((box.left + box.right) / 2, box.top, box.bottom))
    across, down = _joined(across), _joined(down)
    if max(len(across), len(down)) > MOST_RULES:
        return []
    found = (_grid(*group) for group in _crossing(across, down))
    return [grid for grid in found if grid is not None]


def _joined(rules: list[_Rule]) -> list[_Rule]:
    """Return rules with those that go on from one another made one."""
    kept: list[_Rule] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.at), rule.start)):
        number = len(kept) - 1
        while number >= 0 and rule.at - kept[number].at < _NEAR and not _goes_on(kept[number], rule):
            number -= 1
        if number < 0 or not _goes_on(kept[number], rule):
            kept.append(rule)
        else:
            kept[number] = _Rule(kept[number].at, min(kept[number].start, rule.start), max(kept[number].end, rule.end))
    return kept


def _goes_on(one: _Rule, other: _Rule) -> bool:
    along = one.start < other.end + _TOUCHING and other.start < one.end + _TOUCHING
    return along and abs(one.at - other.at) < _SAME_LINE


def _crossing(across: Sequence[_Rule], down: Sequence[_Rule]) -> Iterator[tuple[list[_Rule], list[_Rule]]]:
    """Yield the groups of rules that cross or touch one another."""
    left = set(range(len(down)))
    waiting = set(range(len(across)))
    while waiting:
        rows, columns, seen = [waiting.pop()], [], 0
        while seen < len(rows):
            row = across[rows[seen]]
            seen += 1
            for number in [number for number in left if _meet(row, down[number])]:
                left.discard(number)
                columns.append(number)
                more = {other for other in waiting if _meet(across[other], down[number])}
                waiting -= more
                rows += more
        yield [across[number] for number in rows], [down[number] for number in columns]


def _meet(across: _Rule, down: _Rule) -> bool:
    return (
        across.start - _TOUCHING < down.at < across.end + _TOUCHING and down.start - _TOUCHING < across.at < down.end + _TOUCHING
    )


def _places(rules: Sequence[_Rule], others: Sequence[_Rule]) -> list[float]:
    """Return where rules are, each place once, and where those that cross them end: tables often have no edge at their sides."""
    places: list[float] = []
    for at in sorted([*(rule.at for rule in rules), min(rule.start for rule in others), max(rule.end for rule in others)]):
        if not places or at - places[-1] > _NEAR:
            places.append(at)
    return places


def _parted(rules: Sequence[_Rule], at: float, start: float, end: float) -> bool:
    """Tell whether rules run along a cell's edge."""
    own = (min(rule.end, end) - max(rule.start, start) for rule in rules if abs(rule.at - at) <= _NEAR)
    return sum(max(0.0, part) for part in own) > _COVERED * (end - start)


def _grid(across: Sequence[_Rule], down: Sequence[_Rule]) -> Grid | None:
    """Return the table of rules that cross one another; None where they make none."""
    if not across or not down:
        return None
    tops, lefts = _places(across, down), _places(down, across)
    rows, columns = len(tops) - 1, len(lefts) - 1
    if rows < 2 or columns < 2 or rows * columns > MOST_CELLS:
        return None
    owner = {(row, column): (row, column) for row in range(rows) for column in range(columns)}

    def merge(one: tuple[int, int], other: tuple[int, int]) -> None:
        first, last = sorted((owner[one], owner[other]))
        if first != last:
            for place, held in owner.items():
                if held == last:
                    owner[place] = first

    for row, column in list(owner):
        top, bottom, left, right = tops[row], tops[row + 1], lefts[column], lefts[column + 1]
        if column + 1 < columns and not _parted(down, right, top, bottom):
            merge((row, column), (row, column + 1))
        if row + 1 < rows and not _parted(across, bottom, left, right):
            merge((row, column), (row + 1, column))
    cells = []
    for first in sorted(set(owner.values())):
        held = [place for place, own in owner.items() if own == first]
        last_row, last_column = max(row for row, _ in held), max(column for _, column in held)
        first_column = min(column for _, column in held)
        spanned = (last_row - first[0] + 1, last_column - first_column + 1)
        if spanned[0] * spanned[1] != len(held):
            return None
        place = Box(lefts[first_column], tops[first[0]], lefts[last_column + 1], tops[last_row + 1])
        cells.append(Cell(place, first[0], first_column, *spanned))
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Grid(Box(lefts[0], tops[0], lefts[-1], tops[-1]), tuple(tops), tuple(lefts), tuple(cells))
