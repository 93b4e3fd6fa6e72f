"""Running lines of a document's pages: headers, footers, page numbers, and what a browser prints around a page."""

import re
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from qa.formats.lines import Line
from qa.formats.numerals import numeral

MARGIN = 0.12
"""Share of a page's height at its top and its foot in which running lines are looked for."""

_MOST_BESIDE = 100
_NUMBER = re.compile(r"(?<!\d)\d{1,9}(?!\d)")
_ROMAN = {numeral(number, "lowerRoman"): number for number in range(1, 400)}
_LONE = re.compile(r"[^\w#\t]*#(?: ?[/|–-] ?#)?[^\w#\t]*")
_PAGE_NUMBER = re.compile(r"^\d{1,5}\b|\b\d{1,5}$", re.ASCII)
_ADDRESS = re.compile(r"(?:https?|file)://\S+(?:\s+\d+(?:/\d+)?)?")
_TIME = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}:\d{2}\b")

_Key = tuple[str, int | None, int]
"""Words, by how much the number left out of them is ahead of the page's, and how far down; no words for any line's end."""


def running_lines(pages: Iterable[tuple[float, list[Line]]]) -> set[int]:
    """Return the identities of headers, footers and page numbers: lines in the margins that come again and again.

    `pages` pairs each page's height with its lines. A line counts as the same if it stands at the same height on at
    least two pages and on two in five of all, and has the same words and numbers, or all but one that counts the pages.
    One that begins or ends with its page's number is a running line where such numbers count the pages.
    """
    pages = list(pages)
    largest = 1.1 * statistics.median([line.size for _, lines in pages for line in lines] or [0])
    seen: Counter[_Key] = Counter()
    found: list[tuple[set[_Key], Line, bool]] = []
    count = 0
    for height, lines in pages:
        count += bool(lines)
        on_page: set[_Key] = set()
        margin = [line for line in lines if line.place.bottom < MARGIN * height or line.place.top > (1 - MARGIN) * height]
        printed = _printed(margin, height)
        for line in margin:
            # what stands side by side is one line or several, as the page's columns have it
            near = margin if len(margin) <= _MOST_BESIDE else [line]
            beside = sorted((other for other in near if _level_with(line, other)), key=lambda other: other.place.left)
            told = " ".join(other.text.strip().lower() for other in beside)
            keys = set(_keys(line, told, round(beside[0].place.top / height * 50), largest))
            on_page |= keys
            found.append((keys, line, id(line) in printed))
        seen.update(on_page)
    often = {key for key, times in seen.items() if times >= (max(2, 0.4 * count) if key[0] else max(3, 0.5 * count))}
    often |= _numbered(seen, often, 0.4 * count)
    return {id(line) for keys, line, by_browser in found if by_browser or keys & often}


def _keys(line: Line, told: str, place: int, largest: float) -> Iterator[_Key]:
    """Yield what a line, alone and with what is beside it, may have in common with running lines of other pages.

    A row of figures has nothing, for any other is like it; nor does a heading's number count the pages.
    """
    own = line.text.strip().lower()
    for text in {told, own} if _has_letters(told) else {told}:
        lone = _LONE.fullmatch(_masked(text)) is not None
        if not lone and (_has_letters(text) or len(text.split()) == 1):
            yield text, None, place
        if not lone and (line.size > largest or not _has_letters(text)):
            continue
        for masked, number in _numbers(text):
            yield masked, number - line.page, place
        if text == own and sum(not _has_letters(cell) for cell in own.split("\t")) < 2:
            yield from (("", int(number) - line.page, place) for number in _PAGE_NUMBER.findall(line.text))


def _numbered(seen: Counter[_Key], often: Collection[_Key], least: float) -> set[_Key]:
    """Return the keys of lone page numbers: where such numbers stand, however they begin anew, or with the usual number."""
    places: Counter[tuple[str, int]] = Counter()
    lone = {key: (_masked(key[0]), key[2]) for key in seen if key[1] is not None and _LONE.fullmatch(_masked(key[0]))}
    for key, place in lone.items():
        places[place] += seen[key] if seen[key] > 1 else 0
    usual = {offset for words, offset, _ in often if not words}
    return {key for key, place in lone.items() if places[place] >= max(2, least) or key[1] in usual}


def _has_letters(text: str) -> bool:
    """Tell whether a text has letters that are no roman number."""
    return text not in _ROMAN and any(map(str.isalpha, text))


def _masked(text: str) -> str:
    return "#" if text in _ROMAN else _NUMBER.sub("#", text)


def _numbers(text: str) -> Iterator[tuple[str, int]]:
    """Yield each number of a text, and before it the text without this number."""
    if text in _ROMAN:
        yield "#", _ROMAN[text]
    for match in _NUMBER.finditer(text):
        yield f"{text[: match.start()]}#{text[match.end() :]}", int(match[0])


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
