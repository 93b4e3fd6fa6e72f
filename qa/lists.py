"""Lists in a passage: the sentence that leads to one, its items, and whether a question asks for all of them."""

import re
from collections.abc import Sequence

from qa.records import Span
from qa.text import line_breaks

_ASKS_FOR_SEVERAL = re.compile(
    r"^\W*(?:list|name|give|enumerate|what (?:else )?(?:are|were)|(?:which|what) (?:[\w'’-]+ ){0,2}?[\w'’-]*[^\Ws]s"
    r"(?<!\bis)(?<!\bwas)(?<!\bhas)(?<!\bdoes)(?<!\bthis))\b",
    re.IGNORECASE,
)

LEAD_COVERAGE = 0.5


def asks_for_several(question: str) -> bool:
    """Tell whether a question asks for all of a kind: list the …, what are the …, which agencies."""
    return bool(_ASKS_FOR_SEVERAL.search(question))


def is_lead(sentence: str) -> bool:
    """Tell whether a sentence leads to what follows it: it ends in a colon."""
    return sentence.rstrip().endswith(":")


def list_around(number: int, sentences: Sequence[Span], text: str, start: int) -> tuple[int, range] | None:
    """Return the number of the sentence that leads to the list a sentence is part of, and the numbers of what the list holds.

    `text` begins at offset `start`, as a passage's does. An item has a mark before it, which its span leaves out; a
    sentence without one belongs to the item before it unless a blank line parts them. None where the sentence neither
    leads to a list nor stands in one, or where what leads to it stands in another passage.
    """

    def between(after: int) -> str:
        return text[sentences[after - 1].end - start : sentences[after].start - start]

    def leads(candidate: int) -> bool:
        return is_lead(text[sentences[candidate].start - start : sentences[candidate].end - start])

    lead = next((candidate for candidate in range(number, -1, -1) if leads(candidate)), None)
    if lead is None:
        return None
    end = lead + 1
    while end < len(sentences) and (between(end).strip() or (end > lead + 1 and line_breaks(between(end)) < 2)):
        end += 1
    return (lead, range(lead + 1, end)) if end > lead + 1 and number < end else None


def list_asked_for(
    question: str, number: int, sentences: Sequence[Span], text: str, start: int, coverages: Sequence[float]
) -> tuple[int, range] | None:
    """Return the list that answers a question as `list_around` does; None where the chosen sentence answers by itself.

    A list answers where the sentence that leads to it was chosen, or where all of a kind are asked for and what
    leads to the list holds LEAD_COVERAGE of the question's words (`coverages`, by sentence) and no fewer than the
    item that was chosen.
    """
    found = list_around(number, sentences, text, start)
    if found is None or found[0] == number:
        return found
    lead = coverages[found[0]]
    return found if asks_for_several(question) and lead >= max(LEAD_COVERAGE, coverages[number]) else None
