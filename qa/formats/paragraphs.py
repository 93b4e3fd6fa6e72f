"""Join the lines of a PDF into one text: paragraphs, words parted at line ends, sentences that cross a page."""

import re
import statistics
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from qa.formats.glyphs import HYPHENS
from qa.formats.lines import Line
from qa.records import Heading, Locator

_TERMINAL = re.compile(r"[.!?…:;][\"'”’)\]]*\d{0,3}$")
_BULLET = re.compile(r"(?:[-*+•‣·▪◦–]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)])\s")
_NUMBERED = re.compile(r"\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+[^\W\d_a-z]")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_LAST = re.compile(r"([^\W\d_]+)[-\u2010\u00ad\x02]$")
_PARTED = re.compile(r"([^\W\d_]*)\x02([^\W\d_]*)(?!$)")
_FIRST = re.compile(r"[^\W\d_]+")
_PARAGRAPH, _BREAK, _BLANK = "\n\n", "\n", " "
_SAME_SIZE = 1.12
_LOOSE = 1.3
_CELL_LINES = 10


class Joined(NamedTuple):
    """Hold the text of all pages, where each begins, and its headings."""

    text: str
    locators: tuple[Locator, ...]
    headings: tuple[Heading, ...]


class _Words:
    """Know the words of a text, to tell a hyphen that parts a word from one that belongs to it."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.plain: set[str] = set()
        self.hyphened: set[str] = set()
        parted = False
        for line in lines:
            found = _WORD.findall(_PARTED.sub(" ", line.text.lower()))
            if parted:  # what stands before and after a hyphen at a line's end may be half a word
                del found[:1]
            parted = line.text[-1:] in HYPHENS
            if parted:
                del found[-1:]
            for word in found:
                if "-" not in word and "\u2010" not in word:
                    self.plain.add(word)
                    continue
                parts = word.replace("\u2010", "-").split("-")
                self.plain.update(parts)
                self.hyphened.add("-".join(parts))

    def keeps_hyphen(self, before: str, after: str) -> bool:
        """Tell whether two parts of a word at a line's end are joined by a hyphen of their own."""
        before, after = before.lower(), after.lower()
        if before + after in self.plain:
            return False
        return f"{before}-{after}" in self.hyphened or (before in self.plain and after in self.plain and len(after) > 3)


def _steps(lines: Sequence[Line]) -> list[float]:
    """Return the distances from line to line of a page's columns, in sizes of their letters."""
    return [
        (other.place.top - one.place.top) / one.size
        for one, other in pairwise(lines)
        if one.column == other.column and 0.5 * one.size < other.place.top - one.place.top < 3 * one.size
    ]


def _pitch(steps: list[float], usual: float) -> float:
    """Return the distance between the lines of a paragraph: the lower quartile of a page's, but no more than is usual."""
    return min(usual, statistics.quantiles(steps, n=4, method="inclusive")[0]) if len(steps) > 1 else usual


def _room(one: Line, other: Line) -> bool:
    """Tell whether the next line's first word would have fitted on this line, so that it was ended on purpose."""
    return one.place.right + other.first_word + 0.5 * one.size < one.edge


def _sizes_differ(one: Line, other: Line) -> bool:
    return not 1 / _SAME_SIZE < other.size / max(one.size, 0.1) < _SAME_SIZE


def _separator(one: Line, other: Line, pitch: float) -> str:
    """Return what stands between two lines: a paragraph's end, a line's end, or a blank."""
    if one.level or other.level:
        same = one.level == other.level and one.page == other.page and not _sizes_differ(one, other)
        return _BLANK if same and other.place.top - one.place.top < 2 * one.size else _PARAGRAPH
    if one.row or other.row:
        return _PARAGRAPH
    ended = _TERMINAL.search(one.text) is not None
    if _BULLET.match(other.text):
        return _BREAK
    if ended and _NUMBERED.match(other.text):
        return _PARAGRAPH
    if _sizes_differ(one, other):
        return _PARAGRAPH
    up, right = one.place.top - other.place.top, other.place.left - one.place.left
    if one.page == other.page and 0 < up < _CELL_LINES * one.size and right > 0 and other.text[:1].isupper():
        return _PARAGRAPH  # the next cell of a row; a column of running text is longer
    if one.page != other.page or one.column != other.column or other.place.top < one.place.top:
        goes_on = not ended and (other.text[:1].islower() or one.text[-1] in HYPHENS or not _room(one, other))
        return _BLANK if goes_on else _PARAGRAPH
    step = other.place.top - one.place.top
    if step > max(_LOOSE * pitch, 1.1) * one.size or (ended and other.place.left - one.place.left > 0.8 * one.size):
        return _PARAGRAPH
    if _room(one, other):
        return _PARAGRAPH if ended else _BREAK
    return _BLANK


class _Writer:
    """Write lines one after the other, keeping text and boxes together."""

    def __init__(self, words: _Words) -> None:
        self.words = words
        self.text: list[str] = []
        self.length = 0
        self.boxes: array[int] = array("H")
        self.locators: list[Locator] = []
        self.headings: list[list[int]] = []
        self.page = 0
        self.page_start = 0

    def separate(self, separator: str) -> None:
        self.text.append(separator)
        self.length += len(separator)
        self.boxes.extend((0, 0, 0, 0) * len(separator))

    def drop_hyphen(self) -> None:
        self.text[-1] = self.text[-1][:-1]
        self.length -= 1
        del self.boxes[-4:]

    def join(self, one: Line, other: Line, separator: str) -> None:
        last, first = _LAST.search(one.text), _FIRST.match(other.text)
        if separator != _PARAGRAPH and one.text[-1] in HYPHENS and len(one.text) > 1 and one.text[-2] not in " \t":
            parted = last and first and other.text[0].islower() and not self.words.keeps_hyphen(last[1], first[0])
            if parted or one.text[-1] == "\u00ad":
                self.drop_hyphen()
            return
        self.separate(separator)

    def add(self, line: Line) -> None:
        if line.page != self.page:
            self.end_page()
            self.page, self.page_start = line.page, self.length
        # A soft hyphen inside a line parts nothing, and PDFium's mark of a hyphen is one.
        last = len(line.text) - 1
        text = line.text
        parting = {index for index, character in enumerate(text[:last]) if character == "\u00ad"}
        for parted in _PARTED.finditer(text) if "\x02" in text[:last] else ():
            if parted[1] and parted[2] and not self.words.keeps_hyphen(parted[1], parted[2]):
                parting.add(parted.end(1))
        if not parting:
            self.boxes.extend(line.boxes)
        else:
            kept = [index for index in range(len(text)) if index not in parting]
            text = "".join(text[index] for index in kept)
            self.boxes.extend(number for i in kept for number in line.boxes[4 * i : 4 * i + 4])
        text = text.replace("\x02", "-")
        self.text.append(text)
        self.length += len(text)

    def end_page(self) -> None:
        if self.page:
            packed = zlib.compress(_little_endian(self.boxes), 6)
            self.locators.append(Locator(self.page_start, "page", self.page, boxes=packed))
            self.boxes = array("H")


def _little_endian(numbers: "array[int]") -> bytes:
    if sys.byteorder == "big":
        numbers = array("H", numbers)
        numbers.byteswap()
    return numbers.tobytes()


def join(pages: Sequence[Sequence[Line]]) -> Joined:
    """Join the lines of all pages, in order, into one text.

    A word that a line's end parts is put together again; a hyphen of its own stays. The text of a page
    begins with its first line and ends where the next page's begins.
    """
    writer = _Writer(_Words(line for lines in pages for line in lines))
    previous: Line | None = None
    steps = [_steps(lines) for lines in pages]
    every = [step for page in steps for step in page]
    usual = 1.1 * statistics.median(every) if every else 1.5
    for lines, own in zip(pages, steps, strict=True):
        pitch = _pitch(own, usual)
        for line in lines:
            separator = ""
            if previous is not None:
                separator = _separator(previous, line, pitch)
                writer.join(previous, line, separator)
            start = writer.length
            writer.add(line)
            if line.level:
                if previous is not None and previous.level and separator == _BLANK:
                    writer.headings[-1][1] = writer.length
                else:
                    writer.headings.append([start, writer.length, line.level])
            previous = line
    writer.end_page()
    text = "".join(writer.text)
    headings = tuple(Heading(start, end, level, " ".join(text[start:end].split())) for start, end, level in writer.headings)
    return Joined(text, tuple(writer.locators), headings)
