"""Quotes as plain text to show: the part that matters, its highlights marked, nothing in it obeyed."""

import unicodedata

from rich.text import Text

from qa.answer import Citation
from qa.records import Span

WINDOW = 160
"""Characters shown on each side of the highlight of citations after the first."""


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
