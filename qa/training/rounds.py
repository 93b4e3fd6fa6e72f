"""Train on from an earlier reader: its weights, and for each question the sentences that misled it most.

Negatives that the model itself takes for answers teach more than the nearest by vector (Xiong and
others 2021, doi:10.48550/arXiv.2007.00808).
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx.numpy_helper import to_array
from sentence_transformers import SentenceTransformer

from qa.reader import Reader
from qa.training.examples import Example

READ, HARDEST = 7, 4
"""Sentences read for each question, and those kept: the ones that the earlier reader is surest of."""
READ_ELSEWHERE, HARDEST_ELSEWHERE = 4, 2
"""The same of sentences that stand elsewhere than in the question's own article or folder."""


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    """Return a shipped reader's weights by the names of the training network, decoded from its int8 graph."""
    graph = onnx.load(folder / "reader.onnx").graph
    held = {tensor.name: to_array(tensor) for tensor in graph.initializer}
    found = {name: values for name, values in held.items() if name.endswith((".weight", ".bias"))}

    def decoded(name: str) -> NDArray[np.float32]:
        values = held[f"{name}_quantized"].astype(np.float32) - held[f"{name}_zero_point"].astype(np.float32)
        return np.asarray(values * held[f"{name}_scale"], dtype=np.float32)

    for name in held:
        if name.endswith(".weight_quantized") and "embeddings" in name:
            found[name.removesuffix("_quantized")] = decoded(name.removesuffix("_quantized"))
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            module = node.name.removeprefix("/").split("/MatMul")[0].split("/Gemm")[0].replace("/", ".")
            found[f"{module}.weight"] = decoded(node.input[1].removesuffix("_quantized")).T
    return {name: torch.tensor(values) for name, values in found.items()}


def hardest(examples: Sequence[Example], reader: Reader, read: int = READ, kept: int = HARDEST) -> list[Example]:
    """Return the examples with only those of their other sentences that the reader is surest of, `kept` of the first `read`."""
    found = []
    for number, example in enumerate(examples):
        if number % 1000 == 0:
            sys.stderr.write(f"read {number:,} of {len(examples):,}\n")
        sentences, told = [example.sentence, *example.others[:read]], [example.context, *example.contexts[:read]]
        _, *readings = (reading.answers for reading in reader.read(example.question, sentences, told))
        order = sorted(range(len(readings)), key=lambda number: -readings[number])[:kept]
        others, contexts = tuple(example.others[n] for n in order), tuple(example.contexts[n] for n in order)
        found.append(replace(example, others=others, contexts=contexts))
    return found


def hardest_of_all(sets: Sequence[Sequence[Example]], model: SentenceTransformer, reader: Reader) -> list[list[Example]]:
    """Return sets of examples with the hardest sentences of their own set and, after these, the hardest of the other sets.

    A reader that only ever tells the sentences of one folder apart takes another subject's for an answer more often.
    """
    own = [{pair: None for example in examples for pair in _told(example)} for examples in sets]
    pool = list(dict.fromkeys(pair for pairs in own for pair in pairs))
    vectors = model.encode([sentence for sentence, _ in pool], normalize_embeddings=True, batch_size=64)
    found = []
    for examples, pairs in zip(sets, own, strict=True):
        away = [number for number, pair in enumerate(pool) if pair not in pairs]
        asked = model.encode([example.question for example in examples], normalize_embeddings=True, batch_size=64)
        near = np.argsort(-(asked @ vectors[away].T), axis=1)[:, :READ_ELSEWHERE]
        elsewhere = [
            replace(example, others=tuple(pool[away[n]][0] for n in row), contexts=tuple(pool[away[n]][1] for n in row))
            for example, row in zip(examples, near.tolist(), strict=True)
        ]
        kept = hardest(elsewhere, reader, READ_ELSEWHERE, HARDEST_ELSEWHERE)
        found.append([_joined(*both) for both in zip(hardest(examples, reader), kept, strict=True)])
    return found


def _told(example: Example) -> list[tuple[str, str]]:
    """Return an example's sentences with what is told about each."""
    return [(example.sentence, example.context), *zip(example.others, example.contexts, strict=True)]


def _joined(example: Example, elsewhere: Example) -> Example:
    """Return an example with the others of another version of it after its own."""
    others, contexts = example.others + elsewhere.others, example.contexts + elsewhere.contexts
    return replace(example, others=others, contexts=contexts, elsewhere=len(elsewhere.others))
