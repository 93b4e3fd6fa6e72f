"""What every format gives back: a text and what is known about it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from qa.records import Coverage, Heading, Locator

FIELD_CHARACTERS = 1000
"""Longest heading or field of metadata; what is over is left out, for each passage repeats its headings."""

TEXT_CHARACTERS = 20_000_000
"""Longest text of one file that is not plain text: with its boxes it is held in memory several times."""

_DATE = re.compile(r"(?:D:)?(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?", re.ASCII)
_FIRST_YEAR = 1950
_NOBODY = re.compile(
    r"[(\[<]?(?:anonymous|unspecified|unknown(?: author)?|untitled(?: \w+)?|no (?:author|title)|none|n/a|(?:your )?name here"
    r"|author|(?:microsoft office |windows |default )?user)[)\]>]?",
    re.IGNORECASE,
)

Beat = Callable[[], None]
"""Called now and then while a file is parsed, to show that there is progress."""


def no_beat() -> None:
    """Show nothing: nobody waits for a short text's progress."""


class Unreadable(Exception):
    """Say why one file was skipped and what would mend it; the rest goes on."""


@dataclass(frozen=True)
class Parsed:
    """Hold what a format knows about a text; `text` is empty where the decoded file is the text."""

    body: int = 0
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    locators: tuple[Locator, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)


def without_placeholders(parsed: Parsed) -> Parsed:
    """Return what is known of a text without the title and author that a program puts where nobody has named them."""
    told = parsed.metadata
    empty = {key for key in ("title", "author") if isinstance(told.get(key), str) and _NOBODY.fullmatch(told[key].strip())}
    return replace(parsed, metadata={key: value for key, value in told.items() if key not in empty}) if empty else parsed


def file_date(text: str) -> str:
    """Return the date that a file's properties begin with, as 2019, 2019-03 or 2019-03-04; empty if it cannot be true."""
    match = _DATE.match(text.strip())
    if match is None:
        return ""
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        date = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return ""
    if year < _FIRST_YEAR or date > datetime.now(UTC) + timedelta(days=1):
        return ""
    return "-".join(part for part in match.groups() if part)


def one_line(text: str) -> str:
    """Return a text's words on one line of at most FIELD_CHARACTERS."""
    return " ".join(text.split())[:FIELD_CHARACTERS].rstrip()


def page_numbers(numbers: Sequence[int], thing: str = "page") -> str:
    """Return page numbers as people write them: page 3, pages 2, 4–7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
    return f"{thing if len(numbers) == 1 else thing + 's'} {told}"
