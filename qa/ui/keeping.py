"""What can be taken away from a turn, and what can be said of it."""

import json

from qa.answer import Abstention, Answer
from qa.ui.choosing import MOST_LINKED
from qa.ui.feedback import ABSENT, RIGHT, WRONG
from qa.ui.footnotes import footnoted
from qa.ui.markup import Markup, element
from qa.ui.references import bibtex, csl_json, html_quotations
from qa.ui.turns import Turn


def keeping_view(turn: Turn, result: Answer | Abstention) -> Markup:
    """Return what a turn can be taken away as: the answer in several formats, and a link that asks again."""
    formats: dict[str, str] = {}
    if isinstance(result, Answer):
        formats = {
            "Markdown": footnoted(result),
            "HTML": html_quotations(result),
            "BibTeX": bibtex(result),
            "CSL-JSON": csl_json(result),
        }
    buttons = [
        element("button", name, type="button", class_="copy", data_copy=text, aria_label=f"Copy as {name}")
        for name, text in formats.items()
    ]
    link = None if turn.choice.own else turn.choice.query(result.question)  # nobody else could open one to own documents
    if link is not None:
        label = "Copy a link that asks this"
        buttons.append(element("button", "Link", type="button", class_="copy", data_link=link, aria_label=label))
    elif not turn.choice.own:
        buttons.append(element("span", f"No link: it can name {MOST_LINKED} documents at most."))
    return element("p", element("span", "Copy"), *buttons, class_="keeping") if buttons else Markup()


def saved_view(turn: Turn) -> str:
    """Return a turn as a saved answer that `qa verify` proves, in ASCII: what stands on the page is shown, not kept as it is."""
    saved = turn.result.to_dict() | {"typed": turn.question} if turn.result else {}
    own = {"own": True} if turn.choice.own else {}
    return json.dumps(saved | own).replace("\x7f", "\\u007f")


def judging_view(turn: Turn, result: Answer | Abstention) -> Markup:
    """Return what a visitor can say of an answer, or that it was noted; nothing where nobody asks."""
    if turn.verdict is None or turn.choice.own:
        return Markup()
    if turn.verdict:
        return element("p", f"Noted: {turn.verdict}. Thank you.", class_="keeping", role="status")
    labels = {RIGHT: "Yes", WRONG: "Wrong passage", ABSENT: "Should be “not in your sources”"}
    if isinstance(result, Abstention):
        labels = {RIGHT: "Yes", WRONG: "The sources do answer it"}
    buttons = [
        element("button", label, type="button", class_="copy", data_verdict=verdict, data_turn=turn.number)
        for verdict, label in labels.items()
    ]
    return element("p", element("span", "Is this right?"), *buttons, class_="keeping judging")
