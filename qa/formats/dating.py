"""Tell whether the day on which a file was made can be that of the document in it."""

import re
from dataclasses import replace

from qa.formats.parsed import Parsed

OPENING_CHARACTERS = 1000
"""How much of a text, below its title, is looked at for when it is from."""

_YEARS_APART = 2
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
    note = f"no date: its file was made in {made[:4]}, but its opening names no year after {latest}"
    metadata = {key: value for key, value in parsed.metadata.items() if key != "date"}
    return replace(parsed, metadata=metadata, coverage=replace(parsed.coverage, notes=(*parsed.coverage.notes, note)))
