"""Lay the report out with Typst, LibreOffice and Chromium: `python -m tests.files.make`.

The three PDFs are kept beside this file, so that the tests need none of the programs.
"""

import html
import subprocess
import tempfile
from pathlib import Path

import docx
import openpyxl
import pptx
import typst
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.shared import Mm, Pt

from tests.files import council as c
from tests.files import harbour as h

HERE = Path(__file__).parent
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def with_typst() -> None:
    def words(text: str) -> str:
        return "".join("\\" + c if c in "#*_$@<>[]\\~`" else c for c in text)

    chapters = "\n#pagebreak()\n".join(f"= {name}\n{words(fact)} " + " ".join(map(words, h.FILLER)) for name, fact in h.CHAPTERS)
    rows = ", ".join(f"[{words(cell)}]" for row in h.TABLE for cell in row)
    bullets = "\n".join(f"- {words(item)}" for item in h.BULLETS)
    columns = "\n\n".join(map(words, h.COLUMNS))
    source = f"""
#set document(title: "{h.TITLE}", author: "{h.AUTHOR}", date: datetime(year: 2019, month: 3, day: 4))
#set page(paper: "a5", header: [{words(h.HEADER)}], footer: context align(center, counter(page).display()))
#set par(justify: true)
#set text(hyphenate: true, lang: "en", size: 10pt)
#text(20pt)[{h.TITLE}]

{words(h.OPENING[0])}

{words(h.OPENING[1])}
#pagebreak()
{chapters}
#pagebreak()
{words(h.CROSSING)}

#table(columns: 3, {rows})

{bullets}
#pagebreak()
#columns(2)[{columns}]
"""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "harbour.typ").write_text(source, encoding="utf-8")
        typst.compile(str(Path(folder) / "harbour.typ"), output=str(HERE / "harbour-typst.pdf"))


def with_libreoffice() -> None:
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = h.TITLE, h.AUTHOR
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Liberation Serif", Pt(9)
    first = document.sections[0]
    first.page_width, first.page_height = Mm(148), Mm(210)
    first.left_margin = first.right_margin = first.top_margin = first.bottom_margin = Mm(20)
    document.sections[0].header.paragraphs[0].text = h.HEADER
    footer = document.sections[0].footer.paragraphs[0]
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    footer._p.append(field)
    document.add_heading(h.TITLE, 0)
    for text in h.OPENING:
        document.add_paragraph(text)
    for name, fact in h.CHAPTERS:
        document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
        document.add_heading(name, 1)
        document.add_paragraph(" ".join([fact, *h.FILLER])).alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph(h.CROSSING)
    table = document.add_table(rows=0, cols=3)
    for row in h.TABLE:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    for item in h.BULLETS:
        document.add_paragraph(item, style="List Bullet")
    section = document.add_section(WD_SECTION.NEW_PAGE)
    columns = section._sectPr.find(qn("w:cols"))
    columns.set(qn("w:num"), "2")
    for text in h.COLUMNS:
        document.add_paragraph(text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "harbour-libreoffice.docx"
        document.save(str(path))
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(path)]
        subprocess.run(command, check=True, capture_output=True)
        (HERE / "harbour-libreoffice.pdf").write_bytes(path.with_suffix(".pdf").read_bytes())


def with_chromium() -> None:
    e = html.escape
    chapters = "".join(f"<h1 class=new>{e(name)}</h1><p>{e(' '.join([fact, *h.FILLER]))}</p>" for name, fact in h.CHAPTERS)
    rows = "".join("<tr>" + "".join(f"<td>{e(cell)}</td>" for cell in row) + "</tr>" for row in h.TABLE)
    bullets = "".join(f"<li>{e(item)}</li>" for item in h.BULLETS)
    columns = "".join(f"<p>{e(text)}</p>" for text in h.COLUMNS)
    page = f"""<!doctype html><html lang=en><meta charset=utf-8><title>{e(h.TITLE)}</title><style>
@page {{ size: A5; margin: 20mm; @top-center {{ content: "{h.HEADER}" }} @bottom-center {{ content: counter(page) }} }}
body {{ font: 10pt "Liberation Sans"; text-align: justify; hyphens: auto }} .new {{ break-before: page }}
.columns {{ columns: 2; break-before: page }} td {{ padding: 2mm 8mm }} </style>
<div style="font-size: 20pt">{e(h.TITLE)}</div>{"".join(f"<p>{e(text)}</p>" for text in h.OPENING)}
{chapters}<p class=new>{e(h.CROSSING)}</p><table>{rows}</table><ul>{bullets}</ul><div class=columns>{columns}</div></html>"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "harbour.html"
        path.write_text(page, encoding="utf-8")
        out = HERE / "harbour-chromium.pdf"
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        command += ["--no-pdf-header-footer", f"--print-to-pdf={out}", path.as_uri()]
        subprocess.run(command, check=True, capture_output=True)


def office_files() -> None:
    """Write the same facts as Word, PowerPoint and Excel files, and have LibreOffice write them in its formats."""
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = h.TITLE, h.AUTHOR
    document.add_heading(h.CHAPTERS[0][0], 1)
    document.add_paragraph(h.CHAPTERS[0][1])
    document.add_heading("Quays", 2)
    table = document.add_table(rows=0, cols=3)
    for row in h.TABLE:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.add_paragraph(h.BULLETS[0], style="List Bullet")
    presentation = pptx.Presentation()
    for name, fact in h.CHAPTERS[:3]:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = name, fact
    slide.notes_slide.notes_text_frame.text = h.FILLER[0]
    book = openpyxl.Workbook()
    book.active.title = "Quays"
    for row in h.TABLE:
        book.active.append(row)
    dues = book.create_sheet("Dues")
    for values in (["Harbour dues by year"], [], ["Year", "Crowns"], [2019, 48200.0], [2020, 31750.5]):
        dues.append(values)
    with tempfile.TemporaryDirectory() as folder:
        document.save(f"{folder}/text.docx")
        presentation.save(f"{folder}/slides.pptx")
        book.save(f"{folder}/sheet.xlsx")
        wanted = {"text.docx": "odt rtf epub html docx", "slides.pptx": "odp pptx", "sheet.xlsx": "ods xls xlsx"}
        for name, endings in wanted.items():
            for ending in endings.split():
                command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", ending]
                subprocess.run([*command, "--outdir", f"{folder}/out", f"{folder}/{name}"], check=True, capture_output=True)
                stem = name.partition(".")[0]
                (HERE / f"{stem}.{ending}").write_bytes(Path(folder, "out", f"{stem}.{ending}").read_bytes())


def numbered(document: Document) -> None:
    """Add numbered headings and paragraphs, as councils number theirs, and a paragraph with changes that are tracked."""
    part = document.part.numbering_part.element
    levels = (("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("lowerRoman", "(%4)"))
    inner = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (kind, text) in enumerate(levels)
    )
    part.insert(
        0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90"><w:multiLevelType w:val="multilevel"/>{inner}</w:abstractNum>')
    )
    part.append(parse_xml(f'<w:num {W} w:numId="91"><w:abstractNumId w:val="90"/></w:num>'))
    for _, level, text in c.NUMBERED:
        paragraph = document.add_heading(text, 1) if level == 0 else document.add_paragraph(text)
        place = parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="91"/></w:numPr>')
        paragraph._p.get_or_add_pPr().append(place)


def council_files() -> None:
    """Write the action plan by three programs as PDF, and its numbered paragraphs and notes by LibreOffice."""

    def words(text: str) -> str:
        return "".join("\\" + mark if mark in "#*_$@<>[]\\~`" else mark for mark in text)

    header = ", ".join(f"[*{words(cell)}*]" for cell in c.PLAN[0])
    cells = ", ".join(f"[{words(cell)}]" for row in c.PLAN[1:] for cell in row)
    facts = ", ".join(f"[{words(cell)}]" for row in c.FACTS for cell in row)
    source = f"""#set page(paper: "a4")
#set text(10pt)
{c.BEFORE}
#table(columns: (2fr, 1fr, auto, 2fr), table.header({header}), {cells})
{c.AFTER}
#table(columns: (1fr, 2fr), {facts})
{c.BEFORE}
"""
    document = docx.Document()
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Liberation Sans", Pt(10)
    for before, table in ((c.BEFORE, c.PLAN), (c.AFTER, c.FACTS)):
        document.add_paragraph(before)
        made = document.add_table(rows=len(table), cols=len(table[0]))
        made.style = "Table Grid"
        for number, row in enumerate(table):
            for cell, text in zip(made.rows[number].cells, row, strict=True):
                cell.paragraphs[0].add_run(text).bold = number == 0 and table is c.PLAN
    document.add_paragraph(c.BEFORE)

    def rows(table: list[list[str]], first: str) -> str:
        kinds = [first] + ["td"] * (len(table) - 1)
        made = ("".join(f"<{kind}>{html.escape(cell)}</{kind}>" for cell in row) for kind, row in zip(kinds, table, strict=True))
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in made) + "</table>"

    page = f"""<!doctype html><html lang=en><meta charset=utf-8><title>Plan</title><style>body {{ font: 10pt "Liberation Sans" }}
td, th {{ border: 1px solid black; padding: 1mm; vertical-align: middle; text-align: left }} table {{ border-collapse: collapse }}
</style><p>{c.BEFORE}</p>{rows(c.PLAN, "th")}<p>{c.AFTER}</p>{rows(c.FACTS, "td")}<p>{c.BEFORE}</p></html>"""
    listed = docx.Document()
    numbered(listed)
    before, note, after = c.NOTED
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text"))
    cited = (
        f'<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>{note}</text:p>'
    )
    told = f'<text:p>{before}{cited}</text:note-body></text:note>{after}</text:p><text:h text:outline-level="1">Last</text:h>'
    noted = f"""<?xml version="1.0"?><office:document {names} office:version="1.3"
office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>{told}<text:p>{c.AFTER}</text:p></office:text>
</office:body></office:document>"""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "plan.typ").write_text(source, encoding="utf-8")
        typst.compile(str(here / "plan.typ"), output=str(HERE / "plan-typst.pdf"))
        (here / "notes.typ").write_text(
            f'#set page(paper: "a6")\n{before}#footnote[{note}]{after.rstrip(".")}, 12 of them in 2019.\n', encoding="utf-8"
        )
        typst.compile(str(here / "notes.typ"), output=str(HERE / "notes-typst.pdf"))
        document.save(str(here / "plan-libreoffice.docx"))
        listed.save(str(here / "numbered.docx"))
        (here / "notes.fodt").write_text(noted, encoding="utf-8")
        (here / "plan.html").write_text(page, encoding="utf-8")
        wanted = {"plan-libreoffice.docx": "pdf", "numbered.docx": "docx odt rtf", "notes.fodt": "docx odt rtf"}
        for name, endings in wanted.items():
            for ending in endings.split():
                command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", ending]
                subprocess.run([*command, "--outdir", f"{folder}/out", f"{folder}/{name}"], check=True, capture_output=True)
                made_file = f"{name.partition('.')[0]}.{ending}"
                (HERE / made_file).write_bytes((here / "out" / made_file).read_bytes())
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/browser"]
        command += ["--no-pdf-header-footer", f"--print-to-pdf={HERE / 'plan-chromium.pdf'}", (here / "plan.html").as_uri()]
        subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    council_files()
    office_files()
    with_typst()
    with_libreoffice()
    with_chromium()
