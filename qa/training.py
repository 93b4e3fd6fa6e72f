"""Train the shipped reader: python -m qa.training DATA OUT [--minutes N]; a trained OUT is only exported again.

A cross-encoder that reads a question beside one sentence and gives three things: whether the sentence
answers (one logit), and where the answer begins and ends (two logits a token). It starts from the
packaged all-MiniLM-L6-v2. Data, all under DATA: QAMR (question, sentence, span), SQuAD 1.1 questions
with the sentence that answers them, and squad2's train articles with their spans and their
unanswerable questions. Sentences that do not answer are the nearest others by the packaged model's own
vectors: of the same article for squad2, of the same set otherwise. Seeded; nothing else is read.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertModel, PreTrainedTokenizerBase

from qa.digests import file_sha256
from qa.models import packaged_model
from qa.training_examples import Example, sentence_examples, squad_examples

SEED = 7
LONGEST = 192
NEGATIVES = 3
GROUPS = 16
RATE, HEAD_RATE = 1e-4, 1e-3
WARM_UP = 0.08


class Reader(torch.nn.Module):
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


def as_typed(question: str, chance: random.Random) -> str:
    """Return a question as people type it: sometimes in lower case, sometimes without its mark."""
    if chance.random() < 0.25:
        question = question.rstrip("?").rstrip()
    return question.lower() if chance.random() < 0.15 else question


def train(data: Path, minutes: float, threads: int) -> Reader:
    """Train a reader for so many minutes over the shuffled examples."""
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    chance = random.Random(SEED)
    folder = packaged_model()
    model = SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = 128
    splits = json.loads((data / "splits.json").read_text())["squad2"]
    squad = squad_examples(data, splits["train"], model)
    paired = sentence_examples(data / "train/question_sentence.jsonl", model)
    qamr = sentence_examples(data / "train/qamr.jsonl", model)
    sys.stderr.write(f"{len(squad):,} squad2, {len(paired):,} sentence, {len(qamr):,} QAMR examples\n")
    chance.shuffle(qamr)
    # squad2's are the only ones like the use itself, so they come up three times for each other's once.
    epoch = squad * 3 + paired + qamr[: len(qamr) // 2]
    chance.shuffle(epoch)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    reader = Reader(folder)
    heads = [*reader.spans.parameters(), *reader.answer.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": reader.network.parameters(), "lr": RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=0.01
    )
    rates = [group["lr"] for group in optimiser.param_groups]
    losses: dict[str, float] = defaultdict(float)
    started, seen, steps = time.time(), 0, 0
    while seen < len(epoch):
        done = max((time.time() - started) / (minutes * 60), seen / len(epoch))
        if done >= 1:
            break
        scale = min(done / WARM_UP, (1 - done) / (1 - WARM_UP)) + 1e-3
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * scale
        batch = epoch[seen : seen + GROUPS]
        seen += len(batch)
        loss = step(reader, tokenizer, batch, chance, losses)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own is untyped
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        steps += 1
        if steps % 100 == 0:
            shown = ", ".join(f"{name} {value / 100:.3f}" for name, value in losses.items())
            sys.stderr.write(f"{seen:,} of {len(epoch):,} after {time.time() - started:.0f} s: {shown}\n")
            losses.clear()
    return reader


def step(
    reader: Reader, tokenizer: PreTrainedTokenizerBase, batch: list[Example], chance: random.Random, losses: dict[str, float]
) -> torch.Tensor:
    """Return the loss of one batch: which sentence answers, whether it does, and where."""
    questions: list[str] = []
    sentences: list[str] = []
    groups: list[tuple[int, int, bool]] = []
    spans: list[tuple[int, int] | None] = []
    truths: list[float] = []
    for example in batch:
        asked = as_typed(example.question, chance)
        others = chance.sample(example.others, min(NEGATIVES, len(example.others)))
        groups.append((len(questions), len(others) + 1, example.answers))
        for place, sentence in enumerate([example.sentence, *others]):
            questions.append(asked)
            sentences.append(sentence)
            spans.append(example.span if place == 0 else None)
            truths.append(float(place == 0 and example.answers))
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
    with torch.autocast("cpu", dtype=torch.bfloat16):
        span_logits, answer_logits = reader(**encoded)
    truth = torch.tensor(truths)
    answer_loss = torch.nn.functional.binary_cross_entropy_with_logits(answer_logits, truth)
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
        outside = encoded["token_type_ids"][rows] == 0
        masked = span_logits[rows].masked_fill(outside[:, :, None], -1e4)
        span_loss = (
            torch.nn.functional.cross_entropy(masked[:, :, 0], torch.tensor(starts))
            + torch.nn.functional.cross_entropy(masked[:, :, 1], torch.tensor(ends))
        ) / 2
    for name, value in (("answer", answer_loss), ("rank", rank_loss), ("span", span_loss)):
        losses[name] += float(value.detach())
    return answer_loss + rank_loss + 0.5 * span_loss


def export_reader(reader: Reader, tokenizer: Tokenizer, folder: Path) -> None:
    """Write reader.onnx (int8), tokenizer.json and reader.json, which holds their hashes, to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = folder / "float32.onnx"
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = tokenizer.encode("Who chairs it?", "It is chaired by Ada.")
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
    quantize_dynamic(plain, folder / "reader.onnx", weight_type=QuantType.QInt8, per_channel=True)
    plain.unlink()
    tokenizer.save(str(folder / "tokenizer.json"))
    files = {name: file_sha256(folder / name) for name in ("reader.onnx", "tokenizer.json")}
    (folder / "reader.json").write_text(json.dumps({"files": files}, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Train unless OUT holds trained weights, then export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    weights: Path = arguments.out / "reader.pt"
    arguments.out.mkdir(parents=True, exist_ok=True)
    if weights.exists():
        reader = Reader(packaged_model())
        reader.load_state_dict(torch.load(weights, weights_only=True))
    else:
        reader = train(arguments.data, arguments.minutes, arguments.threads)
        torch.save(reader.state_dict(), weights)
    tokenizer = Tokenizer.from_file(str(packaged_model() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    export_reader(reader.eval(), tokenizer, arguments.out / "reader_model")


if __name__ == "__main__":
    main()
