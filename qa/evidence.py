"""Choose the sentence of each passage found that answers best, the most promising ones having been read."""

from collections.abc import Mapping, Sequence

from qa.citations import Found, stretch_around
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
from qa.lists import Stretch, asks_for_several, asks_for_steps, is_lead
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
    return [choose(asked, sentences, named) for sentences, named in zip(weighed, around, strict=True)]


def with_whole_list(store: Store, question: str, asked: Mapping[str, float], item: Found, own: Evidence) -> Evidence:
    """Return a passage's evidence with the items of the list that answers, those in the passages beside it included."""
    if not is_lead(own.chosen.text):
        passage = Stretch(item.stored.passage, item.stored.text)
        items = any(passage.before(number).strip() for number in range(len(passage.passage.sentences)))
        # Nothing beside a passage without items need be read: they are not in a list that it is not in.
        if not items or not (asks_for_several(question) or asks_for_steps(question)):
            return own
    return with_list(question, asked, own, stretch_around(store, item.stored))


def _surroundings(names: Sequence[str], weighed: Sequence[Weighed], number: int) -> str:
    """Return what the reader is told about where a sentence of a passage stands; `names` are the title and the headings."""
    title, *headings = names
    before = weighed[number - 1].text if number else ""
    headers = headers_above([sentence.text for sentence in weighed], number)
    return surroundings(weighed[number].text, title, headings[-1] if headings else "", before, headers)
