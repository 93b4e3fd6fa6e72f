"""Confidence is a logistic function of features that are worked out by hand here."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from qa.confidence import (
    FAR,
    FEATURES,
    UNREAD,
    Calibration,
    features,
    parse_calibration,
    probability,
    settled,
    shipped,
    standing,
)
from qa.extractor import Evidence, Weighed
from qa.records import Reading, Span
from qa.retriever import Candidate


def candidate(number: int, dense: float, lexical: float) -> Candidate:
    return Candidate(number, dense, lexical, 0.0, np.zeros(1, dtype=np.float32))


def evidence(text: str, score: float, answers: float | None = None) -> Evidence:
    reading = None if answers is None else Reading(answers, Span(0, 3), 2.0)
    return Evidence(Weighed(0, Span(0, len(text)), text, frozenset(), 0.5, score, reading), 0.75)


RANKING = [candidate(0, 0.7, 6.0), candidate(1, 0.5, 9.0), *(candidate(number, 0.2, 0.0) for number in range(2, 12))]
EVIDENCE = [evidence("Ada Voss ran the mill for 20 years.", 1.2, 3.0), evidence("The mill closed.", 0.9, -1.0)]
ASKED = {"mill": 1.0, "elde": 3.0}


def described(position: int) -> dict[str, float]:
    question, among, own = "How many years did the Elde mill run?", standing(RANKING), EVIDENCE[position]
    return features(
        question, ASKED, ["elde"], among, RANKING[position], own, EVIDENCE, "Ada Voss ran the mill.", 1000, position + 1
    )


def test_the_features_are_what_their_names_say() -> None:
    found = described(0)
    assert tuple(found) == FEATURES
    assert found["cosine"] == 0.7
    assert found["margin"] == pytest.approx(0.2)
    assert found["sentence margin"] == pytest.approx(0.3)
    assert found["standing out"] == 8.0  # the rest do not differ, so the spread is held at 0.02 and the feature at 8
    assert (found["coverage"], found["passage coverage"]) == (0.5, 0.75)
    assert found["unknown words"] == 0.75
    assert found["BM25 share"] == pytest.approx(6 / (2.2 * 4))
    assert found["BM25 margin"] == pytest.approx((6 - 9) / 9)
    assert found["first in both"] == 0
    assert (found["kind given"], found["kind missing"], found["number missing"]) == (1, 0, 0)
    assert found["names given"] == 0
    assert found["collection size"] == 3
    assert (found["reader"], found["reader margin"], found["span score"]) == (3.0, 4.0, 2.0)
    assert found["found later"] == 0


def test_a_passage_that_was_not_read_is_no_likelier_than_one_that_was() -> None:
    question, among = "How many years did the Elde mill run?", standing(RANKING)

    def found(*logits: float | None) -> list[tuple[float, float]]:
        read = [evidence(f"Sentence {number}.", 1.0, logit) for number, logit in enumerate(logits)]
        each = [features(question, ASKED, [], among, RANKING[0], own, read, "Ada Voss ran the mill.", 1000, 1) for own in read]
        return [(one["reader"], one["reader margin"]) for one in each]

    assert found(3.0, None) == [(3.0, 11.0), (UNREAD, UNREAD - 3.0)]
    assert found(-7.0, -5.0, None) == [(-7.0, -2.0), (-5.0, 2.0), (UNREAD, UNREAD + 5.0)]
    assert found(None, None) == [(0.0, 0.0), (0.0, 0.0)]  # without a reader nothing is read of any


def test_title_and_headings_hold_names_and_years_too() -> None:
    question, among = "What did the Elde mill pay in 2022?", standing(RANKING)

    def found(around: str, dated: str = "") -> tuple[float, float, float]:
        own = replace(evidence("It paid 7 pounds.", 1.2, 3.0), around=around, dated=dated)
        values = features(question, ASKED, [], among, RANKING[0], own, [own], "It paid 7 pounds.", 1000, 1)
        return values["names given"], values["figures missing"], values["another year"]

    assert found("") == (0, 1, 0)
    assert found("The Elde in 2022") == (1, 0, 0)
    assert found("The Elde in 2021") == (0.5, 1, 1)
    assert found("The Elde", dated="2022") == (1, 0, 0)
    assert found("The Elde", dated="2021") == (0.5, 1, 1)


def test_only_what_is_far_from_a_question_counts_as_far() -> None:
    def far(cosine: float) -> float:
        candidate = replace(RANKING[0], dense=cosine)
        own = evidence("It paid 7 pounds.", 1.2, 3.0)
        return features("What did it pay?", ASKED, [], standing([candidate]), candidate, own, [own], "", 1, 1)["far"]

    assert far(FAR - 0.2) == pytest.approx(0.2)
    assert far(FAR) == far(0.9) == 0


def test_a_year_named_by_another_is_given() -> None:
    question, text = "What did the mill pay in 2022?", "It paid 7 pounds in 2023 and 6 in the year before."
    own = evidence(text, 1.2, 3.0)
    values = features(question, ASKED, [], standing(RANKING), RANKING[0], own, [own], text, 1000, 1)
    assert (values["names given"], values["figures missing"], values["another year"]) == (1, 0, 0)


def test_a_lower_passage_is_measured_against_the_ones_above_it() -> None:
    found = described(1)
    assert found["margin"] == pytest.approx(-0.2)
    assert found["reader margin"] == -4.0
    assert found["found later"] == pytest.approx(math.log(2))
    assert (found["kind given"], found["kind missing"], found["number missing"]) == (0, 1, 1)


def test_one_passage_alone_has_features_too() -> None:
    alone = RANKING[:1]
    found = features("mill?", {"mill": 1.0}, [], standing(alone), alone[0], EVIDENCE[0], EVIDENCE[:1], "mill", 1, 1)
    assert all(math.isfinite(value) for value in found.values())
    assert found["margin"] == 0.7
    assert found["BM25 margin"] == 1


def test_of_equal_firsts_neither_stands_out() -> None:
    equals = [candidate(0, 0.7, 6.0), candidate(1, 0.7, 6.0), candidate(2, 0.1, 0.0)]
    for first in equals[:2]:
        found = features("mill?", {"mill": 1.0}, [], standing(equals), first, EVIDENCE[0], EVIDENCE, "mill", 3, 1)
        assert (found["margin"], found["BM25 margin"], found["first in both"]) == (0, 0, 1)


def test_probability_is_the_logistic_function_rounded_as_it_is_shown() -> None:
    weights = dict.fromkeys(FEATURES, 0.0) | {"cosine": 2.0, "margin": -1.0}
    calibration = Calibration(weights, -0.5, 0.4)
    values = dict.fromkeys(FEATURES, 0.0) | {"cosine": 0.7, "margin": 0.2}
    assert probability(calibration, values) == round(1 / (1 + math.exp(0.5 - 1.4 + 0.2)), 4)
    assert probability(Calibration(weights, 1e9, 0.4), values) == 1.0
    assert probability(Calibration(weights, -1e9, 0.4), values) == 0.0


@pytest.mark.parametrize("reader", [True, False])
def test_the_shipped_weights_cover_every_feature_and_the_threshold_is_a_probability(reader: bool) -> None:
    calibration = shipped(reader)
    assert calibration.weights.keys() == set(FEATURES)
    assert 0 < calibration.threshold < 1


def test_a_calibration_without_a_weight_is_refused() -> None:
    weights = dict.fromkeys(FEATURES, 0.0)
    weights.pop("cosine")
    with pytest.raises(KeyError, match="cosine"):
        parse_calibration(json.dumps({"weights": weights, "intercept": 0, "threshold": 0.5}))


@pytest.mark.parametrize(
    ("confidences", "shown"),
    [
        ([0.3, 0.5, 0.2, 0.4], [0.5, 0.5, 0.4, 0.4]),
        ([0.5, 0.4, 0.2], [0.5, 0.4, 0.2]),
        ([0.3, 0.2, 0.1, 0.1, 0.4, 0.9], [0.4, 0.4, 0.4, 0.4, 0.4, 0.4]),
        ([0.3, 0.2, 0.1, 0.1, 0.1, 0.9], [0.3, 0.2, 0.1, 0.1, 0.1, 0.1]),  # found too far down to tell
        ([0.3, 0.2, 0.1, 0.1, 0.1, 0.05], [0.3, 0.2, 0.1, 0.1, 0.1, 0.05]),
        ([0.5, 0.4, 0.3, 0.3, 0.3, 0.1, 0.25], [0.5, 0.4, 0.3, 0.3, 0.3, 0.25, 0.25]),
        ([], []),
    ],
)
def test_no_passage_is_less_sure_than_one_that_is_cited_after_it(confidences: list[float], shown: list[float]) -> None:
    assert settled(confidences) == shown
    assert settled(confidences) == sorted(settled(confidences), reverse=True)
