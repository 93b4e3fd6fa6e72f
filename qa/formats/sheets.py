"""Read spreadsheets and tables of text (XLSX, ODS, XLS, CSV, TSV): each row a sentence under its header."""

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from qa.coverage import Coverage
from qa.formats.blocks import Blocks, header_of, row_text
from qa.formats.decoding import decode
from qa.formats.parsed import Beat, Parsed, Unreadable
from qa.formats.workbooks import properties_of, shown_cells

_SNIFFED = 20_000
_DELIMITERS = ",;\t|"
_CELL_CHARACTERS = 1_000_000


def cell_text(value: object, *, percentage: bool = False) -> str:
    """Return a cell's value as a sheet shows it: no .0 after a whole number, dates and times as ISO writes them.

    As in a sheet, 15 digits count: a sum of 0.1 and 0.2 is 0.3.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = float(f"{100 * value if percentage else value:.15g}")
        told = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        return f"{told}%" if percentage else told
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    return "" if value is None else str(value)


def _add_rows(blocks: Blocks, rows: Iterable[tuple[int, Sequence[str]]], sheet: str | None, beat: Beat) -> None:
    """Add rows with their 1-based numbers; the first that holds something is the header where it can be."""
    header: list[str] | None = None
    held: list[tuple[int, Sequence[str]]] = []

    def add(number: int, cells: Sequence[str]) -> None:
        text = row_text(header or (), cells)
        if text:
            blocks.mark("row", number, sheet)
            blocks.paragraph(text)

    for number, cells in rows:
        beat()
        if not any(cell.strip() for cell in cells):
            continue
        if header is None and not held and sum(bool(cell.strip()) for cell in cells) == 1:
            add(number, cells)  # a title above the table
        elif header is None:
            held.append((number, cells))
            if len(held) < 2:
                continue
            header = header_of([held[0][1], cells])
            for first in held[bool(header) :]:
                add(*first)
        else:
            add(number, cells)
    if header is None:
        for first in held:
            add(*first)


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
        percentages = shown[name].percentages if name in shown else frozenset()
        top, left = sheet.start or (0, 0)
        table = [
            [cell_text(value, percentage=(row, column) in percentages) for column, value in enumerate(values, start=left)]
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
    if len(empty) == len(book.sheet_names):
        raise Unreadable("empty: none of its sheets has cells")
    return blocks.parsed(properties_of(data), Coverage(notes=tuple(notes)))


def _fill_merged(table: list[list[str]], top: int, left: int, merged: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Put what a cell that spans several rows says into each of them, as it is seen beside each."""
    for (first, column), (last, _) in merged:
        for row in range(first - top + 1, min(last - top + 1, len(table))):
            if first >= top and 0 <= column - left < len(table[row]) and not table[row][column - left]:
                table[row][column - left] = table[first - top][column - left]


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield a table's rows with the number of the line that each begins on."""
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def parse_table(data: bytes, ending: str, beat: Beat) -> Parsed:
    """Read comma- or tab-separated values in any encoding that plain text may have."""
    text, encoding = decode(data)
    dialect: type[csv.Dialect] | csv.Dialect = csv.excel_tab if ending in (".tsv", ".tab") else csv.excel
    if ending == ".csv":
        try:
            dialect = csv.Sniffer().sniff(text[:_SNIFFED].rpartition("\n")[0] or text[:_SNIFFED], _DELIMITERS)
        except csv.Error:
            dialect = csv.excel
    csv.field_size_limit(_CELL_CHARACTERS)
    blocks = Blocks()
    try:
        _add_rows(blocks, _numbered(csv.reader(io.StringIO(text, newline=""), dialect)), None, beat)
    except csv.Error as error:
        raise Unreadable(f"no table of text ({error}); save it again as CSV") from None
    return blocks.parsed({}, Coverage(notes=(f"encoding {encoding}",)))
