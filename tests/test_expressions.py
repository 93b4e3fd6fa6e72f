"""Names, dates and amounts are quoted whole, and nothing grows that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.expressions import whole
from qa.records import Span


def grown(question: str, sentence: str, marked: str) -> str:
    start = sentence.index(marked)
    span = whole(question, sentence, Span(start, start + len(marked)))
    return sentence[span.start : span.end]


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "expected"),
    [
        ("Who leads it?", "The leader is Ada Voss of Holm.", "Voss", "Ada Voss"),
        ("Who leads it?", "The leader is Ada Voss of Holm.", "Ada", "Ada Voss"),
        ("Who leads it?", "The Ada Voss plan.", "Voss", "Ada Voss"),  # no article of a sentence's beginning
        ("Who leads it?", "Ada Voss leads it.", "Voss", "Ada Voss"),
        ("Who is Ada married to?", "He and Ada Voss met.", "Voss", "Voss"),  # the question says Ada itself
        ("Who leads it?", "Led by a man called voss since May.", "voss", "voss"),
        ("What is sold?", "They sell barley in Holm.", "barley", "barley"),
        ("When was it?", "It was from 15 to 26 July 2019 in Holm.", "July", "15 to 26 July 2019"),
        ("When was it?", "It was on 15 and 26 July 2019.", "July 2019", "15 and 26 July 2019"),
        ("When was it?", "It was on November 28, 1995 in Holm.", "1995", "November 28, 1995"),
        ("On what dates was it?", "It was on 15 July 2019.", "July", "15 July 2019"),
        ("In which year was it?", "It was on 15 July 2019.", "2019", "2019"),
        ("How much was it?", "It cost £20.5 million in 2019.", "20.5", "£20.5 million"),
        ("What share?", "A vacancy rate of 20%, down from 40%.", "20", "20%"),
        ("How many?", "There are 1,168 children.", "168", "1,168"),
        ("How many?", "There are almost 1,168 children.", "1,168", "almost 1,168"),
        ("What share?", "It fell by less than 2% a year.", "2%", "less than 2%"),
        ("How many?", "No book other than 20 came.", "20", "20"),
        ("How many came?", "From 16,000 to 35,000 came.", "35,000", "16,000 to 35,000"),
        ("When was it?", "It lasted over the winter of 1973–74.", "1973", "1973–74"),
        ("How many?", "It is about time that 20 came.", "20", "20"),
        ("What is it?", "It is the unity (of all), peace (of some) and so on.", "unity (of", "unity (of all)"),
        ("What was he?", "The mainly (Calvinist) revolt against Spain.", "Calvinist) revolt", "Calvinist"),
        ("What was it?", "In 1685 (Holm) revolt began.", ") revolt", "revolt"),
        (
            "What was it?",
            "The mill (which had been built by Ada Voss in the year of the great flood) burned.",
            "mill (which",
            "mill",
        ),
    ],
)
def test_a_part_is_quoted_as_its_whole(question: str, sentence: str, marked: str, expected: str) -> None:
    assert grown(question, sentence, marked) == expected


@given(st.text(max_size=60), st.text("AB ab.19%£July()", max_size=80), st.data())
def test_what_is_quoted_holds_what_was_marked_within_the_sentence_but_for_broken_brackets(
    question: str, sentence: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(sentence)))
    end = data.draw(st.integers(start, len(sentence)))
    span = whole(question, sentence, Span(start, end))
    assert 0 <= span.start <= span.end <= len(sentence)
    if set("()") & set(sentence[start:end]):
        assert span.start < span.end
    else:
        assert span.start <= start and end <= span.end
