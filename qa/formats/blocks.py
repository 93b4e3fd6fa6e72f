"""Put a text together from headings, paragraphs and rows, keeping where each part begins."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from qa.formats.headers import LONG_NAME, YEARS, are_names, is_value
from qa.formats.parsed import TEXT_CHARACTERS, Parsed, Unreadable, one_line
from qa.records import Coverage, Heading, Locator

SYMBOLS = dict.fromkeys([0xF0B7, 0xF0A7, 0xF0D8, 0xE00C], "•") | {
    0xF0A8: "☐", 0xF06F: "☐", 0xF0FE: "☑", 0xF0FC: "✓", 0xF0FB: "✗", 0xF0E0: "→"
}  # fmt: skip
"""Signs of the Symbol and Wingdings fonts, which have no characters of their own, as characters that say the same."""

_REPLACED = dict.fromkeys([0xAD, 0x200B, 0x2060, 0xFEFF, *range(0xE000, 0xF900)]) | SYMBOLS
"""What cannot be seen, or is seen in a font of its own alone, is left out."""

_BLANKS = re.compile(r"[^\S\n]+")
_LINE_END = re.compile(r" ?(?:\r\n?|\n|\u2028|\u2029|\x0b|\x0c|\x85) ?")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_ROWS_BELOW = 12

SPANNED = "\0"
"""What a cell holds that belongs to one on its left, which spans several columns."""

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_RAISED_DIGITS = 3


def clean(text: str) -> str:
    """Return a text as it is read: one blank for any, composed accents, nothing invisible; line ends stay."""
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text.translate(_REPLACED)))
    return _LINE_END.sub("\n", _BLANKS.sub(" ", _LINE_END.sub("\n", text))).strip()


def raised(text: str) -> str:
    """Return small raised digits as such: 6:40 and a note 1 must not read 6:401, nor m and 2 m2."""
    return text.translate(_RAISED) if text.strip().isdigit() and len(text.strip()) <= _RAISED_DIGITS else text


def notes_of(title: str) -> str:
    """Return the name of the part that holds what a slide's speaker is to say, which the slide does not show."""
    return f"{title}, speaker's notes" if title else "speaker's notes"


def row_text(header: Sequence[str], cells: Sequence[str]) -> str:
    """Return a table's row as a line: `Header: value; …`, or `value | value` where there is no header; "" for none.

    What spans columns is told under each of their names; but a long remark, and what begins where rows have their
    names, such as a total or what parts the table, once. A name that is a question loses its mark, at which a sentence
    would end before the answer.
    """
    told = [_words(cell) for cell in cells]
    if not any(told):
        return ""
    if not header:
        return " | ".join(cell for cell in told if cell).replace(": | ", ": ")
    names = [*(name.rstrip(" ?") for name in header), *[""] * (len(told) - len(header))]
    spans = ""
    for column, cell in enumerate(cells):
        if cell != SPANNED:
            spans = told[column] if column and len(told[column]) <= LONG_NAME else ""
        elif names[column]:
            told[column] = spans
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, told, strict=False) if cell)


def _words(cell: str) -> str:
    return " ".join(clean(cell).split())


def header_of(rows: Sequence[Sequence[str]], *, usual: bool = True) -> tuple[list[str], int]:
    """Return a table's header and how many rows it takes; [], 0 where the first row can be none.

    It can be one where it has two different names or more, and rows below. Where one of its cells spans several columns,
    the row below may give their names. Names that end with a colon are those of rows. Two columns may be names and their
    values; in doubt they are, where a header is not `usual`.
    """
    if len(rows) < 2:
        return [], 0
    names, depth = [_words(cell) for cell in rows[0]], 1
    if SPANNED in rows[0] and len(rows) > 2 and (both := _two_rows(rows[0], rows[1])):
        names, depth = both, 2
    below = [[_words(cell) for cell in row] for row in rows[depth : depth + _ROWS_BELOW]]
    of_rows = any(name.endswith(":") for name in names) and any(row[0].endswith(":") for row in below[:2] if row)
    named = sum(map(bool, names)) > 1 and not of_rows and are_names(names, below)
    value = named and SPANNED not in rows[0] and is_value(names, below, usual=usual)
    return (names, depth) if named and not value else ([], 0)


def _two_rows(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return the names that two rows give together; [] where the lower one does not part what the upper one spans.

    Below what spans nothing, it has nothing, the same again, or a sign such as %.
    """
    names: list[str] = []
    over = ""
    for column, cell in enumerate(upper):
        own = _words(lower[column]) if column < len(lower) else ""
        spans = cell == SPANNED or SPANNED in upper[column + 1 : column + 2]
        over = over if cell == SPANNED else _words(cell)
        if spans and not any(map(str.isalpha, own)) and not YEARS.fullmatch(own):
            return []
        if not spans and own != over and any(map(str.isalnum, own)):
            return []
        names.append(f"{over} {own}".strip() if spans else over)
    return names


class Blocks:
    """Gather a document's blocks in order; each stands apart from the next by an empty line."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._locators: list[Locator] = []
        self._tables = 0

    def _add(self, text: str) -> tuple[int, int]:
        if self._parts:
            self._parts.append("\n\n")
            self._length += 2
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        if self._length > TEXT_CHARACTERS:
            raise Unreadable(f"more than {TEXT_CHARACTERS // 1_000_000} million characters; split it")
        return start, self._length

    @property
    def length(self) -> int:
        """Return how many characters were added so far."""
        return self._length

    @property
    def empty(self) -> bool:
        """Tell whether nothing was added yet."""
        return not self._parts

    def heading(self, text: str, level: int) -> None:
        """Add a heading; level 1 is the highest."""
        text = one_line(clean(text))
        if text:
            start, end = self._add(text)
            self._headings.append(Heading(start, end, max(1, level), text))

    def paragraph(self, text: str) -> None:
        """Add a paragraph; one of nothing but white space is left out."""
        text = clean(text)
        if text:
            self._add(text)

    def table(self, rows: Sequence[Sequence[str]], header: Sequence[str] | None = None, *, usual: bool = False) -> None:
        """Add a table's rows, each a paragraph; without a header given, the first row is one if it can be, as in header_of."""
        names, first = header_of(rows, usual=usual) if header is None else (list(header), 0)
        self._tables += 1
        for row in rows[first:]:
            self.paragraph(row_text(names, row))

    def mark(self, kind: str, number: int, name: str | None = None) -> None:
        """Begin a part: a slide, row or message; what is added from now on belongs to it."""
        start = self._length + (2 if self._parts else 0)
        if self._locators and self._locators[-1].start == start:
            self._locators.pop()
        self._locators.append(Locator(start, kind, number, one_line(name) or None if name else None))

    def parsed(self, metadata: Mapping[str, Any], coverage: Coverage | None = None) -> Parsed:
        """Return the text and all that is known about it."""
        text = "".join(self._parts)
        locators = tuple(item for item in self._locators if item.start < len(text))
        told = {key: value for key, value in metadata.items() if value}
        covered = replace(coverage or Coverage(), tables=self._tables)
        return Parsed(0, tuple(self._headings), told, text, locators, covered)
