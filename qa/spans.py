"""Mark the words of a chosen sentence that answer: the shortest useful ones, or the sentence where they would be doubtful."""

import re
from collections.abc import Sequence

from qa.answer_types import asks_for_a_thing, asks_who, kind_given, number_missing, says_nothing
from qa.counterparts import not_given_up, not_the_one_named, of_the_clause_asked
from qa.expressions import enumerated, whole
from qa.extractor import Evidence, Weighed
from qa.figures import cell_named, is_missing, of_the_header_asked, of_the_time_asked, one_cell, whole_cell
from qa.identity import person_asked, told_of
from qa.records import Span
from qa.years import MONTH

WORDS_FROM = 0.15
"""Confidence from which on words are marked in the sentence as the answer.

Under it two in three are wrong, and a fragment looks like an answer where a whole sentence can be judged.
On squad2's tune articles that cost the third reader 0.002 of F1 (from 0.2 on 0.016), the fourth 0.008, refused questions counted.
"""

_ASKS_FOR_WORDS = re.compile(
    r"\b(?:who|whom|whose|when|where|which|what)\b"
    r"|\bhow (?:many|much|old|long|far|often|high|large|big|tall|fast|wide|deep|heavy)\b"
    r"|^\W*(?:please )?(?:name|list|give|identify|state)\b",
    re.IGNORECASE,
)

_ASKS_OTHERWISE = re.compile(
    r"\b(?:why|how (?:is|are|was|were|do|does|did|can|could|should|would|will|to|come))\b"
    r"|^\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|should|would|will|may|must|explain|describe|compare)\b",
    re.IGNORECASE,
)
"""What is answered by a sentence; a query without such a word may name a cell of a table: "penhallow revenue 2021"."""

_ASKS_HOW_MUCH = re.compile(
    r"\bhow much (?!(?:\w+ )?(?:time|notice|leave|holiday|sleep|rest|warning|training|practice|experience|delay|sooner|later"
    r"|longer|older|younger|earlier|faster|slower)\b)",
    re.IGNORECASE,
)
_DURATION = re.compile(r"(?<![£$€¥])\b[\w.,-]+ (?:second|minute|hour|day|night|week|month|year|decade)s?\b", re.IGNORECASE)
_DATE = re.compile(rf"(?:\b\d{{1,2}}(?:st|nd|rd|th)? )?\b{MONTH}\b(?: \d{{1,2}}\b)?(?:,? \d{{4}}\b)?")
_ASKS_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_BARE_FIGURE = re.compile(r"\W*(?:(?:in|on|by|about) )?[\d.,/–-]*\W*")

_LINE_END = re.compile(r"[\r\n]")
_DEFINITION = re.compile(r"^\s*(?:what (?:is|are)|what's) (?:(?:a|an|the) )?(?:[\w'’-]+ ){0,2}[\w'’-]+\s*\?*\s*$", re.IGNORECASE)


def answer_spans(question: str, evidence: Evidence, confidence: float) -> tuple[Span, ...]:
    """Return the answer's words: all items where a list answers, else the shortest useful ones of the chosen sentence.

    Where `confidence` is under WORDS_FROM the sentence is left whole.
    """
    if confidence < WORDS_FROM:
        return evidence.items or (evidence.chosen.span,)
    return evidence.items or (answer_span(question, evidence.chosen, evidence.headers),)


def answer_span(question: str, chosen: Weighed, headers: Sequence[str] = ()) -> Span:
    """Return the shortest useful answer in a chosen sentence, as offsets into the document; `headers` as in Evidence.

    The reader's words where the question asks for a thing, a person, a time, a place or a number; the
    words that tell who somebody is where it asks that; the whole sentence where it asks why, how or whether,
    or what a thing is, where nothing was read, and where the words marked say nothing or hold no number
    that is asked for. Of a query that asks nothing the cell which it names. (To ask a name of who, and a time of when,
    costs more than it saves: F1 on squad2's tune articles 0.616 -> 0.603.)
    """
    if chosen.reading is None or _DEFINITION.search(question):
        return chosen.span
    # A name or a date that a line's end breaks is still one; between tabs a line's end parts cells.
    text = chosen.text if "\t" in chosen.text else _LINE_END.sub(" ", chosen.text)
    if person_asked(question):
        told = told_of(question, text)
        return _placed(chosen, told) if told else chosen.span
    if not _ASKS_FOR_WORDS.search(question):
        named = None if _ASKS_OTHERWISE.search(question) else cell_named(question, text, headers)
        if named is None or number_missing(question, text[named.start : named.end]):
            return chosen.span
        return _placed(chosen, named)
    meant = of_the_time_asked(question, text, chosen.reading.span)
    for moved in (of_the_clause_asked, not_given_up):
        meant = _unless_of_another_kind(question, text, moved(question, text, meant), meant)
    other = not_the_one_named(question, text, meant)
    if other is None:
        return chosen.span
    meant = one_cell(question, text, other, headers)
    # "Saul Pettit" stays marked where it is asked who kept the ponies, whatever stands under "Ponies".
    under = of_the_header_asked(question, text, meant, headers)
    if is_missing(text[under.start : under.end]):  # what stands beside a gap is no answer
        return _placed(chosen, under) if any(map(str.isalnum, text[under.start : under.end])) else chosen.span
    meant = _unless_of_another_kind(question, text, under, meant)
    words_ = enumerated(question, text, whole(question, text, meant))
    if asks_for_a_thing(question):
        words_ = whole_cell(text, words_, headers)
    said = text[words_.start : words_.end]
    if number_missing(question, said) or says_nothing(question, said) or _of_another_kind(question, said):
        return chosen.span
    return _placed(chosen, words_)


def _placed(chosen: Weighed, span: Span) -> Span:
    """Return a stretch of a chosen sentence as offsets into the document."""
    return Span(chosen.span.start + span.start, chosen.span.start + span.end)


def _of_another_kind(question: str, said: str) -> bool:
    """Tell whether words are a time where an amount is asked for, or a figure where it is asked who."""
    undated = _DATE.sub("", said)
    if asks_who(question):
        return bool(_BARE_FIGURE.fullmatch(undated))
    if _ASKS_HOW_MUCH.search(question):
        return number_missing(question, _DURATION.sub("", undated))
    return bool(_ASKS_HOW_MANY.search(question)) and number_missing(question, undated)


def _unless_of_another_kind(question: str, sentence: str, moved: Span, marked: Span) -> Span:
    """Return where marked words moved to, if that is not of another kind than is asked for; else the marked words."""
    return marked if _kind_of(question, sentence, moved) < 0 else moved


def _kind_of(question: str, sentence: str, span: Span) -> float:
    """Tell whether words of a sentence have what the question's kind asks for, as `kind_given` does."""
    # A name may open the words, where kind_given takes a capital for the beginning of a sentence.
    return kind_given(question, f"– {sentence[span.start : span.end]}")


def words_of_kind(question: str, chosen: Weighed) -> float:
    """Tell whether the words that the reader marked have what the question's kind asks for, as `kind_given` does; 0 if unread."""
    if chosen.reading is None:
        return 0.0
    # What somebody is stands beside the name, and the reader may mark the name.
    return kind_given(question, chosen.text) if person_asked(question) else _kind_of(question, chosen.text, chosen.reading.span)
