"""The network that is trained: what it gives for a pair, its loss on a batch of examples, and its export."""

import json
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import BertModel, PreTrainedTokenizerBase

from qa.digests import file_sha256
from qa.export import without_mask
from qa.models import packaged_model
from qa.training.examples import Example, texts_of

IN_BFLOAT16 = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
"""Whether to multiply in bfloat16; a processor without instructions for it takes some fifteen times as long as in float32."""

LONGEST = 192
"""Tokens of the longest pair of question and sentence."""


class Network(torch.nn.Module):
    """Give start, end and answer logits for a batch of question and sentence pairs."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.network = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
        self.spans = torch.nn.Linear(self.network.config.hidden_size, 2)
        self.answer = torch.nn.Linear(self.network.config.hidden_size, 1)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return span logits, shape (batch, tokens, 2), and answer logits, shape (batch,)."""
        hidden = self.network(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
        return self.spans(hidden).float(), self.answer(hidden[:, 0]).float().squeeze(-1)


def loss_of(reader: Network, tokenizer: PreTrainedTokenizerBase, batch: list[Example], losses: dict[str, float]) -> torch.Tensor:
    """Return the loss of one batch: which sentence answers, whether it does, and where."""
    questions: list[str] = []
    sentences: list[str] = []
    groups: list[tuple[int, int, bool]] = []
    lengths: list[int] = []
    spans: list[tuple[int, int] | None] = []
    truths: list[float] = []
    priors: list[float] = []
    for example in batch:
        groups.append((len(questions), len(example.others) + 1, example.answers))
        for place, sentence in enumerate(texts_of(example)):
            questions.append(example.question)
            sentences.append(sentence)
            lengths.append(len(example.sentence))
            spans.append(example.span if place == 0 else None)
            truths.append(float(place == 0 and example.answers))
            priors.append(example.prior if place == 0 else 0.0)
    encoded = tokenizer(
        questions,
        sentences,
        truncation="only_second",
        max_length=LONGEST,
        padding=True,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    offsets = encoded.pop("offset_mapping")
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=IN_BFLOAT16):
        span_logits, answer_logits = reader(**encoded)
    truth = torch.tensor(truths)
    answer_loss = torch.nn.functional.binary_cross_entropy_with_logits(answer_logits + torch.tensor(priors), truth)
    rank_losses = [
        torch.nn.functional.cross_entropy(answer_logits[first : first + size][None], torch.tensor([0]))
        for first, size, answers in groups
        if answers and size > 1
    ]
    rank_loss = torch.stack(rank_losses).mean() if rank_losses else torch.zeros(())
    rows, starts, ends = [], [], []
    for row, span in enumerate(spans):
        if span is None:
            continue
        held = (encoded["token_type_ids"][row] == 1) & (offsets[row, :, 1] > span[0]) & (offsets[row, :, 0] < span[1])
        places = (held & (offsets[row, :, 1] > offsets[row, :, 0])).nonzero().flatten()
        if len(places):
            rows.append(row)
            starts.append(int(places[0]))
            ends.append(int(places[-1]))
    span_loss = torch.zeros(())
    if rows:
        outside = (encoded["token_type_ids"][rows] == 0) | (
            offsets[rows, :, 1] > torch.tensor([lengths[row] for row in rows])[:, None]
        )
        masked = span_logits[rows].masked_fill(outside[:, :, None], -1e4)
        span_loss = (
            torch.nn.functional.cross_entropy(masked[:, :, 0], torch.tensor(starts))
            + torch.nn.functional.cross_entropy(masked[:, :, 1], torch.tensor(ends))
        ) / 2
    for name, value in (("answer", answer_loss), ("rank", rank_loss), ("span", span_loss)):
        losses[name] += float(value.detach())
    return answer_loss + rank_loss + 0.7 * span_loss


def export_reader(reader: Network, folder: Path) -> None:
    """Write reader.onnx (int8), tokenizer.json and reader.json, which holds their hashes, to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(packaged_model() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    plain = folder / "float32.onnx"
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = tokenizer.encode("Who chairs it?", "It is chaired by Ada.")
    without_mask(reader.network)
    rows = (example.ids, example.attention_mask, example.type_ids)
    with torch.no_grad():
        torch.onnx.export(
            reader,
            tuple(torch.tensor([row]) for row in rows),
            str(plain),
            input_names=names,
            output_names=["spans", "answer"],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in [*names, "spans"]} | {"answer": {0: "batch"}},
            dynamo=False,
        )
    names = [tensor.name for tensor in onnx.load(plain).graph.input]
    quantize_dynamic(plain, folder / "reader.onnx", weight_type=QuantType.QInt8, per_channel=True)
    plain.unlink()
    tokenizer.save(str(folder / "tokenizer.json"))
    files = {name: file_sha256(folder / name) for name in ("reader.onnx", "tokenizer.json")}
    (folder / "reader.json").write_text(
        json.dumps({"model": "shipped", "inputs": names, "context": True, "files": files}, indent=1) + "\n", encoding="utf-8"
    )
