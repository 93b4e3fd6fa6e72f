"""Names, dates and amounts are quoted whole, and nothing grows that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.expressions import enumerated, whole
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
        ("When was it?", "It closed the year after the war.", "after the war", "the year after the war"),
        ("When was it?", "It closed two days before the war.", "before the war", "two days before the war"),
        ("When was it?", "It closed on days after the war.", "the war", "the war"),
        ("When was it?", "It closed a yearly fair after the war.", "after the war", "after the war"),
        ("In which year was it?", "It closed the year after the war.", "after the war", "after the war"),
        ("How many?", "It is about time that 20 came.", "20", "20"),
        ("How much was it?", "It cost £3.1m in 2021.", "£3.1", "£3.1m"),
        ("How much in 2021?", "It fell from £1.2bn in 2019 to £900m in 2021.", "£900m", "£900m"),  # 2019 is no end of a sum
        ("How much was it?", "It cost £5m to £10m.", "£5m", "£5m to £10m"),
        ("When is it open?", "It is open from 10 a.m. to 4 p.m. on Sunday.", "10 a.m", "10 a.m. to 4 p.m."),
        ("When is it open?", "Sunday: noon–3.30 pm", "noon", "noon–3.30 pm"),
        ("When was he there?", "He was there at 10am, and at 4pm she came.", "10am", "10am"),
        ("How much was it?", "It cost £5-£10-a-head.", "£10", "£5-£10"),
        ("When does it open?", "It is open 9:30 to 17:30.", "9:30", "9:30"),
        ("When was it?", "It ran from 12/07/2019 to 14/07/2019.", "12/07/2019", "12/07/2019"),
        ("When does it open?", "It is open 9am to 5pm.", "9am", "9am to 5pm"),
        ("Which pump is it?", "It is the DP-6H of Holm.", "6H", "DP-6H"),
        ("Where is it?", "It is a London-based mill.", "London", "London"),  # no code
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


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "expected"),
    [
        ("Who leads it?", "It is led by Dr Hannah Moss.", "Dr", "Dr Hannah Moss"),
        ("Who is Councillor Marsh?", "Cllr Peter Marsh leads it.", "Cllr Peter", "Cllr Peter Marsh"),
        ("Who is Councillor Marsh?", "Cllr Peter Marsh leads it.", "Peter", "Cllr Peter Marsh"),
        ("Who drew it?", "It is Rev. J. R. van der O’Brien-Hall's plan.", "Rev", "Rev. J. R. van der O’Brien-Hall"),
        ("Who met?", "Dr Ada Voss and Cllr Peter Marsh met.", "Ada Voss and Cllr", "Dr Ada Voss and Cllr Peter Marsh"),
        ("Who leads it?", "The Chair Dr Ada Voss leads it.", "Dr", "Dr Ada Voss"),
        ("What is led by Moss?", "Dr Hannah Moss leads the mill.", "the mill", "the mill"),
        ("What title has she?", "Dr Hannah Moss leads the mill.", "Dr", "Dr"),
        ("Who leads it?", "A Dr from Holm leads it.", "Dr", "Dr"),
    ],
)
def test_a_title_has_its_whole_name_with_it_even_where_the_question_says_some(
    question: str, sentence: str, marked: str, expected: str
) -> None:
    assert grown(question, sentence, marked) == expected


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "expected"),
    [
        ("When was it?", "It is on Wednesday, 7 August 2024 at 9.", "Wednesday", "Wednesday, 7 August 2024"),
        ("When was it?", "It is on Wed, August 7, 2024 at 9.", "August", "Wed, August 7, 2024"),
        ("When was it?", "Wednesday 7 and Thursday 8 August 2024.", "2024", "Wednesday 7 and Thursday 8 August 2024"),
        ("On which day was it?", "It is on Wednesday, 7 August 2024 at 9.", "Wednesday", "Wednesday"),
        ("When was it?", "Bins go out on Wednesday at 7.", "Wednesday", "Wednesday"),
        ("When did it end?", "It ended on 2025-07-14.", "2025-07", "2025-07-14"),
        ("On which day did it end?", "It ended on 2025-07-14.", "2025-07", "2025-07-14"),
        ("In which year did it end?", "It ended on 2025-07-14.", "2025", "2025"),
        ("When did it end?", "It ended on Monday 14/07/2025.", "14", "Monday 14/07/2025"),
        ("How many?", "The number is 020-7946-0018.", "7946", "7946"),
        ("How many?", "The number is 020-7946-0018.", "020", "020"),
    ],
)
def test_a_date_has_its_weekday_and_is_no_range_of_numbers(question: str, sentence: str, marked: str, expected: str) -> None:
    assert grown(question, sentence, marked) == expected


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "expected"),
    [
        (
            "When is it on?",
            "It will not be shown before October 2024.",
            "before October 2024",
            "not be shown before October 2024",
        ),
        ("When is it?", "Flood works will not begin before 2025.", "2025", "not begin before 2025"),
        ("When is it?", "It won’t be done by the 7 May 2025.", "7 May", "won’t be done by the 7 May 2025"),
        ("Who made it?", "It was not made by Ada Voss.", "Ada Voss", "Ada Voss"),
        ("When is it?", "It is not open before the end of May.", "May", "not open before the end of May"),
        ("How much is it?", "They pay no more than £20.", "£20", "no more than £20"),
        ("How old is he?", "Nobody under 18 may enter.", "18", "Nobody under 18"),
        ("How many?", "They must not, as they say, have more than 20.", "20", "more than 20"),  # another clause
        ("When was it?", "It is not known that it closed before 2020.", "2020", "2020"),
        ("How many years?", "It not only took more than 20 years.", "20", "more than 20"),
        ("How many?", "See No. 5 of more than 20.", "20", "more than 20"),
        ("When was it?", "It was not a b c d e f g h i before 2020.", "2020", "2020"),  # too far
        ("Before when may it not open?", "It may not open before 2025.", "2025", "2025"),  # the question says it itself
        ("Who was it?", "It was not until Robert Voss that it grew.", "Robert Voss", "Robert Voss"),
        ("When was it?", "It was not in 2020.", "2020", "2020"),
    ],
)
def test_a_limit_keeps_the_negation_that_turns_its_sense(question: str, sentence: str, marked: str, expected: str) -> None:
    assert grown(question, sentence, marked) == expected


@pytest.mark.parametrize(
    ("sentence", "marked", "expected"),
    [
        ("They cried “Nobody came, so it is open” and left.", "“Nobody came", "“Nobody came, so it is open”"),
        ('The "old" gate was "finally open" then.', 'was "finally', 'was "finally open"'),
        ("They cried “Nobody came.", "“Nobody came", "Nobody came"),
        ("They cried “nobody came.", "cried “nobody", "cried “nobody"),
        ('They cried "nobody came" and left.', 'came"', "came"),
        ("They cried “nobody came” and left.", "“nobody came” and", "“nobody came” and"),
        ("It is [as it was] open.", "[as it", "[as it was]"),
        ("(it is open", "(it is", "it is"),
    ],
)
def test_a_quotation_or_bracket_is_closed_where_its_other_half_stands_else_not_opened(
    sentence: str, marked: str, expected: str
) -> None:
    assert grown("What was it?", sentence, marked) == expected


pieces = st.sampled_from([*'AB ab.19%£()[]“”"-,', " July ", " Dr ", "Monday ", " not ", " before ", "2025-07-14"])


@given(st.text(max_size=60), st.lists(pieces, max_size=40).map("".join), st.data())
def test_what_is_quoted_holds_what_was_marked_within_the_sentence_but_for_broken_brackets_and_quotations(
    question: str, sentence: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(sentence)))
    end = data.draw(st.integers(start, len(sentence)))
    span = whole(question, sentence, Span(start, end))
    assert 0 <= span.start <= span.end <= len(sentence)
    if set('()[]“”"') & set(sentence[start:end]):
        assert span.start < span.end
    else:
        assert span.start <= start and end <= span.end


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "expected"),
    [
        ("What must you show?", "You show an oath, faith in it, and loss such that it hurts.", "an oath, faith in it",
         "an oath, faith in it, and loss"),
        ("What would help?", "The wishes made were good light, marks for each part, and a short talk.",
         "marks for each part, and a short talk", "good light, marks for each part, and a short talk"),
        ("What are the risks of it?", "The risks are fire, flood and theft.", "flood", "fire, flood and theft"),
        ("Which risks are there?", "The risks are fire, flood and theft.", "theft", "fire, flood and theft"),
        ("Which risk is the worst?", "The risks are fire, flood and theft.", "flood", "flood"),  # one
        ("What are such risks called?", "They are perils, floods and thefts.", "perils", "perils"),
        ("What are the hours?", "The hours are nine to five and Ada rings.", "nine to five", "nine to five"),  # no enumeration
        ("When did Holm and Elde meet?", "On October 6, 1973, Holm and Elde met.", "October 6, 1973", "October 6, 1973"),
        ("What do they find?", "They find germs, dust, from worms to mites, and tell it.", "germs, dust", "germs, dust"),
        ("Beside mills and mines, what places are there?", "They are farms, mills and mines.", "farms", "farms"),
    ],
)  # fmt: skip
def test_an_enumeration_is_quoted_whole_where_several_are_meant(question: str, sentence: str, marked: str, expected: str) -> None:
    start = sentence.index(marked)
    span = enumerated(question, sentence, Span(start, start + len(marked)))
    assert sentence[span.start : span.end] == expected
