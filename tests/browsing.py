"""Drive the browser chat in a real browser: the server, Chromium, and visitors whose every fault fails their test."""

import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qa import build_index

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Locator, Page, Request

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
CORPUS = Path(__file__).parents[1] / "corpus"
SECONDS = 60
"""How long the browser waits for anything; two tests at a time on two cores need more than a person would like."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(url: str, **headers: str) -> tuple[int, str]:
    """Return the status and text of an answer to a GET request."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as response:  # noqa: S310
            return response.status, response.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Index the shipped corpus."""
    folder: Path = tmp_path_factory.mktemp("shipped") / "index"
    build_index(CORPUS, folder)
    return folder


@pytest.fixture(scope="module")
def served(index: Path) -> Iterator[str]:
    """Serve the shipped corpus."""
    from qa.ui import launch

    running = launch(index, port=free_port())
    yield running.url
    running.close()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Start the system's Chromium; without it, or without playwright, the test is skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[test]'")
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    playwright.expect.set_options(timeout=SECONDS * 1000)
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """Hold a page and what it did that no page of ours may do."""

    page: "Page"
    url: str
    faults: list[str] = field(default_factory=list)

    def ask(self, question: str) -> "Locator":
        """Ask, wait for what comes of it, and return the new turn."""
        turns = self.page.locator(".turn:not(.waiting)").count()
        self.type(question)
        turn = self.page.locator(".turn:not(.waiting)").nth(turns)
        turn.wait_for()
        return turn

    def type(self, question: str) -> None:
        """Ask, and wait for nothing."""
        self.page.locator("#question textarea").fill(question)
        self.page.locator("#question textarea").press("Enter")

    def unfold(self, panel: str) -> None:
        """Fold out what is asked (`scope`) or one's own documents (`mine`)."""
        self.page.locator(f"#{panel} > button:not(.open)").click()

    def open_first(self, turn: "Locator") -> "Locator":
        """Open a turn's first citation, and return the marked evidence in the pane."""
        self.page.keyboard.press("Escape")
        self.page.locator("#pane").wait_for(state="hidden")
        turn.locator(".open").first.click()
        mark = self.page.locator("#pane mark.current")
        mark.wait_for()
        return mark


Visitor = Callable[..., Visit]


@pytest.fixture
def visitor(browser: "Browser", served: str) -> Iterator[Visitor]:
    """Return what opens the page in a session of its own; what leaves the machine, pops up or breaks fails the test."""
    visits: list[Visit] = []

    def visit(url: str = served, width: int = 1440, height: int = 900, query: str = "") -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        one = Visit(page, url)
        visits.append(one)

        def request(asked: "Request") -> None:
            if not asked.url.startswith((url, "data:", "blob:")):
                one.faults.append(f"asked for {asked.url}")

        def dialog(shown: "Dialog") -> None:
            one.faults.append(f"dialog: {shown.message}")
            shown.dismiss()

        page.on("request", request)
        page.on("dialog", dialog)
        page.on("pageerror", lambda error: one.faults.append(f"error: {error}"))
        page.on("popup", lambda other: one.faults.append(f"popup: {other.url}"))
        page.goto(url + query)
        page.wait_for_selector(".welcome, .trouble, .turn")
        return one

    yield visit
    for one in visits:
        one.page.context.close()
    assert [fault for one in visits for fault in one.faults] == []
