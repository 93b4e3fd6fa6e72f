"""Where things stand on the page, and which event calls what."""

from pathlib import Path
from typing import Any

import gradio as gr

from qa.settings import QUESTION_CHARACTERS
from qa.ui import CONCURRENCY, WAITING
from qa.ui.choosing import ALL, choice_label
from qa.ui.desk import Desk
from qa.ui.markup import element
from qa.ui.page import OWN, SHARED, Page
from qa.ui.programs import add_endpoints
from qa.ui.shelf_view import shelf_view

_SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
_DATES = "2013, 2020-01 or 2022-06-17"
_UNSEEN = "<span hidden></span>"
"""Shown of components that only carry a value between the page and the server."""


def _live(part: str, value: Any = None, **given: Any) -> gr.HTML:
    """Return a component whose markup is ours and which the page's script brings to life."""
    return gr.HTML(value, js_on_load=f"({_SCRIPT}).{part}();", apply_default_css=False, **given)


def build_page(desk: Desk, page: Page) -> gr.Blocks:
    """Lay the page out."""
    blocks = gr.Blocks(title="Verbatim", analytics_enabled=False, fill_width=True, delete_cache=(600, 600))
    with blocks:
        add_endpoints(desk)  # first, or the page's own events would take the names
        turns, listed = gr.State([]), gr.State([])
        with gr.Row(elem_id="desk", equal_height=False):
            with gr.Column(elem_id="talk"):
                title = element("h1", "Verbatim")
                gr.HTML(element("header", title, element("p", "Your documents, in their own words."), class_="masthead"))
                conversation = _live("conversation", elem_id="conversation")
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
                        collection = gr.Radio(
                            [SHARED, OWN], value=SHARED, label="Ask", show_label=False, visible=False, elem_id="collection"
                        )
                        picker = _live("picker", elem_id="documents")
                        with gr.Row():
                            since = gr.Textbox("", label="Dated from", placeholder=_DATES, max_lines=1, elem_id="since")
                            until = gr.Textbox("", label="Dated to", placeholder=_DATES, max_lines=1, elem_id="until")
                        shelf = _live("shelf", element("div", shelf_view(())), elem_id="shelf")
                        with gr.Row(elem_id="choices"):
                            follow = gr.Checkbox(True, label="Understand short questions from the ones before", elem_id="follow")
                            download = gr.Button("Download this conversation", size="sm", elem_id="download")
                    chosen = _live("chosen", {"all": True}, html_template=_UNSEEN)
                    saved = _live("download", html_template=_UNSEEN)
            pane = _live("pane", elem_id="pane")

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        offered: list[Any] = [picker, listed, chosen, scope]
        blocks.load(page.arrive, None, [conversation, turns, *offered, since, until], **quiet)
        asked: list[Any] = [question, turns, chosen, listed, since, until, follow, collection]
        question.submit(page.ask, asked, [conversation, turns, question], **quiet)
        conversation.ask_again(page.ask_again, [turns], [conversation, turns], **quiet)
        conversation.judge(page.judge, [turns], [conversation, turns], **quiet)
        for component in (conversation, pane):
            component.open_source(page.open, [turns, collection], [pane], trigger_mode="always_last", **quiet)
        download.click(page.download, [turns], [saved], **quiet)
        shelf.add_files(page.add, [since, until], [shelf, collection, *offered], concurrency_limit=1, **quiet)
        shelf.remove_file(page.remove, [since, until], [shelf, collection, *offered], concurrency_limit=1, **quiet)
        collection.input(page.turn_to, [collection, since, until], offered, **quiet)
        # Of several in a row the last, or a label could come late and be wrong.
        changes = [since.change, until.change]
        limits: list[Any] = [chosen, listed, since, until, collection]
        gr.on(changes, page.label, limits, [scope], trigger_mode="always_last", **quiet)
        picker.choose(page.label, limits, [scope], trigger_mode="always_last", **quiet)
        blocks.unload(page.leave)
    blocks.queue(default_concurrency_limit=CONCURRENCY, max_size=WAITING, api_open=False)
    return blocks
