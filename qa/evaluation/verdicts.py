"""Judge single questions: what went wrong, and how badly."""

from collections.abc import Sequence

from qa.evaluation.asking import MAIN, Outcome
from qa.measures.answers import answer_f1

WORST = 20


def verdict(outcome: Outcome) -> str:
    """Return in words what became of a question."""
    asked = outcome.asked
    if asked is None or not outcome.judged.known:
        return "ranked only"
    if not outcome.judged.answerable:
        return "false answer" if asked.answered else "rightly refused"
    if not asked.answered:
        return "false refusal"
    return "right passage" if asked.right else "wrong passage"


def gold_rank(outcome: Outcome) -> int | None:
    """Return the rank in the search of the first passage that holds an answer; None if none of the first ten does."""
    found = outcome.retrieved.get(MAIN)
    return min((rank for rank in found.gold_ranks if rank), default=None) if found else None


def loss(outcome: Outcome) -> float:
    """Return how bad an outcome is, from 0 to 2.

    A wrong answer costs 1 and its confidence, for misleading is worst when sure; a refusal where the
    documents answer costs 1; a right passage costs what its words miss of the gold's (1 - F1).
    """
    asked = outcome.asked
    kind = verdict(outcome)
    if asked is None or kind in ("ranked only", "rightly refused"):
        return 0.0
    if kind in ("false answer", "wrong passage"):
        return 1 + asked.confidence
    if kind == "false refusal":
        return 1.0
    texts = [gold.text for gold in outcome.judged.golds if not gold.whole]
    return 1 - answer_f1(asked.text, texts) if texts else 0.0


def worst(outcomes: Sequence[Outcome], count: int = WORST) -> list[Outcome]:
    """Return the worst outcomes, worst first; of equals the earlier. Flawless ones are no worst."""
    order = sorted(range(len(outcomes)), key=lambda number: (-loss(outcomes[number]), number))
    return [outcomes[number] for number in order[:count] if loss(outcomes[number]) > 0]
