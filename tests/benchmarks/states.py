"""Photograph every state of the browser chat: python -m tests.benchmarks.states FOLDER [--only WORD] [--width 390].

Wide, middling and narrow, light and dark, against real servers on a throwaway index; FOLDER/index.html shows them side by side.
"""

import argparse
import html
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright

from qa import build_index
from qa.settings import QUESTION_CHARACTERS
from qa.ui import launch, reading
from tests.browsing import CHROMIUM, CORPUS, FLAGS, free_port

SCREENS = {1440: 860, 1024: 768, 390: 844}
SCHEMES = ("light", "dark")
QUESTION = "Who chairs the Improvement Board?"
NONSENSE = "What is the best recipe for sourdough pizza on Mars?"
FILES = Path(__file__).parents[1] / "files"
LONG_SENTENCE = (
    "The sluice at Upper Thornbeck was rebuilt because the winter floods of three successive years had carried away the"
    " timber sills, loosened the abutments on both banks, drowned the miller's meadows as far as the parsonage wall, and"
    " left the parish with a debt that the turnpike trustees refused, in writing and twice, to share."
)


def mixed(folder: Path) -> Path:
    """Write documents of other kinds than the shipped ones: a PDF, one too long to show whole, one with long names."""
    folder.mkdir()
    shutil.copy(FILES / "harbour-typst.pdf", folder / "harbour-report-2024.pdf")
    chapters = (
        f"## Meeting {number}\n\nAt meeting {number} the drainage board heard report {number} and agreed minute {number * 7}."
        + f" Nothing was decided about culvert {number * 3}, as the surveyor was away.\n\n" * 12
        for number in range(1, 41)
    )
    (folder / "minutes.md").write_text(
        "# Minutes of the Thornbeck Drainage Board\n\n" + "".join(chapters) + "## Last meeting\n\nThe board was dissolved on"
        " 4 May 1987 by order of the county court.\n",
        encoding="utf-8",
    )
    (
        folder / "a-file-name-so-long-that-it-has-to-break-somewhere-in-the-middle-of-a-narrow-column-2024-final-version-3.md"
    ).write_text(
        f"---\npublisher: Thornbeck Parish Council\ndate: 1991-03\nurl: https://thornbeck.example/history\n---\n\n"
        f"# The sluice\n\n{LONG_SENTENCE}\n\nThe miller, Amos Pike, kept the keys.\n",
        encoding="utf-8",
    )
    return folder


@dataclass
class Sitting:
    """Hold a page and what a state does with it."""

    page: Page
    notes: Path

    def type(self, question: str) -> None:
        self.page.locator("#question textarea").fill(question)
        self.page.locator("#question textarea").press("Enter")

    def ask(self, question: str) -> None:
        done = self.page.locator(".turn:not(.waiting)").count()
        self.type(question)
        self.page.locator(".turn:not(.waiting)").nth(done).wait_for()

    def open_first(self) -> None:
        self.page.locator(".turn").last.locator(".open").first.click()
        self.page.locator("#pane mark.current, #pane .box.current").first.wait_for()

    def unfold(self, panel: str) -> None:
        self.page.locator(f"#{panel} > button:not(.open)").click()
        self.page.locator(f"#{panel} input").first.wait_for(state="attached")

    def hand_over(self, *names: str) -> None:
        self.unfold("mine")
        self.page.locator(".files").set_input_files([self.notes / name for name in names])


def held(route: Route) -> None:
    """Leave a request without an answer."""


State = Callable[[Sitting], None]
STATES: dict[str, tuple[str, State]] = {}
"""Each state by name, with the server it needs."""


def state(name: str, server: str = "shipped") -> Callable[[State], State]:
    def added(draw: State) -> State:
        STATES[name] = (server, draw)
        return draw

    return added


@state("01-empty")
def empty(at: Sitting) -> None:
    pass


@state("02-answer")
def answer(at: Sitting) -> None:
    at.ask(QUESTION)


@state("03-several-citations")
def several(at: Sitting) -> None:
    at.ask("When was the Commissioner withdrawn from Medway Council?")


@state("04-less-likely-unfolded")
def unfolded(at: Sitting) -> None:
    at.ask(QUESTION)
    at.page.locator(".folded summary").first.click()
    at.page.mouse.wheel(0, 600)


@state("05-source-text")
def source(at: Sitting) -> None:
    at.ask(QUESTION)
    at.open_first()


@state("06-source-contents")
def contents(at: Sitting) -> None:
    source(at)
    at.page.locator("#pane .contents summary").click()


@state("07-source-page", "mixed")
def source_page(at: Sitting) -> None:
    at.ask("Who began the long mole?")
    at.open_first()
    at.page.wait_for_function("document.querySelector('#pane .sheet img').naturalWidth > 0")


@state("08-source-page-as-text", "mixed")
def page_as_text(at: Sitting) -> None:
    source_page(at)
    at.page.get_by_role("button", name="Text", exact=True).click()


@state("08-list-of-items")
def items(at: Sitting) -> None:
    at.ask("What are the priorities for the year ahead?")


@state("09-abstention")
def abstention(at: Sitting) -> None:
    at.ask(NONSENSE)


@state("10-abstention-unfolded")
def nearest(at: Sitting) -> None:
    at.ask(NONSENSE)
    at.page.locator(".folded summary").click()


@state("11-follow-up")
def follow_up(at: Sitting) -> None:
    at.ask(QUESTION)
    at.ask("How often does it meet?")


@state("12-follow-up-edited")
def edited(at: Sitting) -> None:
    follow_up(at)
    field = at.page.locator(".asked")
    field.fill("How often does the Improvement Board of Medway Council meet, and with whom, since the Commissioner has left?")
    field.press("Enter")
    at.page.wait_for_timeout(800)


@state("13-follow-up-off")
def switched_off(at: Sitting) -> None:
    at.ask(QUESTION)
    at.unfold("scope")
    at.page.get_by_label("Understand short questions").uncheck()
    at.ask("How often does it meet?")


@state("14-scope-chosen")
def chosen(at: Sitting) -> None:
    at.unfold("scope")
    at.page.get_by_role("button", name="Choose no document").click()
    at.page.locator(".picker li", has_text="KentOnline").locator("input").check()
    at.page.get_by_label("Dated from").fill("2020")
    at.page.wait_for_timeout(400)
    at.ask("Who is Eleanor Brazil?")
    at.unfold("scope")


@state("15-scope-none")
def none_chosen(at: Sitting) -> None:
    at.unfold("scope")
    at.page.get_by_role("button", name="Choose no document").click()
    at.page.wait_for_timeout(400)
    at.ask(QUESTION)


@state("16-upload-running")
def uploading(at: Sitting) -> None:
    at.page.route("**/upload*", held)
    at.hand_over("harbour-report-2024.pdf", "sluice.md")
    at.page.locator(".own .shelf li").first.wait_for()


@state("17-upload-done")
def uploaded(at: Sitting) -> None:
    at.hand_over("harbour-report-2024.pdf", "sluice.md", "picture.bin")
    at.page.locator(".own .read").first.wait_for(timeout=60_000)
    at.page.wait_for_timeout(600)


@state("18-upload-asked")
def own_asked(at: Sitting) -> None:
    uploaded(at)
    at.ask("Who began the long mole?")


@state("19-upload-refused")
def refused(at: Sitting) -> None:
    at.hand_over("huge.txt")
    at.page.locator(".own .skipped, .own .trouble").first.wait_for(timeout=60_000)
    at.page.wait_for_timeout(600)


@state("20-upload-too-many")
def too_many(at: Sitting) -> None:
    at.hand_over(*[f"many-{number}.txt" for number in range(21)])
    at.page.locator(".own .trouble").wait_for(timeout=60_000)
    at.page.wait_for_timeout(600)


@state("21-keeping")
def keeping(at: Sitting) -> None:
    at.ask(QUESTION)
    at.page.locator(".keeping").first.scroll_into_view_if_needed()
    at.page.get_by_role("button", name="Copy as BibTeX").click()
    at.page.wait_for_timeout(150)


@state("22-feedback-noted")
def judged(at: Sitting) -> None:
    at.ask(QUESTION)
    at.page.locator(".judging button").nth(1).click()
    at.page.get_by_text("Noted:").wait_for()
    at.page.get_by_text("Noted:").scroll_into_view_if_needed()


@state("23-question-too-long")
def too_long(at: Sitting) -> None:
    at.page.evaluate("document.querySelector('#question textarea').removeAttribute('maxlength')")
    at.type("Why? " * (QUESTION_CHARACTERS // 5 + 1))
    at.page.wait_for_timeout(1500)


@state("24-long-document", "mixed")
def long_document(at: Sitting) -> None:
    at.ask("When was the drainage board dissolved?")
    at.open_first()


@state("25-retold-document")
def retold(at: Sitting) -> None:
    at.page.locator(".documents button").nth(2).click()
    at.page.locator("#pane .text").wait_for()


@state("26-long-answer", "mixed")
def long_answer(at: Sitting) -> None:
    at.ask("Why was the sluice at Upper Thornbeck rebuilt?")


@state("27-long-names", "mixed")
def long_names(at: Sitting) -> None:
    long_answer(at)
    at.open_first()


@state("28-asked-while-another-runs")
def waiting(at: Sitting) -> None:
    at.ask(QUESTION)
    at.page.route("**/queue/join*", held)
    at.type("How often does it meet?")
    at.page.wait_for_timeout(200)
    at.type("Who is Eleanor Brazil?")
    at.page.wait_for_timeout(300)


@state("29-no-index", "missing")
def no_index(at: Sitting) -> None:
    pass


@state("30-server-gone", "dying")
def server_gone(at: Sitting) -> None:
    at.ask(QUESTION)
    at.page.route("**/gradio_api/**", lambda route: route.abort())
    at.type("How often does it meet?")
    at.page.wait_for_timeout(2500)


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """Serve every index that a state needs, and yield their addresses."""
    reading.LONGEST = 20_000  # a document too long to show whole, without one that takes minutes to index
    build_index(CORPUS, folder / "shipped")
    build_index(mixed(folder / "documents"), folder / "mixed")
    places = {"shipped": "shipped", "mixed": "mixed", "missing": "missing", "dying": "shipped"}
    running = {
        name: launch(folder / place, port=free_port(), feedback=folder / "feedback.jsonl") for name, place in places.items()
    }
    try:
        yield {name: served.url for name, served in running.items()}
    finally:
        for served in running.values():
            served.close()


def photograph(browser: Browser, url: str, draw: State, notes: Path, width: int, scheme: str, file: Path) -> None:
    """Open the page as a visitor does, bring it into a state, and save what the screen shows."""
    context = browser.new_context(viewport={"width": width, "height": SCREENS[width]})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{url}?__theme={scheme}")
    page.wait_for_selector(".welcome, .trouble, .turn")
    draw(Sitting(page, notes))
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)
    page.screenshot(path=file)
    context.close()


def main() -> None:
    """Serve, photograph, and write the page that shows all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="states whose name holds this")
    parser.add_argument("--width", type=int, choices=SCREENS, action="append")
    parser.add_argument("--scheme", choices=SCHEMES, action="append")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as temporary, servers(Path(temporary)) as urls, sync_playwright() as started:
        notes = Path(temporary) / "documents"
        (notes / "sluice.md").write_text(f"# The sluice\n\n{LONG_SENTENCE}\n", encoding="utf-8")
        (notes / "picture.bin").write_bytes(b"\x00\x01\x02")
        (notes / "huge.txt").write_bytes(b"A sentence. " * 1_000_000)
        for number in range(21):
            (notes / f"many-{number}.txt").write_text("A sentence.\n")
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, (server, draw) in STATES.items():
            if given.only not in name:
                continue
            files = []
            for width in given.width or SCREENS:
                for scheme in given.scheme or SCHEMES:
                    files.append(f"{name}-{width}-{scheme}.png")
                    photograph(browser, urls[server], draw, notes, width, scheme, given.folder / files[-1])
            rows.append(
                f"<h2>{html.escape(name)}</h2>" + "".join(f'<img src="{file}" height="480" alt="{file}">' for file in files)
            )
            print(name, flush=True)
        browser.close()
    (given.folder / "index.html").write_text(f"<!doctype html><title>States of the page</title>{''.join(rows)}", encoding="utf-8")


if __name__ == "__main__":
    main()
