"""Put the pieces of a page into reading order and onto lines: columns, rows of tables."""

import math
import re
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from qa.formats.boxes import UNIT, Box, Piece, Sheet, union
from qa.formats.ruled import Table, take_tables
from qa.formats.tables import Cell, named_cells

_BULLET = re.compile(r"(?:[-*+•‣·▪◦–]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)])$")
_NUMBERED = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,4}\.?|[¹²³⁰⁴-⁹]{1,3}")
_WORDY = 11
_PROSE = (0.12, 0.6)
_STEPS = 200
_CROSSING = 0.08


@dataclass
class Line:
    """Hold one line of a page: the pieces that stand side by side, or a row of a table.

    `column` tells the page's columns apart; `edge` is where its column ends on the right; `level` is
    0 but for a heading; `named` rows tell their cells' names.
    """

    page: int
    text: str
    boxes: "array[int]"
    place: Box
    size: float
    column: int
    row: bool
    edge: float = 0.0
    level: int = 0
    first_word: float = 0.0
    named: bool = False


def _gutters(pieces: Sequence[Piece], width: float) -> list[float]:
    """Return where columns of running text are parted; none where the page has one column.

    A gutter is crossed by next to no piece of a column's width (a title may), has at least four pieces
    on each side, and those fill their columns, as the cells of a table seldom do.
    """
    prose = [piece for piece in pieces if _PROSE[0] < (piece.place.right - piece.place.left) / width < _PROSE[1]]
    if len(prose) < 8:
        return []
    crossed = [0] * (_STEPS + 1)
    for piece in prose:
        for step in range(int(piece.place.left / width * _STEPS) + 1, min(_STEPS, int(piece.place.right / width * _STEPS)) + 1):
            crossed[step] += 1
    lefts, rights = min(piece.place.left for piece in prose), max(piece.place.right for piece in prose)
    found: list[float] = []
    start = None
    for step in range(int(lefts / width * _STEPS) + 1, min(_STEPS, int(rights / width * _STEPS)) + 1):
        if crossed[step] <= _CROSSING * len(prose):
            start = step if start is None else start
        elif start is not None:
            found.append((start + step - 1) / 2 / _STEPS * width)
            start = None
    kept: list[float] = []
    for gutter in found:
        before = [piece for piece in prose if (kept[-1] if kept else 0) <= piece.place.left and piece.place.right <= gutter]
        after = [piece for piece in prose if piece.place.left >= gutter]
        if all(len(side) >= 4 and _filled(side) for side in (before, after)):
            kept.append(gutter)
    return kept


def _filled(pieces: Sequence[Piece]) -> bool:
    """Tell whether most pieces are about as wide as the widest."""
    widths = sorted(piece.place.right - piece.place.left for piece in pieces)
    return sum(width > 0.75 * widths[-1] for width in widths) >= 0.6 * len(widths)


def _column(piece: Piece, gutters: Sequence[float]) -> int:
    """Return a piece's column from 1 on; 0 for one that spans a gutter."""
    if any(piece.place.left < gutter < piece.place.right for gutter in gutters):
        return 0
    return 1 + sum(piece.place.left >= gutter for gutter in gutters)


def _in_order(pieces: list[Piece], gutters: Sequence[float]) -> list[Piece]:
    """Return the pieces as they are read.

    That is the file's own order, which the writers of text keep; but where it goes to and fro between
    columns, or up the page again and again, the order is taken from the places.
    """
    columns = [_column(piece, gutters) for piece in pieces]
    switches = sum(one != other for one, other in pairwise(columns))
    spanning = columns.count(0)
    if gutters and switches > 3 + 2 * spanning and switches > 0.25 * len(pieces):
        bands = sorted(piece.place.top for piece, column in zip(pieces, columns, strict=True) if column == 0)
        keys = [
            (sum(top <= piece.place.top for top in bands), column, piece.place.top, piece.place.left)
            for piece, column in zip(pieces, columns, strict=True)
        ]
        return [piece for _, piece in sorted(zip(keys, pieces, strict=True), key=lambda pair: pair[0])]
    up = sum(other.place.bottom < one.place.top for one, other in pairwise(pieces))
    if len(pieces) > 8 and up > 0.3 * len(pieces):
        return sorted(pieces, key=lambda piece: (round(piece.place.bottom / max(piece.size, 1)), piece.place.left))
    return _lowest_last(pieces)


def _lowest_last(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with those last that are drawn first but stand below all others, as some writers draw a page's notes.

    What stands above all others, as a page's header, may be drawn before them.
    """
    tops = [*accumulate((piece.place.top for piece in reversed(pieces)), min, initial=math.inf)][::-1]
    bottoms = [*accumulate((piece.place.bottom for piece in reversed(pieces)), max, initial=-math.inf)][::-1]
    first = 0
    while first < len(pieces) and pieces[first].place.bottom <= tops[first + 1]:
        first += 1
    lowest = accumulate((piece.place.top for piece in pieces[first:]), min)
    last = max((at for at, top in enumerate(lowest, start=first + 1) if at < len(pieces) and top >= bottoms[at]), default=first)
    return [*pieces[:first], *pieces[last:], *pieces[first:last]]


def _beside(one: Piece, other: Piece) -> bool:
    """Tell whether a piece stands on the same line as another, to the right of it."""
    overlap = min(one.place.bottom, other.place.bottom) - max(one.place.top, other.place.top)
    return overlap > 0.5 * min(one.size, other.size) and other.place.left >= one.place.right - 0.5 * one.size


def _runs(pieces: Sequence[Piece], gutters: Sequence[float], alone: Collection[int]) -> list[tuple[int, list[Piece]]]:
    """Return the pieces line by line, each with its column's number; going up the page begins a column.

    Those whose identities are `alone` have a line and a column of their own.
    """
    runs: list[tuple[int, list[Piece]]] = []
    column = 0
    for piece in pieces:
        if runs:
            last = runs[-1][1][-1]
            apart = id(last) in alone or id(piece) in alone
            if apart or _column(last, gutters) != _column(piece, gutters) or piece.place.bottom < last.place.top:
                column += 1
            elif _beside(last, piece):
                runs[-1][1].append(piece)
                continue
        runs.append((column, [piece]))
    return runs


def _is_item(pieces: Sequence[Piece]) -> bool:
    """Tell whether a line is an item of a list, a numbered paragraph or a note: its first piece is the number."""
    numbered = len(pieces) == 2 and _NUMBERED.fullmatch(pieces[0].text) and len(pieces[1].text) > _WORDY
    return bool(numbered and pieces[1].text[0].isalpha()) or _BULLET.match(pieces[0].text) is not None


def _aligned(one: Sequence[Piece], other: Sequence[Piece]) -> bool:
    """Tell whether two lines have cells under one another: all of the shorter one's start, end or centre where the other's do."""
    few, many = sorted((one, other), key=len)
    if len(few) < 2:
        return False

    def fits(piece: Piece) -> bool:
        near = 0.35 * piece.size
        left, right = piece.place.left, piece.place.right
        return any(
            abs(left - cell.place.left) < near
            or abs(right - cell.place.right) < near
            or abs(left + right - cell.place.left - cell.place.right) < 2 * near
            for cell in many
        )

    return all(map(fits, few))


def _line(page: int, pieces: list[Piece], column: int, row: bool) -> Line:
    """Join pieces that stand side by side: the cells of a row by tabs, others by blanks."""
    text, boxes = "", array("H")
    for piece in pieces:
        if text:
            text += "\t" if row and not _BULLET.match(text) else " "
            boxes.extend((0, 0, 0, 0))
        text += piece.text
        boxes.extend(piece.boxes)
    size = max(pieces, key=lambda piece: len(piece.text)).size
    return Line(page, text, boxes, union([piece.place for piece in pieces]), size, column, row)


def _named_row(cells: Sequence[Cell]) -> tuple[str, "array[int]"]:
    """Return a table's row as `Header: value; …`: a name has the boxes of the header, what is put between has none."""
    text, boxes = "", array("H")

    def add(words: str, places: "Sequence[int] | None" = None) -> None:
        nonlocal text
        text += words
        boxes.extend(places if places is not None else (0, 0, 0, 0) * len(words))

    for name, cell in cells:
        if text:
            add("; ")
        if name is not None:
            told = name.text.rstrip(" :")
            add(told, name.boxes[: 4 * len(told)])
            add(": ")
        add(cell.text, cell.boxes)
    return text, boxes


def _held(pieces: list[Piece], tables: Sequence[Table]) -> list[tuple[Piece, Table]]:
    """Put a piece without words into the place of each table, and return these with their tables."""
    held = [(Piece("", array("H"), table.place, table.rows[0][0][1].size), table) for table in tables]
    for holder, table in reversed(held):
        pieces.insert(table.first, holder)
    return held


def _lines_at(own: Line, table: Table | None) -> list[Line]:
    """Return a line, or the rows of the table that it holds the place of."""
    if table is None:
        return [own]
    lines = []
    for cells in table.rows:
        line = _line(own.page, [cell for _, cell in cells], own.column, row=True)
        if any(name is not None for name, _ in cells):
            line.text, line.boxes = _named_row(cells)
            line.named = True
        lines.append(line)
    return lines


def lines_of(sheet: Sheet) -> list[Line]:
    """Return the lines of a page in reading order.

    A line in several pieces is a row of a table where the line before or after it has its pieces at
    the same places; else its gaps are those of justified text. Where it is certain to be one below a
    header, it reads `Header: value; …`.
    """
    pieces, tables = take_tables(sheet)
    gutters = _gutters(pieces, sheet.width)
    holders = {id(holder): table for holder, table in _held(pieces, tables)}
    runs = _runs(_in_order(pieces, gutters), gutters, holders)
    rows = {
        index
        for (before, (_, one)), (after, (_, other)) in pairwise(enumerate(runs))
        if not _is_item(one) and not _is_item(other) and _aligned(one, other)
        for index in (before, after)
    }
    lines = [_line(sheet.number, run, column, index in rows) for index, (column, run) in enumerate(runs)]
    for named in list(named_cells(runs, rows)) if rows else []:
        for index, cells in named.items():
            lines[index].text, lines[index].boxes = _named_row(cells)
            lines[index].named = True
    if tables:
        lines = [line for own, (_, run) in zip(lines, runs, strict=True) for line in _lines_at(own, holders.get(id(run[0])))]
    edges: dict[int, float] = {}
    for line in lines:
        edges[line.column] = max(edges.get(line.column, 0.0), line.place.right)
    for line in lines:
        line.edge = edges[line.column]
        end = line.text.find(" ")
        last = (end if end > 0 else len(line.text)) - 1
        line.first_word = (line.boxes[4 * last + 2] - line.boxes[0]) / UNIT * sheet.width
    return lines
