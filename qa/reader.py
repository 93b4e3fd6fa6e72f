"""Read a question beside a sentence, to tell whether it answers and with which words.

The shipped reader is a small cross-encoder trained by `python -m qa.training`; its card stands beside
its weights in `qa/reader_model/`. Any extractive question-answering model may stand in for it.
"""

import hashlib
import json
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from tokenizers import Encoding, Tokenizer

from qa.digests import file_sha256
from qa.encoder import open_session
from qa.errors import ModelError
from qa.models import prepare_reader
from qa.records import Reading, Span

SHIPPED = Path(__file__).with_name("reader_model")
LONGEST_TOKENS = 192
LONGEST_SPAN = 30
"""Tokens of the longest answer span."""

_IMPOSSIBLE = np.full((LONGEST_TOKENS, LONGEST_TOKENS), -np.inf, dtype=np.float32)
"""Added to the logits of each first and last token of a span, in that order: 0 where such a span may be."""
_IMPOSSIBLE[np.triu(np.ones_like(_IMPOSSIBLE, dtype=bool)) & ~np.triu(np.ones_like(_IMPOSSIBLE, dtype=bool), LONGEST_SPAN)] = 0

_PICTURE = "[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]"
_PICTURES = re.compile(rf"^(?:{_PICTURE}\s*)+|(?:\s*{_PICTURE})+$")
"""Emoji and the like at the beginning or the end of words."""


def in_context(sentence: str, context: str) -> str:
    """Return a sentence as the reader is given it, what is told about it after it: the sentence's offsets stay."""
    return f"{sentence} ¦ {context}" if context else sentence


class Reader:
    """Read question and sentence pairs, each alone and unpadded; safe to share between threads."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        """Load reader.onnx and tokenizer.json, their hashes checked against reader.json; raises ModelError."""
        remedy = "reinstall verbatim-qa" if folder == SHIPPED else f"delete {folder} and name the reader again"
        try:
            described = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
            for name, digest in described["files"].items():
                if file_sha256(folder / name) != digest:
                    raise ModelError(f"{folder / name}: not the file that was written; {remedy}")
            self._inputs: list[str] = described["inputs"]
            self.identity = hashlib.sha256(json.dumps(described["files"], sort_keys=True).encode()).hexdigest()
            self._session = open_session(folder / "reader.onnx")
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelError(f"{folder}: the reader does not load ({error}); {remedy}") from None
        self._takes_context = bool(described.get("context"))
        self._gives_answers = "answer" in {output.name for output in self._session.get_outputs()}
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST_TOKENS, strategy="longest_first")
        self._tokenizer.encode_special_tokens = True
        self._helpers = min(4, os.cpu_count() or 1) - 1
        self._pool = ThreadPoolExecutor(max(1, self._helpers))

    def read(self, question: str, sentences: Sequence[str], contexts: Sequence[str] = ()) -> list[Reading]:
        """Return what the reader makes of each sentence, in order.

        `contexts` tell where each sentence stands; a reader that was not trained with them is not told.

        The asking thread reads too, and all take the longest pair that is left, so that none waits for
        another: 12 pairs in 31 ms instead of 34. Two threads within each pass took 60, and a batch of
        pairs would let a reading depend on its neighbours (dynamic int8).
        """
        told = contexts if self._takes_context and contexts else [""] * len(sentences)
        pairs = [
            self._tokenizer.encode(question, in_context(sentence, context))
            for sentence, context in zip(sentences, told, strict=True)
        ]
        readings: list[Reading | None] = [None] * len(pairs)
        left = iter(sorted(range(len(pairs)), key=lambda number: -len(pairs[number].ids)))

        def work() -> None:
            for number in left:  # a list's iterator gives each item to one thread
                readings[number] = self._read(pairs[number], sentences[number])

        others = [self._pool.submit(work) for _ in range(min(self._helpers, len(pairs) - 1))]
        work()
        for other in others:
            other.result()
        return [reading for reading in readings if reading is not None]

    def _read(self, pair: Encoding, sentence: str) -> Reading:
        values = {"input_ids": pair.ids, "attention_mask": pair.attention_mask, "token_type_ids": pair.type_ids}
        feed = {name: np.array([values[name]], dtype=np.int64) for name in self._inputs}
        spans, *answers = self._session.run(["spans", "answer"] if self._gives_answers else ["spans"], feed)
        # SQuAD 2.0's convention for a model without an answer logit: the first token stands for no answer.
        nothing = float(spans[0, 0].sum())
        offsets = pair.offsets
        places = [place for place, part in enumerate(pair.sequence_ids) if part == 1 and offsets[place][1] <= len(sentence)]
        if not places:  # nothing of the sentence became a token
            return Reading(float(answers[0][0]) if answers else -nothing, Span(0, len(sentence)), -20.0)
        starts, ends = spans[0, places, 0], spans[0, places, 1]
        sums = starts[:, None] + ends[None, :] + _IMPOSSIBLE[: len(places), : len(places)]
        first, last = divmod(int(np.argmax(sums)), len(places))
        best_sum = float(sums[first, last])
        span = _without_pictures(sentence, Span(offsets[places[first]][0], offsets[places[last]][1]))
        return Reading(float(answers[0][0]) if answers else best_sum - nothing, span, best_sum)


def _without_pictures(sentence: str, span: Span) -> Span:
    """Return a span without the emoji that it begins or ends with, unless it holds nothing else.

    To the network they are one unknown word, which it may take for part of a name.
    """
    words = sentence[span.start : span.end]
    bare = _PICTURES.sub("", words)
    if not bare:
        return span
    start = span.start + words.index(bare)
    return Span(start, start + len(bare))


@lru_cache(maxsize=2)
def open_reader(name: str) -> Reader | None:
    """Return the reader of a name, loaded once a process: `shipped`, `none`, or any model that `prepare_reader` takes."""
    if name == "none":
        return None
    return Reader(SHIPPED if name == "shipped" else prepare_reader(name))


if hasattr(os, "register_at_fork"):
    # A forked child has none of its parent's threads; it loads a reader with threads of its own.
    os.register_at_fork(after_in_child=open_reader.cache_clear)
