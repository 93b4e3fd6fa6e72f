"""Train the shipped reader: python -m qa.training DATA OUT [--minutes N]; run again to go on where it stopped.

A cross-encoder that reads a question beside one sentence and gives three things: whether the sentence
answers (one logit), and where the answer begins and ends (two logits a token). It starts from the
packaged all-MiniLM-L6-v2. Data, all under DATA: QAMR (question, sentence, span), SQuAD 1.1 questions
with the sentence that answers them, and squad2's train articles with their spans and their
unanswerable questions. Sentences that do not answer are the nearest others by the packaged model's own
vectors, of the same article for squad2 and of the same set otherwise, and near misses made of the
answering sentence and the question (see contrasts). Seeded; nothing else is read. The learning rate
follows the share of the examples seen, so that a run gives the same weights however often it stopped.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import defaultdict
from dataclasses import asdict, replace
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertModel, PreTrainedTokenizerBase

from qa.digests import file_sha256
from qa.export import without_mask
from qa.models import packaged_model
from qa.training.contrasts import about_another, without_answer
from qa.training.examples import Example, sentence_examples, squad_examples

SEED = 7
LONGEST = 192
NEGATIVES = 3
GROUPS = 16
QAMR_SHARE = 0.6
PLAIN_WORDS = frozenset("a an the is are was were do does did of in on at to for by who what when where which why how".split())
WINDOW = 64
"""Batches sorted by length together, so that little is padded."""
ANSWER_TAKEN_OUT = 0.5
"""Chance that one of a question's sentences is its own without the answer."""
ASKED_OF_ANOTHER = 0.2
"""Chance that a question is asked about something else, which its sentence does not answer."""
RATE, HEAD_RATE = 1e-4, 1e-3
WARM_UP = 0.06
SAVE_EVERY = 240
"""Seconds between the states that a stopped run goes on from."""


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
    """Return a question as people type it: sometimes in lower case, without its mark, or as bare keywords."""
    if chance.random() < 0.25:
        question = question.rstrip("?").rstrip()
    if chance.random() < 0.03:
        question = " ".join(word for word in question.split() if word.casefold() not in PLAIN_WORDS) or question
    return question.lower() if chance.random() < 0.15 else question


def gather(data: Path, out: Path) -> list[Example]:
    """Return the examples of one run in the order of training, kept in OUT/examples.json."""
    kept = out / "examples.json"
    if not kept.exists():
        model = SentenceTransformer(str(packaged_model()), device="cpu")
        model.max_seq_length = 128
        splits = json.loads((data / "splits.json").read_text())["squad2"]
        squad = squad_examples(data, splits["train"], model)
        paired = sentence_examples(data / "train/question_sentence.jsonl", model)
        qamr = sentence_examples(data / "train/qamr.jsonl", model)
        sys.stderr.write(f"{len(squad):,} squad2, {len(paired):,} sentence, {len(qamr):,} QAMR examples\n")
        chance = random.Random(SEED)
        chance.shuffle(qamr)
        # squad2's are the only ones like the use itself, so they come up three times for each other's once.
        sets = [varied(example, chance) for example in squad * 3 + paired + qamr[: int(len(qamr) * QAMR_SHARE)]]
        kept.write_text(json.dumps([asdict(example) for example in batched(sets, chance)]), encoding="utf-8")
    rows = json.loads(kept.read_text(encoding="utf-8"))
    return [Example(**row | {"span": row["span"] and tuple(row["span"]), "others": tuple(row["others"])}) for row in rows]


def varied(example: Example, chance: random.Random) -> Example:
    """Return an example as it is trained on once: its question as typed, its negatives drawn, at times a near miss."""
    others = chance.sample(example.others, min(NEGATIVES, len(example.others)))
    changed = None
    if example.answers and chance.random() < ASKED_OF_ANOTHER:
        changed = about_another(example.question, example.sentence, example.others, chance)
    if changed is not None:
        return Example(as_typed(changed, chance), example.sentence, None, tuple(others[:1]), answers=False)
    if example.answers and example.span and chance.random() < ANSWER_TAKEN_OUT:
        missing = without_answer(example.question, example.sentence, example.span, chance)
        others = [missing, *others[:-1]] if missing else others
    return replace(example, question=as_typed(example.question, chance), others=tuple(others))


def batched(examples: list[Example], chance: random.Random) -> list[Example]:
    """Return the examples shuffled, with those of like length beside each other."""
    chance.shuffle(examples)
    ordered: list[Example] = []
    for first in range(0, len(examples), WINDOW * GROUPS):
        window = sorted(
            examples[first : first + WINDOW * GROUPS],
            key=lambda example: len(example.question) + max(map(len, (example.sentence, *example.others))),
        )
        batches = [window[at : at + GROUPS] for at in range(0, len(window), GROUPS)]
        chance.shuffle(batches)
        ordered += [example for batch in batches for example in batch]
    return ordered


def train(data: Path, out: Path, minutes: float, threads: int) -> Reader | None:
    """Train a reader over the examples, or for so many minutes; None where it has to be run again."""
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    epoch = gather(data, out)
    tokenizer = AutoTokenizer.from_pretrained(packaged_model())
    reader = Reader(packaged_model())
    heads = [*reader.spans.parameters(), *reader.answer.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": reader.network.parameters(), "lr": RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=0.01, fused=True
    )
    state, seen = out / "state.pt", 0
    if state.exists():
        loaded = torch.load(state, weights_only=True)
        reader.load_state_dict(loaded["reader"])
        optimiser.load_state_dict(loaded["optimiser"])
        seen = loaded["seen"]
    losses: dict[str, float] = defaultdict(float)
    started = saved = time.time()
    while seen < len(epoch):
        done = seen / len(epoch)
        scale = min(done / WARM_UP, (1 - done) / (1 - WARM_UP)) + 1e-3
        for group, rate in zip(optimiser.param_groups, (RATE, HEAD_RATE), strict=True):
            group["lr"] = rate * scale
        batch = epoch[seen : seen + GROUPS]
        seen += len(batch)
        loss = step(reader, tokenizer, batch, losses)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own is untyped
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if seen // GROUPS % 100 == 0:
            shown = ", ".join(f"{name} {value / 100:.3f}" for name, value in losses.items())
            sys.stderr.write(f"{seen:,} of {len(epoch):,} after {time.time() - started:.0f} s: {shown}\n")
            losses.clear()
        over = time.time() - started > minutes * 60
        if over or time.time() - saved > SAVE_EVERY:
            saved = time.time()
            torch.save({"reader": reader.state_dict(), "optimiser": optimiser.state_dict(), "seen": seen}, state)
        if over and seen < len(epoch):
            sys.stderr.write(f"{seen:,} of {len(epoch):,} examples seen; run the same command again to go on\n")
            return None
    return reader


def step(reader: Reader, tokenizer: PreTrainedTokenizerBase, batch: list[Example], losses: dict[str, float]) -> torch.Tensor:
    """Return the loss of one batch: which sentence answers, whether it does, and where."""
    questions: list[str] = []
    sentences: list[str] = []
    groups: list[tuple[int, int, bool]] = []
    spans: list[tuple[int, int] | None] = []
    truths: list[float] = []
    for example in batch:
        groups.append((len(questions), len(example.others) + 1, example.answers))
        for place, sentence in enumerate([example.sentence, *example.others]):
            questions.append(example.question)
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
    return answer_loss + rank_loss + 0.7 * span_loss


def export_reader(reader: Reader, tokenizer: Tokenizer, folder: Path) -> None:
    """Write reader.onnx (int8), tokenizer.json and reader.json, which holds their hashes, to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
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
        json.dumps({"model": "shipped", "inputs": names, "files": files}, indent=1) + "\n", encoding="utf-8"
    )


def main() -> None:
    """Train, and export once every example was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    reader = train(arguments.data, arguments.out, arguments.minutes, arguments.threads)
    if reader is None:
        return
    torch.save(reader.state_dict(), arguments.out / "reader.pt")
    tokenizer = Tokenizer.from_file(str(packaged_model() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    export_reader(reader.eval(), tokenizer, arguments.out / "reader_model")


if __name__ == "__main__":
    main()
