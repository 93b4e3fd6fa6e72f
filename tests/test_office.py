"""Slides, sheets, OpenDocument, books, rich text and e-mail: the same facts from each, with the place they stand."""

import io
import zipfile
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import openpyxl.comments
import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches

from qa import Engine
from qa.answer import Citation
from qa.formats.child import parse
from qa.formats.parsed import Parsed, Unreadable
from qa.formats.restructured import parse_rst
from qa.loaders import load
from qa.records import Locator
from qa.render import place, position
from qa.sandbox import Sandbox
from tests.files import harbour
from tests.indexes import qa, rebuild

FILES = Path(__file__).parent / "files"
ROWS = [
    "Quay: North; Depth: 6.5 m; Cranes: two",
    "Quay: East; Depth: 8.0 m; Cranes: five",
    "Quay: Fish market; Depth: 4.2 m; Cranes: none",
]


def read(name: str) -> Parsed:
    return parse(Path(name).suffix, (FILES / name).read_bytes(), lambda: None)


def located(parsed: Parsed, words: str) -> tuple[str, int, str | None]:
    """Return the part that some words stand in."""
    start = parsed.text.index(words)
    found = [item for item in parsed.locators if item.start <= start][-1]
    return found.kind, found.number, found.name


@pytest.mark.parametrize("name", ["text.odt", "text.epub", "text.html", "text.docx"])
def test_texts_of_libreoffice_hold_headings_paragraphs_and_rows_in_order(name: str) -> None:
    parsed = read(name)
    heading, fact = harbour.CHAPTERS[0]
    assert parsed.text.replace("• ", "") == "\n\n".join([heading, fact, "Quays", *ROWS, harbour.BULLETS[0]])
    assert parsed.metadata["title"] == harbour.TITLE and parsed.metadata["author"] == harbour.AUTHOR
    if name != "text.epub":  # whose headings LibreOffice writes as paragraphs
        assert [(parsed.text[h.start : h.end], h.level) for h in parsed.headings] == [(heading, 1), ("Quays", 2)]


def test_rich_text_holds_its_words() -> None:
    expected = "\n\n".join([*harbour.CHAPTERS[0], "Quays", *ROWS, harbour.BULLETS[0]])
    assert read("text.rtf").text.replace("• ", "") == expected


@pytest.mark.parametrize("name", ["slides.pptx", "slides.odp"])
def test_slides_are_parts_with_their_titles_as_headings(name: str) -> None:
    parsed = read(name)
    slides = [text for chapter in harbour.CHAPTERS[:3] for text in chapter]
    assert parsed.text == "\n\n".join([*slides, harbour.FILLER[0]])
    for number, (title, fact) in enumerate(harbour.CHAPTERS[:3], start=1):
        assert located(parsed, fact) == ("slide", number, title)
        assert located(parsed, title) == ("slide", number, title)
    assert located(parsed, harbour.FILLER[0])[1] == 3, "speakers' notes belong to their slide"


def test_shapes_are_read_from_the_top_down_tables_as_rows_groups_together_and_empty_slides_are_named() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    for text, left, top in (("low", 1, 5), ("right", 6, 1), ("left", 1, 1)):
        slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1)).text_frame.text = text
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    for cell, text in zip(table.iter_cells(), ("Ship", "Flag", "Gull", "Wick"), strict=True):
        cell.text = text
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(6), Inches(2), Inches(1)).text_frame.text = "grouped"
    presentation.slides.add_slide(presentation.slide_layouts[6])
    out = io.BytesIO()
    presentation.save(out)
    parsed = parse(".pptx", out.getvalue(), lambda: None)
    assert parsed.text == "left\n\nright\n\nShip: Gull; Flag: Wick\n\nlow\n\ngrouped"
    assert (parsed.coverage.pages, parsed.coverage.empty_pages) == (2, (2,))
    assert parsed.coverage.notes == ("slide 2: no text on them",)


def test_shapes_with_the_titles_number_and_those_of_which_there_is_a_choice_are_read() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Tides"
    for number, text in enumerate(("same", "new", "old")):
        slide.shapes.add_textbox(Inches(1), Inches(3 + number), Inches(2), Inches(1)).text_frame.text = text
    same, new, old = (shape._element for shape in list(slide.shapes)[1:])
    same.nvSpPr.cNvPr.set("id", str(slide.shapes.title.shape_id))
    names = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:x="x"'
    ink = parse_xml(f"<p:contentPart {nsdecls('p')}/>")
    either = parse_xml(f'<mc:AlternateContent {names}><mc:Choice Requires="x"/><mc:Fallback/></mc:AlternateContent>')
    same.addnext(either)
    either[0].extend([new, ink])
    either[1].append(old)
    out = io.BytesIO()
    presentation.save(out)
    assert parse(".pptx", out.getvalue(), lambda: None).text.split("\n\n") == ["Tides", "same", "new"]


def test_a_cell_of_a_slide_that_spans_rows_stands_beside_each() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = slide.shapes.add_table(3, 4, 0, 0, Inches(4), Inches(1)).table
    texts = ("Region", "Year", "Sales", "Costs", "North", "2020", "5", "3", "", "2021", "none", "")
    for cell, text in zip(table.iter_cells(), texts, strict=True):
        cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(2, 2).merge(table.cell(2, 3))
    out = io.BytesIO()
    presentation.save(out)
    rows = ["Region: North; Year: 2020; Sales: 5; Costs: 3", "Region: North; Year: 2021; Sales: none; Costs: none"]
    assert parse(".pptx", out.getvalue(), lambda: None).text.split("\n\n") == rows


@pytest.mark.parametrize("name", ["sheet.xlsx", "sheet.xls", "sheet.ods"])
def test_rows_read_as_header_and_value_and_know_sheet_and_row(name: str) -> None:
    parsed = read(name)
    dues = ["Harbour dues by year", "Year: 2019; Crowns: 48200", "Year: 2020; Crowns: 31750.5"]
    assert parsed.text == "\n\n".join(["Quays", *ROWS, "Dues", *dues])
    for number, row in enumerate(ROWS, start=2):
        assert located(parsed, row) == ("row", number, "Quays")
    assert [located(parsed, row) for row in dues] == [("row", 1, "Dues"), ("row", 4, "Dues"), ("row", 5, "Dues")]
    assert [heading.text for heading in parsed.headings] == ["Quays", "Dues"]


def test_cells_read_as_a_sheet_shows_them_and_numbers_alone_have_no_header() -> None:
    book = openpyxl.Workbook()
    import datetime

    for row in ([1, 2.5], [True, datetime.datetime(2021, 5, 6)], [None, datetime.time(9, 30)]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    assert parse(".xlsx", out.getvalue(), lambda: None).text == "Sheet\n\n1 | 2.5\n\ntrue | 2021-05-06\n\n09:30:00"


def test_a_workbook_reads_as_it_is_seen_and_says_what_it_could_not_read() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Dues"
    for row in (
        ["Quay", "Ship", "Rate", "Sum"],
        ["North", "Ida", 0.07, 0.1 + 0.2],
        [None, "Tom", 1.125, 3],
        ["All", None, None, "=SUM(D2:D3)"],
    ):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet["C2"].number_format, sheet["C3"].number_format = "0%", '0.0 "of 100%"'
    book.create_sheet("Pins").append(["Tom", 4711])
    book["Pins"].sheet_state = "hidden"
    book.properties.title, book.properties.creator = "The dues", "Ada Fenwick"
    out = io.BytesIO()
    book.save(out)
    parsed = parse(".xlsx", out.getvalue(), lambda: None)
    rows = ["Quay: North; Ship: Ida; Rate: 7%; Sum: 0.3", "Quay: North; Ship: Tom; Rate: 1.125; Sum: 3", "Quay: All"]
    assert parsed.text.split("\n\n") == ["Dues", *rows, "Pins", "Tom | 4711"]
    assert (parsed.metadata["title"], parsed.metadata["author"]) == ("The dues", "Ada Fenwick")
    assert parsed.coverage.notes == (
        "hidden sheets, which were read too: Pins",
        "formulas without a saved value, which were not read: 1 on Dues; open it in its own program and save it",
    )


def content(body: str) -> str:
    """Return what an OpenDocument file says, its body given."""
    parts = {name: name for name in ("office", "text", "table")} | {"draw": "drawing", "svg": "svg-compatible"}
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{part}:1.0"' for name, part in parts.items())
    return f"<office:document-content {names}><office:body>{body}</office:body></office:document-content>"


def test_a_spanned_cell_of_opendocument_shifts_no_others() -> None:
    cells = "<table:table-cell{0}><text:p>{1}</text:p></table:table-cell>"
    rows = [
        cells.format("", "Quay") + cells.format("", "Berth") + cells.format("", "Depth"),
        cells.format(' table:number-rows-spanned="2"', "North") + cells.format("", "N1") + cells.format("", "6 m"),
        "<table:covered-table-cell/>" + cells.format("", "N2") + cells.format("", "7 m"),
        cells.format(' table:number-columns-spanned="2"', "East") + "<table:covered-table-cell/>" + cells.format("", "8 m"),
    ]
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    data = archive(content_xml=content(f"<office:text><table:table>{body}</table:table></office:text>"))
    expected = ["Quay: North; Berth: N1; Depth: 6 m", "Quay: North; Berth: N2; Depth: 7 m", "Quay: East; Depth: 8 m"]
    assert parse(".odt", data, lambda: None).text.split("\n\n") == expected


def test_what_a_picture_is_called_and_what_is_said_of_a_cell_are_no_words_of_a_text() -> None:
    picture = "<draw:frame><draw:image/><svg:title>Logo</svg:title><svg:desc>A red boat in 1920</svg:desc></draw:frame>"
    comment = "<office:annotation><text:p>Is that so?</text:p></office:annotation>"
    rows = (("Quay", "Opened"), ("North", comment + "1908"))
    cells = (f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for row in rows for cell in row)
    body = "".join(f"<table:table-row>{first}{second}</table:table-row>" for first, second in zip(cells, cells, strict=True))
    words = f"<office:text><text:p>The port opened{picture} in 1908.</text:p><table:table>{body}</table:table></office:text>"
    parsed = parse(".odt", archive(content_xml=content(words)), lambda: None)
    assert parsed.text.split("\n\n") == ["The port opened in 1908.", "Quay: North; Opened: 1908"]


@pytest.mark.parametrize(
    ("ending", "data"),
    [
        (".csv", "Quay;Depth\r\nNorth;6,5 m\r\n\r\n\"East\nnew\";\"8 \"\"m\"\"\"\r\n".encode("cp1252")),
        (".csv", b"\xef\xbb\xbfQuay,Depth\nNorth,\"6,5 m\"\n\n\"East\nnew\",\"8 \"\"m\"\"\"\n"),
        (".tsv", "Quay\tDepth\nNorth\t6,5 m\n\n\"East\nnew\"\t\"8 \"\"m\"\"\"\n".encode("utf-16")),
    ],
)  # fmt: skip
def test_tables_of_text_are_read_in_any_encoding_with_the_line_each_row_begins_on(ending: str, data: bytes) -> None:
    parsed = parse(ending, data, lambda: None)
    assert parsed.text == 'Quay: North; Depth: 6,5 m\n\nQuay: East new; Depth: 8 "m"'
    assert [(item.kind, item.number) for item in parsed.locators] == [("row", 2), ("row", 4)]


LONG = "How satisfied are you with all that the board has done for the harbour and for its ships since 2019?"


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("Quay,2021,2022\nA,1026,2026\nB,1020,2020", ["Quay: A; 2021: 1026; 2022: 2026", "Quay: B; 2021: 1020; 2022: 2020"]),
        (",2021/22,2020/21\nDues,5,6\nFees,7,8", ["Dues; 2021/22: 5; 2020/21: 6", "Fees; 2021/22: 7; 2020/21: 8"]),
        ("Ann,1901,1950\nBob,1920,1960", ["Ann | 1901 | 1950", "Bob | 1920 | 1960"]),
        ("North,1950,1908,1960\nEast,12,7,40", ["North | 1950 | 1908 | 1960", "East | 12 | 7 | 40"]),
        ("#,Quay,Clerk\n1,North,Ada", ["#: 1; Quay: North; Clerk: Ada"]),
        ("1,North,Ada\n2,East,Tom", ["1 | North | Ada", "2 | East | Tom"]),
        ("Name,Phone,Phone\nAda,01,04\nTom,07,08", ["Name: Ada; Phone: 01; Phone: 04", "Name: Tom; Phone: 07; Phone: 08"]),
        ("Ada,Yes,Yes\nTom,No,No", ["Ada | Yes | Yes", "Tom | No | No"]),
        (f"Name,{LONG}\nAda,Very", [f"Name: Ada; {LONG.rstrip('?')}: Very"]),
        (f"Ada,Wick,{LONG[:-1]}\nTom,Thurso,no", [f"Ada | Wick | {LONG[:-1]}", "Tom | Thurso | no"]),
    ],
)  # fmt: skip
def test_one_name_that_is_a_year_a_sign_long_or_there_twice_takes_no_others_away(table: str, rows: list[str]) -> None:
    assert parse(".csv", table.encode(), lambda: None).text.split("\n\n") == rows


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ("Address,12 Quay Street|Owner,Ann Lee|Monthly rent,£640", False),
        ("Project,Harbour wall|Manager,Ann Lee|Budget,120000", False),
        ("Captain,Tom Reay|Mate,Ada Fenwick|Tonnage,120", False),
        ("Name,Role|Ann,Manager|Bob,Clerk", True),
        ("question,answer|Is it open,Yes|Who is chair,Ann Lee", True),
        ("Term,Meaning|Tenant,who pays|Deposit,what is held", True),
        ("Ship,Home port|Gull,Wick|Tern,Thurso", True),
        ("Quay,Votes 2021|North,31|East,40", True),
        ("Prepared by,Ann Lee|Item,Budget,Actual|Rent,100,110", False),
    ],
)
def test_the_first_of_names_and_values_is_no_header(rows: str, named: bool) -> None:
    cells = [row.split(",") for row in rows.split("|")]
    told = [" | ".join(row) for row in cells]
    if named:
        told = ["; ".join(f"{name}: {cell}" for name, cell in zip(cells[0], row, strict=True)) for row in cells[1:]]
    assert parse(".csv", rows.replace("|", "\n").encode(), lambda: None).text.split("\n\n") == told


def mail(subject: str, text: str, **more: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Ada Fenwick <ada@example.org>", "board@example.org"
    message["Date"], message["Subject"] = "Thu, 06 May 2021 10:00:00 +0200", subject
    message.set_content(text)
    return message


def test_a_message_tells_sender_date_and_subject_and_names_what_was_not_read() -> None:
    message = mail("Tide täbles", "First line\nof words.\n\nSecond.")
    message.add_alternative("<p>Other <b>words</b></p>", subtype="html")
    message.add_attachment(b"x", maintype="image", subtype="png", filename="map.png")
    parsed = parse(".eml", message.as_bytes(), lambda: None)
    head = "From: Ada Fenwick <ada@example.org>; To: board@example.org; Date: Thu, 06 May 2021 10:00:00 +0200"
    assert parsed.text == f"Tide täbles\n\n{head}\n\nFirst line\nof words.\n\nSecond."
    assert parsed.locators == (Locator(0, "message", 1, "Tide täbles"),)
    assert dict(parsed.metadata) == {"title": "Tide täbles", "author": "Ada Fenwick <ada@example.org>", "date": "2021-05-06"}
    assert parsed.coverage.notes == ("1 attachments not read: map.png",)


def test_a_message_sent_on_stands_under_its_own_sender() -> None:
    message, inner = mail("Fwd", "See below."), mail("Crane", "The crane is broken.")
    inner.replace_header("From", "Tom Reay <tom@example.org>")
    message.add_attachment(inner)
    head = "Forwarded message: Subject: Crane; From: Tom Reay <tom@example.org>; To: board@example.org"
    expected = f"See below.\n\n{head}; Date: Thu, 06 May 2021 10:00:00 +0200\n\nThe crane is broken."
    assert parse(".eml", message.as_bytes(), lambda: None).text.endswith(expected)


def test_a_message_of_html_alone_is_read_without_its_markup() -> None:
    message = mail("S", "")
    message.set_content("<style>p{}</style><p>Only <b>this</b>.</p>", subtype="html")
    assert parse(".eml", message.as_bytes(), lambda: None).text.endswith("\n\nOnly this.")


@pytest.mark.parametrize(
    ("plain", "page", "read"),
    [
        (
            "View this email in your browser: https://a.example/n/12",
            "<p>The fee for a mooring rises to 42 pounds on 1 April.",
            "page",
        ),
        ("https://a.example/n/12", "<p>Fee: 42.", "page"),
        ("See: www.a.example/one/two/three/four", "<p>Fee: 42.", "page"),
        ("The fee is 42 pounds.", "<p>The fee is <b>42</b> pounds.<p>The board", "plain"),
        ("The fee rises. " * 10, "<p>" + "The fee rises. " * 100, "plain"),
        ("View this email in your browser.", "", "plain"),
    ],
)
def test_html_is_read_where_the_text_beside_it_only_points_at_it(plain: str, page: str, read: str) -> None:
    message = mail("S", plain)
    message.add_alternative(page, subtype="html")
    expected = plain.strip() if read == "plain" else page.removeprefix("<p>")
    assert parse(".eml", message.as_bytes(), lambda: None).text.split("\n\n")[2:] == [expected]


def test_a_message_that_calls_windows_1252_by_a_smaller_name_is_read_as_it_was_written() -> None:
    for name in ("iso-8859-1", "us-ascii"):
        head = f"Subject: =?iso-8859-1?Q?Ann=92s_fee?=\nContent-Type: text/plain; charset={name}\n"
        assert (
            parse(".eml", head.encode() + b"Content-Transfer-Encoding: 8bit\n\nAnn\x92s 5 \x80.", lambda: None).text
            == "Ann’s fee\n\nAnn’s 5 €."
        )


def test_what_a_message_quotes_of_an_earlier_one_is_left_out_and_the_report_says_so() -> None:
    text = (
        "No, on 13 July.\n\n>From here on it is mine.\n\nOn Fri, 7 Jun 2024 at 09:30, Owen Price\n<owen@example.org> wrote:\n"
        "\n> Can it be on 20 July?\n>\n>> On 6 June it was.\nYes to this.\n\nOwen wrote:\n> Bring two. \nI will."
    )
    parsed = parse(".eml", mail("S", text).as_bytes(), lambda: None)
    assert parsed.text.split("\n\n")[2:] == ["No, on 13 July.", ">From here on it is mine.", "Yes to this.", "I will."]
    assert parsed.coverage.notes == ("7 lines quoted from earlier messages left out",)
    own = "Dear all,\n\nOn Friday 3 May the hall is closed.\n\nJane Smith wrote:\n> When?\n"
    parsed = parse(".eml", mail("S", own).as_bytes(), lambda: None)
    assert parsed.text.split("\n\n")[2:] == ["Dear all,", "On Friday 3 May the hall is closed."]
    assert parsed.coverage.notes == ("2 lines quoted from earlier messages left out",)
    parsed = parse(".eml", mail("S", "> All of it is quoted.\n").as_bytes(), lambda: None)
    assert (parsed.text.endswith("\n\n> All of it is quoted."), parsed.coverage.notes) == (True, ()), "else nothing is left"


def test_a_mailbox_is_its_messages_in_order() -> None:
    box = b"".join(
        b"From ada@example.org Thu May  6 10:00:00 2021\n"
        + mail(subject, text).as_bytes().replace(b"\nFrom ", b"\n>From ")
        + b"\n"
        for subject, text in (("One", "Words of one.\n\nFrom here on 2021\nmore"), ("Two", "Words of two."))
    )
    parsed = parse(".mbox", box, lambda: None)
    assert located(parsed, "Words of one.") == ("message", 1, "One, from Ada Fenwick <ada@example.org>, on 2021-05-06")
    assert located(parsed, "From here on 2021\nmore") == ("message", 1, "One, from Ada Fenwick <ada@example.org>, on 2021-05-06")
    assert located(parsed, "Words of two.") == ("message", 2, "Two, from Ada Fenwick <ada@example.org>, on 2021-05-06")
    assert dict(parsed.metadata) == {}


def archive(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def book(chapter: str | bytes, **more: str) -> bytes:
    """Return a book of one chapter, with any more parts."""
    container = "<container><rootfiles><rootfile full-path='in/book.opf'/></rootfiles></container>"
    package = "<package><manifest><item id='a' href='one%201.xhtml'/></manifest><spine><itemref idref='a'/></spine></package>"
    out = io.BytesIO(archive(**{"META-INF__container_xml": container, "in__book_opf": package}, **more))
    with zipfile.ZipFile(out, "a") as file:
        file.writestr("in/one 1.xhtml", chapter)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "iso-8859-2"])
def test_chapters_are_read_in_the_encoding_that_they_are_in(encoding: str) -> None:
    page = f"<?xml version='1.0' encoding='{encoding.removesuffix('-sig')}'?>\n<html><body><p>Kraków é</p></body></html>"
    assert parse(".epub", book(page.encode(encoding)), lambda: None).text == "Kraków é"


def locks(part: str) -> str:
    """Return what a book says of a part that is encrypted."""
    return f"<encryption><e:EncryptedData xmlns:e='x'><e:CipherReference URI='{part}'/></e:EncryptedData></encryption>"


def test_a_book_whose_fonts_alone_are_encrypted_is_read() -> None:
    locked = {"META-INF__encryption_xml": locks("in/font.otf")}
    assert parse(".epub", book("<p>Open words.</p>", **locked), lambda: None).text == "Open words."


@pytest.mark.parametrize(
    ("ending", "data", "reason"),
    [
        (".pptx", b"x", "corrupt, or no presentation; open it in its own program and save a copy"),
        (".xlsx", b"x", "corrupt, or no workbook; open it in its own program and save a copy"),
        (".odt", archive(a_txt="x"), "corrupt, or no OpenDocument file; open it in its own program and save a copy"),
        (".epub", archive(a_txt="x"), "corrupt, or no EPUB; open it in its own program and save a copy"),
        (".rtf", b"x", "corrupt, or no rich text; open it in its own program and save a copy"),
        (".mbox", b"x", "no message begins in it; export it again as mbox"),
        (".eml", b"no header\n\nx", "no message; open it in its own program and save a copy"),
        (
            ".epub",
            archive(**{"META-INF__rights_xml": "<x/>"}),
            "locked by its seller; use a copy without digital rights management",
        ),
        *(
            (".epub", book("\x17\x02", **locked), "locked by its seller; use a copy without digital rights management")
            for locked in ({"META-INF__encryption_xml": locks("in/one%201.xhtml")}, {"META-INF__license_lcpl": "{}"})
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_reason_and_remedy(ending: str, data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(ending, data, lambda: None)
    assert str(caught.value) == reason


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_titles_of_restructured_text_are_headings_and_the_text_stays_as_it_is(tmp_path: Path, end: str) -> None:
    lines = [
        "=====",
        "Title",
        "=====",
        "",
        "Words.",
        "",
        "One",
        "---",
        "",
        "a | b",
        "",
        "Two 😀",
        "~~~~~~",
        "",
        "Three",
        "-----",
        "x",
        "---",
        "",
    ]
    text = end.join(lines)
    assert [(h.level, h.text) for h in parse_rst(text).headings] == [
        (1, "Title"),
        (2, "One"),
        (3, "Two 😀"),
        (2, "Three"),
        (2, "x"),
    ]
    (tmp_path / "a.rst").write_bytes(text.encode())
    document = load(tmp_path, "a.rst")
    assert (document.text, document.title) == (text, "Title")
    for heading in document.headings:
        assert text[heading.start : heading.end].strip("=~-\r\n") == heading.text


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    (folder / "docs").mkdir()
    for name in ("text.docx", "slides.pptx", "sheet.xlsx"):
        (folder / "docs" / name).write_bytes((FILES / name).read_bytes())
    message = mail("The buoy", "The new buoy was paid for by the widow Marsh.")
    (folder / "docs" / "buoy.eml").write_bytes(message.as_bytes())
    rebuild(folder / "index", folder / "docs")
    return folder / "index"


@pytest.mark.parametrize(
    ("question", "source", "where", "words"),
    [
        ("How deep is the East quay?", "text.docx", "text.docx § Wind and water › Quays", "Depth: 8.0 m"),
        (
            "How many ships called in the year of the report?",
            "slides.pptx",
            "slides.pptx, slide 2 (Ships and cargo)",
            "318 ships",
        ),
        ("How many crowns of harbour dues were there in 2019?", "sheet.xlsx", "sheet.xlsx, sheet Dues, row 4", "Crowns: 48200"),
        ("Who paid for the new buoy?", "buoy.eml", "buoy.eml, message 1 (The buoy)", "the widow Marsh"),
    ],
)
def test_a_citation_names_heading_slide_row_or_message(index: Path, question: str, source: str, where: str, words: str) -> None:
    with Engine.open(index) as engine:
        citation: Citation = engine.ask(question, source=[source]).passages[0]
    span = citation.highlights[0]
    assert words in citation.quote[span.start - citation.start : span.end - citation.start]
    assert place(citation).startswith(where.partition(" § ")[0])
    if source == "text.docx":
        assert position(citation) == "", "a line of no file"
        assert citation.heading == ("Wind and water", "Quays")
    else:
        assert citation.to_dict()["locator"]["kind"] in ("slide", "row", "message")
    told = qa("ask", question, "--source", source, "--index", index, folder=index.parent).stdout
    assert where in " ".join(told.split())


def test_a_line_is_named_only_where_the_text_is_the_file_itself(tmp_path: Path) -> None:
    said = "The warden of the marsh lives at Bell House and answers letters on Mondays."
    documents = tmp_path / "documents"
    documents.mkdir()
    page = "\n".join(
        ["<html><head>", *["<!-- nothing -->"] * 36, "</head><body>", f"<h1>Marsh</h1><p>{said}</p>", "</body></html>"]
    )
    (documents / "page.html").write_text(page, encoding="utf-8")
    (documents / "said.txt").write_text(f"\n\n{said}\n", encoding="utf-8")
    (documents / "told.csv").write_text(f"Year,Words\n1990,Nothing was told in this year.\n1991,{said}\n", encoding="utf-8")
    rebuild(tmp_path / "index", documents)
    with Engine.open(tmp_path / "index") as engine:
        found = {name: engine.search(said, 1, source=name)[0] for name in ("page.html", "said.txt", "told.csv")}
        (together,) = engine.search(said, 1, source=["page.html", "said.txt"])
    assert {name: place(hit) for name, hit in found.items()} == {
        "page.html": "page.html",
        "said.txt": "said.txt:3",
        "told.csv": "told.csv, row 2",
    }
    assert {place(together), *map(place, together.also_in)} == {"page.html", "said.txt:3"}
    assert {copy["locator"] for copy in together.to_dict()["also_in"]} == {None}


def test_each_table_of_a_sheet_has_its_own_header_and_what_is_hidden_or_left_out_is_said() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Dues"
    for row in (
        ["Harbour dues"], [],
        ["Quay", "Crowns", None, "Change"], [None, "Gross", "Net", "%"], ["North", 1200, 1100, 0.05], ["East", 310, 300, -0.1],
        [], ["West", 12, 11, 0], [], ["Note: provisional"], [], ["Staff", "Years"], ["Ada", 45.5],
    ):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("B3:C3")
    sheet["B5"].number_format, sheet["C5"].number_format, sheet["B6"].number_format = '"£"#,##0.00', '#,##0 "€"', "[$$-409]0"
    sheet["A5"].comment = openpyxl.comments.Comment("Check", "Ada")
    sheet.row_dimensions[6].hidden = True
    out = io.BytesIO()
    book.save(out)
    parsed = parse(".xlsx", out.getvalue(), lambda: None)
    assert parsed.text.split("\n\n") == [
        "Dues", "Harbour dues",
        "Quay: North; Crowns Gross: £1,200.00; Crowns Net: 1,100 €; Change: 0.05",
        "Quay: East; Crowns Gross: $310; Crowns Net: 300; Change: -0.1",
        "Quay: West; Crowns Gross: 12; Crowns Net: 11; Change: 0",
        "Note: provisional", "Staff: Ada; Years: 45.5",
    ]  # fmt: skip
    assert located(parsed, "Staff: Ada") == ("row", 13, "Dues")
    assert parsed.coverage.notes == ("hidden rows and columns, which were read too: 1 on Dues", "comments on cells not read: 1")


def test_money_is_read_as_its_format_shows_it() -> None:
    cells = {
        '"£"#,##0.00': (26990.5, "£26,990.50"), "[$£-809]#,##0": (131000, "£131,000"), '_-"£"* #,##0.00_-': (-1.005, "-£1.01"),
        '#,##0.0#\\ "€"': (1200.25, "1,200.25 €"), "$0.0#": (5, "$5.0"), "[Red]$#,##0": (0.5, "$1"),
        "$#,##0.00;($#,##0.00)": (-9, "-$9.00"), '"£"#,##0,"k"': (4000, "£4000"), '[>999]"£"#,##0.0': (4000, "£4000"),
        "$General": (2.5, "$2.5"), "£#,##0.000": (1e20, "£1e+20"), f"$0.{'0' * 40}": (1e14, "$100000000000000"),
    }  # fmt: skip
    book = openpyxl.Workbook()
    for number, (code, (value, _)) in enumerate(cells.items(), start=1):
        book.active.cell(number, 1, value).number_format = code
    out = io.BytesIO()
    book.save(out)
    assert parse(".xlsx", out.getvalue(), lambda: None).text.split("\n\n")[1:] == [shown for _, shown in cells.values()]


def test_percentages_and_money_of_opendocument_are_read_as_they_are_shown() -> None:
    twice = 'table:number-{}-repeated="2"'
    rows, columns = map(twice.format, ("rows", "columns"))
    percentage, money, number = (
        f'<table:table-cell {more} office:value-type="{kind}" office:value="0.256"><office:annotation><text:p>Check</text:p>'
        f"</office:annotation><text:p>{shown}</text:p></table:table-cell>"
        for kind, shown, more in (("percentage", "25.6%", ""), ("currency", "£1,234.50", columns), ("float", "0.3", ""))
    )
    body = (
        f"<table:table-row {rows}><table:table-cell/></table:table-row>"
        f"<table:table-row><table:table-cell {columns}/>{percentage}</table:table-row>"
        f"<table:table-row {rows}>{money}{number}</table:table-row>"
    )
    table = f'<office:spreadsheet><table:table table:name="Dues">{body}</table:table></office:spreadsheet>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    data = archive(mimetype=kind, content_xml=content(table), **{"META-INF__manifest_xml": "<x/>"})
    parsed = parse(".ods", data, lambda: None)
    assert parsed.text.split("\n\n") == ["Dues", "25.6%", *["£1,234.50 | £1,234.50 | 0.256"] * 2]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("sep=;\r\nWard;Votes\r\nWick;1200\r\n", [(3, "Ward: Wick; Votes: 1200")]),
        ("Name,Said\n" + "Ada,x\n" * 9 + 'Tom,"a ""b"", c"\n', [(11, 'Name: Tom; Said: a "b", c')]),
        (
            "Name;Said\nTom;it's a, b, c\nAda;'no', d\nIda;e\n",
            [(2, "Name: Tom; Said: it's a, b, c"), (4, "Name: Ida; Said: e")],
        ),
        (
            "Name;Preis;Menge\n" + "Apfel;1,50;7\n" * 150 + "Summe\n" * 3,
            [(2, "Name: Apfel; Preis: 1,50; Menge: 7"), (152, "Summe")],
        ),
        ("Name;Berth;Pin\n" + "Holm, Ada;1;5551\n" * 120, [(2, "Name: Holm, Ada; Berth: 1; Pin: 5551")]),
        ("Fees, 2019\nName;Note\nTom;a, b\nAda;c\nIda;d, e\nEve;f, g\n", [(1, "Fees, 2019"), (3, "Name: Tom; Note: a, b")]),
    ],
)
def test_what_parts_the_cells_is_found_and_quotes_are_read_as_excel_writes_them(text: str, rows: list[tuple[int, str]]) -> None:
    parsed = parse(".csv", text.encode(), lambda: None)
    for number, row in rows:
        assert located(parsed, row) == ("row", number, None)


@pytest.mark.parametrize("mark", [",", "\t"])
def test_a_quotation_mark_that_nothing_closes_is_one_of_the_words_of_its_own_row(mark: str) -> None:
    rows = [
        ["Name", "Said", "Year"], ["Ada", '"Hello he said', "1999"], ["Tom", '"Bye\nthen"', "2000"], ["Ida", '"Hm" ', "2001"],
        ["Eve", 'No"', "2002"], ["Jon", '"Yes""', "2003"],
    ]  # fmt: skip
    parsed = parse({",": ".csv"}.get(mark, ".tsv"), "\n".join(map(mark.join, rows)).encode(), lambda: None)
    said = {"Ada": '"Hello he said', "Tom": "Bye then", "Ida": "Hm" if mark == "," else '"Hm"', "Eve": 'No"'}
    years = dict(zip(said, (1999, 2000, 2001, 2002), strict=True))
    told = [f"Name: {name}; Said: {words}; Year: {years[name]}" for name, words in said.items()]
    assert parsed.text.split("\n\n")[:-1] == told
    assert [item.number for item in parsed.locators] == [2, 3, 5, 6, 7]


def test_two_rows_of_tabs_are_two_though_a_mark_opens_in_one_and_closes_in_the_next() -> None:
    parsed = parse(".tsv", b'Name\tSaid\tYear\nAda\t"Oh\t1999\nTom\tno"\t2000\n', lambda: None)
    assert parsed.text.split("\n\n") == ['Name: Ada; Said: "Oh; Year: 1999', 'Name: Tom; Said: no"; Year: 2000']


def test_a_speakers_notes_hidden_slides_and_pictures_are_told_apart() -> None:
    presentation = pptx.Presentation()
    for name in ("Tides", "Ships"):
        presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = name
    first, second = presentation.slides
    first.notes_slide.notes_text_frame.text = "Mention the March dip."
    second._element.set("show", "0")
    chart = CategoryChartData()
    chart.categories = ["2019"]
    chart.add_series("Ships", (318,))
    second.shapes.add_chart(XL_CHART_TYPE.PIE, Inches(1), Inches(2), Inches(3), Inches(3), chart)
    out = io.BytesIO()
    presentation.save(out)
    parsed = parse(".pptx", out.getvalue(), lambda: None)
    assert located(parsed, "Mention") == ("slide", 1, "Tides, speaker's notes")
    assert located(parsed, "Ships") == ("slide", 2, "Ships")
    assert parsed.coverage.notes == (
        "slide 2: charts, diagrams or pictures, which were not read",
        "slide 2: hidden, but read too",
    )


@pytest.mark.parametrize(
    ("modified", "created", "date"),
    [
        (None, None, ""),
        (datetime(2013, 1, 27, 16, 5), None, "2013-01-27"),
        (None, datetime(2013, 1, 27, 16, 5), "2013-01-27"),
        (datetime(2019, 3, 4), datetime(2013, 1, 27), "2019-03-04"),
    ],
)
def test_a_presentation_has_its_own_date_and_not_that_of_its_writers_template(
    modified: datetime | None, created: datetime | None, date: str
) -> None:
    presentation = pptx.Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "Tides"
    if modified is not None:
        presentation.core_properties.modified = modified
    if created is not None:
        presentation.core_properties.created = created
    out = io.BytesIO()
    presentation.save(out)
    assert parse(".pptx", out.getvalue(), lambda: None).metadata.get("date", "") == date


def test_rich_text_hides_what_it_hides() -> None:
    text = (
        rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\header Board\par}Seen {\v hidden }{\deleted gone }words{\v0 , shown}.\par "
        rb"\trowd\cellx1\cellx2 Quay\cell Depth\cell\row\trowd\cellx1\cellx2 North\par end\cell 6.5 m\cell\row Last \{x\}.\par}"
    )
    parsed = parse(".rtf", text, lambda: None)
    assert parsed.text.split("\n\n") == ["Seen words, shown.", "Quay: North end; Depth: 6.5 m", "Last {x}."]
    assert parsed.coverage.notes == ("stretches of hidden or deleted words not read: 2",)


def test_marks_leave_no_sign_in_rich_text_that_has_none_for_old_programs() -> None:
    rows = rb"\trowd\cellx1\cellx2 Name\cell Fee\cell\row \trowd\cellx1\cellx2 Adult\cell 5\cell\row "
    text = rb"{\rtf1\ansi \uc0\u8220 Fees\u8221 {\footnote Of 2021.}\par " + rows + rb"\pard After it.\par}"
    parsed = parse(".rtf", text, lambda: None)
    assert parsed.text.split("\n\n") == ["“Fees”", "Of 2021.", "Name: Adult; Fee: 5", "After it."]


@pytest.mark.parametrize("ending", [".odt", ".xlsx"])
def test_entities_of_office_files_are_neither_expanded_nor_fetched(ending: str) -> None:
    name = {"odt": "content.xml", "xlsx": "xl/sharedStrings.xml"}[ending[1:]]
    source = (FILES / ("text.odt" if ending == ".odt" else "sheet.xlsx")).read_bytes()
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom"}">' for n in range(9))
    secret = f'<!ENTITY x SYSTEM "{Path(__file__).as_uri()}">'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            content = old.read(member)
            if member == name:
                declared, _, rest = content.decode().partition("?>")
                content = f"{declared}?><!DOCTYPE x [{lines}{secret}]>{rest.replace('North', '&e8;&x;North')}".encode()
            new.writestr(member, content)
    try:
        text = Sandbox().parse(ending, out.getvalue()).text
    except Unreadable as error:
        assert "; " in str(error)
    else:
        assert "boom" not in text and "def test_" not in text
