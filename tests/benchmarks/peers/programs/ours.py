"""Ours, as it is shipped: what `qa index` builds, the retriever's order, and the order in which answers cite."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from driver import WARMING, peak_bytes

from qa import Engine, build_index
from qa.answer import Citation
from qa.questions.places import places_of


def main() -> None:
    task, folder = sys.argv[1], Path(sys.argv[2])
    if task == "index":
        started = time.perf_counter()
        report = build_index(Path(sys.argv[3]), folder)
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "passages": report.passages, "peak_bytes": peak_bytes()}))
        return
    questions, k = json.loads(Path(sys.argv[3]).read_text(encoding="utf-8")), int(sys.argv[4])
    with Engine.open(folder) as engine:
        ways: dict[str, Callable[[str], list[Citation]]] = {
            "search": lambda question: engine.search(question, k, phrases=False),
            "ask": lambda question: list(engine.ask(question, k).passages),
        }
        way = ways[task]
        for question in questions[:WARMING]:
            way(question)
        rankings, milliseconds = [], []
        for question in questions:
            started = time.perf_counter()
            found = way(question)
            milliseconds.append((time.perf_counter() - started) * 1000)
            rankings.append([[[place.document, place.start, place.end] for place in places_of(hit)] for hit in found])
    print(json.dumps({"rankings": rankings, "milliseconds": milliseconds, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()
