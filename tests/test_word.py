"""Word documents become their words: headings, tables as rows, accepted changes, footnotes."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.parser import parse_xml
from docx.table import Table

from qa.formats.child import parse
from qa.formats.parsed import Parsed, Unreadable
from qa.formats.word import parse_docx
from qa.loaders import load
from tests.files import council

FILES = Path(__file__).parent / "files"
OLD = "encrypted, or of an old binary format; save a copy without a password in today's format"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def made(fill: Callable[[Document], object]) -> bytes:
    document = docx.Document()
    fill(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read(fill: Callable[[Document], object]) -> Parsed:
    return parse_docx(made(fill), lambda: None)


def test_headings_paragraphs_and_rows_stand_in_order() -> None:
    def fill(document: Document) -> None:
        document.add_heading("The plan", 0)
        document.add_paragraph("First\u00a0words,\u00ad soft.")
        document.add_heading("Costs", 2)
        table = document.add_table(rows=0, cols=3)
        for row in (("Item", "Year", "Sum"), ("Boats", "2021", "48,200"), ("Ropes", "", "310")):
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        document.add_paragraph("Last words.")

    parsed = read(fill)
    assert parsed.text == (
        "The plan\n\nFirst words, soft.\n\nCosts\n\nItem: Boats; Year: 2021; Sum: 48,200\n\nItem: Ropes; Sum: 310\n\nLast words."
    )
    assert [(parsed.text[h.start : h.end], h.level, h.text) for h in parsed.headings] == [
        ("The plan", 1, "The plan"),
        ("Costs", 2, "Costs"),
    ]
    assert parsed.coverage.tables == 1


def test_a_heading_is_one_by_the_style_its_style_is_based_on() -> None:
    def fill(document: Document) -> None:
        style = document.styles.add_style("House chapter", WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Heading 3"]
        document.add_paragraph("In house style", style=style)
        document.add_paragraph("Words.")

    (heading,) = read(fill).headings
    assert (heading.text, heading.level) == ("In house style", 3)


def test_changes_are_read_as_accepted_and_links_boxes_and_breaks_are_not_lost() -> None:
    def fill(document: Document) -> None:
        body = document.element.body
        inner = (
            "<w:r><w:t>The fee is </w:t></w:r><w:del><w:r><w:delText>ten</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>twelve</w:t></w:r></w:ins><w:hyperlink><w:r><w:t> crowns</w:t></w:r></w:hyperlink>"
            "<w:r><w:t>,</w:t><w:br/><w:t>non</w:t><w:noBreakHyphen/><w:t>refundable.</w:t></w:r>"
            "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>Boxed words.</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
        )
        body.insert(0, parse_xml(f"<w:p {W}>{inner}</w:p>"))

    assert read(fill).text == "The fee is twelve crowns,\nnon-refundable.\n\nBoxed words."


def test_hidden_words_are_not_read_and_raised_digits_stay_apart() -> None:
    def fill(document: Document) -> None:
        paragraph = document.add_paragraph("The ferry leaves at 06:40")
        paragraph.add_run("1").font.superscript = True
        paragraph.add_run(" from the pier.")
        paragraph.add_run(" Note to the printer.").font.hidden = True

    assert read(fill).text == "The ferry leaves at 06:40¹ from the pier."


def test_content_controls_are_read_in_their_place() -> None:
    def fill(document: Document) -> None:
        document.add_paragraph("First.")
        document.add_paragraph("Last.")
        inner = "<w:sdtContent><w:p><w:r><w:t>The harbour master is Ada Fenwick.</w:t></w:r></w:p></w:sdtContent>"
        document.element.body.insert(1, parse_xml(f"<w:sdt {W}>{inner}</w:sdt>"))

    assert read(fill).text == "First.\n\nThe harbour master is Ada Fenwick.\n\nLast."


def test_a_cell_that_spans_rows_stands_beside_each() -> None:
    def fill(document: Document) -> None:
        table = document.add_table(rows=4, cols=3)
        for row, cells in enumerate([("Quay", "Berth", "Depth"), ("North", "N1", "6.5 m"), ("", "N2", "7.1 m"), ("", "E1", "")]):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        table.cell(1, 0).merge(table.cell(2, 0))

    rows = ["Quay: North; Berth: N1; Depth: 6.5 m", "Quay: North; Berth: N2; Depth: 7.1 m", "Berth: E1"]
    assert read(fill).text.split("\n\n") == rows


def test_a_row_that_begins_further_in_keeps_its_values_under_their_names() -> None:
    def fill(document: Document) -> None:
        table = document.add_table(rows=2, cols=3)
        for row, texts in zip(table.rows, (("Quay", "Berth", "Depth"), ("", "N2", "7.1 m")), strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
        last = table.rows[1]._tr
        last.remove(last.tc_lst[0])
        last.get_or_add_trPr().append(parse_xml(f'<w:gridBefore {W} w:val="1"/>'))

    assert read(fill).text == "Berth: N2; Depth: 7.1 m"


def test_a_text_box_in_a_cell_is_read_once() -> None:
    def fill(document: Document) -> None:
        mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        box = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
        kinds = f'<mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>'
        run = parse_xml(f"<w:r {W} {mc}><mc:AlternateContent>{kinds}</mc:AlternateContent></w:r>")
        document.add_table(rows=1, cols=1).cell(0, 0).paragraphs[0]._p.append(run)

    assert read(fill).text == "boxed"


def test_metadata_is_the_files_own_and_the_templates_is_left_out() -> None:
    def fill(document: Document) -> None:
        document.add_paragraph("Words.")
        properties = document.core_properties
        properties.title, properties.author, properties.modified = "T", "A. Gunn", datetime(2021, 5, 6, tzinfo=UTC)

    assert dict(read(fill).metadata) == {"title": "T", "author": "A. Gunn", "date": "2021-05-06"}
    assert dict(read(lambda document: document.add_paragraph("Words.")).metadata) == {}


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"word/{number}.xml", b" " * 100_000_000)
    return out.getvalue()


def entities() -> bytes:
    source = made(lambda document: document.add_paragraph("&&&"))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom"}">' for n in range(9))
                secret = f'<!ENTITY x SYSTEM "{Path(__file__).as_uri()}">'
                start, _, rest = content.decode().partition("?>")
                content = f"{start}?><!DOCTYPE d [{lines}{secret}]>{rest.replace('&amp;&amp;&amp;', '&e8;&x;')}".encode()
            new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no zip", "corrupt, or no Word document; open it in its own program and save a copy"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), OLD),
        (bomb(), "unpacks to more than 300 MB; split it"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_docx(content, lambda: None)
    assert str(caught.value) == reason


def test_entities_are_neither_expanded_nor_fetched() -> None:
    try:
        text = parse_docx(entities(), lambda: None).text
    except Exception as error:  # noqa: BLE001 - refusing the file is as good
        text = str(error)
    assert "boom" not in text and "Word documents become" not in text


def test_a_damaged_document_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(
        made(lambda document: document.add_paragraph("Words.")).replace(b"word/document", b"word/documenu")
    )
    with pytest.raises(Unreadable, match=r"; open it in its own program and save a copy$"):
        load(tmp_path, "a.docx")


@pytest.mark.parametrize("ending", ["docx", "odt", "rtf"])
def test_numbers_of_lists_and_headings_are_read_as_they_are_shown(ending: str) -> None:
    parsed = parse(f".{ending}", (FILES / f"numbered.{ending}").read_bytes(), lambda: None)
    assert parsed.text.split("\n\n") == [f"{number} {words}" for number, _, words in council.NUMBERED]
    if ending != "rtf":
        assert [heading.text for heading in parsed.headings] == ["1. Powers", "2. Costs"]


@pytest.mark.parametrize("ending", ["docx", "odt", "rtf"])
def test_a_footnote_stands_after_the_paragraph_that_refers_to_it_under_its_heading(ending: str) -> None:
    before, note, after = council.NOTED
    parsed = parse(f".{ending}", (FILES / f"notes.{ending}").read_bytes(), lambda: None)
    mark = ("", "") if ending == "rtf" else ("¹", "¹ ")
    assert parsed.text.split("\n\n") == [f"{before}{mark[0]}{after}", f"{mark[1]}{note}", "Last", council.AFTER]


def test_a_list_begins_anew_where_it_says_so_and_bullets_are_bullets() -> None:
    def fill(document: Document) -> None:
        for text, style in (("one", "List Number"), ("two", "List Number"), ("dot", "List Bullet"), ("three", "List Number")):
            document.add_paragraph(text, style=style)
        part = document.part.numbering_part.element
        override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
        level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1)"/></w:lvl>'
        part.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90">{level}</w:abstractNum>'))
        part.append(parse_xml(f'<w:num {W} w:numId="99"><w:abstractNumId w:val="90"/>{override}</w:num>'))
        for number, text in ((99, "seven"), (99, "eight"), (0, "none")):
            paragraph = document.add_paragraph(text, style="List Number")
            properties = paragraph._p.get_or_add_pPr()
            properties.append(parse_xml(f'<w:numPr {W}><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'))

    assert read(fill).text.split("\n\n") == ["1. one", "2. two", "• dot", "3. three", "7) seven", "8) eight", "none"]


def test_what_is_left_out_is_said() -> None:
    def fill(document: Document) -> None:
        document.sections[0].header.paragraphs[0].text = "Harbour board"
        paragraph = document.add_paragraph("The fee is ")
        paragraph._p.append(parse_xml(f'<w:ins {W} w:id="1"><w:r><w:t>twelve</w:t></w:r></w:ins>'))
        document.add_comment(paragraph.runs, text="Ten?", author="Ada", initials="A")
        document.add_paragraph().add_run("Secret").font.hidden = True
        table = document.add_table(rows=3, cols=2)
        for row, cells in zip(table.rows, (("Ship", "Flag"), ("Gone", "red"), ("Gull", "blue")), strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
        table.rows[1]._tr.get_or_add_trPr().append(parse_xml(f'<w:del {W} w:id="2"/>'))

    parsed = read(fill)
    assert parsed.text == "The fee is twelve\n\nShip: Gull; Flag: blue"
    assert parsed.coverage.notes == (
        "tracked changes, read as if they were accepted: 2",
        "comments not read: 1",
        "headers and footers not read, for they stand on every page",
        "stretches of hidden words not read: 1",
    )


def test_names_of_rows_are_no_header_and_a_header_may_take_two_rows() -> None:
    def table(document: Document, *rows: tuple[str, ...], bold: bool = False) -> Table:
        made = document.add_table(rows=len(rows), cols=len(rows[0]))
        for row, texts in zip(made.rows, rows, strict=True):
            for number, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                cell.paragraphs[0].add_run(text).bold = bold and number == 0
        return made

    def fill(document: Document) -> None:
        table(document, ("Report to:", "Harbour board"), ("Written by:", "Isobel Gunn"), ("Ward:", "All"))
        table(document, ("Report to", "Harbour board"), ("Written by", "Isobel Gunn"), bold=True)
        made = table(document, ("Quay", "Ships", ""), ("", "2019", "2020"), ("North", "31", "40"))
        made.cell(0, 1).merge(made.cell(0, 2))
        made.cell(0, 0).merge(made.cell(1, 0))

    assert read(fill).text.split("\n\n") == [
        "Report to: Harbour board", "Written by: Isobel Gunn", "Ward: All",
        "Report to | Harbour board", "Written by | Isobel Gunn",
        "Quay: North; Ships 2019: 31; Ships 2020: 40",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("Applicant,John Smith|Date of birth,3 May 1990|Decision,Refused", "Applicant | John Smith"),
        ("Skipper,Ann Lee|Mate,Bob Ray|Cook,Tom Reay", "Skipper | Ann Lee"),
        ("Mooring,Ann Lee|Fuel,£640|Water,£900", "Mooring | Ann Lee"),
        ("Skipper,ashore|Cargo,coal|Crew,six hands", "Skipper | ashore"),
        ("Quay,Depth|North,6.5 m|East,8 m", "Quay: North; Depth: 6.5 m"),
        ("Word,Meaning|Mole,a wall|Quay,where ships lie", "Word: Mole; Meaning: a wall"),
        ("Quay,Ships|North,31|East,40", "Quay: North; Ships: 31"),
    ],
)
def test_two_columns_have_a_header_only_where_it_can_be_told(rows: str, told: str) -> None:
    def fill(document: Document) -> None:
        table = document.add_table(rows=0, cols=2)
        for row in rows.split("|"):
            for cell, text in zip(table.add_row().cells, row.split(","), strict=True):
                cell.text = text

    assert read(fill).text.split("\n\n")[0] == told


@pytest.mark.parametrize("marked", ["bold", "repeated", "not"])
def test_two_columns_have_the_header_that_is_set_apart(marked: str) -> None:
    def fill(document: Document) -> None:
        table = document.add_table(rows=0, cols=2)
        for row in ("Priority", "Lead"), ("Attendance", "Schools team"), ("Housing", "Estates team"):
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.paragraphs[0].add_run(text).bold = marked == "bold" and row[0] == "Priority"
        if marked == "repeated":
            table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))

    told = "Priority: Attendance; Lead: Schools team" if marked != "not" else "Priority | Lead"
    assert read(fill).text.split("\n\n")[0] == told
