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
from docx.oxml.parser import parse_xml

from qa.formats.parsed import Parsed, Unreadable
from qa.formats.word import parse_docx
from qa.loaders import load

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
