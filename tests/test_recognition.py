"""Words that only an image shows are recognised where that is asked for, in their places, and every quote of them says so."""

import io
import json
import re
import subprocess
from email.message import Message
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image

import qa.downloads
from qa import Engine
from qa.doctor import examine
from qa.formats.parsed import Parsed, Unreadable
from qa.formats.pdf import draw_page, parse_pdf
from qa.formats.recognition import recognise, tesseract
from qa.indexer import Options, build_index
from qa.pages import areas_of
from qa.records import Span
from qa.render import place
from qa.sandbox import Sandbox
from tests.files import harbour
from tests.files.handmade import Page, pdf
from tests.indexes import publish_changed, qa_here, write_files
from tests.indexes import qa as run

FILES = Path(__file__).parent / "files"
ORIGINAL = FILES / "harbour-typst.pdf"
MOLE = 7
REMEDY = "have the words recognised with: qa index --ocr (it needs tesseract, in Debian: apt install tesseract-ocr)"
SAID = "recognised from an image; compare the words with the page"
needs_tesseract = pytest.mark.skipif(tesseract() is None, reason="needs tesseract; in Debian: apt install tesseract-ocr")


def scanned(*numbers: int) -> bytes:
    """Return pages of the harbour report as a scanner would make them: an image each, 200 dots to the inch."""
    across = 1165
    images = [Image.open(io.BytesIO(draw_page(ORIGINAL.read_bytes(), number, [], across))).convert("L") for number in numbers]
    out = io.BytesIO()
    images[0].save(out, "PDF", resolution=across / 148 * 25.4, save_all=True, append_images=images[1:])
    return out.getvalue()


@pytest.fixture(scope="module")
def read() -> Parsed:
    with Sandbox(ocr=True) as sandbox:
        return sandbox.parse(".pdf", scanned(MOLE))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recognised")
    (folder / "docs").mkdir()
    (folder / "docs" / "scan.pdf").write_bytes(scanned(MOLE))
    words = Page()
    words.write(50, 700, "The lamp of the inner mole is green.")
    (folder / "docs" / "lamp.pdf").write_bytes(pdf([words]))
    build_index(folder / "docs", folder / "index", options=Options(ocr=True))
    return folder / "index"


@needs_tesseract
def test_recognised_words_stand_in_order_and_the_coverage_names_their_pages(read: Parsed) -> None:
    heading, fact = harbour.CHAPTERS[5]
    assert " ".join([heading, fact, *harbour.FILLER]) in " ".join(read.text.split())
    assert (read.coverage.recognised_pages, read.coverage.unread_pages, read.coverage.empty_pages) == ((1,), (), ())
    assert re.match(
        r"page 1: recognised from an image, \d\d % certain; compare what you quote with the page$", read.coverage.notes[0]
    )


@needs_tesseract
def test_each_recognised_word_has_the_place_where_the_page_shows_it(read: Parsed) -> None:
    """The page it was made from, which has a text layer, is asked what stands there."""
    page = pdfium.PdfDocument(ORIGINAL)[MOLE - 1]
    width, height = page.get_size()
    textpage = page.get_textpage()
    wrong = []
    words = list(re.finditer(r"\S+", read.text))
    for match in words:
        (area,) = areas_of(read.locators, Span(*match.span()))
        corners = (area.left * width - 1, height - area.bottom * height, area.right * width + 1, height - area.top * height)
        if match[0].strip(".,;") not in textpage.get_text_bounded(*corners):
            wrong.append(match[0])
    assert len(words) > 50 and len(wrong) <= 0.05 * len(words), wrong


@needs_tesseract
def test_a_quote_of_recognised_words_says_so_everywhere_and_no_other_does(index: Path) -> None:
    with Engine.open(index) as engine:
        citation = engine.ask("Who began the long mole?").passages[0]
        other = engine.ask("Which colour is the lamp of the inner mole?").passages[0]
    assert (citation.document, citation.page, citation.recognised) == ("scan.pdf", 1, True)
    assert citation.boxes and place(citation) == f"scan.pdf, page 1, {SAID}"
    assert citation.to_dict()["recognised"] is True
    assert (other.document, other.recognised, other.to_dict()["recognised"]) == ("lamp.pdf", False, False)
    assert SAID not in place(other)
    done = run("ask", "Who began the long mole?", "--index", index, folder=index.parent)
    assert f"scan.pdf, page 1, {SAID}" in " ".join(done.stdout.split())
    found = {
        file["path"]: file
        for file in json.loads(run("doctor", "--coverage", "--json", "--index", index, folder=index.parent).stdout)["files"]
    }
    assert (found["scan.pdf"]["recognised_pages"], found["lamp.pdf"]["recognised_pages"]) == ([1], [])


@needs_tesseract
def test_an_index_goes_on_as_it_was_built_until_told_otherwise(index: Path, tmp_path: Path) -> None:
    docs, again = index.parent / "docs", tmp_path / "index"
    first = build_index(docs, again)
    assert [item.reason for item in first.skipped] == [f"scanned: none of its 1 pages has a text layer; {REMEDY}"]
    report = build_index(docs, index)
    assert (report.published, report.documents, report.skipped) == (False, 2, ())
    without = build_index(docs, index, options=Options(ocr=False))
    assert without.removed == ("scan.pdf",) and without.skipped == first.skipped
    once_more = build_index(docs, index, options=Options(ocr=True))
    assert once_more.added == ("scan.pdf",)


@needs_tesseract
def test_an_index_built_with_recognition_before_there_was_a_scan_reads_the_first_that_comes(tmp_path: Path) -> None:
    docs, index = write_files(tmp_path / "docs", {"a.txt": "The bell is cracked.\n"}), tmp_path / "index"
    build_index(docs, index)
    assert build_index(docs, index, options=Options(ocr=True)).published, "the wish itself is to be remembered"
    assert not build_index(docs, index).published
    (docs / "scan.pdf").write_bytes(scanned(MOLE))
    assert build_index(docs, index).added == ("scan.pdf",)
    assert {finding.check: finding.well for finding in examine(index)}["folder"]
    assert build_index(docs, index, options=Options(ocr=False)).removed == ("scan.pdf",)
    assert [item.path for item in build_index(docs, index).skipped] == ["scan.pdf"]


@needs_tesseract
def test_an_index_whose_manifest_says_nothing_of_recognition_goes_on_as_its_documents_were_read(tmp_path: Path) -> None:
    docs, index = write_files(tmp_path / "docs", {"scan.pdf": scanned(MOLE)}), tmp_path / "index"
    build_index(docs, index, options=Options(ocr=True))
    publish_changed(index, lambda folder: None, ocr=None)
    (docs / "other.pdf").write_bytes(scanned(2))
    assert build_index(docs, index).added == ("other.pdf",)


@needs_tesseract
def test_a_damaged_index_that_was_built_with_recognition_is_rebuilt_with_it(tmp_path: Path) -> None:
    docs, index = write_files(tmp_path / "docs", {"scan.pdf": scanned(MOLE)}), tmp_path / "index"
    build_index(docs, index, options=Options(ocr=True))
    (catalog,) = index.glob("generations/*/catalog*")
    catalog.write_bytes(catalog.read_bytes()[:-1])
    assert not build_index(docs, index, options=Options(rebuild=True)).skipped


@needs_tesseract
def test_a_scan_named_by_its_address_is_read_as_the_index_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docs, index = write_files(tmp_path / "docs", {"a.txt": "The bell is cracked.\n"}), tmp_path / "index"
    build_index(docs, index, options=Options(ocr=True))
    monkeypatch.setattr(qa.downloads, "_fetch", lambda url, allow_private: (url, Message(), scanned(MOLE)))
    monkeypatch.setattr(qa.downloads, "_ending", lambda where, headers: ".pdf")
    done = qa_here("index", "https://a.example/scan.pdf", "--index", index)
    assert (done.returncode, "1 added" in done.stdout) == (0, True), done
    refused = qa_here("index", "https://a.example/scan.pdf", "--no-ocr", "--index", index)
    assert refused.returncode == 2 and "qa index --ocr" in refused.stderr


@needs_tesseract
def test_a_page_of_no_words_is_named_and_not_read() -> None:
    with pytest.raises(Unreadable) as caught:
        parse_pdf(pdf([Page(image=True)]), lambda: None, ocr=True)
    remedy = "scan it again, upright and with 300 dots per inch"
    assert str(caught.value) == f"scanned: no words were recognised on its 1 pages; {remedy}"
    words = Page()
    words.write(50, 700, "Words.")
    coverage = parse_pdf(pdf([words, Page(image=True)]), lambda: None, ocr=True).coverage
    assert (coverage.empty_pages, coverage.unread_pages, coverage.recognised_pages) == ((2,), (), ())
    assert coverage.notes == ("page 2: no words were recognised in the image",)


def test_without_being_asked_for_nothing_is_recognised() -> None:
    with pytest.raises(Unreadable, match="none of its 1 pages has a text layer"):
        parse_pdf(scanned(MOLE), lambda: None)


def program(folder: Path, script: str) -> None:
    folder.mkdir()
    (folder / "tesseract").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "tesseract").chmod(0o755)


def test_a_program_that_hangs_or_fails_or_raves_costs_its_page_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.formats.recognition.PAGE_SECONDS", 1.0)
    words = Page()
    words.write(50, 700, "Words.")
    content = pdf([words, Page(image=True)])
    row = "5\\t1\\t1\\t1\\t1\\t1\\t10\\t10\\t50\\t20\\t12.5\\tunsure"
    for name, script in (
        ("hangs", "exec sleep 30"),
        ("fails", "exit 3"),
        ("raves", "printf 'a\\tb\\n\\n5\\tx'"),
        ("unsure", f"printf 'head\\n{row}'"),
    ):
        program(tmp_path / name, f'[ "$1" = --list-langs ] && exit 0\n{script}')
        monkeypatch.setenv("PATH", f"{tmp_path / name}:/usr/bin:/bin")
        beats: list[None] = []
        parsed = parse_pdf(content, lambda beats=beats: beats.append(None), ocr=True)
        assert parsed.text == "Words." and parsed.coverage.recognised_pages == (), name
        assert len(beats) > 3, "while it is waited for, the file shows progress"


def test_pages_beyond_a_files_time_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr("qa.formats.pdf.FILE_SECONDS", -1.0)
    words = Page()
    words.write(50, 700, "Words.")
    coverage = parse_pdf(pdf([words, Page(image=True), Page(image=True)]), lambda: None, ocr=True).coverage
    assert coverage.notes == ("pages 2–3: not recognised within the 4 minutes that a file has; split it",)
    assert coverage.unread_pages == (2, 3)


def test_where_tesseract_is_missing_the_command_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("Words.")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("index", "docs", "--ocr", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "qa: --ocr needs the program tesseract, which is not installed; in Debian: apt install tesseract-ocr\n"
    page = Page(image=True)
    document = pdfium.PdfDocument(pdf([page]))
    from qa.formats.glyphs import read_sheet

    sheet = read_sheet(document[0], 1)
    assert recognise(document[0], sheet, lambda: None) == (sheet, 0.0)


@needs_tesseract
def test_the_text_layer_under_a_scan_is_read_in_its_places_and_said_to_be_recognised(tmp_path: Path) -> None:
    image = tmp_path / "scan.png"
    Image.open(io.BytesIO(draw_page(ORIGINAL.read_bytes(), MOLE, [], 1165))).save(image, dpi=(200, 200))
    subprocess.run(["tesseract", str(image), str(tmp_path / "scan"), "pdf"], check=True, capture_output=True)
    layered = parse_pdf((tmp_path / "scan.pdf").read_bytes(), lambda: None)
    heading, fact = harbour.CHAPTERS[5]
    assert " ".join([heading, fact, *harbour.FILLER]) in " ".join(layered.text.split())
    assert layered.coverage.recognised_pages == (1,) and not layered.coverage.recognition
    assert "page 1: recognised from an image, by its maker; compare what you quote with the page" in layered.coverage.notes
    document = pdfium.PdfDocument(ORIGINAL)
    page, textpage = document[MOLE - 1], document[MOLE - 1].get_textpage()
    width, height = page.get_size()
    words = list(re.finditer(r"\w+", layered.text))
    wrong = []
    for match in words:
        (area,) = areas_of(layered.locators, Span(*match.span()))
        corners = (area.left * width - 1, height - area.bottom * height, area.right * width + 1, height - area.top * height)
        if match[0] not in textpage.get_text_bounded(*corners):
            wrong.append(match[0])
    assert len(words) > 50 and len(wrong) <= 0.05 * len(words), wrong


@needs_tesseract
def test_an_index_of_scans_with_text_layers_does_not_go_on_to_recognise(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    image = tmp_path / "scan.png"
    Image.open(io.BytesIO(draw_page(ORIGINAL.read_bytes(), MOLE, [], 1165))).save(image, dpi=(200, 200))
    subprocess.run(["tesseract", str(image), str(tmp_path / "docs" / "scan"), "pdf"], check=True, capture_output=True)
    build_index(tmp_path / "docs", tmp_path / "index")
    (tmp_path / "docs" / "image.pdf").write_bytes(scanned(2))
    report = build_index(tmp_path / "docs", tmp_path / "index")
    assert [item.path for item in report.skipped] == ["image.pdf"]
