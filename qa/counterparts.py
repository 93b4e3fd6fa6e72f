"""Move the words marked to their counterpart: from what a sentence says of one thing to what it says of the one asked about.

"It came into force in 1998, save for Part 3, which came into force in 1999": a reader marks the first of two values that are
alike, and what was given up as readily as what took its place.
"""

import re
from collections.abc import Sequence

from qa.amounts import AMOUNT
from qa.answer_types import asks_who, names_of
from qa.identity import TITLE
from qa.records import Span
from qa.text import content_words, is_stop_word, stem, stems, words
from qa.years import FOUR_DIGITS, MONTH

_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_TIME = re.compile(
    rf"(?<![\w/.,£$€-])(?:(?:{_WEEKDAY},? )?(?:{_DAY} )?{MONTH}\b(?: {_DAY}(?!\d))?(?:,? {FOUR_DIGITS}(?!\d))?"
    rf"|{_WEEKDAY}|{FOUR_DIGITS}(?![\d%]|,\d)|\d{{1,2}}:\d\d)"
)
_WORD = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?|(?:a |one )?(?:hundred|thousand|dozen))"
)
_FIGURE = re.compile(rf"(?<!-){AMOUNT}|(?<!-)\b{_WORD}\b(?!-)", re.IGNORECASE)
_CAPITAL = r"[A-Z][\w'’-]*[a-z]"
_NAME = re.compile(rf"(?:\b(?:Mr|Mrs|Ms|Dr|Sir|Rev|St)\.? )?\b{_CAPITAL}(?: (?:of |van |von |de )?{_CAPITAL})+")
_NEXT = re.compile(r"[ -]([a-z]+)")
_JOINED_UNIT = re.compile(r"(?<=\d)[A-Za-zµ]+[²³]?$")
_CUT = re.compile(r"[;:,]\s|\s[–—]\s|\s(?:and|but|while|whereas)\s")
_GIVEN_UP = re.compile(
    r"(?<!\bif )(?<!\bor )\b(?:instead of|rather than|not|no longer) (?:(?:the|a|an|on|in|at|by|for|from|to|with) ){0,2}$",
    re.IGNORECASE,
)
_ASKS_FOR_WHAT_WAS_GIVEN_UP = re.compile(
    r"\b(?:originally|initially|instead|rather|not|no longer|first|formerly|previous(?:ly)?|before|planned|intended|expected|old"
    r"|replaced?|moved? from|used to)\b|n['’]t\b",
    re.IGNORECASE,
)
_PERSON = re.compile(rf"\b(?:{TITLE}\.? )?(?P<name>(?!{TITLE}){_CAPITAL}(?: {_CAPITAL})*)")
# "Ada Voss's brother" may well be a Voss, and of two who are named one is asked for.
_MAY_SHARE_A_NAME = re.compile(
    r"\bor\b|\b(?:father|mother|parents?|sons?|daughters?|child(?:ren)?|brothers?|sisters?|wife|husband|uncle|aunt|cousin|nephew"
    r"|niece|widow|heirs?|family|spouse|married|marry|grand\w+)\b",
    re.IGNORECASE,
)


def of_the_clause_asked(question: str, sentence: str, marked: Span) -> Span:
    """Return the time or figure of a later clause that a question asks about where the first is marked; else the marked words.

    Only where that clause alone holds words of the question that no other does, its names and numbers before the rest, and all
    of its numbers, and one value like the marked one. (Back to an earlier one, or between names, it is wrong five times in six
    on squad2's tune articles.)
    """
    held, others = _alike(sentence, marked, (_times(sentence), _figures(sentence)))
    if held is None or not others or others[0].start < held.start:
        return marked
    clauses = _clauses(sentence, [held, *others])
    said = [set(stems(sentence[clause.start : clause.end])) for clause in clauses]
    names = {stem(name) for name in names_of(question)}
    for asked in (names, set(map(stem, content_words(question)))):
        own = [asked.intersection(here).difference(*said[:at], *said[at + 1 :]) for at, here in enumerate(said)]
        holders = [at for at, here in enumerate(own) if here]
        if holders:
            clause = clauses[holders[0]]
            values = [value for value in others if clause.start <= value.start < clause.end]
            # "Part 2" is not "Part 3".
            numbers = {name for name in names if any(map(str.isdigit, name))}
            moves = len(holders) == len(values) == 1 and clause.start > held.start and numbers <= said[holders[0]]
            return _in_place_of(sentence, marked, held, values[0]) if moves else marked
    return marked


def not_given_up(question: str, sentence: str, marked: Span) -> Span:
    """Return what took the place of marked words that follow "instead of" or "not", if one thing can have; else the marked words.

    Not where the question asks for what was given up itself.
    """
    names = [Span(*found.span()) for found in _NAME.finditer(sentence)]
    held, others = _alike(sentence, marked, (_times(sentence), _figures(sentence), names))
    if held is None or len(others) != 1 or _ASKS_FOR_WHAT_WAS_GIVEN_UP.search(question):
        return marked
    return _in_place_of(sentence, marked, held, others[0]) if _GIVEN_UP.search(sentence[: held.start]) else marked


def not_the_one_named(question: str, sentence: str, marked: Span) -> Span | None:
    """Return the one other person whom a sentence names beside the question's own where it is asked who; else the marked words.

    None where the question's own name is marked and several others, or none, are named.
    """
    asked = [_without_s(found["name"]).split() for found in _PERSON.finditer(question) if not is_stop_word(found["name"])]
    about = {stem(word) for word in content_words(question)}.difference(*(map(stem, name) for name in asked))
    if not asks_who(question) or _MAY_SHARE_A_NAME.search(question) or not about:
        return marked

    def named(name: list[str]) -> bool:
        return any(one == name[-len(one) :] or set(name) <= set(one) for one in asked)

    persons = [(Span(*found.span()), _without_s(found["name"]).split()) for found in _PERSON.finditer(sentence)]
    held = [name for span, name in persons if span.start < marked.end and marked.start < span.end]
    others = [span for span, name in persons if not named(name) and " " in sentence[span.start : span.end]]
    if held and named(held[0]):
        return others[0] if len(others) == 1 else None
    # "The clerk" is no name: "The clerk is Ada Voss; in her absence, Bern Holt."
    return others[0] if not held and len(others) == 1 and any(named(name) for _, name in persons) else marked


def _without_s(name: str) -> str:
    return re.sub(r"['’]s\b", "", name)


def _alike(sentence: str, marked: Span, kinds: Sequence[list[Span]]) -> tuple[Span | None, list[Span]]:
    """Return the one value that marked words hold of the first kind of which they hold any, and the others that are like it."""
    for values in kinds:
        held = [value for value in values if value.start < marked.end and marked.start < value.end]
        if held:
            others = [value for value in values if value not in held and _same_unit(sentence, held[0], value)]
            return (held[0], others) if len(held) == 1 else (None, [])
    return None, []


def _times(sentence: str) -> list[Span]:
    return [Span(*found.span()) for found in _TIME.finditer(sentence)]


def _figures(sentence: str) -> list[Span]:
    times = _times(sentence)
    return [
        Span(*found.span())
        for found in _FIGURE.finditer(sentence)
        if not any(found.start() < time.end and time.start < found.end() for time in times)
        and not _numbers_a_name(sentence[: found.start()])
    ]


def _numbers_a_name(before: str) -> bool:
    """Tell whether a figure after these words is part of a name: the 3 of "Part 3"."""
    found = re.search(r"\b([A-Z]\w+) $", before)
    return found is not None and not is_stop_word(found[1])


def _same_unit(sentence: str, held: Span, other: Span) -> bool:
    """Tell whether a figure has the unit of another, or none of its own: "five" beside "three years"."""

    def unit(value: Span) -> str:
        words_ = sentence[value.start : value.end]
        joined = _JOINED_UNIT.search(words_)
        if joined and not signs(value):  # the m of £3.1m is a number
            return joined.group()
        found = _NEXT.match(sentence, value.end) if _FIGURE.fullmatch(words_) else None
        return stem(found[1]) if found and not is_stop_word(found[1]) else ""

    def signs(value: Span) -> set[str]:
        return set("£$€¥%").intersection(re.sub("per ?cent", "%", sentence[value.start : value.end]))

    return signs(held) == signs(other) and unit(other) in {"", unit(held)}


def _clauses(sentence: str, values: Sequence[Span]) -> list[Span]:
    """Cut a sentence into clauses that say something of a value each; what says nothing of one joins the next."""
    clauses, start = [], 0
    for end in (*(found.end() for found in _CUT.finditer(sentence)), len(sentence)):
        held = [value for value in values if start <= value.start and value.end <= end]
        # "On 22 May, Ada Voss came" is one.
        around = f"{sentence[start : held[0].start]} {sentence[held[-1].end : end]}" if held else ""
        if not all(map(is_stop_word, words(around))):
            clauses.append(Span(start, end))
            start = end
    return [*clauses[:-1], Span(clauses[-1].start, len(sentence))] if clauses else []


def _in_place_of(sentence: str, marked: Span, held: Span, value: Span) -> Span:
    """Return a value with the unit of the marked one, where it has the same."""
    unit = sentence[held.end : marked.end]
    return Span(value.start, value.end + len(unit) if unit and sentence.startswith(unit, value.end) else value.end)
