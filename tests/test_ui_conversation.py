"""A conversation in a real browser: followed up, kept, judged, and about the visitor's own documents."""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.datastructures import QueryParams

from qa import Engine, build_index
from qa.errors import BadInput
from qa.questions.files import read_questions
from qa.ui import launch, shelf
from qa.ui.choosing import MOST_LINKED, Choice
from qa.ui.desk import Desk
from qa.ui.keeping import keeping_view
from qa.ui.page import Page
from qa.ui.shelf import MOST_BYTES, MOST_FILES, Shelf, Shelves, file_name, uploaded
from qa.ui.turns import Turn
from qa.verification import OK, verify
from tests.browsing import Visit, Visitor, free_port

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[test]'")

QUESTION = "Who chairs the Improvement Board?"


def test_a_mistyped_word_is_put_right_by_its_button(visitor: Visitor) -> None:
    visit = visitor()
    turn = visit.ask("Who chairs the Improvemnet Bord?")
    playwright.expect(turn.locator(".refused")).to_be_visible()
    turn.get_by_role("button", name="Improvement", exact=True).click()
    field = turn.get_by_label("The question as it was understood")
    playwright.expect(field).to_have_value("Who chairs the Improvement Bord?")
    turn.get_by_role("button", name="Board", exact=True).click()
    playwright.expect(field).to_have_value("Who chairs the Improvement Board?")
    playwright.expect(turn.locator(".said")).to_contain_text("Rory Paterson")
    assert turn.locator(".question").inner_text() == "Who chairs the Improvemnet Bord?"


def test_a_follow_up_is_understood_and_can_be_corrected(visitor: Visitor) -> None:
    visit = visitor()
    assert visit.ask(QUESTION).locator(".asked").count() == 0
    turn = visit.ask("How often does it meet?")
    field = turn.get_by_label("The question as it was understood")
    assert turn.locator(".question").inner_text() == "How often does it meet?"
    assert field.input_value() == "How often does the Improvement Board meet?"
    assert "every month" in turn.locator(".said").inner_text()
    field.fill("Who is Greta Byline?")
    field.press("Enter")
    playwright.expect(turn.locator("mark").first).to_contain_text("Greta Byline")
    assert visit.page.locator(".turn").count() == 2
    playwright.expect(turn.locator(".question")).to_be_focused()
    turn.get_by_text("Ask as typed").click()
    playwright.expect(field).to_have_value("How often does it meet?")
    # What was asked last is what the next question follows.
    field.fill("When did Barbara Peacock join Medway Council?")
    turn.get_by_text("Ask this").click()
    playwright.expect(turn.locator("mark").first).to_contain_text("2012")
    after = visit.ask("why was she appointed?")
    assert after.get_by_label("The question as it was understood").input_value() == "why was Barbara Peacock appointed?"


def test_follow_ups_can_be_switched_off(visitor: Visitor) -> None:
    visit = visitor()
    visit.ask(QUESTION)
    visit.page.locator("#scope > button").click()
    visit.page.get_by_label("Understand short questions from the ones before").uncheck()
    assert visit.ask("How often does it meet?").locator(".asked").count() == 0


def test_follow_ups_can_be_switched_off_where_one_is_seen(visitor: Visitor) -> None:
    visit = visitor()
    visit.ask(QUESTION)
    turn = visit.ask("How often does it meet?")
    turn.get_by_text("Always as typed").click()
    playwright.expect(turn.get_by_label("The question as it was understood")).to_have_value("How often does it meet?")
    assert visit.ask("How often does it meet?").locator(".asked").count() == 0


def copied(visit: Visit, turn: "playwright.Locator", name: str) -> str:
    """Return what a button of a turn copies."""
    button = turn.get_by_role("button", name=name)
    button.click()
    button.get_by_text("Copied", exact=True).wait_for()
    return str(visit.page.evaluate("navigator.clipboard.readText()"))


def test_an_answer_is_copied_in_every_format(visitor: Visitor) -> None:
    visit = visitor()
    turn = visit.ask(QUESTION)
    markdown = copied(visit, turn, "Copy as Markdown")
    assert markdown.startswith(f"**{QUESTION}**\n\n> Rory Paterson")
    assert "\n[^1]: " in markdown
    assert "retold from" in markdown
    assert copied(visit, turn, "Copy as HTML").startswith(f"<p><strong>{QUESTION}</strong></p><figure><blockquote>")
    assert copied(visit, turn, "Copy as BibTeX").startswith("@misc{medway-council-2022,")
    assert json.loads(copied(visit, turn, "Copy as CSL-JSON"))[0]["id"] == "medway-council-2022"


def test_a_link_asks_the_same_question_of_the_same_documents(visitor: Visitor) -> None:
    visit = visitor()
    visit.page.locator("#scope > button").click()
    visit.page.get_by_role("button", name="Choose no document").click()
    visit.page.locator(".picker li", has_text="KentOnline").locator("input").check()
    visit.page.get_by_label("Dated from").fill("2020")
    link = copied(visit, visit.ask("Who is Eleanor Brazil?"), "Copy a link")
    assert link == f"{visit.url}?q=Who+is+Eleanor+Brazil%3F&document=kentonline-2021.md&since=2020"
    other = visitor(query=link.removeprefix(visit.url))
    turn = other.page.locator(".turn")
    assert turn.locator(".question").inner_text() == "Who is Eleanor Brazil?"
    assert "Asked only in kentonline-2021.md from 2020." in turn.inner_text()
    playwright.expect(other.page.locator("#scope > button")).to_contain_text("Asking 1 of the documents, from 2020")


def arrived_by(desk: Desk, query: str) -> list[Turn]:
    """Return the turns of a page that is opened at an address."""
    request: Any = SimpleNamespace(query_params=QueryParams(query.removeprefix("?")))
    turns: list[Turn] = Page(desk, Shelves("none"), None).arrive(request)[1]
    return turns


def test_what_a_link_names_is_asked_and_nothing_that_its_name_would_match(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    for name in ("a*.txt", "ab.txt"):
        (documents / name).write_text("The mill closed in 1990.", encoding="utf-8")
    build_index(documents, tmp_path / "index")
    desk = Desk(tmp_path / "index", reader="none")
    linked = Choice(("a*.txt",)).query("When did the mill close?") or ""
    (turn,) = arrived_by(desk, linked)
    assert turn.result is not None and turn.result.searched.documents == 1
    assert turn.result.passages[0].document == "a*.txt"
    (many,) = arrived_by(desk, linked + "&document=c.txt" * MOST_LINKED)
    assert (many.result, many.trouble) == (None, "The address names 101 documents, and may name 100; ask for fewer")
    desk.close()
    for count in (MOST_LINKED, MOST_LINKED + 1):
        shown = keeping_view(replace(turn, choice=Choice(tuple(map(str, range(count))))), turn.result)
        assert ("data-link" in shown) is (count == MOST_LINKED)
        assert ("No link: it can name 100 documents at most." in shown) is (count > MOST_LINKED)


def test_a_link_with_markup_in_it_is_only_asked(visitor: Visitor) -> None:
    visit = visitor(
        query="?q=%3Cimg%20src=x%20onerror=alert(1)%3E&document=%3Cscript%3E&since=%22%3E%3Cscript%3Ealert(2)%3C/script%3E"
    )
    assert "is no date" in visit.page.locator(".turn .trouble").inner_text()
    assert visit.page.locator(".turn .question").inner_text() == "<img src=x onerror=alert(1)>"


def test_a_conversation_is_downloaded_as_answers_that_verify(visitor: Visitor, index: Path, tmp_path: Path) -> None:
    visit = visitor()
    visit.ask(QUESTION)
    visit.ask("How often does it meet?")
    visit.ask("What is the best recipe for sourdough pizza on Mars?")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Download this conversation").click()
    saved = tmp_path / "conversation.json"
    download.value.save_as(saved)
    assert [(one["typed"], one["answered"]) for one in json.loads(saved.read_text(encoding="utf-8"))] == [
        (QUESTION, True),
        ("How often does it meet?", True),
        ("What is the best recipe for sourdough pizza on Mars?", False),
    ]
    with Engine.open(index) as engine:
        verdicts = verify(engine.store, saved)
    assert len(verdicts) >= 10
    assert {verdict.state for verdict in verdicts} == {OK}


def test_a_conversation_about_own_documents_is_proved_against_an_index_of_them(
    visitor: Visitor, index: Path, tmp_path: Path
) -> None:
    mine, saved, other = tmp_path / "mine", tmp_path / "conversation.json", tmp_path / "other"
    mine.mkdir()
    (mine / "kentonline-2021.md").write_text("The\x7f purple lighthouse\tof Quibblesworth 😀 was painted by Ann Smith.\r\n")
    visit = visitor()
    visit.unfold("mine")
    visit.page.locator(".files").set_input_files([mine / "kentonline-2021.md"])
    playwright.expect(visit.page.locator(".own .read")).to_have_count(1)
    visit.ask("Who painted the purple lighthouse?")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Download this conversation").click()
    download.value.save_as(saved)
    command = [sys.executable, "-c", "from qa.cli import main; main()", "verify", str(saved), "--index"]
    done = subprocess.run([*command, str(index)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "1 changed" in done.stdout
    assert "documents that were added to the browser chat and are not in this index. To prove them, index a folder" in done.stderr
    build_index(mine, other)
    done = subprocess.run([*command, str(other)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "1 ok", "")


def test_files_of_one_visitor_do_not_keep_those_of_another_waiting(
    visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, build = threading.Event(), shelf.build_index

    def slow(root: Path, *given: Any) -> Any:
        if (root / "slow.txt").exists():
            held.wait(60)
        return build(root, *given)

    monkeypatch.setattr(shelf, "build_index", slow)
    one, other = visitor(), visitor()
    try:
        for visit, name in ((one, "slow.txt"), (other, "quick.txt")):
            (tmp_path / name).write_text("The purple lighthouse of Quibblesworth was painted by Ann Smith.\n")
            visit.unfold("mine")
            visit.page.locator(".files").set_input_files([tmp_path / name])
            playwright.expect(visit.page.locator(".own .shelf li")).to_have_count(1)
        playwright.expect(other.page.locator(".own .read")).to_have_text("read, 1 passage")
        assert one.page.locator(".own .read").count() == 0
    finally:
        held.set()
    playwright.expect(one.page.locator(".own .read")).to_have_text("read, 1 passage")


def test_what_visitors_say_of_answers_becomes_a_question_set(visitor: Visitor, index: Path, tmp_path: Path) -> None:
    kept = tmp_path / "feedback.jsonl"
    running = launch(index, port=free_port(), feedback=kept)
    try:
        visit = visitor(running.url)
        for question, said in ((QUESTION, "Yes"), ("Who is Eleanor Brazil?", "Wrong passage"), ("Who paints Mars?", "Should be")):
            turn = visit.ask(question)
            if turn.locator(".refused").count():
                said = "Yes"
            turn.locator(".judging").get_by_text(said).click()
            turn.get_by_text("Noted:").wait_for()
            assert turn.locator(".judging").count() == 0
    finally:
        running.close()
    read = read_questions(kept)
    assert read.faults == ()
    assert read.drafts == 1
    first, last = read.questions
    assert (first.text, first.expected[0].document, first.expected[0].text) == (
        QUESTION,
        "medway-council-2022.md",
        "Rory Paterson",
    )
    assert (last.text, last.answerable) == ("Who paints Mars?", False)


def test_without_a_feedback_file_nobody_is_asked(visitor: Visitor) -> None:
    assert visitor().ask(QUESTION).locator(".judging").count() == 0


def test_a_feedback_file_that_cannot_be_written_is_named(index: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none/feedback\.jsonl: cannot be written .*--feedback"):
        launch(index, port=free_port(), feedback=tmp_path / "none" / "feedback.jsonl")


def test_own_documents_are_asked_apart_and_seen_by_nobody_else(visitor: Visitor, tmp_path: Path) -> None:
    notes, empty = tmp_path / "<img src=x onerror=alert(1)>.md", tmp_path / "picture.bin"
    notes.write_text("# Mine\n\nThe purple lighthouse of Quibblesworth was painted by Ann Smith.\n", encoding="utf-8")
    empty.write_bytes(b"\x00\x01\x02")
    visit, other = visitor(), visitor()
    page = visit.page
    visit.unfold("mine")
    page.locator(".files").set_input_files([notes, empty])
    playwright.expect(page.locator(".own .read")).to_have_text("read, 1 passage")
    assert page.locator(".own .skipped").count() == 1
    playwright.expect(page.locator("#scope > button")).to_contain_text("Asking all your documents")
    turn = visit.ask("Who painted the purple lighthouse?")
    assert "Ann Smith" in turn.locator(".said").inner_text()
    assert "Searched 1 document (1 passage)" in turn.inner_text()
    assert "Only your own documents." in turn.inner_text()
    assert visit.open_first(turn).inner_text().startswith("The purple lighthouse")
    assert turn.get_by_role("button", name="Copy a link").count() == 0
    assert "Searched 5 documents" in other.ask("Who painted the purple lighthouse?").inner_text()
    page.keyboard.press("Escape")
    visit.ask(QUESTION).get_by_role("button", name="Ask the shared documents").click()
    playwright.expect(page.locator(".turn").last.locator(".said")).to_contain_text("Rory Paterson")
    playwright.expect(page.locator("#scope > button")).to_contain_text("Asking all your documents")
    visit.unfold("scope")
    page.get_by_label("Shared documents").check()
    playwright.expect(page.locator("#scope > button")).to_contain_text("Asking all documents")
    assert "Rory Paterson" in visit.ask(QUESTION).locator(".said").inner_text()
    visit.unfold("scope")
    page.get_by_role("radio", name="Your documents").check()
    playwright.expect(page.locator("#scope > button")).to_contain_text("Asking all your documents")
    visit.unfold("mine")
    for _ in range(2):
        remaining = page.locator("[data-remove]").count()
        page.locator("[data-remove]").first.click()
        playwright.expect(page.locator("[data-remove]")).to_have_count(remaining - 1)
    playwright.expect(page.locator("#collection")).to_be_hidden()
    assert "Searched 5 documents" in visit.ask("Who painted the purple lighthouse?").inner_text()


def test_files_dropped_anywhere_are_read_and_how_far_it_is_is_told(visitor: Visitor) -> None:
    visit = visitor()
    page = visit.page
    page.evaluate(
        """() => {
            window.told = new Set();
            const look = () => document.querySelectorAll(".own .working, .own .shelf").forEach(part => told.add(part.innerText));
            const all = {childList: true, subtree: true, characterData: true};
            new MutationObserver(look).observe(document.body, all);
            const files = new DataTransfer();
            const text = [...Array(600).keys()].map((mill) => `Mill ${mill} of Holm was closed in 1990 after a fire. `).join("");
            files.items.add(new File([text], "mill.txt"));
            files.items.add(new File([new Uint8Array(11 * 1024 * 1024)], "huge.txt"));
            for (const type of ["dragover", "drop"])
                document.body.dispatchEvent(new DragEvent(type, {dataTransfer: files, bubbles: true, cancelable: true}));
        }"""
    )
    playwright.expect(page.locator(".own .read")).to_contain_text("passages")
    playwright.expect(page.locator(".own .skipped")).to_have_text("skipped: larger than 10 MB; split it")
    playwright.expect(page.locator(".own .shelf")).to_be_visible()
    told = " ".join(page.evaluate("[...told]"))
    # What passes in a moment need not reach the page; embedding so many passages takes longer than that.
    assert re.search(r"arriving …|arrived|being read …", told) and "Preparing them for questions" in told
    assert "1990" in visit.ask("When was the mill of Holm closed?").locator(".said").inner_text()


def test_own_documents_are_gone_when_the_page_is_closed(
    visitor: Visitor, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    running = launch(index, port=free_port())
    try:
        visit = visitor(running.url)
        notes = tmp_path / "notes.md"
        notes.write_text("The purple lighthouse of Quibblesworth stands.\n", encoding="utf-8")
        visit.unfold("mine")
        visit.page.locator(".files").set_input_files([notes])
        playwright.expect(visit.page.locator(".own .read")).to_have_count(1)
        assert [path.name for path in folder.rglob("notes.md")] == ["notes.md"]
        visit.page.close()
        until = time.monotonic() + 60
        while any(folder.rglob("notes.md")) and time.monotonic() < until:
            time.sleep(0.5)
        assert not list(folder.rglob("notes.md"))
    finally:
        running.close()


def test_limits_on_own_documents_are_kept(visitor: Visitor, served: str, tmp_path: Path) -> None:
    visit = visitor()
    visit.unfold("mine")
    assert f"At most {MOST_FILES} files of {MOST_BYTES // 1024**2} MB." in visit.page.locator(".limits").inner_text()
    files = []
    for number in range(MOST_FILES + 1):
        files.append(tmp_path / f"{number}.txt")
        files[-1].write_text("A sentence.\n")
    visit.page.locator(".files").set_input_files(files)
    visit.page.get_by_text(f"at most {MOST_FILES} can be yours").wait_for()
    long = urllib.request.Request(served + "gradio_api/upload", b"x", {"Content-Length": str(MOST_BYTES * 2)})  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(long, timeout=20)  # noqa: S310
    assert refused.value.code == 413


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\secret\\a.md", "a.md"),
        (".hidden", "hidden"),
        ("..", "document.txt"),
        ("a\u202eb\x00.md", "ab.md"),
        ("é" * 200 + ".md", "é" * 58 + ".md"),
    ],
)
def test_names_of_own_files_lead_nowhere(given: str, kept: str) -> None:
    assert file_name(given) == kept


def test_of_files_with_one_name_none_is_lost(tmp_path: Path) -> None:
    given = []
    for number, words in enumerate(("The mill closed in 1990.", "The ferry sails at noon.", "The mill closed in 1990.")):
        given.append(("report.txt", tmp_path / f"{number}.txt"))
        given[-1][1].write_text(words, encoding="utf-8")
    own = Shelf("none")
    try:
        own.add(given)
        assert [(read.name, read.passages) for read in own.read] == [("report (2).txt", 1), ("report.txt", 1)]
        own.add(given[1:2])
        assert own.names() == ["report (2).txt", "report.txt"], "the same file is there twice"
        assert "1990" in own.desk.read("report.txt").text
        assert "noon" in own.desk.read("report (2).txt").text
    finally:
        own.close()


def test_only_files_that_were_handed_over_are_taken_in(tmp_path: Path) -> None:
    inside, outside = tmp_path / "uploads", tmp_path / "secret.txt"
    inside.mkdir()
    outside.write_text("secret")
    (inside / "link").symlink_to(outside)
    (inside / "good.txt").write_text("good")
    assert list(uploaded([{"name": "n", "path": str(inside / "good.txt")}], inside)) == [("n", inside / "good.txt")]
    for path in (outside, inside / "link", inside / ".." / "secret.txt", inside, inside / "none", "", "\x00"):
        with pytest.raises(BadInput, match="did not arrive"):
            list(uploaded([{"name": "n", "path": str(path)}], inside))
