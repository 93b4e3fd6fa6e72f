"""Read PDFs: text in reading order with the box of each character, headings, metadata; and draw their pages."""

import ctypes
import io
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa.coverage import Coverage
from qa.formats.boxes import Sheet
from qa.formats.glyphs import read_sheet
from qa.formats.headings import Mark, mark_headings, title_on
from qa.formats.lines import Line, lines_of
from qa.formats.paragraphs import join
from qa.formats.parsed import TEXT_CHARACTERS, Beat, Parsed, Unreadable, file_date, one_line, page_numbers
from qa.formats.recognition import FILE_SECONDS, recognise, tesseract
from qa.formats.rules import read_rules
from qa.formats.running import running_lines
from qa.locators import Area

PAGES = 5_000
IMAGE_PIXELS = 30_000_000
"""Most pixels of a page's image; a page may say that it is a kilometre wide."""

_OUTLINE_ENTRIES = 5_000
_UNMAPPED = 0.3
_OCR = "have the words recognised with: qa index --ocr (it needs tesseract, in Debian: apt install tesseract-ocr)"
_LATE = f"not recognised within the {FILE_SECONDS / 60:.0f} minutes that a file has; split it"
_NO_TITLE = re.compile(
    r"untitled.*|.*\.(?:docx?|pptx?|xlsx?|odt|rtf|tex|dvi|indd|qxd|pdf|html?)|(?:document|slide|word|presentation) ?\d*", re.I
)
_ERRORS = {
    pdfium_c.FPDF_ERR_PASSWORD: "encrypted; save a copy without a password",
    pdfium_c.FPDF_ERR_SECURITY: "encrypted in a way that is not known; print it to a new PDF",
    pdfium_c.FPDF_ERR_FORMAT: "corrupt, or no PDF; open it in a viewer and save or print a copy",
    pdfium_c.FPDF_ERR_FILE: "corrupt, or no PDF; open it in a viewer and save or print a copy",
}


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        raise Unreadable(_ERRORS.get(code, _ERRORS[pdfium_c.FPDF_ERR_FORMAT])) from None
    return document


class Recognition:
    """Recognise the pages that have no text, where that is asked for, within a file's time."""

    def __init__(self, asked: bool) -> None:
        self.asked = asked and tesseract() is not None
        self.certainties: dict[int, float] = {}
        self.wordless: list[int] = []
        self.late: list[int] = []
        self._until = time.monotonic() + FILE_SECONDS

    def read(self, page: pdfium.PdfPage, sheet: Sheet, beat: Beat) -> Sheet:
        """Return a page with its words recognised where it needs that; else as it is."""
        if not self.asked or not (sheet.images or unmapped(sheet)):
            return sheet
        if time.monotonic() > self._until:
            self.late.append(sheet.number)
            return sheet
        read, certainty = recognise(page, sheet, beat)
        if read.pieces and certainty:
            self.certainties[sheet.number] = certainty
        elif sheet.images:
            self.wordless.append(sheet.number)
        return read


def unmapped(sheet: Sheet) -> bool:
    """Tell whether too many of a page's fonts don't say which characters they draw."""
    return sheet.unmapped > _UNMAPPED * sheet.characters


def _sheets(document: pdfium.PdfDocument, recognition: Recognition, beat: Beat) -> Iterator[Sheet | int]:
    """Yield each page, or the number of one that cannot be opened."""
    characters = 0
    for index in range(len(document)):
        beat()
        try:
            page = document[index]
            sheet = recognition.read(page, read_sheet(page, index + 1), beat)
            if sheet.pieces:
                sheet = replace(sheet, rules=read_rules(page))
            page.close()
        except pdfium.PdfiumError:
            yield index + 1
            continue
        characters += sheet.characters
        if characters > TEXT_CHARACTERS:
            raise Unreadable(f"more than {TEXT_CHARACTERS // 1_000_000} million characters; split it")
        yield sheet


def parse_pdf(data: bytes, beat: Beat, *, ocr: bool = False) -> Parsed:
    """Read a PDF's text layer; raises Unreadable where it has none, is encrypted, or is damaged.

    With `ocr` the words of pages without one are recognised, where tesseract is installed.
    """
    document = _open(data)
    count = len(document)
    if count > PAGES:
        raise Unreadable(f"{count:,} pages, more than {PAGES:,}; split it")
    pages: list[list[Line]] = []
    heights: list[float] = []
    scanned: list[int] = []
    blank: list[int] = []
    broken: list[int] = []
    unknown: list[int] = []
    layered: list[int] = []
    recognition = Recognition(ocr)
    for sheet in _sheets(document, recognition, beat):
        if isinstance(sheet, int):
            broken.append(sheet)
            continue
        if unmapped(sheet):
            unknown.append(sheet.number)
            continue
        if not sheet.pieces:
            (scanned if sheet.images and sheet.number not in recognition.wordless else blank).append(sheet.number)
            continue
        if sheet.layered:
            layered.append(sheet.number)
        pages.append(lines_of(sheet))
        heights.append(sheet.height)
    if not pages:
        raise Unreadable(_nothing(count, scanned, broken, unknown, recognition.wordless))
    running = running_lines(zip(heights, pages, strict=True))
    kept = [[line for line in lines if id(line) not in running] for lines in pages]
    kept = [lines for lines in kept if lines]
    mark_headings(kept, _outline(document))
    beat()
    joined = join(kept)
    every = [line for lines in kept for line in lines]
    rows = sum(line.row for line in every)
    tables = sum(line.named and not before.named for before, line in pairwise(every))
    notes = []
    if recognition.late:
        notes.append(f"{page_numbers(recognition.late)}: {_LATE}")
    elif scanned:
        notes.append(f"{page_numbers(scanned)}: an image without text; {_OCR}")
    if unknown:
        notes.append(f"{page_numbers(unknown)}: fonts that don't say which characters they draw; {_OCR}")
    if recognition.wordless:
        notes.append(f"{page_numbers(recognition.wordless)}: no words were recognised in the image")
    if recognition.certainties:
        mean = statistics.mean(recognition.certainties.values())
        pages_told = page_numbers([*recognition.certainties])
        notes.append(f"{pages_told}: recognised from an image, {mean:.0f} % certain; compare what you quote with the page")
    if layered:
        notes.append(f"{page_numbers(layered)}: recognised from an image, by its maker; compare what you quote with the page")
    if broken:
        notes.append(f"{page_numbers(broken)}: damaged; open it in a viewer and print a copy")
    if running:
        notes.append(f"{len(running):,} running headers, footers and page numbers left out")
    if rows:
        notes.append(f"{rows:,} lines read as rows of tables")
    unread = tuple(sorted([*scanned, *broken, *unknown]))
    empty = tuple(sorted([*unread, *blank]))
    read = tuple(sorted([*recognition.certainties, *layered]))
    coverage = Coverage(
        pages=count,
        empty_pages=empty,
        unread_pages=unread,
        tables=tables,
        notes=tuple(notes),
        recognised_pages=read,
        recognition=recognition.asked,
    )
    metadata = _metadata(document)
    title = "" if "title" in metadata or not kept or kept[0][0].page != 1 else title_on(kept)
    return Parsed(0, joined.headings, metadata | ({"title": title} if title else {}), joined.text, joined.locators, coverage)


def _nothing(count: int, scanned: Sequence[int], broken: Sequence[int], unknown: Sequence[int], wordless: Sequence[int]) -> str:
    """Return why no page of a PDF has a text."""
    if unknown:
        return f"its fonts don't say which characters they draw on any of its {count:,} pages; {_OCR}"
    if scanned:
        return f"scanned: none of its {count:,} pages has a text layer; {_OCR}"
    if wordless:
        return f"scanned: no words were recognised on its {count:,} pages; scan it again, upright and with 300 dots per inch"
    if broken or not count:
        return "corrupt: no page can be opened; open it in a viewer and save or print a copy"
    return f"empty: none of its {count:,} pages has text"


def _outline(document: pdfium.PdfDocument) -> list[Mark]:
    """Return the outline's entries that lead to a page."""
    marks = []
    try:
        for number, bookmark in enumerate(document.get_toc(max_depth=6)):
            destination = bookmark.get_dest()
            index = None if destination is None else destination.get_index()
            if number >= _OUTLINE_ENTRIES:
                break
            if index is not None:
                marks.append(Mark(bookmark.get_title(), bookmark.level + 1, index + 1))
    except (pdfium.PdfiumError, UnicodeDecodeError):
        return marks
    return marks


def _metadata(document: pdfium.PdfDocument) -> dict[str, str]:
    """Return title, author, date of creation and language, where the file tells them and they can be true."""
    found = {}
    for key, name in (("title", "Title"), ("author", "Author"), ("date", "CreationDate")):
        try:
            value = one_line(document.get_metadata_value(name))
        except (pdfium.PdfiumError, UnicodeDecodeError):
            continue
        if key == "title":
            value = value.removeprefix("Microsoft Word - ").removeprefix("Microsoft PowerPoint - ").strip()
            value = "" if _NO_TITLE.fullmatch(value) else value
        if key == "date":
            value = file_date(value)
        if value:
            found[key] = value
    language = _language(document)
    return found | ({"language": language} if language else {})


def _language(document: pdfium.PdfDocument) -> str:
    """Return the language that a PDF's catalog names, such as en-GB."""
    size = pdfium_c.FPDFCatalog_GetLanguage(document.raw, None, 0)
    if not 2 < size < 200:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium_c.FPDFCatalog_GetLanguage(document.raw, ctypes.cast(buffer, ctypes.POINTER(pdfium_c.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "ignore")


def draw_page(data: bytes, number: int, areas: Sequence[Area], width: int) -> bytes:
    """Return the image of a page as PNG, `width` pixels wide, with the areas marked as with a pen.

    Raises Unreadable where there is no such page.
    """
    from PIL import Image, ImageChops, ImageDraw

    document = _open(data)
    if not 1 <= number <= len(document):
        raise Unreadable(f"has no page {number:,}; it has {len(document):,}")
    page = document[number - 1]
    across, down = page.get_size()
    scale = min(width / max(across, 1), (IMAGE_PIXELS / max(1, across * down)) ** 0.5)
    image = page.render(scale=scale).to_pil().convert("RGB")
    marked = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(marked)
    for area in areas:
        corners = (area.left * image.width, area.top * image.height, area.right * image.width, area.bottom * image.height)
        pen.rectangle([round(corner) for corner in corners], fill=(255, 226, 89))
    out = io.BytesIO()
    ImageChops.multiply(image, marked).save(out, "PNG")
    return out.getvalue()
