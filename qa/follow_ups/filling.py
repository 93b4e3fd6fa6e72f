"""Put a fragment ("and in 2013?", "what about Oslo?") into the earlier question in the place of what it stands for."""

import re

from qa.follow_ups.antecedents import asked_phrase, preposition_of
from qa.follow_ups.coordination import whole
from qa.follow_ups.exchanges import Exchange
from qa.follow_ups.phrases import ASKING, AUXILIARIES, NAME, PREPOSITIONS, THING, TIME, Phrase, phrases, words_of

ENDS = re.compile(r"[\s?.!…]+$")
_ABBREVIATION = re.compile(r"[A-Z][A-Z\d&]+")
"""Capitals without an article. They are as often a thing (VAT, GDP) as a body, so a name written out says nothing of them."""


def filled(fragment: str, turn: Exchange, preposition: str) -> str:
    """Return the earlier question with a fragment in the place of what it stands for; where there is none, with both."""
    text = ENDS.sub("", fragment).strip()
    words = words_of(text)
    if not words:
        return turn.question
    before = turn.question
    own = words[0].lower in PREPOSITIONS
    if own:
        preposition, text = words[0].lower, text[words[0].end :].strip()
    kind = _kind_of(text)
    asked = asked_phrase(before)
    if words[0].lower in ASKING and asked:
        place: tuple[int, int] | None = (0, asked)
    elif kind == TIME:
        place = _place_of_time(before)
        if place is None:
            return f"{ENDS.sub('', before)} {preposition or 'in'} {text}?"
    else:
        place = _place_like(text, kind, before, preposition, own)
    if place is None and own:
        return f"{ENDS.sub('', before)} {preposition} {text}?"
    if place is None:
        return f"{ENDS.sub('', before)}, {text}?"
    return before[: place[0]] + text + before[place[1] :]


def _kind_of(text: str) -> str:
    """Return the kind of what is given in a fragment."""
    given = phrases(text)
    kind = given[0].kind if given else THING
    # a name's own: Warsaw's suburbs, the French population
    return NAME if kind == THING and re.search(r"[A-Z]", text) else kind


def _place_of_time(before: str) -> tuple[int, int] | None:
    """Return where the last time, or the last year within a phrase, stands in a question."""
    found = phrases(before)
    years = [year for phrase in found if (year := _year_in(phrase))]
    times = [phrase for phrase in found if phrase.kind == TIME] or years
    return (times[-1].start, times[-1].end) if times else None


def _place_like(text: str, kind: str, before: str, preposition: str, own: bool) -> tuple[int, int] | None:
    """Return where what `text` stands for is in a question: behind the same preposition, of the same head or kind.

    A name without a preposition of its `own` takes the place of the first phrase, or of who is asked for, where nothing
    is like it; a thing takes none, nor does an abbreviation. What `and` joins is replaced as a whole.
    """
    found, given, asked = phrases(before), phrases(text), asked_phrase(before)
    same = [phrase for phrase in found if preposition and preposition_of(before, phrase) == preposition]
    heads = [phrase for phrase in found if given and phrase.head == given[0].head and phrase.start >= asked]
    alike = [phrase for phrase in found if phrase.kind == kind != THING and phrase.start >= asked]
    if _ABBREVIATION.fullmatch(text):
        alike = [phrase for phrase in alike if re.fullmatch(rf"(?:the )?{_ABBREVIATION.pattern}", phrase.text)]
        kind = THING
    if same or heads or alike:
        chosen = whole(before, (same or heads or alike)[0])
        return chosen.start, chosen.end
    if kind == THING or own:
        return None
    if asked and not any(word.lower in AUXILIARIES for word in words_of(before)):
        return 0, asked
    rest = [phrase for phrase in found if phrase.start >= asked and phrase.kind != TIME]
    if not rest:
        return None
    first = whole(before, rest[0])
    owner = re.search(r"\sof\s((?:the )?[A-Z].*)$", first.text)  # the pressure of the DP-6
    return first.start + owner.start(1) if owner else first.start, first.end


def _year_in(phrase: Phrase) -> Phrase | None:
    """Return the year that stands inside a phrase such as `the 2020 report`."""
    match = re.search(r"\b\d{4}\b", phrase.text)
    return Phrase(phrase.start + match.start(), phrase.start + match.end(), match.group(), TIME) if match else None
