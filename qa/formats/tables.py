"""Tell tables on a PDF's page from lines that only look like them, and find each cell's name.

A wrong table is worse than none, so what is not certain stays the line that it is. Certain are lines whose cells
stand in columns apart, below one line of short, different names that is set in a font of its own, or that has words
over numbers and stands apart from what is above it.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import NamedTuple

from qa.formats.boxes import Piece
from qa.formats.naming import YEAR, digits_fit, is_number, may_be_names, over_numbers

MOST_COLUMNS = 12
_RULED_CHARACTERS = 80
_LEADERS = re.compile(r"(?:[.…·_] ?){4,}")
_PAGES = {"page", "pages", "p.", "pp.", "page number"}
_APART = 1.35

_NO_BOX = array("H", (0, 0, 0, 0))

Cell = tuple[Piece | None, Piece]
"""A cell's name, where its column has one, and the cell."""


class _Row(NamedTuple):
    """Hold a line's number on its page and its pieces from left to right."""

    line: int
    pieces: Sequence[Piece]


def named_cells(runs: Sequence[tuple[int, Sequence[Piece]]], rows: set[int]) -> Iterator[dict[int, list[Cell]]]:
    """Yield for each table its rows below the header, by their numbers among the lines `runs` of a page.

    `runs` pairs the pieces of a line with its page column's number; `rows` are the lines that have their
    cells under or above those of the next.
    """
    held = [_Row(line, pieces) for line, (_, pieces) in enumerate(runs)]
    for _, group in groupby(held, lambda row: (row.line in rows, runs[row.line][0])):
        table = list(group)
        if table[0].line not in rows or len(table) < 3:
            continue
        above = runs[table[0].line - 1] if table[0].line else None
        near = above is not None and above[0] == runs[table[0].line][0] and _close(above[1], table)
        cells = _cells(table, above[1] if near and above is not None else ())
        if cells:
            yield cells


def _close(above: Sequence[Piece], table: Sequence[_Row]) -> bool:
    """Tell whether a table's first line may be one more line of what stands above it."""
    step = max(other.pieces[0].place.bottom - one.pieces[0].place.bottom for one, other in pairwise(table))
    return table[0].pieces[0].place.bottom - above[0].place.bottom < _APART * step


def _cells(table: Sequence[_Row], above: Sequence[Piece]) -> dict[int, list[Cell]]:
    """Return the cells of a table's rows with their names; nothing where it is not certain to be a table.

    `above` is the line close above it, which may be more of a row.
    """
    first, below = table[0].pieces, [row.pieces for row in table[1:]]
    count = max(map(len, below))
    if not 2 <= count <= MOST_COLUMNS or len(first) not in (count, count - 1) or not may_be_names(first):
        return {}
    if any(_LEADERS.search(piece.text) for row in table for piece in row.pieces):
        return {}  # a table of contents
    whole = [row for row in (first, *below) if len(row) == count]
    columns = [
        (min(row[number].place.left for row in whole), max(row[number].place.right for row in whole)) for number in range(count)
    ]
    if any(one[1] >= other[0] for one, other in pairwise(columns)):
        return {}
    placed = [_placed(row, columns) for row in (first, *below)]
    names, found = placed[0], placed[1:]
    if names is None or any(row is None or 0 not in row or len(row) < 2 for row in found):
        return {}
    if len(names) < count and 0 in names:
        return {}  # only what stands over the names of the rows may be empty
    rows = [row for row in found if row is not None]
    if not digits_fit(names, rows):
        return {}
    if any(_prose([row[number] for row in rows if number in row]) for number in range(count)):
        return {}
    begins = not above or (len(above) == 1 and not _is_cell(above[0], columns))
    if names[max(names)].text.lower() in _PAGES or not (_own_font(first, below) or (begins and over_numbers(names, rows))):
        return {}
    return {
        row.line: [(names.get(number), cell) for number, cell in sorted(cells.items())]
        for row, cells in zip(table[1:], rows, strict=True)
    }


def named_rows(rows: Sequence[dict[int, Piece]]) -> tuple[list[list[Cell]], bool]:
    """Return the rows of a ruled table, those below a header with its names, and whether there is one.

    `rows` has each row's cells by the column they begin in; a cell that spans two rows is the same object in both.
    """
    plain: list[list[Cell]] = [[(None, cell) for _, cell in sorted(row.items())] for row in rows]
    first = next((number for number, row in enumerate(rows) if len(row) > 1), len(rows))
    for depth in (1, 2):
        head, below = rows[first : first + depth], rows[first + depth :]
        names = _names(head) if len(below) > 0 and len(head) == depth else {}
        if not names or any(column and column not in names for row in below for column in row):
            continue
        cells = [name for row in head for name in row.values()]
        beside = [[cell for column, cell in row.items() if column] for row in below]
        own = any(beside) and _own_font(cells, beside) and all(len(cell.text) <= _RULED_CHARACTERS for cell in cells)
        words = may_be_names(list(names.values())) and not any(is_number(cell.text) for row in head[1:] for cell in row.values())
        if own or (words and digits_fit(names, below) and over_numbers(names, below)):
            told: list[list[Cell]] = [[(names.get(column), cell) for column, cell in sorted(row.items())] for row in below]
            return plain[: first + depth] + told, True
    return plain, False


def _names(head: Sequence[dict[int, Piece]]) -> dict[int, Piece]:
    """Return the names of columns that a header of one row or two gives; nothing where they are not different words.

    In the second row stand the parts of what a cell above them spans.
    """
    names = dict(head[0])
    if len(head) > 1:
        above = dict(names)
        for column, cell in head[1].items():
            over = max((at for at in above if at <= column), default=None)
            if over is None or above.get(column) is cell:
                continue
            name = above[over]
            names[column] = replace(cell, text=f"{name.text} {cell.text}", boxes=name.boxes + _NO_BOX + cell.boxes)
        if names.keys() == above.keys() or names.get(0) is not above.get(0):
            return {}
    texts = [name.text for name in names.values()]
    words = all(any(map(str.isalpha, text)) or YEAR.fullmatch(text) for text in texts)
    return names if words and len(set(texts)) == len(texts) else {}


def _placed(pieces: Sequence[Piece], columns: Sequence[tuple[float, float]]) -> dict[int, Piece] | None:
    """Return a line's pieces by the columns they stand in; None where one spans two or two share one."""
    placed: dict[int, Piece] = {}
    for piece in pieces:
        over = [number for number, (left, right) in enumerate(columns) if piece.place.left < right and left < piece.place.right]
        if len(over) != 1 or over[0] in placed:
            return None
        placed[over[0]] = piece
    return placed


def _is_cell(piece: Piece, columns: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a piece may be a cell's next line: it runs across no columns, and not out of them to the left."""
    return piece.place.left > columns[0][0] - piece.size and _placed([piece], columns) is not None


def _prose(cells: Sequence[Piece]) -> bool:
    """Tell whether a column reads on from line to line, as running text does and cells do not."""
    texts = [cell.text for cell in cells]
    goes_on = sum(text[:1].islower() for text in texts[1:]) + sum(text[-1:] in "-\x02\u00ad," for text in texts)
    return goes_on > 0.3 * len(texts) and sum(map(len, texts)) > 20 * len(texts)


def _own_font(first: Sequence[Piece], below: Sequence[Sequence[Piece]]) -> bool:
    """Tell whether a line is set in one font that nothing below it has."""
    own = {piece.font for piece in first}
    return len(own) == 1 and own.isdisjoint({piece.font for row in below for piece in row})
