"""Where things stand on the page, and which event calls what."""

import json
from pathlib import Path
from typing import Any

import gradio as gr

from qa.ui import CONCURRENCY, READING, WAITING
from qa.ui.choosing import ALL, choice_label
from qa.ui.desk import Desk
from qa.ui.markup import element
from qa.ui.page import OWN, SHARED, Page
from qa.ui.programs import add_endpoints
from qa.ui.shelf_view import shelf_view

_HERE = Path(__file__).parent
_SCRIPTS = ("talk.js", "line.js", "source.js", "choosing.js")
_DATES = "2013 or 2020-01"
_UNSEEN = "<span hidden></span>"
"""Shown of components that only carry a value between the page and the server."""

_FOLLOWING = element(
    "label",
    element("input", type="checkbox", checked=True),
    element("span", "Understand short questions from the ones before"),
    class_="following",
)

_DOWNLOAD = element(
    "button",
    "Download",
    element("span", " conversation", class_="rest"),
    type="button",
    aria_label="Download this conversation",
)

HEAD = "".join(
    [
        f"<style>{(_HERE / 'page.css').read_text(encoding='utf-8')}</style>",
        *(f"<script>{(_HERE / name).read_text(encoding='utf-8')}</script>" for name in _SCRIPTS),
    ]
)
"""Style and behaviour of the page; as `css` the selectors would be prefixed, and those from the body down match nothing."""


def _live(part: str, *events: str, value: Any = None, **given: Any) -> gr.HTML:
    """Return a component whose markup is ours and which the page's scripts bring to life; `events` are those it can trigger."""
    # The framework knows only events whose names stand in this script, quoted.
    script = f"verbatim.{part}({{ element, trigger, props, watch, upload }}); {json.dumps(events)};"
    return gr.HTML(value, js_on_load=script, apply_default_css=False, **given)


def build_page(desk: Desk, page: Page) -> gr.Blocks:
    """Lay the page out."""
    blocks = gr.Blocks(title="Verbatim", analytics_enabled=False, fill_width=True, delete_cache=(600, 600))
    with blocks:
        add_endpoints(desk)  # first, or the page's own events would take the names
        turns = gr.State([])
        with gr.Row(elem_id="desk", equal_height=False):
            with gr.Column(elem_id="talk"):
                title = element("h1", "Verbatim")
                gr.HTML(element("header", title, element("p", "Your documents, in their own words."), class_="masthead"))
                conversation = _live("conversation", "ask", "ask_again", "judge", "open_source", elem_id="conversation")
                with gr.Column(elem_id="composer"):
                    # Longer questions than are answered are taken too: cut off in silence they would mean something else.
                    gr.Textbox(
                        "",
                        label="Your question",
                        show_label=False,
                        container=False,
                        placeholder="Ask a question",
                        lines=1,
                        max_lines=4,
                        submit_btn="Ask",
                        autofocus=True,
                        elem_id="question",
                    )
                    with gr.Column(elem_id="panels"):
                        with gr.Accordion(choice_label(ALL), open=False, elem_id="scope") as scope:
                            collection = gr.Radio(
                                [SHARED, OWN], value=SHARED, label="Ask", show_label=False, visible=False, elem_id="collection"
                            )
                            picker = _live("picker", "choose", elem_id="documents")
                            with gr.Row():
                                since = gr.Textbox("", label="Dated from", placeholder=_DATES, max_lines=1, elem_id="since")
                                until = gr.Textbox("", label="Dated to", placeholder=_DATES, max_lines=1, elem_id="until")
                            _live("following", html_template=_FOLLOWING, elem_id="follow")
                        with gr.Accordion("Your documents", open=False, elem_id="mine"):
                            shelf = _live(
                                "shelf", "add_files", "remove_file", value=element("div", shelf_view(())), elem_id="shelf"
                            )
                        _live("download", html_template=_DOWNLOAD, elem_id="download")
                    chosen = _live("chosen", value={"all": True}, html_template=_UNSEEN)
                    arrived = _live("arrived", html_template=_UNSEEN)
            pane = _live("pane", "open_source", elem_id="pane")

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        offered: list[Any] = [picker, chosen, scope]
        blocks.load(page.arrive, None, [conversation, turns, *offered, since, until], **quiet)
        asked: list[Any] = [turns, chosen, since, until, collection]
        # The page sends one at a time; "multiple" because it sends the next before the framework has noted that the last is done.
        for event, function, given in (
            (conversation.ask, page.ask, asked),
            (conversation.ask_again, page.ask_again, asked),
            (conversation.judge, page.judge, [turns]),
        ):
            done = event(function, given, [arrived, turns], trigger_mode="multiple", **quiet)
            done.then(None, js="() => verbatim.settle()", **quiet)
        for component in (conversation, pane):
            component.open_source(page.open, [turns, collection], [pane], trigger_mode="always_last", **quiet)
        # Each visitor's files are read apart from all others', in processes that have a limit each.
        reading: dict[str, Any] = {"concurrency_limit": READING, "concurrency_id": "reading", **quiet}
        shelf.add_files(page.add, [since, until], [shelf, collection, *offered], **reading)
        shelf.remove_file(page.remove, [since, until], [shelf, collection, *offered], **reading)
        collection.input(page.turn_to, [collection, since, until], offered, **quiet)
        # Of several in a row the last, or a label could come late and be wrong.
        changes = [since.change, until.change]
        limits: list[Any] = [chosen, since, until, collection]
        gr.on(changes, page.label, limits, [scope], trigger_mode="always_last", **quiet)
        picker.choose(page.label, limits, [scope], trigger_mode="always_last", **quiet)
        blocks.unload(page.leave)
    blocks.queue(default_concurrency_limit=CONCURRENCY, max_size=WAITING, api_open=False)
    return blocks
