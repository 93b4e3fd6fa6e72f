"""What a question asks for is told from its words, and looked for in a text."""

import pytest

from qa.answer_types import (
    another_year,
    count_missing,
    figures_missing,
    kind_given,
    names_given,
    names_of,
    names_unknown,
    number_missing,
    says_nothing,
    time_missing,
)


@pytest.mark.parametrize(
    ("question", "text", "kind"),
    [
        ("How many pupils came?", "Forty pupils came.", 1.0),
        ("How many pupils came?", "Pupils came.", -1.0),
        ("How many pupils came?", "Nineteen came.", 1.0),
        ("How many pupils came?", "Some seventy came.", 1.0),
        ("How many pupils came?", "Thousands came.", 1.0),
        ("When did it close?", "It closed in 1990.", 1.0),
        ("When did it close?", "It closed for good.", -1.0),
        ("how often does it meet", "It meets every month.", 1.0),
        ("Who ran the mill?", "It was run by Ada Voss.", 1.0),
        ("Who is Ada Voss?", "She is called Ada Voss.", -1.0),
        ("Who ran the mill?", "The town ran it.", -1.0),
        ("Why did it close?", "It closed because the river dried up.", 1.0),
        ("Describe the mill", "It is big.", 0.0),
    ],
)
def test_a_text_has_or_lacks_what_the_question_asks_for(question: str, text: str, kind: float) -> None:
    assert kind_given(question, text) == kind


@pytest.mark.parametrize(
    "question",
    [
        "What did the ban on carts save?",
        "What does it cost?",
        "What do visitors have to pay for parking?",
        "What is the monthly fee for a plot?",
        "What was Holm's profit before tax in 2020?",
        "What was Ada Voss's salary?",
        "How much did Holm pay for the mill?",
        "How much rent does a house cost?",
        "How much is a warden paid under the Act?",
        "how much were they fined",
        "salary of the miller",
    ],
)
def test_who_asks_for_money_wants_a_sum(question: str) -> None:
    for text in ("£8", "8.2", "2,150", "85p", "three pounds", "It is free.", "148 a week"):
        assert not number_missing(question, text), text
    for text in ("five weeks", "5 weeks", "2018", "8 %", "DP-6H", "the toll"):
        assert number_missing(question, text), text


@pytest.mark.parametrize(
    "question",
    [
        "What does it cost in lives?",
        "What should I do if I cannot pay?",
        "What does the grant pay for?",
        "What was the fine for?",
        "What was she charged with?",
        "What did the crew save from the fire?",
        "What is included in the price?",
        "What is the fee structure?",
        "What is the effect of the price of oil?",
        "What does the officer in charge do?",
        "The price of oil is usually stable until when?",
    ],
)
def test_a_word_for_money_alone_asks_for_no_sum(question: str) -> None:
    assert not number_missing(question, "the mill")
    assert not number_missing("How much had it grown when the warden was paid?", "5 weeks")  # a number, but no sum


def test_who_asks_for_a_share_wants_one() -> None:
    for text in ("54%", "8 per cent", "just over half", "a third", "one in ten", "3 of the 12"):
        assert not number_missing("What percentage of pupils work?", text), text
    for text in ("£121", "121 pupils", "the pupils"):
        assert number_missing("What share of pupils work?", text), text
    assert number_missing("What was the response rate of the survey?", "pupils")
    assert not number_missing("What was the overall rating of the mill?", "good")


def test_words_that_say_nothing_are_known() -> None:
    assert says_nothing("Who keeps it?", "a")
    assert says_nothing("Who keeps it?", "It")
    assert says_nothing("What do visitors pay?", "visitors")
    assert says_nothing("What is a charge of it?", "the charges")
    assert not says_nothing("Who keeps it?", "both")
    assert not says_nothing("In which month is it?", "May")
    assert not says_nothing("Which law comes first, EU law or theirs?", "EU law")
    assert not says_nothing("Which law comes first, this or that one?", "that law")  # it chooses
    assert not says_nothing("Which type is it?", "Type I")
    assert not says_nothing("What pays for the mill of the town?", "the mill of the town")  # more than a word


def test_a_figure_of_the_question_that_the_text_lacks_is_noticed() -> None:
    assert figures_missing("What was it rated in 2023?", "It was rated in 2019.")
    assert not figures_missing("What was it rated in 2019?", "It was rated in 2019.")
    assert not figures_missing("What was it rated?", "It was rated in 2019.")
    assert figures_missing("Who won in 2019 and 2020?", "Won in 2019.")


def test_names_and_numbers_of_a_question_are_counted_in_the_text() -> None:
    assert names_of("Did Ada Voss leave the Elde mill in 1990?") == ["Ada", "Voss", "Elde", "1990"]
    assert names_given("Did Ada Voss leave the Elde mill in 1990?", "Voss left in 1990.") == 0.5
    assert names_given("did anyone leave", "nobody") == 1


def test_names_that_occur_nowhere_are_told_from_those_that_do() -> None:
    assert names_unknown("Did Ada Voss leave Elde in 1990?", ["voss", "1990", "leav"]) == 0.5
    assert names_unknown("who left", ["left"]) == 0


def test_when_asks_for_a_time_only_where_it_is_what_is_asked() -> None:
    for question in ("When did the mill close?", "when is it", "Since when?", "And when was that?", "When’s the fair?"):
        assert time_missing(question, "It closed for good."), question
    for question in ("What happens when the mill closes?", "When a mill closes, what is sold?", "Who pays when it rains?"):
        assert not time_missing(question, "It closed for good."), question


def test_a_number_counts_what_was_asked_for_only_if_it_stands_beside_it() -> None:
    question = "How many social workers are agency staff?"
    assert count_missing(question, "Its social workers have one of the lowest caseloads.")
    assert not count_missing(question, "Of its staff, 41 social workers are from agencies.")
    assert not count_missing(question, "It has forty newly trained social workers.")
    assert count_missing(question, "Of 41 people who came to work there some are social workers.")  # too far off
    assert not count_missing(question, "Social workers: 41; managers: 3")
    assert count_missing(question, "Social workers are well paid.")
    assert not count_missing(question, "The number of social workers whom agencies pay to come and work in Holm fell to 41.")
    assert count_missing(question, "The names of social workers whom agencies pay to come and work in Holm fill 41 pages.")
    assert not count_missing("How many social workers left in 2013?", "In 2013, 41 social workers resigned.")
    assert not count_missing("How many villages took part?", "It was tried in 48 villages.")  # "took" is counted by none
    assert not count_missing("How many wild bee species live there?", "She found nineteen kinds of wild bee.")
    assert count_missing("How many men were killed?", "It lasted 15 days.")
    assert not count_missing("How many men were killed?", "| Holm | 2,300 | 15 |")  # they are named above it
    assert count_missing("How many Catholics were killed?", "In October 1572, Catholics killed them.")  # a year counts nothing
    assert not count_missing("How many people drowned?", "Eleven died, nine of them in Holm.")
    assert not count_missing("How much did it cost?", "Nothing.")
    assert not count_missing("How many were there?", "Some.")  # nothing is named


def test_a_time_that_is_asked_for_and_missing_is_noticed() -> None:
    assert time_missing("When was Ada Voss born?", "Ada Voss keeps the light.")
    assert not time_missing("When was Ada Voss born?", "Ada Voss was born in 1990.")
    assert time_missing("Who left in 1990 and when?", "Ada left in 1990.")  # only the question's own year
    assert not time_missing("How many came when it opened?", "Few.")  # a number is asked for
    assert not time_missing("Who keeps the light?", "Ada Voss.")


@pytest.mark.parametrize(
    ("sentence", "around", "passage", "another"),
    [
        ("731 complaints came in 2023.", "", "", True),
        ("731 complaints came in 2022.", "", "", False),
        ("731 complaints came in 2022 and 650 in 2023.", "", "", False),
        ("731 complaints came.", "", "", False),  # it gives no year
        ("731 complaints came.", "Report of 2021\nComplaints", "", True),
        ("731 complaints came.", "Report of 2022", "", False),
        ("731 complaints came.", "Report of 2023", "In 2022 it rained. 731 complaints came.", False),
        ("731 complaints came in 2021.", "Report of 2022", "", False),
        ("1450 complaints came.", "", "In 2022 it rained. 1450 complaints came.", False),  # 1450 is no year
        ("1450 complaints came in June 2021.", "", "In 2022 it rained. 1450 complaints came in June 2021.", True),
        ("In 2021 there were 731, in the year before 650.", "", "", True),
        ("In 2023 there were 731, in the year before 650.", "", "", False),
        ("Complaints 2021/22: 731", "", "2022 was wet. Complaints 2021/22: 731", False),  # 2022 is a part of it
    ],
)
def test_a_sentence_of_another_year_is_known(sentence: str, around: str, passage: str, another: bool) -> None:
    assert another_year("How many complaints came in 2022?", sentence, around, passage or sentence) is another
    assert not another_year("How many complaints came?", sentence, around, passage or sentence)


def test_a_sentence_without_a_year_is_of_its_documents() -> None:
    question, sentence = "How many complaints came in 2022?", "There were 311 complaints."
    assert not another_year(question, sentence, "", sentence, "2022")
    assert another_year(question, sentence, "", sentence, "2021")
    assert not another_year(question, sentence, "", sentence)
    assert not another_year(question, sentence, "Complaints, 2022", sentence, "2023")
    assert not another_year(question, sentence, "", f"In 2022 all was well. {sentence}", "2021")
    assert not another_year(question, "Last year there were 311 complaints.", "", "", "2023")
    assert another_year(question, "In 2021 there were 311 complaints.", "", "", "2022")


@pytest.mark.parametrize(("dated", "another"), [("1385", True), ("1391", True), ("1392", False), ("2021", False)])
def test_a_history_is_not_of_the_year_it_was_written_in(dated: str, another: bool) -> None:
    assert another_year("Who led the revolt in 1381?", "The revolt was led by Ada Holm.", "", "", dated) is another
