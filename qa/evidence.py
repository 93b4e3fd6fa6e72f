"""Choose the sentence of each passage found that answers best, the most promising ones having been read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa.asides import asks
from qa.citations import Found, stretch_around
from qa.extractor import (
    READ_FIRST,
    READER_WEIGHT,
    SURE,
    Evidence,
    Weighed,
    choose,
    leans,
    likelihood,
    surroundings,
    to_read,
    weigh,
    with_list,
    with_reading,
)
from qa.figures import headers_above, is_row
from qa.lists import Stretch, asks_for_several, asks_for_steps, is_lead
from qa.reader import Reader
from qa.records import Reading
from qa.store import Store

SENTENCE_WEIGHT, RERANK_WEIGHT = 0.6, 1.7
"""What a passage gains in the fused score from its best sentence's own, and from one that the reader is sure of.

On 1,500 questions about squad2's train and tune articles the first alone raises Success@1 from 0.861 to 0.872 and
Success@5 from 0.965 to 0.969; with the reader, on the tune articles, both make 0.867 and 0.962 of 0.860 and 0.952.
"""

GONE_ON = 2
"""Passages, the best, in which the sentence after the chosen one is read too where the reader finds no answer in that."""

GOES_ON_UNDER, GOES_ON_GAIN = 1.0, 1.0
"""Answer logit under which the next sentence is read as going on from the chosen one, and what it must gain to take its place."""

_WHY_OR_HOW = re.compile(
    r"\bwhy\b|\bhow (?!(?:many|much|long|old|often|far|big|large|high|tall|deep|wide|fast|heavy|soon|late|early)\b)"
    r"|\b(?:what|which) (?:caused|led to|made|(?:\w+ ){0,2}reasons?)\b",
    re.IGNORECASE,
)

_GIVES_REASON = re.compile(
    r"\b(?:because|due to|owing to|thanks to|so that|so as to|in order to|as a result|therefore|reasons?|purpose"
    r"|caus(?:e|es|ed|ing))\b",
    re.IGNORECASE,
)


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
    chosen = [
        choose(asked, sentences, named, item.dated(store)) for item, sentences, named in zip(found, weighed, around, strict=True)
    ]
    if reader is None or not asks_why_or_how(question):
        return chosen
    return _gone_on(reader, question, found, names, weighed, chosen)


def reranked(item: Found, own: Evidence) -> float:
    """Return the score that tells which passage may answer: the fused one, raised by the best sentence and the reader."""
    return item.candidate.fused + SENTENCE_WEIGHT * own.chosen.score + RERANK_WEIGHT * own.reads


def _gone_on(
    reader: Reader,
    question: str,
    found: Sequence[Found],
    names: Sequence[Sequence[str]],
    weighed: Sequence[Sequence[Weighed]],
    evidence: Sequence[Evidence],
) -> list[Evidence]:
    """Return the evidence, in the first passages that of the next sentence where it goes on from the chosen one and answers.

    Asked only why and how: told both, the reader takes what the first answers for an answer in the second, and of squad2's 520
    tune questions 10 others lost what was right and 1 won.

    "Mr Poole was offered a flat. It was on the fourth floor, and he suffers from vertigo." Why he refused it nobody finds in the
    second sentence alone.
    """
    first = sorted(range(len(found)), key=lambda place: -reranked(found[place], evidence[place]))[:GONE_ON]
    after: dict[int, Weighed] = {}
    for place in first:
        number = evidence[place].chosen.number + 1
        passage = Stretch(found[place].stored.passage, found[place].stored.text)
        if number < len(weighed[place]) and may_go_on(evidence[place], weighed[place][number], passage.before(number)):
            after[place] = weighed[place][number]
    told = [_surroundings(names[place], weighed[place], one.number, goes_on=True) for place, one in after.items()]
    readings = reader.read(question, [one.text for one in after.values()], told)
    gone = {place: going_on(evidence[place], one, reading) for (place, one), reading in zip(after.items(), readings, strict=True)}
    return [gone.get(place, own) for place, own in enumerate(evidence)]


def asks_why_or_how(question: str) -> bool:
    """Tell whether a question asks for a reason or for a way, and not how many or how long."""
    return bool(_WHY_OR_HOW.search(question))


def may_go_on(evidence: Evidence, after: Weighed, between: str) -> bool:
    """Tell whether the sentence `after` the one chosen may say what that leaves open; `between` is the text between both.

    Not where the reader finds an answer in the chosen one, where that gives a reason in so many words or leans on one before
    itself, and where the next asks something, begins an item or is a row of a table.
    """
    chosen = evidence.chosen
    if chosen.reading is None or chosen.reading.answers >= GOES_ON_UNDER:
        return False
    if leans(chosen.text) or _GIVES_REASON.search(chosen.text):
        return False
    return not (between.strip() or evidence.headers or is_row(after.text) or asks(after.text))


def going_on(evidence: Evidence, after: Weighed, reading: Reading) -> Evidence:
    """Return the evidence with the sentence `after` the one chosen in its place, if the reader, told both, finds more in it.

    It then stands for both: what the one before says, it says.
    """
    chosen = evidence.chosen
    if chosen.reading is None or reading.answers < chosen.reading.answers + GOES_ON_GAIN:
        return evidence
    gained = READER_WEIGHT * (likelihood(reading) - likelihood(chosen.reading))
    both = replace(after, coverage=max(after.coverage, chosen.coverage), score=chosen.score + gained, reading=reading)
    return replace(evidence, chosen=both)


def with_whole_list(store: Store, question: str, asked: Mapping[str, float], item: Found, own: Evidence) -> Evidence:
    """Return a passage's evidence with the items of the list that answers, those in the passages beside it included."""
    if not is_lead(own.chosen.text):
        passage = Stretch(item.stored.passage, item.stored.text)
        items = any(passage.before(number).strip() for number in range(len(passage.passage.sentences)))
        # Nothing beside a passage without items need be read: they are not in a list that it is not in.
        if not items or not (asks_for_several(question) or asks_for_steps(question)):
            return own
    return with_list(question, asked, own, stretch_around(store, item.stored))


def _surroundings(names: Sequence[str], weighed: Sequence[Weighed], number: int, *, goes_on: bool = False) -> str:
    """Return what the reader is told about where a sentence of a passage stands; `names` are the title and the headings."""
    title, *headings = names
    before = weighed[number - 1].text if number else ""
    headers = headers_above([sentence.text for sentence in weighed], number)
    return surroundings(weighed[number].text, title, headings[-1] if headings else "", before, headers, goes_on=goes_on)
