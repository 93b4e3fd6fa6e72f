"""What later questions see of an earlier one: the question, and the words that answered it."""

import re
from dataclasses import dataclass

from qa.answer import Abstention, Answer
from qa.follow_ups.phrases import PERSON, is_person, is_role, is_title, phrases

ANSWER_WORDS = 6
"""Longest answer that a pronoun may stand for."""


@dataclass(frozen=True)
class Exchange:
    """Hold an earlier question, as it was searched for, and its answer's words; no words where there was none."""

    question: str
    answer: str = ""


def exchange_of(result: Answer | Abstention) -> Exchange:
    """Return a question that was asked, with its answer's words, as later questions see it.

    A title that was marked without its name is completed from the passage.
    """
    if not isinstance(result, Answer):
        return Exchange(result.question)
    return Exchange(result.question, _named(result) if is_title(result.text) else result.text)


def short_answer(turn: Exchange) -> str:
    """Return the answer if it is short enough to stand for a pronoun, else nothing."""
    answer = turn.answer.strip(" .,;:'\"“”‘’")
    return answer if len(answer.split()) <= ANSWER_WORDS and "\n" not in answer else ""


def person_of(turn: Exchange) -> str | None:
    """Return the one person that answered an earlier question, or None."""
    answer = short_answer(turn)
    named = [phrase for phrase in phrases(answer) if is_person(phrase)]
    return named[0].text if len(named) == 1 and " and " not in answer else None


def names_someone(turn: Exchange) -> bool:
    """Tell whether a short answer holds anyone whom `he` or `she` could be, by name or by office."""
    answer = short_answer(turn)
    return not is_title(answer) and any(is_person(phrase) or is_role(phrase) for phrase in phrases(answer))


def _named(answer: Answer) -> str:
    """Return the person whose title is all that was marked, as the passage names them; the title where it doesn't."""
    span = answer.spans[0]
    citation = answer.citations[span.citation - 1]
    following = re.split(r"[\r\n]", citation.words(span.start, citation.end))[0]
    first = next(iter(phrases(following)), None)
    return first.text if first and first.start == 0 and first.kind == PERSON else answer.text
