"""Turn what retrieval and extraction saw into the probability that a passage answers.

A logistic regression on features that mean the same in every collection. `confidence.json` holds its
weights; `python -m tests.benchmarks.confidence` fits them.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from qa.answer_types import (
    another_year,
    count_missing,
    figures_missing,
    kind_given,
    names_given,
    names_unknown,
    number_missing,
    time_missing,
)
from qa.errors import DamagedIndex
from qa.extractor import Evidence
from qa.retriever import Candidate
from qa.spans import words_of_kind
from qa.years import years_beside

FAR = 0.35
"""Cosine under which a passage is far from a question, so that each step further counts more than between near ones.

Of questions about other articles altogether, asked of all sixteen and of the one left out of the fit, 94 % are refused with it
and 91 % without, where 5 % of the answerable ones are; of those about something else asked of a folder left out, 98 and 96 %.
"""

UNREAD = -6.0
"""The answer logit that a passage is described with of which no sentence was read, as those read of others promised more.

Of such passages, found for the answerable questions that are fitted on, 0.2 % answer; of those read with a logit of 0, 65 %,
with -6, 3 %.
"""

FEATURES = (
    "cosine",
    "far",
    "standing out",
    "margin",
    "sentence margin",
    "coverage",
    "passage coverage",
    "unknown words",
    "BM25 share",
    "BM25 margin",
    "first in both",
    "kind given",
    "kind missing",
    "number missing",
    "count missing",
    "time missing",
    "no number near",
    "names given",
    "names unknown",
    "figures missing",
    "another year",
    "words of kind",
    "words not of kind",
    "collection size",
    "reader",
    "reader margin",
    "span score",
    "found later",
)


@dataclass(frozen=True)
class Calibration:
    """Hold the weights of FEATURES, the intercept, and the threshold from which on an answer is given."""

    weights: Mapping[str, float]
    intercept: float
    threshold: float


NOT_UNDERSTOOD = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a file as a calibration may raise: no JSON, JSON of another shape, numbers too long, lists too deep."""


def parse_calibration(text: str) -> Calibration:
    """Read a calibration; raises one of NOT_UNDERSTOOD if it is none."""
    data = json.loads(text)
    weights = {name: float(data["weights"][name]) for name in FEATURES}
    intercept, threshold = float(data["intercept"]), round(float(data["threshold"]), 4)
    if not all(map(math.isfinite, (*weights.values(), intercept, threshold))):
        raise ValueError("a weight that is no number")
    return Calibration(weights, intercept, threshold)


def of_this_version(described: Mapping[str, Any]) -> bool:
    """Tell whether a calibration, as its file describes it, weighs today's FEATURES; before one was added nothing said of it.

    Raises as parse_calibration does.
    """
    return bool(described["weights"].keys() == set(FEATURES))


@lru_cache(maxsize=2)
def shipped(reader: bool) -> Calibration:
    """Return the calibration that comes with the program, for use with the reader or without."""
    name = "confidence.json" if reader else "confidence_without_reader.json"
    return parse_calibration(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def calibration_of(path: Path, fitted_for: tuple[object, Mapping[str, object], str], reader: bool) -> Calibration:
    """Return the user's own calibration, if it was fitted for this model, these settings and this reader; else the shipped one.

    `path` holds their own. Raises DamagedIndex where it cannot be read or understood. `reader` tells whether there is one.
    """
    try:
        held = path.read_bytes()
    except FileNotFoundError:
        return shipped(reader)
    except OSError as error:
        raise DamagedIndex(f"{path}: cannot be read ({error.strerror}); run: qa calibrate --undo") from None
    try:
        text = held.decode()
        described = json.loads(text)
        own = (described["fingerprint"], described["settings"], described["reader"])
        return parse_calibration(text) if of_this_version(described) and own == fitted_for else shipped(reader)
    except NOT_UNDERSTOOD:
        raise DamagedIndex(f"{path}: cannot be understood; run: qa calibrate --undo") from None


@dataclass(frozen=True)
class Standing:
    """Hold what a ranking's scores are beside each other: the two greatest, and of the dense the others' mean and deviation."""

    centre: float
    spread: float
    dense: tuple[float, float]
    lexical: tuple[float, float]


def standing(ranking: Sequence[Candidate]) -> Standing:
    """Describe the scores of a ranking; the rest are all but the five nearest, and a second that is missing counts 0."""
    dense = sorted((candidate.dense for candidate in ranking), reverse=True)
    rest = np.array(dense[5:])
    centre, spread = (float(rest.mean()), float(rest.std())) if len(rest) >= 5 else (float(np.mean(dense)), 0.1)
    lexical = sorted((candidate.lexical for candidate in ranking), reverse=True)
    return Standing(centre, spread, _two(dense), _two(lexical))


def _two(scores: Sequence[float]) -> tuple[float, float]:
    return scores[0], scores[1] if len(scores) > 1 else 0.0


def _rival(greatest: tuple[float, float], own: float) -> float:
    """Return the greatest score but a candidate's own."""
    return greatest[1] if own >= greatest[0] else greatest[0]


def features(
    question: str,
    asked: Mapping[str, float],
    unknown: Sequence[str],
    among: Standing,
    candidate: Candidate,
    own: Evidence,
    evidence: Sequence[Evidence],
    passage: str,
    passages: int,
    place: int,
) -> dict[str, float]:
    """Describe a candidate of a ranking, its own evidence and its passage's text.

    `asked` weighs the question's stems by rarity, `unknown` are those that occur nowhere, `among` is the
    ranking's standing, `evidence` that of all candidates looked at, `passages` counts all that were searched, `place` is the
    candidate's among those found, from 1.
    """
    chosen, reading = own.chosen, own.chosen.reading
    beside = years_beside(chosen.text, own.around, own.dated)
    told = " ".join(f"{first}–{last % 100:02}" if last > first else str(first) for first, last in beside)
    named = f"{own.around}\n{own.dated}\n{passage}\n{told}"
    rivals = [other.chosen.score for other in evidence if other is not own]
    readings = [other.chosen.reading.answers for other in evidence if other is not own and other.chosen.reading]
    # Without a reader nothing is read of any.
    answers = reading.answers if reading else UNREAD if readings else 0.0
    total = sum(asked.values())
    most = among.lexical[0]
    kind, words_kind = kind_given(question, chosen.text), words_of_kind(question, chosen)
    # (k1 + 1) times the summed rarities bounds BM25, so the share means the same in every collection.
    bound = 2.2 * total
    return {
        "cosine": candidate.dense,
        "far": max(0.0, FAR - candidate.dense),
        "standing out": min(8.0, (candidate.dense - among.centre) / max(among.spread, 0.02)),
        "margin": candidate.dense - _rival(among.dense, candidate.dense),
        "sentence margin": chosen.score - max(rivals, default=0.0),
        "coverage": chosen.coverage,
        "passage coverage": own.passage_coverage,
        "unknown words": sum(asked.get(word, 0.0) for word in unknown) / total if total else 0.0,
        "BM25 share": min(1.0, candidate.lexical / bound) if bound else 0.0,
        "BM25 margin": (candidate.lexical - _rival(among.lexical, candidate.lexical)) / most if most else 0.0,
        "first in both": float(candidate.dense >= among.dense[0] and candidate.lexical >= most > 0),
        "kind given": float(kind > 0),
        "kind missing": float(kind < 0),
        "number missing": float(number_missing(question, chosen.text)),
        "count missing": float(count_missing(question, chosen.text)),
        "time missing": float(time_missing(question, chosen.text)),
        "no number near": float(number_missing(question, passage)),
        "names given": names_given(question, named),
        "names unknown": names_unknown(question, unknown),
        "figures missing": float(figures_missing(question, named)),
        "another year": float(another_year(question, chosen.text, own.around, passage, own.dated)),
        "words of kind": float(words_kind > 0),
        "words not of kind": float(words_kind < 0),
        "collection size": math.log10(max(1, passages)),
        "reader": answers,
        "reader margin": answers - max(readings, default=-8.0) if reading or readings else 0.0,
        "span score": reading.span_score if reading else 0.0,
        "found later": math.log(place),
    }


def probability(calibration: Calibration, described: Mapping[str, float]) -> float:
    """Return the probability, in [0, 1] and rounded as it is shown, that the described passage answers."""
    logit = calibration.intercept + sum(calibration.weights[name] * value for name, value in described.items())
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))), 4)


SUREST_AMONG = 5
"""Passages, the first in their order, of which the surest tells whether a question is answered, however many are cited."""


def settled(confidences: Sequence[float]) -> list[float]:
    """Return the confidences of passages in the order in which they are cited, none below that of one that comes after it.

    What comes first answers likelier than what comes after, so that it is no less sure; what comes after SUREST_AMONG makes
    nothing surer that comes before, and is itself no surer than they are.
    """
    first, rest = confidences[:SUREST_AMONG], confidences[SUREST_AMONG:]
    shown = [max(first[place:]) for place in range(len(first))]
    return [*shown, *(min(first[-1], max(rest[place:])) for place in range(len(rest)))]
