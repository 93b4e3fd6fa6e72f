"""What a pronoun stands for: the person, the thing or the several that an earlier question and its answer named."""

import re
from collections.abc import Iterator, Sequence

from qa.follow_ups.coordination import whole
from qa.follow_ups.exchanges import Exchange, person_of
from qa.follow_ups.phrases import (
    ASKING,
    AUXILIARIES,
    BEING,
    NAME,
    PERSON,
    PREPOSITIONS,
    THING,
    TIME,
    Phrase,
    is_person,
    is_role,
    is_title,
    phrases,
    words_of,
)

HE = frozenset("he she him her his hers".split())
THEY = frozenset("they them their theirs".split())
IT = frozenset("it its".split())
_UNKNOWN = re.compile(r"^an?\s", re.IGNORECASE)
MEASURE = re.compile(
    r"^(?:many|much|(?:the\s)?(?:number|name|purpose|percentage|share|amount|date|role|kind|type|part)\sof)\s", re.IGNORECASE
)
"""What is asked of a thing, not the thing itself."""


def antecedent(pronoun: str, recent: Sequence[Exchange]) -> str | None:
    """Return what a pronoun stands for; None where that is not one phrase but all that was asked.

    People are looked for in several turns, things only in the latest. Who was asked for and not named is
    nobody else, be it that a title answered or nothing did.
    """
    if pronoun in HE:
        if _asks_who(recent[0]) and (is_title(recent[0].answer) or (_did_it(recent[0]) and not person_of(recent[0]))):
            return None
        return next((person for turn in recent for person in _people(turn)), None)
    return next(_several(recent[0]) if pronoun in THEY else _things(recent[0]), None)


def office_in(turn: Exchange) -> str | None:
    """Return the office whose holder "Who was it?" asks for, or None where the question before names none.

    A holder not yet known is meant first (`a commissioner`), then the object before the subject.
    """
    offices = [phrase for phrase in subjects_of(turn) if is_role(phrase) and phrase.kind == THING]
    offices.sort(key=lambda phrase: (not _UNKNOWN.match(phrase.text), bool(preposition_of(turn.question, phrase)), -phrase.start))
    return _UNKNOWN.sub("the ", offices[0].text) if offices else None


def asked_phrase(question: str) -> int:
    """Return where the words of asking end: after `which council`, `how many children`, `who`."""
    words = words_of(question)
    if not words or not any(word.lower in ASKING for word in words[:2]):
        return 0
    opening = next(number for number, word in enumerate(words) if word.lower in ASKING)
    following = words[opening + 1 : opening + 2]
    if following and following[0].lower == "much" and not (words[opening + 2 :] and words[opening + 2].lower in AUXILIARIES):
        following = words[opening + 2 : opening + 3]
    if following and words[opening].lower in ("which", "what", "how", "whose"):
        asked_for = [phrase.end for phrase in phrases(question) if phrase.start <= following[0].end]
        return asked_for[0] if asked_for else words[opening].end
    return words[opening].end


def subjects_of(turn: Exchange) -> list[Phrase]:
    """Return what an earlier question was about: its phrases but times and the one that is asked for."""
    asked = asked_phrase(turn.question)
    return [phrase for phrase in phrases(turn.question) if phrase.kind != TIME and phrase.start >= asked]


def _asks_who(turn: Exchange) -> bool:
    return bool(re.match(r"\s*(?:\w+ )?(?:who|whom)\b", turn.question, re.IGNORECASE))


def _did_it(turn: Exchange) -> bool:
    """Tell whether a question asks who did something to another: who founded the college, who taught Ada Byron."""
    words = words_of(turn.question)
    verb = next((word.lower for word, asking in zip(words[1:], words, strict=False) if asking.lower == "who"), "")
    return bool(verb) and verb not in AUXILIARIES


def _identified(turn: Exchange) -> str | None:
    """Return the person whom a question names in order to ask who that is (who was Ada Byron), or None."""
    words, named = words_of(turn.question), subjects_of(turn)
    opening = next((number for number, word in enumerate(words[:2]) if word.lower == "who"), None)
    if opening is None or len(named) != 1 or not is_person(named[0]) or is_role(named[0]):
        return None
    between = words_of(turn.question[words[opening].end : named[0].start])
    told = not words_of(turn.question[named[0].end :]) and not named[0].text.startswith("the ")
    return named[0].text if told and len(between) == 1 and between[0].lower in BEING else None


def _people(turn: Exchange) -> Iterator[str]:
    """Yield whom `he` or `she` may stand for: who was asked for, then who was named, then offices."""
    if identified := _identified(turn):
        yield identified
    answered = person_of(turn) if _asks_who(turn) else None
    if answered:
        yield answered
    subjects = subjects_of(turn)
    yield from (phrase.text for phrase in subjects if phrase.kind == PERSON)
    for phrase in subjects:
        owner = re.match(r"((?:[A-Z][\w.’'-]*\s)*[A-Z][\w.-]*)['’]s?\b", phrase.text)
        if owner and (phrase.kind == THING or _is_somebody(owner[1])):
            yield owner[1]
    alone = [phrase for phrase in subjects if phrase.kind == NAME and " " not in phrase.text]
    yield from (phrase.text for phrase in alone if not preposition_of(turn.question, phrase))
    yield from (phrase.text for phrase in subjects if is_role(phrase))


def _is_somebody(text: str) -> bool:
    return [phrase.kind for phrase in phrases(text)] == [PERSON]


def _several(turn: Exchange) -> Iterator[str]:
    """Yield what `they` may stand for: several that were named, or that were asked for, then anyone."""
    for phrase in phrases(turn.question):
        text = MEASURE.sub("", phrase.text)
        *_, tail = re.split(r"\s(?:of|for)\s", text)
        joined = whole(turn.question, phrase)
        if phrase.kind in (NAME, PERSON) and joined != phrase:
            yield joined.text
        elif phrase.plural or (phrase.kind == NAME and re.fullmatch(r"(?:the )?\w+[^s'’u]s", text)):
            yield text
        elif tail != text and Phrase(0, len(tail), tail, THING).plural:  # the training of councillors
            yield tail
    yield from _things(turn)


def _things(turn: Exchange) -> Iterator[str]:
    """Yield what `it` may stand for among what was named; nothing where something was asked for, which may be meant."""
    asked = turn.question[: asked_phrase(turn.question)]
    owner = re.search(r"\sof\s((?:the )?[A-Z].*)$", asked)
    if owner:  # what percentage of Warsaw
        yield owner[1]
    if re.match(r"\s*how (?:many|much)\b", asked, re.IGNORECASE):
        yield from (phrase.text for phrase in subjects_of(turn) if phrase.kind == NAME)
        return
    if re.match(r"\s*(?:which|what)\s+\S", asked, re.IGNORECASE):
        return
    named = [phrase for phrase in subjects_of(turn) if phrase.kind != PERSON and not is_role(phrase)]
    named.sort(key=lambda phrase: not re.match(r"the\b|.*[A-Z]", phrase.text))
    yield from (MEASURE.sub("", (whole(turn.question, phrase) if phrase.kind == NAME else phrase).text) for phrase in named)


def preposition_of(text: str, phrase: Phrase) -> str:
    """Return the preposition right before a phrase, or nothing."""
    words = words_of(text[: phrase.start])
    return words[-1].lower if words and words[-1].lower in PREPOSITIONS else ""
