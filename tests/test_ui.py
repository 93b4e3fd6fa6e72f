"""The browser chat in a real browser, against the real server and a real index of the shipped corpus."""

import json
import re
import shutil
import urllib.request
from pathlib import Path

import pytest

from qa import Engine, build_index
from qa.answer import Answer
from qa.errors import BadInput
from qa.render import confidence_word
from qa.ui import launch
from qa.ui.desk import Desk
from qa.ui.shelf import Shelves
from tests.browsing import CORPUS, Visitor, fetch, free_port

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[test]'")

QUESTION = "Who chairs the Improvement Board?"
NONSENSE = "What is the best recipe for sourdough pizza on Mars?"


def test_an_answer_is_the_documents_own_words_with_their_evidence_and_scope(visitor: Visitor, index: Path) -> None:
    turn = visitor().ask(QUESTION)
    with Engine.open(index) as engine:
        found = engine.ask(QUESTION)
    first = found.passages[0]
    span = first.highlights[0]
    assert turn.locator(".question").inner_text() == QUESTION
    assert turn.locator(".said q").inner_text().strip("“”") == found.to_dict()["answer"]["text"]
    assert turn.locator("mark").first.inner_text() == first.quote[span.start - first.start : span.end - first.start]
    assert turn.locator(".attribution").inner_text().startswith("— retold from “")
    assert f"line {first.line}" in turn.locator(".citation").first.inner_text()
    sure = turn.locator(".how .sure")
    assert sure.inner_text() == f"{confidence_word(found.confidence).capitalize()} confidence"
    assert f"confidence {found.confidence:.2f}" in (sure.get_attribute("title") or "")
    assert turn.locator(".how").inner_text().count("Searched 5 documents") == 1


def test_questions_stand_on_the_page_at_once_and_are_answered_in_turn(visitor: Visitor) -> None:
    visit = visitor()
    page = visit.page
    visit.ask(QUESTION)
    held: list[playwright.Route] = []
    page.route("**/queue/join*", lambda route: held.append(route) if not held else route.continue_())
    visit.type("How often does it meet?")
    visit.type("Who is Eleanor Brazil?")
    playwright.expect(page.locator(".turn.waiting .question")).to_have_text(["How often does it meet?", "Who is Eleanor Brazil?"])
    playwright.expect(page.locator("#question textarea")).to_have_value("")
    playwright.expect(page.locator(".turn").last).to_contain_text("Waiting for the question before")
    page.locator("#question textarea").fill("half typed")
    held[0].continue_()
    playwright.expect(page.locator(".turn:not(.waiting)")).to_have_count(3)
    # In the order asked, the second as a follow-up to the first, and what is being typed stays.
    assert page.locator(".question").all_inner_texts() == [QUESTION, "How often does it meet?", "Who is Eleanor Brazil?"]
    assert "every month" in page.locator(".turn").nth(1).locator(".said").inner_text()
    playwright.expect(page.locator("#question textarea")).to_have_value("half typed")


def test_of_questions_typed_without_a_pause_none_is_lost(visitor: Visitor) -> None:
    visit = visitor()
    questions = [QUESTION, "Who is Eleanor Brazil?", "What is Medway's population?"]
    visit.page.evaluate(
        """(questions) => {
            const field = document.querySelector("#question textarea");
            for (const question of questions) {
                field.value = question;
                field.dispatchEvent(new Event("input", { bubbles: true }));
                field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
            }
        }""",
        questions,
    )
    playwright.expect(visit.page.locator(".turn:not(.waiting)")).to_have_count(len(questions))
    assert visit.page.locator(".turn .question").all_inner_texts() == questions


def test_the_button_asks_and_a_new_line_does_not(visitor: Visitor) -> None:
    visit = visitor()
    field = visit.page.locator("#question textarea")
    field.fill(QUESTION)
    field.press("Shift+Enter")
    field.press_sequentially("And when?")
    playwright.expect(field).to_have_value(f"{QUESTION}\nAnd when?")
    assert visit.page.locator(".turn").count() == 0
    field.fill(QUESTION)
    visit.page.get_by_role("button", name="Ask", exact=True).click()
    playwright.expect(visit.page.locator(".turn .said")).to_contain_text("Rory Paterson")
    playwright.expect(field).to_have_value("")


def test_enter_that_ends_the_composition_of_a_character_asks_nothing(visitor: Visitor) -> None:
    visit = visitor()
    visit.ask(QUESTION)
    visit.ask("How often does it meet?")
    enter = "(field, event) => field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, ...event}))"
    for selector in ("#question textarea", ".asked"):
        field = visit.page.locator(selector)
        field.fill("ofsted")
        for event in ({"isComposing": True}, {"keyCode": 229}):  # Safari says it in its own way
            field.evaluate(enter, event)
        visit.page.wait_for_timeout(300)
        playwright.expect(field).to_have_value("ofsted")
    assert visit.page.locator(".turn").count() == 2
    assert visit.page.locator("[aria-busy]").count() == 0


def test_a_long_text_is_pasted_whole_and_the_field_is_small_again_after_it(visitor: Visitor) -> None:
    visit = visitor(height=800)
    field = visit.page.locator("#question textarea")
    before = field.bounding_box()
    text = "\n".join(f"Line {number}: who chairs the Improvement Board of Medway Council?" for number in range(60))
    visit.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    field.press("ControlOrMeta+v")
    playwright.expect(field).to_have_value(text)
    assert before
    # The field grows a moment after it holds the text.
    visit.page.wait_for_function(
        "height => document.querySelector('#question textarea').offsetHeight > height + 2", arg=before["height"]
    )
    large = field.bounding_box()
    assert large and large["height"] < 200
    playwright.expect(visit.page.get_by_role("button", name="Ask", exact=True)).to_be_in_viewport()
    field.press("Enter")
    playwright.expect(visit.page.locator(".turn:not(.waiting) .question")).to_contain_text("Line 59: who")
    after = field.bounding_box()
    assert after and abs(after["height"] - before["height"]) < 2


def test_what_happens_is_told_to_those_who_listen(visitor: Visitor) -> None:
    visit = visitor()
    visit.page.evaluate(
        """() => {
            window.heard = [];
            const status = document.querySelector("#announcement[role=status]");
            new MutationObserver(() => heard.push(status.textContent)).observe(status, {childList: true, characterData: true});
        }"""
    )
    visit.ask(QUESTION)
    visit.ask(NONSENSE)
    assert visit.page.evaluate("heard") == ["Searching", "Rory Paterson", "Searching", "Your sources don’t answer this."]
    playwright.expect(visit.page.get_by_role("textbox", name="Your question")).to_be_focused()


def test_a_question_asked_before_the_start_page_came_is_answered(visitor: Visitor) -> None:
    visit = visitor()
    held: list[playwright.Route] = []
    visit.page.route("**/queue/join*", lambda route: held.append(route) if not held else route.continue_())
    visit.page.reload()
    visit.page.wait_for_function("window.verbatim && document.querySelector('#announcement')")
    visit.type(QUESTION)
    visit.page.wait_for_timeout(500)  # the framework may hand the question on at once, or only when the start page is there
    held[0].continue_()
    playwright.expect(visit.page.locator(".turn .said")).to_contain_text("Rory Paterson")
    visit.open_first(visit.page.locator(".turn"))


def test_nothing_moves_when_the_answer_comes(visitor: Visitor) -> None:
    visit = visitor()
    page = visit.page
    visit.ask("Who is Eleanor Brazil?")
    held: list[playwright.Route] = []

    def hold(route: "playwright.Route") -> None:
        held.append(route)

    for question in (QUESTION, NONSENSE):
        page.route("**/queue/join*", hold)
        visit.type(question)
        turn = page.locator(".turn").last
        playwright.expect(turn).to_contain_text("Searching")
        parts = (turn.locator(".question"), page.locator("#composer"), page.locator(".turn").first.locator(".question"))
        before = [part.bounding_box() for part in parts]
        held.pop().continue_()
        page.unroute("**/queue/join*")
        turn.locator(".said, .refused").wait_for()
        assert [part.bounding_box() for part in parts] == before


def test_what_is_unfolded_stays_so_when_more_is_asked(visitor: Visitor) -> None:
    visit = visitor()
    first = visit.ask(QUESTION)
    first.locator(".folded summary").click()
    visit.ask("How often does it meet?")
    playwright.expect(first.locator(".folded .citation").first).to_be_visible()


def test_a_question_that_the_server_does_not_take_can_be_sent_again(visitor: Visitor) -> None:
    visit = visitor()
    page = visit.page
    page.route("**/queue/join*", lambda route: route.fulfill(status=503, json={"detail": "Queue is full"}))
    visit.type(QUESTION)
    page.get_by_text("No answer came").wait_for()
    page.unroute("**/queue/join*")
    page.get_by_role("button", name="Send it again").click()
    playwright.expect(page.locator(".turn .said")).to_contain_text("Rory Paterson")
    assert page.locator(".turn").count() == 1


def test_a_question_that_is_too_long_is_refused_whole_and_not_cut_off(visitor: Visitor) -> None:
    visit = visitor()
    turn = visit.ask("Why? " * 2001)
    assert "The question has 10,004 characters; ask one of at most 10,000" in turn.locator(".trouble").inner_text()
    box = turn.locator(".question").bounding_box()
    assert box and box["height"] < 300


def test_turns_that_the_server_forgets_leave_the_page(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ui.page.TURNS", 2)
    visit = visitor()
    for question in (QUESTION, "Who is Eleanor Brazil?"):
        visit.ask(question)
    visit.type("How often does it meet?")
    playwright.expect(visit.page.locator(".question")).to_have_text(["Who is Eleanor Brazil?", "How often does it meet?"])


def test_a_citation_opens_the_whole_document_at_the_evidence(visitor: Visitor) -> None:
    visit = visitor()
    turn = visit.ask(QUESTION)
    mark = visit.open_first(turn)
    assert mark.inner_text() == turn.locator("mark").first.inner_text()
    text = visit.page.locator("#pane .text")
    box, inside = text.bounding_box(), mark.bounding_box()
    assert box and inside
    assert box["y"] <= inside["y"] <= box["y"] + box["height"] - inside["height"]
    body = (CORPUS / "medway-council-2022.md").read_text(encoding="utf-8").split("---\n", 2)[2]
    assert "".join(text.inner_text().split()) == "".join(re.sub(r"^#+ ", "", body, flags=re.MULTILINE).split())
    assert "retold from “" in visit.page.locator("#pane header").inner_text()
    assert "underline" in mark.evaluate("mark => getComputedStyle(mark).textDecorationLine")


def test_headings_are_a_table_of_contents(visitor: Visitor) -> None:
    visit = visitor()
    turn = visit.ask(QUESTION)
    visit.open_first(turn)
    visit.open_first(turn)  # closed and opened again at the same place
    visit.page.locator("#pane .contents summary").click()
    last = visit.page.locator("#pane .contents button").last
    name = last.inner_text()
    last.click()
    heading = visit.page.locator("#pane [data-heading]", has_text=name).last
    playwright.expect(heading).to_be_in_viewport()


def test_everything_is_reached_by_keyboard(visitor: Visitor) -> None:
    visit = visitor()
    turn = visit.ask(QUESTION)
    page = visit.page
    page.locator("#question textarea").blur()
    page.keyboard.press("1")
    page.locator("#pane mark.current").wait_for()
    playwright.expect(page.locator("#pane h2")).to_be_focused()
    at = page.locator("#pane .steps span")
    page.get_by_label("Next evidence").focus()
    for number in (2, 3, 4):  # the button pressed is a new one each time, and keeps the focus
        page.keyboard.press("Enter")
        playwright.expect(at).to_have_text(f"{number} of 5")
        playwright.expect(page.get_by_label("Next evidence")).to_be_focused()
    page.keyboard.press("p")
    playwright.expect(at).to_have_text("3 of 5")
    page.keyboard.press("n")
    playwright.expect(at).to_have_text("4 of 5")
    page.keyboard.press("1")
    playwright.expect(at).to_have_text("1 of 5")
    page.keyboard.press("Escape")
    playwright.expect(page.locator("#pane")).to_be_hidden()
    playwright.expect(turn.locator(".open").first).to_be_focused()
    assert turn.locator(".open").first.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
    page.keyboard.press("/")
    playwright.expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    panels = [page.get_by_role("button", name=name) for name in ("Asking all documents", "Your documents")]
    for number, panel in enumerate(panels):
        panel.press("Enter")
        for other, button in enumerate(panels):  # one at a time
            playwright.expect(button).to_have_attribute("aria-expanded", str(other == number).lower())
    page.keyboard.press("Escape")
    playwright.expect(panels[1]).to_have_attribute("aria-expanded", "false")


def test_on_a_narrow_screen_the_source_lies_below_and_nothing_is_cut_off(visitor: Visitor) -> None:
    visit = visitor(width=390, height=844)
    visit.open_first(visit.ask(QUESTION))
    pane = visit.page.locator("#pane").bounding_box()
    assert pane
    assert pane["y"] > 200
    assert pane["width"] == 390
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_abstention_looks_different_and_says_what_was_searched(visitor: Visitor) -> None:
    turn = visitor().ask(NONSENSE)
    assert "abstained" in (turn.get_attribute("class") or "")
    assert turn.locator(".said").count() == 0
    assert turn.locator(".refused").inner_text() == "Your sources don’t answer this."
    assert "Searched 5 documents" in turn.inner_text()
    assert turn.locator(".unknown em").all_inner_texts() == ["recipe", "sourdough", "pizza", "Mars"]
    playwright.expect(turn.locator(".citation").first).to_be_hidden()
    turn.locator("summary").press("Enter")
    playwright.expect(turn.locator(".citation").first).to_be_visible()


def test_the_scope_is_chosen_and_shown_with_the_answer(visitor: Visitor) -> None:
    visit = visitor()
    page = visit.page
    scope = page.locator("#scope > button")
    scope.click()
    playwright.expect(page.locator(".picker .count")).to_have_text("5 of 5 chosen")
    page.get_by_role("button", name="Choose no document").click()
    playwright.expect(scope).to_contain_text("Asking no documents")
    assert "No documents are chosen" in visit.ask(QUESTION).locator(".trouble").inner_text()
    playwright.expect(page.locator(".picker")).to_be_hidden()  # or it would lie over the answer
    visit.unfold("scope")
    page.get_by_label("Find a document").fill("kentonline ARTICLE")
    playwright.expect(page.locator(".picker li:visible")).to_have_count(1)
    page.locator(".picker li:visible input").check()
    page.get_by_label("Dated from").fill("2020")
    page.get_by_label("Dated to").fill("2021-06")
    playwright.expect(scope).to_contain_text("Asking 1 of the documents, from 2020, to 2021-06")
    turn = visit.ask("When was the commissioner withdrawn from Medway Council?")
    assert "Searched 1 document" in turn.inner_text()
    assert "Asked only in kentonline-2021.md from 2020 to 2021-06." in turn.inner_text()
    visit.unfold("scope")
    page.get_by_label("Dated to").fill("tomorrow")
    assert "is no date" in visit.ask(QUESTION).locator(".trouble").inner_text()
    visit.unfold("scope")
    page.get_by_label("Dated to").fill("")
    page.get_by_label("Dated from").fill("")
    page.get_by_role("button", name="Choose all documents").click()
    playwright.expect(scope).to_have_text(re.compile("^Asking all documents"))
    assert "Searched 5 documents" in visit.ask(QUESTION).inner_text()


def test_visitors_do_not_see_each_other(visitor: Visitor) -> None:
    one, other = visitor(), visitor()
    one.ask(QUESTION)
    other.ask(NONSENSE)
    one.ask("Who is Eleanor Brazil?")
    assert one.page.locator(".question").all_inner_texts() == [QUESTION, "Who is Eleanor Brazil?"]
    assert other.page.locator(".question").all_inner_texts() == [NONSENSE]


def test_a_damaged_missing_or_newer_index_is_noticed_without_a_restart(visitor: Visitor, index: Path, tmp_path: Path) -> None:
    corpus, copy = tmp_path / "corpus", tmp_path / "index"
    shutil.copytree(CORPUS, corpus)
    running = launch(copy, port=free_port())
    try:
        visit = visitor(running.url)
        assert "qa index" in visit.page.locator(".trouble").inner_text()
        build_index(corpus, copy)
        assert "Rory Paterson" in visit.ask(QUESTION).locator(".said").inner_text()
        current = copy / "CURRENT"
        published = current.read_bytes()
        current.write_text("no such generation")
        assert visit.ask(QUESTION).locator(".trouble").count() == 1
        current.write_bytes(published)
        (corpus / "new.md").write_text("# Sourdough\n\nThe best recipe for sourdough pizza on Mars is flour and patience.\n")
        with (corpus / "medway-council-2022.md").open("a", encoding="utf-8") as document:
            document.write("\nOne sentence more.\n")
        build_index(corpus, copy)
        assert "flour and patience" in visit.ask(NONSENSE).inner_text()
        visit.page.locator(".turn").first.locator(".open").first.click()
        assert "has changed since the answer" in visit.page.locator("#pane .note").inner_text()
        assert visit.page.locator("#pane mark").count() == 0
    finally:
        running.close()


PAYLOAD = "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)> ${alert(4)} {{constructor}} "
HOSTILE = f"""---
title: '"><img src=x onerror=alert(5)> title \u202egnp'
publisher: <script>alert(6)</script>
author: <b onmouseover=alert(7)>Ann</b>
url: javascript:alert(8)
date: 2020
---

# <script>alert(9)</script> {{{{heading}}}}

## Emoji 😀😀 and ![x](http://evil.example/heading.png)

Some 😀 text 👩\u200d👩\u200d👧 before. The purple lighthouse of Quibblesworth was painted by Ann 😀 Smith in 1911.
{PAYLOAD} ![image](http://evil.example/one.png) <iframe src="http://evil.example/two"></iframe>
[link](javascript:alert(10)) <a href="data:text/html,x">data</a> <style>@import url(http://evil.example/three.css);</style>
\u202eThe purple lighthouse\u2066 of Quibblesworth <object data="http://evil.example/four"></object> stands.

</div></section><button data-open>x</button><form action="http://evil.example/five"><input name="q"></form>
"""
LIGHTHOUSE = "Who painted the purple lighthouse of Quibblesworth?"


def test_a_hostile_corpus_does_nothing(visitor: Visitor, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    names = ["<img src=x onerror=alert(11)>.md", "'\"&`${alert(12)}.md", "{{constructor}}.md"]
    for number, name in enumerate(names):
        (corpus / name).write_text(HOSTILE.replace("Ann 😀", f"Ann{number} 😀"), encoding="utf-8")
    (corpus / "long.md").write_text("# Long\n\n" + "w" * 1_000_000 + "\n", encoding="utf-8")
    (corpus / "null.txt").write_bytes(b"The purple lighthouse \x00 of Quibblesworth \x07 rang.\n")
    build_index(corpus, tmp_path / "index")
    running = launch(tmp_path / "index", port=free_port())
    try:
        visit = visitor(running.url)
        page = visit.page
        followed = f"And who {PAYLOAD} painted it?"
        for question in (LIGHTHOUSE, followed, f"{PAYLOAD} purple lighthouse", "\u202elighthouse Quibblesworth"):
            turn = visit.ask(question)
            for fold in turn.locator("details").all():
                fold.locator("summary").click()
            for opener in turn.locator(".open").all():
                opener.hover()
                opener.click()
                page.wait_for_timeout(150)
        turn = page.locator(".turn").first
        mark = visit.open_first(turn)
        assert mark.inner_text() == turn.locator("mark").first.inner_text()
        assert re.fullmatch(r"The purple lighthouse of Quibblesworth was painted by Ann\d 😀 Smith in 1911\.", mark.inner_text())
        assert "<script>alert(1)</script>" in page.locator("#pane .text").inner_text()
        page.keyboard.press("Escape")
        for name in ("Markdown", "HTML", "BibTeX", "CSL-JSON"):
            button = turn.get_by_role("button", name=f"Copy as {name}")
            button.click()
            playwright.expect(button).to_have_text("Copied")
            if name == "HTML":  # in a page that takes markup for what it is, nothing may happen either
                page.evaluate(
                    """async () => {
                        const box = document.createElement("aside");
                        box.innerHTML = await navigator.clipboard.readText();
                        document.body.append(box);
                    }"""
                )
                assert page.locator("aside blockquote").count() >= 1
                assert page.locator("aside").locator("script, img, svg, iframe, object, form, style").count() == 0
        with page.expect_download() as download:
            page.get_by_role("button", name="Download this conversation").click()
        told = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
        assert [one["typed"] for one in told][1] == followed.strip()
        assert {one["document"] for one in told[0]["citations"]} <= {*names, "long.md", "null.txt"}
        page.locator("#scope > button").click()
        page.locator(".picker label").first.hover()
        page.reload()
        page.wait_for_selector(".welcome")
        for opener in page.locator(".documents button").all():
            opener.click()
            page.wait_for_timeout(150)
        ours = "#conversation, #pane"
        foreign = "script, img, svg, iframe, object, form, input:not(.asked), style, [onerror], [onload], [onmouseover], a"
        assert page.evaluate("([ours, foreign]) => [...document.querySelectorAll(ours)].flatMap("
                             "part => [...part.querySelectorAll('.reading, .turns, .welcome')]).flatMap("
                             "part => [...part.querySelectorAll(foreign)]).length", [ours, foreign]) == 0  # fmt: skip
        assert "\u202e" not in page.content()
    finally:
        running.close()


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/file=/etc/passwd",
        "gradio_api/file=../../../../etc/passwd",
        "gradio_api/file=http://evil.example/",
        "gradio_api/file/etc/passwd",
        "gradio_api/proxy=http://evil.example/",
        "gradio_api/deep_link",
        "gradio_api/upload",
        "gradio_api/upload_progress?upload_id=1",
        "gradio_api/component_server",
        "gradio_api/runs",
        "static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "assets/..%2f..%2f..%2froutes.py",
        "file=/etc/passwd",
        "monitoring",
    ],
)
def test_no_route_serves_files_or_fetches_for_others(served: str, path: str) -> None:
    status, text = fetch(served + path)
    assert status in (403, 404)
    assert "root:" not in text


def test_another_name_for_this_machine_is_refused(served: str) -> None:
    assert fetch(served, Host="evil.example")[0] == 421
    assert fetch(served)[0] == 200


def test_other_machines_are_let_in_only_with_a_password(index: Path) -> None:
    with pytest.raises(BadInput, match=r"0\.0\.0\.0 .*--auth NAME:PASSWORD"):
        launch(index, host="0.0.0.0", port=free_port())  # noqa: S104
    running = launch(index, port=free_port(), auth=("ann", "secret"))
    try:
        for path in ("gradio_api/info", "config"):
            assert fetch(running.url + path)[0] == 401
        assert fetch(running.url + "gradio_api/mcp")[0] == 404
        assert "Medway" not in fetch(running.url)[1]
    finally:
        running.close()


def test_a_port_that_is_taken_is_named(served: str, index: Path) -> None:
    port = int(served.rstrip("/").rpartition(":")[2])
    with pytest.raises(BadInput, match=rf"port {port} is taken.*--port"):
        launch(index, port=port)


def test_programs_get_what_the_engine_gives(served: str, index: Path) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(served, verbose=False)
    with Engine.open(index) as engine:
        told = client.predict(QUESTION, api_name="/ask")
        assert told | {"took_ms": 0} == engine.ask(QUESTION).to_dict() | {"took_ms": 0}
        found = client.predict("Improvement Board", k=3, source=["medway*"], api_name="/search")
        assert found["hits"] == [hit.to_dict() for hit in engine.search("Improvement Board", 3, "medway*")]
        assert [row["document"] for row in client.predict(api_name="/sources")] == sorted(
            path.name for path in CORPUS.glob("*.md")
        )
    with pytest.raises(AppError, match="is no date"):
        client.predict(QUESTION, since="tomorrow", api_name="/ask")
    with pytest.raises(AppError, match="at most 100"):
        client.predict(QUESTION, k=1000, api_name="/ask")
    body = json.dumps({"question": QUESTION}).encode()
    request = urllib.request.Request(served + "gradio_api/call/v2/ask", body, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        event = json.load(response)["event_id"]
    data = fetch(f"{served}gradio_api/call/ask/{event}")[1].partition("data: ")[2]
    assert json.loads(data)[0]["answer"] == told["answer"]
    named = json.loads(fetch(served + "gradio_api/info")[1])["named_endpoints"]
    assert sorted(named) == ["/ask", "/search", "/sources"]
    follow_up = client.predict("How often does it meet?", after=[QUESTION], api_name="/ask")
    assert follow_up["question"] == "How often does the Improvement Board meet?"
    with pytest.raises(AppError, match="last 10 at most"):
        client.predict(QUESTION, after=[QUESTION] * 11, api_name="/ask")


def test_a_page_without_the_reader_answers_with_whole_sentences_its_visitors_documents_too(index: Path, tmp_path: Path) -> None:
    desk, shelves = Desk(index, reader="none"), Shelves("none")
    (tmp_path / "mill.txt").write_text("The mill of Holm was closed in 1990 after a fire.\n")
    shelf = shelves.made("visitor")
    try:
        shelf.add([("mill.txt", tmp_path / "mill.txt")])
        with desk.engine() as shared, shelf.desk.engine() as own:
            assert (shared.reader, own.reader) == ("none", "none")
            answer = own.ask("When was the mill of Holm closed?")
            assert isinstance(answer, Answer) and answer.text == "The mill of Holm was closed in 1990 after a fire."
    finally:
        shelves.close()
        desk.close()
