"""PDFs of three writers become their own words in order, each character with its box and its page."""

import io
import re
import zlib
from array import array
from functools import cache
from itertools import pairwise
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from PIL import Image

from qa.formats.boxes import UNIT, Box
from qa.formats.headings import Mark, mark_headings
from qa.formats.lines import Line
from qa.formats.parsed import Parsed, Unreadable
from qa.formats.pdf import PAGES, draw_page, page_numbers, parse_pdf
from qa.locators import Area
from qa.pages import areas_of
from qa.records import Span
from tests.files import harbour
from tests.files.handmade import Page, pdf

FILES = Path(__file__).parent / "files"
OCR = "have the words recognised with: qa index --ocr (it needs tesseract, in Debian: apt install tesseract-ocr)"
ROWS = ["; ".join(f"{name}: {cell}" for name, cell in zip(harbour.TABLE[0], row, strict=True)) for row in harbour.TABLE[1:]]
WRITERS = ("typst", "libreoffice", "chromium")
every_writer = pytest.mark.parametrize("writer", WRITERS)


def data(writer: str) -> bytes:
    return (FILES / f"harbour-{writer}.pdf").read_bytes()


@cache
def read(writer: str) -> Parsed:
    return parse_pdf(data(writer), lambda: None)


def page_of(parsed: Parsed, words: str) -> int:
    start = parsed.text.index(words)
    return max(locator.number for locator in parsed.locators if locator.start <= start)


@every_writer
def test_every_paragraph_stands_whole_once_and_in_order(writer: str) -> None:
    text = read(writer).text
    chapters = [" ".join([fact, *harbour.FILLER]) for _, fact in harbour.CHAPTERS]
    paragraphs = [*harbour.OPENING, *chapters, harbour.CROSSING, *harbour.BULLETS, *harbour.COLUMNS]
    assert [text.count(paragraph) for paragraph in paragraphs] == [1] * len(paragraphs)
    places = [text.index(paragraph) for paragraph in paragraphs]
    assert places == sorted(places)
    for one, other in pairwise(paragraphs):
        between = text[text.index(one) + len(one) : text.index(other)]
        assert "\n" in between, "paragraphs stay apart"
    for item in harbour.BULLETS:
        assert re.search(r"\n(?:• )?$", text[: text.index(item)]), "an item is a line of its own"


@every_writer
def test_nothing_is_there_that_was_not_written(writer: str) -> None:
    text = read(writer).text
    known = [harbour.TITLE, *harbour.OPENING, *harbour.FILLER, harbour.CROSSING, *harbour.BULLETS, *harbour.COLUMNS]
    known += [part for chapter in harbour.CHAPTERS for part in chapter] + ROWS + ["\t".join(harbour.TABLE[0])]
    known += [" ".join(harbour.TABLE[0])]
    for piece in sorted(known, key=len, reverse=True):
        text = text.replace(piece, "")
    assert set(text.split()) <= {"•"}, "headers, footers and page numbers are left out"


@every_writer
def test_rows_of_a_table_are_lines_of_their_own_under_their_header(writer: str) -> None:
    for row in ROWS:
        assert re.search(r"\n\n" + re.escape(row) + r"\n", read(writer).text)
    assert read(writer).coverage.tables == 1


@every_writer
def test_chapters_stand_on_the_pages_they_were_put_on_under_their_headings(writer: str) -> None:
    parsed = read(writer)
    assert parsed.coverage.pages == 10
    assert parsed.coverage.empty_pages == ()
    for number, (name, fact) in enumerate(harbour.CHAPTERS, start=2):
        assert page_of(parsed, fact) == number
        (heading,) = [heading for heading in parsed.headings if heading.text == name]
        assert parsed.text[heading.start : heading.end] == name
        assert parsed.text[heading.end :].lstrip().startswith(fact)
    assert page_of(parsed, "storm number 2 ") == 8
    assert page_of(parsed, "storm number 60") == 9
    assert page_of(parsed, harbour.COLUMNS[-1]) == 10


@every_writer
def test_metadata_is_the_files_own(writer: str) -> None:
    metadata = read(writer).metadata
    assert metadata["title"] == harbour.TITLE
    if writer != "chromium":  # which writes no author
        assert metadata["author"] == harbour.AUTHOR
    if writer == "typst":
        assert metadata["date"] == "2019-03-04"


@every_writer
def test_each_character_has_the_box_in_which_the_page_shows_it(writer: str) -> None:
    """PDFium is asked the other way round: what stands in this box?"""
    parsed = read(writer)
    document = pdfium.PdfDocument(data(writer))
    ends = [*(locator.start for locator in parsed.locators[1:]), len(parsed.text)]
    wrong: list[tuple[str, str]] = []
    total = 0
    for locator, end in zip(parsed.locators, ends, strict=True):
        between = {first + at for row in ROWS for first in [parsed.text.find(row)] for at, c in enumerate(row) if c in ":;"}
        boxes = array("H", zlib.decompress(locator.boxes))
        assert len(boxes) == 4 * (end - locator.start)
        page = document[locator.number - 1]
        textpage = page.get_textpage()
        width, height = page.get_size()
        for index, character in enumerate(parsed.text[locator.start : end]):
            left, top, right, bottom = boxes[4 * index : 4 * index + 4]
            if character.isspace() or locator.start + index in between:
                assert (left, top, right, bottom) == (0, 0, 0, 0)
                continue
            assert left < right and top < bottom
            x, y = (left + right) / 2 / UNIT * width, height - (top + bottom) / 2 / UNIT * height
            found = textpage.get_index(x, y, 1, 0.7 * (bottom - top) / UNIT * height)
            total += 1
            shown = "" if found is None else chr(pdfium_c.FPDFText_GetUnicode(textpage.raw, found)).replace("\uf0b7", "•")
            ligature = shown == "f" and character in "fi"
            if shown != character and not ligature:
                wrong.append((character, shown))
    assert total > 5000
    assert len(wrong) <= 0.001 * total, f"kerned pairs overlap; nothing else may miss: {wrong}"


@every_writer
def test_a_highlights_areas_hold_its_words_and_no_others(writer: str) -> None:
    parsed = read(writer)
    document = pdfium.PdfDocument(data(writer))
    sentences = [fact for _, fact in harbour.CHAPTERS] + harbour.COLUMNS + [harbour.CROSSING]
    for words in sentences:
        start = parsed.text.index(words)
        areas = areas_of(parsed.locators, Span(start, start + len(words)))
        told = ""
        for area in areas:
            page = document[area.page - 1]
            width, height = page.get_size()
            told += page.get_textpage().get_text_bounded(
                area.left * width - 0.5, height - area.bottom * height, area.right * width + 0.5, height - area.top * height
            )
        assert re.sub(r"[\s\x02￾-]", "", told) == re.sub(r"[\s-]", "", words)
        assert {area.page for area in areas} == ({8, 9} if words == harbour.CROSSING else {areas[0].page})


def test_the_image_of_a_page_is_marked_at_the_areas_and_nowhere_else() -> None:
    area = Area(7, 0.25, 0.5, 0.75, 0.6)
    plain = Image.open(io.BytesIO(draw_page(data("typst"), 7, [], 600))).convert("RGB")
    marked = Image.open(io.BytesIO(draw_page(data("typst"), 7, [area], 600))).convert("RGB")
    assert plain.size == marked.size and abs(plain.width - 600) <= 1
    for x in range(0, plain.width, 7):
        for y in range(0, plain.height, 7):
            inside = 0.26 < x / plain.width < 0.74 and 0.51 < y / plain.height < 0.59
            outside = not (0.24 < x / plain.width < 0.76 and 0.49 < y / plain.height < 0.61)
            if inside and plain.getpixel((x, y)) == (255, 255, 255):
                assert marked.getpixel((x, y)) == (255, 226, 89)
            if outside:
                assert marked.getpixel((x, y)) == plain.getpixel((x, y))


def test_two_columns_drawn_to_and_fro_are_read_one_after_the_other() -> None:
    left = [f"left column line {n} has words enough to fill" for n in range(1, 13)]
    right = [f"right column line {n} has words to fill it" for n in range(1, 13)]
    page = Page()
    for index, pair in enumerate(zip(left, right, strict=True)):
        page.write(50, 700 - 14 * index, pair[0])
        page.write(310, 700 - 14 * index, pair[1])
    text = parse_pdf(pdf([page]), lambda: None).text
    assert " ".join(text.split()) == " ".join([*left, *right])


def test_words_parted_at_line_ends_are_joined_and_hyphens_of_their_own_stay() -> None:
    page = Page()
    lines = ["The well-known pilot was re-", "ported to be a decision-", "making man; decision and making are words, and a well-",
             "known one met Anglo-", "American friends of his beside the quay of the town"]  # fmt: skip
    for index, line in enumerate(lines):
        page.write(50, 700 - 14 * index, line)
    assert parse_pdf(pdf([page]), lambda: None).text == (
        "The well-known pilot was reported to be a decision-making man; decision and making are words, "
        "and a well-known one met Anglo-American friends of his beside the quay of the town"
    )


def test_a_notes_mark_and_a_power_stay_apart_from_the_number_before_them() -> None:
    page = Page()
    page.content = (
        "BT /F1 11 Tf 50 700 Td (The ferry leaves at 06:40) Tj /F1 7 Tf 4 Ts (12) Tj 0 Ts /F1 11 Tf ( from a pier of 40 m) Tj"
    )
    page.content += " /F1 7 Tf 4 Ts (2) Tj 0 Ts /F1 11 Tf ( and H) Tj /F1 7 Tf -2 Ts (2) Tj ET"
    assert parse_pdf(pdf([page]), lambda: None).text == "The ferry leaves at 06:40¹² from a pier of 40 m² and H2"


def test_a_turned_page_has_its_boxes_where_it_is_shown() -> None:
    upright, turned = Page(), Page(rotate=90)
    for page in (upright, turned):
        page.write(100, 600, "Turned words")
    for page in (upright, turned):
        parsed = parse_pdf(pdf([page]), lambda: None)
        assert parsed.text == "Turned words"
        (area,) = areas_of(parsed.locators, Span(0, 1))
        image = Image.open(io.BytesIO(draw_page(pdf([page]), 1, [], 600))).convert("L")
        box = [
            round(v)
            for v in (area.left * image.width, area.top * image.height, area.right * image.width, area.bottom * image.height)
        ]
        assert image.crop(box).getextrema()[0] < 128, "the letter is in its box"


def test_pages_without_text_are_named_and_a_scan_is_told_from_a_blank_page() -> None:
    words, blank, scan = Page(), Page(), Page(image=True)
    words.write(50, 700, "One page has words.")
    coverage = parse_pdf(pdf([words, blank, scan, scan, words]), lambda: None).coverage
    assert (coverage.pages, coverage.empty_pages, coverage.unread_pages) == (5, (2, 3, 4), (3, 4))
    assert coverage.notes[0] == f"pages 3–4: an image without text; {OCR}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pdf([Page(image=True)] * 2), f"scanned: none of its 2 pages has a text layer; {OCR}"),
        (pdf([Page()]), "empty: none of its 1 pages has text"),
        (b"%PDF-1.7\nnothing", "corrupt, or no PDF; open it in a viewer and save or print a copy"),
        (b"hello", "corrupt, or no PDF; open it in a viewer and save or print a copy"),
        (pdf([Page()], encrypted=True), "encrypted; save a copy without a password"),
        (pdf([Page()] * (PAGES + 1)), f"{PAGES + 1:,} pages, more than {PAGES:,}; split it"),
    ],
)  # fmt: skip
def test_what_has_no_text_is_refused_with_reason_and_remedy(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_pdf(content, lambda: None)
    assert str(caught.value) == reason


def test_a_title_that_is_a_file_name_and_a_date_that_cannot_be_are_left_out() -> None:
    page = Page()
    page.write(50, 700, "Words.")
    made = pdf([page], Title="Microsoft Word - draft3.doc", Author="", CreationDate="D:00000000")
    assert dict(parse_pdf(made, lambda: None).metadata) == {}
    made = pdf([page], Title="Microsoft Word - The plan", CreationDate="D:20190230120000Z")
    assert dict(parse_pdf(made, lambda: None).metadata) == {"title": "The plan"}
    made = pdf([page], Title="x", CreationDate="D:201903")
    assert dict(parse_pdf(made, lambda: None).metadata) == {"title": "x", "date": "2019-03"}


def test_page_numbers_are_told_as_people_write_them() -> None:
    assert page_numbers([3]) == "page 3"
    assert page_numbers([1, 2, 3, 5, 7, 8]) == "pages 1–3, 5, 7–8"


def test_a_header_of_each_chapters_own_is_known_by_its_pages_number() -> None:
    pages = []
    for number, word in enumerate("Wind Rope Gull Salt Mole Tide Lamp Bell".split(), start=1):
        page = Page()
        page.write(50, 760, f"Of {word} and others {number + 12}")
        page.write(50, 400, f"In the year {1900 + number} the {word.lower()} was counted, and there were")
        page.write(50, 386, f"{number} of them.")
        pages.append(page)
    text = parse_pdf(pdf(pages), lambda: None).text
    assert "and others" not in text
    assert [f"there were {number} of them." in text for number in range(1, 9)] == [True] * 8


def test_rows_of_figures_and_numbered_headings_at_the_edges_of_pages_are_no_running_lines() -> None:
    pages, rows = [], []
    for number in range(1, 4):
        page = Page()
        page.write(50, 760, f"Annual report 2021 · page {number} of 3", 9)
        page.write(50, 738, f"Step {number}", 16)
        for y in range(720, 71, -16):
            row = [f"{'Ward ' if y % 32 else ''}{1901 + len(rows)}", str(113 + 5 * number), str(number)]
            for x, cell in zip((72, 200, 330), row, strict=True):
                page.write(x, y, cell)
            rows.append("\t".join(row))
        page.write(300, 30, f"- {number + 6} -")
        pages.append(page)
    text = parse_pdf(pdf(pages), lambda: None).text
    assert [part for part in text.split("\n\n") if "\t" in part] == rows
    assert [f"Step {number}" in text for number in range(1, 4)] == [True] * 3
    assert "Annual" not in text and "-" not in text


def test_page_numbers_that_begin_anew_or_are_roman_are_known_by_where_they_stand() -> None:
    pages = []
    for number in ("i", "ii", "1-1", "1-2", "2-1", "2-2", "2-3", "3", "4"):
        page = Page()
        page.write(50, 400, f"Words of page {number} of all.")
        page.write(300, 30, number)
        pages.append(page)
    assert re.findall(r"\n\n([^W].*)", parse_pdf(pdf(pages), lambda: None).text) == []


def test_a_paragraph_is_parted_from_the_next_by_space_indent_or_a_short_last_line() -> None:
    page = Page()
    lines = [
        (50, 700, "The first paragraph has two lines of about one length, and they"),
        (50, 686, "end here with a full stop at the edge of the column, as it goes."),
        (62, 672, "The second is set in by a little, as the printers of books do it,"),
        (50, 658, "and ends early."),
        (50, 644, "The third begins below at the edge and has to be read alone, too,"),
        (50, 630, "for the line above it had room for its first words. Its last line"),
        (50, 616, "is long enough to reach the edge of the column of this one page."),
        (50, 588, "The fourth stands apart by space and ends without more to be read"),
    ]
    for line in lines:
        page.write(*line)
    paragraphs = parse_pdf(pdf([page]), lambda: None).text.split("\n\n")
    assert [paragraph.split()[1] for paragraph in paragraphs] == ["first", "second", "third", "fourth"]


def test_a_title_the_file_does_not_name_is_the_largest_words_at_its_head() -> None:
    first = Page()
    for y, words, size in ((720, "The Weir of Holm", 24), (680, "1. Introduction", 14), (650, "The weir was built in 1903.", 11)):
        first.write(50, y, words, size)
    assert parse_pdf(pdf([first]), lambda: None).metadata["title"] == "The Weir of Holm"
    assert parse_pdf(pdf([first], Title="Its own"), lambda: None).metadata["title"] == "Its own"
    plain = Page()
    plain.write(50, 700, "All words are of one size here.")
    assert "title" not in parse_pdf(pdf([plain]), lambda: None).metadata
    second = Page()
    second.write(50, 700, "A large heading on the next page", 30)
    assert "title" not in parse_pdf(pdf([plain, second]), lambda: None).metadata


def test_a_header_over_two_columns_is_one_however_the_page_below_it_is_filled() -> None:
    pages = []
    for number in range(1, 4):
        page = Page()
        page.write(50, 760, "Harbour board")
        page.write(500, 760, "Spring 2019")
        for line in range(12):
            page.write(50, 700 - 14 * line, f"left column line {number}.{line} has words enough to fill")
            if number < 3:
                page.write(310, 700 - 14 * line, f"right column line {number}.{line} has words to fill it")
        page.write(50, 100, f"A note of page {'abc'[number - 1]} alone.")
        pages.append(page)
    text = parse_pdf(pdf(pages), lambda: None).text
    assert "Harbour board" not in text and "Spring 2019" not in text
    assert all(f"A note of page {letter} alone." in text for letter in "abc")


def test_what_a_browser_prints_around_a_page_is_no_text_of_it() -> None:
    page = Page()
    for x, y, words in (
        (20, 770, "11/25/26, 11:08 PM"),
        (280, 770, "Harbour plan"),
        (20, 20, "https://example.org/plan"),
        (580, 20, "1/1"),
    ):
        page.write(x, y, words, 8)
    page.write(50, 700, "The plan was agreed on 4/5/2019, 10:00 sharp.")
    parsed = parse_pdf(pdf([page]), lambda: None)
    assert parsed.text == "The plan was agreed on 4/5/2019, 10:00 sharp."
    assert parsed.coverage.notes == ("2 running headers, footers and page numbers left out",)


def test_raised_digits_of_the_fonts_own_are_told_by_their_shape() -> None:
    """Typst sets a note's mark as a glyph of its own, in a box as high as any other."""
    parsed = parse_pdf((FILES / "notes-typst.pdf").read_bytes(), lambda: None)
    assert parsed.text == "The ferry leaves at 06:40¹ every day, 12 of them in 2019.\n\n¹Set in 2019 by the board."


def test_words_hidden_in_a_page_are_not_read() -> None:
    page = Page()
    page.write(50, 700, "The plan was agreed in May.")
    page.content += "3 Tr "
    page.write(50, 680, "It was agreed in June.")
    assert parse_pdf(pdf([page]), lambda: None).text == "The plan was agreed in May."


def test_numbered_paragraphs_are_no_rows_of_a_table() -> None:
    page = Page()
    for number, words in enumerate(("The board may close the harbour.", "It must tell all masters of ships.")):
        page.write(50, 700 - 30 * number, f"2.{number + 1}")
        page.write(90, 700 - 30 * number, words)
    assert parse_pdf(pdf([page]), lambda: None).text.split("\n\n") == [
        "2.1 The board may close the harbour.", "2.2 It must tell all masters of ships."
    ]  # fmt: skip


def test_rows_that_begin_with_a_letter_drawn_alone_stay_apart_on_a_page_of_short_cells() -> None:
    page = Page()
    for number, (item, price) in enumerate([("Type", "Price"), ("Tea", "£1.20"), ("Toast", "£1.10"), ("Tart", "£0.90")]):
        for x, words in ((50, item[0]), (56.7, item[1:]), (400, price)):
            page.write(x, 700 - 18 * number, words)
    assert parse_pdf(pdf([page]), lambda: None).text.split("\n\n") == [
        "Type\tPrice", "Type: Tea; Price: £1.20", "Type: Toast; Price: £1.10", "Type: Tart; Price: £0.90"
    ]  # fmt: skip


def test_letters_of_no_height_cost_nothing_but_themselves() -> None:
    page = Page()
    page.write(50, 700, "The plan was agreed in May.")
    page.content += "BT /F1 11 Tf 1 0 0 0 50 20 Tm (flat) Tj ET\n"
    assert parse_pdf(pdf([page]), lambda: None).text.startswith("The plan was agreed in May.")


def test_lines_recognised_in_sizes_that_differ_a_little_are_one_paragraph() -> None:
    page = Page(image=True)
    page.content += "3 Tr "
    for number, size in enumerate((10, 11.6, 10, 11.5, 10)):
        page.write(60, 600 - 14 * number, "the mole was begun in the spring and was finished in the autumn of", size)
    parsed = parse_pdf(pdf([page]), lambda: None)
    assert "\n\n" not in parsed.text and parsed.coverage.recognised_pages == (1,)


@pytest.mark.parametrize("head", ["", "A line above all others"])
def test_notes_that_are_drawn_first_are_read_last(head: str) -> None:
    page = Page()
    drawn = [
        (760, head),
        (60, "1 By Ada Fenwick."),
        (48, "2 By Tom Reay."),
        (700, "The mole was begun in the spring."),
        (660, "It is old."),
    ]
    for y, words in drawn:
        if words:
            page.write(50, y, words, 8 if y < 100 else 11)
    text = parse_pdf(pdf([page]), lambda: None).text
    expected = [head, "The mole was begun in the spring.", "It is old.", "1 By Ada Fenwick.", "2 By Tom Reay."]
    assert text.split("\n\n") == [words for words in expected if words]


def test_a_heading_above_a_table_is_one_and_large_words_above_a_column_or_in_a_row_are_not() -> None:
    page = Page()
    page.write(50, 740, "Summary", 16)
    page.write(50, 720, "The mole and its quays were looked at by two inspectors in the spring of that year.")
    for y, words, left in ((690, "Key figures", 50), (600, "Compared", 300), (510, "Small\tLarge", 120)):
        for number, part in enumerate(words.split("\t")):
            page.write(left + 180 * number, y, part, 16)
        for row, cells in enumerate((("Quay", "Ships"), ("North", "412"), ("East", "398"))):
            page.write(120, y - 22 - 14 * row, cells[0])
            page.write(300, y - 22 - 14 * row, cells[1])
    parsed = parse_pdf(pdf([page]), lambda: None)
    assert [heading.text for heading in parsed.headings] == ["Summary", "Key figures"]


def headings(*pages: tuple[tuple[float, str], ...]) -> list[tuple[int, str]]:
    """Return the headings of pages whose lines are written one below the other, each in its size."""
    written = []
    for lines in pages:
        page, y = Page(), 760.0
        for size, words in lines:
            y -= 1.6 * size
            page.write(50, y, words, size)
        written.append(page)
    return [(heading.level, heading.text) for heading in parse_pdf(pdf(written), lambda: None).headings]


PROSE = (11, "The mole and its quays were looked at by two inspectors in the spring of that year, and again in the autumn.")
BEGUN = ((16, "Foreword"), *[PROSE] * 9)


def test_a_heading_over_a_smaller_one_is_one_and_parts_are_its_own() -> None:
    found = headings((*BEGUN, (16, "The keepers and their year"), (13, "A fire on the mole"), PROSE, (13, "Ships"), PROSE))
    assert found == [(1, "Foreword"), (1, "The keepers and their year"), (2, "A fire on the mole"), (2, "Ships")]


@pytest.mark.parametrize(
    "words", ["418 ships", '"We lost the lamp"', "Table 3: Ships", "we never looked back", "ada@holm.example"]
)
def test_figures_quotes_and_captions_above_a_heading_are_none(words: str) -> None:
    assert headings((*BEGUN, (16, words), (13, "Ships"), PROSE)) == [(1, "Foreword"), (2, "Ships")]


def test_large_words_far_from_a_heading_or_beside_it_name_no_part_of_it() -> None:
    for x, y in ((50, 300), (320, 470)):
        page = Page()
        page.write(50, 740, "Foreword", 16)
        for number in range(14):
            page.write(50, 720 - 16 * number, PROSE[1])
        page.write(x, 490 if x > 50 else 420, "The keeper looks back", 16)
        page.write(50, y, "Ships", 13)
        page.write(50, y - 20, PROSE[1])
        found = [heading.text for heading in parse_pdf(pdf([page]), lambda: None).headings]
        assert found == ["Foreword", "Ships"]


def test_a_heading_that_ends_a_page_is_one_where_the_next_begins_a_paragraph() -> None:
    first, prose = (
        (*BEGUN, (16, "5. Lamps")),
        (11, "Oil is burned in the older of the lamps, and gas in those which were put up after them."),
    )
    assert headings(first, (prose, prose)) == [(1, "Foreword"), (1, "5. Lamps")]
    assert headings(first, ((13, "Oil"), prose)) == [(1, "Foreword"), (1, "5. Lamps"), (2, "Oil")]
    goes_on = (11, "and went on to the end of it, as what a quote parts does, over all of the page.")
    assert headings(first, (goes_on, prose)) == [(1, "Foreword")]
    assert headings(first, ((16, "6. Oil"), prose)) == [(1, "Foreword"), (1, "6. Oil")]
    assert headings(first) == [(1, "Foreword")]
    assert headings((*BEGUN, (24, "Lamps that never fail")), (prose, prose)) == [(2, "Foreword")], "of no heading's size"
    assert headings(((16, "The lamps of Holm"),), (prose, *BEGUN)) == [(1, "Foreword")], "a cover"


def test_of_headings_of_one_size_the_first_is_the_title() -> None:
    page = Page()
    for number, (words, size) in enumerate((("The plan", 20), ("Costs", 20.1))):
        page.write(50, 700 - 100 * number, words, size)
        page.write(50, 660 - 100 * number, "An ordinary line of a report that goes on and on over all of the width, as lines do.")
    assert parse_pdf(pdf([page]), lambda: None).metadata["title"] == "The plan"


def levels(outline: list[Mark], *pages: str) -> dict[str, int]:
    """Return the level of each line that an outline makes a heading; a page's lines are parted by |."""
    lines = [
        [Line(number, text, array("i"), Box(0, 0, 1, 1), 11, 0, False) for text in page.split("|")]
        for number, page in enumerate(pages, start=1)
    ]
    mark_headings(lines, outline)
    return {line.text: line.level for page in lines for line in page if line.level}


def test_an_appendix_is_found_under_its_letter_and_stands_beside_the_chapters() -> None:
    outline = [Mark("4 Functions", 1, 1), Mark("A Copying", 1, 2), Mark("Licence", 2, 2), Mark("Old papers", 1, 3)]
    pages = ("4 Functions|They are many.", "Appendix A Copying|A.1 Licence|Anyone may copy.", "Schedule 2 Old papers")
    shown = levels(outline, *pages)
    assert shown == {"4 Functions": 1, "Appendix A Copying": 1, "A.1 Licence": 2, "Schedule 2 Old papers": 1}
    assert levels([Mark("Copying", 1, 1)], "Words before and no more of Copying") == {}
    assert levels([Mark("Copying", 1, 1)], "Section on all that we know of Copying") == {}


def test_sections_of_a_chapter_that_stands_on_no_line_are_not_told_as_the_chapters_before() -> None:
    outline = [
        Mark("1 Mills", 1, 1),
        Mark("1.1 Water", 2, 1),
        Mark("2 Drawn as an image", 1, 2),
        Mark("2.1 Wind", 2, 2),
        Mark("2.1.1 Sails", 3, 2),
        Mark("2.2 Steam", 2, 2),
        Mark("3 Ends", 1, 2),
        Mark("3.1 Fire", 2, 2),
    ]
    shown = levels(outline, "1 Mills|1.1 Water|It turns.", "2.1 Wind|2.1.1 Sails|2.2 Steam|It hisses.|3 Ends|3.1 Fire")
    expected = {"1 Mills": 1, "1.1 Water": 2, "2.1 Wind": 1, "2.1.1 Sails": 2, "2.2 Steam": 1, "3 Ends": 1, "3.1 Fire": 2}
    assert shown == expected
