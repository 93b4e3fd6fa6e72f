"""Tell when a document is from: by the day on which its file was made, where that can be, else by what its opening says."""

import re
from dataclasses import replace

from qa.formats.openings import stated_date
from qa.formats.parsed import Parsed

OPENING_CHARACTERS = 1000
"""How much of a text, below its title, is looked at for when it is from."""

_YEARS_APART = 2
_NO_DATE = "no date"
_LISTED = ("row", "record", "line", "message")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DAY = re.compile(
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?"
    r"|Dec(?:ember)?|Spring|Summer|Autumn|Winter)\.?,?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?(?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d\b",
    re.IGNORECASE,
)


def without_later_date(parsed: Parsed) -> Parsed:
    """Return what is known of a text, without the date of its file where that was made long after what the text is from.

    A report that is printed, scanned or saved again gets a new date. So where its opening names a day, month or season, and
    all years in it are well before the file's, when it is from is not known, and the coverage says so.
    """
    made = str(parsed.metadata.get("date", ""))
    opening = f"{parsed.metadata.get('title', '')}\n{parsed.text[:OPENING_CHARACTERS]}"
    latest = max(map(int, _YEAR.findall(opening)), default=0)
    if not made or not _DAY.search(opening) or latest > int(made[:4]) - _YEARS_APART:
        return parsed
    note = f"{_NO_DATE}: its file was made in {made[:4]}, but its opening names no year after {latest}"
    metadata = {key: value for key, value in parsed.metadata.items() if key != "date"}
    return replace(parsed, metadata=metadata, coverage=replace(parsed.coverage, notes=(*parsed.coverage.notes, note)))


def with_stated_date(parsed: Parsed, text: str) -> Parsed:
    """Return what is known of a text that has no date of its own, with the one that its opening states, if it does.

    What retells another text may state the other's, and the first row of a sheet is none of the sheet's.
    """
    if {"retold", "source"} & parsed.metadata.keys() or any(locator.kind in _LISTED for locator in parsed.locators):
        return parsed
    date = stated_date(text, parsed.body, parsed.headings)
    if not date:
        return parsed
    notes = tuple(note for note in parsed.coverage.notes if not note.startswith(_NO_DATE))
    return replace(parsed, metadata={**parsed.metadata, "date": date}, coverage=replace(parsed.coverage, notes=notes))
