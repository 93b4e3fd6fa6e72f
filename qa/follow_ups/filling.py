"""Put a fragment ("and in 2013?", "what about Oslo?") into the earlier question in the place of what it stands for."""

import re

from qa.follow_ups.antecedents import asked_phrase, preposition_of
from qa.follow_ups.coordination import whole
from qa.follow_ups.exchanges import Exchange
from qa.follow_ups.phrases import ASKING, AUXILIARIES, MONTHS, NAME, PREPOSITIONS, THING, TIME, WEEKDAY, Phrase, phrases, words_of

ENDS = re.compile(r"[\s?.!…]+$")
_ABBREVIATION = re.compile(r"[A-Z][A-Z\d&]+")
"""Capitals without an article. They are as often a thing (VAT, GDP) as a body, so a name written out says nothing of them."""
_JOINT = re.compile(r"(?:,|,?\s+(?:and|or|&|to|until|till|[–-]))\s+")
_UNTIL = re.compile(r"\s(?:to|until|till)\s")
_OPENING = frozenset("between from".split())
_TEMPORAL = frozenset("in on at by since until before after during over under".split()) | _OPENING
"""Prepositions that say by themselves how a time is meant, so that one goes with the time that it stands before."""
_HALF = re.compile(r"\b(?:between|from)\s[^,]*\b\d{4}\b[^,]*\s(?:and|to|until|till)\s[^,]*$", re.IGNORECASE)
"""What stands before the second half of a stretch of years: between the years 2010 and 2014."""
_LONGEST = 100
"""Characters in which such a stretch is looked for: the time that takes grows with their cube, a minute in 5,000."""
_DATED = re.compile(
    rf"(?<![\w£$€¥.,/–-])(?:\d{{4}}(?:[–/-]\d\d(?:\d\d)?)?(?!\w|[.,]\d| ?(?:k?[mg]\b|%))|{WEEKDAY}\b)", re.IGNORECASE
)
_AMOUNT = re.compile(
    r"(?<![\w.,:/–-])(?:[£$€¥]\d+(?:[.,]\d+)*(?:k|m|bn)?|\d+(?:[.,]\d+)*\s?(?:%|[a-z]{1,3}))(?![\w%]|[.,:/–-]\d)"
)
"""An amount with its currency or its unit."""
_BOUNDS = frozenset("over under above below".split())
"""Prepositions that say on which side of an amount something is: another takes the place of the one before it."""


def filled(fragment: str, turn: Exchange, preposition: str) -> str:
    """Return the earlier question with a fragment in the place of what it stands for; where there is none, with both.

    Nothing where it would take the place of half of what goes from one time or amount to another.
    """
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
    bound = _place_of_bound(text, before) if preposition in _BOUNDS and own and _AMOUNT.fullmatch(text) else None
    if bound:
        return f"{before[: bound[0]]}{preposition} {text}{before[bound[1] :]}"
    if words[0].lower in ASKING and asked:
        place: tuple[int, int] | None = (0, asked)
    elif kind == TIME:
        return _at(before, text, preposition if own else "")
    else:
        place = _place_like(text, kind, before, preposition, own)
    if place and preposition == "from" and _UNTIL.search(text) and _UNTIL.match(before[place[1] :]):
        return ""
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


def _at(before: str, text: str, own: str) -> str:
    """Return a question asked of another time, which takes the preposition of the old one's place or brings its `own`."""
    place = _place_of_time(before, text, own)
    usual = _usual(text) or "in"
    if place is None:
        return f"{ENDS.sub('', before)} {own or usual} {text}?"
    if _HALF.search(before[max(0, place.start - _LONGEST) : place.start]):
        return ""
    start, earlier = place.start, preposition_of(before, place)
    if not own and earlier in _OPENING and not _JOINT.search(text):
        own = usual
    if own != earlier and {own, earlier} <= _TEMPORAL:
        opening = words_of(before[:start])[-1]
        start, text = opening.start, f"{own.capitalize() if opening.capital else own} {text}"
    return before[:start] + text + before[place.end :]


def _place_of_time(before: str, text: str, own: str) -> Phrase | None:
    """Return the last time of a question, or year or weekday within a phrase, that is like another or stands as it does."""
    found: list[Phrase] = []
    for phrase in phrases(before):
        start = phrase.start
        if phrase.kind == TIME and found and _JOINT.fullmatch(before[found[-1].end : start]):
            start = found.pop().start
        if phrase.kind == TIME:
            found.append(Phrase(start, phrase.end, before[start : phrase.end], TIME))
    found = [dated for phrase in phrases(before) if phrase.kind != TIME and (dated := _dated_in(phrase))] + found
    same = [time for time in found if own and preposition_of(before, time) == own]
    alike = [time for time in found if _usual(time.text) == _usual(text)]
    return next(iter([time for time in alike if time in same][-1:] or alike[-1:] or same[-1:]), None)


def _usual(time: str) -> str:
    """Return the preposition that is usual before such a time: a time of day, a weekday, a date; none before a bare number."""
    if re.search(r"\d:\d|\d[ap]m\b", time):
        return "at"
    if re.search(r"\d{4}", time) or any(word.lower in MONTHS for word in words_of(time)):
        return "in"
    return "on" if re.search(rf"\b{WEEKDAY}\b", time, re.IGNORECASE) else ""


def _place_like(text: str, kind: str, before: str, preposition: str, own: bool) -> tuple[int, int] | None:
    """Return where what `text` stands for is in a question: behind the same preposition, of the same head or kind.

    A name without a preposition of its `own` takes the place of the first phrase, or of who is asked for, where nothing
    is like it; a thing takes none, nor does an abbreviation. What `and` joins is replaced as a whole.
    """
    found, given, asked = phrases(before), phrases(text), asked_phrase(before)
    same = [phrase for phrase in found if preposition and preposition_of(before, phrase) == preposition]
    same.sort(key=lambda phrase: (phrase.kind == TIME, (phrase.kind == THING) != (kind == THING)))
    heads = [phrase for phrase in found if given and phrase.head == given[0].head and phrase.start >= asked]
    alike = [phrase for phrase in found if phrase.kind == kind != THING and phrase.start >= asked]
    if _ABBREVIATION.fullmatch(text):
        alike = [phrase for phrase in alike if re.fullmatch(rf"(?:the )?{_ABBREVIATION.pattern}", phrase.text)]
        kind = THING
    if same or heads or alike:
        chosen = whole(before, (same or heads or alike)[0])
        return chosen.start, chosen.end
    if not own and _AMOUNT.fullmatch(text):
        return _place_of_amount(text, before)
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


def _place_of_amount(text: str, before: str) -> tuple[int, int] | None:
    """Return where the only amount of the same currency or unit is in a question."""
    units = re.sub(r"[\d.,\s]", "", text)
    alike = [found.span() for found in _AMOUNT.finditer(before) if re.sub(r"[\d.,\s]", "", found.group()) == units]
    return alike[0] if len(alike) == 1 else None


def _place_of_bound(text: str, before: str) -> tuple[int, int] | None:
    """Return where the only such amount of a question stands with what says on which side of it, if anything does."""
    place = _place_of_amount(text, before)
    words = words_of(before[: place[0]]) if place else []
    return (words[-1].start, place[1]) if place and words and words[-1].lower in _BOUNDS else None


def _dated_in(phrase: Phrase) -> Phrase | None:
    """Return the year or weekday that stands inside a phrase such as `the 2020 report`."""
    match = _DATED.search(phrase.text)
    return Phrase(phrase.start + match.start(), phrase.start + match.end(), match.group(), TIME) if match else None
