"""Find the front matter and the headings of a Markdown file; its text stays as it is."""

import contextlib
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from qa.formats.parsed import Beat, Parsed, no_beat, one_line
from qa.records import Heading

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

FRONT_CHARACTERS = 65_536
"""Longer front matter is text: a megabyte of it takes seconds to read."""

_FRONT_MATTER = re.compile(r"---[^\S\r\n]*(?:\r\n?|\n)(.*?)(?<=[\r\n])---[^\S\r\n]*(?:\r\n?|\n|\Z)", re.DOTALL)
_LINE_END = re.compile(r"\r\n?|\n")
_COLON = re.compile(r"^([^\S\n]*[\w-]+:[^\S\n]+)((?!([\"']).*\3[^\S\n]*$)[^\s\[{|>&*!#](?:.*:[^\S\n].*|.*:))$", re.MULTILINE)
"""A field whose words hold a colon that YAML takes for another field's."""

_AUTHORS = 100
"""More are left out: 65,536 characters can name one long author 10,000 times."""


def front_matter(text: str) -> tuple[int, Mapping[str, Any]]:
    """Return where the body begins and the YAML mapping before it; (0, {}) where there is none, or more than FRONT_CHARACTERS.

    All values are strings: YAML's own guesses would turn a date or a version into something else.
    """
    match = _FRONT_MATTER.match(text)
    if match is None or match.end() > FRONT_CHARACTERS:
        return 0, {}
    data = _loaded(match.group(1))
    if not isinstance(data, dict):
        return 0, {}
    return match.end(), data


def _loaded(written: str) -> object:
    """Return what YAML makes of a text, if need be with quotes around words that hold a colon; None where it is none."""
    import yaml  # here, as markdown_it below: a question reads no file, and the two cost a new process 30 ms

    quoted = _COLON.sub(lambda match: match[1] + "'" + match[2].replace("'", "''") + "'", _LINE_END.sub("\n", written))
    for text in (written, quoted):
        with contextlib.suppress(yaml.YAMLError, RecursionError):
            return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader builds only strings, lists, mappings
    return None


def parse_markdown(text: str, beat: Beat = no_beat) -> Parsed:
    """Find front matter and the headings (ATX and setext) of a Markdown text, by CommonMark's rules."""
    from markdown_it import MarkdownIt

    body, metadata = front_matter(text)
    starts = [body, *(match.end() for match in _LINE_END.finditer(text, body)), len(text)]
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.block.ruler.before("code", "beat", _Watch(beat))
    headings = []
    tokens = parser.parse(text[body:])
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map is not None:
            first, last = token.map
            span = (starts[first], starts[min(last, len(starts) - 1)])
            headings.append(Heading(*span, level=int(token.tag[1]), text=one_line(inline.content)))
    return Parsed(body, tuple(headings), _words(metadata))


class _Watch:
    """Be a rule of the parser that never applies, and show progress where a block begins further down than any before.

    To come again to a line is none: what is nested 20 deep is gone through 20 times.
    """

    def __init__(self, beat: Beat) -> None:
        self._beat = beat
        self._furthest = -1

    def __call__(self, state: "StateBlock", first: int, last: int, silent: bool) -> bool:
        if first > self._furthest:
            self._furthest = first
            self._beat()
        return False


def _words(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are words, authors and source; others, that may refer to themselves, can be of any size."""
    told = _in_small(metadata)
    words: dict[str, Any] = {key: value for key, value in told.items() if isinstance(value, str)}
    authors = told.get("author") or told.get("authors")
    if isinstance(authors, list):
        authors = ", ".join(one_line(name) for name in authors[:_AUTHORS] if isinstance(name, str))
    if isinstance(authors, str):
        words["author"] = authors
    if isinstance(told.get("source"), dict):
        words["source"] = {key: value for key, value in _in_small(told["source"]).items() if isinstance(value, str)}
    return words


def _in_small(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields under their names in small letters; one that is written so goes before one in capitals."""
    return {key.lower(): value for key, value in fields.items()} | dict(fields)
