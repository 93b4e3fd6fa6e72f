"""Compare a highlight with gold spans of the same text, by characters."""

from collections.abc import Iterable

from qa.records import Span


def _overlap(first: Span, second: Span) -> int:
    return max(0, min(first.end, second.end) - max(first.start, second.start))


def character_f1(highlight: Span | None, golds: Iterable[Span]) -> float:
    """Return the best harmonic mean of precision and recall of characters over the golds; 0 for no highlight."""
    if highlight is None:
        return 0.0
    length = highlight.end - highlight.start
    return max((2 * _overlap(highlight, gold) / (length + gold.end - gold.start) for gold in golds), default=0.0)


def intersection_over_union(highlight: Span | None, golds: Iterable[Span]) -> float:
    """Return the best share that a highlight and a gold have in common of what they cover together; 0 for no highlight."""
    if highlight is None:
        return 0.0
    best = 0.0
    for gold in golds:
        common = _overlap(highlight, gold)
        best = max(best, common / (highlight.end - highlight.start + gold.end - gold.start - common))
    return best


def holds_gold(highlight: Span | None, golds: Iterable[Span]) -> float:
    """Return 1 if any gold lies whole inside the highlight."""
    return float(highlight is not None and any(highlight.start <= gold.start and gold.end <= highlight.end for gold in golds))
