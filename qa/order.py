"""Put the passages found for a question in the order in which they likely answer it.

A conditional logit (McFadden 1974) of what each passage says by itself, not of how it stands beside the others. It is apart
from the confidence, which tells whether any of them answers: weights that tell that well order worse. `order.json` holds its
weights, for use with a reader and without; `python -m tests.benchmarks.confidence` fits them.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

ORDERED_BY = (
    "cosine",
    "far",
    "coverage",
    "passage coverage",
    "BM25 share",
    "kind given",
    "kind missing",
    "number missing",
    "count missing",
    "time missing",
    "no number near",
    "names given",
    "figures missing",
    "another year",
    "words of kind",
    "words not of kind",
    "reader",
    "span score",
    "found later",
)
"""Features that tell a passage from the others found for the same question."""


@lru_cache(maxsize=2)
def shipped_order(reader: bool) -> Mapping[str, float]:
    """Return the weights of ORDERED_BY that come with the program, for use with a reader or without."""
    held = json.loads(Path(__file__).with_name("order.json").read_text(encoding="utf-8"))
    return {name: float(held["reader" if reader else "none"][name]) for name in ORDERED_BY}


def in_order(described: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> list[int]:
    """Return the places of described passages, the likeliest first and of equals the one found first; they come as found."""
    scores = [sum(weight * features[name] for name, weight in weights.items()) for features in described]
    return sorted(range(len(scores)), key=lambda place: (-scores[place], place))
