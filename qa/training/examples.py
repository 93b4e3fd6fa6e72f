"""What the reader learns from: questions, the sentence that answers each, and the nearest that don't."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from qa.extractor import surroundings
from qa.loaders import load
from qa.passages import sections
from qa.reader import in_context
from qa.records import Document, Span
from qa.text import sentence_span, sentence_tiles

SPARE_NEGATIVES = 10
"""Sentences kept for each question, of which every pass over the data draws some."""


@dataclass(frozen=True)
class Example:
    """Pair a question with a sentence; `span` is the answer's place in it, None where it holds none.

    `others` are nearest sentences that do not answer; `answers` is False for a question that no
    sentence answers, whose nearest sentence `sentence` then is. `context` and `contexts` tell where the
    sentence and the others stand, as the engine tells the reader. `prior` is the log odds, by the
    question alone, that the sentence answers it. The last `elsewhere` of the others are of other sets.
    """

    question: str
    sentence: str
    span: tuple[int, int] | None
    others: tuple[str, ...]
    answers: bool = True
    context: str = ""
    contexts: tuple[str, ...] = ()
    prior: float = 0.0
    elsewhere: int = 0


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


def sentences_of(document: Document) -> list[tuple[Span, str]]:
    """Return where each sentence of a document stands and what the engine tells the reader about it."""
    text, found = document.text, []
    for section in sections(document):
        before = ""
        for start, end in sentence_tiles(text, section.start, section.end, 300):
            span = sentence_span(text, start, end)
            if span.start < span.end:
                sentence = text[span.start : span.end]
                innermost = section.heading[-1] if section.heading else ""
                found.append((span, surroundings(sentence, document.title, innermost, before)))
                before = sentence
    return found


def article_examples(folder: Path, articles: Sequence[str], model: SentenceTransformer) -> list[Example]:
    """Return examples of questions about whole documents, with the document's nearest other sentences.

    `folder` holds `documents` and `questions.jsonl`, as squad2 does.
    """
    questions = _records(folder / "questions.jsonl")
    examples = []
    for article in articles:
        asked = [question for question in questions if question["about"] == article]
        examples += asked_examples([load(folder / "documents", article)], asked, model)
    return examples


def folder_examples(folder: Path, model: SentenceTransformer) -> list[Example]:
    """Return examples of questions about all documents of a folder together, with the folder's nearest other sentences.

    `folder` holds `documents` and `questions.jsonl`.
    """
    documents = [load(folder / "documents", path.name) for path in sorted((folder / "documents").glob("*.md"))]
    return asked_examples(documents, _records(folder / "questions.jsonl"), model)


def asked_examples(documents: Sequence[Document], asked: Sequence[dict[str, Any]], model: SentenceTransformer) -> list[Example]:
    """Return examples of questions about documents, with the nearest of their sentences that do not answer."""
    standing = [(document, span, told) for document in documents for span, told in sentences_of(document)]
    sentences = [document.text[span.start : span.end] for document, span, _ in standing]
    told = [about for _, _, about in standing]
    own = []
    for question in asked:
        texts = [gold["text"] for gold in question["answers"]]
        own.append({n for n, sentence in enumerate(sentences) if any(answer in sentence for answer in texts)})
    near = nearest_others(model, [question["question"] for question in asked], sentences, own, SPARE_NEGATIVES)
    examples = []
    for question, numbers in zip(asked, near, strict=True):
        others, contexts = tuple(sentences[number] for number in numbers), tuple(told[number] for number in numbers)
        if not question["answers"]:
            examples.append(Example(question["question"], others[0], None, others[1:], False, contexts[0], contexts[1:]))
            continue
        # Of several golds the middle one by length, of two the longer: a reader taught the shortest marks fragments.
        golds = sorted(question["answers"], key=lambda answer: answer["end"] - answer["start"])
        gold = golds[len(golds) // 2]
        at = next((n for n, (document, span, _) in enumerate(standing) if _holds(document, span, gold)), None)
        if at is not None:
            start = standing[at][1].start
            place = (gold["start"] - start, gold["end"] - start)
            examples.append(Example(question["question"], sentences[at], place, others, True, told[at], contexts))
    return examples


def _holds(document: Document, span: Span, gold: dict[str, Any]) -> bool:
    """Tell whether a document's sentence holds a gold span whole."""
    return bool(document.path == gold["doc"] and span.start <= gold["start"] and gold["end"] <= span.end)


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


def written_examples(path: Path, data: Path, model: SentenceTransformer) -> list[Example]:
    """Return examples of questions written for single sentences of the training data: what answers, and what only comes near.

    A line of `path` is `{"sentence": "…", "question": "…", "start": 0, "end": 8}`, `sentence` being the sentence's `name_of`;
    without `start` and `end` it does not answer. Such a question has no other sentences: one on the same subject might
    answer it, and nobody has looked. Raises ValueError for a sentence that DATA doesn't hold.
    """
    sets = [_records(data / f"train/{name}.jsonl") for name in ("question_sentence", "qamr")]
    sentences = list(dict.fromkeys(row.get("context") or row["sentence"] for rows in sets for row in rows))
    named = {name_of(sentence): number for number, sentence in enumerate(sentences)}
    rows = _records(path)
    missing = [row["sentence"] for row in rows if row["sentence"] not in named]
    if missing:
        raise ValueError(f"{path}: {len(missing)} of the sentences are not in {data / 'train'}, first {missing[0]}")
    own = [named[row["sentence"]] for row in rows]
    near = nearest_others(model, [row["question"] for row in rows], sentences, [{number} for number in own], SPARE_NEGATIVES)
    examples = []
    for row, number, others in zip(rows, own, near, strict=True):
        answers = "end" in row
        found = tuple(sentences[other] for other in others) if answers else ()
        span = (row["start"], row["end"]) if answers else None
        examples.append(Example(row["question"], sentences[number], span, found, answers, contexts=("",) * len(found)))
    return examples


def name_of(sentence: str) -> str:
    """Return what names a sentence of the training data: the beginning of its SHA-256."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:12]
