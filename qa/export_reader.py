"""Turn an extractive question-answering model of transformers into the reader's files; runs alone, in a child process.

Started as `python -m qa.export_reader MODEL FOLDER NAME`, for the reasons that stand in export.
"""

import hashlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from qa.encoder import open_session
from qa.export import quantise, without_mask

MOST_MOVED = 0.05
"""An int8 export whose span probabilities move further than this from the float32 ones, on average, is not used."""

PROBES = (
    ("Who chairs the board?", "The board is chaired by Ada Holm, who was appointed in March 1974."),
    ("When was she appointed?", "The board is chaired by Ada Holm, who was appointed in March 1974."),
    ("How many litres pass in a second?", "Through the old weir 42 litres pass each second, down from 168."),
    ("Where was the treaty signed?", "It was signed on 3 March 1878, near Constantinople, by Count Ignatiev."),
)


class Graph(torch.nn.Module):
    """Give the start and end logits of one batch as one tensor, shape (batch, tokens, 2)."""

    def __init__(self, model: torch.nn.Module, inputs: list[str]) -> None:
        super().__init__()
        self.model = model
        self.inputs = inputs

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        """Run the model on the named inputs, in order."""
        found = self.model(**dict(zip(self.inputs, tensors, strict=True)))
        return torch.stack((found.start_logits, found.end_logits), dim=-1)


def probabilities(path: Path, tokenizer: Tokenizer, inputs: list[str]) -> list[np.ndarray]:
    """Return each probe's start and end probabilities over its tokens."""
    session = open_session(path)
    found = []
    for question, sentence in PROBES:
        encoding = tokenizer.encode(question, sentence)
        values = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
        logits = session.run(["spans"], {name: np.array([values[name]], dtype=np.int64) for name in inputs})[0][0]
        shares = np.exp(logits - logits.max(axis=0))
        found.append(shares / shares.sum(axis=0))
    return found


def export(source: str, folder: Path, name: str) -> None:
    """Write reader.onnx, tokenizer.json and reader.json of a model to a folder.

    Raises ValueError for a model whose heads were never trained or whose tokenizer has no fast form.
    """
    model, loading = AutoModelForQuestionAnswering.from_pretrained(source, trust_remote_code=False, output_loading_info=True)
    if any("qa_outputs" in key for key in loading["missing_keys"]):
        raise ValueError("it has no question-answering head (qa_outputs)")
    fast = getattr(AutoTokenizer.from_pretrained(source), "backend_tokenizer", None)
    if fast is None:
        raise ValueError("its tokenizer has no fast form (tokenizer.json)")
    tokenizer = Tokenizer.from_str(fast.to_str())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    accepted = inspect.signature(model.forward).parameters
    without_mask(model)
    inputs = [key for key in ("input_ids", "attention_mask", "token_type_ids") if key in accepted]
    encoding = tokenizer.encode(*PROBES[0])
    rows: dict[str, Any] = {
        "input_ids": encoding.ids,
        "attention_mask": encoding.attention_mask,
        "token_type_ids": encoding.type_ids,
    }
    plain, small = folder / "float32.onnx", folder / "reader.onnx"
    with torch.no_grad():
        torch.onnx.export(
            Graph(model.eval(), inputs),
            tuple(torch.tensor([rows[key]]) for key in inputs),
            str(plain),
            input_names=inputs,
            output_names=["spans"],
            dynamic_axes={key: {0: "batch", 1: "tokens"} for key in [*inputs, "spans"]},
            dynamo=False,
        )
    inputs = [tensor.name for tensor in onnx.load(plain).graph.input]
    quantise(plain, small)
    pairs = zip(probabilities(plain, tokenizer, inputs), probabilities(small, tokenizer, inputs), strict=True)
    moved = float(np.mean([np.abs(before - after).sum(axis=0).mean() / 2 for before, after in pairs]))
    if moved > MOST_MOVED:
        plain.replace(small)
    plain.unlink(missing_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    described = {
        "model": name,
        "inputs": inputs,
        "precision": "int8" if moved <= MOST_MOVED else "float32",
        "int8_moved": round(moved, 5),
        "files": {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in ("reader.onnx", "tokenizer.json")},
    }
    (folder / "reader.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        export(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        sys.exit(" ".join(str(error).split())[:500])
