"""Ask an engine the questions of a set and keep, for each, what came and what should have come.

Nothing is averaged here: `qa.evaluation.scorecard` does that, from these outcomes alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa.answer import Abstention, Answer, Citation, Place
from qa.citations import POOL, fold
from qa.engine import Engine
from qa.errors import BadInput
from qa.evaluation.relevance import Relevance, Retrieved, golds_within, place_of, retrieved_of
from qa.measures.rankings import DEPTH
from qa.models import Progress
from qa.questions.golds import StoredTexts
from qa.questions.places import holds, places_of
from qa.questions.records import Judged, QuestionSet, counted
from qa.records import Span
from qa.retriever import Filters, parse_query, rank, scope

MAIN = "hybrid"
CITED = "cited"
SHARES: Mapping[str, float] = {"dense": 1.0, "lexical": 0.0}
"""The dense score's share in the fused one, of rankings that exist to be compared with."""

SYSTEMS = (MAIN, *SHARES, CITED)
"""Rankings that can be compared: `Engine.search`'s, its two halves, and the order in which `Engine.ask` cites."""

_DOCUMENT_DEPTH = 3 * DEPTH
"""Passages looked at where whole documents are judged, so that DEPTH different documents are among them."""


@dataclass(frozen=True)
class Asked:
    """Hold what `Engine.ask` made of a question.

    `right` says that the first passage holds an answer; `golds` are the answers' places as offsets
    into the first passage's document; `verbatim` counts the quotes that stand where they say, of `quotes`.
    """

    answered: bool
    text: str
    confidence: float
    right: bool
    first: Citation | None
    golds: tuple[Span, ...]
    quotes: int
    verbatim: int
    took_ms: float


@dataclass(frozen=True)
class Outcome:
    """Hold a question with its relevant ids and grades, each system's ranking, and what was answered."""

    judged: Judged
    relevant: Mapping[str, int]
    retrieved: Mapping[str, Retrieved]
    asked: Asked | None


@dataclass(frozen=True)
class Searchable:
    """Name the index that was asked: its generation, how much it holds, and its model's fingerprint."""

    generation: str
    documents: int
    passages: int
    fingerprint: str


@dataclass(frozen=True)
class Evaluation:
    """Hold all outcomes of a set, in its order, and what they were taken from."""

    path: str
    notes: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    systems: tuple[str, ...]
    threshold: float
    index: Searchable


def check_systems(systems: Sequence[str], baseline: str | None = None) -> None:
    """Raise BadInput unless each system is known and named once, and the baseline is one of them."""
    unknown = [name for name in systems if name not in SYSTEMS]
    if unknown or not systems or len(set(systems)) < len(systems):
        raise BadInput(f"--systems {','.join(systems)}: name each of some of {', '.join(SYSTEMS)} once")
    if baseline is not None and baseline not in systems:
        raise BadInput(f"--baseline {baseline}: was not run; name one of --systems {','.join(systems)}")


def evaluate(
    engine: Engine, questions: QuestionSet, systems: Sequence[str] = (MAIN,), progress: Progress | None = None
) -> Evaluation:
    """Ask every question of a set; only a run that includes MAIN is answered, the others are ranked.

    Raises BadInput for an unknown system and DamagedIndex where a passage is not what was indexed.
    """
    check_systems(systems)
    store = engine.store
    texts, relevance = StoredTexts(store), Relevance(store)
    outcomes = []
    for number, judged in enumerate(questions.questions):
        if progress and number % 10 == 0:
            progress("asking", number, len(questions.questions))
        outcomes.append(_outcome(engine, texts, relevance, judged, systems))
    if progress:
        progress("asking", len(questions.questions), len(questions.questions))
    manifest = store.manifest
    index = Searchable(manifest.generation, store.catalog.documents, store.passages, str(manifest.model["fingerprint"]))
    notes = [*questions.notes]
    split = sum(relevance.nowhere(judged) for judged in questions.questions)
    if split:
        notes.append(f"{counted(split, 'question')} with answers that no passage holds whole, counted as not found")
    return Evaluation(questions.path, tuple(notes), tuple(outcomes), tuple(systems), engine.threshold, index)


def _outcome(engine: Engine, texts: Mapping[str, str], relevance: Relevance, judged: Judged, systems: Sequence[str]) -> Outcome:
    relevant, names = relevance.of(judged)
    depth = _DOCUMENT_DEPTH if any(gold.whole for gold in judged.golds) else DEPTH
    retrieved = {system: retrieved_of(_ranked(engine, judged.question.text, system, depth), judged, names) for system in systems}
    # Asking is not searching: its citations are re-ordered by what was read, and come five at a time.
    asked = _asked(engine.ask(judged.question.text), texts, judged) if MAIN in systems else None
    return Outcome(judged, relevant, retrieved, asked)


def _ranked(engine: Engine, question: str, system: str, depth: int) -> list[tuple[Place, ...]]:
    """Return the places of a system's first `depth` passages, each with its copies after it."""
    if system == MAIN:
        return [places_of(hit) for hit in engine.search(question, depth, phrases=False)]
    if system == CITED:
        return [places_of(citation) for citation in engine.ask(question, depth).passages]
    store = engine.store
    query = parse_query(store, question)
    if not query.stems:
        return []
    ranking = rank(store, query, scope(store, Filters()), dense_weight=SHARES[system])
    # Words find nothing in a passage without them, whatever the vectors say of it.
    first = [item for item in ranking if SHARES[system] > 0 or item.lexical > 0][: max(POOL * depth, depth + 10)]
    passages = store.verified([item.number for item in first])
    folded = fold(zip(first, passages, strict=True), depth)
    return [(place_of(store, item.stored), *(place_of(store, copy) for copy in item.copies)) for item in folded]


def _asked(result: Answer | Abstention, texts: Mapping[str, str], judged: Judged) -> Asked:
    first = result.passages[0] if result.passages else None
    checks = list(_verbatim(result, texts))
    return Asked(
        answered=result.answered,
        text=result.text if isinstance(result, Answer) else "",
        confidence=result.confidence,
        right=first is not None and any(holds(place, gold) for place in places_of(first) for gold in judged.golds),
        first=first,
        golds=() if first is None else tuple(golds_within(first, judged.golds)),
        quotes=len(checks),
        verbatim=sum(checks),
        took_ms=result.took_ms,
    )


def _verbatim(result: Answer | Abstention, texts: Mapping[str, str]) -> Iterator[bool]:
    """Tell of each quote, and of the answer's text, whether it is what the catalog holds at its offsets."""
    for citation in result.passages:
        within = all(citation.start <= span.start < span.end <= citation.end for span in citation.highlights)
        yield within and texts[citation.document][citation.start : citation.end] == citation.quote
    if isinstance(result, Answer):
        pieces = (texts[result.citations[span.citation - 1].document][span.start : span.end] for span in result.spans)
        yield " … ".join(pieces) == result.text
