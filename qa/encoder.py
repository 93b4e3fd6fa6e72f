"""Turn texts into unit vectors with an exported model; neither torch nor the model's package is needed."""

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from qa.errors import ModelError
from qa.records import Span

Vectors = npt.NDArray[np.float32]

SPECIAL_TOKENS = 2

_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_MOST_TOKENS = 131_072
"""More than any encoder reads at once; a description that says more is none of ours."""


@dataclass(frozen=True)
class Unit:
    """Hold what one forward pass encodes: a passage, its context, and its sentences' spans in `text`."""

    context: str
    text: str
    sentences: tuple[Span, ...]


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """Open an exported model to run on one thread; raises RuntimeError or ValueError if it is none.

    ONNX Runtime's fused addition and layer normalisation is slower than the two apart: 0.068 against
    0.012 ms on 42 tokens (1.31, x86-64), so that a pass of 42 tokens takes 2.65 ms instead of 2.98 and
    one of 200 takes 11.8 instead of 13.3. Both round in their own way; neither is nearer the truth.

    A processor without VNNI adds two products of int8 in 16 bits, where they overflow; asked for precision, ONNX Runtime takes
    unsigned weights there (all-MiniLM-L6-v2 on AVX2: mean cosine to float32 0.9942 -> 0.9961, for a tenth more time).
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"], disabled_optimizers={"SkipLayerNormFusion"}
    )


def _unit_length(rows: Vectors) -> Vectors:
    """Return the rows scaled to length 1; a zero row stays zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


class Encoder:
    """Encode questions and passages with one exported model.

    Every text runs alone and unpadded on one thread: dynamic int8 takes its scales from the whole
    batch, so a vector would otherwise depend on its neighbours. Safe to share between threads.
    """

    def __init__(self, folder: Path) -> None:
        """Load ENCODER_FILES from a folder; raises ModelError if one is missing or malformed."""
        try:
            described = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
            self.model: str = described["model"]
            self.fingerprint: str = described["fingerprint"]
            self.dimension = int(described["dimension"])
            self.precision: str = described["precision"]
            self.int8_cosine = float(described["int8_cosine"]["mean"])
            self.max_tokens = int(described["max_tokens"])
            self._late_pooling = described["pooling"] == "mean"
            self._inputs: list[str] = described["inputs"]
            self._query_prompt: str = described["query_prompt"]
            self._document_prompt: str = described["document_prompt"]
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = open_session(folder / "model.onnx")
            taken = {item.name for item in self._session.get_inputs()}
            if {*self._inputs} != taken or not taken <= _INPUTS or not SPECIAL_TOKENS < self.max_tokens <= _MOST_TOKENS:
                raise ValueError("it says other things of the model than the model does")
        except Exception as error:  # tokenizers and onnxruntime raise exceptions of no narrower kind
            raise ModelError(
                f"{folder}: the exported model does not load ({type(error).__name__}); run: qa index --rebuild"
            ) from error
        # "[SEP]" in a document is three characters and a word, not the end of the text.
        self._tokenizer.encode_special_tokens = True

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has, without special ones."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def token_limit(self, longest: int) -> int:
        """Return how many tokens a passage with its context may have, at most `longest`."""
        prompt = self.count_tokens(self._document_prompt) if self._document_prompt else 0
        return min(longest, self.max_tokens - SPECIAL_TOKENS) - prompt

    def _run(self, encoding: Encoding, output: str) -> Vectors:
        """Run one text of at most `max_tokens` tokens; longer ones lose their tail but keep the last, special token."""
        ids, types = encoding.ids, encoding.type_ids
        if len(ids) > self.max_tokens:
            ids, types = [*ids[: self.max_tokens - 1], ids[-1]], types[: self.max_tokens]
        values = {"input_ids": ids, "attention_mask": [1] * len(ids), "token_type_ids": types}
        feed = {name: np.array([values[name]], dtype=np.int64) for name in self._inputs}
        return np.asarray(self._session.run([output], feed)[0][0], dtype=np.float32)

    def encode_question(self, question: str) -> Vectors:
        """Return a question's unit vector, shape (dimension,); tokens past the model's limit are not read."""
        encoding = self._tokenizer.encode(self._query_prompt + question)
        return _unit_length(self._run(encoding, "sentence_embedding"))

    def encode_passage(self, unit: Unit) -> Vectors:
        """Return one unit vector a sentence, shape (sentences, dimension), from one forward pass.

        A sentence's vector is the mean of its tokens' embeddings in the passage (late chunking,
        Günther et al. 2024, arXiv:2409.04701); context and special tokens are attended to, never
        pooled. A sentence without tokens of its own takes the passage's mean. Models that pool
        otherwise encode each sentence alone.
        """
        if not self._late_pooling:
            texts = [unit.text[span.start : span.end] for span in unit.sentences]
            alone = [self._run(self._tokenizer.encode(self._document_prompt + text), "sentence_embedding") for text in texts]
            return _unit_length(np.stack(alone))
        prefix = self._document_prompt + (unit.context + "\n" if unit.context else "")
        encoding = self._tokenizer.encode(prefix + unit.text)
        tokens = self._run(encoding, "token_embeddings")
        offsets = np.array(encoding.offsets[: len(tokens)], dtype=np.int64)
        starts = offsets[:, 0] - len(prefix)
        own = (offsets[:, 1] > offsets[:, 0]) & (starts >= 0)
        rows = np.empty((len(unit.sentences), tokens.shape[1]), dtype=np.float32)
        for row, span in enumerate(unit.sentences):
            mask = own & (starts >= span.start) & (starts < span.end)
            if not mask.any():
                mask = own if own.any() else np.ones(len(tokens), dtype=bool)
            rows[row] = tokens[mask].mean(axis=0)
        return _unit_length(rows)


class PassageEncoding:
    """Encode passages on all processors and give the vectors in the order in which the passages came; a context."""

    def __init__(self, encoder: Encoder, threads: int | None = None) -> None:
        self.encoder = encoder
        self.given = 0
        self._threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads)
        self._waiting: deque[Future[Vectors]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def give(self, unit: Unit) -> None:
        """Have a passage encoded; its vectors wait in memory until they are taken."""
        self._waiting.append(self._pool.submit(self.encoder.encode_passage, unit))
        self.given += 1

    def vectors(self, units: Iterable[Unit] = ()) -> Iterator[Vectors]:
        """Yield the vectors of the passages given, and then of `units`, of which a few are given ahead."""
        source = iter(units)
        while True:
            for unit in islice(source, max(0, self._threads * 8 - len(self._waiting))):
                self.give(unit)
            if not self._waiting:
                return
            yield self._waiting.popleft().result()
