"""Ask and search an index: the one engine behind the command line, the chat, the API and the evaluation."""

import math
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from qa.answer import Abstention, Answer, AnswerSpan, Citation, Hit, Searched
from qa.citations import POOL, Found, citation_of, fold, repeats
from qa.confidence import SUREST_AMONG, Calibration, calibration_of, features, probability, settled, standing
from qa.errors import VerbatimError
from qa.evidence import evidence_of, reranked, with_whole_list
from qa.extractor import asked_weights
from qa.generation import current
from qa.order import in_order, shipped_order
from qa.reader import Reader, open_reader
from qa.retriever import Candidate, Filters, Query, Scope, check_question, filters_of, parse_query, rank, scope
from qa.spans import answer_spans
from qa.spelling import suggestions
from qa.store import Store
from qa.text import stem, stems

READ_PASSAGES = 14
"""Passages whose sentences the reader may see, and that it may re-order (8, 10 and 14: Success@5 on tune 0.942, 0.952, 0.962)."""


class Engine:
    """Answer questions from one index; safe to share between threads."""

    def __init__(self, store: Store, index: Path, calibration: Calibration, reader: Reader | None) -> None:
        self._store = store
        self._index = index
        self._calibration = calibration
        self._reader = reader
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()

    @classmethod
    def open(cls, index_dir: str | Path, *, reader: str = "shipped") -> "Engine":
        """Open the published generation of an index directory.

        `reader` is `shipped`, `none`, or an extractive question-answering model's folder or name. Raises
        NoIndex, DamagedIndex, IncompatibleIndex or ModelError, each naming what mends it.
        """
        index = Path(index_dir)
        # Both check and load a model, for the most part outside Python: side by side in 280 ms instead of 430.
        with ThreadPoolExecutor(1) as beside:
            loading = beside.submit(open_reader, reader)
            store = Store.open(index)
        try:
            opened = loading.result()
            return cls(store, index, _calibration(index, store, opened), opened)
        except VerbatimError:
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

    @property
    def reader(self) -> str:
        """Return what tells the reader from others: `none`, or a digest of its files."""
        return reader_identity(self._reader)

    @property
    def looks_at(self) -> int:
        """Return how many of the passages found are looked at for each question, or as many as are cited where these are more.

        Without a reader no more than tell whether it is answered: READ_PASSAGES would take half as long again.
        """
        return READ_PASSAGES if self._reader else SUREST_AMONG

    def refresh(self) -> bool:
        """Move on to the published generation if there is a newer one; tell whether there was.

        Questions under way in other threads are answered from the generation they began with.
        """
        with self._refreshing:
            if current(self._index)[0] == self._store.manifest.generation:
                return False
            newer = Store.open(self._index)
            try:
                calibration = _calibration(self._index, newer, self._reader)
            except VerbatimError:
                newer.close()
                raise
            with self._lock:
                older, self._store, self._calibration = self._store, newer, calibration
            older.close()
            return True

    @contextmanager
    def _reading(self) -> Iterator[tuple[Store, Calibration]]:
        """Yield the open generation and its calibration, kept open for as long as they are used."""
        with self._lock:
            store, calibration = self._store, self._calibration
            store.acquire()
        try:
            yield store, calibration
        finally:
            store.release()

    @contextmanager
    def held(self) -> Iterator["Engine"]:
        """Yield an engine that stays with the generation now open, which is kept open for as long as it is used."""
        with self._reading() as (store, calibration):
            yield Engine(store, self._index, calibration, self._reader)

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
        check_question(question, k)
        filters = filters_of(source, since, until)
        with self._reading() as (store, calibration):
            return self._ask(store, calibration, question, k, filters, started)

    def _ask(
        self, store: Store, calibration: Calibration, question: str, k: int, filters: Filters, started: float
    ) -> Answer | Abstention:
        within = scope(store, filters)
        searched = _searched(store, within, filters)
        query = parse_query(store, question)
        frequencies = {term: store.lexical.document_frequency(term) for term in query.stems}
        reason = "empty index" if store.passages == 0 else "no words to search for" if not query.stems else ""
        ranking = [] if reason else rank(store, query, within)
        found = self._found(store, ranking, k, max(0, self.looks_at - k))
        # Words are counted in passages; a title or heading that stands above one is not nowhere.
        named = {item for one in found for name in one.around(store) for item in stems(name)}
        unknown = {word: stem(word) for word in query.words if not frequencies[stem(word)] and stem(word) not in named}
        citations = tuple(self._cite(store, calibration, query, frequencies, list(unknown.values()), ranking, found, within, k))
        confidence = citations[0].confidence or 0.0 if citations else 0.0
        meant = suggestions(store, question, tuple(unknown), within.documents)
        unknown_words, took = tuple(unknown), (time.perf_counter() - started) * 1000
        if citations and confidence >= calibration.threshold:
            first = citations[0]
            text = " … ".join(first.words(span.start, span.end) for span in first.answer)
            spans = tuple(AnswerSpan(1, span.start, span.end) for span in first.answer)
            return Answer(
                question, confidence, calibration.threshold, text, spans, citations, searched, unknown_words, took, meant
            )
        reason = reason or ("below threshold" if citations else "nothing found")
        return Abstention(question, confidence, calibration.threshold, reason, citations, searched, unknown_words, took, meant)

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
        check_question(query, k)
        with self._reading() as (store, _):
            parsed = parse_query(store, query, phrases_must_stand=phrases)
            if not parsed.stems and not parsed.phrases:
                return []
            ranking = rank(store, parsed, scope(store, filters_of(source, since, until)))
            return [citation_of(store, item, position + 1) for position, item in enumerate(self._found(store, ranking, k))]

    def searched(self, source: str | Sequence[str] | None = None, since: str | None = None, until: str | None = None) -> Searched:
        """Return how much a question with these filters would search."""
        filters = filters_of(source, since, until)
        with self._reading() as (store, _):
            return _searched(store, scope(store, filters), filters)

    def _found(self, store: Store, ranking: Sequence[Candidate], k: int, more: int = 0) -> list[Found]:
        """Return the first `k` distinct passages of a ranking, and `more` if there are, each read and checked."""
        first = ranking[: max(POOL * k, k + more + 10)]
        passages = store.verified([candidate.number for candidate in first])
        return fold(zip(first, passages, strict=True), k + more)

    def _cite(
        self,
        store: Store,
        calibration: Calibration,
        query: Query,
        frequencies: Mapping[str, int],
        unknown: Sequence[str],
        ranking: Sequence[Candidate],
        found: Sequence[Found],
        within: Scope,
        k: int,
    ) -> Iterator[Citation]:
        """Yield the citations of the `k` passages, of those `found` by a ranking, that likeliest answer.

        `frequencies` count the passages that each of the question's stems stands in, `unknown` are those that occur nowhere.
        """
        if not found:
            return
        asked = asked_weights(query.stems, lambda term: _rarity(store.passages, frequencies[term]))
        evidence = evidence_of(store, self._reader, query.text, asked, found)
        order = sorted(
            range(len(found)), key=lambda place: (-reranked(found[place], evidence[place]), found[place].candidate.number)
        )
        found, evidence = [found[place] for place in order], [evidence[place] for place in order]
        seen = {stored.number for item in found for stored in (item.stored, *item.copies)}
        distinct = [item.candidate for item in found] + [candidate for candidate in ranking if candidate.number not in seen]
        among = standing(distinct)
        described = [
            features(query.text, asked, unknown, among, item.candidate, own, evidence, item.stored.text, within.passages, place)
            for place, (item, own) in enumerate(zip(found, evidence, strict=True), 1)
        ]
        answering = in_order(described, shipped_order(self._reader is not None))
        confidences = settled([probability(calibration, described[place]) for place in answering])
        cited: list[Citation] = []
        for place, sure in zip(answering, confidences, strict=True):
            if len(cited) == k:
                return
            item, own = found[place], evidence[place]
            listed = with_whole_list(store, query.text, asked, item, own)
            answer = answer_spans(query.text, listed, sure)
            citation = citation_of(store, item, len(cited) + 1, listed, sure, described[place], answer)
            if not any(repeats(citation, other) for other in cited):
                cited.append(citation)
                yield citation


def reader_identity(reader: Reader | None) -> str:
    """Return what tells a reader from others: `none`, or a digest of its files."""
    return reader.identity if reader else "none"


def _calibration(index: Path, store: Store, reader: Reader | None) -> Calibration:
    model, settings = store.manifest.model["fingerprint"], dict(store.manifest.settings)
    return calibration_of(index / "calibration.json", (model, settings, reader_identity(reader)), reader is not None)


def _searched(store: Store, within: Scope, filters: Filters) -> Searched:
    return Searched(within.included, within.passages, within.excluded, filters.to_dict(), store.manifest.generation)


def _rarity(passages: int, found: int) -> float:
    """Return the inverse document frequency, as BM25 uses it, of what was found in so many passages; above 0."""
    return math.log(1 + (passages - found + 0.5) / (found + 0.5))
