"""Measures against trec_eval, hand-worked SQuAD cases, and the wrong programs that each must reject."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from qa.errors import BadInput
from qa.measures.answers import answer_f1, exact_match, normalised
from qa.measures.highlights import character_f1, holds_gold, intersection_over_union
from qa.measures.rankings import RETRIEVAL, canonical, descending, retrieval_scores, span_recall
from qa.measures.reliability import bins, calibration_error, risk_coverage_area, risks, separation
from qa.measures.significance import Estimate, estimate, joint_estimate, quantile, randomisation_test
from qa.records import Span

IDS = [f"d{number}" for number in range(15)]
QUESTIONS = ["q1", "q2", "q3", "q 4"]

judged = st.dictionaries(st.sampled_from(QUESTIONS), st.dictionaries(st.sampled_from(IDS), st.integers(0, 3)), min_size=1)
scored = st.dictionaries(st.sampled_from(IDS), st.sampled_from([0.25, 0.5, 0.75, 1.0]))
runs = st.dictionaries(st.sampled_from(QUESTIONS), scored)


def ordered(run: Mapping[str, float]) -> list[str]:
    """Return a run with ties in the engine's total order: score descending, then id ascending."""
    return sorted(run, key=lambda identity: (-run[identity], identity))


def by_hand(name: str, relevant: Mapping[str, int], ranking: Sequence[str]) -> float:
    """Return a measure as its definition says, with nothing shared with the program or trec_eval."""
    cutoff = int(name.partition("@")[2])
    grades = [relevant.get(identity, 0) for identity in ranking][:cutoff]
    ideal = sorted(relevant.values(), reverse=True)[:cutoff]
    if name.startswith("nDCG"):
        gain = sum(grade / math.log2(place + 2) for place, grade in enumerate(grades))
        best = sum(grade / math.log2(place + 2) for place, grade in enumerate(ideal))
        return gain / best if best else 0.0
    found = [place for place, grade in enumerate(grades) if grade > 0]
    if name.startswith("RR"):
        return 1 / (found[0] + 1) if found else 0.0
    if name.startswith("Success"):
        return float(bool(found))
    total = sum(grade > 0 for grade in relevant.values())
    return len(found) / total if total else 0.0


@given(judged, runs)
def test_retrieval_measures_are_those_of_their_definitions(
    judgements: dict[str, dict[str, int]], run: dict[str, dict[str, float]]
) -> None:
    rankings = {question: ordered(found) for question, found in run.items()}
    scores = retrieval_scores(judgements, rankings)
    assert list(scores) == list(RETRIEVAL)
    for name, values in scores.items():
        assert values.keys() == judgements.keys()  # missing questions and empty results count, as 0
        for question, value in values.items():
            assert value == pytest.approx(by_hand(name, judgements[question], rankings.get(question, [])), abs=1e-9)


@given(judged, runs)
def test_retrieval_measures_are_trec_evals_over_all_judged_questions(
    judgements: dict[str, dict[str, int]], run: dict[str, dict[str, float]]
) -> None:
    rankings = {question: ordered(found) for question, found in run.items()}
    written = {question: dict(descending(ranking)) for question, ranking in rankings.items() if question in judgements}
    measures = [ir_measures.parse_measure(name) for name in RETRIEVAL]
    # A file of judgements cannot say that nothing is relevant; a document that nothing finds says as much.
    judgements = {question: relevant or {"nowhere": 0} for question, relevant in judgements.items()}
    reference = ir_measures.calc_aggregate(measures, judgements, written)
    for name, values in retrieval_scores(judgements, rankings).items():
        mean = sum(values.values()) / len(values)
        assert mean == pytest.approx(reference[ir_measures.parse_measure(name)], abs=1e-9)


def test_a_question_that_was_dropped_is_missed() -> None:
    judgements = {"q1": {"a": 1}, "q2": {"b": 1}}
    values = retrieval_scores(judgements, {"q1": ["a"]})["RR@10"]
    assert values == {"q1": 1.0, "q2": 0.0}  # a mean over the answered ones would be 1


def test_ties_are_read_in_the_order_they_were_ranked_in() -> None:
    # Given equal scores trec_eval puts b first and the program for RR@10 a: tools do not agree on ties.
    tied, relevant = {"q": {"a": 0.5, "b": 0.5}}, {"q": {"a": 1}}
    names = ("Success@1", "RR@10")
    wrong = ir_measures.calc_aggregate([ir_measures.parse_measure(name) for name in names], relevant, tied)
    assert {str(measure): value for measure, value in wrong.items()} == {"Success@1": 0.0, "RR@10": 1.0}
    scores = retrieval_scores(relevant, {"q": ordered(tied["q"])}, names)
    assert [scores[name]["q"] for name in names] == [1.0, 1.0]


@given(st.lists(st.sampled_from(IDS), unique=True))
def test_scores_of_a_run_strictly_decrease_in_single_precision(ranking: list[str]) -> None:
    scores = [np.float32(score) for _, score in descending(ranking)]
    assert all(first > second for first, second in pairwise(scores))


def test_recall_counts_gold_spans_and_is_no_success() -> None:
    assert span_recall([1, None], 5) == 0.5  # Success would be 1
    assert span_recall([1, 1, 7], 5) == pytest.approx(2 / 3)  # of passages it would be 1/2
    assert span_recall([6], 5) == 0.0
    assert span_recall([], 5) == 0.0


@given(st.dictionaries(st.sampled_from(IDS), st.just(1), min_size=1), st.lists(st.sampled_from(IDS), unique=True))
def test_recall_is_trec_evals_where_every_span_has_a_passage_to_itself(relevant: dict[str, int], ranking: list[str]) -> None:
    ranks = [ranking.index(identity) + 1 if identity in ranking else None for identity in relevant]
    for cutoff in (5, 10):
        reference = retrieval_scores({"q": relevant}, {"q": ranking}, [f"R@{cutoff}"])[f"R@{cutoff}"]["q"]
        assert span_recall(ranks, cutoff) == pytest.approx(reference, abs=1e-9)


def test_names_are_ir_measures_own() -> None:
    assert [canonical(name) for name in RETRIEVAL] == list(RETRIEVAL)
    assert canonical("MRR@10") == "RR@10" and canonical("Recall@5") == "R@5"
    for name in ("hits@5", "R@", "", "__import__('os')", "nDCG(foo=1)@10"):
        with pytest.raises(BadInput, match="known: nDCG@10"):
            canonical(name)


SQUAD = [
    # answer, golds, EM, F1
    ("1066", ["1066"], 1, 1),
    ("The Normans.", ["normans"], 1, 1),  # articles, case and punctuation
    ("  a\n year ", ["year"], 1, 1),  # white space
    ("an apple a day", ["apple day"], 1, 1),
    ("U.S.A.", ["usa"], 1, 1),  # punctuation goes without leaving a blank
    ("10th-century", ["10thcentury"], 1, 1),
    ("theatre", ["atre"], 0, 0),  # an article is a word, not a beginning
    ("in the 10th century", ["10th century"], 0, 0.8),  # 2 of 3 words right, 2 of 2 found: 2·2/(3+2)
    ("Rollo", ["Hrolf", "the Viking Rollo"], 0, 2 / 3),  # the best of several golds
    ("Rollo", ["Hrolf", "Rollo"], 1, 1),
    ("to be or not to be", ["to be"], 0, 0.5),  # repeated words count as often as both have them: 2·2/(6+2)
    ("to to be", ["to to"], 0, 0.8),  # 2·2/(3+2)
    ("London", ["Paris"], 0, 0),
    ("", [], 1, 1),  # unanswerable and refused
    ("London", [], 0, 0),  # unanswerable and answered
    ("", ["Paris"], 0, 0),  # answerable and refused
    ("the", ["Paris"], 0, 0),  # nothing is left of the answer
    ("", ["the", "Paris"], 0, 0),  # golds of which nothing is left do not count
    ("", ["the"], 1, 1),  # unless there is no other
    ("“Rollo”", ["Rollo"], 0, 0),  # only ASCII's punctuation goes, by the official program
    ("café", ["CAFÉ"], 1, 1),
]


@pytest.mark.parametrize(("answer", "golds", "exact", "f1"), SQUAD)
def test_answers_are_scored_as_squad_does(answer: str, golds: list[str], exact: float, f1: float) -> None:
    assert exact_match(answer, golds) == exact
    assert answer_f1(answer, golds) == pytest.approx(f1, abs=1e-9)


def test_text_is_normalised_before_it_is_compared() -> None:
    assert normalised("The  U.S. Navy, and\tan Army!") == "us navy and army"
    assert ("The Normans." == "normans") is False and exact_match("The Normans.", ["normans"]) == 1.0


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=3))
def test_scores_of_answers_lie_between_0_and_1_and_an_exact_one_is_whole(answer: str, golds: list[str]) -> None:
    assert 0 <= answer_f1(answer, golds) <= 1
    assert exact_match(answer, golds) <= answer_f1(answer, golds)
    assert exact_match(answer, [*golds, answer]) == float(bool(normalised(answer))) or exact_match(answer, golds) == 1.0


@pytest.mark.parametrize(
    ("highlight", "golds", "inside", "f1", "iou"),
    [
        (Span(10, 20), [Span(10, 20)], 1, 1, 1),
        (Span(10, 20), [Span(12, 14)], 1, 2 * 2 / 12, 0.2),
        (Span(10, 20), [Span(15, 25)], 0, 0.5, 5 / 15),
        (Span(10, 20), [Span(20, 30)], 0, 0, 0),  # half-open: touching is not overlapping
        (Span(10, 20), [Span(0, 1), Span(10, 20)], 1, 1, 1),
        (Span(10, 20), [], 0, 0, 0),
        (None, [Span(0, 1)], 0, 0, 0),
    ],
)
def test_highlights_are_compared_by_characters(
    highlight: Span | None, golds: list[Span], inside: float, f1: float, iou: float
) -> None:
    assert holds_gold(highlight, golds) == inside
    assert character_f1(highlight, golds) == pytest.approx(f1)
    assert intersection_over_union(highlight, golds) == pytest.approx(iou)


def test_the_area_under_risk_and_coverage_is_worked_by_hand() -> None:
    confidence, right = np.array([0.9, 0.8, 0.3]), np.array([1.0, 0.0, 1.0])
    assert risks(confidence, right) == pytest.approx([0, 1 / 2, 1 / 3])
    assert risk_coverage_area(confidence, right) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_equal_confidence_says_nothing_about_order() -> None:
    confidence = np.array([0.5, 0.5, 0.5, 0.5])
    assert risks(confidence, np.array([1.0, 1.0, 0.0, 0.0])) == pytest.approx([0.5] * 4)
    assert separation(confidence, np.array([1.0, 1.0, 0.0, 0.0])) == 0.5


def test_the_calibration_error_is_worked_by_hand() -> None:
    confidence, right = np.array([0.95, 0.91, 0.15, 1.0]), np.array([1.0, 0.0, 0.0, 1.0])
    # bins: (0.95, 0.91, 1.0) mean 0.9533, right 2/3; (0.15) right 0
    assert calibration_error(confidence, right) == pytest.approx((3 * (2.86 / 3 - 2 / 3) + 0.15) / 4)
    assert [item.questions for item in bins(confidence, right)] == [1, 3]


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=40))
def test_separation_is_the_area_under_the_roc_curve(pairs: list[tuple[int, bool]]) -> None:
    confidence, right = np.array([value / 10 for value, _ in pairs]), np.array([float(good) for _, good in pairs])
    found = separation(confidence, right)
    if right.min() == right.max():
        assert found is None  # not NaN, and not a half
    else:
        assert found == pytest.approx(roc_auc_score(right, confidence), abs=1e-12)


def test_the_mean_of_nothing_is_nothing() -> None:
    assert estimate(np.array([])) is None
    assert joint_estimate(np.empty((0, 2)), lambda rows: 1.0) is None
    assert joint_estimate(np.ones((3, 2)), lambda rows: separation(rows[:, 0], rows[:, 1])) is None


def test_intervals_repeat_and_hold_the_figure() -> None:
    values = np.array([0.0, 1.0, 1.0, 0.0, 1.0] * 20)
    found = estimate(values)
    assert found == estimate(values)
    assert found is not None and found.low < found.value == 0.6 < found.high and found.n == 100
    # ± 1.96 standard errors of a share of 0.6 in 100
    assert (found.high - found.low) == pytest.approx(2 * 1.96 * math.sqrt(0.24 / 100), rel=0.1)
    assert estimate(np.ones(5)) == Estimate(1.0, 1.0, 1.0, 5)


def test_an_interval_covers_what_it_promises() -> None:
    chance = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        found = estimate((chance.random(60) < 0.7).astype(float))
        covered += found is not None and found.low <= 0.7 <= found.high
    assert 0.89 <= covered / 200 <= 0.99


def test_the_calibration_errors_interval_holds_it() -> None:
    # Resampled bins are emptier than the set's own, so that plain percentiles would lie above the figure.
    chance = np.random.default_rng(2)
    confidence = chance.random(60)
    pairs = np.column_stack([confidence, chance.random(60) < confidence])
    found = joint_estimate(pairs, lambda rows: calibration_error(rows[:, 0], rows[:, 1]))
    assert found is not None and found.low <= found.value <= found.high


def test_quantiles_are_of_each_resample() -> None:
    found = estimate(np.arange(101.0), quantile(0.95))
    assert found is not None and found.value == pytest.approx(95.0)


def test_a_run_compared_with_itself_is_no_difference() -> None:
    values = np.random.default_rng(3).random(50)
    assert randomisation_test(values, values) == 1.0


def test_the_paired_test_is_exact_for_few_differences() -> None:
    # All five differences are of one sign: 2 of the 32 assignments are as extreme.
    first, second = np.array([1.0] * 5 + [0.5] * 40), np.array([0.0] * 5 + [0.5] * 40)
    assert randomisation_test(first, second) == pytest.approx(2 / 32, abs=0.01)
    assert randomisation_test(first, second) == randomisation_test(second, first)


def test_the_paired_test_uses_the_pairs() -> None:
    # One system is always a little better: unpaired, the difference drowns in what questions vary by.
    chance = np.random.default_rng(4)
    hard = chance.random(60)
    assert randomisation_test(hard + 0.01, hard) < 0.001


def test_the_paired_test_rejects_a_true_null_as_often_as_it_says() -> None:
    chance = np.random.default_rng(5)
    rejected = sum(randomisation_test(chance.random(20), chance.random(20)) < 0.05 for _ in range(200))
    assert rejected <= 22
