"""Paragraphs, list items, table rows and labelled lines."""

import pytest

from qa.blocks import blocks


def cut(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in blocks(text, 0, len(text))]


FULL = "It will start, as we all agreed, in the main hall at"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "line",
    ["10. Please come.", "12) and end.", "(3) and end.", "- as you know - late.", "* Mr Voss, late.", "  10. Please come."],
)
def test_a_mark_after_a_full_line_that_ends_no_sentence_is_a_word_of_it(line: str, end: str) -> None:
    assert cut(f"{FULL}{end}{line}") == [f"{FULL}{end}{line}"]
    assert cut(f"{line}{end}{end}{FULL}{end}{line}")[1:] == [f"{FULL}{end}{line}"]  # another paragraph's are no items before it
    assert cut(f"1. {FULL}{end}{line}") == [f"1. {FULL}{end}{line}"]  # nor does it go on the numbers of this one


@pytest.mark.parametrize(
    "items",
    [
        ["1. Apples and pears", "2. Plums"],
        [f"1. {FULL}", "2. Plums"],
        [f"1. {FULL}\n   the school and the whole of the green before it", "2. Plums"],
        [f"1. {FULL}", "1. Plums"],
        [f"(1) {FULL}", "(a) Plums", "(2) Pears"],
        [f"- {FULL}", "- Plums"],
        [FULL, "- Plums", "- Pears"],
        [FULL, "1. Plums", "2. Pears"],
        [FULL, "• Plums"],
        [FULL, "2.1 Plums are free"],
        [f"{FULL}:", "10. Plums"],
        [f"{FULL} (noon.)", "- Plums"],
        ["| a |", f"| {FULL} |", "- Plums"],
        [f"Fees\n{'=' * 60}", "10. Plums"],
        ["The hall is", "10. Plums"],  # the line was not full
        [f"{FULL} {FULL} {FULL}", "- Plums"],  # nor was one that nobody would have wrapped
    ],
)
def test_a_mark_begins_an_item_where_the_line_before_it_may_end_or_others_go_with_it(items: list[str]) -> None:
    assert cut("\n".join(items)) == items


@pytest.mark.parametrize(
    "rows",
    [
        ["Vessel         2021    2022", "Yacht over 8m   200   1,350", "The tug of the old harbour of Dover   1   2"],
        ["Vessel  2021  2022  2023", "Yacht over 8m  1  2  3"],
        ["Vessel\t2021\t2022", "Yacht over 8m\t1\t2"],
        ["Vessel   2021   2022", "Yacht    1      2\n         (net)", "Tug      3      4"],
    ],
)
def test_each_row_of_a_table_drawn_with_blanks_stands_alone_as_does_what_follows(rows: list[str]) -> None:
    assert cut("\n".join(rows)) == rows
    assert cut("\r\n".join(["All fees.", "", *rows, "They rose."])) == ["All fees.", *rows, "They rose."]


@pytest.mark.parametrize(
    "text",
    [
        "The  harbour  of the old town was\nfull of boats.  They  had come in the night.",  # justified
        "It rained.  We left the hall.  He did not.\nIt stopped.  We came back at one.  He did too.",
        "Name   of the boat   (in full)\nand its owner",  # one line alone
        "Name    the boat\nPlace   the port",  # one gap
    ],
)
def test_blanks_within_a_paragraph_make_no_rows(text: str) -> None:
    assert cut(text) == [text]
