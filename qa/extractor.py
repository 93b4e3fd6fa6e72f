"""Choose the words of a passage that answer a question, and describe how well they do.

Sees texts and scores, never the store.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qa.answer_types import kind_given
from qa.asides import only_asks, only_heads
from qa.figures import headers_above
from qa.lists import Stretch, asks_for_steps, items_of, list_asked_for
from qa.records import Passage, Reading, Span
from qa.text import stems

COVERAGE_WEIGHT = 0.5
"""What a sentence that covers all of a question's words gains over one that covers none, in cosine.

Chosen on squad2's tune and train articles: gold inside the first highlight 0.68 -> 0.74.
"""

KIND_WEIGHT = 0.05
"""What a sentence gains that has what the question's kind asks for, and loses that has not, in cosine."""

READER_WEIGHT = 0.5
"""What a sentence gains that the reader is sure of, in cosine; chosen on squad2's tune articles."""

READER_TEMPERATURE = 2.0
"""Divides the reader's logits where they order; undivided, nothing lies between yes and no (tune: Success@5 0.940 -> 0.946)."""

READ_SENTENCES, READ_FIRST, SURE = 16, 2, 1.5
"""Sentences read for one question, how many before it is asked whether one answers, and the answer logit that says so.

Each costs one forward pass of question and sentence; where none of the first answers, as many again are read, and so on.
On squad2's tune articles a question takes 8.1, and Success@1 is 0.867, Success@5 0.962 and gold inside the first highlight
0.829; stopping at a logit of 1 takes 7.2 and costs Success@5 0.004, and 20 passages and 24 sentences take 11.5 and gain 0.002
of the first and the last.
"""

HEADING_CHARACTERS, BEFORE_CHARACTERS = 90, 160
"""What the reader is told about where a sentence stands: of title and heading, and of the sentence before, so many characters."""

_LEANING = re.compile(
    r"^\W*(?:[\w'’-]+\W+){0,3}(?:he|she|it|they|him|them|his|her|hers|its|their|theirs|this|that|these|those|such|both|there|then|"
    r"also|however|instead|another|former|latter|same)\b",
    re.IGNORECASE,
)

ASKING_PENALTY = 0.2
"""What a sentence loses that asks something itself, as over the answers in a list of questions, or heads a message."""

Rarity = Callable[[str], float]
"""Gives a stem's weight: its inverse document frequency."""

_ASKS_FOR_ONE = re.compile(r"\b(?:who|whom|whose|when|where|how (?:many|much|old|long|far|often))\b", re.IGNORECASE)
"""Of these a list has at most one, in what leads to it or in an item."""


@dataclass(frozen=True)
class Weighed:
    """Hold a sentence of a passage with its score: cosine, coverage and kind, and what the reader adds.

    `leaning` is what it gains beside its passage's other sentences if it leans on the one before: that one's words are its own.
    """

    number: int
    span: Span
    text: str
    stems: frozenset[str]
    coverage: float
    score: float
    reading: Reading | None = None
    leaning: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """Hold the sentence chosen from one passage, the coverage of the whole passage, and the items where a list answers.

    `lead` is the sentence that leads to the list, if one does and not a heading; `stretch` is what holds the list,
    which may begin before the passage and end after it. `around` names where the passage stands: its title and
    headings, `dated` its document's years. `headers` are those of the Markdown table whose row was chosen.
    """

    chosen: Weighed
    passage_coverage: float
    items: tuple[Span, ...] = ()
    lead: Span | None = None
    around: str = ""
    dated: str = ""
    headers: tuple[str, ...] = ()
    stretch: Stretch | None = None

    @property
    def reads(self) -> float:
        """Return how sure the reader is that the chosen sentence answers; 0 where it was not read."""
        return likelihood(self.chosen.reading)

    @property
    def highlights(self) -> tuple[Span, ...]:
        """Return the sentences that are the evidence: the one chosen, or an item, first, the others of its list after it."""
        if not self.items:
            return (self.chosen.span,)
        at = self.chosen.span.start
        first = next((item for item in self.items if item.start <= at < item.end), self.items[0])
        return (first, *sorted({*([self.lead] if self.lead else []), *self.items} - {first}))


def likelihood(reading: Reading | None) -> float:
    """Return a reading's answer logit as a share between 0 and 1, made smooth for ordering; 0 for no reading."""
    return 1 / (1 + math.exp(-reading.answers / READER_TEMPERATURE)) if reading else 0.0


def coverage(asked: Mapping[str, float], text_stems: Set[str]) -> float:
    """Return the share of a question's words, weighted by rarity, that a text holds; 0 for no words."""
    total = sum(asked.values())
    return sum(weight for stem_, weight in asked.items() if stem_ in text_stems) / total if total else 0.0


def asked_weights(question_stems: Sequence[str], rarity: Rarity) -> dict[str, float]:
    """Return each of a question's stems with its rarity."""
    return {stem_: rarity(stem_) for stem_ in question_stems}


def weigh(
    question: str, asked: Mapping[str, float], passage: Passage, text: str, cosines: npt.NDArray[np.float32], around: str = ""
) -> list[Weighed]:
    """Score the sentences of a passage, in order.

    `asked` weighs the question's stems; `text` is the passage's; `cosines` are its sentences' with
    the question, in order. `around` names where the passage stands, its title and headings: what they
    say, every sentence under them says, and what a question in a list of them or a message's subject
    says, every sentence after it.
    (On squad2's tune articles the first and `leaning` raise gold inside the first highlight from 0.819 to
    0.825, exact match from 0.540 to 0.544 and F1 from 0.637 to 0.643.)
    The coverage kept is the sentence's own: with theirs the confidence without a reader refused 83 % of
    questions off-topic where it now refuses 93 %.
    """
    said = frozenset(stems(around))
    above: frozenset[str] = frozenset()
    weighed: list[Weighed] = []
    for number, (span, cosine) in enumerate(zip(passage.sentences, cosines.tolist(), strict=True)):
        sentence = text[span.start - passage.start : span.end - passage.start]
        held = frozenset(stems(sentence))
        covered = coverage(asked, held)
        kind = kind_given(question, sentence)
        score = cosine + KIND_WEIGHT * kind
        if only_asks(question, sentence) or (kind <= 0 and only_heads(question, sentence)):
            score -= ASKING_PENALTY
            above = held
        score += COVERAGE_WEIGHT * coverage(asked, held | said | above)
        leaning = 0.0
        if number and leans(sentence):
            leaning = COVERAGE_WEIGHT * (coverage(asked, held | weighed[-1].stems) - covered)
        weighed.append(Weighed(number, span, sentence, held, covered, score, leaning=leaning))
    return weighed


def to_read(passages: Sequence[Sequence[Weighed]], fused: Sequence[float]) -> list[tuple[int, int]]:
    """Choose the sentences worth reading, as passage and sentence numbers: each passage's best, then the best overall.

    They come in the order of their promise: their own scores and their passages' `fused` ones.
    """
    order = sorted(((-sentence.score, place, sentence.number) for place, weighed in enumerate(passages) for sentence in weighed))
    firsts = {place: next((number for _, at, number in order if at == place)) for place in range(len(passages))}
    chosen = dict.fromkeys(firsts.items())
    for _, place, number in order:
        if len(chosen) >= READ_SENTENCES:
            break
        chosen[place, number] = None
    return sorted(chosen, key=lambda at: -(fused[at[0]] + passages[at[0]][at[1]].score))


def leans(sentence: str) -> bool:
    """Tell whether a sentence leans on the one before it: one of its first words points back (he, this, however)."""
    return bool(_LEANING.match(sentence))


def surroundings(
    sentence: str, title: str, heading: str, before: str, headers: Sequence[str] = (), *, goes_on: bool = False
) -> str:
    """Return what the reader is told beside a sentence: title, innermost heading and, where it leans on it, the sentence before.

    A row of a table leans on its `headers`; with `goes_on` every other sentence on the one before.
    """
    named = ". ".join(dict.fromkeys(part for part in (title.replace("_", " "), heading) if part))[:HEADING_CHARACTERS]
    led = "; ".join(headers) if headers else " ".join(before.split()) if goes_on or leans(sentence) else ""
    return " ¦ ".join(part for part in (named, led[:BEFORE_CHARACTERS]) if part)


def with_reading(sentence: Weighed, reading: Reading) -> Weighed:
    """Return a sentence with what the reader made of it, its score raised accordingly."""
    return replace(sentence, reading=reading, score=sentence.score + READER_WEIGHT * likelihood(reading))


def choose(asked: Mapping[str, float], weighed: Sequence[Weighed], around: str = "", dated: str = "") -> Evidence:
    """Choose the sentence of a passage that answers best, the first of equals; `around` and `dated` are as Evidence has them."""
    best = max(weighed, key=lambda sentence: (sentence.score + sentence.leaning, -sentence.number))
    held: frozenset[str] = frozenset().union(*(sentence.stems for sentence in weighed))
    headers = headers_above([sentence.text for sentence in weighed], best.number)
    return Evidence(best, coverage(asked, held), around=around, dated=dated, headers=headers)


def with_list(question: str, asked: Mapping[str, float], evidence: Evidence, stretch: Stretch) -> Evidence:
    """Return the evidence with the items of the list that answers the question, if one does; see `list_asked_for`.

    `stretch` holds the chosen sentence: its passage, or that with those beside it.
    """
    if _ASKS_FOR_ONE.search(question) and not asks_for_steps(question):
        return evidence
    spans = stretch.passage.sentences
    number = spans.index(evidence.chosen.span)
    found = list_asked_for(question, number, stretch, lambda text: coverage(asked, frozenset(stems(text))))
    if found is None:
        return evidence
    lead, items = found
    return replace(evidence, lead=None if lead is None else spans[lead], items=items_of(items, stretch), stretch=stretch)
