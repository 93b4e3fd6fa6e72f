"""Find the headings of a reStructuredText file; its text stays as it is."""

import re

from qa.formats.parsed import Beat, Parsed, no_beat, one_line
from qa.records import Heading

_MARKS = r"[!-/:-@\[-`{-~]"
_LINE = r"(?:\r\n?|\n|\Z)"
_TITLE = re.compile(
    rf"(?:(?<=\n)|(?<=\r)|\A)(?:(?P<over>(?P<o>{_MARKS})(?P=o)*)[^\S\r\n]*{_LINE})?"
    rf"(?P<title>[^\s][^\r\n]*|(?(over)[^\S\r\n]+[^\s][^\r\n]*|(?!))){_LINE}(?P<under>(?P<u>{_MARKS})(?P=u)+)[^\S\r\n]*{_LINE}"
)


def parse_rst(text: str, beat: Beat = no_beat) -> Parsed:
    """Find titles by their underlines; a style's level is the order in which it first comes, as docutils has it."""
    headings: list[Heading] = []
    styles: list[tuple[str, bool]] = []
    for match in _TITLE.finditer(text):
        beat()
        title, under, over = match["title"].rstrip(), match["under"], match["over"]
        if len(under) < len(title) or (over is not None and over != under) or re.fullmatch(f"(?:{_MARKS})+", title):
            continue
        style = (under[0], over is not None)
        if style not in styles:
            styles.append(style)
        headings.append(Heading(match.start(), match.end(), styles.index(style) + 1, one_line(title)))
    return Parsed(headings=tuple(headings))
