"""Relate answers to passages: which passages of the index are relevant, and at which rank an answer first stands."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from qa.answer import Citation, Place
from qa.catalog import StoredPassage
from qa.citations import fold
from qa.measures.rankings import DEPTH
from qa.passages import content_span
from qa.questions.places import holds
from qa.questions.records import Gold, Judged
from qa.records import Span
from qa.retriever import Candidate
from qa.store import Store


@dataclass(frozen=True)
class Retrieved:
    """Hold one system's ranking of a question as ids, and the rank at which each gold first stands whole."""

    ranking: tuple[str, ...]
    gold_ranks: tuple[int | None, ...]


def passage_id(place: Place) -> str:
    """Return a passage's name as runs write it: path and offsets, without white space."""
    return f"{run_word(place.document)}:{place.start}-{place.end}"


def run_word(text: str) -> str:
    """Return a name as a TREC file can hold it: white space and % are percent-encoded."""
    return re.sub(r"[\s%]", lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), text)


class Relevance:
    """Find the passages that hold answers, in the whole index, so that what was not found is missed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries = {entry.document.path: entry for entry in store.entries}
        self._passages = lru_cache(256)(self._read)

    def _read(self, document: str) -> list[tuple[Span, StoredPassage]]:
        entry = self._entries[document]
        stored = self._store.catalog.stored(range(entry.first_passage, entry.first_passage + entry.passages))
        return [(content_span(passage.passage), passage) for passage in stored]

    def of(self, judged: Judged) -> tuple[dict[str, int], dict[str, str]]:
        """Return a question's relevant ids with their grades, and under which of them each relevant name counts.

        Passages that are copies of each other come as one hit, so they count as one. An answer that no
        passage holds whole, and a judged document that is not indexed, count as ids that nothing finds.
        """
        if any(gold.whole for gold in judged.golds):
            grades = {run_word(gold.document): gold.grade for gold in judged.golds}
            return grades, {name: name for name in grades}
        holding: dict[int, StoredPassage] = {}
        relevant: dict[str, int] = {}
        for gold in judged.golds:
            passage = self._holding(gold)
            if passage is None:
                relevant[f"nowhere:{run_word(gold.document)}:{gold.start}-{gold.end}"] = 1
            else:
                holding[passage.number] = passage
        names: dict[str, str] = {}
        for item in fold(((_nothing(number), holding[number]) for number in sorted(holding)), len(holding)):
            name = self._name(item.stored)
            relevant[name] = 1
            names.update({self._name(stored): name for stored in (item.stored, *item.copies)})
        return relevant, names

    def nowhere(self, judged: Judged) -> bool:
        """Tell whether a question's answers stand in the documents but none of them whole in a passage."""
        texts = [gold for gold in judged.golds if not gold.whole]
        return bool(texts) and all(self._holding(gold) is None for gold in texts)

    def _holding(self, gold: Gold) -> StoredPassage | None:
        passages = self._passages(gold.document)
        found = bisect_right(passages, gold.start, key=lambda item: item[0].start) - 1
        return passages[found][1] if found >= 0 and gold.end <= passages[found][0].end else None

    def _name(self, stored: StoredPassage) -> str:
        return passage_id(place_of(self._store, stored))


def _nothing(number: int) -> Candidate:
    return Candidate(number, 0.0, 0.0, 0.0, np.zeros(0, dtype=np.float32))


def place_of(store: Store, stored: StoredPassage) -> Place:
    """Return where a passage's quotable text stands."""
    span = content_span(stored.passage)
    return Place(store.catalog.entry(stored.document).document.path, span.start, span.end, stored.passage.line)


def retrieved_of(ranked: Iterable[tuple[Place, ...]], judged: Judged, names: Mapping[str, str]) -> Retrieved:
    """Turn ranked places into ids; a passage counts under its copy's id if only the copy is relevant.

    Where whole documents are judged a document stands at the rank of its first passage.
    """
    whole = any(gold.whole for gold in judged.golds)
    ranking: list[str] = []
    ranks: list[int | None] = [None] * len(judged.golds)
    for places in ranked:
        own = [run_word(place.document) if whole else passage_id(place) for place in places]
        counted = next((names[name] for name in own if name in names), own[0])
        if counted in ranking:
            counted = own[0]
        if counted not in ranking:
            ranking.append(counted)
        for number, gold in enumerate(judged.golds):
            if ranks[number] is None and any(holds(place, gold) for place in places):
                ranks[number] = ranking.index(counted) + 1 if whole else len(ranking)
    return Retrieved(tuple(ranking[:DEPTH]), tuple(rank if rank and rank <= DEPTH else None for rank in ranks))


def golds_within(citation: Citation, golds: Iterable[Gold]) -> Iterator[Span]:
    """Yield the answers that stand in a citation's document, and those of its copies where the same words stand in it."""
    for gold in golds:
        if gold.whole:
            continue
        if gold.document == citation.document:
            yield Span(gold.start, gold.end)
            continue
        for copy in citation.also_in:
            if holds(copy, gold):
                near = citation.start + gold.start - copy.start
                found = [citation.start + match.start() for match in re.finditer(re.escape(gold.text), citation.quote)]
                if found:
                    start = min(found, key=lambda offset: (abs(offset - near), offset))
                    yield Span(start, start + len(gold.text))
