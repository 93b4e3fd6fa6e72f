"""Rewrite a follow-up question so that it can be asked alone: "and in 2013?" after "What rating did Ofsted give in 2019?".

Works by the shape of questions and English's small words, without a model of the language. What it
makes may read stiffly; it is searched for, and shown to be corrected.
"""

import re
from collections.abc import Callable, Sequence

from qa.answer import Abstention, Answer
from qa.follow_ups.antecedents import (
    HE,
    IT,
    THEY,
    antecedent,
    asked_phrase,
    office_in,
    subjects_of,
)
from qa.follow_ups.capitals import capitalised
from qa.follow_ups.exchanges import Exchange, exchange_of, names_someone, with_capitals
from qa.follow_ups.filling import filled
from qa.follow_ups.phrases import (
    ASKING,
    AUXILIARIES,
    NAME,
    PERSON,
    PREPOSITIONS,
    TIME,
    Phrase,
    Word,
    is_role,
    phrases,
    words_of,
)
from qa.follow_ups.topics import asking_again, is_bare, with_topic
from qa.text import content_words

REMEMBERED = 3
"""Earlier turns in which the meaning of a pronoun is looked for, the newest first."""

_LEAD = re.compile(r"^\s*(?:(?:and|but|so|or|also|then|ok|okay|well|now)\b[\s,]*)+", re.IGNORECASE)
_ABOUT = re.compile(r"^\s*(?:what|how)\s+(?:about|of)\s+", re.IGNORECASE)
# "How many in 2013?" asks what was asked before of another time or place.
_ASKS_THE_SAME = re.compile(
    r"^(?:how (?:many|much|often|long)|what|who|where)\s+"
    r"(?=(?:in|for|on|at|by|during|since|before|after)\s+(?:the\s+)?[A-Z\d][\w/–-]*(?:\s+[A-Z\d][\w/–-]*){0,3}\W*$)"
)
_WHO_WAS_IT = re.compile(r"(who\s+(?:is|was)\s+)(?:it|that|this)\W*", re.IGNORECASE)
_POSSESSIVE = frozenset("his her hers its their theirs".split())
_EMPTY_IT = re.compile(
    r"\s+(?:true|likely|possible|clear|important|necessary)\b|"
    r"\s+(?:(?:allowed|good|better|best|safe|legal|worth|hard|easy|difficult|cheaper|quicker)\s+(?:to|that)|worth\s+\w+ing)\b|"
    r"\s+(?:costs?|takes?|took)\s+(?:\w+\s+){0,3}to\s+(?!(?:the|an?)\b)\w",
    re.IGNORECASE,
)
"""What follows an `it` that stands for nothing: is it safe to open the pump, what did it cost to rebuild the shop."""
_CLAUSE = frozenset("when while because after before if unless who whom which that and but so as".split())
_WHOLE_QUESTION = 3
"""Content words from which on a question asks for something by itself."""
_MORE = frozenset("other others else another same such".split())


def rewrite(question: str, earlier: Sequence[Exchange]) -> str:
    """Return a question as it can be asked alone; the same where it needs nothing of `earlier` (oldest first)."""
    recent = [with_capitals(turn) for turn in earlier if content_words(turn.question)][: -REMEMBERED - 1 : -1]
    if not question.strip() or not recent:
        return question
    asked = capitalised(question.strip(), recent[0].seen)
    rest = _LEAD.sub("", asked)
    if (same := _ASKS_THE_SAME.match(rest[:1].lower() + rest[1:])) is not None:
        rest = rest[same.end() :]
    fragment = _ABOUT.sub("", rest)
    words = words_of(rest)
    if not words or not words_of(fragment):
        return question
    led, about, shouted = rest != asked, fragment != rest, question.isupper()
    if about and not _has_verb(fragment):
        return filled(_resolved(fragment, recent, shouted), recent[0], "about") or question
    if not about and is_bare(words):
        return asking_again(rest, recent[0])
    if not about and _is_fragment(rest, words, led, recent[0]):
        return filled(_resolved(rest, recent, shouted), recent[0], "") or question
    resolved = _resolved(rest, recent, shouted)
    if resolved != rest:
        return resolved
    if _is_thin(rest, words):
        return with_topic(rest, recent[0])
    return question


def alone(question: str, before: Sequence[str], ask: Callable[[str], Answer | Abstention]) -> str:
    """Return a question as it can be asked alone after earlier ones (oldest first), which are asked again with `ask`."""
    exchanges: list[Exchange] = []
    for earlier in before:
        exchanges.append(exchange_of(ask(rewrite(earlier, exchanges))))
    return rewrite(question, exchanges)


def _has_verb(text: str) -> bool:
    """Tell whether a text has a verb as far as small words tell: an auxiliary, or a word of asking after the first."""
    words = words_of(text)
    return any(word.lower in AUXILIARIES for word in words) or any(word.lower in ASKING for word in words[2:])


def _is_fragment(text: str, words: Sequence[Word], led: bool, before: Exchange) -> bool:
    """Tell whether a text has no verb, so that it takes the place of something in the question before.

    Three words of content may hide a verb ("How many social workers left?"), and ask for something by themselves.
    """
    if _has_verb(text) or words[0].lower in ("who", "whom"):
        return False
    if words[0].lower in ASKING:  # how many gardens?
        short = len(content_words(text)) < _WHOLE_QUESTION
        return short and asked_phrase(text) == words[-1].end and bool(asked_phrase(before.question))
    return led or words[0].lower in PREPOSITIONS


def _is_thin(text: str, words: Sequence[Word]) -> bool:
    """Tell whether a question has too little to be searched for alone, or asks for others of the same."""
    if any(word.lower in _MORE for word in words[:3]) and len(content_words(text)) <= 2 and not _names(text):
        return True
    defines = len(words) > 1 and words[0].lower in ("what", "who") and words[1].lower in ("is", "are", "was", "were")
    return not defines and len(content_words(text)) <= 1 and not _names(text)


def _names(text: str) -> list[Phrase]:
    return [phrase for phrase in phrases(text) if phrase.kind in (PERSON, NAME) and phrase.start > 0]


def _resolved(text: str, recent: Sequence[Exchange], shouted: bool) -> str:
    """Return a question with its pronouns replaced by what they stand for in the latest turn that has it.

    In capitals `IT` and `HE` are abbreviations, unless all of the question is `shouted`.
    """
    words = words_of(text)
    if who := _WHO_WAS_IT.fullmatch(text):
        office = office_in(recent[0])
        return f"{who[1]}{office}?" if office else with_topic(text, recent[0])
    for number, word in enumerate(words):
        following = words[number + 1].lower if number + 1 < len(words) else ""
        before = words[number - 1].lower if number else ""
        if word.lower in HE | THEY | IT and (shouted or not word.text.isupper()):
            if (word.lower == "it" and _EMPTY_IT.match(text, word.end)) or _inside(text, word, number, words):
                continue
            stands = antecedent(word.lower, recent)
            if stands is None:
                someone = word.lower not in HE or names_someone(recent[0])
                return with_topic(text, recent[0] if someone else Exchange(recent[0].question))
            owns = word.lower in _POSSESSIVE and (word.lower != "her" or _carries(following))
            if stands[0].islower() and not re.match(r"(?:the|an?)\b|.*\s[A-Z]\S*$", stands):  # the fire, but error E02
                stands = f"the {stands}"
            named = _possessive(stands) if owns else stands
            return text[: word.start] + named + text[word.end :]
        if word.lower == "there" and before not in AUXILIARIES and following not in AUXILIARIES:
            places = [phrase.text for phrase in subjects_of(recent[0]) if phrase.kind in (NAME, PERSON)]
            if places:
                return f"{text[: word.start]}in {places[-1]}{text[word.end :]}"
        if _points_back(word.lower, before, following) and not _inside(text, word, number, words):
            return with_topic(text, recent[0])
    return text


def _points_back(word: str, before: str, following: str) -> bool:
    """Tell whether `this`, `that`, `those` or `one` stands for something said before."""
    if word == "that":
        return not before or before in AUXILIARIES | PREPOSITIONS | {"why", "how"} or not following
    if word in ("this", "these", "those"):
        return following not in ("who", "in", "with", "of", "whose", "year", "month", "week")
    return word in ("one", "ones") and following != "of" and before in ("the", "which", "that", "this", "another")


def _inside(text: str, word: Word, number: int, words: Sequence[Word]) -> bool:
    """Tell whether a pronoun can stand for something earlier in its own question.

    It can as a possessive, or in another clause; in one and the same clause "them" is someone else.
    """
    earlier = [phrase for phrase in phrases(text[: word.start]) if phrase.kind != TIME]
    if word.lower in HE:
        earlier = [phrase for phrase in earlier if phrase.kind == PERSON or is_role(phrase) or phrase.kind == NAME]
    elif word.lower in IT:
        earlier = [phrase for phrase in earlier if phrase.kind != PERSON and not is_role(phrase) and not phrase.plural]
    if not earlier:
        return False
    first = earlier[0]
    if word.lower in _POSSESSIVE and first.start > words[0].end:
        return True
    if words[number - 1].lower in PREPOSITIONS:
        return False
    between = text[first.end : word.start]
    return "," in between or any(other.lower in _CLAUSE for other in words_of(between))


def _possessive(text: str) -> str:
    return text if re.search(r"['’]s?$", text) else f"{text}’" if text.endswith("s") else f"{text}’s"


def _carries(word: str) -> bool:
    return bool(word) and bool(content_words(word))
