"""The numbers that Word sets before paragraphs of lists and before headings, which no paragraph's own text holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from docx.oxml.ns import qn

from qa.formats.numerals import numeral

_PLACE = re.compile(r"%([1-9])")
_VAL, _LEVEL, _ID, _STYLE = qn("w:val"), qn("w:ilvl"), qn("w:numId"), qn("w:styleId")
_STYLES_DEEP = 20
_LEVELS = 9
_KNOWN = frozenset("decimal decimalZero lowerLetter upperLetter lowerRoman upperRoman".split())
_MOST = 1_000_000


class Level(NamedTuple):
    """Hold how a level of a list is numbered: `pattern` has %1 for the number of the first level."""

    start: int
    kind: str
    pattern: str
    plain: bool


@dataclass(frozen=True)
class List:
    """Hold a list's levels, the counters it shares with others, and where it begins anew."""

    levels: Mapping[int, Level]
    counters: dict[int, int]
    starts: Mapping[int, int]


def _value(element: Any, path: str, default: str = "") -> str:
    """Return the value of an element below another, such as `w:start`."""
    found = None if element is None else element.find("/".join(map(qn, path.split("/"))))
    return default if found is None else found.get(_VAL) or default


def _number(text: str, default: int) -> int:
    return min(int(text), _MOST) if text.isdigit() and text.isascii() and len(text) < 9 else default


class Labels:
    """Number the paragraphs of a document as they come, in its order."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        """Take the roots of the parts that define numbers and styles; None for one that is missing."""
        self._styles = {} if styles is None else {style.get(_STYLE): style for style in styles.iter(qn("w:style"))}
        self._by_style: dict[tuple[str, str], int] = {}
        self._begun: set[str] = set()
        self._lists: dict[str, List] = {}
        if numbering is not None:
            self._define(numbering)

    def _define(self, numbering: Any) -> None:
        abstract = {item.get(qn("w:abstractNumId")): item for item in numbering.iter(qn("w:abstractNum"))}
        links = {_value(item, "w:styleLink"): key for key, item in abstract.items() if _value(item, "w:styleLink")}
        counters: dict[str, dict[int, int]] = {}
        for item in numbering.iter(qn("w:num")):
            key = _value(item, "w:abstractNumId")
            key = links.get(_value(abstract.get(key), "w:numStyleLink"), key)
            levels: dict[int, Level] = {}
            starts: dict[int, int] = {}
            own = abstract.get(key)
            for level in [] if own is None else own.findall(qn("w:lvl")):
                self._take(item.get(_ID) or "", level, levels)
            for override in item.findall(qn("w:lvlOverride")):
                at = _number(override.get(_LEVEL) or "", 0)
                for level in override.findall(qn("w:lvl")):
                    self._take(item.get(_ID) or "", level, levels)
                if begin := _value(override, "w:startOverride"):
                    starts[at] = _number(begin, 1)
            self._lists[item.get(_ID) or ""] = List(levels, counters.setdefault(key, {}), starts)

    def _take(self, number: str, level: Any, levels: dict[int, Level]) -> None:
        at = _number(level.get(_LEVEL) or "", 0)
        plain = level.find(qn("w:isLgl")) is not None
        start, kind = _number(_value(level, "w:start"), 0), _value(level, "w:numFmt", "decimal")
        levels[at] = Level(start, kind, _value(level, "w:lvlText"), plain)
        if style := _value(level, "w:pStyle"):
            self._by_style[number, style] = at

    def label(self, paragraph: Any) -> str:
        """Return what stands before a paragraph, such as `2.1` or a bullet, and count it; empty where it is in no list."""
        number, at = self._place(paragraph)
        found = self._lists.get(number)
        level = None if found is None else found.levels.get(at)
        if found is None or level is None:
            return ""
        if number not in self._begun:
            self._begun.add(number)
            found.counters.update({deep: start - 1 for deep, start in found.starts.items()})
        for deep in [deep for deep in found.counters if deep > at]:
            del found.counters[deep]
        for above in range(at):
            if above in found.levels:
                found.counters.setdefault(above, found.levels[above].start)
        found.counters[at] = found.counters.get(at, level.start - 1) + 1
        if level.kind == "bullet":
            return "•"

        def told(match: re.Match[str]) -> str:
            deep = int(match[1]) - 1
            kind = found.levels[deep].kind if deep in found.levels else "decimal"
            return numeral(found.counters.get(deep, 1), "decimal" if level.plain else kind)

        return _PLACE.sub(told, level.pattern).strip() if level.kind in _KNOWN else ""

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """Return the number of a paragraph's list and the level in it, by its own properties or its style's."""
        own = paragraph.find(qn("w:pPr"))
        number, at = _value(own, "w:numPr/w:numId"), _value(own, "w:numPr/w:ilvl")
        style, seen = _value(own, "w:pStyle"), 0
        while not number and style in self._styles and seen < _STYLES_DEEP:
            properties = self._styles[style].find(qn("w:pPr"))
            number = _value(properties, "w:numPr/w:numId")
            at = at or _value(properties, "w:numPr/w:ilvl") or str(self._by_style.get((number, style), ""))
            style, seen = _value(self._styles[style], "w:basedOn"), seen + 1
        return number, min(_number(at, 0), _LEVELS - 1)
