"""Lists are found by the sentence that leads to them, and answer only questions that ask for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.extractor import coverage
from qa.lists import (
    LEAD_COVERAGE,
    LIST_CHARACTERS,
    Stretch,
    asks_for_several,
    asks_for_steps,
    items_of,
    list_asked_for,
    lists_around,
)
from qa.passages import cut_passages
from qa.records import Passage
from qa.settings import SETTINGS
from qa.text import content_words, stems
from tests.conftest import hostile_texts, markdown

TEXT = (
    "The board met twice. It set these aims:\n\n- Mend the sluice.\n- Pay the miller. He has waited.\n\n* Sell the barge.\n\n"
    "The clerk wrote it down: nobody objected."
)


def passage_of(text: str) -> Passage:
    (passage,) = cut_passages(markdown(text), SETTINGS, lambda _: 0, 510)
    return passage


def stretch_of(text: str, heading: tuple[str, ...] = (), *, opens: bool = True, closes: bool = True) -> Stretch:
    """Return a text as one stretch, however many passages it has."""
    spans = tuple(span for passage in cut_passages(markdown(text), SETTINGS, lambda _: 0, 510) for span in passage.sentences)
    return Stretch(Passage(0, len(text), spans, heading, 1), text, opens, closes)


def found(text: str, number: int) -> tuple[str, list[str]] | None:
    """Return the words of the innermost list around a sentence."""
    stretch = stretch_of(text)
    sentences = [stretch.words(span) for span in stretch.passage.sentences]
    around = next(lists_around(number, stretch), None)
    return None if around is None else (sentences[around[0]], [sentences[item] for item in around[1]])


def test_a_list_is_what_leads_to_it_and_every_item_and_nothing_after() -> None:
    whole = ("It set these aims:", ["Mend the sluice.", "Pay the miller.", "He has waited.", "Sell the barge."])
    assert [found(TEXT, number) for number in range(7)] == [None, whole, whole, whole, whole, whole, None]


@pytest.mark.parametrize("dash", ["—", "-", " –"])
def test_a_dash_leads_to_items_as_a_colon_does_but_to_nothing_else(dash: str) -> None:
    assert found(f"We met. The aims are{dash}\n(a) mend it;\n(b) pay him.", 2) == (
        f"The aims are{dash}",
        ["mend it;", "pay him."],
    )
    assert found(f"The aims are{dash}\n\nThe sluice was mended.", 0) is None


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
        ("Who are the members of the board?", True),
        ("What should I bring?", True),
        ("Who are you?", False),
        ("What should I do?", False),
    ],
)
def test_a_question_for_several_is_told_from_one_for_one(question: str, several: bool) -> None:
    assert asks_for_several(question) is several


@pytest.mark.parametrize(
    ("question", "steps"),
    [
        ("How do you mend the sluice?", True),
        ("how to mend a sluice", True),
        ("Tell me how I can mend it", False),
        ("Please explain how to mend it", True),
        ("What are the steps to mend the sluice?", True),
        ("What do I have to do to mend it?", True),
        ("How is the sluice mended when it freezes?", True),
        ("How many sluices do you mend?", False),
        ("How long does it take?", False),
        ("How did it break?", False),
        ("What is the sluice?", False),
    ],
)
def test_a_question_for_steps_is_told_from_one_for_a_figure_or_a_tale(question: str, steps: bool) -> None:
    assert asks_for_steps(question) is steps


def asked(question: str, stretch: Stretch, chosen: str) -> list[str] | None:
    """Return the items of the list that answers a question whose chosen sentence has some words."""
    weights = dict.fromkeys(stems(" ".join(content_words(question))), 1.0)
    number = next(at for at, span in enumerate(stretch.passage.sentences) if chosen in stretch.words(span))
    answer = list_asked_for(question, number, stretch, lambda text: coverage(weights, frozenset(stems(text))))
    return None if answer is None else [stretch.words(item) for item in items_of(answer[1], stretch)]


def test_an_item_gives_way_to_its_list_only_where_all_are_asked_for_and_what_leads_to_it_answers_no_worse() -> None:
    stretch = stretch_of(TEXT)

    def given(question: str, number: int, lead: float, item: float) -> bool:
        return list_asked_for(question, number, stretch, lambda text: lead if text.endswith("aims:") else item) is not None

    assert given("What is the aim?", 1, 0.0, 1.0)  # what leads to a list is no answer without it
    assert given("What are the aims?", 2, LEAD_COVERAGE, LEAD_COVERAGE)
    assert not given("What is the aim?", 2, 1.0, 0.5)
    assert not given("What are the aims?", 2, 0.6, 0.7)
    assert not given("What are the aims?", 2, LEAD_COVERAGE - 0.1, 0.0)
    assert not given("How do you set aims?", 2, 1.0, 0.0)  # aims are no steps


STEPS = (
    "Turn off the water.\n\n1. Lift the gate. Hold it.\n2. Oil the hinge.\n\nNever use fat.\n\n3. Drop the gate.\n\nIt is done."
)
ALL_STEPS = ["Lift the gate. Hold it.", "Oil the hinge.", "Never use fat.", "Drop the gate."]


def test_who_asks_how_is_given_all_steps_where_the_heading_or_the_sentence_before_them_says_what_they_do() -> None:
    stretch = stretch_of(STEPS, ("Sluices", "Mending the sluice"))
    for chosen in ("Oil", "Hold", "Drop"):
        assert asked("How do I mend the sluice?", stretch, chosen) == ALL_STEPS
    assert asked("How do I mend the sluice?", stretch, "Turn off") is None  # not a step
    assert asked("How do I oil the hinge?", stretch, "Oil") is None  # one step answers
    assert asked("How do I mend the sluice?", stretch_of(STEPS, ("Mending the sluice", "Safety")), "Oil") is None
    assert asked("How do I turn off the water?", stretch, "Turn off") == ALL_STEPS


def test_neither_bullets_nor_questions_and_answers_are_steps() -> None:
    bullets = stretch_of("Well.\n\n- Lift the gate.\n- Oil the hinge.", ("Mending the sluice",))
    assert asked("How do I mend the sluice?", bullets, "Oil") is None
    answers = stretch_of("1. How do I oil the hinge?\n2. With oil.\n3. Why?\n4. It creaks.", ("Mending the sluice",))
    assert asked("How do I mend the sluice?", answers, "With") is None


def test_a_heading_leads_to_a_list_that_opens_its_section_only() -> None:
    aims = "- Mend the sluice.\n- Pay the miller."
    assert asked("What are the aims?", stretch_of(aims, ("Aims",)), "Pay") == ["Mend the sluice.", "Pay the miller."]
    assert asked("What are the aims?", stretch_of(aims, ("Aims",), opens=False), "Pay") is None
    assert asked("What are the aims?", stretch_of("We met.\n\n" + aims, ("Aims",)), "Pay") is None
    assert asked("What are the debts?", stretch_of(aims, ("Aims",)), "Pay") is None


def test_a_list_that_may_go_on_or_is_too_long_is_not_given_in_part() -> None:
    led = "It set these aims:\n\n- Mend the sluice.\n- Pay the miller."
    assert asked("What are the aims?", stretch_of(led, closes=True), "Pay") == ["Mend the sluice.", "Pay the miller."]
    assert asked("What are the aims?", stretch_of(led, closes=False), "Pay") is None
    assert asked("What are the aims?", stretch_of(led, closes=False), "aims") is None
    assert asked("What are the aims?", stretch_of(led + "\n\nWe left.", closes=False), "Pay") is not None
    long = "It set these aims:\n" + "\n- Mend the sluice." * (LIST_CHARACTERS // 15)
    assert asked("What are the aims?", stretch_of(long), "aims") is None


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Aims:\n\n1. Mend.\n\n2. Pay.\n\n1. Parish\n\n2. Council", ["Mend.", "Pay."]),  # another begins
        ("Aims:\n\n- Mend.\n- Pay.\n\n9. ENDING", ["Mend.", "Pay."]),  # a numbered heading
        ("Aims:\n\n1. Mend.\n1. Pay.\n1. Sell.", ["Mend.", "Pay.", "Sell."]),  # as Markdown may number
        ("Aims:\n\n 9. Mend.\n10. Pay.", ["Mend.", "Pay."]),
        ("Aims:\n\n1. Mend:\n   1. gate\n   2. hinge\n2. Pay:\n   1. Abe\n   2. Bo\n3. Sell.",
         ["Mend:", "gate", "hinge", "Pay:", "Abe", "Bo", "Sell."]),
    ],
)  # fmt: skip
def test_a_list_ends_where_its_numbers_do(text: str, items: list[str]) -> None:
    assert found(text, 0) == ("Aims:", items)


def test_a_list_in_an_item_ends_with_the_item_and_steps_are_the_whole_procedure() -> None:
    text = "To mend the sluice:\n\n1. Lift the gate.\n2. Choose oil:\n(a) rape\n(b) whale\n3. Drop the gate."
    assert found(text, 3) == ("Choose oil:", ["rape", "whale"])
    whole = ["Lift the gate.", "Choose oil:", "rape", "whale", "Drop the gate."]
    assert found(text, 5) == ("To mend the sluice:", whole)
    assert asked("How do I mend the sluice?", stretch_of(text), "whale") == whole
    assert asked("Which oils may I choose?", stretch_of(text), "whale") == ["rape", "whale"]


@given(text=hostile_texts, data=st.data())
def test_a_list_found_anywhere_lies_within_its_passage_after_what_leads_to_it(text: str, data: st.DataObject) -> None:
    for passage in cut_passages(markdown(text), SETTINGS, lambda _: 0, 510):
        number = data.draw(st.integers(0, len(passage.sentences) - 1))
        for lead, items in lists_around(number, Stretch(passage, text[passage.start : passage.end])):
            assert number == lead or number in items
            assert items and items.start == lead + 1 and items.stop <= len(passage.sentences)
