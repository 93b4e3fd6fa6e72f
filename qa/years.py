"""The years that a question asks for and a text gives, as intervals: 2013, 2021/22, the 1950s, before 2000, from 1994 to 1999."""

import re

_YEAR = r"(?<![\w.,/£$€#-])(1\d{3}|20\d{2})"
_UNTIL = ("before", "prior to", "until", "till", "by", "up to")
_FROM = ("after", "since", "from", "between")
_SPAN = re.compile(
    rf"(?:\b(?P<bound>{'|'.join((*_UNTIL, *_FROM))})\s+(?:the\s+)?(?:year\s+|end\s+of\s+)?)?{_YEAR}"
    r"(?:(?P<decade>['’]?s\b)|\s?[-–/]\s?(?P<short>\d{4}|\d{2})(?![\d%]|-\d)|\s+(?:and|to|until)\s+(?P<long>1\d{3}|20\d{2}))?"
    r"(?![\d%]|[.,]\d)",
    re.IGNORECASE,
)
_FIRST, _LAST = 0, 9999

Years = tuple[int, int]


def years_of(text: str) -> list[Years]:
    """Return the first and last year of each year, decade or stretch of years that a text names, in order."""
    found = []
    for match in _SPAN.finditer(text):
        year, bound = int(match[2]), (match["bound"] or "").casefold()
        until = match["short"] or (match["long"] if bound in ("between", "from") else None)
        if match["decade"]:
            found.append((year, year + 9))
        elif until:
            last = int(until) if len(until) == 4 else year // 100 * 100 + int(until)
            found.append((year, max(year, last)))
        elif bound in _UNTIL:
            found.append((_FIRST, year))
        elif bound in _FROM:
            found.append((year, _LAST))
        else:
            found.append((year, year))
        if match["long"] and not until:
            found.append((int(match["long"]),) * 2)
    return found


def agree(one: Years, other: Years) -> bool:
    """Tell whether two stretches share a year; two years of account, as 2021/22 and 2022/23, only where they are the same."""
    if one[1] - one[0] == other[1] - other[0] == 1:
        return one == other
    return one[0] <= other[1] and other[0] <= one[1]
