"""Find what belongs together because `and` joins it: Arts and Humanities, Marks & Spencer, roads, bridges and canals."""

import re

from qa.follow_ups.phrases import NAME, PARTICIPLES, PERSON, THING, TIME, Phrase, phrases

_JOINT = re.compile(r"(?:,|,?\s+(?:and|or|&))\s+")


def whole(text: str, phrase: Phrase) -> Phrase:
    """Return a phrase of `text` with all that `and` or `or` joins to it, as one phrase of the first one's kind.

    A comma alone joins nothing, and a name is joined to names only: `lived in Oslo and taught` says two things.
    """
    found = phrases(text)
    at = next((number for number, other in enumerate(found) if other.start == phrase.start), None)
    if at is None or phrase.kind == TIME:
        return phrase
    first = last = at
    while first > 0 and _joined(text, found[first - 1], found[first]):
        first -= 1
    while last + 1 < len(found) and _joined(text, found[last], found[last + 1]):
        last += 1
    start, end = found[first].start, found[last].end
    if not re.search(r"\s(?:and|or|&)\s", text[found[first].end : found[last].start] if first < last else ""):
        return phrase
    return Phrase(start, end, text[start:end], NAME if found[first].kind == PERSON else found[first].kind)


def _joined(text: str, one: Phrase, other: Phrase) -> bool:
    if not _JOINT.fullmatch(text[one.end : other.start]) or TIME in (one.kind, other.kind):
        return False
    if THING not in (one.kind, other.kind):
        return True
    verb = other.text.lower()
    return one.kind == other.kind and verb not in PARTICIPLES and not verb.endswith("ed")
