"""The years that a question asks for and a text gives, as intervals: 2013, 2021/22, the 1950s, before 2000, from 1994 to 1999."""

import re

MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
FOUR_DIGITS = r"(?:1\d{3}|20\d{2})"
"""A year, as far as it can be told from its digits."""

# The year of 14/07/2019 is one, the 1500 of 12,1500 or 3-1500 is none.
_IN_FIGURES = r"(?<=\d[/.-]\d\d[/.-])|(?<=\d[/.-]\d[/.-])"
_YEAR = rf"(?:(?<![\w.,/£$€#-])|{_IN_FIGURES})({FOUR_DIGITS})"
_UNTIL = ("before", "prior to", "until", "till", "by", "up to")
_SINCE = ("after", "since")
_FROM = (*_SINCE, "from", "between")
_SPAN = re.compile(
    rf"(?:\b(?P<bound>{'|'.join((*_UNTIL, *_FROM))})\s+(?:the\s+)?(?:year\s+|end\s+of\s+)?)?{_YEAR}"
    rf"(?:(?P<decade>['’]?s\b)|\s?[-–/]\s?(?P<short>\d{{4}}|\d{{2}})(?![\d%]|-\d)|\s+(?P<joined>and|to|until)\s+(?P<long>{FOUR_DIGITS}))?"
    r"(?!\d| ?%|[.,]\d)",
    re.IGNORECASE,
)
_FIRST, _LAST = 0, 9999
# Not "the year before she died", which says of what else it was.
_BEFORE_OR_AFTER = re.compile(
    r"\b(?:(?P<before>(?:the|a) year (?:before|earlier)|(?:previous|preceding|prior) year)"
    r"|(?:the|a) year (?:after|later)|(?:following|next) year)\b(?! (?:he|she|they|his|her|their|its?|the|an?)\b)",
    re.IGNORECASE,
)

_LAST_OR_THIS = re.compile(r"\b(?P<which>last|this) year\b", re.IGNORECASE)

Years = tuple[int, int]


def years_of(text: str) -> list[Years]:
    """Return the first and last year of each year, decade or stretch of years that a text names, in order."""
    found = []
    for match in _SPAN.finditer(text):
        first, bound = int(match[2]), (match["bound"] or "").casefold()
        last, alone = first, None
        if match["decade"]:
            last = first + 9
        elif match["short"]:
            last = _ending(first, match["short"])
        elif match["long"] and match["joined"].casefold() == "and" and bound != "between":
            alone = int(match["long"])
        elif match["long"]:
            last = max(first, int(match["long"]))
        if bound in _UNTIL:
            found.append((_FIRST, last))
        elif (bound in _FROM and last == first) or bound in _SINCE:
            found.append((first, _LAST))
        else:
            found.append((first, last))
        if alone:
            found.append((alone, alone))
    return found


def years_beside(text: str, around: str, dated: str = "") -> list[Years]:
    """Return the years that a text names by another: last year, the year before, a year later.

    Last year is that before its document's, `dated`. The other one is the one year that the text gives or names so, or, where
    it does not, that of its title and headings, `around`, or of its document.
    """
    own = years_of(dated)
    back = [1 if match["which"].casefold() == "last" else 0 for match in _LAST_OR_THIS.finditer(text)]
    named = [(first - step, last - step) for step in back for first, last in own]
    steps = [-1 if match["before"] else 1 for match in _BEFORE_OR_AFTER.finditer(text)]
    given = (set(years_of(text)) or set(named) or set(years_of(around)) or set(own)) if steps else set()
    if len(given) != 1:
        return named
    first, last = given.pop()
    if last - first > 1:
        return named
    return [*named, *((first + step, last + step) for step in steps)]


def _ending(first: int, short: str) -> int:
    """Return the year that a stretch ends in: 22 after 2021, 00 after 1999; the first where it would end before."""
    last = int(short) if len(short) == 4 else first // 100 * 100 + int(short)
    return max(first, last + 100 if len(short) == 2 and last + 100 == first + 1 else last)


def agree(one: Years, other: Years) -> bool:
    """Tell whether two stretches share a year; two years of account, as 2021/22 and 2022/23, only where they are the same."""
    if one[1] - one[0] == other[1] - other[0] == 1:
        return one == other
    return one[0] <= other[1] and other[0] <= one[1]
