"""Measure refusals of questions about something else: python -m tests.benchmarks.off_topic DATA INDEX [--limit N].

INDEX holds squad2's documents. Asks it the answerable questions of squad2's test articles and covidqa's,
which its documents do not answer; and a third of the test articles' questions over the same documents with
the sentences that answer them taken out. Prints the shares refused at the shipped threshold and at the one
that refuses 5 % of the answerable ones, with 95 % bootstrap intervals.
"""

import argparse
import json
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa import Engine, build_index
from qa.measures.significance import estimate
from tests.benchmarks.near_misses import taken_out

SEED = 20
FALSE_REFUSALS = 0.05


def near_topic(data: Path, articles: list[str], questions: list[dict[str, Any]]) -> NDArray[np.float64]:
    """Return the confidences of questions over documents from which their answers were taken out."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "documents")
        shutil.copytree(data / "squad2/documents", root)
        asked: list[str] = []
        for name in articles:
            text = (root / name).read_bytes().decode()
            left, unanswered = taken_out(text, [question for question in questions if question["about"] == name], name)
            (root / name).write_bytes(left.encode())
            asked += [question["question"] for question in unanswered]
        build_index(root, Path(folder, "index"))
        with Engine.open(Path(folder, "index")) as engine:
            return confidences(engine, asked)


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

    def questions(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (data / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()]

    articles = json.loads((data / "splits.json").read_text())["squad2"]["test"]
    answerable_ones = [item for item in questions("squad2") if item["answers"] and item["about"] in articles]
    own = [str(item["question"]) for item in answerable_ones]
    foreign = [str(item["question"]) for item in questions("covidqa")]
    random.Random(SEED).shuffle(foreign)
    with Engine.open(arguments.index) as engine:
        answerable = confidences(engine, own)
        others = confidences(engine, foreign[: arguments.limit])
        shipped = engine.threshold
    missing = near_topic(data, articles, random.Random(SEED).sample(answerable_ones, len(answerable_ones) // 3))
    groups = {"answerable, test articles": answerable, "off-topic, covidqa's": others, "near-topic, answers taken out": missing}
    for name, threshold in (("shipped", shipped), ("at 5 % false refusals", float(np.quantile(answerable, FALSE_REFUSALS)))):
        print(f"threshold {threshold:.4f} ({name})")
        for kind, found in groups.items():
            refused = estimate((found < threshold).astype(np.float64))
            if refused:
                print(f"  {kind:30} refused {refused.value:.1%} ({refused.low:.1%}-{refused.high:.1%}), n {refused.n:,}")


if __name__ == "__main__":
    main()
