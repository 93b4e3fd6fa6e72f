"""Cut documents into passages of whole sentences that tile each section."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from qa.lists import is_lead
from qa.records import Document, Heading, Passage, Span
from qa.settings import Settings
from qa.text import Lines, cut_point, line_breaks, sentence_span, sentence_tiles

CONTEXT_CHARACTERS = 200
"""Longest title and heading path given to the encoder as context."""

CONTEXT_BYTES = 255
"""Longest context in UTF-8: a character may be several tokens (Hangul is three), a byte is at most one."""

SHORT_CHARACTERS = 300
"""A paragraph under this length is joined with the next.

Passages that keep to paragraphs gained 1 to 3 points of Success@1 and 1 of the highlight on squad2's
tune and train articles over passages filled to the brim.
"""

_LABEL = r"\[\^([^\]\s]{1,100})\]"
_INDENTED = r"\n(?:[^\S\n]*\n)*(?: {4}|\t)[^\n]*"
_GOES_ON = r"\n(?! {0,3}\[\^[^\]\s]{1,100}\]:|[^\S\n]*(?:\n|\Z))[^\n]*"
_REFERENCE = re.compile(rf"{_LABEL}(?!:)")
_NOTE = re.compile(rf"^ {{0,3}}{_LABEL}:[^\n]*(?:{_INDENTED}|{_GOES_ON})*", re.MULTILINE)
"""A note of Markdown: its lines, and the indented ones below an empty one."""

CountTokens = Callable[[str], int]


def context_of(document_title: str, heading: tuple[str, ...]) -> str:
    """Return what the encoder is told about where a passage stands: title, then heading path."""
    parts = [document_title, *(part for part in heading if part != document_title)]
    context = ". ".join(part for part in parts if part)[:CONTEXT_CHARACTERS]
    return context.encode()[:CONTEXT_BYTES].decode(errors="ignore")


class Section(NamedTuple):
    """Hold a stretch of a text that stands under one heading path."""

    start: int
    end: int
    heading: tuple[str, ...]


def _slides(document: Document) -> Iterator[Heading]:
    """Yield for each slide a heading of no words: it may have no title, and does not stand under the one before."""
    last = 0
    for locator in document.locators:
        if locator.kind == "slide" and locator.number != last:  # its speaker's notes have its number
            last = locator.number
            # the blank before it is left out, so that no passage goes on in one of another slide
            yield Heading(max(document.body, locator.start - 1), locator.start, 1, "")


def _between_headings(document: Document) -> Iterator[Section]:
    """Yield each stretch between headings in order; blank ones are left out."""
    path: list[tuple[int, str]] = []
    position = document.body
    for heading in sorted((*_slides(document), *document.headings), key=lambda heading: heading.start):
        if document.text[position : heading.start].strip():
            yield Section(position, heading.start, tuple(text for _, text in path))
        path = [entry for entry in path if entry[0] < heading.level]
        if heading.text:
            path.append((heading.level, heading.text))
        position = heading.end
    if document.text[position:].strip():
        yield Section(position, len(document.text), tuple(text for _, text in path))


def sections(document: Document) -> Iterator[Section]:
    """Yield the stretches of a text that stand under one heading, in order; blank ones are left out.

    Markdown's notes stand at the end of the file, but belong under the heading where they are first referred to.
    """
    text = document.text
    stretches = list(_between_headings(document))
    owners: dict[str, tuple[str, ...]] = {}
    for section in stretches if text.find("[^") >= 0 else ():
        for reference in _REFERENCE.finditer(text, section.start, section.end):
            owners.setdefault(reference[1], section.heading)
    for section in stretches:
        position = section.start
        for note in _NOTE.finditer(text, section.start, section.end) if owners else ():
            owner = owners.get(note[1], section.heading)
            if owner != section.heading:
                if text[position : note.start()].strip():
                    yield Section(position, note.start(), section.heading)
                yield Section(note.start(), note.end(), owner)
                position = note.end()
        if text[position : section.end].strip():
            yield Section(position, section.end, section.heading)


class Tile(NamedTuple):
    """Hold a sentence's stretch, white space after it included, and its number of tokens."""

    start: int
    end: int
    tokens: int


def _fit_tokens(text: str, tiles: Iterable[tuple[int, int]], count: CountTokens, limit: int) -> Iterator[Tile]:
    """Yield the tiles with their numbers of tokens, those of more than `limit` cut until they fit."""
    for start, end in tiles:
        tokens = count(text[start:end])
        if tokens > limit and end - start > 1:
            cut = cut_point(text, start, start + (end - start) // 2)
            yield from _fit_tokens(text, [(start, cut), (cut, end)], count, limit)
        else:
            yield Tile(start, end, tokens)


def _paragraphs(text: str, tiles: Iterable[Tile]) -> Iterator[list[Tile]]:
    """Yield the tiles by paragraph: a blank line ends one."""
    run: list[Tile] = []
    for tile in tiles:
        run.append(tile)
        tail = text[tile.start : tile.end]
        if line_breaks(tail[len(tail.rstrip()) :]) > 1:
            yield run
            run = []
    if run:
        yield run


def _fits(first: Tile, last: Tile, tokens: int, characters: int, limit: int) -> bool:
    """Tell whether the stretch between two tiles may be one passage, as far as the sum of their tokens tells."""
    return last.end - first.start <= characters and tokens <= limit


def _leading(text: str, run: list[Tile]) -> list[Tile]:
    """Return the sentence at a run's end, blanks after it included, that leads to what follows, as to a list; else nothing."""
    at = next((number for number in range(len(run) - 1, -1, -1) if text[run[number].start : run[number].end].strip()), 0)
    return run[at:] if run and is_lead(text[run[at].start : run[at].end]) else []


def _join(text: str, paragraphs: Iterable[list[Tile]], characters: int, limit: int) -> Iterator[list[Tile]]:
    """Yield paragraphs, one shorter than SHORT_CHARACTERS with what follows it, and what leads to a list with the list."""
    run: list[Tile] = []
    for paragraph in paragraphs:
        both = [*run, *paragraph]
        short = run and run[-1].end - run[0].start < SHORT_CHARACTERS
        if run and not (short and _fits(both[0], both[-1], sum(tile.tokens for tile in both), characters, limit)):
            led = _leading(text, run)
            if len(led) < len(run):
                yield run[: len(run) - len(led)]
            both = [*led, *paragraph]
        run = both
    if run:
        yield run


def _split(text: str, run: list[Tile], characters: int, limit: int) -> Iterator[list[Tile]]:
    """Yield a run in as few passages as will hold it, of about the same length, none ending in what leads to the next."""
    length, tokens = run[-1].end - run[0].start, sum(tile.tokens for tile in run)
    parts = max(-(-length // characters), -(-tokens // max(1, limit)))
    piece: list[Tile] = []
    held = 0
    for tile in run:
        enough = parts > 1 and piece and (piece[-1].end - piece[0].start) >= length / parts - (tile.end - tile.start) / 2
        if piece and (enough or not _fits(piece[0], tile, held + tile.tokens, characters, limit)):
            led = _leading(text, piece)
            if len(led) == len(piece) or (
                led and not _fits(led[0], tile, sum(one.tokens for one in [*led, tile]), characters, limit)
            ):
                led = []
            yield piece[: len(piece) - len(led)]
            piece, held = led, sum(one.tokens for one in led)
        piece.append(tile)
        held += tile.tokens
    if piece:
        yield piece


def _halve(text: str, piece: list[Tile], count: CountTokens, limit: int) -> Iterator[list[Tile]]:
    """Yield a piece, in halves where it has more tokens than `limit`.

    It may have more than its tiles have together: a word cut in two can have fewer tokens than the
    word ("interdisciplinary" is one, "plushinterdisciplinary" seven).
    """
    if len(piece) == 1 or count(text[piece[0].start : piece[-1].end]) <= limit:
        yield piece
    else:
        middle = len(piece) // 2
        yield from _halve(text, piece[:middle], count, limit)
        yield from _halve(text, piece[middle:], count, limit)


def cut_passages(document: Document, settings: Settings, count: CountTokens, limit: int) -> list[Passage]:
    """Cut a document into passages, in order.

    `count` tells how many tokens a text has, without special ones; no passage with its context has
    more than `limit`. Within a section each passage begins where the one before it ends. Stretches
    of nothing but white space make no passage.
    """
    text = document.text
    lines = Lines(text)
    passages = []
    for start, end, heading in sections(document):
        context = context_of(document.title, heading)
        room = limit - (count(context + "\n") if context else 0)
        tiles = sentence_tiles(text, start, end, settings.sentence_characters)
        paragraphs = _paragraphs(text, _fit_tokens(text, tiles, count, room))
        for run in _join(text, paragraphs, settings.passage_characters, room):
            pieces = _split(text, run, settings.passage_characters, room)
            for piece in (part for whole in pieces for part in _halve(text, whole, count, room)):
                spans = [sentence_span(text, tile.start, tile.end) for tile in piece]
                sentences = tuple(span for span in spans if span.start < span.end)
                if sentences:
                    line = lines.number(sentences[0].start)
                    passages.append(Passage(piece[0].start, piece[-1].end, sentences, heading, line))
    return passages


def content_span(passage: Passage) -> Span:
    """Return the stretch from the first sentence's start to the last one's end: what is quoted."""
    return Span(passage.sentences[0].start, passage.sentences[-1].end)
