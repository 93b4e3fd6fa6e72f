"""Compare with exact search in float32: python -m tests.benchmarks.precision DATA [--work FOLDER] [--sets squad2,covidqa].

Indexes each set's documents three times: with the encoder in float32 and every vector compared; as it ships (int8 encoder,
every vector compared, as there are few); and with cells and bytes, as a collection of over 100,000 vectors has them.
Prints Success@1 and @5 of retrieval alone and as cited, and how far each is from float32, with the p of a paired
randomisation test. Of squad2 the test articles' questions are asked.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa import Engine, build_index, models
from qa.answer import Citation, Hit
from qa.indexer import Options
from qa.measures.significance import randomisation_test

WAYS = {"float32, exact": None, "int8, exact": Options(exact_rows=sys.maxsize), "int8, cells": Options(exact_rows=0)}
K = 5


def build(documents: Path, index: Path, options: Options | None, cache: Path) -> None:
    """Build an index where there is none; with None for options of float32."""
    if index.exists():
        return
    if options is not None:
        build_index(documents, index, options=options)
        return
    kind, elsewhere = models._ENCODER, os.environ.get("QA_CACHE")
    models._ENCODER = replace(kind, program="tests.benchmarks.float32")
    os.environ["QA_CACHE"] = str(cache)  # what is exported here is not to be taken for the shipped model
    try:
        build_index(documents, index, options=Options(exact_rows=sys.maxsize))
    finally:
        models._ENCODER = kind
        del os.environ["QA_CACHE"]
        if elsewhere is not None:
            os.environ["QA_CACHE"] = elsewhere


def first_right(found: "list[Hit] | tuple[Citation, ...]", golds: list[dict[str, Any]]) -> float:
    """Return the rank of the first passage that holds a gold whole; infinity if none does."""
    right = (
        item.rank
        for item in found
        if any(gold["doc"] == item.document and item.start <= gold["start"] and gold["end"] <= item.end for gold in golds)
    )
    return next(right, float("inf"))


def ranks(index: Path, questions: list[dict[str, Any]]) -> dict[str, NDArray[np.float64]]:
    """Return for each way of ranking the rank of each question's first right passage."""
    with Engine.open(index) as engine:
        found = [(engine.search(q["question"], K, phrases=False), engine.ask(q["question"], K).passages) for q in questions]
    golds = [question["answers"] for question in questions]
    return {
        "retrieval": np.array([first_right(hits, gold) for (hits, _), gold in zip(found, golds, strict=True)]),
        "as cited": np.array([first_right(cited, gold) for (_, cited), gold in zip(found, golds, strict=True)]),
    }


def main() -> None:
    """Build, ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, help="folder in which indexes are kept; else they are gone afterwards")
    parser.add_argument("--sets", default="squad2,covidqa")
    arguments = parser.parse_args()
    data: Path = arguments.data
    with tempfile.TemporaryDirectory() as folder:
        work = arguments.work or Path(folder)
        for name in arguments.sets.split(","):
            questions = [json.loads(line) for line in (data / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
            articles = json.loads((data / "splits.json").read_text())["squad2"]["test"]
            asked = [item for item in questions if item["answers"] and (name != "squad2" or item["about"] in articles)]
            reference: dict[str, NDArray[np.float64]] = {}
            for way, options in WAYS.items():
                index = work / f"{name}-{way.replace(', ', '-')}"
                build(data / name / "documents", index, options, work / "cache")
                print(f"{name}, {len(asked)} questions, {way}")
                for ranking, found in ranks(index, asked).items():
                    compared = reference.setdefault(ranking, found)
                    for k in (1, K):
                        own, other = (found <= k).astype(float), (compared <= k).astype(float)
                        told = f"  {ranking:10} Success@{k} {own.mean():.4f}"
                        if found is not compared:
                            p = randomisation_test(own, other)
                            told += f"  {100 * (own.mean() - other.mean()):+.2f} points (p {p:.2f})"
                        print(told, flush=True)


if __name__ == "__main__":
    main()
