"""Read spreadsheets and tables of text (XLSX, ODS, XLS, CSV, TSV): each row a sentence under its header."""

import csv
import datetime
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from qa.coverage import Coverage
from qa.formats.blocks import SPANNED, Blocks, header_of, row_text
from qa.formats.decoding import decode
from qa.formats.parsed import Beat, Parsed, Unreadable
from qa.formats.workbooks import Place, Shown, Sign, comment_count, properties_of, shown_cells

_UNTOLD = Shown(frozenset(), {}, {}, 0, 0)
_SNIFFED = 500
_DELIMITERS = ",;\t|"
_TOLD = re.compile(r"\ufeff?sep=([,;\t|])\r?\n", re.IGNORECASE)
_CELL_CHARACTERS = 1_000_000
_AHEAD = 3
_EXACT = 1e15
_NUMBER = re.compile(r"[-+(£$€]*\d[\d.,' ]*[%)]?")


def cell_text(value: object, *, percentage: bool = False, sign: Sign | None = None) -> str:
    """Return a cell's value as a sheet shows it: no .0 after a whole number, dates and times as ISO writes them.

    Money has the decimal places and the commas of its format. As in a sheet, 15 digits count: a sum of 0.1 and 0.2 is 0.3.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = float(f"{100 * value if percentage else value:.15g}")
        told = str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
        if sign is not None:
            told = sign.digits.shown(value) if sign.digits and abs(value) < _EXACT else told
            negative = told.startswith("-") and not sign.after
            return f"{told} {sign.text}" if sign.after else f"{'-' if negative else ''}{sign.text}{told.removeprefix('-')}"
        return f"{told}%" if percentage else told
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    return "" if value is None else str(value)


def _shown_text(value: object, place: Place, shown: Shown) -> str:
    told = shown.texts.get(place) if isinstance(value, float) else None
    return told or cell_text(value, percentage=place in shown.percentages, sign=shown.signs.get(place))


def _add_rows(blocks: Blocks, rows: Iterable[tuple[int, Sequence[str]]], sheet: str | None, beat: Beat) -> None:
    """Add rows with their 1-based numbers; the first that holds something is the header where it can be.

    After an empty row another table may begin, with a header of its own.
    """
    header: list[str] = []

    def add(number: int, cells: Sequence[str], names: Sequence[str]) -> None:
        text = row_text(names, cells)
        if text:
            blocks.mark("row", number, sheet)
            blocks.paragraph(text)

    for empty, group in groupby(rows, key=lambda row: not _filled(row[1])):
        if empty:
            continue
        rest = iter(group)
        ahead = list(islice(rest, _AHEAD))
        while ahead and len(_filled(ahead[0][1])) == 1:
            add(*ahead.pop(0), ())  # a title above the table, or a note below it
            ahead += islice(rest, 1)
            beat()
        names, depth = header_of([cells for _, cells in ahead])
        if names and (not header or _is_new(names, [cells for _, cells in ahead[depth:]], header)):
            header = names
        else:
            depth = 0
        for number, cells in chain(ahead[depth:], rest):
            beat()
            add(number, cells, header)


def _filled(cells: Sequence[str]) -> set[int]:
    """Return the columns in which a row holds something."""
    return {column for column, cell in enumerate(cells) if cell.strip() and cell != SPANNED}


def _is_new(names: Sequence[str], below: Sequence[Sequence[str]], header: Sequence[str]) -> bool:
    """Tell whether names below an empty row begin a table, as they do over numbers or in other columns than before."""
    over = any(
        _NUMBER.fullmatch(row[column].strip()) for row in below for column, name in enumerate(names) if name and column < len(row)
    )
    return over or _filled(names) != _filled(header)


def parse_workbook(data: bytes, beat: Beat) -> Parsed:
    """Read a workbook's sheets, hidden ones too; formulas are read as the values saved with them."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (CalamineError, OSError, ValueError) as error:
        if "assword" in str(error) or "ncrypt" in str(error):
            raise Unreadable("encrypted; save a copy without a password") from None
        raise Unreadable("corrupt, or no workbook; open it in its own program and save a copy") from None
    blocks = Blocks()
    empty = []
    shown = shown_cells(data, beat)
    for name in book.sheet_names:
        beat()
        try:
            sheet = book.get_sheet_by_name(name)
        except (CalamineError, OSError, ValueError):
            empty.append(name)
            continue
        own = shown.get(name, _UNTOLD)
        top, left = sheet.start or (0, 0)
        table = [
            [_shown_text(value, (row, column), own) for column, value in enumerate(values, start=left)]
            for row, values in enumerate(sheet.to_python(skip_empty_area=True), start=top)
        ]
        _fill_merged(table, top, left, sheet.merged_cell_ranges or ())
        rows = ((number, values) for number, values in enumerate(table, start=top + 1))
        blocks.heading(name, 1)
        _add_rows(blocks, rows, name, beat)
        if not sheet.height:
            empty.append(name)
    notes = [f"sheets without cells: {', '.join(empty)}"] if empty else []
    hidden = [sheet.name for sheet in book.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible]
    if hidden:
        notes.append(f"hidden sheets, which were read too: {', '.join(hidden)}")
    unvalued = {name: found.unvalued for name, found in shown.items() if found.unvalued}
    if unvalued:
        told = ", ".join(f"{count:,} on {name}" for name, count in unvalued.items())
        notes.append(f"formulas without a saved value, which were not read: {told}; open it in its own program and save it")
    covered = {name: found.hidden for name, found in shown.items() if found.hidden}
    if covered:
        told = ", ".join(f"{count:,} on {name}" for name, count in covered.items())
        notes.append(f"hidden rows and columns, which were read too: {told}")
    if comments := comment_count(data):
        notes.append(f"comments on cells not read: {comments:,}")
    if len(empty) == len(book.sheet_names):
        raise Unreadable("empty: none of its sheets has cells")
    return blocks.parsed(properties_of(data), Coverage(notes=tuple(notes)))


def _fill_merged(table: list[list[str]], top: int, left: int, merged: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Put what a cell that spans several rows says into each of them, as it is seen beside each."""
    for (first, column), (last, end) in merged:
        for row in range(max(first - top, 0), min(last - top + 1, len(table))):
            for beside in range(max(column - left + 1, 0), min(end - left + 1, len(table[row]))):
                table[row][beside] = table[row][beside] or SPANNED
        for row in range(first - top + 1, min(last - top + 1, len(table))):
            if first >= top and 0 <= column - left < len(table[row]) and not table[row][column - left]:
                table[row][column - left] = table[first - top][column - left]


def _rows(lines: Sequence[str], delimiter: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """Yield a table's rows with the number of the line that each begins on; the first is numbered `first`.

    Where the quotation marks of a row are not those of cells, its line is read alone: a mark may be one of the words.
    """
    line = 0
    while line < len(lines):
        begun = line
        reader = csv.reader(map(lines.__getitem__, range(begun, len(lines))), delimiter=delimiter, strict=True)
        try:
            for row in reader:
                end = begun + reader.line_num
                if delimiter == "\t" and end > line + 1 and any("\t" in cell for cell in row):
                    break  # a cell that goes on below holds no tabs: its marks are two of the words of two rows
                yield line + first, row
                line = end
        except csv.Error:
            pass
        if line < len(lines):
            yield line + first, _line(lines[line], delimiter)
            line += 1


def _line(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line; marks part them from each other only where each that opens may have one that closes."""
    words = delimiter == "\t" or line.count('"') % 2
    return next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE if words else csv.QUOTE_MINIMAL), [])


def _delimiter(lines: Sequence[str]) -> str:
    """Return what parts the cells of a table: what gives most rows the same number of cells, and more than one.

    Of those that are about as good, it is one by which the first row has that number too: in `a;b` over many rows such as
    `1,5;2`, the comma parts all but the header.
    """
    best, delimiter = (0.0, False, 0.0, 1), ","
    for candidate in _DELIMITERS:
        try:
            found = [len(row) for _, row in islice(_rows(lines, candidate, 1), _SNIFFED) if row]
        except csv.Error:
            continue
        widths = Counter(width for width in found if width > 1)
        width, times = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        score = times / max(1, len(found))
        told = (round(score, 1), found[:1] == [width], score, width)
        if told > best:
            best, delimiter = told, candidate
    return delimiter


def parse_table(data: bytes, ending: str, beat: Beat) -> Parsed:
    """Read comma- or tab-separated values in any encoding that plain text may have."""
    text, encoding = decode(data)
    told = _TOLD.match(text) if ending == ".csv" else None  # a line of Excel's own, which it does not show
    first = text.count("\n", 0, told.end()) + 1 if told else 1
    text = text[told.end() :] if told else text
    lines = list(io.StringIO(text, newline=""))
    csv.field_size_limit(_CELL_CHARACTERS)
    delimiter = told[1] if told else _delimiter(lines) if ending == ".csv" else "\t"
    blocks = Blocks()
    try:
        _add_rows(blocks, _rows(lines, delimiter, first), None, beat)
    except csv.Error as error:
        raise Unreadable(f"no table of text ({error}); save it again as CSV") from None
    return blocks.parsed({}, Coverage(notes=(f"encoding {encoding}",)))
