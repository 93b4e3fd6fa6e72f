"""Measure rankings as trec_eval does; the only module that knows ir_measures."""

from collections.abc import Mapping, Sequence

import ir_measures

from qa.errors import BadInput

RETRIEVAL = ("nDCG@10", "RR@10", "R@5", "R@10", "Success@1", "Success@5")
"""What is taken of every ranking, by ir_measures' names."""

DEPTH = 10
"""Ranks that the measures look at."""


def canonical(name: str) -> str:
    """Return a retrieval measure's name as ir_measures writes it; raises BadInput if it is none."""
    try:
        return str(ir_measures.parse_measure(name))
    except (NameError, KeyError, ValueError, TypeError, AssertionError, SyntaxError):
        raise BadInput(f"{name!r} is no measure; known: {', '.join(RETRIEVAL)}") from None


def descending(ranking: Sequence[str]) -> list[tuple[str, float]]:
    """Return a ranking's ids with strictly decreasing scores.

    trec_eval sorts by score and breaks ties by id, so a run that gave equal scores, or scores equal
    in its single precision, would be read in another order than it was ranked in.
    """
    return [(identity, float(len(ranking) - position)) for position, identity in enumerate(ranking)]


def retrieval_scores(
    judgements: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[str]], names: Sequence[str] = RETRIEVAL
) -> dict[str, dict[str, float]]:
    """Return each measure's value for every judged question, by question; one without a ranking has 0.

    `judgements` gives each question's relevant ids with their grades, `rankings` the found ids, best
    first. Recall here is trec_eval's, of ids; `span_recall` is what is reported for passages.
    """
    measures = [ir_measures.parse_measure(name) for name in names]
    qrels = [
        ir_measures.Qrel(question, identity, grade) for question, found in judgements.items() for identity, grade in found.items()
    ]
    run = [
        ir_measures.ScoredDoc(question, identity, score)
        for question, ranking in rankings.items()
        if question in judgements
        for identity, score in descending(ranking)
    ]
    scores = {name: dict.fromkeys(judgements, 0.0) for name in names}
    spelt = {str(measure): name for measure, name in zip(measures, names, strict=True)}
    for metric in ir_measures.iter_calc(measures, qrels, run):
        scores[spelt[str(metric.measure)]][metric.query_id] = float(metric.value)
    return scores


def span_recall(ranks: Sequence[int | None], cutoff: int) -> float:
    """Return the share of gold spans that stand whole in one of the first `cutoff` passages.

    `ranks` holds, for each gold span, the rank from 1 of the first passage with it. Where each span has a
    passage to itself this is trec_eval's recall; a passage that holds two spans counts for both.
    """
    return sum(rank is not None and rank <= cutoff for rank in ranks) / len(ranks) if ranks else 0.0
