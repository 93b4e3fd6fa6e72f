"""Tables that a PDF rules are read cell by cell, however many lines a cell takes, each word where it stands."""

from collections.abc import Sequence
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from qa.formats.parsed import Parsed
from qa.formats.pdf import parse_pdf
from qa.pages import areas_of
from qa.records import Span
from tests.files import council
from tests.files.handmade import Page, pdf

FILES = Path(__file__).parent / "files"
LEFTS = (60, 240, 330, 480)
TOPS = (700, 680, 630, 600)


def read(*pages: Page) -> Parsed:
    return parse_pdf(pdf(pages), lambda: None)


def ruled(*cells: tuple[float, float, str], bold: int = 3, lefts: tuple[float, ...] = LEFTS) -> Page:
    """Return a page with a ruled table of three rows and three columns between two lines of text."""
    page = Page()
    page.write(60, 740, "An ordinary line of a report that goes on and on over all of the page's width, as lines do.")
    page.grid(lefts, TOPS)
    for number, (x, y, words) in enumerate(cells):
        page.write(x, y, words, bold=number < bold)
    page.write(60, 570, "And another such line, of no long-term use, stands below them and has nothing to do with it.")
    return page


WRAPPED = (
    (65, 686, "Quay"), (245, 686, "Depth"), (335, 686, "Master"),
    (65, 666, "The northern quay, where assess-"), (65, 652, "ments are made of the long-"), (65, 638, "term moorings"),
    (245, 652, "6.5 m"), (335, 666, "Ada Fenwick"), (335, 652, "of Wick"),
    (65, 606, "East"), (335, 606, "Tom Reay of assessments"),
)  # fmt: skip


@pytest.mark.parametrize("writer", ["typst", "libreoffice", "chromium"])
def test_a_row_is_its_cells_under_their_names_whoever_made_the_file(writer: str) -> None:
    data = (FILES / f"plan-{writer}.pdf").read_bytes()
    parsed = parse_pdf(data, lambda: None)
    facts = ["\t".join(row) for row in council.FACTS]
    expected = [council.BEFORE, "\t".join(council.PLAN[0]), *council.rows(council.PLAN), council.AFTER, *facts, council.BEFORE]
    assert parsed.text.split("\n\n") == expected
    assert parsed.coverage.tables == 1
    page = pdfium.PdfDocument(data)[0]
    width, height = page.get_size()
    for row in council.PLAN[1:]:
        for cell in row:
            start = parsed.text.index(cell)
            told = ""
            for area in areas_of(parsed.locators, Span(start, start + len(cell))):
                sides = (area.left * width - 0.5, area.right * width + 0.5)
                told += page.get_textpage().get_text_bounded(
                    sides[0], height - area.bottom * height, sides[1], height - area.top * height
                )
            assert "".join(told.split()) == "".join(cell.split()), "the highlight of a cell holds its words and no others"


def test_cells_of_several_lines_are_read_whole_and_words_parted_in_them_joined() -> None:
    parsed = read(ruled(*WRAPPED))
    assert parsed.text.split("\n\n")[1:-1] == [
        "Quay\tDepth\tMaster",
        "Quay: The northern quay, where assessments are made of the long-term moorings; Depth: 6.5 m; Master: Ada Fenwick"
        " of Wick",
        "Quay: East; Master: Tom Reay of assessments",
    ]


def test_each_character_of_a_cell_stands_in_its_cell() -> None:
    parsed = read(ruled(*WRAPPED))
    for words, column, row in (("Ada Fenwick of Wick", 2, 1), ("assessments are", 0, 1), ("6.5 m", 1, 1), ("Tom Reay", 2, 2)):
        start = parsed.text.index(words)
        for at in range(start, start + len(words)):
            for area in areas_of(parsed.locators, Span(at, at + 1)):
                assert LEFTS[column] < area.left * 612 < area.right * 612 < LEFTS[column + 1], words
                assert TOPS[row + 1] < 792 - area.bottom * 792 < 792 - area.top * 792 < TOPS[row], words


def test_words_of_narrow_cells_that_nearly_touch_are_parted_at_the_line() -> None:
    lefts = (60, 122, 330, 480)
    cells = ((65, 686, "Quay"), (125, 686, "Depth"), (335, 686, "Cranes"), (65, 652, "Lybster N."), (125, 652, "6.5 m"))
    parsed = read(ruled(*cells, (335, 652, "two"), (65, 606, "Wick"), (125, 606, "8.0 m"), (335, 606, "five"), lefts=lefts))
    assert parsed.text.split("\n\n")[2:-1] == [
        "Quay: Lybster N.; Depth: 6.5 m; Cranes: two",
        "Quay: Wick; Depth: 8.0 m; Cranes: five",
    ]


def test_names_of_two_rows_and_cells_that_span_rows() -> None:
    page = Page()
    page.grid((60, 160, 260, 360), (700, 680, 660, 640, 620))
    page.content = page.content.replace("60 680 m 360 680 l S\n", "160 680 m 360 680 l S\n")  # Quay spans both rows of the header
    page.content = page.content.replace("60 640 m 360 640 l S\n", "160 640 m 360 640 l S\n")  # North both rows below
    page.content = page.content.replace("260 700 m 260 620 l S\n", "260 680 m 260 620 l S\n")  # Ships two columns
    for x, y, words in ((65, 675, "Quay"), (165, 686, "Ships"), (165, 666, "2019"), (265, 666, "2020")):
        page.write(x, y, words, bold=True)
    for x, y, words in ((65, 635, "North"), (165, 646, "31"), (265, 646, "40"), (165, 626, "32"), (265, 626, "41")):
        page.write(x, y, words)
    assert read(page).text.split("\n\n") == [
        "Quay\tShips", "Quay\t2019\t2020",
        "Quay: North; Ships 2019: 31; Ships 2020: 40", "Quay: North; Ships 2019: 32; Ships 2020: 41",
    ]  # fmt: skip


def test_without_a_certain_header_cells_stay_side_by_side() -> None:
    cells = [
        (x, y, f"{name} {number}") for number, y in enumerate((686, 652, 606)) for x, name in ((65, "a"), (245, "b"), (335, "c"))
    ]
    parsed = read(ruled(*cells, bold=0))
    assert parsed.text.split("\n\n")[1:-1] == ["a 0\tb 0\tc 0", "a 1\tb 1\tc 1", "a 2\tb 2\tc 2"]
    assert parsed.coverage.tables == 0


def test_years_and_models_name_columns_of_values_in_plain_type_and_other_words_and_numbers_do_not() -> None:
    rows = (("Quay", "Ships 2021", "PX-2"), ("North", "412", "6.0"), ("East", "-", "9.5"), ("West", "398", "HC4"))
    page = Page()
    page.grid((60, 160, 260, 360), (700, 680, 660, 640, 620))
    for y, row in zip((686, 666, 646, 626), rows, strict=True):
        for x, words in zip((65, 165, 265), row, strict=True):
            page.write(x, y, words)
    assert read(page).text.split("\n\n")[1:] == [
        "Quay: North; Ships 2021: 412; PX-2: 6.0",
        "Quay: East; Ships 2021: -; PX-2: 9.5",
        "Quay: West; Ships 2021: 398; PX-2: HC4",
    ]
    page = Page()
    page.grid((60, 160, 260, 360), (700, 680, 660, 640, 620))
    page.content = page.content.replace("60 680 m 360 680 l S\n", "160 680 m 360 680 l S\n")
    page.content = page.content.replace("260 700 m 260 620 l S\n", "260 680 m 260 620 l S\n")
    for x, y, words in ((65, 675, "North"), (165, 686, "Ships"), (165, 666, "31"), (265, 666, "40")):
        page.write(x, y, words)
    for x, y, words in (
        (65, 646, "East"),
        (165, 646, "32"),
        (265, 646, "41"),
        (65, 626, "West"),
        (165, 626, "3"),
        (265, 626, "4"),
    ):
        page.write(x, y, words)
    assert ": " not in read(page).text
    page = Page()
    page.grid((60, 160, 260, 360), (700, 680, 660, 640))
    for y, row in zip(
        (686, 666, 646), (("Pier", "Berth 4", "Keepers"), ("North", "stores", "4"), ("East", "offices", "5")), strict=True
    ):
        for x, words in zip((65, 165, 265), row, strict=True):
            page.write(x, y, words)
    assert ": " not in read(page).text


@pytest.mark.parametrize(
    "lefts, tops", [((50, 560), (760, 560)), ((50, 300, 560), (760, 560)), (range(50, 560, 20), range(760, 560, -20))]
)
def test_frames_and_the_lines_of_charts_are_no_tables(lefts: Sequence[float], tops: Sequence[float]) -> None:
    lines = ["The board met in the spring and", "again in the autumn of that year,", "and agreed on both occasions."]
    plain, framed = Page(), Page()
    framed.grid(lefts, tops)
    for page in (plain, framed):
        for number, words in enumerate(lines):
            page.write(65, 700 - 14 * number, words)
    assert read(framed).text == read(plain).text == " ".join(lines)


def test_a_page_of_lines_without_end_is_read_as_if_it_had_none() -> None:
    page = ruled(*WRAPPED)
    for number in range(3000):
        page.rule(number % 600, 10, number % 600, 500 - number % 7)
    assert "Tom Reay of assessments" in read(page).text


def test_a_row_that_is_shaded_and_not_ruled_keeps_to_the_columns() -> None:
    page = Page()
    page.grid((60, 160, 260), (700, 680, 660, 640))
    page.content = page.content.replace("160 700 m 160 640 l S\n", "160 700 m 160 680 l S\n160 660 m 160 640 l S\n")
    for y, row in ((686, ("Quay", "Depth")), (666, ("North", "6.5 m")), (646, ("East", "8.0 m"))):
        for x, words in zip((65, 165), row, strict=True):
            page.write(x, y, words, bold=y == 686)
    assert read(page).text.split("\n\n") == ["Quay\tDepth", "Quay: North; Depth: 6.5 m", "Quay: East; Depth: 8.0 m"]


def test_a_table_open_at_its_sides_has_its_outer_columns() -> None:
    page = Page()
    page.grid((60, 160, 260, 360), (700, 680, 660, 640))
    page.content = page.content.replace("60 700 m 60 640 l S\n", "").replace("360 700 m 360 640 l S\n", "")
    for y, row in ((686, ("Quay", "Depth", "Cranes")), (671, ("North, the", "6.5 m", "two")), (646, ("East", "8.0 m", "five"))):
        for x, words in zip((65, 165, 265), row, strict=True):
            page.write(x, y, words, 9, bold=y == 686)
    page.write(65, 662, "old one", 9)
    rows = ["Quay: North, the old one; Depth: 6.5 m; Cranes: two", "Quay: East; Depth: 8.0 m; Cranes: five"]
    assert read(page).text.split("\n\n")[1:] == rows


def test_cells_of_several_lines_without_rules_do_not_run_into_one_another() -> None:
    page = Page()
    for x, y, words in (
        (60, 700, "Recruit twelve more keepers so"), (60, 686, "that no lamp goes without one"),
        (300, 700, "Head of Lamps and of"), (300, 686, "the outer mole"), (450, 700, "March 2024"),
        (60, 660, "Count all of the buoys that lie"), (60, 646, "outside of the harbour"), (300, 660, "Pilot master"),
    ):  # fmt: skip
        page.write(x, y, words)
    text = read(page).text
    assert "without one\n\nHead of Lamps" in text and "outer mole\n\nMarch 2024" in text
