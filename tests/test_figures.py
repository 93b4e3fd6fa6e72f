"""Which of a sentence's figures, and which cell of a row, a question means."""

import pytest

from qa.figures import cell_named, headers_above, of_the_header_asked, of_the_time_asked, one_cell, whole_cell
from qa.records import Span

VISITORS = "In 2023 we had 41,870 visitors, 6 more than in 2022 (39,500) but fewer than in the record year 2019 (47,310)."
HOMES = "We built 214 homes, compared with 187 in 2021/22 and 162 in 2020/21."
TOLLS = "Toll: Cart; Season Summer: £6.50; Season Winter: £4.00"
BEDS = "Ward: Elm; 2020: 412; 2022: 398; 2024: 405"
TABLE = (
    "| Measure | 2020/21 | 2021/22 | 2022/23 |\n|---|---:|---:|---:|",
    "| Bins missed | 91 | 78 | 64 |",
    "| Sacks | 5 | 6 | 7 |",
)


def at(sentence: str, words: str) -> Span:
    """Return where words stand in a sentence."""
    start = sentence.index(words)
    return Span(start, start + len(words))


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "meant"),
    [
        ("How many came in 2022?", VISITORS, "41,870", "39,500"),
        ("How many came in 2019?", VISITORS, "41,870", "47,310"),
        ("How many came in 2023?", VISITORS, "41,870", "41,870"),
        ("How many in March 2023?", "It fell from 143 in March 2022 to 118 in March 2023.", "143", "118"),
        ("How many in March 2022?", "It fell from 143 in March 2022 to 118 in March 2023.", "143", "143"),
        ("How fast were carts in May 2021?", "Carts went 34 mph in May 2023; in May 2021, 31 mph.", "34 mph", "31 mph"),
        ("How many homes in 2020/21?", HOMES, "214", "162"),
        ("How many homes in 2021-22?", HOMES, "214", "187"),
        ("How many homes in 2022/23?", HOMES, "214", "214"),  # no figure is joined to it
        ("How much was there on 31 January?", "On 29 February: £61.18 (31 January: £66.44).", "£61.18", "£66.44"),
        ("How many came?", VISITORS, "41,870", "41,870"),
        ("How much in 2021?", "It spent £950k in 2020 and £3.1m in 2021.", "£950k", "£3.1m"),
        ("How much in 2021?", "It fell from £1.2bn in 2019 to £900m in 2021.", "£1.2bn", "£900m"),
        ("Who kept the mill in 2019?", "Ada kept it with 3 men in 2019.", "Ada", "Ada"),  # no figure is marked
        ("How many in 2019?", "There were 3 in 2019 and 7, of them 4 in 2019, and 5 in 2020.", "5", "5"),  # two are joined to it
    ],
)
def test_the_figure_of_the_time_that_is_asked_is_meant(question: str, sentence: str, marked: str, meant: str) -> None:
    found = of_the_time_asked(question, sentence, at(sentence, marked))
    assert sentence[found.start : found.end] == meant


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "meant"),
    [
        ("What is the winter season's toll of a cart?", TOLLS, "£6.50", "£4.00"),
        ("What is the toll of a cart?", TOLLS, "£6.50", "£6.50"),
        ("How many beds were there in 2024?", BEDS, "412", "405"),
        ("How many beds were there in 2021?", BEDS, "412", "412"),
        (
            "What was the grant for?",
            "Year: 2023; Band: Brass; Purpose: a tour",
            "Year",
            "Year: 2023; Band: Brass; Purpose: a tour",
        ),
        ("How many days did the reply take?", "Subject: a lost key; Days to reply: 41", "Days to reply", "41"),
        ("How many visitors came?", "Year: 2020; Visitors abroad: 7; Visitors: 9; Carts: 3", "7", "9"),  # named whole
        ("How many visitors came?", "Year: 2020; Visitors abroad: 7; Visitors at home: 9", "7", "7"),  # which?
        ("What was kept: the mill or the inn?", "They kept two: the mill; the inn fell.", "the mill", "the mill"),  # no row
    ],
)
def test_the_cell_under_the_header_that_is_asked_is_meant(question: str, sentence: str, marked: str, meant: str) -> None:
    found = of_the_header_asked(question, sentence, at(sentence, marked))
    assert sentence[found.start : found.end] == meant


ROW = "Measure: Toll (£m); 2021: 8.5; 2022: 9.1; Note: 3 carts, 4 coaches"


@pytest.mark.parametrize(
    ("query", "sentence", "named"),
    [
        ("toll 2021", ROW, "8.5"),
        ("toll 2020", ROW, None),
        ("toll 2021 2022", ROW, None),  # two
        ("toll note", ROW, "3 carts, 4 coaches"),  # more than a figure, but its header is named whole
        ("agency spend on nursing", "Quarter: Q3; Nursing (£000): 2150; Medical (£000): 1240", "2150"),
        ("nursing", "Quarter: Q3; Nursing (beds, posts): 20, 31; Medical: 4", None),  # which of two?
        ("visitors 2022", VISITORS, "39,500"),
        ("visitors", VISITORS, None),
    ],
)
def test_a_query_names_one_cell_or_none(query: str, sentence: str, named: str | None) -> None:
    found = cell_named(query, sentence)
    assert (found and sentence[found.start : found.end]) == named


def test_a_word_of_a_short_cell_stands_for_all_of_it() -> None:
    def cell(sentence: str, marked: str, headers: tuple[str, ...] = ()) -> str:
        found = whole_cell(sentence, at(sentence, marked), headers)
        return sentence[found.start : found.end]

    assert cell("E04\tSpring torn\tReplace it", "Spring") == "Spring torn"
    assert cell("Code: E04; Cause: spring torn", "torn") == "spring torn"
    assert cell("| E04 | spring torn |", "torn", ("Code", "Cause")) == "spring torn"
    assert cell("Code: E04; Cause: spring torn; axle bent", "axle bent") == "spring torn; axle bent"
    assert cell("The spring is torn", "torn") == "torn"  # no row
    assert cell("E04\tSpring torn\tReplace it", "torn\tReplace") == "torn\tReplace"  # in two
    assert cell("E04\t" + "spring " * 9, "spring") == "spring"  # a cell that is a sentence


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "meant"),
    [
        ("What does E04 mean?", "Fault: E04; Cause", "Fault: E04; Cause", "Fault: E04; Cause"),  # no row
        ("What does E04 mean?", "Fault: E04; Cause: spring torn; Help: wait", "Fault: E04; Cause", "spring torn"),
        ("What is done then?", "Fault: E04; Cause: spring torn; Help: wait", "torn; Help: wait", "wait"),
        ("What is done then?", "Fault: E04; Cause: spring torn; Help: wait", "spring torn; Help", "spring torn"),
        ("What is E04?", "Fault: E04; Cause: spring torn; Help: wait", "spring", "spring"),  # in one
        ("What is done then?", "E04\tSpring torn\tReplace it", "torn\tReplace", "Replace it"),
        ("What fell, and when?", "They kept two: the mill; and the inn fell.", "mill; and the inn", "mill; and the inn"),
    ],
)
def test_words_of_two_cells_are_the_value_of_one(question: str, sentence: str, marked: str, meant: str) -> None:
    found = one_cell(question, sentence, at(sentence, marked))
    assert sentence[found.start : found.end] == meant


def test_a_row_of_markdown_has_the_headers_above_it() -> None:
    headers = ("Measure", "2020/21", "2021/22", "2022/23")
    assert headers_above(TABLE, 1) == headers_above(TABLE, 2) == headers
    assert headers_above(TABLE, 0) == ()
    assert headers_above((*TABLE, "The end."), 3) == ()
    assert headers_above(("| Bins missed | 91 |", "| Sacks | 5 |"), 1) == ()  # its headers stand in another passage
    found = of_the_header_asked("How many bins were missed in 2022/23?", TABLE[1], at(TABLE[1], "91 | 78"), headers)
    assert TABLE[1][found.start : found.end] == "64"
    assert of_the_header_asked("How many in 2022/23?", TABLE[1], at(TABLE[1], "91"), headers[1:]) == at(
        TABLE[1], "91"
    )  # not its own
