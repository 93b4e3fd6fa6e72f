"""Choose the sentence of each passage found that answers best, the most promising ones having been read."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from qa.citations import Found
from qa.extractor import (
    READ_FIRST,
    SURE,
    Evidence,
    Weighed,
    choose,
    surroundings,
    to_read,
    weigh,
    with_list,
    with_reading,
)
from qa.reader import Reader
from qa.store import Store


def evidence_of(
    store: Store, reader: Reader | None, question: str, asked: Mapping[str, float], found: Sequence[Found]
) -> list[Evidence]:
    """Return the evidence of each passage found, in order; `asked` weighs the question's stems.

    Sentences are read in the order of their promise, until one surely answers.
    """
    weighed = [weigh(question, asked, item.stored.passage, item.stored.text, item.candidate.cosines) for item in found]
    if reader is not None:
        title = cache(lambda document: store.catalog.entry(document).document.title)
        places = to_read(weighed, [item.candidate.fused for item in found])
        done = 0
        while done < len(places):
            some = places[done : done + max(READ_FIRST, done)]
            done += len(some)
            readings = reader.read(
                question,
                [weighed[place][number].text for place, number in some],
                [_surroundings(title, found[place], weighed[place], number) for place, number in some],
            )
            for (place, number), reading in zip(some, readings, strict=True):
                weighed[place][number] = with_reading(weighed[place][number], reading)
            if any(reading.answers >= SURE for reading in readings):
                break
    return [
        with_list(question, choose(asked, sentences), item.stored.passage, item.stored.text, sentences)
        for item, sentences in zip(found, weighed, strict=True)
    ]


def _surroundings(title: Callable[[int], str], item: Found, weighed: Sequence[Weighed], number: int) -> str:
    """Return what the reader is told about where a sentence of a passage stands; `title` gives a document's."""
    heading = item.stored.passage.heading
    before = weighed[number - 1].text if number else ""
    return surroundings(weighed[number].text, title(item.stored.document), heading[-1] if heading else "", before)
