"""Lists are found by the sentence that leads to them, and answer only questions that ask for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.lists import LEAD_COVERAGE, asks_for_several, list_around, list_asked_for
from qa.passages import cut_passages
from qa.records import Passage
from qa.settings import SETTINGS
from tests.conftest import hostile_texts, markdown

TEXT = (
    "The board met twice. It set these aims:\n\n- Mend the sluice.\n- Pay the miller. He has waited.\n\n* Sell the barge.\n\n"
    "The clerk wrote it down: nobody objected."
)


def passage_of(text: str) -> Passage:
    (passage,) = cut_passages(markdown(text), SETTINGS, lambda _: 0, 510)
    return passage


def found(text: str, number: int) -> tuple[str, list[str]] | None:
    """Return the words of the list around a sentence."""
    passage = passage_of(text)
    sentences = [text[span.start : span.end] for span in passage.sentences]
    around = list_around(number, passage.sentences, text[passage.start : passage.end], passage.start)
    return None if around is None else (sentences[around[0]], [sentences[item] for item in around[1]])


def test_a_list_is_what_leads_to_it_and_every_item_and_nothing_after() -> None:
    whole = ("It set these aims:", ["Mend the sluice.", "Pay the miller.", "He has waited.", "Sell the barge."])
    assert [found(TEXT, number) for number in range(7)] == [None, whole, whole, whole, whole, whole, None]


@pytest.mark.parametrize(
    "text",
    [
        "It set these aims:\n\nThe sluice was mended. The miller was paid.",  # no items
        "The aims are few.\n\n- Mend the sluice.\n- Pay the miller.",  # nothing leads to them
    ],
)
def test_what_nothing_leads_to_and_what_leads_to_nothing_is_no_list(text: str) -> None:
    assert [found(text, number) for number in range(3)] == [None] * 3


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("What are the aims of the board?", True),
        ("Which two aims did the board set?", True),
        ("List the aims.", True),
        ("what priorities does it have", True),
        ("Which aim was first?", False),
        ("Which class is it?", False),
        ("What is the aim?", False),
        ("What was agreed?", False),
        ("What does the board want?", False),
        ("Who set the aims?", False),
    ],
)
def test_a_question_for_several_is_told_from_one_for_one(question: str, several: bool) -> None:
    assert asks_for_several(question) is several


def test_an_item_gives_way_to_its_list_only_where_all_are_asked_for_and_what_leads_to_it_answers_no_worse() -> None:
    passage = passage_of(TEXT)

    def asked(question: str, number: int, lead: float, item: float) -> bool:
        coverages = [0.0, lead, *[item] * 5]
        given = (passage.sentences, TEXT[passage.start : passage.end], passage.start, coverages)
        return list_asked_for(question, number, *given) is not None

    assert asked("What is the aim?", 1, 0.0, 1.0)  # what leads to a list is no answer without it
    assert asked("What are the aims?", 2, LEAD_COVERAGE, LEAD_COVERAGE)
    assert not asked("What is the aim?", 2, 1.0, 0.5)
    assert not asked("What are the aims?", 2, 0.6, 0.7)
    assert not asked("What are the aims?", 2, LEAD_COVERAGE - 0.1, 0.0)


@given(text=hostile_texts, data=st.data())
def test_a_list_found_anywhere_lies_within_its_passage_after_what_leads_to_it(text: str, data: st.DataObject) -> None:
    for passage in cut_passages(markdown(text), SETTINGS, lambda _: 0, 510):
        number = data.draw(st.integers(0, len(passage.sentences) - 1))
        around = list_around(number, passage.sentences, text[passage.start : passage.end], passage.start)
        if around is not None:
            lead, items = around
            assert number == lead or number in items
            assert items and items.start == lead + 1 and items.stop <= len(passage.sentences)
