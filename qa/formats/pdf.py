"""Read PDFs: text in reading order with the box of each character, headings, metadata; and draw their pages."""

import ctypes
import io
import re
from collections.abc import Iterator, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa.coverage import Coverage
from qa.formats.glyphs import Sheet, read_sheet
from qa.formats.headings import Mark, mark_headings, title_on
from qa.formats.lines import Line, lines_of, running_lines
from qa.formats.paragraphs import join
from qa.formats.parsed import TEXT_CHARACTERS, Beat, Parsed, Unreadable, file_date, one_line, page_numbers
from qa.locators import Area

PAGES = 5_000
IMAGE_PIXELS = 30_000_000
"""Most pixels of a page's image; a page may say that it is a kilometre wide."""

_OUTLINE_ENTRIES = 5_000
_UNMAPPED = 0.3
_OCR = "make its text readable with: ocrmypdf IN.pdf OUT.pdf"
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


def _sheets(document: pdfium.PdfDocument, beat: Beat) -> Iterator[Sheet | int]:
    """Yield each page, or the number of one that cannot be opened."""
    characters = 0
    for index in range(len(document)):
        beat()
        try:
            page = document[index]
            sheet = read_sheet(page, index + 1)
            page.close()
        except pdfium.PdfiumError:
            yield index + 1
            continue
        characters += sheet.characters
        if characters > TEXT_CHARACTERS:
            raise Unreadable(f"more than {TEXT_CHARACTERS // 1_000_000} million characters; split it")
        yield sheet


def parse_pdf(data: bytes, beat: Beat) -> Parsed:
    """Read a PDF's text layer; raises Unreadable where it has none, is encrypted, or is damaged."""
    document = _open(data)
    count = len(document)
    if count > PAGES:
        raise Unreadable(f"{count:,} pages, more than {PAGES:,}; split it")
    pages: list[list[Line]] = []
    heights: list[float] = []
    scanned: list[int] = []
    blank: list[int] = []
    broken: list[int] = []
    unmapped: list[int] = []
    for sheet in _sheets(document, beat):
        if isinstance(sheet, int):
            broken.append(sheet)
            continue
        if sheet.unmapped > _UNMAPPED * sheet.characters:
            unmapped.append(sheet.number)
            continue
        if not sheet.pieces:
            (scanned if sheet.images else blank).append(sheet.number)
            continue
        pages.append(lines_of(sheet))
        heights.append(sheet.height)
    if not pages:
        raise Unreadable(_nothing(count, scanned, broken, unmapped))
    running = running_lines(zip(heights, pages, strict=True))
    kept = [[line for line in lines if id(line) not in running] for lines in pages]
    kept = [lines for lines in kept if lines]
    mark_headings(kept, _outline(document))
    beat()
    joined = join(kept)
    rows = sum(line.row for lines in kept for line in lines)
    notes = []
    if scanned:
        notes.append(f"{page_numbers(scanned)}: an image without text; {_OCR}")
    if unmapped:
        notes.append(f"{page_numbers(unmapped)}: fonts that don't say which characters they draw; {_OCR}")
    if broken:
        notes.append(f"{page_numbers(broken)}: damaged; open it in a viewer and print a copy")
    if running:
        notes.append(f"{len(running):,} running headers, footers and page numbers left out")
    if rows:
        notes.append(f"{rows:,} lines read as rows of tables")
    unread = tuple(sorted([*scanned, *broken, *unmapped]))
    empty = tuple(sorted([*unread, *blank]))
    coverage = Coverage(pages=count, empty_pages=empty, unread_pages=unread, notes=tuple(notes))
    metadata = _metadata(document)
    title = "" if "title" in metadata or not kept or kept[0][0].page != 1 else title_on(kept)
    return Parsed(0, joined.headings, metadata | ({"title": title} if title else {}), joined.text, joined.locators, coverage)


def _nothing(count: int, scanned: Sequence[int], broken: Sequence[int], unmapped: Sequence[int]) -> str:
    """Return why no page of a PDF has a text."""
    if unmapped:
        return f"its fonts don't say which characters they draw on any of its {count:,} pages; {_OCR}"
    if scanned:
        return f"scanned: none of its {count:,} pages has a text layer; {_OCR}"
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
