"""The page: where things stand and what happens when they are used. State is the session's own."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from qa.errors import VerbatimError
from qa.follow_ups import exchange_of, rewrite
from qa.render import visible
from qa.settings import QUESTION_CHARACTERS
from qa.ui import CONCURRENCY, WAITING
from qa.ui.choosing import ALL, Choice, choice_label
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

    def ask(
        self, question: str, turns: list[Turn], documents: list[str], since: str, until: str, follow: bool
    ) -> tuple[Any, list[Turn], Any]:
        """Answer a question in a new turn; with `follow`, as a follow-up to the turns before where it is one."""
        typed = question.strip()
        if not typed:
            return gr.skip(), turns, gr.skip()
        earlier = [exchange_of(turn.result) for turn in turns if turn.result is not None] if follow else []
        turn = Turn(turns[-1].number + 1 if turns else 1, typed, None, choice=Choice.of(documents, since, until))
        turns = [*turns, self._answered(turn, rewrite(typed, earlier))][-TURNS:]
        return conversation_view(turns), turns, ""

    def ask_again(self, turns: list[Turn], event: gr.EventData) -> tuple[Any, list[Turn]]:
        """Answer a turn's question anew in the words it was corrected to, of the same documents as before."""
        given: dict[str, Any] = event._data or {}
        asked = str(given.get("question") or "").strip()
        if not asked:
            return gr.skip(), turns
        turns = [self._answered(turn, asked) if turn.number == given.get("turn") else turn for turn in turns]
        return conversation_view(turns), turns

    def _answered(self, turn: Turn, asked: str) -> Turn:
        """Return a turn with what came of asking; its question is shown as it was asked where that is not as it was typed."""
        # Once a question was rewritten the field stays, so that it can be corrected again.
        shown = asked if asked != turn.question or turn.asked else ""
        choice = turn.choice
        try:
            result = self._desk.ask(asked, CITATIONS, choice.documents, choice.since, choice.until)
        except VerbatimError as error:
            return replace(turn, result=None, trouble=str(error), asked=shown)
        return replace(turn, result=result, trouble="", asked=shown)

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
                    with gr.Accordion(choice_label(ALL), open=False, elem_id="scope") as scope:
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
                        follow = gr.Checkbox(True, label="Understand short questions from the ones before", elem_id="follow")
            pane = gr.HTML(elem_id="pane", js_on_load=f"({_SCRIPT}).pane();", apply_default_css=False)

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        blocks.load(page.arrive, None, [conversation, documents], **quiet)
        asked: list[Any] = [question, turns, documents, since, until, follow]
        question.submit(page.ask, asked, [conversation, turns, question], **quiet)
        conversation.ask_again(page.ask_again, [turns], [conversation, turns], **quiet)
        for component in (conversation, pane):
            component.open_source(page.open, [turns], [pane], trigger_mode="always_last", **quiet)
        chosen: list[Any] = [documents, since, until]
        # One event for the three, and of several in a row the last, or a label could come late and be wrong.
        changes = [component.change for component in chosen]
        gr.on(
            changes,
            lambda *given: gr.update(label=choice_label(Choice.of(*given))),
            chosen,
            [scope],
            trigger_mode="always_last",
            **quiet,
        )
        clear.click(lambda: ([], "", ""), None, chosen, **quiet)
    blocks.queue(default_concurrency_limit=CONCURRENCY, max_size=WAITING, api_open=False)
    return blocks
