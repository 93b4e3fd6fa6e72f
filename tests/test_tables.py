"""Rows of a PDF's tables read as Header: value; nothing that only looks like a table does."""

import zlib
from array import array

import pytest

from qa.formats.parsed import Parsed
from qa.formats.pdf import parse_pdf
from qa.pages import areas_of
from qa.records import Span
from tests.files.handmade import Page, pdf

LEFTS = (60, 200, 330, 450)


def laid(*rows: tuple[str, ...], bold: int = 0, above: str = "", lefts: tuple[int, ...] = LEFTS, step: int = 16) -> Parsed:
    """Return what is read of a page with a line and some rows below it, the first `bold` in bold type."""
    page = Page()
    page.write(60, 730, "An ordinary line of a report that goes on and on over all of the page's width, as lines do.")
    if above:
        page.write(lefts[0], 700 + step, above)
    for number, row in enumerate(rows):
        for left, cell in zip(lefts, row, strict=False):
            if cell:
                page.write(left, 700 - step * number, cell, bold=number < bold)
    page.write(
        60, 700 - step * len(rows) - 30, "And another such line stands below them, which has nothing to do with what is above it."
    )
    return parse_pdf(pdf([page]), lambda: None)


def rows_of(parsed: Parsed) -> list[str]:
    return parsed.text.split("\n\n")[1:-1]


QUAYS = (("Quay", "Depth", "Cranes"), ("North", "6.5 m", "two"), ("East", "8.0 m", "five"))
READ = ["Quay\tDepth\tCranes", "Quay: North; Depth: 6.5 m; Cranes: two", "Quay: East; Depth: 8.0 m; Cranes: five"]


def test_words_over_numbers_are_a_header() -> None:
    parsed = laid(*QUAYS)
    assert rows_of(parsed) == READ
    assert parsed.coverage.tables == 1


def test_a_line_in_type_of_its_own_is_a_header_and_cells_may_be_missing() -> None:
    parsed = laid(
        ("Port", "Master", "Flag"), ("Lybster", "Tom Reay"), ("Wick", "Ada Fenwick", "red"), ("Thurso", "", "blue"), bold=1
    )
    assert rows_of(parsed)[1:] == [
        "Port: Lybster; Master: Tom Reay", "Port: Wick; Master: Ada Fenwick; Flag: red", "Port: Thurso; Flag: blue"
    ]  # fmt: skip


def test_what_stands_over_the_rows_names_may_be_empty() -> None:
    parsed = laid(("", "2019", "2020"), ("Dues", "48,200", "51,000"), ("Dredging", "31,750", "(1,200)"))
    assert rows_of(parsed)[1:] == ["Dues; 2019: 48,200; 2020: 51,000", "Dredging; 2019: 31,750; 2020: (1,200)"]


@pytest.mark.parametrize(
    "header, rows",
    [
        (("Quay", "Ships 2021", "Ships 2022"), (("North", "412", "398"), ("East", "1,204", "1,310"))),
        (("Quay", "Budget 2021/22", "2022/23 actual"), (("North", "41.2", "39.8"), ("East", "12.0", "(13.1)"))),
        (("Quay", "Q1", "Q2", "Q3"), (("North", "4", "3", "9"), ("East", "2", "n/a", "5"), ("West", "6", "8", "1"))),
        (("", "Q1 2023", "Q2 2023"), (("Dues", "4", "3"), ("Dredging", "2", "5"))),
        (("", "2023", "Source"), (("Dues", "48,200", "books"), ("Dredging", "31,750", "bills"))),
        (("Assets", "31 March 2023", "31 March 2022"), (("Cash", "400", "310"), ("Boats", "250", "260"))),
        (("Measure", "PX-2", "PX-2B"), (("Lift (t)", "10", "12"), ("Reach (m)", "28", "34"), ("Hook class", "HC4", "HC4"))),
        # a name with digits beside one without, and what stands for no number
        (("Quay", "Keepers", "Class of 9"), (("North", "41", "3"), ("East", "nil", "4"), ("West", "12", "5"))),
        (("Quay", "Keepers", "Cranes"), (("North", "41", "two"), ("East", "-", "five"), ("West", "12", "one"))),
    ],
)  # fmt: skip
def test_names_with_digits_are_a_header_over_values(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    parsed = laid(header, *rows)
    named = [[f"{name}: {cell}" if name else cell for name, cell in zip(header, row, strict=True)] for row in rows]
    assert rows_of(parsed)[1:] == ["; ".join(cells) for cells in named]


def test_each_character_of_a_row_has_the_box_of_its_cell_or_of_its_header_and_what_is_put_between_has_none() -> None:
    parsed = laid(*QUAYS)
    (locator,) = parsed.locators
    boxes = array("H", zlib.decompress(locator.boxes))
    assert len(boxes) == 4 * len(parsed.text)
    start = parsed.text.index(READ[1])
    places = [tuple(boxes[4 * index : 4 * index + 4]) for index in range(start, start + len(READ[1]))]
    header = parsed.text.index("Depth")
    at = READ[1].index("Depth: 6.5")
    assert places[at : at + 5] == [tuple(boxes[4 * index : 4 * index + 4]) for index in range(header, header + 5)]
    assert {place for place, character in zip(places, READ[1], strict=True) if character in ":; "} == {(0, 0, 0, 0)}
    value = places[READ[1].index("6.5")]
    assert value[1] > places[at][3] and abs(value[0] - places[at][0]) < 100, "under its name"
    start = parsed.text.index(READ[2])
    areas = areas_of(parsed.locators, Span(start, start + len(READ[2])))
    assert len({round(area.top, 2) for area in areas}) == 2, "the header and the row are marked, and no other line"


@pytest.mark.parametrize(
    "parsed",
    [
        # a list of names and what they mean
        laid(("mole", "a wall in the sea"), ("quay", "a place to land"), ("buoy", "a float on a chain"), lefts=(60, 150)),
        # tables of contents, with dots and without
        laid(("Chapter", "Page"), ("Wind and water", "3"), ("Ships", "12"), bold=1, lefts=(60, 450)),
        laid(("Wind and water", ". . . . . 3"), ("Ships", ". . . . . . 12"), ("Money", ". . . . 15"), lefts=(60, 250)),
        laid(("1", "Wind and water", "3"), ("2", "Ships and cargo", "12"), ("3", "Money", "15")),
        # the second line of a cell stands above what would be a header
        laid(("Harbour", "none", "two"), ("East", "8.0", "five"), ("West", "7.0", "one"), above="Old fish"),
        # numbers without a header, and names that stand twice
        laid(("12", "13", "14"), ("22", "23", "24"), ("32", "33", "34")),
        laid(("Quay", "Depth", "Depth"), ("North", "6.5", "6.6"), ("East", "8.0", "8.1")),
        # a cell across two columns
        laid(("Quay", "Depth", "Cranes"), ("North", "6.5 m measured from the lowest tide", "two"), ("East", "8.0 m", "five")),
        # the first row of several has words, codes or days where others have numbers
        laid(("Founded", "1908"), ("Keepers", "702"), ("Boats", "12"), lefts=(60, 250)),
        laid(("Founded", "March 1908"), ("Keepers", "702"), ("Boats", "12"), lefts=(60, 250)),
        laid(("Hook class", "HC4"), ("Lift", "10 t"), ("Reach", "28 m"), lefts=(60, 250)),
        laid(("Founded", "1908", "Sold", "1987"), ("Keepers", "702", "Boats", "12"), ("Quays", "5", "Cranes", "31")),
        laid(("Mill", "1850", "1875"), ("Church", "1902", "1910"), ("School", "1877", "1899")),
        laid(("Opened", "12 May", "14 July"), ("Closed", "5 June", "9 July"), ("Mended", "7 July", "1 Sept")),
        laid(("North", "Berth 4", "Berth 5"), ("East", "Berth 1", "12"), ("West", "3", "14"), ("South", "5", "9")),
        laid(("North", "about 400", "about 30"), ("East", "320", "12"), ("West", "118", "11")),
        laid(("North", "Over 400", "Under 30"), ("East", "320", "12"), ("West", "118", "11")),
        laid(("North", "n/a", "nil"), ("East", "320", "12"), ("West", "118", "11")),
        laid(("Pier 7", "shut", "wrecked"), ("Pier 8", "320", "12"), ("Pier 9", "118", "11")),
        laid(("Pier", "Rooms 2", "Keepers"), ("North", "stores", "320"), ("East", "offices", "118")),
        laid(("North", "Berth 4", "Berth 5"), ("East", "12", "14"), ("West", "9", "10"), ("South", "under repair", "7")),
        laid(("Hook", "PX-2", "PX-3"), ("A", "C4", "C5"), ("B", "9", "8"), ("C", "2", "3"), ("D", "H4", "K5"), ("E", "K4", "H6")),
        laid(("Water", "10 t/m3", "11 t/m3"), ("Gas", "12", "13"), ("Oil", "5", "7")),
        # two rows
        laid(("Quay", "Depth"), ("North", "6.5 m")),
    ],
)  # fmt: skip
def test_what_is_not_certain_stays_as_it_is(parsed: Parsed) -> None:
    assert parsed.coverage.tables == 0
    assert ": " not in parsed.text and "; " not in parsed.text


def test_two_columns_of_text_under_bold_headings_are_no_table() -> None:
    left = "the mole was begun in the year and|finished after nineteen winters, for|which the board was praised by|all who came"
    right = "and the dues were paid by the ships|that called, of which forty carried|salted fish in barrels, counted|twice"
    page = Page()
    page.write(60, 700, "The long mole", bold=True)
    page.write(310, 700, "Money and dues", bold=True)
    for number, pair in enumerate(zip(left.split("|"), right.split("|"), strict=True)):
        page.write(60, 684 - 14 * number, pair[0])
        page.write(310, 684 - 14 * number, pair[1])
    parsed = parse_pdf(pdf([page]), lambda: None)
    assert parsed.coverage.tables == 0 and ":" not in parsed.text
