"""Turn a sentence-transformers model into ONNX files; runs alone, in a child process.

Torch and FAISS bring two OpenMP runtimes that clash on macOS, so this module imports no other part
of the pipeline and is only ever started as `python -m qa.export MODEL FOLDER NAME`.
"""

import hashlib
import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from qa.encoder import open_session

LEAST_COSINE = 0.995
"""An int8 export whose vectors stray further from the float32 ones, on average, is not used."""

PROBES = (
    "Who chairs the board that oversees the improvement plan?",
    "The inspection in July 2019 rated the service inadequate, and a commissioner was appointed in August.",
    "how many litres of water per second",
    "Enzymes lower the activation energy of a reaction; without them most would be too slow to sustain life. "
    "The rate depends on temperature, on pH and on the concentration of the substrate, up to saturation.",
    "It was signed on 3 March 1878, near Constantinople (now Istanbul), by Count Ignatiev and Safvet Pasha.",
    "x = 42; 168 down from 475; 13.5 %",
)


class Graph(torch.nn.Module):
    """Return token embeddings and the model's own sentence vector for one batch."""

    def __init__(self, model: SentenceTransformer, inputs: list[str]) -> None:
        super().__init__()
        self.model = model
        self.inputs = inputs

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Run all modules of the model on the named inputs, in order."""
        features = dict(zip(self.inputs, tensors, strict=True))
        features = self.model(features)
        return features["token_embeddings"], features["sentence_embedding"]


def without_mask(network: torch.nn.Module) -> None:
    """Let a network attend to every token there is.

    Every text runs alone and unpadded, so a mask would mask nothing; without it the same bytes come
    out, in 11.9 instead of 13.6 ms for 200 tokens of all-MiniLM-L6-v2 and 2.8 instead of 2.95 for 42.
    """
    masked = network.forward

    def forward(*arguments: Any, attention_mask: Any = None, **named: Any) -> Any:
        return masked(*arguments, **named)

    network.forward = forward


def fingerprint(model: SentenceTransformer, tokenizer: str, shape: dict[str, Any]) -> str:
    """Return the sha256 of weights, tokenizer, pooling and limits: all that a vector depends on."""
    digest = hashlib.sha256(json.dumps(shape, sort_keys=True).encode())
    digest.update(tokenizer.encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def vectors(path: Path, tokenizer: Tokenizer, inputs: list[str]) -> np.ndarray:
    """Return the sentence vectors of the probes, one forward pass each."""
    session = open_session(path)
    rows = []
    for probe in PROBES:
        encoding = tokenizer.encode(probe)
        values = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
        row = session.run(["sentence_embedding"], {name: np.array([values[name]], dtype=np.int64) for name in inputs})[0][0]
        rows.append(row / np.linalg.norm(row))
    return np.stack(rows)


def quantise(plain: Path, small: Path) -> None:
    """Write an int8 copy of a model: weights by channel, activations as they come.

    The layers that narrow (the second half of a feed-forward block) see the widest activations: on
    all-MiniLM-L6-v2 those of the first three of six blocks cause 44 % of the whole error, so the
    first half of them stays float32 (mean cosine 0.994 -> 0.996 on questions, for 9 % more time).
    """
    graph = onnx.load(plain).graph
    weights = {tensor.name: tensor.dims for tensor in graph.initializer}
    matrices = [
        (node.name, weights[node.input[1]]) for node in graph.node if node.op_type == "MatMul" and node.input[1] in weights
    ]
    narrowing = [name for name, dims in matrices if len(dims) == 2 and dims[0] > dims[1]]
    quantize_dynamic(
        plain, small, weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=narrowing[: (len(narrowing) + 1) // 2]
    )


def export(source: str, folder: Path, name: str) -> None:
    """Write model.onnx, tokenizer.json and encoder.json of a model to a folder.

    The model is quantised to int8 unless that moves a probe's vector too far; encoder.json says
    which. Raises ValueError for a model that cannot be exported.
    """
    model = SentenceTransformer(source, device="cpu", trust_remote_code=False).eval()
    fast = getattr(model.tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise ValueError("its tokenizer has no fast form (tokenizer.json)")
    tokenizer = Tokenizer.from_str(fast.to_str())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    network: Any = model[0].auto_model
    accepted = inspect.signature(network.forward).parameters
    inputs = [key for key in ("input_ids", "attention_mask", "token_type_ids") if key in accepted]
    without_mask(network)
    positions = int(getattr(network.config, "max_position_embeddings", 512))
    if network.config.model_type in {"roberta", "xlm-roberta", "camembert", "mpnet"}:
        positions -= 2  # these count positions from the padding index on
    pooling = next((module for module in model if type(module).__name__ == "Pooling"), None)
    dense = any(type(module).__name__ == "Dense" for module in model)
    only_mean = pooling is not None and pooling.pooling_mode == "mean" and not dense
    prompts = model.prompts or {}
    shape = {
        "pooling": "mean" if only_mean else "sentence",
        "dimension": int(model.get_embedding_dimension() or 0),
        "max_tokens": min(512, positions),
        "query_prompt": prompts.get("query", ""),
        "document_prompt": prompts.get("document", prompts.get("passage", "")),
    }
    text = tokenizer.to_str()
    (folder / "tokenizer.json").write_text(text, encoding="utf-8")
    example = tokenizer.encode(PROBES[0])
    row = {"input_ids": example.ids, "attention_mask": example.attention_mask, "token_type_ids": example.type_ids}
    plain, small = folder / "float32.onnx", folder / "model.onnx"
    with torch.no_grad():
        torch.onnx.export(
            Graph(model, inputs),
            tuple(torch.tensor([row[key]]) for key in inputs),
            str(plain),
            input_names=inputs,
            output_names=["token_embeddings", "sentence_embedding"],
            dynamic_axes={key: {0: "batch", 1: "tokens"} for key in [*inputs, "token_embeddings"]}
            | {"sentence_embedding": {0: "batch"}},
            dynamo=False,
        )
    inputs = [tensor.name for tensor in onnx.load(plain).graph.input]
    quantise(plain, small)
    cosines = (vectors(plain, tokenizer, inputs) * vectors(small, tokenizer, inputs)).sum(axis=1)
    precision = "int8"
    if cosines.mean() < LEAST_COSINE:
        precision = "float32"
        plain.replace(small)
    plain.unlink(missing_ok=True)
    described = {
        "model": name,
        "fingerprint": fingerprint(model, text, shape),
        **shape,
        "inputs": inputs,
        "precision": precision,
        "files": {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in ("model.onnx", "tokenizer.json")},
        "int8_cosine": {"mean": round(float(cosines.mean()), 5), "least": round(float(cosines.min()), 5)},
    }
    (folder / "encoder.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        export(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        sys.exit(" ".join(str(error).split())[:500])
