"""A PDF's page stands beside the answer as it looks, boxes on the very words; nothing but pages can be fetched."""

import io
import json
import shutil
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from qa import Engine, build_index
from qa.answer import Citation
from qa.ui import launch
from tests.browsing import Visit, Visitor, fetch, free_port
from tests.files import harbour
from tests.test_ui_accessibility import violations

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[test]'")

FILES = Path(__file__).parent / "files"
QUESTION = "Who began the long mole?"
YELLOW = (255, 226, 89)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Index a report and a note."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "docs").mkdir()
    shutil.copy(FILES / "harbour-typst.pdf", folder / "docs" / "report.pdf")
    (folder / "docs" / "note.md").write_text("# Note\n\nThe ferry to the rock leaves at noon on Sundays.\n")
    build_index(folder / "docs", folder / "index")
    return folder


@pytest.fixture(scope="module")
def reports(folder: Path) -> Iterator[str]:
    """Serve the report and the note."""
    running = launch(folder / "index", port=free_port())
    yield running.url
    running.close()


def cited(folder: Path) -> tuple[str, Citation]:
    """Return the report's id and the citation that answers."""
    with Engine.open(folder / "index") as engine:
        entry = next(entry for entry in engine.store.entries if entry.document.path == "report.pdf")
        return entry.document.id, engine.ask(QUESTION).passages[0]


def fetched(url: str) -> Image.Image:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310
        assert answer.headers["content-type"] == "image/png"
        return Image.open(io.BytesIO(answer.read())).convert("RGB")


def open_report(visit: Visit) -> "playwright.Locator":
    """Ask, open the first citation and return the page's image once it is there."""
    visit.ask(QUESTION).locator(".open").first.click()
    image = visit.page.locator("#pane .sheet img")
    image.wait_for()
    visit.page.wait_for_function("document.querySelector('#pane .sheet img').naturalWidth > 0")
    return image


def test_a_citation_of_a_pdf_opens_its_page_with_boxes_on_the_very_words(visitor: Visitor, reports: str, folder: Path) -> None:
    visit = visitor(reports)
    image = open_report(visit)
    _, citation = cited(folder)
    assert visit.page.locator("#pane .at").inner_text() == "Page 7 of 10"
    boxes = visit.page.locator("#pane .box.current:visible")
    assert boxes.count() == len(citation.boxes) == 2
    whole = image.bounding_box()
    assert whole is not None
    for number, area in enumerate(citation.boxes):
        drawn = boxes.nth(number).bounding_box()
        assert drawn is not None
        assert (drawn["x"] - whole["x"]) / whole["width"] == pytest.approx(area.left, abs=0.004)
        assert (drawn["y"] - whole["y"]) / whole["height"] == pytest.approx(area.top, abs=0.004)
        assert drawn["width"] / whole["width"] == pytest.approx(area.right - area.left, abs=0.004)
    pane = visit.page.locator("#pane .desktop").bounding_box()
    first = boxes.first.bounding_box()
    assert pane and first and pane["y"] <= first["y"] <= pane["y"] + pane["height"]
    assert boxes.first.evaluate("box => getComputedStyle(box, '::before').content") == '"1"'
    assert boxes.first.evaluate("box => getComputedStyle(box).boxShadow") != "none", "seen without colour too"


def test_pages_are_turned_and_their_boxes_with_them(visitor: Visitor, reports: str) -> None:
    visit = visitor(reports)
    open_report(visit)
    on, back = (visit.page.get_by_role("button", name=name) for name in ("Next page", "Previous page"))
    for number in (8, 9, 10):
        on.click()
        playwright.expect(visit.page.locator("#pane .at")).to_have_text(f"Page {number} of 10")
        assert visit.page.locator("#pane .box.current:visible").count() == 0
    assert on.is_disabled()
    assert "/10?" in (visit.page.locator("#pane .sheet img").get_attribute("src") or "")
    for _ in range(3):
        back.click()
    playwright.expect(visit.page.locator("#pane .box.current:visible")).to_have_count(2)
    visit.page.locator("#pane .contents summary").click()
    visit.page.locator("#pane .contents button", has_text="Wind and water").click()
    playwright.expect(visit.page.locator("#pane .at")).to_have_text("Page 2 of 10")


def test_the_text_is_one_press_away_and_stays_chosen(visitor: Visitor, reports: str) -> None:
    visit = visitor(reports)
    open_report(visit)
    visit.page.get_by_role("button", name="Text", exact=True).click()
    mark = visit.page.locator("#pane mark.current")
    assert " ".join(mark.first.inner_text().split()) == harbour.CHAPTERS[5][1]
    playwright.expect(mark.first).to_be_in_viewport()
    assert not visit.page.locator("#pane .pages").is_visible()
    visit.page.get_by_role("button", name="Next evidence").click()
    playwright.expect(visit.page.locator("#pane .steps")).to_contain_text("2 of")
    assert visit.page.locator("#pane .text").is_visible()
    visit.page.get_by_role("button", name="Page", exact=True).click()
    assert visit.page.locator("#pane .sheet img").is_visible()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_a_page_shuts_nobody_out_and_fits(visitor: Visitor, reports: str, width: int, theme: str) -> None:
    visit = visitor(reports, width=width, query=f"?__theme={theme}")
    image = open_report(visit)
    assert violations(visit) == []
    box = image.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_documents_without_pages_are_shown_as_text(visitor: Visitor, reports: str) -> None:
    visit = visitor(reports)
    visit.open_first(visit.ask("When does the ferry to the rock leave?"))
    assert visit.page.locator("#pane .pages, #pane .views").count() == 0


def test_a_file_that_has_changed_is_named_in_place_of_its_page(visitor: Visitor, reports: str, folder: Path) -> None:
    path = folder / "docs" / "report.pdf"
    held = path.read_bytes()
    try:
        path.write_bytes(held + b"\n")
        visit = visitor(reports)
        visit.ask(QUESTION).locator(".open").first.click()
        note = visit.page.locator("#pane .pages .note")
        playwright.expect(note).to_have_text(
            "report.pdf: has changed since it was indexed; run: qa index. Its words are under Text."
        )
    finally:
        path.write_bytes(held)


def test_programs_fetch_a_page_by_what_an_answer_and_the_sources_say(reports: str, folder: Path) -> None:
    from gradio_client import Client

    client = Client(reports, verbose=False)
    listed = {source["document"]: source for source in client.predict(api_name="/sources")}
    report = listed["report.pdf"]
    assert (report["pages"], listed["note.md"]["pages"]) == (10, None)
    first = client.predict(QUESTION, api_name="/ask")["citations"][0]
    marks = first["highlights"][0]
    url = f"{reports}page/{report['id']}/{first['page']}"
    drawn = fetched(f"{url}?start={marks['start']}&end={marks['end']}&width=600")
    assert drawn.width == 600
    yellow = [(x, y) for x in range(drawn.width) for y in range(drawn.height) if drawn.getpixel((x, y)) == YELLOW]
    assert len(yellow) > 500
    for x, y in yellow:
        assert any(
            box["left"] * drawn.width - 1 <= x <= box["right"] * drawn.width + 1
            and box["top"] * drawn.height - 1 <= y <= box["bottom"] * drawn.height + 1
            for box in first["boxes"]
        )
    assert YELLOW not in {colour for _, colour in fetched(f"{url}?width=600").getcolors(100_000) or []}


def test_nothing_but_pages_of_indexed_documents_is_given_out(reports: str, folder: Path) -> None:
    report, _ = cited(folder)
    gone = "there is no such document in the index any more; ask again"
    for path, status, told in (
        (f"page/{report}/11", 404, "report.pdf: has no page 11; it has 10"),
        (f"page/{report}/0", 404, "report.pdf: has no page 0; it has 10"),
        (f"page/{report}/-1", 404, "the page must be a whole number"),
        (f"page/{report}/1?width=99999", 404, "width is 99,999; ask for at most 4,000 pixels"),
        (f"page/{report}/1?start=4", 404, "end must be a whole number"),
        (f"page/{'0' * 64}/1", 404, gone),
        ("page/report.pdf/1", 404, gone),
        ("page/..%2Freport.pdf/1", 404, "the page must be a whole number"),
        ("page/%2e%2e/1", 404, ""),
        ("page", 404, "the page must be a whole number"),
        (f"page/{report}/1?shelf=guessed%C3%A9", 404, "Your documents are not here any more; add them again"),
    ):
        found, text = fetch(reports + path)
        assert (found, told in text) == (status, True), (path, found, text[:200])


def test_with_a_password_pages_are_shown_to_those_who_gave_it(folder: Path) -> None:
    report, _ = cited(folder)
    running = launch(folder / "index", port=free_port(), auth=("ann", "secret"))
    try:
        assert fetch(f"{running.url}page/{report}/1") == (401, "Log in first.")
        made_up = "access-token-unsecure-x=y"
        assert fetch(f"{running.url}page/{report}/1", Cookie=made_up)[0] == 401
        form = urllib.request.Request(f"{running.url}login", b"username=ann&password=secret")  # noqa: S310
        with urllib.request.urlopen(form, timeout=10) as answer:  # noqa: S310
            assert json.loads(answer.read())["success"]
            cookies = "; ".join(given.partition(";")[0] for given in answer.headers.get_all("set-cookie"))
        assert fetch(f"{running.url}page/{report}/1", Cookie=cookies)[0] == 200
    finally:
        running.close()


def test_pages_of_own_documents_are_shown_to_their_owner_alone(visitor: Visitor, reports: str, tmp_path: Path) -> None:
    shutil.copy(FILES / "harbour-libreoffice.pdf", tmp_path / "mine.pdf")
    visit = visitor(reports)
    visit.unfold("mine")
    visit.page.locator(".own .files").set_input_files(tmp_path / "mine.pdf")
    playwright.expect(visit.page.locator(".own .shelf .read")).to_contain_text("read,", timeout=60_000)
    playwright.expect(visit.page.locator(".own .shelf .read")).to_be_in_viewport()
    image = open_report(visit)
    source = image.get_attribute("src") or ""
    assert "mine.pdf" in visit.page.locator("#pane header").inner_text()
    assert fetch(reports + source)[0] == 200
    assert fetch(reports + source.partition("&shelf=")[0])[0] == 404, "without the key it is nobody's"
    visit.page.close()
    until = time.monotonic() + 20
    while fetch(reports + source)[0] == 200 and time.monotonic() < until:
        time.sleep(0.2)
    assert fetch(reports + source)[0] == 404, "gone with the session"
