"""The chosen sentence is checked against scores written out here."""

import math

import numpy as np
import pytest

from qa.extractor import (
    ASKING_PENALTY,
    BEFORE_CHARACTERS,
    COVERAGE_WEIGHT,
    HEADING_CHARACTERS,
    KIND_WEIGHT,
    READ_SENTENCES,
    READER_TEMPERATURE,
    READER_WEIGHT,
    Evidence,
    Weighed,
    choose,
    coverage,
    likelihood,
    surroundings,
    to_read,
    weigh,
    with_list,
    with_reading,
)
from qa.lists import Stretch
from qa.records import Passage, Reading, Span
from qa.spans import answer_spans
from qa.text import stem

TEXT = "The mill closed. It ground barley for 168 years. Ada Voss ran it."
PASSAGE = Passage(100, 100 + len(TEXT), (Span(100, 116), Span(117, 148), Span(149, 165)), (), 1)


def weighed(question: str, asked: dict[str, float], cosines: list[float]) -> list[Weighed]:
    return weigh(question, asked, PASSAGE, TEXT, np.array(cosines, dtype=np.float32))


def test_coverage_weighs_words_by_rarity() -> None:
    asked = {"mill": 1.0, "barley": 3.0}
    assert coverage(asked, {"barley", "x"}) == 0.75
    assert coverage(asked, {"mill"}) == 0.25
    assert coverage({}, {"mill"}) == 0


def test_a_sentence_scores_its_cosine_its_coverage_and_its_kind() -> None:
    asked = {stem("barley"): 3.0, stem("mill"): 1.0}
    first, second, third = weighed("How many years did the mill grind barley?", asked, [0.5, 0.25, 0.125])
    assert [item.text for item in (first, second, third)] == [
        "The mill closed.",
        "It ground barley for 168 years.",
        "Ada Voss ran it.",
    ]
    assert first.score == pytest.approx(0.5 + COVERAGE_WEIGHT * 0.25 - KIND_WEIGHT)
    assert second.score == pytest.approx(0.25 + COVERAGE_WEIGHT * 0.75 + KIND_WEIGHT)
    assert third.score == pytest.approx(0.125 - KIND_WEIGHT)


def test_the_best_sentence_is_chosen_and_the_first_of_equals() -> None:
    asked = {"zzz": 1.0}
    assert choose(asked, weighed("mill", asked, [0.1, 0.9, 0.2])).chosen.number == 1
    assert choose(asked, weighed("mill", asked, [0.5, 0.5, 0.5])).chosen.number == 0


def test_a_sentence_that_leans_on_the_one_before_has_its_words_among_its_passages_but_not_against_others() -> None:
    asked = {stem("mill"): 1.0, stem("barley"): 1.0}
    first, second, third = weighed("mill barley", asked, [0.5, 0.3, 0.25])
    assert (first.leaning, second.leaning, third.leaning) == (0.0, COVERAGE_WEIGHT / 2, COVERAGE_WEIGHT / 2)
    assert first.score > second.score
    assert choose(asked, [first, second, third]).chosen.number == 1


def test_a_question_among_sentences_speaks_for_what_follows_it_and_against_itself() -> None:
    text = "We open at nine. How do I book a room? Use the app. Press Go."
    spans = (Span(0, 16), Span(17, 38), Span(39, 51), Span(52, 61))
    asked = {stem("book"): 1.0, stem("room"): 1.0}
    cosines = np.array([0.2, 0.5, 0.2, 0.1], dtype=np.float32)
    before, asking, after, later = weigh("book a room", asked, Passage(0, len(text), spans, (), 1), text, cosines)
    assert before.score == pytest.approx(0.2)
    assert asking.score == pytest.approx(0.5 + COVERAGE_WEIGHT - ASKING_PENALTY)
    assert after.score == pytest.approx(0.2 + COVERAGE_WEIGHT)
    assert later.score == pytest.approx(0.1 + COVERAGE_WEIGHT)
    assert (asking.coverage, after.coverage) == (1.0, 0.0)


def score_of(question: str, sentence: str) -> float:
    """Return the score of a sentence that shares no word with what is asked for, its cosine 0."""
    passage = Passage(0, len(sentence), (Span(0, len(sentence)),), (), 1)
    return weigh(question, {}, passage, sentence, np.zeros(1, np.float32))[0].score


@pytest.mark.parametrize(
    "sentence",
    [
        "Cllr Voss asked why the mill had been shut.",
        "She wondered whether it would open.",
        "Mr Holt asked the clerk\nif it was safe.",
        "The question of who built it was in dispute.",
        "Subject: Mill shut again",
        "> To: Ada Voss",
    ],
)
def test_what_tells_a_question_or_heads_a_message_is_held_back_as_a_question_is(sentence: str) -> None:
    assert score_of("Is the mill shut", sentence) == -ASKING_PENALTY


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("What did Cllr Voss ask", "Cllr Voss asked why the mill had been shut."),
        ("Is the mill shut", "Cllr Voss asked why it had been shut and was told that it leaked."),
        ("Is the mill shut", "Visitors asked for tea if it was cold."),
        ("Is the mill shut", "Ask the clerk when it is open."),
        ("Is the mill shut", "The subject is: mills"),
        ("Which email is of the mill", "Subject: Mill shut again"),
    ],
)
def test_what_may_answer_is_not_held_back_for_the_words_of_a_question_or_of_a_header(question: str, sentence: str) -> None:
    assert score_of(question, sentence) == 0


def test_a_header_that_has_what_is_asked_for_is_not_held_back() -> None:
    assert score_of("Who leads the mill", "From: Ada Voss") > 0


def test_what_title_and_headings_say_raises_every_sentence_under_them() -> None:
    asked = {stem("mill"): 1.0, stem("elde"): 3.0}
    plain = weighed("the Elde mill", asked, [0.5, 0.3, 0.25])
    under = weigh(
        "the Elde mill", asked, PASSAGE, TEXT, np.array([0.5, 0.3, 0.25], dtype=np.float32), "Report\nMills on the Elde"
    )
    assert [item.score - other.score for item, other in zip(under, plain, strict=True)] == pytest.approx(
        [COVERAGE_WEIGHT * 0.75, COVERAGE_WEIGHT, COVERAGE_WEIGHT]
    )
    assert [item.coverage for item in under] == [item.coverage for item in plain] == [0.25, 0, 0]  # its own, for the confidence
    assert choose(asked, under, "Report").around == "Report"


def test_passage_coverage_takes_all_sentences_together() -> None:
    asked = {stem("closed"): 1.0, stem("barley"): 1.0, "zzz": 2.0}
    assert choose(asked, weighed("closed barley", asked, [0, 0, 0])).passage_coverage == 0.5


def test_a_reading_can_change_the_choice() -> None:
    asked = {"zzz": 1.0}
    sentences = weighed("mill", asked, [0.3, 0.4, 0.2])
    sentences[2] = with_reading(sentences[2], Reading(6.0, Span(0, 8), 9.0))
    assert sentences[2].score == pytest.approx(0.2 + READER_WEIGHT / (1 + math.exp(-6 / READER_TEMPERATURE)))
    assert choose(asked, sentences).chosen.number == 2
    assert likelihood(None) == 0


def test_the_reader_is_told_title_heading_and_what_a_leaning_sentence_leans_on() -> None:
    before = "Ada Voss  keeps\nthe light."
    assert surroundings("The mill closed.", "Annual_report", "Mills", before) == "Annual report. Mills"
    assert surroundings("In 1990 she left.", "Report", "Report", before) == "Report ¦ Ada Voss keeps the light."
    assert surroundings("It closed.", "", "", "") == ""
    assert surroundings("The old mill closed because it leaked.", "", "", before) == ""  # points back too late to matter
    told = surroundings("This is it.", "t" * 500, "", "b" * 500)
    assert len(told) == HEADING_CHARACTERS + BEFORE_CHARACTERS + len(" ¦ ")


def test_every_passages_best_sentence_is_read_before_any_second_one() -> None:
    def passage(scores: list[float]) -> list[Weighed]:
        return [Weighed(number, Span(0, 1), "", frozenset(), 0.0, score) for number, score in enumerate(scores)]

    low = passage([0.01, 0.02])
    high = passage([0.9 - number / 100 for number in range(20)])
    chosen = to_read([high, low], [0.5, 0.4])
    assert len(chosen) == READ_SENTENCES
    assert (1, 1) in chosen
    assert (1, 0) not in chosen
    assert {number for place, number in chosen if place == 0} == set(range(READ_SENTENCES - 1))
    assert [number for place, number in chosen if place == 0] == list(range(READ_SENTENCES - 1))  # the most promising first
    assert to_read([high, low], [0.0, 2.0])[0] == (1, 1)  # a passage's own score counts too
    assert to_read([], []) == []


def test_where_a_list_answers_its_items_are_the_answer_and_what_leads_to_them_is_marked_too() -> None:
    text = "Aims:\n\n- Mend it.\n- Pay him."
    spans = (Span(100, 105), Span(109, 117), Span(120, 128))
    passage = Passage(100, 100 + len(text), spans, (), 1)
    asked = {stem("aims"): 1.0}

    def evidence(question: str, cosines: list[float]) -> Evidence:
        sentences = weigh(question, asked, passage, text, np.array(cosines, dtype=np.float32))
        return with_list(question, asked, choose(asked, sentences), Stretch(passage, text, closes=True))

    led = evidence("Which aims are there?", [0.9, 0.1, 0.1])
    assert answer_spans("Which aims are there?", led, 0.9) == spans[1:]
    assert led.highlights == (spans[1], spans[0], spans[2])  # a first highlight with an answer in it
    item = evidence("What are the aims?", [0.0, 0.0, 0.9])
    assert item.highlights == (spans[2], spans[0], spans[1])
    assert answer_spans("What are the aims?", item, 0.9) == spans[1:]
    alone = evidence("Who has aims?", [0.9, 0.1, 0.1])
    assert (alone.highlights, answer_spans("Who has aims?", alone, 0.9)) == ((spans[0],), (spans[0],))
