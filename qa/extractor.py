"""Choose the words of a passage that answer a question, and describe how well they do.

Sees texts and scores, never the store.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa.records import Passage, Span
from qa.text import STOP_WORDS, stem, stems, words

COVERAGE_WEIGHT = 0.5
"""What a sentence that covers all of a question's words gains over one that covers none, in cosine.

Chosen on squad2's tune and train articles: gold inside the first highlight 0.68 -> 0.74.
"""

KIND_WEIGHT = 0.05
"""What a sentence gains that has what the question's kind asks for, and loses that has not, in cosine."""

Rarity = Callable[[str], float]
"""Gives a stem's weight: its inverse document frequency."""

_NUMBER = (
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|"
    r"million|billion|half|dozen|twice|once|several|few)\b"
)
_TIME = (
    r"\b\d{3,4}s?\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|"
    r"wednesday|thursday|friday|saturday|sunday|century|centuries|today|year|years|month|months|week|weeks|weekly|monthly|daily|day|days|decade|decades|"
    r"era|period|spring|summer|autumn|winter)\b"
)
_NAME = r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'’-]+"
_REASON = r"\b(?:because|since|due|so that|in order to|as a result|therefore|reason|reasons|caus\w+|led to|leads? to|to)\b"

_ASKED: Sequence[tuple[re.Pattern[str], re.Pattern[str]]] = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(given, flags))
    for asked, given, flags in (
        (r"\bhow (?:many|much|old|long|far|high|large|big|tall|fast)\b|\bwhat (?:percentage|number|proportion|share|age)\b",
         _NUMBER, re.IGNORECASE),
        (r"\bwhen\b|\bhow often\b|\b(?:what|which) (?:year|month|date|day|century|decade)\b", _TIME, re.IGNORECASE),
        (r"\bwho(?:m|se)?\b|\bwhere\b", _NAME, 0),
        (r"\bwhy\b", _REASON, re.IGNORECASE),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """Hold the sentence chosen from one passage: its number, its span in the document, and its score."""

    sentence: int
    highlight: Span
    score: float
    coverage: float
    passage_coverage: float


def coverage(asked: Mapping[str, float], text_stems: set[str]) -> float:
    """Return the share of a question's words, weighted by rarity, that a text holds; 0 for no words."""
    total = sum(asked.values())
    return sum(weight for stem_, weight in asked.items() if stem_ in text_stems) / total if total else 0.0


def asked_weights(question_stems: Sequence[str], rarity: Rarity) -> dict[str, float]:
    """Return each of a question's stems with its rarity."""
    return {stem_: rarity(stem_) for stem_ in question_stems}


def choose(question: str, asked: Mapping[str, float], passage: Passage, text: str, cosines: npt.NDArray[np.float32]) -> Evidence:
    """Choose the sentence of a passage that answers best; the first of equals.

    `asked` weighs the question's stems; `text` is the passage's; `cosines` are its sentences' with
    the question, in order.
    """
    sentences = [text[span.start - passage.start : span.end - passage.start] for span in passage.sentences]
    sentence_stems = [set(stems(sentence)) for sentence in sentences]
    covered = [coverage(asked, held) for held in sentence_stems]
    scores = [
        float(cosine) + COVERAGE_WEIGHT * share + KIND_WEIGHT * kind_given(question, sentence)
        for cosine, share, sentence in zip(cosines, covered, sentences, strict=True)
    ]
    best = max(range(len(scores)), key=lambda number: (scores[number], -number))
    span = passage.sentences[best]
    return Evidence(
        sentence=best,
        highlight=span,
        score=scores[best],
        coverage=covered[best],
        passage_coverage=coverage(asked, set().union(*sentence_stems)),
    )


def kind_given(question: str, text: str) -> float:
    """Tell whether a text has what the question's kind asks for (a number, a time, a name, a reason).

    1 if it has, -1 if not, 0 if the question is of no such kind. Names that the question itself
    holds do not count.
    """
    for asked, given in _ASKED:
        if asked.search(question):
            in_question = {word.casefold() for word in words(question)}
            found = (match.group().casefold().removesuffix("'s").removesuffix("’s") for match in given.finditer(text))
            return 1.0 if any(item not in in_question for item in found) else -1.0
    return 0.0


def names_of(question: str) -> list[str]:
    """Return the names and numbers of a question: capitalised words but the first, and words with digits."""
    found = words(question)
    return [
        word
        for position, word in enumerate(found)
        if any(character.isdigit() for character in word)
        or (position > 0 and word[0].isupper() and word.casefold() not in STOP_WORDS)
    ]


def names_given(question: str, text: str) -> float:
    """Return the share of the question's names and numbers that a text holds; 1 if it has none."""
    names = {stem(name) for name in names_of(question)}
    return len(names & set(stems(text))) / len(names) if names else 1.0
