"""Make corpora of any size in which questions with one known answer exist: real documents, invented facts, distractors.

The real documents are squad2's, with the questions of its test articles. Each fact is a passage about an invented place
with one answer. Distractors are sentences of covidqa and of the training data put together anew, one word of each
changed, so that texts differ and the vocabulary grows; none is of a document that is asked about. All choices are seeded
by the document's number, so a larger corpus begins with the smaller one.
"""

import hashlib
import json
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qa.encoder import Encoder, PassageEncoding, Unit, Vectors
from qa.records import Span
from qa.text import sentence_tiles

FACTS = 100
DISTRACTOR = "Distractor"
"""How the titles of distractors begin."""

PASSAGES_A_DOCUMENT = 20
REAL_PASSAGES = 930
"""About how many the real documents and the facts have."""
_SENTENCES_A_PARAGRAPH = 5
SENTENCES = (4, 4, 4, 4, 4, 4, 4, 5, 5, 5)
"""How many sentences a distractor's passage may have: 4.3 on average, as real ones have."""

NEIGHBOURS = 30
STRAY = (0.6, 1.2)
"""Between which shares of such a difference a distractor's vectors stray from real ones."""

SHARED = 0.6
"""Which part of that, in squared length, a passage's vectors have in common."""

_SYLLABLES = "bar cor dun esk fal gar hol ister kel lan mor nev oth pen quin ras sul tor ul ven wis yar zel".split()
_THINGS = ("lighthouse", "observatory", "canal", "theatre", "orchard", "tramway", "library", "windmill", "harbour", "market hall")


def invented(number: int, kind: str) -> str:
    """Return a name that no document has, the same for the same number and kind."""
    chance = random.Random(f"{kind} {number}")
    return "".join(chance.choice(_SYLLABLES) for _ in range(3)).capitalize()


def facts() -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield name, text and question of the documents of invented facts."""
    for number in range(FACTS):
        place, person, thing = invented(number, "place"), invented(number, "person"), _THINGS[number % len(_THINGS)]
        year = 1700 + random.Random(number).randrange(290)
        text = f"The {place} {thing} was opened in {year} by {person}. It stands by the old road and is visited in spring.\n"
        start = text.index(str(year))
        answer = {"doc": f"facts/{number:03}.txt", "start": start, "end": start + 4, "text": str(year)}
        question = f"When was the {place} {thing} opened?"
        yield f"facts/{number:03}.txt", text, {"id": f"fact{number}", "question": question, "answers": [answer]}


def real_questions(data: Path, count: int) -> list[dict[str, object]]:
    """Return answerable questions of squad2's test articles, spread evenly, their documents under `squad2/`."""
    test = json.loads((data / "splits.json").read_text(encoding="utf-8"))["squad2"]["test"]
    lines = (data / "squad2/questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [item for item in map(json.loads, lines) if item["answers"] and item["about"] in test]
    chosen = [asked[number * len(asked) // count] for number in range(min(count, len(asked)))]
    return [
        {
            "id": item["id"],
            "question": item["question"],
            "answers": [answer | {"doc": f"squad2/{answer['doc']}"} for answer in item["answers"]],
        }
        for item in chosen
    ]


def sentences(data: Path) -> list[str]:
    """Return real sentences of usual length: covidqa's, and those that questions were asked on for training, shuffled."""
    found = set()
    for path in sorted((data / "covidqa/documents").glob("*.txt")):
        text = path.read_text(encoding="utf-8")[:40_000]
        found |= {" ".join(text[start:end].split()) for start, end in sentence_tiles(text, 0, len(text), 1000)}
    for name, field in (("qamr", "context"), ("question_sentence", "sentence")):
        with (data / f"train/{name}.jsonl").open(encoding="utf-8") as lines:
            found |= {" ".join(json.loads(line)[field].split()) for line in lines}
    usual = sorted(sentence for sentence in found if 60 <= len(sentence) <= 260)
    random.Random(0).shuffle(usual)
    return usual


def distractor(number: int, pool: Sequence[str]) -> str:
    """Return the text of one distractor: Markdown with a title, PASSAGES_A_DOCUMENT paragraphs of a passage each."""
    chance = random.Random(number)
    paragraphs = []
    for _ in range(PASSAGES_A_DOCUMENT):
        chosen = []
        for sentence in chance.choices(pool, k=chance.choice(SENTENCES)):
            words = sentence.split(" ")
            words[chance.randrange(len(words))] = invented(chance.randrange(10_000_000), "word").lower()
            chosen.append(" ".join(words))
        paragraphs.append(" ".join(chosen))
    return f"---\ntitle: {DISTRACTOR} {number}\n---\n" + "\n\n".join(paragraphs) + "\n"


def encode_pool(encoder: Encoder, pool: Sequence[str]) -> Vectors:
    """Return the sentences' own vectors, encoded as passages of some; the last few may be left out."""
    units = []
    for first in range(0, len(pool) - _SENTENCES_A_PARAGRAPH + 1, _SENTENCES_A_PARAGRAPH):
        text, spans = "", []
        for sentence in pool[first : first + _SENTENCES_A_PARAGRAPH]:
            spans.append(Span(len(text), len(text) + len(sentence)))
            text += sentence + " "
        units.append(Unit("", text, tuple(spans)))
    with PassageEncoding(encoder) as encoding:
        return np.concatenate(list(encoding.vectors(units)))


class StandIn:
    """Give distractors vectors without the model, from real sentences' vectors; all else is encoded as ever.

    A passage's vectors are those of a real passage, each moved by a part of the difference between two NEIGHBOURS of it
    from other passages and, as sentences of a passage resemble each other, by one that all of them share; then scaled to
    length 1. The constants were chosen so that neighbours lie as near as among as many real ones; `quantiles` shows it.
    """

    def __init__(self, real: Vectors) -> None:
        """Take vectors of real passages, _SENTENCES_A_PARAGRAPH a passage, one after the other."""
        self._plain = Encoder.encode_passage
        self.real = real
        self._near = _neighbours(real)

    def encode_passage(self, encoder: Encoder, unit: Unit) -> Vectors:
        """Stand in for `Encoder.encode_passage`."""
        if not unit.context.startswith(DISTRACTOR):
            return self._plain(encoder, unit)
        return self.vectors(unit.text, len(unit.sentences))

    def vectors(self, text: str, count: int) -> Vectors:
        """Return `count` vectors that depend on the text alone."""
        chance = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]))
        passage = chance.integers(0, len(self.real) // _SENTENCES_A_PARAGRAPH) * _SENTENCES_A_PARAGRAPH
        first = passage + np.arange(count) % _SENTENCES_A_PARAGRAPH
        around = np.append(first, chance.choice(first))
        second, third = self._near[around, chance.integers(0, self._near.shape[1], (2, count + 1))]
        apart = self.real[second] - self.real[third]
        stray = chance.uniform(*STRAY, 1).astype(np.float32)
        moved = self.real[first] + stray * np.float32(math.sqrt(1 - SHARED)) * apart[:-1]
        moved += stray * np.float32(math.sqrt(SHARED)) * apart[-1]
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def _passages(rows: int) -> npt.NDArray[np.int64]:
    """Return the number of each vector's passage."""
    return np.arange(rows) // _SENTENCES_A_PARAGRAPH


def _neighbours(rows: Vectors) -> npt.NDArray[np.int64]:
    """Return the numbers of each vector's NEIGHBOURS nearest of other passages."""
    own, found = _passages(len(rows)), []
    count = min(NEIGHBOURS, len(rows) - 1)
    for first in range(0, len(rows), 500):
        cosines = rows[first : first + 500] @ rows.T
        cosines[own[first : first + 500, None] == own] = -1
        found.append(np.argpartition(-cosines, count, axis=1)[:, :count].copy())  # a view would keep all of them
    return np.concatenate(found)


QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
Nearness = tuple[list[float], list[float]]
"""Quantiles of the cosine with the nearest neighbour, and with the nearest of another passage."""


def quantiles(real: Vectors) -> dict[int, tuple[Nearness, Nearness]]:
    """Return, by number of vectors, how near neighbours lie among real vectors and among made-up ones.

    The made-up ones are made of one half of the real ones and compared with the other half.
    """
    half = len(real) // 2 // _SENTENCES_A_PARAGRAPH * _SENTENCES_A_PARAGRAPH
    held_out, stand_in = real[:half], StandIn(real[half:])
    made = np.concatenate(
        [stand_in.vectors(str(number), _SENTENCES_A_PARAGRAPH) for number in range(half // _SENTENCES_A_PARAGRAPH)]
    )
    sizes = sorted({min(half, size) for size in (1000, 3000, half)})
    return {size: (_nearest(held_out[:size]), _nearest(made[:size])) for size in sizes}


def _nearest(rows: Vectors, sample: int = 1000) -> Nearness:
    own = _passages(len(rows))
    cosines = rows[:sample] @ rows.T
    cosines[np.arange(len(cosines)), np.arange(len(cosines))] = -1
    every = cosines.max(axis=1)
    cosines[own[: len(cosines), None] == own] = -1
    of_another = cosines.max(axis=1)
    return _rounded(every), _rounded(of_another)


def _rounded(cosines: Vectors) -> list[float]:
    return [round(float(value), 3) for value in np.quantile(cosines, QUANTILES)]
