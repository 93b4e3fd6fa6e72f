"""Average an evaluation's outcomes into the rows of its table, each with its interval and number of questions."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from qa.errors import BadInput
from qa.evaluation.asking import MAIN, Asked, Evaluation, Outcome, check_systems
from qa.measures.answers import answer_f1, exact_match
from qa.measures.highlights import character_f1, holds_gold, intersection_over_union
from qa.measures.rankings import RETRIEVAL, canonical, retrieval_scores, span_recall
from qa.measures.reliability import calibration_error, risk_coverage_area, separation
from qa.measures.significance import Estimate, Values, estimate, joint_estimate, quantile, randomisation_test
from qa.questions.records import Judged
from qa.records import Span

SIGNIFICANT = 0.05
MEASURES = (
    *RETRIEVAL,
    *("gold in highlight", "character F1", "character IoU", "highlighted characters"),
    *("first citation right", "EM", "F1", "EM answerable", "F1 answerable"),
    *("false answers", "false refusals", "risk-coverage area", "calibration error", "AUROC"),
    *("quotes verbatim", "median ms", "95th percentile ms"),
)
"""Names of all rows, in the table's order."""

GROUPS = ("retrieval", "highlights", "answers", "refusals", "quotes", "time")


@dataclass(frozen=True)
class Row:
    """Hold one measure of all systems; `tests` has each system's p against the baseline.

    `more` tells whether more is better; None where neither is. `digits` is how many to show.
    """

    group: str
    name: str
    estimates: Mapping[str, Estimate | None]
    more: bool | None = True
    digits: int = 3
    tests: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Scorecard:
    """Hold the table and, by measure and question, the main system's values that it averages."""

    rows: tuple[Row, ...]
    systems: tuple[str, ...]
    baseline: str | None
    values: Mapping[str, Mapping[str, float]]

    @property
    def main(self) -> str:
        """Return the system that gates and comparisons look at."""
        return MAIN if MAIN in self.systems else self.systems[0]


def score(evaluation: Evaluation, baseline: str | None = None) -> Scorecard:
    """Return the table of an evaluation; `baseline` is the system that others are tested against.

    Raises BadInput for a baseline that was not run.
    """
    systems = evaluation.systems
    check_systems(systems, baseline)
    against = baseline or (systems[0] if len(systems) > 1 else None)
    retrieval = {system: retrieval_values(evaluation, system) for system in systems}
    rows = [
        Row(
            "retrieval",
            name,
            {system: _mean(retrieval[system][name]) for system in systems},
            tests=_tests(retrieval, name, against),
        )
        for name in RETRIEVAL
    ]
    values = dict(retrieval[MAIN if MAIN in systems else systems[0]])
    if MAIN in systems:
        for group, name, more, digits, per_question in _answered(evaluation.outcomes):
            values[name] = per_question
            rows.append(Row(group, name, {MAIN: _mean(per_question)}, more, digits))
        rows += [*_confidence_rows(evaluation.outcomes), *_time_rows(evaluation.outcomes)]
        rows.sort(key=lambda row: GROUPS.index(row.group))
    return Scorecard(tuple(rows), systems, against, values)


def retrieval_values(evaluation: Evaluation, system: str) -> dict[str, dict[str, float]]:
    """Return a system's retrieval measures by measure and question, for every question that has answers."""
    judged = {item.judged.question.id: item for item in evaluation.outcomes if item.judged.answerable}
    names = [name for name in RETRIEVAL if not name.startswith("R@")]
    scores = retrieval_scores(
        {identity: item.relevant for identity, item in judged.items()},
        {identity: item.retrieved[system].ranking for identity, item in judged.items()},
        names,
    )
    for name in (name for name in RETRIEVAL if name.startswith("R@")):
        cutoff = int(name.removeprefix("R@"))
        scores[name] = {identity: span_recall(item.retrieved[system].gold_ranks, cutoff) for identity, item in judged.items()}
    return {name: scores[name] for name in RETRIEVAL}


def _tests(retrieval: Mapping[str, Mapping[str, Mapping[str, float]]], name: str, against: str | None) -> dict[str, float]:
    if against is None:
        return {}
    base = _array(retrieval[against][name])
    return {system: randomisation_test(_array(found[name]), base) for system, found in retrieval.items() if system != against}


def _array(values: Mapping[str, float]) -> Values:
    return np.array(list(values.values()), dtype=np.float64)


def _mean(values: Mapping[str, float]) -> Estimate | None:
    return estimate(_array(values))


class _Pair(NamedTuple):
    """Hold a question that was answered with its answer."""

    judged: Judged
    asked: Asked

    @property
    def placed(self) -> bool:
        """Tell whether answers stand in texts, so that highlights and answers can be compared with them."""
        return any(not gold.whole for gold in self.judged.golds)

    @property
    def highlight(self) -> Span | None:
        """Return the first highlight."""
        first = self.asked.first
        return first.highlights[0] if first and first.highlights else None


def _values(pairs: Iterable[_Pair], value: Callable[[_Pair], float]) -> dict[str, float]:
    return {pair.judged.question.id: value(pair) for pair in pairs}


def _answered(outcomes: Sequence[Outcome]) -> list[tuple[str, str, bool | None, int, dict[str, float]]]:
    """Return group, name, whether more is better, digits and values by question of what is averaged over questions."""
    pairs = [_Pair(item.judged, item.asked) for item in outcomes if item.asked and item.judged.known]
    answerable = [pair for pair in pairs if pair.judged.answerable]
    unanswerable = [pair for pair in pairs if not pair.judged.answerable]
    placed = [pair for pair in answerable if pair.placed]
    texts = [pair for pair in pairs if pair.placed or not pair.judged.answerable]
    quoted = [pair for pair in pairs if pair.asked.quotes]
    marked = [pair for pair in pairs if pair.highlight]

    def highlights(measure: Callable[[Span | None, Iterable[Span]], float]) -> dict[str, float]:
        return _values(placed, lambda pair: measure(pair.highlight, pair.asked.golds))

    def answers(measure: Callable[[str, Iterable[str]], float], of: Iterable[_Pair]) -> dict[str, float]:
        return _values(of, lambda pair: measure(pair.asked.text, [gold.text for gold in pair.judged.golds]))

    return [
        ("highlights", "gold in highlight", True, 3, highlights(holds_gold)),
        ("highlights", "character F1", True, 3, highlights(character_f1)),
        ("highlights", "character IoU", True, 3, highlights(intersection_over_union)),
        ("highlights", "highlighted characters", None, 1, _values(marked, _highlighted)),
        ("answers", "first citation right", True, 3, _values(answerable, lambda pair: float(pair.asked.right))),
        ("answers", "EM", True, 3, answers(exact_match, texts)),
        ("answers", "F1", True, 3, answers(answer_f1, texts)),
        ("answers", "EM answerable", True, 3, answers(exact_match, placed)),
        ("answers", "F1 answerable", True, 3, answers(answer_f1, placed)),
        ("quotes", "quotes verbatim", True, 3, _values(quoted, lambda pair: pair.asked.verbatim / pair.asked.quotes)),
        ("refusals", "false answers", False, 3, _values(unanswerable, lambda pair: float(pair.asked.answered))),
        ("refusals", "false refusals", False, 3, _values(answerable, lambda pair: float(not pair.asked.answered))),
    ]


def _highlighted(pair: _Pair) -> float:
    return float(sum(span.end - span.start for span in pair.asked.first.highlights)) if pair.asked.first else 0.0


def confidences(outcomes: Iterable[Outcome]) -> Values:
    """Return each answered question's confidence and whether its first passage is right, as an array (n, 2)."""
    rows = [(item.asked.confidence, float(item.asked.right)) for item in outcomes if item.asked and item.judged.known]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _confidence_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    pairs = confidences(outcomes)
    measures: Sequence[tuple[str, bool, Callable[[Values, Values], float | None]]] = (
        ("risk-coverage area", False, risk_coverage_area),
        ("calibration error", False, calibration_error),
        ("AUROC", True, separation),
    )
    return [
        Row("refusals", name, {MAIN: joint_estimate(pairs, lambda rows, of=of: of(rows[:, 0], rows[:, 1]))}, more)  # type: ignore[misc]
        for name, more, of in measures
    ]


def _time_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    took = np.array([item.asked.took_ms for item in outcomes if item.asked], dtype=np.float64)
    return [
        Row("time", "median ms", {MAIN: estimate(took, quantile(0.5))}, False, 1),
        Row("time", "95th percentile ms", {MAIN: estimate(took, quantile(0.95))}, False, 1),
    ]


@dataclass(frozen=True)
class Gate:
    """Hold a bound that a measure must keep: the least where more is better, the most where less is."""

    name: str
    bound: float


def parse_gate(text: str) -> Gate:
    """Read `nDCG@10=0.8`; names in any case, and ir_measures' other ones. Raises BadInput for no measure or no number."""
    written, _, number = text.rpartition("=")
    known = {name.casefold(): name for name in MEASURES}
    name = known.get(written.strip().casefold()) or known.get(_spelt(written.strip()).casefold())
    try:
        bound = float(number)
    except ValueError:
        bound = math.nan
    if name is None or not math.isfinite(bound):
        raise BadInput(f"--fail-under {text!r}: write a measure and a number, as in 'nDCG@10=0.8'; known: {', '.join(MEASURES)}")
    return Gate(name, bound)


def unmet(scorecard: Scorecard, gates: Iterable[Gate]) -> list[str]:
    """Return a line for each gate that is not met, or whose measure has no value here."""
    rows = {row.name: row for row in scorecard.rows}
    lines = []
    for gate in gates:
        row = rows.get(gate.name)
        found = row.estimates.get(scorecard.main) if row else None
        if row is None or found is None:
            lines.append(f"{gate.name} has no value: nothing was asked that it could be taken of")
        elif found.value < gate.bound if row.more is not False else found.value > gate.bound:
            lines.append(f"{row.name} is {found.value:.4f}, {'under' if row.more is not False else 'over'} {gate.bound:g}")
    return lines


def _spelt(name: str) -> str:
    """Return the name that ir_measures gives a measure, so that MRR@10 means RR@10; the name itself if it is none."""
    try:
        return canonical(name)
    except BadInput:
        return name
