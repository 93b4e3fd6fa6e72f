"""The line between page and server breaks: nothing of the conversation is lost, and each failure is said where it is seen."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from qa import Engine
from qa.verification import OK, verify
from tests.browsing import SECONDS, Visitor, fetch, free_port

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[test]'")

QUESTION = "Who chairs the Improvement Board?"
LIGHTHOUSE = "The purple lighthouse of Quibblesworth was painted by Ann Smith.\n"


@dataclass
class Server:
    """Hold `qa chat` in a process of its own, which can be stopped and started again at the same address."""

    index: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        command = [sys.executable, "-c", "from qa.cli import main; main()", "chat", "--index", str(self.index)]
        command += ["--port", str(self.port), "--feedback", str(self.folder / "feedback.jsonl")]
        environment = os.environ | {"TMPDIR": str(self.folder)}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                fetch(self.url)
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError("qa chat does not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


@contextmanager
def chat(index: Path, folder: Path) -> Iterator[Server]:
    server = Server(index, folder, free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()


def test_a_conversation_goes_on_after_a_restart_of_the_server(visitor: Visitor, index: Path, tmp_path: Path) -> None:
    with chat(index, tmp_path) as server:
        visit = visitor(server.url)
        page = visit.page
        page.evaluate("window.stays = true")
        visit.unfold("scope")
        page.locator(".picker li", has_text="KentOnline").locator("input").uncheck()
        playwright.expect(page.locator("#scope > button")).to_contain_text("Asking 4 of the documents")
        first = visit.ask(QUESTION)
        server.stop()
        visit.type("How often does it meet?")
        page.get_by_text("The server cannot be reached").wait_for()
        page.wait_for_timeout(2500)  # as often the framework looks whether the server is there again, and loads the page anew
        server.start()
        page.get_by_role("button", name="Send it again").click()
        last = page.locator(".turn").last
        playwright.expect(last.locator(".said")).to_contain_text("every month")
        assert last.locator(".asked").input_value() == "How often does the Improvement Board meet?"
        assert "Searched 4 documents" in last.inner_text()
        assert page.evaluate("window.stays")
        assert page.locator(".question").all_inner_texts() == [QUESTION, "How often does it meet?"]
        first.locator(".open").first.click()
        playwright.expect(page.locator("#pane .note")).to_contain_text("ask again to see the evidence marked")
        playwright.expect(page.locator("#pane h2")).to_have_text(
            "Notes on Medway Council's page about improving its Children's Services"
        )
        page.keyboard.press("Escape")
        first.get_by_role("button", name="Yes").click()
        playwright.expect(first.locator(".notice")).to_contain_text("The server no longer knows this answer")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download this conversation").click()
        saved = tmp_path / "conversation.json"
        download.value.save_as(saved)
        assert [one["typed"] for one in json.loads(saved.read_text(encoding="utf-8"))] == [QUESTION, "How often does it meet?"]
        with Engine.open(index) as engine:
            assert {verdict.state for verdict in verify(engine.store, saved)} == {OK}


def test_a_question_is_corrected_that_the_server_has_forgotten(visitor: Visitor, index: Path, tmp_path: Path) -> None:
    with chat(index, tmp_path) as server:
        visit = visitor(server.url)
        visit.ask(QUESTION)
        turn = visit.ask("How often does it meet?")
        server.stop()
        server.start()
        field = turn.locator(".asked")
        field.fill("Who is Greta Byline?")
        field.press("Enter")
        playwright.expect(turn.locator("mark").first).to_contain_text("Greta Byline")
        assert visit.page.locator(".question").all_inner_texts() == [QUESTION, "How often does it meet?"]
        assert visit.ask("Who is Eleanor Brazil?").locator(".question").inner_text() == "Who is Eleanor Brazil?"
        assert visit.page.locator(".turn").count() == 3


def test_own_documents_that_a_restart_took_are_said_to_be_gone_and_later_ones_go_with_the_page(
    visitor: Visitor, index: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "mine" / "notes.md"
    notes.parent.mkdir()
    notes.write_text(LIGHTHOUSE, encoding="utf-8")
    with chat(index, tmp_path) as server:
        visit = visitor(server.url)
        page = visit.page
        visit.unfold("mine")
        page.locator(".files").set_input_files([notes])
        playwright.expect(page.locator(".own .read")).to_have_count(1)
        server.stop()
        server.start()
        trouble = visit.ask("Who painted the purple lighthouse?").locator(".trouble")
        playwright.expect(trouble).to_contain_text("Your documents are not here any more; add them again, or ask the shared ones")
        visit.unfold("mine")
        page.locator(".files").set_input_files([notes])
        kept = [path for path in tmp_path.rglob("notes.md") if path != notes]
        until = time.monotonic() + SECONDS
        while not kept and time.monotonic() < until:
            time.sleep(0.2)
            kept = [path for path in tmp_path.rglob("notes.md") if path != notes]
        assert kept
        page.wait_for_timeout(5000)  # the browser waits three seconds before it reaches for the server again
        page.close()
        until = time.monotonic() + 60
        while any(path != notes for path in tmp_path.rglob("notes.md")) and time.monotonic() < until:
            time.sleep(0.5)
        assert list(tmp_path.rglob("notes.md")) == [notes]


def test_a_question_whose_answer_breaks_off_can_be_sent_again(visitor: Visitor) -> None:
    visit = visitor()
    page = visit.page
    page.route("**/queue/data*", lambda route: route.abort())
    visit.type(QUESTION)
    page.get_by_text("No answer came").wait_for()
    page.unroute("**/queue/data*")
    page.get_by_role("button", name="Send it again").click()
    playwright.expect(page.locator(".turn .said")).to_contain_text("Rory Paterson")
    assert page.locator(".turn").count() == 1
    assert page.locator("#trouble").count() == 0


def test_whatever_else_the_server_does_not_take_is_said_above_the_question(visitor: Visitor) -> None:
    visit = visitor()
    page = visit.page
    turn = visit.ask(QUESTION)
    page.route("**/queue/join*", lambda route: route.abort())
    turn.locator(".open").first.click()
    playwright.expect(page.locator("#composer #trouble[role=alert]")).to_have_text(
        "The server cannot be reached; is it still running?"
    )
    page.unroute("**/queue/join*")
    page.route("**/queue/join*", lambda route: route.fulfill(status=401, json={"detail": "Not authenticated"}))
    visit.type("How often does it meet?")
    playwright.expect(page.locator(".unanswered")).to_contain_text("asks for the password again. Download the conversation")
    page.unroute("**/queue/join*")
    turn.locator(".open").first.click()
    page.locator("#pane mark.current").wait_for()
    assert page.locator("#trouble").count() == 0
