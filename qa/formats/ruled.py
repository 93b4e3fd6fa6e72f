"""Read the tables that a PDF rules: which words stand in which cell, and the rows as they are read.

The lines say for certain where a cell ends, however many lines its words take; which row is the header is told as in
tables without lines.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from qa.formats.boxes import UNIT, Box, Piece, Sheet, union
from qa.formats.glyphs import HYPHENS
from qa.formats.rules import Grid, grids
from qa.formats.tables import Cell, named_rows

_WORD = re.compile(r"\S+")
_FILLED = 0.5
_OVERLAP = 0.3


class Table(NamedTuple):
    """Hold a ruled table: where it stands among a page's pieces and on the page, and its rows of named cells."""

    first: int
    place: Box
    rows: list[list[Cell]]
    named: bool


def take_tables(sheet: Sheet) -> tuple[list[Piece], list[Table]]:
    """Return the pieces of a page that stand in no ruled table, and the tables, in the order of the file.

    A table's `first` is how many of the other pieces come before it.
    """
    others = list(sheet.pieces)
    tables: list[Table] = []
    for ruled in grids(sheet.rules):
        grid = _split(ruled, others)
        outside, held, first = _divided(others, grid, sheet)
        rows = _rows(grid, held)
        if not _is_table(grid, held, rows):
            continue
        told, named = named_rows(rows)
        moved = [table._replace(first=_before(table.first, others, outside)) for table in tables]
        tables = [*moved, Table(first, grid.place, told, named)]
        others = outside
    return others, sorted(tables, key=lambda table: (table.first, table.place.top))


def _split(grid: Grid, pieces: Sequence[Piece]) -> Grid:
    """Return a grid with the cells parted that no line parts but whose words keep to the columns, as in rows that are shaded."""
    cells = []
    for cell in grid.cells:
        edges = grid.lefts[cell.column + 1 : cell.column + cell.columns]
        held = [piece.place for piece in pieces if _inside(piece.place, cell.place)] if edges else []
        crossed = any(place.left < edge - 1 and place.right > edge + 1 for place in held for edge in edges)
        if crossed or len({sum(place.left >= edge - 1 for edge in edges) for place in held}) < 2:
            cells.append(cell)
            continue
        bounds = [cell.place.left, *edges, cell.place.right]
        for number, (left, right) in enumerate(pairwise(bounds)):
            place = cell.place._replace(left=left, right=right)
            cells.append(cell._replace(place=place, column=cell.column + number, columns=1))
    return grid._replace(cells=tuple(cells))


def _inside(one: Box, other: Box) -> bool:
    return other.left <= (one.left + one.right) / 2 < other.right and other.top < (one.top + one.bottom) / 2 < other.bottom


def _before(count: int, others: Sequence[Piece], outside: Sequence[Piece]) -> int:
    """Return how many of the pieces that stay come before a place among all of them."""
    kept = {id(piece) for piece in outside}
    return sum(id(piece) in kept for piece in others[:count])


def _divided(pieces: Sequence[Piece], grid: Grid, sheet: Sheet) -> tuple[list[Piece], dict[int, list[Piece]], int]:
    """Return the pieces outside a grid, those in each of its cells, and how many outside come before the first inside.

    A piece that runs over the line between two cells is parted there: little space is between the words of narrow cells.
    """
    outside: list[Piece] = []
    held: dict[int, list[Piece]] = {}
    first = -1
    for piece in pieces:
        middle = (piece.place.top + piece.place.bottom) / 2
        if not (grid.place.top < middle < grid.place.bottom and _meets(piece.place, grid.place)):
            outside.append(piece)
            continue
        for cell, part in _parts(piece, grid, sheet, middle):
            if cell is None:
                outside.append(part)
            else:
                first = len(outside) if first < 0 else first
                held.setdefault(cell, []).append(part)
    return outside, held, max(0, first)


def _meets(one: Box, other: Box) -> bool:
    return one.left < other.right and other.left < one.right


def _parts(piece: Piece, grid: Grid, sheet: Sheet, middle: float) -> Iterator[tuple[int | None, Piece]]:
    """Yield a piece's parts, whole words, each with the number of the cell it stands in; None for what stands in none."""
    beside = [number for number, cell in enumerate(grid.cells) if cell.place.top < middle < cell.place.bottom]

    def cell_at(across: float) -> int | None:
        return next((n for n in beside if grid.cells[n].place.left <= across < grid.cells[n].place.right), None)

    whole = cell_at(piece.place.left + 1), cell_at(piece.place.right - 1)
    if whole[0] == whole[1]:
        yield whole[0], piece
        return
    start, own = 0, whole[0]
    for word in _WORD.finditer(piece.text):
        left, right = piece.boxes[4 * word.start()], piece.boxes[4 * word.end() - 2]
        here = cell_at((left + right) / 2 / UNIT * sheet.width)
        if here != own:
            yield from _cut(piece, start, word.start(), own, sheet)
            start, own = word.start(), here
    yield from _cut(piece, start, len(piece.text), own, sheet)


def _cut(piece: Piece, start: int, end: int, cell: int | None, sheet: Sheet) -> Iterator[tuple[int | None, Piece]]:
    """Yield a part of a piece, without blanks at its edges, unless nothing is left."""
    while end > start and piece.text[end - 1] == " ":
        end -= 1
    if end > start:
        boxes = piece.boxes[4 * start : 4 * end]
        left, right = boxes[0] / UNIT * sheet.width, boxes[-2] / UNIT * sheet.width
        place = Box(left, piece.place.top, max(left, right), piece.place.bottom)
        yield cell, Piece(piece.text[start:end], boxes, place, piece.size, piece.font)


def _rows(grid: Grid, held: dict[int, list[Piece]]) -> list[dict[int, Piece]]:
    """Return the rows' cells by their columns; a cell that spans several rows stands in each."""
    rows: list[dict[int, Piece]] = [{} for _ in grid.tops[1:]]
    for number, cell in enumerate(grid.cells):
        if number in held:
            joined = _joined(held[number])
            for row in range(cell.row, cell.row + cell.rows):
                rows[row][cell.column] = joined
    return [row for row in rows if row]


def _joined(pieces: Sequence[Piece]) -> Piece:
    """Return a cell's pieces as one; a hyphen at a line's end stands as U+0002 until all words of the text are known."""
    text, boxes = "", array("H")
    before: Piece | None = None
    for piece in pieces:
        if before is not None:
            shared = min(before.place.bottom, piece.place.bottom) - max(before.place.top, piece.place.top)
            below = shared < _OVERLAP * min(before.size, piece.size)
            if below and len(text) > 1 and text[-1] in HYPHENS and text[-2].isalpha() and piece.text[:1].islower():
                text = text[:-1] + "\x02"
            elif not (below and text[-1] in HYPHENS and text[-2:-1].isalnum()):
                text += " "
                boxes.extend((0, 0, 0, 0))
        text += piece.text
        boxes.extend(piece.boxes)
        before = piece
    longest = max(pieces, key=lambda piece: len(piece.text))
    return Piece(text, boxes, union([piece.place for piece in pieces]), longest.size, pieces[0].font)


def _is_table(grid: Grid, held: dict[int, list[Piece]], rows: Sequence[dict[int, Piece]]) -> bool:
    """Tell whether enough of a grid's cells hold words: the lines of a chart or a form to be filled in hold few."""
    return sum(len(row) > 1 for row in rows) > 1 and len(held) > _FILLED * len(grid.cells)
