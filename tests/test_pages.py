"""A citation of a PDF names its page and where on it the words stand; the page can be drawn with them marked."""

import io
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

import qa.catalog.reading
from qa import Engine
from qa.answer import Citation
from qa.errors import BadInput
from qa.formats.parsed import Parsed
from qa.loaders import load
from qa.pages import page_image
from qa.records import Span
from qa.render import place
from qa.sandbox import Sandbox
from tests.files import harbour
from tests.files.handmade import Page, pdf
from tests.indexes import qa as run
from tests.indexes import rebuild

FILES = Path(__file__).parent / "files"
QUESTION = "Who began the long mole?"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "docs").mkdir()
    shutil.copy(FILES / "harbour-typst.pdf", folder / "docs" / "report.pdf")
    (folder / "docs" / "note.md").write_text("# Note\n\nThe ferry to the rock leaves at noon on Sundays.\n")
    (folder / "docs" / "scan.pdf").write_bytes(pdf([Page(image=True)]))
    words = Page()
    words.write(50, 700, "The lamp of the inner mole is green.")
    (folder / "docs" / "mixed.pdf").write_bytes(pdf([words, Page(image=True), Page()]))
    report = rebuild(folder / "index", folder / "docs")
    assert [item.path for item in report.skipped] == ["scan.pdf"]
    return folder / "index"


def cited(index: Path, question: str) -> Citation:
    with Engine.open(index) as engine:
        return engine.ask(question).passages[0]


def test_an_answer_on_page_seven_says_so_with_heading_and_boxes(index: Path) -> None:
    citation = cited(index, QUESTION)
    assert (citation.document, citation.page, citation.heading) == ("report.pdf", 7, ("The long mole",))
    assert place(citation) == "report.pdf, page 7"
    described = citation.to_dict()
    assert described["page"] == 7
    assert described["locator"] == {"kind": "page", "number": 7, "name": None}
    highlight = citation.quote[citation.highlights[0].start - citation.start : citation.highlights[0].end - citation.start]
    assert highlight == harbour.CHAPTERS[5][1]
    assert len(described["boxes"]) == 2, "the sentence takes two lines"
    for box in described["boxes"]:
        assert box["page"] == 7 and 0 < box["left"] < box["right"] < 1 and 0 < box["top"] < box["bottom"] < 0.5


def test_a_document_without_pages_has_line_and_no_boxes(index: Path) -> None:
    citation = cited(index, "When does the ferry to the rock leave?")
    assert (citation.page, citation.locator, citation.boxes, citation.line) == (None, None, (), 3)
    assert place(citation) == "note.md:3"


def test_the_command_line_names_the_page(index: Path) -> None:
    done = run("ask", QUESTION, "--index", index, folder=index.parent)
    assert done.returncode == 0, done.stderr
    assert "report.pdf, page 7" in done.stdout


def test_a_highlight_that_crosses_a_page_is_marked_on_both(index: Path) -> None:
    with Engine.open(index) as engine:
        entry = next(entry for entry in engine.store.entries if entry.document.path == "report.pdf")
        start = engine.store.catalog.text(entry.number).index(harbour.CROSSING)
        span = Span(start, start + len(harbour.CROSSING))
        for page in (8, 9):
            marked = page_image(engine.store, "report.pdf", page, span, 300)
            assert marked != page_image(engine.store, "report.pdf", page, None, 300)
            yellow = [colour for _, colour in Image.open(io.BytesIO(marked)).getcolors(100_000) or [] if colour == (255, 226, 89)]
            assert yellow
        assert page_image(engine.store, "report.pdf", 7, span, 300) == page_image(engine.store, "report.pdf", 7, None, 300)


def test_a_page_that_cannot_be_drawn_is_refused_with_what_to_do(index: Path) -> None:
    root = index.parent / "docs"
    with Engine.open(index) as engine:
        for path, page, reason in (
            ("none.pdf", 1, "none.pdf: no such document in the index; run: qa show"),
            ("../index/CURRENT", 1, "../index/CURRENT: no such document in the index; run: qa show"),
            ("note.md", 1, "note.md: has no pages to draw; run: qa show note.md"),
            ("report.pdf", 0, "report.pdf: has no page 0; it has 10"),
            ("report.pdf", 11, "report.pdf: has no page 11; it has 10"),
        ):
            with pytest.raises(BadInput) as caught:
                page_image(engine.store, path, page)
            assert str(caught.value) == reason
        held = (root / "report.pdf").read_bytes()
        try:
            (root / "report.pdf").write_bytes(held + b"\n")
            with pytest.raises(BadInput, match=r"^report.pdf: has changed since it was indexed; run: qa index$"):
                page_image(engine.store, "report.pdf", 7)
        finally:
            (root / "report.pdf").write_bytes(held)


def test_coverage_names_what_was_not_read_why_and_what_mends_it(index: Path) -> None:
    done = run("doctor", "--coverage", "--json", "--index", index, folder=index.parent)
    assert done.returncode == 1, done.stderr
    files = {item["path"]: item for item in json.loads(done.stdout)["files"]}
    assert list(files) == ["mixed.pdf", "note.md", "report.pdf", "scan.pdf"]
    assert files["report.pdf"]["read"] and files["report.pdf"]["pages"] == 10 and files["report.pdf"]["empty_pages"] == []
    assert files["report.pdf"]["characters"] > 7000
    assert (files["mixed.pdf"]["empty_pages"], files["mixed.pdf"]["unread_pages"]) == ([2, 3], [2])
    assert files["note.md"]["format"] == "utf-8" and files["note.md"]["pages"] is None
    assert not files["scan.pdf"]["read"]
    assert files["scan.pdf"]["reason"].startswith("scanned: none of its 1 pages has a text layer; ")
    assert files["scan.pdf"]["remedy"].startswith("have the words recognised with: qa index --ocr (it needs tesseract")
    told = " ".join(run("doctor", "--coverage", "--index", index, folder=index.parent).stdout.split())
    assert "3 of 4 files read, 2 pages without text" in told
    assert "skipped scan.pdf: scanned: none of its 1 pages has a text layer" in told
    assert "partly read mixed.pdf: 1 of its 3 pages not read; page 2: an image without text" in told


def test_indexing_tells_the_same_and_ends_well_unless_nothing_was_read(index: Path, tmp_path: Path) -> None:
    done = run("index", "--index", index, folder=index.parent)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "skipped scan.pdf: scanned" in told and "partly read mixed.pdf" in told and "nothing to publish" in told
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "scan.pdf").write_bytes(pdf([Page(image=True)]))
    done = run("index", "docs", folder=tmp_path)
    assert done.returncode == 2
    assert "none of its 1 files can be read: scan.pdf: scanned" in done.stderr


def test_a_file_read_before_is_not_parsed_again_unless_it_or_the_way_of_reading_changed(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    first = Sandbox.parse

    def parse(self: Sandbox, ending: str, data: bytes) -> Parsed:
        parsed.append(ending)
        return first(self, ending, data)

    monkeypatch.setattr(Sandbox, "parse", parse)
    with Engine.open(index) as engine:
        root, recall = Path(engine.store.manifest.root), engine.store.catalog.recall
        again = load(root, "report.pdf", None, recall)
        assert parsed == []
        assert again == load(root, "report.pdf"), "what is recalled is what would be read, boxes and all"
        assert parsed == [".pdf"]
        assert recall("report.pdf", "0" * 64) is None
        assert recall("none.pdf", again.file_sha256) is None
        monkeypatch.setattr(qa.catalog.reading, "READING", qa.catalog.reading.READING + 1)
        assert recall("report.pdf", again.file_sha256) is None


def test_a_file_laid_out_anew_with_the_same_words_is_published_anew(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for pages in ([0, 1], [1, 0]):
        made = [Page(), Page()]
        made[pages[0]].write(50, 700, "The tide turns at four.")
        (tmp_path / "docs" / "a.pdf").write_bytes(pdf(made))
        assert rebuild(tmp_path / "index", tmp_path / "docs").published
        assert cited(tmp_path / "index", "When does the tide turn?").page == pages[0] + 1
