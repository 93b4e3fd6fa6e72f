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

from qa.reader import Reader
from qa.training.examples import Example

READ, HARDEST = 7, 4
"""Sentences read for each question, and those kept: the ones that the earlier reader is surest of."""


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


def hardest(examples: Sequence[Example], reader: Reader) -> list[Example]:
    """Return the examples with only those of their other sentences that the reader is surest of."""
    kept = []
    for number, example in enumerate(examples):
        if number % 1000 == 0:
            sys.stderr.write(f"read {number:,} of {len(examples):,}\n")
        sentences, told = [example.sentence, *example.others[:READ]], [example.context, *example.contexts[:READ]]
        _, *readings = (reading.answers for reading in reader.read(example.question, sentences, told))
        order = sorted(range(len(readings)), key=lambda number: -readings[number])[:HARDEST]
        others, contexts = tuple(example.others[n] for n in order), tuple(example.contexts[n] for n in order)
        kept.append(replace(example, others=others, contexts=contexts))
    return kept
