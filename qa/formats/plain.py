"""Find the title of a plain text."""

import re

from qa.formats.parsed import Parsed, one_line

_OPENING_CHARACTERS = 1000
_TITLE_CHARACTERS = 100
_MOST_LINES = 3
_LINE_END = re.compile(r"\r\n?|\n")
_UNDERLINE = re.compile(r"([=\-~_*#^])\1{2,}")
_NO_TITLE = re.compile(
    r"[\W_]|(?:\d+|[a-z]|[ivx]+)[.)]|(?:from|to|cc|bcc|date|sent|subject|re|fwd?|dear|hi|hello|https?|www\.|page)\b",
    re.IGNORECASE,
)
_DATE_OR_ADDRESS = re.compile(r"\S+@\S+|\S+://|^\W*(?:\w+,? )?\d[\d./: -]*(?:\w+,? )?\d*\W*$")


def parse_plain(text: str) -> Parsed:
    """Find nothing in plain text but the title that its first line plainly is."""
    title = _title(text)
    return Parsed(metadata={"title": title} if title else {})


def _title(text: str) -> str:
    """Return a text's first line where it stands above an empty or an underlining one, or is in capitals; else nothing.

    It is short, ends no sentence, and is no item of a list, no field of a letter, no date and no address. Lines in capitals
    below one in capitals are of the same title.
    """
    lines = [line.strip() for line in _LINE_END.split(text[:_OPENING_CHARACTERS].lstrip())]
    capitals = next((number for number, line in enumerate(lines) if not line.isupper()), len(lines))
    count = max(1, min(capitals, _MOST_LINES))
    title, following = " ".join(lines[:count]), lines[count:]
    apart = bool(following) and (not following[0] or _UNDERLINE.fullmatch(following[0]) is not None)
    words = sum(map(str.isalpha, title)) >= 3 and len(title) <= _TITLE_CHARACTERS
    ends = title.endswith((".", ",", ";", ":", "!", "?", "…", '"', "”"))
    if not words or ends or _NO_TITLE.match(title) or _DATE_OR_ADDRESS.search(title) or title[0].islower():
        return ""
    return one_line(title) if any(following) and (apart or capitals) else ""
