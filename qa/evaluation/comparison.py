"""Save an evaluation question by question, and compare a later one with it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa.errors import BadInput
from qa.evaluation.asking import Evaluation
from qa.evaluation.kinds import by_kind
from qa.evaluation.relevance import run_word
from qa.evaluation.scorecard import Scorecard
from qa.measures.rankings import descending
from qa.measures.significance import randomisation_test
from qa.questions.records import Judged, QuestionSet

SCHEMA = 1
_NOTEWORTHY = ("RR@10", "gold in highlight", "F1", "false answers", "false refusals")
"""Measures whose changes name the questions that got better or worse; the others follow from these."""


@dataclass(frozen=True)
class Change:
    """Hold one measure before and after, on the questions both runs have; counts are of questions."""

    name: str
    before: float
    after: float
    p: float
    better: int
    worse: int
    n: int


@dataclass(frozen=True)
class Moved:
    """Hold a question that got better or worse, and each noteworthy measure before and after."""

    id: str
    question: str
    better: bool
    measures: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Comparison:
    """Hold what changed since a saved run; `apart` counts questions that could not be compared, by reason."""

    saved: str
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]
    apart: Mapping[str, int]

    @property
    def same(self) -> bool:
        """Tell whether no measure of any compared question differs."""
        return all(change.better == change.worse == 0 for change in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON shows it."""
        return {
            "saved": self.saved,
            "same": self.same,
            "measures": [vars(change).copy() for change in self.changes],
            "moved": [vars(item) | {"measures": dict(item.measures)} for item in self.moved],
            "apart": dict(self.apart),
        }


def _signature(judged: Judged) -> str:
    """Return a digest of what is asked and expected, so that an edited question is not taken for the old one."""
    golds = sorted((gold.document, gold.text, gold.grade) for gold in judged.golds)
    return hashlib.sha256(json.dumps([judged.question.text, judged.answerable, golds]).encode()).hexdigest()[:16]


def table_of(scorecard: Scorecard) -> dict[str, Any]:
    """Return the table as JSON shows it: by system and measure."""
    return {
        system: {
            row.name: {**found.to_dict(), **({"p": row.tests[system]} if system in row.tests else {})}
            for row in scorecard.rows
            if (found := row.estimates.get(system)) is not None
        }
        for system in scorecard.systems
    }


def summary(evaluation: Evaluation, scorecard: Scorecard) -> dict[str, Any]:
    """Return what `--json` prints: the table, with what was asked of what."""
    answerable = sum(item.judged.answerable for item in evaluation.outcomes)
    asked = [item.asked for item in evaluation.outcomes if item.asked]
    return {
        "schema": SCHEMA,
        "questions": {
            "path": evaluation.path,
            "asked": len(evaluation.outcomes),
            "answerable": answerable,
            "unanswerable": len(evaluation.outcomes) - answerable,
            "notes": list(evaluation.notes),
        },
        "index": vars(evaluation.index).copy(),
        "threshold": evaluation.threshold,
        "quotes": {"checked": sum(item.quotes for item in asked), "verbatim": sum(item.verbatim for item in asked)},
        "baseline": scorecard.baseline,
        "systems": table_of(scorecard),
        "kinds": [row.to_dict() for row in by_kind(evaluation)],
    }


def saved(evaluation: Evaluation, scorecard: Scorecard) -> dict[str, Any]:
    """Return what `--save` writes: the summary, and every question's own values of the main system."""
    questions = {
        item.judged.question.id: {
            "question": item.judged.question.text,
            "signature": _signature(item.judged),
            "answered": item.asked.answered if item.asked else None,
            "confidence": item.asked.confidence if item.asked else None,
            "measures": {
                name: values[item.judged.question.id]
                for name, values in scorecard.values.items()
                if item.judged.question.id in values
            },
        }
        for item in evaluation.outcomes
    }
    return {**summary(evaluation, scorecard), "system": scorecard.main, "by_question": questions}


def read_saved(path: Path) -> dict[str, Any]:
    """Read a file that `--save` wrote; raises BadInput naming the file and what is wrong."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise BadInput(f"{path}: schema: is {data['schema']!r}, this program reads {SCHEMA}; save it anew")
        for record in data["by_question"].values():
            str(record["question"]), str(record["signature"])
            for value in record["measures"].values():
                float(value)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadInput(f"{path}: is no report of qa eval --save ({error})") from None
    return dict(data)


def in_both(path: Path, before: Mapping[str, Any], questions: QuestionSet) -> list[str]:
    """Return the ids of the questions that a saved run and a set both have and that ask the same; raises BadInput if none is."""
    older: Mapping[str, Any] = before["by_question"]
    named = {judged.question.id: judged for judged in questions.questions if judged.question.id in older}
    same = [identity for identity, judged in named.items() if older[identity]["signature"] == _signature(judged)]
    if not same:
        raise BadInput(f"{path}: has no question in common with {questions.path}")
    return same


def compare(path: Path, before: Mapping[str, Any], evaluation: Evaluation, scorecard: Scorecard) -> Comparison:
    """Compare a run with a saved one on the questions that both asked and that ask the same.

    Times are left out, which differ from run to run, and what is neither better nor worse for being
    more. Raises BadInput if no question is in both.
    """
    older: Mapping[str, Any] = before["by_question"]
    judged = {item.judged.question.id: item.judged for item in evaluation.outcomes}
    shared = [identity for identity in judged if identity in older]
    same = in_both(path, before, QuestionSet(evaluation.path, tuple(judged.values())))
    less = {row.name for row in scorecard.rows if row.more is False}
    neither = {row.name for row in scorecard.rows if row.more is None}
    changes = []
    for name, values in scorecard.values.items():
        both = [identity for identity in same if identity in values and name in older[identity]["measures"]]
        if not both or name in neither:
            continue
        after = np.array([values[identity] for identity in both], dtype=np.float64)
        earlier = np.array([older[identity]["measures"][name] for identity in both], dtype=np.float64)
        better = (after - earlier) * (-1 if name in less else 1)
        changes.append(
            Change(
                name,
                float(earlier.mean()),
                float(after.mean()),
                randomisation_test(after, earlier),
                int((better > 0).sum()),
                int((better < 0).sum()),
                len(both),
            )
        )
    apart = {
        "only in the saved run": len(older) - len(shared),
        "only in this run": len(judged) - len(shared),
        "changed since": len(shared) - len(same),
    }
    moved = tuple(_moved(same, judged, older, scorecard, less))
    return Comparison(str(path), tuple(changes), moved, {reason: count for reason, count in apart.items() if count})


def _moved(
    same: Sequence[str], judged: Mapping[str, Judged], older: Mapping[str, Any], scorecard: Scorecard, less: set[str]
) -> list[Moved]:
    """Return the questions that changed, those that lost most first, then those that gained most."""
    found = []
    for identity in same:
        pairs: dict[str, tuple[float, float]] = {}
        for name in _NOTEWORTHY:
            before, after = older[identity]["measures"].get(name), scorecard.values.get(name, {}).get(identity)
            if before is not None and after is not None and before != after:
                pairs[name] = (float(before), float(after))
        gain = sum((after - before) * (-1 if name in less else 1) for name, (before, after) in pairs.items())
        if pairs:
            found.append((gain, Moved(identity, judged[identity].question.text, gain > 0, pairs)))
    worse = sorted((item for item in found if item[0] <= 0), key=lambda item: item[0])
    better = sorted((item for item in found if item[0] > 0), key=lambda item: -item[0])
    return [item for _, item in worse + better]


def run_lines(evaluation: Evaluation, system: str) -> list[str]:
    """Return a system's rankings as a TREC run: question, Q0, id, rank, score, system; scores strictly decrease."""
    return [
        f"{run_word(item.judged.question.id)} Q0 {identity} {position + 1} {score:g} {system}"
        for item in evaluation.outcomes
        for position, (identity, score) in enumerate(descending(item.retrieved[system].ranking))
    ]


def judgement_lines(evaluation: Evaluation) -> list[str]:
    """Return the judgements the rankings are measured with, as TREC's: question, 0, id, grade."""
    return [
        f"{run_word(item.judged.question.id)} 0 {identity} {grade}"
        for item in evaluation.outcomes
        for identity, grade in item.relevant.items()
    ]
