"""Measure refusals of questions about something else: python -m tests.benchmarks.off_topic DATA INDEX [--limit N].

INDEX holds squad2's documents. Asks it the answerable questions of squad2's test articles and covidqa's,
which its documents do not answer, and prints the shares refused at the shipped threshold and at the one
that refuses 5 % of the answerable ones, with 95 % bootstrap intervals.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa import Engine
from qa.measures.significance import estimate

SEED = 20
FALSE_REFUSALS = 0.05


def confidences(engine: Engine, questions: list[str]) -> NDArray[np.float64]:
    """Return the confidence of each question's first passage."""
    return np.array([engine.ask(question, k=1).confidence for question in questions])


def main() -> None:
    """Ask both sets and print what is refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--limit", type=int, default=400, help="most questions of covidqa, drawn by chance")
    arguments = parser.parse_args()
    data: Path = arguments.data

    def questions(name: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in (data / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()]

    articles = json.loads((data / "splits.json").read_text())["squad2"]["test"]
    own = [str(item["question"]) for item in questions("squad2") if item["answers"] and item["about"] in articles]
    foreign = [str(item["question"]) for item in questions("covidqa")]
    random.Random(SEED).shuffle(foreign)
    with Engine.open(arguments.index) as engine:
        answerable = confidences(engine, own)
        others = confidences(engine, foreign[: arguments.limit])
        shipped = engine.threshold
    for name, threshold in (("shipped", shipped), ("at 5 % false refusals", float(np.quantile(answerable, FALSE_REFUSALS)))):
        print(f"threshold {threshold:.4f} ({name})")
        for kind, found in (("answerable, test articles", answerable), ("off-topic, covidqa's", others)):
            refused = estimate((found < threshold).astype(np.float64))
            if refused:
                print(f"  {kind:28} refused {refused.value:.1%} ({refused.low:.1%}-{refused.high:.1%}), n {refused.n:,}")


if __name__ == "__main__":
    main()
