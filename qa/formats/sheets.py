"""Read spreadsheets and tables of text (XLSX, ODS, XLS, CSV, TSV): each row a sentence under its header."""

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from qa.coverage import Coverage
from qa.formats.blocks import Blocks, header_of, row_text
from qa.formats.decoding import decode
from qa.formats.parsed import Beat, Parsed, Unreadable

_SNIFFED = 20_000
_DELIMITERS = ",;\t|"
_CELL_CHARACTERS = 1_000_000


def cell_text(value: object) -> str:
    """Return a cell's value as a sheet shows it: no .0 after a whole number, dates and times as ISO writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
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
    for name in book.sheet_names:
        beat()
        try:
            sheet = book.get_sheet_by_name(name)
        except (CalamineError, OSError, ValueError):
            empty.append(name)
            continue
        first = 1 + (sheet.start[0] if sheet.start else 0)
        rows = (
            (number, [cell_text(value) for value in row])
            for number, row in enumerate(sheet.to_python(skip_empty_area=True), start=first)
        )
        blocks.heading(name, 1)
        _add_rows(blocks, rows, name, beat)
        if not sheet.height:
            empty.append(name)
    notes = (f"sheets without cells: {', '.join(empty)}",) if empty else ()
    if len(empty) == len(book.sheet_names):
        raise Unreadable("empty: none of its sheets has cells")
    return blocks.parsed({}, Coverage(notes=notes))


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
