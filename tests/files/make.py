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
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt

from tests.files import harbour as h

HERE = Path(__file__).parent


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


if __name__ == "__main__":
    office_files()
    with_typst()
    with_libreoffice()
    with_chromium()
