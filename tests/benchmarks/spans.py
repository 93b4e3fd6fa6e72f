"""Measure the reader inside the gold passage: python -m tests.benchmarks.spans DATA [--split test] [--reader NAME].

Every sentence of the paragraph that holds a gold answer is read; the words marked in the surest sentence,
names and dates whole, are compared with the golds by SQuAD's exact match and F1, with 95 % bootstrap intervals.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from qa.expressions import whole
from qa.measures.answers import answer_f1, exact_match
from qa.measures.significance import estimate
from qa.reader import open_reader
from qa.text import sentence_span, sentence_tiles

SENTENCE_CHARACTERS = 300


def paragraph(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the paragraph around a span begins and ends."""
    after = text.find("\n\n", end)
    return text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0, len(text) if after < 0 else after


def main() -> None:
    """Read each answerable question's gold passage and print the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", choices=("train", "tune", "test"), default="test")
    parser.add_argument("--reader", default="shipped")
    arguments = parser.parse_args()
    data: Path = arguments.data
    reader = open_reader(arguments.reader)
    if reader is None:
        parser.error("--reader none reads nothing; name a reader")
    articles = json.loads((data / "splits.json").read_text())["squad2"][arguments.split]
    texts = {name: (data / "squad2/documents" / name).read_bytes().decode() for name in articles}
    found: dict[str, list[float]] = {"exact match": [], "F1": [], "gold in the surest sentence": []}
    for line in (data / "squad2/questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        golds = [gold for gold in question["answers"] if gold["doc"] in texts]
        if question["about"] not in texts or not golds:
            continue
        text = texts[golds[0]["doc"]]
        start, end = paragraph(text, golds[0]["start"], golds[0]["end"])
        tiles = (sentence_span(text, first, last) for first, last in sentence_tiles(text, start, end, SENTENCE_CHARACTERS))
        spans = [span for span in tiles if span.start < span.end]
        sentences = [text[span.start : span.end] for span in spans]
        readings = reader.read(question["question"], sentences)
        best = max(range(len(readings)), key=lambda number: (readings[number].answers, -number))
        span, sentence = whole(question["question"], sentences[best], readings[best].span), spans[best]
        words = sentences[best][span.start : span.end]
        expected = [gold["text"] for gold in golds]
        found["exact match"].append(exact_match(words, expected))
        found["F1"].append(answer_f1(words, expected))
        found["gold in the surest sentence"].append(
            float(any(sentence.start <= gold["start"] and gold["end"] <= sentence.end for gold in golds))
        )
    print(f"squad2, {arguments.split} articles, inside the gold passage, reader {arguments.reader}")
    for name, values in found.items():
        measured = estimate(np.array(values))
        if measured:
            print(f"  {name:28} {measured.value:.3f}  {measured.low:.3f}-{measured.high:.3f}  n {measured.n:,}")


if __name__ == "__main__":
    main()
