"""The page: where things stand and what happens when they are used. State is the session's own."""

import time
from pathlib import Path
from typing import Any

import gradio as gr

from qa.errors import VerbatimError
from qa.render import visible
from qa.settings import QUESTION_CHARACTERS
from qa.ui import CONCURRENCY, WAITING
from qa.ui.desk import Desk
from qa.ui.markup import element
from qa.ui.programs import add_programs
from qa.ui.reading import close_button, reading_view
from qa.ui.views import Turn, conversation_view, document_line, trouble_view, welcome_view

TURNS = 50
"""Turns kept of a conversation."""

CITATIONS = 5

_SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
_DATES = "2013, 2020-01 or 2022-06-17"


def _scope_label(documents: list[str], since: str, until: str) -> str:
    """Return what the next question is asked of."""
    counted = f"{len(documents):,} chosen document{'s' if len(documents) != 1 else ''}" if documents else "all documents"
    dates = "".join(f", {word} {visible(date.strip())}" for word, date in (("from", since), ("to", until)) if date.strip())
    return f"Asking {counted}{dates}"


class Page:
    """Answer what the visitor does; each method is one event and returns what changes on the page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def arrive(self) -> tuple[str, Any]:
        """Show the start page, and offer the documents to choose from."""
        try:
            entries = self._desk.entries()
        except VerbatimError as error:
            return trouble_view(str(error)), gr.update(choices=[])
        choices = [(visible(document_line(entry)), entry.document.path) for entry in entries]
        return welcome_view(entries), gr.update(choices=choices)

    def ask(self, question: str, turns: list[Turn], documents: list[str], since: str, until: str) -> tuple[Any, list[Turn], Any]:
        """Answer a question in a new turn."""
        if not question.strip():
            return gr.skip(), turns, gr.skip()
        number = turns[-1].number + 1 if turns else 1
        try:
            result = self._desk.ask(question.strip(), CITATIONS, documents, since.strip() or None, until.strip() or None)
            turn = Turn(number, question.strip(), result)
        except VerbatimError as error:
            turn = Turn(number, question.strip(), None, str(error))
        turns = [*turns, turn][-TURNS:]
        return conversation_view(turns), turns, ""

    def open(self, turns: list[Turn], event: gr.EventData) -> str:
        """Open a document: the one a citation quotes, or one by its path."""
        asked: dict[str, Any] = event._data or {}
        try:
            turn = next((turn for turn in turns if turn.number == asked.get("turn")), None)
            if turn is not None:
                shown = reading_view(self._desk.read_citation(turn, asked.get("rank") or 0))
            else:
                shown = reading_view(self._desk.read(str(asked.get("document"))))
        except VerbatimError as error:
            shown = element("section", close_button(), trouble_view(str(error)), class_="reading", aria_label="Source")
        # The browser acts on a value that changes: opening the same place again is a new value.
        return element("div", shown, class_="opened", data_opened=time.monotonic_ns())


def build_page(desk: Desk) -> gr.Blocks:
    """Lay the page out."""
    page = Page(desk)
    blocks = gr.Blocks(title="Verbatim", analytics_enabled=False, fill_width=True)
    with blocks:
        add_programs(desk)  # first, or the page's own events would take the names
        turns = gr.State([])
        with gr.Row(elem_id="desk", equal_height=False):
            with gr.Column(elem_id="talk"):
                gr.HTML(
                    element(
                        "header",
                        element("h1", "Verbatim"),
                        element("p", "Your documents, in their own words."),
                        class_="masthead",
                    )
                )
                conversation = gr.HTML(elem_id="conversation", js_on_load=f"({_SCRIPT}).conversation();", apply_default_css=False)
                with gr.Column(elem_id="composer"):
                    question = gr.Textbox(
                        "",
                        label="Your question",
                        show_label=False,
                        container=False,
                        placeholder="Ask a question",
                        lines=1,
                        max_lines=4,
                        max_length=QUESTION_CHARACTERS,
                        submit_btn="Ask",
                        autofocus=True,
                        elem_id="question",
                    )
                    with gr.Accordion(_scope_label([], "", ""), open=False, elem_id="scope") as scope:
                        documents = gr.Dropdown(
                            [],
                            multiselect=True,
                            label="Documents",
                            info="None chosen means all. Type to find one.",
                            elem_id="documents",
                        )
                        with gr.Row():
                            since = gr.Textbox("", label="Dated from", placeholder=_DATES, max_lines=1, elem_id="since")
                            until = gr.Textbox("", label="Dated to", placeholder=_DATES, max_lines=1, elem_id="until")
                        clear = gr.Button("Ask all documents", size="sm", elem_id="everything")
            pane = gr.HTML(elem_id="pane", js_on_load=f"({_SCRIPT}).pane();", apply_default_css=False)

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        blocks.load(page.arrive, None, [conversation, documents], **quiet)
        question.submit(page.ask, [question, turns, documents, since, until], [conversation, turns, question], **quiet)
        for component in (conversation, pane):
            component.open_source(page.open, [turns], [pane], trigger_mode="always_last", **quiet)
        chosen: list[Any] = [documents, since, until]
        # One event for the three, and of several in a row the last, or a label could come late and be wrong.
        changes = [component.change for component in chosen]
        gr.on(changes, lambda *given: gr.update(label=_scope_label(*given)), chosen, [scope], trigger_mode="always_last", **quiet)
        clear.click(lambda: ([], "", ""), None, chosen, **quiet)
    blocks.queue(default_concurrency_limit=CONCURRENCY, max_size=WAITING, api_open=False)
    return blocks
