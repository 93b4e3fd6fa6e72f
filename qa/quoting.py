"""Quotes as plain text to show: the part that matters, its highlights marked, nothing in it obeyed."""

import re
import unicodedata
from dataclasses import replace
from itertools import pairwise

from rich.text import Text

from qa.answer import Answer, Citation
from qa.records import Span

WINDOW = 160
"""Characters shown on each side of the highlight of citations after the first."""

SHORTEST_WRAPPED = 45
"""Characters from which on a line may end where it does because it was full; shorter ones are verses, addresses, items."""

SLACK = 8
"""Characters by which a full line may be shorter: people break lines a little early."""

_SOFT = "\u00ad"
"""What `visible` leaves out: it keeps offsets where characters go."""

_LINE = re.compile(r"[^\r\n]*")
_PARAGRAPH = re.compile(r"(?:(?<=[\r\n])|\A)(?:[^\S\r\n]*\S[^\r\n]*(?:\r\n?|\n|\Z))+")
_BREAK = re.compile(r"(?:\r\n?|\n) {0,3}")
_OWN_LINE = re.compile(r"\s|[|#>]|[-*+] |\d+[.)] |[-=~`]{3}|\Z")
"""What begins a line that does not go on with the one before: an item, a row, a heading, a quotation, code, nothing."""

_CELLS = re.compile(r"[^\s.?!:;,\"')\]] {2}|\S(?: {3}|\t| \| )")
"""What stands between the cells of a row; two spaces also end sentences."""

VERSES = 4
"""Lines from which on a paragraph is verse where each begins with a capital; of two or three, prose may do so by chance."""


def visible(text: str) -> str:
    """Return a text whose control and direction characters are shown instead of obeyed."""
    return "".join(
        character if character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp") else _symbol(character)
        for character in text.replace("\r\n", "\n").replace("\t", " ")
    )


def _symbol(character: str) -> str:
    if character == "\u00ad":  # a soft hyphen has no look of its own
        return ""
    return chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\N{REPLACEMENT CHARACTER}"


def unwrapped(text: str) -> str:
    """Return a text of the same length with the line breaks gone that are there only because a line was full.

    To be shown by `visible`, where lines are broken anew. A line was full if the next one's first word would
    have made it longer than any of its paragraph, or nearly so.
    """
    pieces = list(text)
    in_code = False
    for paragraph in _PARAGRAPH.finditer(text):
        lines = [line for line in _LINE.finditer(text, *paragraph.span()) if line.group()]
        fences = sum(line.group().lstrip().startswith(("```", "~~~")) for line in lines)
        within, in_code = in_code, in_code != bool(fences % 2)
        verse = len(lines) >= VERSES and all(line.group().lstrip()[:1].isupper() for line in lines)
        longest = max(len(line.group().rstrip()) for line in lines)
        if within or fences or verse or longest < SHORTEST_WRAPPED:
            continue
        for line, following in pairwise(lines):
            broken = _BREAK.match(text, line.end())
            if broken is not None and _goes_on(line.group(), text[broken.end() : following.end()], longest):
                pieces[broken.start() : broken.end()] = " " + _SOFT * (len(broken.group()) - 1)
    return "".join(pieces)


def _goes_on(line: str, following: str, longest: int) -> bool:
    """Tell whether the text of a line goes on in the following one."""
    if line.endswith(("  ", "\\")) or line.startswith(("|", "#")) or _OWN_LINE.match(following):
        return False
    if _CELLS.search(line.strip()) or _CELLS.search(following.strip()):
        return False
    return len(line) >= SHORTEST_WRAPPED and len(line.rstrip()) + 1 + len(following.split()[0]) > longest - SLACK


def _window(citation: Citation, whole: bool) -> tuple[str, list[Span]]:
    """Return the quote, or the part around its first highlight, with the highlights' spans in it."""
    spans = [Span(span.start - citation.start, span.end - citation.start) for span in citation.highlights]
    if whole or not spans:
        return citation.quote, spans
    start, end = max(0, spans[0].start - WINDOW), min(len(citation.quote), spans[0].end + WINDOW)
    while 0 < start < spans[0].start and not citation.quote[start - 1].isspace():
        start += 1
    while spans[0].end < end < len(citation.quote) and not citation.quote[end].isspace():
        end -= 1
    before, after = "… " if start > 0 else "", " …" if end < len(citation.quote) else ""
    shown = [
        Span(span.start - start + len(before), span.end - start + len(before))
        for span in spans
        if start <= span.start and span.end <= end
    ]
    return before + citation.quote[start:end] + after, shown


def joined(citation: Citation) -> Citation:
    """Return a citation to print, its quote unwrapped where its lines are those of a text file."""
    return replace(citation, quote=unwrapped(citation.quote)) if citation.lined and citation.locator is None else citation


def said(answer: Answer) -> tuple[str, ...]:
    """Return an answer's pieces to print, unwrapped as `joined` has them."""
    return replace(answer, citations=tuple(map(joined, answer.citations))).pieces


def quotation(citation: Citation, *, whole: bool) -> Text:
    """Return a quote with its highlights marked."""
    quote, spans = _window(citation, whole)
    text, position = Text(), 0
    for span in sorted(spans):
        text.append(visible(quote[position : span.start]))
        text.append(visible(quote[span.start : span.end]), style="bold black on bright_yellow")
        position = span.end
    text.append(visible(quote[position:]))
    return text
