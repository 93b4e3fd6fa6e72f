"""Fit the shipped confidence: python -m tests.benchmarks.confidence DATA [--without-reader] [--write].

Fits on squad2's tune articles, and without the reader on its train articles as well, and on those invented
documents that the reader has not learned from: each article and each kind of document alone, and all articles, so
that small and large collections are seen. What does not answer comes from the
unanswerable questions that were written for the documents, from questions about documents outside the
collection, from questions about other things altogether, and from questions whose answers were taken out of the
documents, sentence by sentence: what people ask of documents on the subject that happen not to say it. The test
articles' questions and covidqa are never read. A --reader must never have seen what is fitted on.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from qa import Engine, build_index
from qa.answer import Citation
from qa.confidence import FEATURES
from qa.training import invented
from tests.benchmarks.near_misses import taken_out

SEED = 20
LOWER_RANKS_WEIGHT = 0.2
KIND_WEIGHTS = {"off-topic": 16.0, "elsewhere": 16.0, "taken out": 8.0, "unanswerable": 0.3}
"""How much a question of a kind counts beside an answerable one.

What was written close to the text tells that a question's words in the passage mean nothing, and what is asked of the
wrong documents is told by just these. Each tune article left out in turn, over all sixteen and at 5 % false refusals:
with 1 for every kind 80 % of off-topic questions refused, 43 % of those whose answers were taken out, AUROC with SQuAD's
own unanswerable ones 0.766; with these 90 %, 51 % and 0.767.
"""
REFUSALS = 0.05
"""Share of answerable questions, over all sixteen articles, that the threshold may refuse."""

Question = dict[str, Any]


@dataclass(frozen=True)
class Collection:
    """Name some documents of a folder that are indexed together, and the questions that may be asked of them."""

    folder: Path
    names: Sequence[str]
    questions: Sequence[Question]
    most: int
    """Answerable questions asked of it at most."""

    largest: bool = False
    """Whether the threshold is chosen on it."""


AGAINST = {
    "unknown words",
    "names unknown",
    "no number near",
    "kind missing",
    "number missing",
    "count missing",
    "time missing",
    "figures missing",
    "another year",
    "words not of kind",
}
"""Features that speak against an answer; of the others all but FREE speak for one."""

FREE = {"collection size"}


def fit_signed(
    described: NDArray[np.float64], labels: NDArray[np.bool_], weighed: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return the weights and intercept of a logistic regression whose weights have the signs they must mean.

    Left free, it learns from SQuAD's adversarial questions, written close to the text, that a question
    whose words all stand in the passage is less likely to be answered there: true of them, not of
    people's own. L2 penalty as LogisticRegression's C=1.
    """
    signs = np.array([-1.0 if name in AGAINST else 1.0 for name in FEATURES])
    bounds = [(None, None) if name in FREE else (0.0, None) for name in FEATURES]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = described * signs @ weights[:-1] + weights[-1]
        chance = 1 / (1 + np.exp(-logits))
        value = (weighed * (np.logaddexp(0, logits) - labels * logits)).sum() + (weights[:-1] ** 2).sum() / 2
        slope = weighed * (chance - labels)
        return value, np.append((described * signs).T @ slope + weights[:-1], slope.sum())

    found = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    return found.x[:-1] * signs, float(found.x[-1])


def asked(
    collection: Collection, reader: str, questions: dict[str, list[Question]], away: list[Question]
) -> Iterator[tuple[str, Question, Citation]]:
    """Yield kind, question and each passage cited, of an index over a collection, the answers to `away` taken out of it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "documents")
        root.mkdir()
        for name in collection.names:
            text = (collection.folder / "documents" / name).read_bytes().decode()
            own = [question for question in away if question["about"] == name]
            if own:
                text, unanswered = taken_out(text, own, name)
                questions = questions | {"taken out": [*questions.get("taken out", []), *unanswered]}
            (root / name).write_bytes(text.encode())
        build_index(root, Path(folder, "index"))
        with Engine.open(Path(folder, "index"), reader=reader) as engine:
            for kind, question in ((kind, question) for kind, group in questions.items() for question in group):
                for citation in engine.ask(question["question"]).passages:
                    yield kind, question, citation


def contains_gold(citation: Citation, question: dict[str, Any]) -> bool:
    """Tell whether a citation's passage holds a gold span whole."""
    return any(
        gold["doc"] == citation.document and citation.start <= gold["start"] and gold["end"] <= citation.end
        for gold in question["answers"]
    )


def lines(path: Path) -> list[Question]:
    """Return the questions of a set; only line feeds end lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def squad_collections(data: Path, chance: random.Random, *, train_too: bool) -> list[Collection]:
    """Return squad2's articles that may be fitted on, each alone and all among the others."""
    folder, splits = data / "squad2", json.loads((data / "splits.json").read_text())["squad2"]
    fitted_on = splits["tune"] + (splits["train"] if train_too else [])
    usable = [question for question in lines(folder / "questions.jsonl") if question["about"] in fitted_on]
    chance.shuffle(usable)
    single = [Collection(folder, [name], usable, 180) for name in fitted_on]
    return [*single, Collection(folder, splits["train"] + splits["tune"] + splits["test"], usable, 600, largest=True)]


def invented_collections(chance: random.Random) -> list[Collection]:
    """Return the invented documents that the reader has not learned from, each kind by itself."""
    kept = invented.kept_back()
    usable = [question for question in lines(invented.FOLDER / "questions.jsonl") if question["about"] in kept]
    chance.shuffle(usable)
    kinds = [list(names) for _, names in groupby(kept, key=lambda name: name.split("-")[0])]
    return [Collection(invented.FOLDER, names, usable, 180) for names in kinds]


def main() -> None:
    """Collect features, fit, choose the threshold, print what it does to each kind of question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="replace the shipped weights")
    parser.add_argument("--without-reader", action="store_true")
    parser.add_argument("--reader", default="shipped")
    arguments = parser.parse_args()
    chance = random.Random(SEED)
    data: Path = arguments.data
    collections = squad_collections(data, chance, train_too=arguments.without_reader) + invented_collections(chance)
    foreign = [question | {"answers": []} for question in lines(data / "train/question_sentence.jsonl")]
    chance.shuffle(foreign)
    reader = "none" if arguments.without_reader else arguments.reader
    rows: list[dict[str, Any]] = []
    for collection in collections:
        own = [question for question in collection.questions if question["about"] in collection.names]
        answerable = [question for question in own if question["answers"]][: collection.most]
        size = len(answerable)
        unanswerable = [question for question in own if not question["answers"]][: size // 2]
        elsewhere = [question | {"answers": []} for question in collection.questions if question["about"] not in collection.names]
        others, foreign = foreign[: size // 2], foreign[size // 2 :]
        away = chance.sample(answerable, size // 3)
        groups = {
            "answerable": answerable,
            "unanswerable": unanswerable,
            "elsewhere": elsewhere[: size // 3],
            "off-topic": others,
        }
        label = f"{'squad2' if collection.folder != invented.FOLDER else 'invented'}, {len(collection.names)}"
        for kind, question, citation in chain(asked(collection, reader, groups, []), asked(collection, reader, {}, away)):
            rows.append(
                {
                    "kind": kind,
                    "collection": label,
                    "largest": collection.largest,
                    "rank": citation.rank,
                    "label": contains_gold(citation, question),
                    "features": [citation.features[name] for name in FEATURES],
                }
            )
    described = np.array([row["features"] for row in rows])
    labels = np.array([row["label"] for row in rows])
    first = np.array([row["rank"] == 1 for row in rows])
    scale = described.std(axis=0) + 1e-9
    kinds = np.array([row["kind"] for row in rows])
    ranked = np.where(first, 1.0, LOWER_RANKS_WEIGHT)
    weighed = ranked * np.array([KIND_WEIGHTS.get(kind, 1.0) for kind in kinds])
    free = LogisticRegression(C=1.0, max_iter=2000).fit(described / scale, labels, sample_weight=weighed)
    coefficients, intercept = fit_signed(described / scale, labels, weighed)
    # The weights of kinds choose what counts how much; a probability it is only with each question counting once.
    logits = (described / scale @ coefficients + intercept)[:, None]
    level = LogisticRegression(C=1e6).fit(logits, labels, sample_weight=ranked)
    coefficients, intercept = coefficients * level.coef_[0, 0], intercept * level.coef_[0, 0] + level.intercept_[0]
    confidence = 1 / (1 + np.exp(-(described / scale @ coefficients + intercept)))
    held_by = np.array([row["collection"] for row in rows])
    largest = np.array([row["largest"] for row in rows])
    threshold = float(np.quantile(confidence[first & (kinds == "answerable") & largest], REFUSALS))
    print(f"{len(rows):,} passages of {first.sum():,} questions; threshold {threshold:.4f}")
    for name, weight, one in zip(FEATURES, coefficients, scale, strict=True):
        print(f"  {name:18} {weight:8.3f} per standard deviation ({one:.3f})")
    unsigned = free.predict_proba(described / scale)[:, 1]
    print(f"  AUROC with any signs {roc_auc_score(labels[first], unsigned[first]):.3f}")
    print(f"  AUROC of the first passage's confidence {roc_auc_score(labels[first], confidence[first]):.3f}")
    for label in dict.fromkeys(held_by):
        shares = {
            kind: (confidence[first & (held_by == label) & (kinds == kind)] < threshold).mean()
            for kind in dict.fromkeys(kinds[held_by == label])
        }
        print(f"  refused, {label:16}", ", ".join(f"{kind} {share:.1%}" for kind, share in shares.items()))
    if arguments.write:
        fitted = {
            "weights": dict(zip(FEATURES, (coefficients / scale).round(5).tolist(), strict=True)),
            "intercept": round(intercept, 5),
            "threshold": round(threshold, 4),
        }
        name = "confidence_without_reader.json" if arguments.without_reader else "confidence.json"
        path = Path(__file__).parents[2] / "qa" / name
        path.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
