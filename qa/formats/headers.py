"""Tell whether a table's first row names its columns, by what it says and by what stands below it."""

import re
from collections.abc import Sequence

LONG_NAME = 80
YEARS = re.compile(r"(?:19|20)\d\d(?:[-/–]\d{2,4})?")

_LONGEST_NAME = 500
_SIGN = re.compile(r"[#№%]|[£$€]['’]?(?:000s?)?")
_MISSING = {"none", "nil", "n/a", "na", "tbc", "unknown"}
_MONEY = ("£", "$", "€")
_FIGURE_LETTERS = 3
_PERIOD = re.compile(r"\b(?:(?:19|20)\d\d|[QH][1-4])\b")
_WORD = re.compile(r"[^\W\d_]+")

_COLUMNS = frozenset(
    "address age amount answer charge comment comments cost costs count date definition depth description details distance "
    "email example explanation fee fees height length meaning name names note notes number percent percentage phone points "
    "price prices purpose quantity rate reason role roles score share size sum total translation value values votes weight "
    "width years".split()
)  # fmt: skip
"""Words with which names of columns begin or end, and which are hardly ever said of a person or thing."""

_FIELDS = frozenset(
    "address age agent amount applicant approved area author born budget by capacity category client clerk contact cost "
    "county customer date deadline decision deposit description director email end expires fee from gender id landlord "
    "location manager mobile nationality notes number occupation officer opened outcome owner phone place population "
    "postcode prepared price project purpose reference rent salary signed start status subject summary telephone tenant "
    "time title to total town type venue version website".split()
)  # fmt: skip
"""Words with which what a form asks for begins or ends."""


def are_names(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether all of a row's cells can name columns: different words, signs, or years in order.

    Years need a word beside them or an empty corner, above the names of rows. What is long or comes twice may be a value,
    but not where it asks for what is below it, nor where a word is over figures.
    """
    years = [column for column, name in enumerate(names) if YEARS.fullmatch(name)]
    words = [column for column, name in enumerate(names) if any(map(str.isalpha, name))]
    told = [name for name in names if name]
    signs = sum(_SIGN.fullmatch(name) is not None for name in told)
    corner = bool(years) and not names[0] and all(any(map(str.isalpha, row[0])) for row in below if row)
    if not (words or corner) or len(years) + len(words) + signs < len(told) or any(len(name) > _LONGEST_NAME for name in told):
        return False
    if years and not _are_years(names, years, below):
        return False
    long = [column for column in words if len(names[column]) > LONG_NAME and not _asks(names[column], _cells(column, below))]
    twice = [column for column, name in enumerate(names) if name and names.count(name) > 1]
    if any(names[column] in _cells(column, below) for column in twice):
        return False
    return not (long or twice) or any(_over_figures(names[column], _cells(column, below)) for column in words)


def is_value(names: Sequence[str], below: Sequence[Sequence[str]], *, usual: bool) -> bool:
    """Tell whether a row's second cell is the value of the first rather than the name of what is below it.

    In doubt it is no value where tables with a header are `usual`, as in sheets, and one where they are not.
    """
    if _stands_above(names, below):
        return True
    columns = sorted({column for row in (names, *below) for column, cell in enumerate(row) if cell})
    if len(columns) != 2 or any(map(_SIGN.fullmatch, names)) or _begins_or_ends(names[columns[1]], _COLUMNS):
        return False
    labels, value = _cells(columns[0], below), names[columns[1]]
    if 2 * sum(_begins_or_ends(label, _FIELDS) for label in labels) > len(labels):
        return True
    if value.startswith(_MONEY) or (_has_digit(value) and not _PERIOD.search(value)):
        return not (usual and value[0].isalpha())
    cells = _cells(columns[1], below)
    if usual:
        return _is_proper(value) and any(map(_is_proper, cells))
    if all(map(_is_figure, cells)) and len({re.sub(r"[\d.,]+", "0", cell.lstrip("-+")) for cell in cells}) == 1:
        return _is_proper(value)
    return len(below) > 1 or " " in names[columns[0]] or " " in value


def _stands_above(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether a name and its value stand above a longer row of names, which has figures below it."""
    if len(below) < 2 or len(below[0]) < 3 or not all(names[:2]) or any(names[2:]) or not all(below[0][1:]):
        return False
    return not any(map(_has_digit, below[0])) and any(map(_is_figure, below[1][2:]))


def _are_years(names: Sequence[str], years: Sequence[int], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether years stand in order, and not over years alone, as those of births and deaths do."""
    begun = [int(names[column][:4]) for column in years]
    figures = [cell for column in years for cell in _cells(column, below) if _is_figure(cell)]
    alike = bool(figures) and all(map(YEARS.fullmatch, figures))
    return len(begun) > 1 and sorted(set(begun)) in (begun, begun[::-1]) and not alike


def _asks(name: str, cells: Sequence[str]) -> bool:
    return name.endswith("?") and not any(cell.endswith("?") for cell in cells)


def _over_figures(name: str, cells: Sequence[str]) -> bool:
    return len(cells) > 1 and all(map(_is_figure, cells)) and not _has_digit(name) and name.lower() not in _MISSING


def _cells(column: int, rows: Sequence[Sequence[str]]) -> list[str]:
    """Return what a column holds, without dashes and other marks of what is missing."""
    return [row[column] for row in rows if column < len(row) and any(map(str.isalnum, row[column]))]


def _is_figure(cell: str) -> bool:
    return _has_digit(cell) and sum(map(str.isalpha, cell)) <= _FIGURE_LETTERS


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _is_proper(text: str) -> bool:
    """Tell whether a text is two words or more that are all written as names are, such as Ann Lee."""
    words = _WORD.findall(text)
    return len(words) > 1 and all(word[0].isupper() for word in words)


def _begins_or_ends(text: str, words: frozenset[str]) -> bool:
    own = _WORD.findall(text.lower())
    return bool(own) and (own[0] in words or own[-1] in words)
