"""What later questions see of an earlier one: the question, and the words that answered it."""

import re
from dataclasses import dataclass, field, replace

from qa.answer import Abstention, Answer
from qa.follow_ups.capitals import capitalised
from qa.follow_ups.phrases import PERSON, is_person, is_role, is_title, phrases

ANSWER_WORDS = 6
"""Longest answer that a pronoun may stand for."""


@dataclass(frozen=True)
class Exchange:
    """Hold an earlier question, as it was searched for, and its answer's words; no words where there was none.

    `seen` is the text of the passages that it found, which tells the names in what is typed without capitals.
    """

    question: str
    answer: str = ""
    seen: str = field(default="", compare=False, repr=False)


def exchange_of(result: Answer | Abstention) -> Exchange:
    """Return a question that was asked, with its answer's words, as later questions see it.

    A title that was marked without its name is completed from the passage.
    """
    seen = "\n".join(passage.quote for passage in result.passages)
    if not isinstance(result, Answer):
        return Exchange(result.question, seen=seen)
    return Exchange(result.question, _named(result) if is_title(result.text) else result.text, seen)


def with_capitals(turn: Exchange) -> Exchange:
    """Return an exchange whose question has the capitals of the names it holds."""
    return replace(turn, question=capitalised(turn.question, turn.seen))


def short_answer(turn: Exchange) -> str:
    """Return the answer if it is short enough to stand for a pronoun, else nothing."""
    answer = turn.answer.strip(" .,;:'\"“”‘’")
    return answer if len(answer.split()) <= ANSWER_WORDS and "\n" not in answer else ""


def person_of(turn: Exchange) -> str | None:
    """Return the one person that answered an earlier question, or None.

    One word that its passages write behind `the` or an owner's name is a thing: Celia Thorne's *Journal*.
    """
    answer = short_answer(turn)
    named = [phrase for phrase in phrases(answer) if is_person(phrase)]
    if len(named) != 1 or " and " in answer:
        return None
    return None if _is_thing(named[0].text, turn) else named[0].text


def names_someone(turn: Exchange) -> bool:
    """Tell whether a short answer holds anyone whom `he` or `she` could be, by name or by office."""
    answer = short_answer(turn)
    return (
        not is_title(answer)
        and not _is_thing(answer, turn)
        and any(is_person(phrase) or is_role(phrase) for phrase in phrases(answer))
    )


def _is_thing(name: str, turn: Exchange) -> bool:
    behind = rf"(?:\b[Tt]he|\b[Aa]n?|['’]s)\s+\W?{re.escape(name)}\b"
    return re.fullmatch(r"[\w.-]+", name) is not None and re.search(behind, turn.seen) is not None


def _named(answer: Answer) -> str:
    """Return the person whose title is all that was marked, as the passage names them; the title where it doesn't."""
    span = answer.spans[0]
    citation = answer.citations[span.citation - 1]
    following = re.split(r"[\r\n]", citation.words(span.start, citation.end))[0]
    first = next(iter(phrases(following)), None)
    return first.text if first and first.start == 0 and first.kind == PERSON else answer.text
