"""Choose the sentence of each passage found that answers best, the most promising ones having been read."""

from collections.abc import Mapping, Sequence

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
from qa.figures import headers_above
from qa.reader import Reader
from qa.store import Store


def evidence_of(
    store: Store, reader: Reader | None, question: str, asked: Mapping[str, float], found: Sequence[Found]
) -> list[Evidence]:
    """Return the evidence of each passage found, in order; `asked` weighs the question's stems.

    Sentences are read in the order of their promise, until one surely answers.
    """
    names = [item.around(store) for item in found]
    around = ["\n".join(item) for item in names]
    weighed = [
        weigh(question, asked, item.stored.passage, item.stored.text, item.candidate.cosines, named)
        for item, named in zip(found, around, strict=True)
    ]
    if reader is not None:
        places = to_read(weighed, [item.candidate.fused for item in found])
        done = 0
        while done < len(places):
            some = places[done : done + max(READ_FIRST, done)]
            done += len(some)
            readings = reader.read(
                question,
                [weighed[place][number].text for place, number in some],
                [_surroundings(names[place], weighed[place], number) for place, number in some],
            )
            for (place, number), reading in zip(some, readings, strict=True):
                weighed[place][number] = with_reading(weighed[place][number], reading)
            if any(reading.answers >= SURE for reading in readings):
                break
    return [
        with_list(question, choose(asked, sentences, named), item.stored.passage, item.stored.text, sentences)
        for item, sentences, named in zip(found, weighed, around, strict=True)
    ]


def _surroundings(names: Sequence[str], weighed: Sequence[Weighed], number: int) -> str:
    """Return what the reader is told about where a sentence of a passage stands; `names` are the title and the headings."""
    title, *headings = names
    before = weighed[number - 1].text if number else ""
    headers = headers_above([sentence.text for sentence in weighed], number)
    return surroundings(weighed[number].text, title, headings[-1] if headings else "", before, headers)
