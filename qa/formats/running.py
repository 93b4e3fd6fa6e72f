"""Running lines of a document's pages: headers, footers, page numbers, and what a browser prints around a page."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from qa.formats.lines import Line

MARGIN = 0.12
"""Share of a page's height at its top and its foot in which running lines are looked for."""

_MOST_BESIDE = 100
_DIGITS = re.compile(r"\d+|^[ivxlc]+$")
_PAGE_NUMBER = re.compile(r"^\d{1,5}\b|\b\d{1,5}$", re.ASCII)
_ADDRESS = re.compile(r"(?:https?|file)://\S+(?:\s+\d+(?:/\d+)?)?")
_TIME = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}:\d{2}\b")


def running_lines(pages: Iterable[tuple[float, list[Line]]]) -> set[int]:
    """Return the identities of headers, footers and page numbers: lines in the margins that come again and again.

    `pages` pairs each page's height with its lines. A line counts as the same whatever numbers are in
    it, if it stands at the same height on at least two pages and on two in five of all. One that begins
    or ends with its page's number is a running line where such numbers count the pages.
    """
    seen: Counter[tuple[str, int]] = Counter()
    offsets: Counter[int] = Counter()
    found: list[tuple[set[tuple[str, int]], set[int], Line, bool]] = []
    count = 0
    for height, lines in pages:
        count += bool(lines)
        on_page: set[int] = set()
        keys: set[tuple[str, int]] = set()
        margin = [line for line in lines if line.place.bottom < MARGIN * height or line.place.top > (1 - MARGIN) * height]
        printed = _printed(margin, height)
        for line in margin:
            # what stands side by side is one line or several, as the page's columns have it
            near = margin if len(margin) <= _MOST_BESIDE else [line]
            beside = sorted((other for other in near if _level_with(line, other)), key=lambda other: other.place.left)
            told = " ".join(other.text.strip().lower() for other in beside)
            key = _DIGITS.sub("#", told), round(beside[0].place.top / height * 50)
            own = _DIGITS.sub("#", line.text.strip().lower()), key[1]
            numbers = {int(number) - line.page for number in _PAGE_NUMBER.findall(line.text)}
            keys |= {key, own}
            on_page |= numbers
            found.append(({key, own}, numbers, line, id(line) in printed))
        offsets.update(on_page)
        seen.update(keys)
    usual = {offset for offset, times in offsets.items() if times >= max(3, 0.5 * count)}
    often = {key for key, times in seen.items() if times >= max(2, 0.4 * count)}
    return {id(line) for told, numbers, line, by_browser in found if by_browser or told & often or numbers & usual}


def _level_with(one: Line, other: Line) -> bool:
    """Tell whether two lines stand side by side."""
    overlap = min(one.place.bottom, other.place.bottom) - max(one.place.top, other.place.top)
    return one is other or overlap > 0.5 * min(one.size, other.size)


def _printed(margin: Sequence[Line], height: float) -> set[int]:
    """Return the identities of the lines that a browser prints around a page: address, page's number, time and title."""
    feet = [line for line in margin if line.place.top > height / 2 and _ADDRESS.fullmatch(line.text.strip())]
    times = [line for line in margin if line.place.bottom < height / 2 and _TIME.match(line.text)]
    heads = [line for time in times[:_MOST_BESIDE] for line in margin if _level_with(time, line)]
    return {id(line) for line in feet + heads} if feet else set()
