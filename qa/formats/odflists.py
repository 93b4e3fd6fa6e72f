"""The numbers that OpenDocument sets before the items of lists and before headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from qa.formats.numerals import numeral

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
_PLACE = re.compile(r"%(\d{1,2})%")
_KINDS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_MOST = 1_000_000


def _number(text: str | None, default: int) -> int:
    return min(int(text), _MOST) if text and text.isdigit() and text.isascii() and len(text) < 9 else default


@dataclass
class Lists:
    """Number the items of a text's lists, and its headings, in order; `styles` are the roots that may define how."""

    styles: tuple[Any, ...]
    _levels: dict[tuple[str, int], Any] = field(default_factory=dict)
    _counters: dict[str, dict[int, int]] = field(default_factory=dict)
    _outline: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the levels of all lists."""
        for root in self.styles:
            for kind in (f"{TEXT}list-style", f"{TEXT}outline-style"):
                for style in root.iter(kind):
                    for level in style:
                        at = _number(level.get(f"{TEXT}level"), 1) if isinstance(level.tag, str) else 0
                        name = (style.get(f"{STYLE}name") or "") if kind.endswith("list-style") else "\0outline"
                        self._levels.setdefault((name, at), level)

    def begin(self, element: Any, style: str, level: int) -> None:
        """Begin a list on a level; unless it goes on with one before, its numbers begin anew."""
        goes_on = element.get(f"{TEXT}continue-numbering") == "true" or element.get(f"{TEXT}continue-list") is not None
        if not goes_on:
            counters = self._counters.setdefault(style, {})
            for deep in [deep for deep in counters if deep >= level]:
                del counters[deep]

    def label(self, item: Any, style: str, level: int) -> str:
        """Count an item of a list and return what is set before it, such as `2.1` or a bullet."""
        definition = self._levels.get((style, level))
        if definition is None:
            return ""
        if definition.tag != f"{TEXT}list-level-style-number":
            return "•" if definition.tag == f"{TEXT}list-level-style-bullet" else ""
        start = item.get(f"{TEXT}start-value")
        return self._count(self._counters.setdefault(style, {}), style, level, _number(start, -1))

    def heading(self, level: int) -> str:
        """Count a heading that stands in no list and return its number; empty where headings have none."""
        return self._count(self._outline, "\0outline", level, -1) if ("\0outline", level) in self._levels else ""

    def _count(self, counters: dict[int, int], style: str, level: int, start: int) -> str:
        definition = self._levels[style, level]
        for deep in [deep for deep in counters if deep > level]:
            del counters[deep]
        first = _number(definition.get(f"{TEXT}start-value"), 1)
        counters[level] = start if start >= 0 else counters.get(level, first - 1) + 1
        if not definition.get(f"{STYLE}num-format"):
            return ""
        return "".join(self._told(definition, counters, style, level)).strip()

    def _told(self, definition: Any, counters: dict[int, int], style: str, level: int) -> Iterator[str]:
        def number(deep: int) -> str:
            own = self._levels.get((style, deep))
            kind = _KINDS.get("" if own is None else own.get(f"{STYLE}num-format") or "", "decimal")
            return numeral(counters.get(deep, 1), kind)

        pattern = definition.get(f"{_LOEXT}num-list-format")
        if pattern:
            yield _PLACE.sub(lambda match: number(int(match[1])), pattern)
            return
        shown = min(level, _number(definition.get(f"{TEXT}display-levels"), 1))
        yield definition.get(f"{STYLE}num-prefix") or ""
        yield ".".join(number(deep) for deep in range(level - shown + 1, level + 1))
        yield definition.get(f"{STYLE}num-suffix") or ""
