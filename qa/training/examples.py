"""What the reader learns from: questions, the sentence that answers each, and the nearest that don't."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from qa.extractor import surroundings
from qa.reader import in_context
from qa.text import sentence_span, sentence_tiles

SPARE_NEGATIVES = 10
"""Sentences kept for each question, of which every pass over the data draws some."""


@dataclass(frozen=True)
class Example:
    """Pair a question with a sentence; `span` is the answer's place in it, None where it holds none.

    `others` are nearest sentences that do not answer; `answers` is False for a question that no
    sentence answers, whose nearest sentence `sentence` then is. `context` and `contexts` tell where the
    sentence and the others stand, as the engine tells the reader.
    """

    question: str
    sentence: str
    span: tuple[int, int] | None
    others: tuple[str, ...]
    answers: bool = True
    context: str = ""
    contexts: tuple[str, ...] = ()


def texts_of(example: Example) -> list[str]:
    """Return an example's sentences as the reader is given them, its own first."""
    told = [(example.sentence, example.context), *zip(example.others, example.contexts, strict=True)]
    return [in_context(sentence, context) for sentence, context in told]


def nearest_others(
    model: SentenceTransformer, questions: list[str], sentences: list[str], own: list[set[int]], count: int
) -> list[list[int]]:
    """Return, for each question, the numbers of the nearest sentences that are not its own."""
    vectors = model.encode(sentences, normalize_embeddings=True, batch_size=64)
    asked = model.encode(questions, normalize_embeddings=True, batch_size=64)
    found = []
    for first in range(0, len(asked), 512):
        cosines = asked[first : first + 512] @ vectors.T
        near = np.argsort(-cosines, axis=1)[:, : count + 12]
        for row, numbers in enumerate(near.tolist()):
            found.append([number for number in numbers if number not in own[first + row]][:count])
    return found


def _records(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file of JSON Lines; only line feeds end lines, as a text may hold U+2028."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def squad_examples(data: Path, articles: list[str], model: SentenceTransformer) -> list[Example]:
    """Return examples of squad2's articles, with the article's nearest other sentences."""
    questions = _records(data / "squad2/questions.jsonl")
    examples = []
    for article in articles:
        text = (data / "squad2/documents" / article).read_bytes().decode()
        spans = [sentence_span(text, start, end) for start, end in sentence_tiles(text, 0, len(text), 300)]
        spans = [span for span in spans if span.start < span.end]
        sentences = [text[span.start : span.end] for span in spans]
        told = [
            surroundings(sentence, Path(article).stem, "", before)
            for sentence, before in zip(sentences, ["", *sentences], strict=False)
        ]
        asked = [question for question in questions if question["about"] == article]
        own = []
        for question in asked:
            texts = [gold["text"] for gold in question["answers"]]
            own.append({n for n, sentence in enumerate(sentences) if any(answer in sentence for answer in texts)})
        near = nearest_others(model, [question["question"] for question in asked], sentences, own, SPARE_NEGATIVES)
        for question, numbers in zip(asked, near, strict=True):
            others, contexts = tuple(sentences[number] for number in numbers), tuple(told[number] for number in numbers)
            if not question["answers"]:
                examples.append(Example(question["question"], others[0], None, others[1:], False, contexts[0], contexts[1:]))
                continue
            # Of several golds the middle one by length, of two the longer: a reader taught the shortest marks fragments.
            golds = sorted(question["answers"], key=lambda answer: answer["end"] - answer["start"])
            gold = golds[len(golds) // 2]
            at = next((n for n, span in enumerate(spans) if span.start <= gold["start"] and gold["end"] <= span.end), None)
            if at is not None:
                place = (gold["start"] - spans[at].start, gold["end"] - spans[at].start)
                examples.append(Example(question["question"], sentences[at], place, others, True, told[at], contexts))
    return examples


def sentence_examples(path: Path, model: SentenceTransformer, step: int = 1, first: int = 0) -> list[Example]:
    """Return examples of every `step`-th of a set of questions from `first` on, spans where the set gives them."""
    rows = _records(path)[first % step :: step]
    texts = [row.get("context") or row["sentence"] for row in rows]
    sentences = list(dict.fromkeys(texts))
    number = {sentence: place for place, sentence in enumerate(sentences)}
    near = nearest_others(
        model, [row["question"] for row in rows], sentences, [{number[text]} for text in texts], SPARE_NEGATIVES
    )
    examples = []
    for row, text, others in zip(rows, texts, near, strict=True):
        span = (row["start"], row["end"]) if "end" in row else None
        if "start" in row and span is None:
            continue
        found = tuple(sentences[other] for other in others)
        examples.append(Example(row["question"], text, span, found, contexts=("",) * len(found)))
    return examples
