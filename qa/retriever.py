"""Rank passages for a question: dense and lexical candidates, one fused score."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qa.encoder import Vectors
from qa.errors import BadInput
from qa.globs import matches_glob, only_path
from qa.lexical import document_key
from qa.settings import CANDIDATES, DENSE_WEIGHT, QUESTION_CHARACTERS
from qa.store import Store
from qa.text import content_words, fold, stem, stems

_PHRASE = re.compile(r'"([^"]*)"|“([^”]*)”')
_AS_TYPED = str.maketrans("’‘“”", "''\"\"")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True)
class Filters:
    """Limit a search to some documents; `None` in each field means all.

    `source` holds globs on POSIX paths (`**` allowed), any of which must match; `since` and `until`
    are dates that may be partial, both inclusive.
    """

    source: tuple[str, ...] | None = None
    since: str | None = None
    until: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the filters that are set, as JSON shows them."""
        named = {"source": list(self.source) if self.source else None, "since": self.since, "until": self.until}
        return {key: value for key, value in named.items() if value is not None}


class Scope(NamedTuple):
    """Hold the documents a search may use: their keys for the words, ranges of passages, and how many there are."""

    documents: list[int] | None
    ranges: list[tuple[int, int]]
    passages: int
    included: int
    excluded: int


@dataclass(frozen=True)
class Candidate:
    """Hold one ranked passage; `cosines` has its sentences' in order."""

    number: int
    dense: float
    lexical: float
    fused: float
    cosines: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Query:
    """Hold a question as it is searched for: what is asked, its content words, phrases, and vector."""

    text: str
    words: tuple[str, ...]
    stems: tuple[str, ...]
    phrases: tuple[str, ...]
    vector: Vectors


def filters_of(source: str | Sequence[str] | None, since: str | None, until: str | None) -> Filters:
    """Return filters as they are given by hand: one glob or several, and what is empty as none."""
    globs = (source,) if isinstance(source, str) else tuple(source) if source else None
    return Filters(globs, since or None, until or None)


def check_question(question: str, k: int) -> None:
    """Raise BadInput for a question over QUESTION_CHARACTERS or of broken characters, and for a `k` below 1."""
    if len(question) > QUESTION_CHARACTERS:
        raise BadInput(f"the question has {len(question):,} characters; ask one of at most {QUESTION_CHARACTERS:,}")
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise BadInput("the question holds bytes that are not UTF-8; type it again, or convert the file it comes from")
    if k < 1:
        raise BadInput(f"k is {k}; ask for at least 1 passage")


def date_bounds(date: str) -> tuple[str, str]:
    """Return the first and last day that a partial date may mean, as comparable text; raises BadInput."""
    match = _DATE.fullmatch(date)
    month, day = (int(part or 1) for part in match.groups()[1:]) if match else (0, 0)
    if match is None or not 1 <= month <= 12 or not 1 <= day <= 31:
        raise BadInput(f"{date[:40]!r} is no date; write 2013, 2020-01 or 2022-06-17")
    parts = [part for part in match.groups() if part]
    first = [*parts, "01", "01"][:3]
    last = [*parts, "12", "31"][:3] if len(parts) == 1 else [*parts, "31"][:3]
    return "-".join(first), "-".join(last)


def _bounds_asked(date: str) -> tuple[str, str]:
    """Return what date_bounds does; raises BadInput for a day that its month does not have, too, as a document may be dated."""
    bounds = date_bounds(date)
    year, month, *day = map(int, bounds[0].split("-"))
    if len(date) == len(bounds[0]) and day[0] > monthrange(year, month)[1]:
        raise BadInput(f"{date!r} is no date: its month has {monthrange(year, month)[1]} days")
    return bounds


def scope(store: Store, filters: Filters) -> Scope:
    """Find the documents that pass all filters; undated ones never pass a date filter."""
    if filters == Filters():
        return Scope(None, [(0, store.passages)], store.passages, store.catalog.documents, 0)
    since = _bounds_asked(filters.since)[0] if filters.since else None
    until = _bounds_asked(filters.until)[1] if filters.until else None
    if since and until and since > until:
        raise BadInput(f"--since {filters.since} is after --until {filters.until}; swap them")
    # Of a thousand chosen documents most are named in full, which needs no pattern.
    named = {only_path(pattern) for pattern in filters.source or ()}
    patterns = [pattern for pattern in filters.source or () if only_path(pattern) is None]
    chosen = []
    for document in store.outlines:
        if filters.source is not None:
            path = document.path  # as it is: a record's may hold an address, http://…
            if path not in named and not any(matches_glob(path, pattern) for pattern in patterns):
                continue
        if since or until:
            if document.date is None:
                continue
            first, last = date_bounds(document.date)
            if (since and last < since) or (until and first > until):
                continue
        chosen.append(document)
    ranges = [(document.first_passage, document.first_passage + document.passages) for document in chosen]
    passages = sum(document.passages for document in chosen)
    return Scope(
        [document_key(document.id) for document in chosen], ranges, passages, len(chosen), len(store.outlines) - len(chosen)
    )


def parse_query(store: Store, text: str, *, phrases_must_stand: bool = False) -> Query:
    """Read a question: content words and their stems, its vector and, where they count, quoted phrases.

    People quote titles and terms in questions without meaning a condition, so phrases count only in
    a search.
    """
    quoted = _PHRASE.findall(text) if phrases_must_stand else []
    phrases = tuple(" ".join((first or second).split()) for first, second in quoted)
    words = content_words(text)
    return Query(
        text=text,
        words=tuple(words),
        stems=tuple(dict.fromkeys(stem(word) for word in words)),
        phrases=tuple(phrase for phrase in phrases if phrase),
        vector=store.encoder.encode_question(text),
    )


def _with_phrases(store: Store, phrases: Sequence[str], within: Scope) -> list[tuple[int, int]]:
    """Return, as ranges, the passages in scope in which every phrase stands, case and line ends aside."""
    allowed: set[int] | None = None
    for phrase in phrases:
        terms = stems(phrase)
        found = store.lexical.with_phrase(terms) if terms else list(range(store.passages))
        folded = _typed(phrase)
        kept = {stored.number for stored in store.catalog.stored(found) if folded in _typed(" ".join(stored.text.split()))}
        allowed = kept if allowed is None else allowed & kept
    return [
        (number, number + 1) for number in sorted(allowed or ()) if any(start <= number < stop for start, stop in within.ranges)
    ]


def _typed(text: str) -> str:
    """Return a text as `fold` does, with the apostrophes and quotation marks of a keyboard."""
    return fold(text).translate(_AS_TYPED)


def _dense(store: Store, question: Vectors, ranges: Sequence[tuple[int, int]] | None, count: int) -> dict[int, float]:
    """Return the `count` passages with the nearest sentences and their cosines, nearest first."""
    rows_within = None if ranges is None else [(int(store.rows[start]), int(store.rows[stop])) for start, stop in ranges]
    asked = 4 * count
    while True:
        rows, cosines = store.vectors.nearest(question, asked, rows_within)
        passages = np.searchsorted(store.rows, rows, side="right") - 1
        best: dict[int, float] = {}
        for passage, cosine in zip(passages.tolist(), cosines.tolist(), strict=True):
            best.setdefault(passage, cosine)
        if len(best) >= count or len(rows) < asked:
            return dict(list(best.items())[:count])
        asked *= 4


def _spread(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the values scaled to [0, 1] by the least and the greatest; all 1 where they are equal and above 0."""
    least, greatest = values.min(), values.max()
    if greatest > least:
        return np.asarray((values - least) / (greatest - least))
    return np.full_like(values, 1.0 if greatest > 0 else 0.0)


def rank(
    store: Store, query: Query, within: Scope, candidates: int = CANDIDATES, dense_weight: float = DENSE_WEIGHT
) -> list[Candidate]:
    """Rank the passages in scope, best first; ties by number.

    The score is a convex combination of cosine and BM25, each scaled over the union of both
    rankings (Bruch et al. 2023, doi:10.1145/3596512). Every candidate has its true cosine.
    """
    ranges: Sequence[tuple[int, int]] | None = within.ranges if within.documents is not None else None
    documents = within.documents
    only: set[int] | None = None
    if query.phrases:
        ranges = _with_phrases(store, query.phrases, within)
        only = {start for start, _ in ranges}
    if within.passages == 0 or only == set():
        return []
    dense = _dense(store, query.vector, ranges, candidates)
    if only is None:
        lexical = dict(store.lexical.search(query.stems, candidates, documents))
    else:
        found = store.lexical.search(query.stems, store.passages, documents)
        lexical = {number: score for number, score in found if number in only}
    numbers = sorted(dense.keys() | lexical.keys())
    if not numbers:  # vectors forged so that their cells name no row
        return []
    at = np.array(numbers)
    ranges_of = list(zip(store.rows[at].tolist(), store.rows[at + 1].tolist(), strict=True))
    cosines = store.vectors.cosines(ranges_of, query.vector)
    firsts = np.cumsum([0, *(len(row) for row in cosines[:-1])])
    dense_scores = np.maximum.reduceat(np.concatenate(cosines), firsts).astype(np.float64)
    lexical_scores = np.array([lexical.get(number, 0.0) for number in numbers], dtype=np.float64)
    fused = dense_weight * _spread(dense_scores) + (1 - dense_weight) * _spread(lexical_scores)
    ranking = [
        Candidate(number, float(cosine), float(bm25), float(score), row)
        for number, cosine, bm25, score, row in zip(numbers, dense_scores, lexical_scores, fused, cosines, strict=True)
    ]
    return sorted(ranking, key=lambda candidate: (-candidate.fused, candidate.number))
