"""Tell the kinds of question apart, and measure each by itself: a reader good at dates may be poor at reasons."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qa.evaluation.asking import Asked, Evaluation
from qa.measures.answers import answer_f1, exact_match
from qa.measures.highlights import holds_gold
from qa.measures.significance import Estimate, estimate
from qa.questions.records import Judged

_AUXILIARY = (
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|shall|may|might|must|"
    r"isn't|aren't|wasn't|weren't|don't|doesn't|didn't|hasn't|haven't|can't|couldn't|won't)"
)

KINDS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in (
        ("how many", r"\bhow (?:many|much|old|long|far|often|high|large|big|tall|fast)\b"
                     r"|\bwhat (?:percentage|proportion|share|number|amount|age)\b"),
        ("when", r"\bwhen\b|\b(?:what|which|in what|in which) (?:year|month|date|day|century|decade|time)\b"),
        ("why", r"\bwhy\b|\bwhat (?:caused|is the reason|was the reason)\b|\bfor what reason\b"),
        ("list", r"^(?:list|name)\b|^(?:what|which) (?:(?:are|were) (?:the|all|some)\b|(?:\w+ )?\w{3,}(?<!s)s "
                 r"(?:are|were|have|do|did|can|took|make|made)\b)|\bwhat (?:two|three|four|five|six|\d+)\b"
                 r"|^which (?:\w+ )?\w{3,}(?<!s)s (?!is\b|was\b|has\b|does\b)"),
        ("who", r"\bwho(?:m|se)?\b"),
        ("where", r"\bwhere\b|\b(?:what|which) (?:city|country|place|region|town|state)\b"),
        ("definition", r"^(?:what (?:is|are)|what's) (?:(?:a|an|the) )?(?:[\w-]+ ){0,2}[\w-]+\?*$|^define\b|\bstand(?:s)? for\b"
                       r"|\bwhat does .* mean\b|\bmeaning of\b"),
        ("how", r"\bhow\b"),
        ("what", r"\b(?:what|which)\b"),
        ("yes or no", rf"^{_AUXILIARY}\b"),
    )
}  # fmt: skip
"""Patterns of the kinds of question, in the order in which they are tried."""

OTHER = "other"


def kind_of(question: str) -> str:
    """Return the kind of a question: one of KINDS, or OTHER for one that asks with none of their words."""
    text = question.strip()
    return next((kind for kind, pattern in KINDS.items() if pattern.search(text)), OTHER)


@dataclass(frozen=True)
class KindRow:
    """Hold what was made of the answerable questions of one kind, each figure with its interval.

    `highlight`, `exact` and `f1` are None where no question of the kind has its answer as a text.
    """

    kind: str
    n: int
    right: Estimate | None
    highlight: Estimate | None
    exact: Estimate | None
    f1: Estimate | None
    refused: Estimate | None

    def to_dict(self) -> dict[str, object]:
        """Return the row as JSON shows it."""
        figures = {name: getattr(self, name) for name in ("right", "highlight", "exact", "f1", "refused")}
        return {"kind": self.kind, "n": self.n, **{name: value and value.to_dict() for name, value in figures.items()}}


def by_kind(evaluation: Evaluation) -> list[KindRow]:
    """Return a row for each kind that answerable questions were asked of, in the order of KINDS."""
    found: dict[str, list[tuple[Judged, Asked]]] = {kind: [] for kind in (*KINDS, OTHER)}
    for item in evaluation.outcomes:
        if item.asked and item.judged.answerable and item.judged.known:
            found[kind_of(item.judged.question.text)].append((item.judged, item.asked))
    return [_row(kind, pairs) for kind, pairs in found.items() if pairs]


def _row(kind: str, pairs: Sequence[tuple[Judged, Asked]]) -> KindRow:
    texts = [(judged, asked) for judged, asked in pairs if any(not gold.whole for gold in judged.golds)]
    marked = [
        holds_gold(asked.first.highlights[0] if asked.first and asked.first.highlights else None, asked.golds)
        for _, asked in texts
    ]
    return KindRow(
        kind,
        len(pairs),
        _mean([float(asked.right) for _, asked in pairs]),
        _mean(marked),
        _mean([exact_match(asked.text, [gold.text for gold in judged.golds]) for judged, asked in texts]),
        _mean([answer_f1(asked.text, [gold.text for gold in judged.golds]) for judged, asked in texts]),
        _mean([float(not asked.answered) for _, asked in pairs]),
    )


def _mean(values: Sequence[float]) -> Estimate | None:
    return estimate(np.array(values, dtype=np.float64))
