"""Words, stems, sentences, lines and code units."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.records import Span
from qa.text import (
    STEM_CHARACTERS,
    Lines,
    content_words,
    cut_point,
    fold,
    is_stop_word,
    line_breaks,
    sentence_span,
    sentence_tiles,
    stem,
    stems,
    utf16_offset,
    words,
)
from tests.conftest import TRAP_SECONDS, TRAPS, hostile_texts, trap

BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n)[^\S\r\n]*[\r\n]")


def sentences(text: str, longest: int = 300) -> list[str]:
    spans = (sentence_span(text, start, end) for start, end in sentence_tiles(text, 0, len(text), longest))
    return [text[span.start : span.end] for span in spans if span.start < span.end]


def test_words_keep_their_apostrophes_and_leave_marks_and_underscores_out() -> None:
    assert words("Don’t, snake_case; 'tis O'Neill's 3.5%") == ["Don’t", "snake", "case", "tis", "O'Neill", "s", "3", "5"]


def test_scripts_without_blanks_give_a_word_for_each_character_and_end_a_word_before_them() -> None:
    assert words("東京tower ไทย 한국 word") == ["東", "京", "tower", "ไ", "ท", "ย", "한", "국", "word"]


@pytest.mark.parametrize(
    ("left", "right"),
    [("Running", "runs"), ("council’s", "councils"), ("council's", "council"), ("Café", "CAFE\u0301"), ("STRASSE", "straße"),
     ("ﬁle", "FILES"), ("fee¹", "fees"), ("carers¹²", "carer")],
)  # fmt: skip
def test_a_stem_leaves_case_accents_possessives_endings_and_note_marks_aside(left: str, right: str) -> None:
    assert stem(left) == stem(right)


@pytest.mark.parametrize(
    ("left", "right"), [("council", "counsel"), ("1066", "1067"), ("won't", "wont's'x"), ("a", "b"), ("km²", "km"), ("10⁶", "10")]
)
def test_different_words_keep_different_stems(left: str, right: str) -> None:
    assert stem(left) != stem(right)


@given(hostile_texts)
def test_every_word_has_one_stem_that_the_word_index_can_hold(text: str) -> None:
    found = stems(text)
    assert len(found) == len(words(text))
    assert all(item and not any(map(str.isspace, item)) and len(item) <= STEM_CHARACTERS for item in found)


def test_a_word_longer_than_the_word_index_holds_is_cut_and_not_lost() -> None:
    word = "x" * 70_000
    assert stem(word) == "x" * STEM_CHARACTERS
    assert stems(f"{word} {word}") == [stem(word)] * 2


def test_folding_takes_away_accents_of_either_form_and_changes_no_other_script() -> None:
    assert fold("Ñandú e\u0301TÉ 東京") == "nandu ete 東京"


def test_accents_that_stand_by_themselves_belong_to_their_word() -> None:
    assert words("Zu\u0308rich he\u0301’s a\u0301_b") == ["Zu\u0308rich", "he\u0301’s", "a\u0301", "b"]
    assert words("日本 e\u0301te\u0301") == ["日", "本", "e\u0301te\u0301"]
    assert stems("Zu\u0308rich") == stems("Zürich") == ["zurich"]


def test_content_words_come_once_in_the_order_and_form_of_the_question() -> None:
    assert content_words("Who’s the Chair, and when did the chairs' board’s chair resign?") == ["Chair", "board’s", "resign"]
    assert content_words("What was it that they did?") == []


def test_words_that_only_say_what_is_asked_for_are_not_what_a_question_is_about() -> None:
    assert content_words("How many children have many friends?") == ["children", "many", "friends"]
    assert content_words("How long was the mill wide?") == ["mill", "wide"]
    assert content_words("How wide is the gate, and how old?") == ["wide", "gate", "old"]  # "3.5 metres wide"
    assert content_words("In what year did the mill close?") == ["mill", "close"]
    assert content_words("What is the name of the mill?") == ["mill"]
    assert content_words("Which kind of mill was it, and of what kind is this one?") == ["mill", "kind", "one"]
    assert content_words("How many?") == ["many"]  # there is nothing else to search for


def test_a_stop_word_is_one_in_capitals_and_with_an_ending_but_not_inside_a_word() -> None:
    assert is_stop_word("WHAT") and is_stop_word("who’s") and is_stop_word("it's")
    assert not is_stop_word("whatnot") and not is_stop_word("no1")


@given(hostile_texts, st.data())
def test_offsets_in_code_units_are_what_a_browser_counts(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    assert utf16_offset(text, offset) == len(text[:offset].encode("utf-16-le")) // 2


@given(hostile_texts, st.data())
def test_a_line_ends_at_lf_crlf_or_a_lone_cr_and_nowhere_else(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    ends = [at for at, mark in enumerate(text) if mark == "\n" or (mark == "\r" and text[at + 1 : at + 2] != "\n")]
    lines = Lines(text)
    number = lines.number(offset)
    assert number == 1 + sum(at < offset for at in ends)
    assert len(lines) == 1 + len(ends) == 1 + line_breaks(text)
    assert lines.start(number) == max((at + 1 for at in ends if at < offset), default=0)
    assert lines.start(len(lines) + 5) == lines.start(len(lines))


@given(hostile_texts, st.integers(1, 350), st.data())
def test_sentences_tile_any_stretch_and_none_is_too_long_or_crosses_a_blank_line(
    text: str, longest: int, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    tiles = sentence_tiles(text, start, end, longest)
    edges = [start, *(last for _, last in tiles)]
    assert tiles == [*pairwise(edges)]
    assert edges[-1] == end
    assert all(0 < last - first <= longest for first, last in tiles)
    assert not any(BLANK_LINE.search(text[first:last].strip()) for first, last in tiles)


@given(
    st.lists(
        st.sampled_from(["One line", "goes on. ", "Two! ", "- item", "| a |", "\n", "\n\n", "\n \n", "😀"]), max_size=30
    ).map("".join)
)
def test_crlf_and_lone_cr_cut_the_same_sentences_as_lf(text: str) -> None:
    expected = sentences(text, 10_000)
    for mark in ("\r\n", "\r"):
        assert [sentence.replace(mark, "\n") for sentence in sentences(text.replace("\n", mark), 10_000)] == expected


@given(hostile_texts, st.data())
def test_a_sentence_loses_only_blanks_and_a_list_mark_at_its_edges(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = sentence_span(text, start, end)
    kept = text[span.start : span.end]
    assert start <= span.start <= span.end <= end
    assert kept == kept.strip()
    assert bool(kept) == bool(text[start:end].strip())
    assert not text[span.end : end].strip()
    assert re.fullmatch(
        r"(?:[-*+•‣·▪◦]|\d{1,3}\.|\d{1,2}(?:\.\d{1,2})+\.?|\(?(?:\d{1,3}|[A-Za-z]|[ivx]{2,5})\))?",
        text[start : span.start].strip() if kept else "",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cat sat. The dog ran! Why?", ["The cat sat.", "The dog ran!", "Why?"]),
        (
            "Dr. Smith met Cllr. Jones at 5 p.m. on St. John St. nearby. He left.",
            ["Dr. Smith met Cllr. Jones at 5 p.m. on St. John St. nearby.", "He left."],
        ),
        (
            "J. K. Rowling wrote it, e.g. in No. 5, cf. Fig. 2 and p. 7. It sold.",
            ["J. K. Rowling wrote it, e.g. in No. 5, cf. Fig. 2 and p. 7.", "It sold."],
        ),
        ("It cost 3.5 million 😀. Then 👩\u200d👧 left.", ["It cost 3.5 million 😀.", "Then 👩\u200d👧 left."]),
        ("Things:\n- one thing\r\n- another thing\n12) last thing", ["Things:", "one thing", "another thing", "last thing"]),
        ("Fees:\n(2) one fee\n(a) another\n(iv) a third\nb) last", ["Fees:", "one fee", "another", "a third", "last"]),
        ("As section 4\n(2) of the Act says", ["As section 4\n(2) of the Act says"]),
        ("Fees:\n2A. one\n(3B) two\n(1)(a) three\n● four", ["Fees:", "one", "two", "three", "four"]),
        ("A line (2) goes\non (a) so", ["A line (2) goes\non (a) so"]),
        (
            "Rules\n2.1 New tenants pay.\n2.2 A guest stays\n2.1 metres apart",
            ["Rules", "New tenants pay.", "A guest stays\n2.1 metres apart"],
        ),
        ("| a | b |\n| c | d |", ["| a | b |", "| c | d |"]),
        ("A line\nthat goes on\r\nand on.\r\n\r\nNext paragraph", ["A line\nthat goes on\r\nand on.", "Next paragraph"]),
        ("One\r\rTwo\n \t\nThree", ["One", "Two", "Three"]),
    ],
)
def test_sentences_are_cut_where_a_reader_would_cut_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        *[("- a", "a"), ("12. a", "a"), ("  •\ta", "a"), ("(2) a", "a"), ("(iv) a", "a"), ("a) a", "a")],
        *[("7.1 A tenant", "A tenant"), ("10.2.3 “Home”", "“Home”"), ("7.1. Swaps", "Swaps"), ("1.2 DEFINITIONS", "DEFINITIONS")],
        *[
            ("-5 °C", "-5 °C"),
            ("1066. a", "1066. a"),
            ("-", "-"),
            ("(2)a", "(2)a"),
            ("(ab) a", "(ab) a"),
            ("(a) above", "(a) above"),
            ("3.5 million people", "3.5 million people"),
            ("2.4 GHz", "2.4 GHz"),
            ("7.5 Tonnes of flour", "7.5 Tonnes of flour"),
            ("9.30 Coffee is served", "9.30 Coffee is served"),
            ("3.5.24 Meeting of the board", "3.5.24 Meeting of the board"),
            ("4.2 of the Act", "4.2 of the Act"),
        ],
    ],
)
def test_only_the_mark_of_a_list_item_is_left_out_of_its_sentence(text: str, kept: str) -> None:
    span = sentence_span(text, 0, len(text))
    assert text[span.start : span.end] == kept


@pytest.mark.parametrize(
    "mark",
    [
        "(2)",
        "(a)",
        "(iv)",
        "a)",
        "(2A)",
        "(1)(a)",
        "(2) (a)",
        "3A.",
        "2.",
        "1.2.3",
        "•",
        "●",
        "§ 3",
        "§ 3.",
        "A.",
        "iv.",
        "(a) above",
    ],
)
def test_a_paragraph_that_begins_with_a_mark_is_cut_as_one_without(mark: str) -> None:
    plain = ["The duty ends.", "The county pays.", "It stops."]
    for before, found in (
        ("", sentences(f"{mark} {' '.join(plain)}")),
        ("  ", sentences(f"We met.\n\n  {mark} {' '.join(plain)}")[1:]),
    ):
        assert found[1:] == plain[1:], before
        assert found[0].endswith(plain[0])


def test_a_long_paragraph_of_items_in_a_row_is_cut_everywhere() -> None:
    text = "(2) The duty ends. The county pays. " * 1000
    assert len(sentences(text)) == 2000


HEADER = [
    "From: Ada Voss <ada@mill.example>",
    "To: Bo Holt",
    "Cc:",
    "Date: Mon, 13 Nov 2023 08:14",
    "Subject: Re: sluice. Help! Now.",
]


def test_each_of_several_labelled_lines_is_a_sentence_of_its_own_as_is_what_follows_them() -> None:
    subject = ["Subject: Re: sluice.", "Help!", "Now."]
    assert sentences("\n".join(HEADER)) == [*HEADER[:4], *subject]
    assert sentences("\r\n".join(HEADER) + "\r\nDear Bo\r\nIt broke.") == [*HEADER[:4], *subject, "Dear Bo\r\nIt broke."]
    assert sentences("We met.\n\n  " + "\n  ".join(HEADER)) == ["We met.", *HEADER[:4], *subject]
    assert sentences("> Date: 5 May\n> Place: Hall") == ["> Date: 5 May", "> Place: Hall"]
    assert sentences("**Date:** 5 May\n**Place:** Hall") == ["**Date:** 5 May", "**Place:** Hall"]


def test_a_labelled_line_goes_on_where_it_was_full_or_the_next_is_indented_or_the_label_stands_alone() -> None:
    full = "Present: Ada Voss (in the chair), Bo Holt, Cy Lund, Di Mann\nand Ed Nott"
    indented = "Apologies: Flo Orr,\n  Gus Penn"
    alone = "Absent:\nHal Quint"
    last = "In attendance: Ida Ross"
    assert sentences("\n".join([full, indented, alone, last])) == [full, indented, alone, last]


@pytest.mark.parametrize(
    "text",
    [
        "Note: the gate sticks\nwhen it rains",  # one label
        "the gate: it\nsticks: always",  # no labels
        "At 10:30 she left\nAt 11:30 he came",
        "It says on the gate of the\nMill: keep out\nand nothing else on the\nDoor: come in",  # far from each other
    ],
)
def test_a_colon_alone_makes_no_line_a_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "She told me. Mrs Voss left.",
        "It opened in May. Visitors came.",
        "They studied art. “Anna painted.”",
        "He fell ill.\nAnna called.",
        "It boiled for 30 min. Anna poured.",
        "He wrote to HR. Nobody answered.",
        "Cups, plates etc. Visitors washed them.",
        "It was sold to Holt Ltd. Mr Voss left.",
        "They treated Mr B. The team left.",
        "They shut bay C. Ms Voss left.",
        "It is by Voss et al. The rest is lost.",
        "No. It was wet.",
    ],
)
def test_a_word_that_is_also_an_abbreviation_ends_its_sentence(text: str) -> None:
    assert len(sentences(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "It is no. B7, see fig. A and art. IV.",
        "Fig. One shows it.",
        "DR. Voss met ST. John.",
        "It is by J. He and C. Voss.",
        "He asked e.g. The Times and v. The Crown.",
        "He leads Holt Ltd. Managing it is hard.",
        "It works at 5 min. 30 sec. each.",
    ],
)
def test_an_abbreviation_does_not_end_a_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "See para. 4 and paras. 5-6.",
        "It is void under Sch. 2, Ch. 3 and sect. 6(2).",
        "The max. load is 5 t, the min. 2 t at temp. 5.",
        "Ring tel. (01634) 1234 or tel.\n01634 5.",
        "It takes approx. £40 from Mon. to Fri. and more on Sun. 5 May.",
    ],
)
def test_an_abbreviation_before_a_figure_or_a_small_letter_does_not_end_a_sentence(text: str) -> None:
    assert sentences(f"{text} They left.") == [text, "They left."]


def test_a_word_that_may_be_an_abbreviation_ends_its_sentence_before_a_name_or_where_it_is_none() -> None:
    assert sentences("We pay the max. Anna left. They saw the sun. 5 boats came.") == [
        "We pay the max.",
        "Anna left.",
        "They saw the sun.",
        "5 boats came.",
    ]


@pytest.mark.parametrize("figure", ["10.", "  10.", "- 10.", "12) at 10."])
def test_a_figure_at_the_start_of_a_wrapped_line_stays_in_its_sentence_which_ends_after_it(figure: str) -> None:
    wrapped = f"It will start, as we all agreed, in the main hall at\n{figure}"
    assert sentences(f"We met. {wrapped} Please come. They left.") == ["We met.", wrapped, "Please come.", "They left."]


def test_a_dash_inside_a_line_is_no_list_mark() -> None:
    assert sentence_span("a - b", 2, 5) == Span(2, 5)
    assert sentence_span("a\n- b", 2, 5) == Span(4, 5)


def test_an_over_long_stretch_is_cut_at_a_clause_else_at_a_blank_else_at_the_limit() -> None:
    assert cut_point("aaaa bb; cc dd ee", 0, 14) == len("aaaa bb; ")
    assert cut_point("aa; bbbbbbb cc dd", 0, 14) == len("aa; bbbbbbb ")
    assert cut_point("a" * 20, 0, 14) == 14
    assert cut_point("😀" * 20, 3, 14) == 14


@given(hostile_texts.filter(bool), st.data())
def test_a_cut_always_moves_on_and_never_past_its_limit(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    limit = data.draw(st.integers(start + 1, len(text)))
    assert start < cut_point(text, start, limit) <= limit


def test_a_long_paragraph_has_the_same_sentences_as_its_parts() -> None:
    part = (
        "The U.S.A. spent $3.14 million on it. Dr. A. B. Smith (b. 1940; d. 2001) said: “It is so. Really!” Why not? It is. "
        'He asked, "Is it 5 p.m. now?" and left. See Fig. 2, cf. p. 7, e.g. No. 5. It was `code. With a dot` here. 😀 It ended. '
    )
    expected = sentences(part)
    for shift in range(0, len(part), 7):
        assert sentences("x" * shift + ". " + part * 100)[1:] == expected * 100


@pytest.mark.parametrize("name", TRAPS)
def test_hostile_repetition_is_cut_in_a_time_that_grows_with_its_length_alone(name: str) -> None:
    text = trap(name)
    started = time.process_time()
    tiles = sentence_tiles(text, 0, len(text), 300)
    found = [sentence_span(text, start, end) for start, end in tiles]
    assert time.process_time() - started < TRAP_SECONDS
    assert tiles[-1][1] == len(text)
    assert len(found) == len(tiles)
