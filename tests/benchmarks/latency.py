"""Time questions in one process: python -m tests.benchmarks.latency [INDEX] [QUESTIONS].

Prints the median and 95th percentile of a warm question with the reader and without, beside the time of
one forward pass of the encoder over a question and over a passage in the same run, how many of the latter
the reader adds, and the peak memory.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from qa import Engine

QUESTIONS = Path(__file__).parents[1] / "questions" / "medway.jsonl"
ROUNDS = 3


def milliseconds(run: Callable[[str], object], questions: list[str]) -> list[float]:
    """Return the time of each question, the first round left out."""
    times = []
    for number in range(ROUNDS + 1):
        for question in questions:
            started = time.perf_counter()
            run(question)
            if number:
                times.append((time.perf_counter() - started) * 1000)
    return times


def main() -> None:
    """Time and print."""
    index = sys.argv[1] if len(sys.argv) > 1 else "index"
    path = Path(sys.argv[2]) if len(sys.argv) > 2 else QUESTIONS
    questions = [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines()][:200]
    with Engine.open(index) as full, Engine.open(index, reader="none") as plain:
        store = full.store
        passages = [stored.text for stored in store.verified(range(min(len(questions), store.passages)))]
        rows = {
            "encode a passage": milliseconds(store.encoder.encode_question, passages),
            "encode the question": milliseconds(store.encoder.encode_question, questions),
            "ask without the reader": milliseconds(plain.ask, questions),
            "ask": milliseconds(full.ask, questions),
        }
        print(f"{len(questions)} questions, {ROUNDS} rounds, {store.passages:,} passages")
    for name, times in rows.items():
        percentile = statistics.quantiles(times, n=20)[-1]
        print(f"{name:24} median {statistics.median(times):6.1f} ms   95th percentile {percentile:6.1f} ms")
    passage, without, whole = (statistics.median(rows[name]) for name in ("encode a passage", "ask without the reader", "ask"))
    print(f"the reader adds {(whole - without) / passage:.1f} forward passes of one passage")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
