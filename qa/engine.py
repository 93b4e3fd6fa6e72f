"""Ask and search an index: the one engine behind the command line, the chat, the API and the evaluation."""

import math
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from qa.catalog import StoredPassage
from qa.confidence import Calibration, features, parse_calibration, probability, shipped
from qa.errors import BadInput, DamagedIndex
from qa.extractor import Evidence, asked_weights, choose
from qa.generation import current
from qa.passages import content_span
from qa.records import Abstention, Answer, AnswerSpan, Citation, Hit, Place, Scores, Searched, Span
from qa.retriever import Candidate, Filters, Query, Scope, parse_query, rank, scope
from qa.settings import QUESTION_CHARACTERS
from qa.store import Store
from qa.text import line_breaks, stem, stems

COPY_OVERLAP = 0.9
"""Share of common words (Jaccard, over shingles of SHINGLE stems) from which on two passages are copies."""

SHINGLE = 3
POOL = 3
"""Passages looked at for each one asked for, so that folded copies leave enough."""


class Found(NamedTuple):
    """Pair a candidate with its verified passage and the copies folded into it."""

    candidate: Candidate
    stored: StoredPassage
    copies: list[StoredPassage]


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    found = stems(text)
    return frozenset(tuple(found[start : start + SHINGLE]) for start in range(max(1, len(found) - SHINGLE + 1)))


def _fold(found: Iterable[tuple[Candidate, StoredPassage]], count: int) -> list[Found]:
    """Return the first `count` passages that are no copies of one before them; copies go with the first."""
    kept: list[tuple[frozenset[tuple[str, ...]], Found]] = []
    for candidate, stored in found:
        own = _shingles(stored.text)
        original = next((item for held, item in kept if len(own & held) >= COPY_OVERLAP * len(own | held)), None)
        if original is not None:
            original.copies.append(stored)
        elif len(kept) < count:
            kept.append((own, Found(candidate, stored, [])))
    return [item for _, item in kept]


class Engine:
    """Answer questions from one index; safe to share between threads."""

    def __init__(self, store: Store, index: Path, calibration: Calibration) -> None:
        self._store = store
        self._index = index
        self._calibration = calibration
        self._lock = threading.Lock()

    @classmethod
    def open(cls, index_dir: str | Path) -> "Engine":
        """Open the published generation of an index directory.

        Raises NoIndex, DamagedIndex or IncompatibleIndex, each naming the command that mends it.
        """
        index = Path(index_dir)
        store = Store.open(index)
        try:
            return cls(store, index, _calibration(index, store))
        except DamagedIndex:
            store.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the generation go."""
        self._store.close()

    @property
    def store(self) -> Store:
        """Return the open generation."""
        return self._store

    @property
    def threshold(self) -> float:
        """Return the confidence from which on a question is answered."""
        return self._calibration.threshold

    def refresh(self) -> bool:
        """Move on to the published generation if there is a newer one; tell whether there was."""
        with self._lock:
            if current(self._index)[0] == self._store.manifest.generation:
                return False
            newer = Store.open(self._index)
            calibration = _calibration(self._index, newer)
            older, self._store, self._calibration = self._store, newer, calibration
            older.close()
            return True

    def ask(
        self,
        question: str,
        k: int = 5,
        source: str | Sequence[str] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Answer | Abstention:
        """Answer a question with at most `k` citations, or say why not.

        `source` is a glob, or several, on paths relative to the root; dates may be partial. Raises
        BadInput for a question over QUESTION_CHARACTERS, a `k` below 1 or a date that is none, and
        DamagedIndex where a passage is not the text that was indexed.
        """
        started = time.perf_counter()
        store, calibration = self._store, self._calibration
        _check(question, k)
        within = scope(store, _filters(source, since, until))
        searched = _searched(store, within, _filters(source, since, until))
        query = parse_query(store, question)
        unknown = _unknown(store, query)
        reason = "empty index" if store.passages == 0 else "no words to search for" if not query.stems else ""
        ranking = [] if reason else rank(store, query, within)
        citations = tuple(self._cite(store, calibration, query, ranking, within, k))
        confidence = citations[0].confidence or 0.0 if citations else 0.0
        took = (time.perf_counter() - started) * 1000
        if citations and confidence >= calibration.threshold:
            highlight = citations[0].highlights[0]
            text = citations[0].quote[highlight.start - citations[0].start : highlight.end - citations[0].start]
            span = AnswerSpan(1, highlight.start, highlight.end)
            return Answer(question, confidence, calibration.threshold, text, (span,), citations, searched, unknown, took)
        reason = reason or ("below threshold" if citations else "nothing found")
        return Abstention(question, confidence, calibration.threshold, reason, citations, searched, unknown, took)

    def ask_many(self, questions: Iterable[str], k: int = 5) -> Iterator[Answer | Abstention]:
        """Answer questions one after the other, in order."""
        for question in questions:
            yield self.ask(question, k)

    def search(
        self,
        query: str,
        k: int = 10,
        source: str | Sequence[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        *,
        phrases: bool = True,
    ) -> list[Hit]:
        """Return the `k` best passages in the retriever's order; phrases in double quotes must stand in the text.

        `phrases=False` reads quotation marks as those of a question. Raises as `ask` does.
        """
        store = self._store
        _check(query, k)
        parsed = parse_query(store, query, phrases_must_stand=phrases)
        if not parsed.stems and not parsed.phrases:
            return []
        within = scope(store, _filters(source, since, until))
        ranking = rank(store, parsed, within)
        hits = []
        for position, item in enumerate(self._found(store, ranking, k)):
            hits.append(_citation(store, item, position + 1, None, None, {}))
        return hits

    def searched(self, source: str | Sequence[str] | None = None, since: str | None = None, until: str | None = None) -> Searched:
        """Return how much a question with these filters would search."""
        filters = _filters(source, since, until)
        return _searched(self._store, scope(self._store, filters), filters)

    def _found(self, store: Store, ranking: Sequence[Candidate], k: int) -> list[Found]:
        """Return the first `k` distinct passages of a ranking, each read and checked."""
        first = ranking[: max(POOL * k, k + 10)]
        passages = store.verified([candidate.number for candidate in first])
        return _fold(zip(first, passages, strict=True), k)

    def _cite(
        self, store: Store, calibration: Calibration, query: Query, ranking: Sequence[Candidate], within: Scope, k: int
    ) -> Iterator[Citation]:
        """Yield the citations of a ranking's first `k` distinct passages, in order."""
        found = self._found(store, ranking, max(k, 2))
        asked = asked_weights(query.stems, lambda term: _rarity(store, term))
        unknown = [term for term in query.stems if store.lexical.document_frequency(term) == 0]
        evidence = [choose(query.text, asked, item.stored.passage, item.stored.text, item.candidate.cosines) for item in found]
        distinct = [item.candidate for item in found]
        copies = {copy.number for item in found for copy in item.copies}
        rest = [
            candidate for candidate in ranking[len(distinct) :] if candidate.number not in copies and candidate not in distinct
        ]
        for position, (item, own) in enumerate(zip(found[:k], evidence, strict=False)):
            passage = item.stored.passage
            sentence = item.stored.text[own.highlight.start - passage.start : own.highlight.end - passage.start]
            described = features(
                query.text, asked, unknown, [*distinct, *rest], position, evidence, sentence, item.stored.text, within.passages
            )
            yield _citation(store, item, position + 1, own, probability(calibration, described), described)


def _calibration(index: Path, store: Store) -> Calibration:
    """Return the user's own calibration where it was fitted for this model and these settings, else the shipped one."""
    path = index / "calibration.json"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return shipped()
    except OSError as error:
        raise DamagedIndex(f"{path}: cannot be read ({error.strerror}); run: qa calibrate --undo") from None
    try:
        return parse_calibration(text)
    except (ValueError, KeyError, TypeError):
        raise DamagedIndex(f"{path}: cannot be understood; run: qa calibrate --undo") from None


def _check(question: str, k: int) -> None:
    if len(question) > QUESTION_CHARACTERS:
        raise BadInput(f"the question has {len(question):,} characters; ask one of at most {QUESTION_CHARACTERS:,}")
    if k < 1:
        raise BadInput(f"k is {k}; ask for at least 1 passage")


def _filters(source: str | Sequence[str] | None, since: str | None, until: str | None) -> Filters:
    globs = (source,) if isinstance(source, str) else tuple(source) if source else None
    return Filters(globs, since or None, until or None)


def _searched(store: Store, within: Scope, filters: Filters) -> Searched:
    return Searched(within.included, within.passages, within.excluded, filters.to_dict(), store.manifest.generation)


def _rarity(store: Store, term: str) -> float:
    """Return a stem's inverse document frequency as BM25 uses it; above 0."""
    found = store.lexical.document_frequency(term)
    return math.log(1 + (store.passages - found + 0.5) / (found + 0.5))


def _unknown(store: Store, query: Query) -> tuple[str, ...]:
    return tuple(word for word in query.words if store.lexical.document_frequency(stem(word)) == 0)


def _citation(
    store: Store, item: Found, rank: int, evidence: Evidence | None, confidence: float | None, described: dict[str, float]
) -> Citation:
    """Put a citation together from a verified passage; quotes are read at their offsets, nothing is aligned."""
    stored = item.stored
    document = store.catalog.entry(stored.document).document
    quoted = content_span(stored.passage)
    first = evidence.highlight if evidence else quoted
    return Citation(
        rank=rank,
        document=document.path,
        title=document.title,
        publisher=document.publisher,
        author=document.author,
        date=document.date,
        url=document.url,
        retold=document.retold,
        source=document.source,
        page=None,
        line=stored.passage.line
        + line_breaks(stored.text[quoted.start - stored.passage.start : first.start - stored.passage.start]),
        heading=stored.passage.heading,
        start=quoted.start,
        end=quoted.end,
        quote=stored.text[quoted.start - stored.passage.start : quoted.end - stored.passage.start],
        highlights=(Span(evidence.highlight.start, evidence.highlight.end),) if evidence else (),
        confidence=confidence,
        scores=Scores(item.candidate.dense, item.candidate.lexical, item.candidate.fused),
        sha256=document.sha256,
        also_in=tuple(_place(store, copy) for copy in item.copies),
        features=described,
    )


def _place(store: Store, stored: StoredPassage) -> Place:
    quoted = content_span(stored.passage)
    return Place(store.catalog.entry(stored.document).document.path, quoted.start, quoted.end, stored.passage.line)
