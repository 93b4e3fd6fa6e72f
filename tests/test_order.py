"""Passages come in the order in which they likely answer: by what each says, weighed as in the file that is shipped."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.confidence import FEATURES
from qa.order import ORDERED_BY, in_order, shipped_order
from tests.benchmarks.confidence import cited, order_of
from tests.benchmarks.weights import AGAINST

NOTHING = dict.fromkeys(FEATURES, 0.0)


@pytest.mark.parametrize("reader", [True, False])
def test_the_shipped_weights_mean_what_the_features_do(reader: bool) -> None:
    weights = shipped_order(reader)
    assert tuple(weights) == ORDERED_BY
    assert set(ORDERED_BY) < set(FEATURES)
    assert all(weight <= 0 if name in AGAINST else weight >= 0 for name, weight in weights.items())
    assert weights["cosine"] > 0 > weights["found later"]
    assert (weights["reader"] > 0) == reader


def test_the_nearer_the_one_read_as_answering_and_the_one_of_the_year_asked_for_come_first() -> None:
    near, far = NOTHING | {"cosine": 0.7}, NOTHING | {"cosine": 0.4}
    assert in_order([far, near], shipped_order(True)) == in_order([far, near], shipped_order(False)) == [1, 0]
    sure, unsure = NOTHING | {"reader": 3.0}, NOTHING | {"reader": -3.0}
    assert in_order([unsure, sure], shipped_order(True)) == [1, 0]
    assert in_order([unsure, sure], shipped_order(False)) == [0, 1]  # nothing was read
    assert in_order([near | {"another year": 1.0}, near], shipped_order(True)) == [1, 0]


def test_how_a_passage_stands_beside_the_others_changes_nothing() -> None:
    described = [NOTHING | {"margin": -1.0, "reader margin": -5.0}, NOTHING | {"margin": 1.0, "reader margin": 5.0}]
    assert in_order(described, shipped_order(True)) == [0, 1]


@given(st.lists(st.sampled_from([0.2, 0.4, 0.6]), max_size=14), st.booleans())
def test_every_passage_comes_once_and_equals_as_they_were_found(cosines: list[float], reader: bool) -> None:
    order = in_order([NOTHING | {"cosine": cosine} for cosine in cosines], shipped_order(reader))
    assert order == sorted(range(len(cosines)), key=lambda place: (-cosines[place], place))


def row(number: int, label: bool, **features: float) -> dict[str, Any]:
    """Return what is fitted on of a passage found for a question."""
    return {"number": number, "label": label, "kind": "answerable", "size": 1, "features": NOTHING | features}


def test_the_fit_learns_what_tells_the_right_passage_from_the_others_of_its_question() -> None:
    chance = random.Random(5)
    rows: list[dict[str, Any]] = []
    for number in range(200):
        level = chance.random()  # how near all of a question's passages are tells nothing
        rows += [
            row(number, False, cosine=level - 0.2, reader=1.0),
            row(number, True, cosine=level, reader=-1.0),
            row(number, False, cosine=level - 0.1, reader=2.0),
        ]
    weights = order_of(rows)
    assert weights["cosine"] > 1
    assert weights["reader"] == 0  # it speaks for the wrong ones, and may only speak for a passage
    first, *_ = cited(rows, weights)
    assert first == rows[1] | {"rank": 1}


def test_a_question_whose_passages_all_answer_or_none_tells_the_fit_nothing() -> None:
    rows = [row(0, True, cosine=0.9), row(0, False, cosine=0.1)] * 20
    rows = [one | {"number": number // 2} for number, one in enumerate(rows)]
    idle = [row(99, True, cosine=0.1), row(99, True, cosine=0.9), row(100, False, cosine=0.9), row(100, False, cosine=0.1)]
    assert order_of([*rows, *idle]) == order_of(rows)
