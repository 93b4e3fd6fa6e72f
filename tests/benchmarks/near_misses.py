"""Documents on the subject of a question that do not answer it: the answering sentences taken out of them."""

from typing import Any

from qa.settings import SETTINGS
from qa.text import sentence_tiles


def taken_out(text: str, questions: list[dict[str, Any]], name: str) -> tuple[str, list[dict[str, Any]]]:
    """Return a document without the sentences that answer, and those of the questions that it does not answer then.

    Of a question whose answer stands elsewhere in the document too, nobody knows whether it is answered.
    """
    golds = [(gold["start"], gold["end"]) for question in questions for gold in question["answers"] if gold["doc"] == name]
    tiles = sentence_tiles(text, 0, len(text), SETTINGS.sentence_characters)
    left = "".join(text[start:end] for start, end in tiles if not any(first < end and last > start for first, last in golds))
    folded = left.casefold()
    return left, [
        question | {"answers": []}
        for question in questions
        if all(gold["text"].casefold() not in folded for gold in question["answers"])
    ]
