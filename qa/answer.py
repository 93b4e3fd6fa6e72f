"""What a question is given: an answer with its citations, or an abstention that says why and what came nearest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qa.records import Area, Locator, Source, Span


@dataclass(frozen=True)
class Scores:
    """Hold how one passage was ranked: cosine, BM25, and their fusion for this question only."""

    dense: float
    lexical: float
    fused: float

    def to_dict(self) -> dict[str, float]:
        """Return the scores as JSON shows them."""
        return {"dense": round(self.dense, 6), "lexical": round(self.lexical, 6), "fused": round(self.fused, 6)}


@dataclass(frozen=True)
class Place:
    """Name another document, or another place, where the same passage stands; see `Citation` for `lined`."""

    document: str
    start: int
    end: int
    line: int
    page: int | None = None
    locator: Locator | None = None
    lined: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return the place as JSON shows it."""
        return {
            "document": self.document,
            "start": self.start,
            "end": self.end,
            "line": self.line,
            "page": self.page,
            "locator": None if self.locator is None else self.locator.to_dict(),
        }


@dataclass(frozen=True)
class Citation:
    """Quote one passage and say exactly where it stands.

    `quote` is `text[start:end]` of the document; `page`, `line`, `heading` and `locator` are those of
    the first highlight, and `boxes` is where it stands on its page; `answer` is the shortest useful
    answer within it. Where the text is not the file itself, as in HTML, `line` is one of the text alone
    and nothing that is `lined`. The words of what is `recognised`, in part or wholly, may be misread. A
    hit of `Engine.search` has the same shape, without highlight, answer or confidence.
    """

    rank: int
    document: str
    title: str
    publisher: str | None
    author: str | None
    date: str | None
    url: str | None
    retold: bool
    source: Source | None
    page: int | None
    line: int
    heading: tuple[str, ...]
    start: int
    end: int
    quote: str
    highlights: tuple[Span, ...]
    confidence: float | None
    scores: Scores
    sha256: str
    also_in: tuple[Place, ...] = ()
    answer: tuple[Span, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict, compare=False)
    locator: Locator | None = None
    boxes: tuple[Area, ...] = ()
    recognised: bool = False
    lined: bool = True

    def words(self, start: int, end: int) -> str:
        """Return the quote's words between two offsets into the document."""
        return self.quote[start - self.start : end - self.start]

    def to_dict(self) -> dict[str, Any]:
        """Return the citation as JSON shows it."""
        source = self.source
        return {
            "rank": self.rank,
            "document": self.document,
            "title": self.title,
            "publisher": self.publisher,
            "author": self.author,
            "date": self.date,
            "url": self.url,
            "retold": self.retold,
            "source": None if source is None else vars(source).copy(),
            "page": self.page,
            "line": self.line,
            "heading": list(self.heading),
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "highlights": [span.to_dict() for span in self.highlights],
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "scores": self.scores.to_dict(),
            "sha256": self.sha256,
            "also_in": [place.to_dict() for place in self.also_in],
            "locator": None if self.locator is None else self.locator.to_dict(),
            "boxes": [area.to_dict() for area in self.boxes],
            "recognised": self.recognised,
        }


Hit = Citation


@dataclass(frozen=True)
class Searched:
    """Say how much was searched; `excluded` counts the documents that the filters left out."""

    documents: int
    passages: int
    excluded: int
    filters: Mapping[str, Any]
    generation: str

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON shows it."""
        return {
            "documents": self.documents,
            "passages": self.passages,
            "excluded": self.excluded,
            "filters": dict(self.filters),
            "generation": self.generation,
        }


@dataclass(frozen=True)
class AnswerSpan:
    """Place a piece of the answer's text: offsets into the document of citation number `citation`."""

    citation: int
    start: int
    end: int


@dataclass(frozen=True)
class Answer:
    """Hold the documents' own words on a question, with at least one citation.

    `suggestions` has for an unknown word what it may have been meant for; JSON does not show it.
    """

    question: str
    confidence: float
    threshold: float
    text: str
    spans: tuple[AnswerSpan, ...]
    citations: tuple[Citation, ...]
    searched: Searched
    unknown_words: tuple[str, ...]
    took_ms: float
    suggestions: Mapping[str, str] = field(default_factory=dict)

    answered = True

    @property
    def passages(self) -> tuple[Citation, ...]:
        """Return what is shown below the answer: the citations."""
        return self.citations

    @property
    def pieces(self) -> tuple[str, ...]:
        """Return the words of each span, in order: several where a list answers."""
        return tuple(self.citations[span.citation - 1].words(span.start, span.end) for span in self.spans)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON shows it."""
        return {
            "schema": 1,
            "question": self.question,
            "answered": True,
            "confidence": round(self.confidence, 4),
            "threshold": round(self.threshold, 4),
            "answer": {"text": self.text, "spans": [vars(span).copy() for span in self.spans]},
            "citations": [citation.to_dict() for citation in self.citations],
            "searched": self.searched.to_dict(),
            "reason": None,
            "unknown_words": list(self.unknown_words),
            "nearest": [],
            "took_ms": round(self.took_ms, 1),
        }


@dataclass(frozen=True)
class Abstention:
    """Say that the documents do not answer a question, why, and what came nearest.

    `reason` is `nothing found`, `below threshold`, `no words to search for` or `empty index`; `suggestions` are as in an answer.
    """

    question: str
    confidence: float
    threshold: float
    reason: str
    nearest: tuple[Citation, ...]
    searched: Searched
    unknown_words: tuple[str, ...]
    took_ms: float
    suggestions: Mapping[str, str] = field(default_factory=dict)

    answered = False

    @property
    def passages(self) -> tuple[Citation, ...]:
        """Return what is shown below the abstention: what came nearest."""
        return self.nearest

    def to_dict(self) -> dict[str, Any]:
        """Return the abstention as JSON shows it."""
        return {
            "schema": 1,
            "question": self.question,
            "answered": False,
            "confidence": round(self.confidence, 4),
            "threshold": round(self.threshold, 4),
            "answer": None,
            "citations": [],
            "searched": self.searched.to_dict(),
            "reason": self.reason,
            "unknown_words": list(self.unknown_words),
            "nearest": [citation.to_dict() for citation in self.nearest],
            "took_ms": round(self.took_ms, 1),
        }
