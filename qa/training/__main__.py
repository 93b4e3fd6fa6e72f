"""Train the shipped reader: python -m qa.training DATA OUT [--after READER [--round N]]; again to go on where it stopped.

A cross-encoder that reads a question beside one sentence and gives three things: whether the sentence
answers (one logit), and where the answer begins and ends (two logits a token). It starts from the
packaged all-MiniLM-L6-v2. Data, under DATA: QAMR (question, sentence, span), SQuAD 1.1 questions
with the sentence that answers them, and squad2's train articles with their spans and their unanswerable
questions. Sentences that do not answer are the nearest others by the packaged model's own vectors, of
the same article for squad2 and of the same set otherwise, and near misses made of the answering
sentence and the question (see contrasts). With --after, a later round: it starts from an earlier
reader's weights, and the sentences that do not answer are those that misled it most; --round says which
it is, so that a third sees other questions than the second, a sixth pairs of questions written for single
sentences of both sets, of which the sentence answers one, a seventh these and three of four documents
about invented places, an eighth folders about invented bodies, and in a ninth a question meets sentences
of the other folders and articles too. Seeded; nothing else is read. The learning rate follows the share
of the examples seen, so that a run gives the same weights however often it stopped.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import defaultdict
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer

from qa.models import packaged_model
from qa.reader import Reader
from qa.training import invented
from qa.training.contrasts import about_another, without_answer
from qa.training.examples import Example, article_examples, folder_examples, sentence_examples, texts_of, written_examples
from qa.training.network import Network, export_reader, loss_of
from qa.training.priors import with_priors
from qa.training.rounds import hardest, hardest_of_all, weights_of

SEED = 7
SINGLE_SENTENCES = ("question_sentence", "qamr")
TIMES = 3
"""How often squad2's questions come up for each other's once: they are the only ones like the use itself."""
NEGATIVES, NEGATIVES_LATER, NEGATIVES_PAIRS = 3, 2, 1
"""Sentences that do not answer, of each group, in a first round and in a later one, where they are the hardest; with a question
written for one sentence, which has a question beside it that the sentence does not answer."""
GROUPS = 16
QAMR_SHARE = 0.6
PAIRED_STEP, QAMR_STEP = 2, 8
"""Of the sets of single sentences a later round takes every so many-th question, each round others."""
PLAIN_WORDS = frozenset("a an the is are was were do does did of in on at to for by who what when where which why how".split())
WINDOW = 64
"""Batches sorted by length together, so that little is padded."""
ANSWER_TAKEN_OUT = 0.5
"""Chance that one of a question's sentences is its own without the answer."""
ASKED_OF_ANOTHER = 0.2
"""Chance that a question is asked about something else, which its sentence does not answer."""
NOTHING_TOLD = 0.2
"""Chance that a question's sentences come without what is told about where they stand, as in a file without title or headings."""
RATE, HEAD_RATE = 1e-4, 1e-3
FIRST_LATER = 2
PAIRS_TOO, INVENTED_TOO = 6, 7
"""From which round on pairs of questions, of which a sentence answers one, and invented documents are learned from,
in place of the two sets of single sentences."""
FOLDERS_TOO, TIMES_FOLDERS = 8, 2
"""From which round on folders about invented bodies are learned from in place of the pairs and single documents, and how often
over: nothing in them answers what they don't, so that a question meets what misled the earlier reader most of a whole folder."""
ELSEWHERE_TOO, MET_ELSEWHERE = 9, 0.5
"""From which round on a question also meets, with this chance, what misled the earlier reader in other folders and articles."""
PAIRS_AGAIN, PAIRS_STEP = 10, 3
"""From which round on every so many-th of the pairs is learned from again, beside the folders once, and at a first round's rates:
after the ninth, folders learned from are told apart little better than others (AUROC 0.881, 0.867): learning is what is short."""
FROZEN = 2
"""Lower layers, with the embeddings, that such a round leaves as they are: a third faster."""
PAIRS = Path(__file__).with_name("questions") / "pairs.jsonl"
LATER_ROUND = 0.5
"""What a later round's rates are multiplied by."""
WARM_UP = 0.06
SAVE_EVERY = 240
"""Seconds between the states that a stopped run goes on from."""


def as_typed(question: str, chance: random.Random) -> str:
    """Return a question as people type it: sometimes in lower case, without its mark, or as bare keywords."""
    if chance.random() < 0.25:
        question = question.rstrip("?").rstrip()
    if chance.random() < 0.03:
        question = " ".join(word for word in question.split() if word.casefold() not in PLAIN_WORDS) or question
    return question.lower() if chance.random() < 0.15 else question


def gather(data: Path, out: Path, after: Path | None, number: int) -> list[Example]:
    """Return the examples of the `number`-th round in the order of training, kept in OUT/examples.json."""
    kept = out / "examples.json"
    if not kept.exists():
        model = SentenceTransformer(str(packaged_model()), device="cpu")
        model.max_seq_length = 128
        chance = random.Random(SEED if number <= FIRST_LATER else SEED + number)
        sets = [
            varied(example, negatives, chance)
            for examples, negatives in sets_of_round(number, data, after, model, chance)
            for example in examples
        ]
        kept.write_text(json.dumps([asdict(example) for example in batched(sets, chance)]), encoding="utf-8")
    rows = json.loads(kept.read_text(encoding="utf-8"))
    return [
        Example(
            **row | {"span": row["span"] and tuple(row["span"])} | {name: tuple(row[name]) for name in ("others", "contexts")}
        )
        for row in rows
    ]


def sets_of_round(
    number: int, data: Path, after: Path | None, model: SentenceTransformer, chance: random.Random
) -> list[tuple[list[Example], int]]:
    """Return the sets that the `number`-th round learns from, each with how many other sentences a question comes with."""
    train = json.loads((data / "splits.json").read_text())["squad2"]["train"]
    if after is not None and number >= FOLDERS_TOO:
        sets = [(of_folders(number, data, train, Reader(after), model), NEGATIVES_LATER)]
        if number < PAIRS_AGAIN:
            return sets
        written = with_priors(written_examples(PAIRS, data, model))
        mine = {example.sentence for example in written[:: 2 * PAIRS_STEP]}
        return [*sets, ([example for example in written if example.sentence in mine], NEGATIVES_PAIRS)]
    squad = article_examples(data / "squad2", train, model)
    if after is None:
        paired, qamr = (sentence_examples(data / f"train/{name}.jsonl", model) for name in SINGLE_SENTENCES)
        chance.shuffle(qamr)
        return [(squad * TIMES + paired + qamr[: int(len(qamr) * QAMR_SHARE)], NEGATIVES)]
    earlier = Reader(after)
    squad = hardest(squad, earlier)
    if number < PAIRS_TOO:
        paired, qamr = (
            sentence_examples(data / f"train/{name}.jsonl", model, step, number - FIRST_LATER)
            for name, step in zip(SINGLE_SENTENCES, (PAIRED_STEP, QAMR_STEP), strict=True)
        )
        chance.shuffle(qamr)
        return [(squad * TIMES + paired + qamr, NEGATIVES_LATER)]
    if number >= INVENTED_TOO:
        squad += with_priors(hardest(article_examples(invented.FOLDER, invented.learned_from(), model), earlier))
    return [(squad, NEGATIVES_LATER), (with_priors(written_examples(PAIRS, data, model)), NEGATIVES_PAIRS)]


def of_folders(number: int, data: Path, articles: list[str], earlier: Reader, model: SentenceTransformer) -> list[Example]:
    """Return the examples of a round that learns from squad2's articles and from folders about invented bodies."""
    sets = [article_examples(data / "squad2", [article], model) for article in articles]
    sets += [folder_examples(folder, model) for folder in invented.lessons(number)]
    met = hardest_of_all(sets, model, earlier) if number >= ELSEWHERE_TOO else [hardest(examples, earlier) for examples in sets]
    squad, folders = met[: len(articles)], met[len(articles) :]
    times = TIMES_FOLDERS if number < PAIRS_AGAIN else 1
    return list(chain(*squad)) + with_priors(list(chain(*folders))) * times


def varied(example: Example, negatives: int, chance: random.Random) -> Example:
    """Return an example as it is trained on once: its question as typed, its negatives drawn, at times a near miss."""
    told = chance.random() >= NOTHING_TOLD
    own = len(example.others) - example.elsewhere
    drawn = chance.sample(range(own), min(negatives, own))
    others = [(example.others[number], example.contexts[number] if told else "") for number in drawn]
    context = example.context if told else ""
    changed = None
    if example.answers and chance.random() < ASKED_OF_ANOTHER:
        changed = about_another(example.question, example.sentence, example.others[:own], chance)
    if changed is not None:
        example, others = replace(example, question=changed, span=None, answers=False), others[:1]
    elif example.answers and example.span and chance.random() < ANSWER_TAKEN_OUT:
        missing = without_answer(example.question, example.sentence, example.span, chance)
        others = [(missing, context), *others[:-1]] if missing else others
    if example.elsewhere and chance.random() < MET_ELSEWHERE:
        number = chance.randrange(own, len(example.others))
        others.append((example.others[number], example.contexts[number] if told else ""))
    sentences, contexts = tuple(sentence for sentence, _ in others), tuple(context for _, context in others)
    question = as_typed(example.question, chance)
    return replace(example, question=question, others=sentences, context=context, contexts=contexts, elsewhere=0)


def batched(examples: list[Example], chance: random.Random) -> list[Example]:
    """Return the examples shuffled, with those of like length beside each other."""
    chance.shuffle(examples)
    ordered: list[Example] = []
    for first in range(0, len(examples), WINDOW * GROUPS):
        window = sorted(
            examples[first : first + WINDOW * GROUPS],
            key=lambda example: len(example.question) + max(map(len, texts_of(example))),
        )
        batches = [window[at : at + GROUPS] for at in range(0, len(window), GROUPS)]
        chance.shuffle(batches)
        ordered += [example for batch in batches for example in batch]
    return ordered


def train(data: Path, out: Path, minutes: float, threads: int, after: Path | None, number: int) -> Network | None:
    """Train a reader over the examples, or for so many minutes; None where it has to be run again."""
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    epoch = gather(data, out, after, number)
    tokenizer = AutoTokenizer.from_pretrained(packaged_model())
    reader = Network(packaged_model())
    rates = (RATE, HEAD_RATE)
    if after is not None:
        reader.load_state_dict(weights_of(after))
        if number < PAIRS_AGAIN:
            rates = (RATE * LATER_ROUND, HEAD_RATE * LATER_ROUND)
        if number >= FOLDERS_TOO:
            for module in (reader.network.embeddings, *reader.network.encoder.layer[:FROZEN]):
                module.requires_grad_(False)
    heads = [*reader.spans.parameters(), *reader.answer.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": reader.network.parameters(), "lr": rates[0]}, {"params": heads, "lr": rates[1]}],
        weight_decay=0.01,
        fused=True,
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
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * scale
        batch = epoch[seen : seen + GROUPS]
        seen += len(batch)
        loss = loss_of(reader, tokenizer, batch, losses)
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


def main() -> None:
    """Train, and export once every example was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--after", type=Path, help="folder of an earlier reader, for another round")
    parser.add_argument("--round", type=int, default=FIRST_LATER, help="which round --after begins; the second if not given")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    reader = train(arguments.data, arguments.out, arguments.minutes, arguments.threads, arguments.after, arguments.round)
    if reader is None:
        return
    torch.save(reader.state_dict(), arguments.out / "reader.pt")
    export_reader(reader.eval(), arguments.out / "reader_model")


if __name__ == "__main__":
    main()
