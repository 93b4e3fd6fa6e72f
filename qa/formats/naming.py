"""Tell whether a line of a table can be its header, by what its cells say and by what stands below them."""

import re
from collections.abc import Sequence
from itertools import pairwise

from qa.formats.boxes import Piece

_NAME_CHARACTERS = 40
_NUMBER = re.compile(r"[-+−–~<>≤≥(€$£¥]*\d[\d.,'’ ]*(?:\s?[^\s\d]{1,8})?\)?")
YEAR = re.compile(r"(?:1[5-9]|20)\d\d(?:[-/–]\d{2,4})?")
_MISSING = re.compile(r"[-–—]{1,3}|\.{2,3}|n/?a|nil|none|tbc|not (?:available|applicable|known|recorded)", re.IGNORECASE)
_CODE = re.compile(r"(?=\S*\d)\S{1,12}")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\.?"
_KIND_OF_YEAR = r"(?:budget|actual|forecast|estimate|outturn|target|plan|total|restated|\(?[£$€][^\W\d]{0,8}\)?)"
_PERIOD = re.compile(
    rf"[QH][1-4](?: {YEAR.pattern})?|[1-4]Q(?: ?\d\d(?:\d\d)?)?|\d{{1,2}} {_MONTH}(?: \d{{4}})?"
    rf"|(?:{YEAR.pattern}) {_KIND_OF_YEAR}|[£$€]['’]?000s?",
    re.IGNORECASE,
)
_ROUGHLY = re.compile(
    r"(?:about|above|almost|approx|around|at|below|ca|circa|fewer|less|more|nearly|over|see|some|under|up)\b", re.IGNORECASE
)


def may_be_names(pieces: Sequence[Piece]) -> bool:
    """Tell whether a line can be a table's header: short, different names, most of them words."""
    texts = [piece.text for piece in pieces]
    words = sum(map(_is_word, texts))
    fit = all(len(text) <= _NAME_CHARACTERS and not text.endswith((".", ",", ";", "-", "\x02")) for text in texts)
    return fit and all(map(_may_name, texts)) and len(set(texts)) == len(texts) and 2 * words >= len(texts)


def _is_word(text: str) -> bool:
    """Tell whether a name is a word, a year or a quarter; beside digits two letters are enough, as in "DP-6"."""
    letters = sum(map(str.isalpha, text))
    return letters >= (2 if _has_digits(text) else 3) or bool(YEAR.fullmatch(text) or _PERIOD.fullmatch(text))


def _may_name(text: str) -> bool:
    """Tell whether a cell can name a column: it is no number, nothing that stands for a missing one, and no rough one."""
    if _MISSING.fullmatch(text):
        return False
    if not _has_digits(text) or YEAR.fullmatch(text) or _PERIOD.fullmatch(text):
        return True
    return text[0].isupper() and not _ROUGHLY.match(text)


def _has_digits(text: str) -> bool:
    return any(map(str.isdigit, text))


def is_number(text: str) -> bool:
    """Tell whether a cell is a number, and no year, which may name a column."""
    return bool(_NUMBER.fullmatch(text)) and not YEAR.fullmatch(text)


def _shape(text: str) -> str:
    """Return a text with one letter for each word and one digit for each number in it."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "a", text))


def digits_fit(names: dict[int, Piece], rows: Sequence[dict[int, Piece]]) -> bool:
    """Tell whether each name in which digits stand beside letters is over values."""
    mixed = [number for number, name in names.items() if _has_digits(name.text) and not YEAR.fullmatch(name.text)]
    return all(_over_values(names[number].text, _column(number, rows)) for number in mixed)


def _over_values(name: str, cells: Sequence[str]) -> bool:
    """Tell whether all below a name with digits are values, half of them numbers, and none looks as the name does."""
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell)]
    values = all(_NUMBER.fullmatch(cell) or _MISSING.fullmatch(cell) or _CODE.fullmatch(cell) for cell in cells)
    alike = all(map(YEAR.fullmatch, numbers)) if YEAR.fullmatch(name) else _shape(name) in map(_shape, cells)
    return values and not alike and len(numbers) > 1 and 2 * len(numbers) >= len(cells)


def _column(number: int, rows: Sequence[dict[int, Piece]]) -> list[str]:
    return [row[number].text for row in rows if number in row]


def over_numbers(names: dict[int, Piece], rows: Sequence[dict[int, Piece]]) -> bool:
    """Tell whether a column has a word over nothing but numbers, or two side by side have names with digits over values.

    One such name alone may be a value itself: of "Founded 1908" above "Employees 702" it is.
    """
    columns = sorted(names)
    told = [_has_digits(names[number].text) for number in columns]
    over = [number > 0 and _over_values(names[number].text, _column(number, rows)) for number in columns]
    for number, digits in zip(columns, told, strict=True):
        cells = [cell for cell in _column(number, rows) if not _MISSING.fullmatch(cell)]
        if number and not digits and len(cells) > 1 and all(map(_NUMBER.fullmatch, cells)):
            return True
    dated = [digits and values for digits, values in zip(told, over, strict=True)]
    return any(one and other for one, other in pairwise(dated)) or (0 not in names and any(dated))
