"""Find the headings of a PDF: by its outline, else by their size."""

import re
import statistics
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from qa.formats.lines import Line
from qa.formats.parsed import one_line

_LARGER = 1.15
_LONGEST = 150
_MOST = 0.2
_LEVELS = 4
_FEW_LINES = 3
_NUMBER = 6
_SHORT = 80
_QUOTE_ENDS = (":", "!", '"', "'", "”", "’", "»", "“", "…")
_CAPTION = re.compile(r"(?:table|figure|fig|chart|box|map|plate|exhibit|graph|diagram)\b\.? ?\d", re.IGNORECASE)
_SECTION = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,4}\.?\s+[A-Z]")
_DIVISION = re.compile(r"^(?:appendix|chapter|section|part|annex|article|schedule)")


class Mark(NamedTuple):
    """Hold an entry of a PDF's outline: title, level from 1 on, and page number."""

    title: str
    level: int
    page: int


def _plain(text: str) -> str:
    """Return a heading's letters and digits, for a title in the outline may be spaced or numbered differently."""
    return re.sub(r"[\W_]+", "", text).lower()


def mark_headings(pages: Sequence[Sequence[Line]], outline: Iterable[Mark]) -> None:
    """Set the level of lines that are headings."""
    if not _by_outline(pages, outline):
        _by_size(pages)


def _by_outline(pages: Sequence[Sequence[Line]], outline: Iterable[Mark]) -> bool:
    """Set the levels of lines that an outline names; tell whether any was found.

    Below an entry that stands on no line of its page, headings rise by a level: else they would be told
    as parts of the chapter before.
    """
    marks = list(outline)
    named = {mark.page for mark in marks}
    looked_at = [lines for lines in pages if lines and lines[0].page in named]
    on_page = {lines[0].page: (lines, [_plain(line.text) for line in lines]) for lines in looked_at}
    above: list[tuple[int, bool]] = []
    found = False
    for mark in marks:
        above = [(level, stands) for level, stands in above if level < mark.level]
        lines, plain = on_page.get(mark.page, ((), ()))
        run = _find(lines, plain, _plain(mark.title))
        for line in run:
            line.level = min(6, 1 + sum(stands for _, stands in above))
        above.append((mark.level, bool(run)))
        found = found or bool(run)
    return found


def _find(lines: Sequence[Line], plain: Sequence[str], title: str) -> Sequence[Line]:
    """Return the lines that a title stands on, whole; the title may lack a number or "Appendix" that the lines begin with.

    `plain` and `title` are as `_plain` makes them.
    """
    for may_lack in (False, True):
        for first in range(len(lines) if title else 0):
            own = plain[first]
            text = ""
            for last in range(first, min(first + _FEW_LINES, len(lines))):
                if lines[last].level:
                    break
                text += plain[last]
                before = text[: max(0, len(text) - len(title))]
                if before and not (may_lack and len(_DIVISION.sub("", before)) <= _NUMBER):
                    break
                if text.endswith(title) and len(before) < len(own):
                    return lines[first : last + 1]
    return ()


def _by_size(pages: Sequence[Sequence[Line]]) -> None:
    """Set the levels of short, large lines above lines of the text's own size, unless too much is large."""
    every = [line for lines in pages for line in lines]
    if not every:
        return
    sizes = [round(line.size, 1) for line in every for _ in range(len(line.text))]
    body = statistics.median_low(sizes)
    large = [line for line in every if line.size >= _LARGER * body]
    if not large or sum(len(line.text) for line in large) > _MOST * len(sizes):
        return
    ranks: list[float] = []
    for size in sorted({line.size for line in large}, reverse=True):
        if not ranks or size < 0.95 * ranks[-1]:
            ranks.append(size)
    least = _LARGER * body
    groups = [_groups(lines, least) for lines in pages]

    def mark(group: Sequence[Line]) -> None:
        level = next(rank for rank, size in enumerate(ranks, start=1) if group[0].size >= 0.95 * size)
        for line in group:
            line.level = min(_LEVELS, level)

    for group, after in (item for on_page in groups for item in on_page):
        followed = after is not None and after.size < least and not _over_a_column(group, after)
        if followed and _can_be_heading(group):
            mark(group)
    usual = {line.size for line in large if line.level}
    # from the end on, for whether a chapter's name is one is known by that of its first part
    for number in reversed(range(len(pages))):
        for group, after in reversed(groups[number]):
            if group[0].level or not _can_be_heading(group) or not _is_plain_name(group):
                continue
            ends = after is None and any(0.95 < group[0].size / size < 1.05 for size in usual)
            text_above = ends and any(line.size < least for line in pages[number])
            above_part = after is not None and after.level > 0 and _under(group, after)
            if above_part or (text_above and number + 1 < len(pages) and _goes_on(group, pages[number + 1][0], least)):
                mark(group)


def _can_be_heading(group: Sequence[Line]) -> bool:
    """Tell whether large lines are short enough for a heading, and words that end as one does."""
    text = " ".join(line.text for line in group)
    fits = len(text) <= _LONGEST and len(group) <= _FEW_LINES and not any(line.row for line in group)
    return fits and not text.endswith((".", ",", ";")) and any(map(str.isalpha, text))


def _is_plain_name(group: Sequence[Line]) -> bool:
    """Tell whether large lines without text of their own below them name what follows: no quote, caption, figure or address."""
    text = " ".join(line.text for line in group)
    begins = _SECTION.match(text) or (text[0].isalpha() and not text[0].islower())
    return (
        bool(begins) and len(text) <= _SHORT and not _CAPTION.match(text) and not text.endswith(_QUOTE_ENDS) and "@" not in text
    )


def _under(group: Sequence[Line], after: Line) -> bool:
    """Tell whether a smaller heading stands close below large lines, at their left edge or their middle."""
    place = group[-1].place
    near = -after.size < after.place.top - place.bottom < 2.5 * group[0].size and after.size < group[0].size
    left = min(line.place.left for line in group)
    aligned = abs(left - after.place.left) < after.size
    centred = abs(place.left + place.right - after.place.left - after.place.right) < 2 * after.size
    return near and (aligned or centred)


def _goes_on(group: Sequence[Line], first: Line, least: float) -> bool:
    """Tell whether the next page begins with what a heading at the end of one may stand above: a new paragraph, or a part's."""
    begins = first.page == group[0].page + 1 and not first.text[:1].islower() and not _over_a_column(group, first)
    return begins and (first.size < least or (first.level > 0 and first.size < 0.95 * group[0].size))


def _over_a_column(group: Sequence[Line], after: Line) -> bool:
    """Tell whether large words name a column of the table below them: a heading begins no further right than its rows."""
    return after.row and min(line.place.left for line in group) > after.place.left + 0.5 * after.size


def title_on(pages: Sequence[Sequence[Line]]) -> str:
    """Return the largest words at the head of a document that does not name its title; empty where none stand out."""
    sizes = [line.size for lines in pages for line in lines for _ in range(len(line.text))]
    if not sizes:
        return ""
    groups = _groups(pages[0], _LARGER * statistics.median_low(sizes))
    if not groups:
        return ""
    size = max(group[0].size for group, _ in groups)
    largest = next(group for group, _ in groups if group[0].size > 0.97 * size)
    text = " ".join(line.text for line in largest)
    shown = len(text) <= _LONGEST and len(largest) <= _FEW_LINES and any(map(str.isalpha, text))
    return one_line(text) if shown and all(line.size <= 1.05 * largest[0].size for line in pages[0]) else ""


def _groups(lines: Sequence[Line], least: float) -> list[tuple[list[Line], Line | None]]:
    """Return the runs of large lines of about one size, each with the line after it."""
    groups: list[tuple[list[Line], Line | None]] = []
    run: list[Line] = []
    for line, after in pairwise([*lines, None]):
        if line is None or line.size < least:
            continue
        run.append(line)
        if after is None or after.size < least or not 0.95 < after.size / line.size < 1.05:
            groups.append((run, after))
            run = []
    return groups
