"""Judge every system's rankings by the same answers and measures, and test the differences."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from qa.answer import Place
from qa.evaluation.relevance import Relevance, retrieved_of
from qa.measures.rankings import retrieval_scores
from qa.measures.significance import Estimate, estimate, randomisation_test
from qa.questions.records import Judged
from qa.store import Store

MEASURES = ("Success@1", "Success@5", "nDCG@10", "RR@10")

Values = Mapping[str, Mapping[str, float]]
"""By measure and question."""


def scores(store: Store, questions: Sequence[Judged], rankings: Iterable[Sequence[Sequence[Place]]]) -> Values:
    """Return each measure of each question; a ranking is passages, each as the places where it stands."""
    relevance = Relevance(store)
    judgements, ranked = {}, {}
    for judged, ranking in zip(questions, rankings, strict=True):
        relevant, names = relevance.of(judged)
        judgements[judged.question.id] = relevant
        ranked[judged.question.id] = retrieved_of(map(tuple, ranking), judged, names).ranking
    return retrieval_scores(judgements, ranked, MEASURES)


def mean(values: Mapping[str, float]) -> Estimate:
    """Return a measure's mean over its questions with the 95 % interval."""
    found = estimate(np.array(list(values.values()), dtype=np.float64))
    assert found is not None
    return found


def significance(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return the two-sided p of a paired randomisation test on the same questions."""
    pairs = np.array([(first[question], second[question]) for question in first], dtype=np.float64)
    return randomisation_test(pairs[:, 0], pairs[:, 1])
