"""Make corpora of any size in which questions with one known answer exist: real documents, invented facts, distractors.

The real documents are squad2's, with the questions of its test articles. Each fact is a passage about an invented place
with one answer. Distractors are covidqa's sentences put together anew, one word of each changed, so that texts differ and
the vocabulary grows; none is about what is asked. All choices are seeded by the document's number, so a larger corpus
begins with the smaller one.
"""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from qa.encoder import Encoder, Unit, Vectors
from qa.records import Span
from qa.text import sentence_tiles

FACTS = 100
DISTRACTOR = "Distractor"
"""How the titles of distractors begin."""

PASSAGES_A_DOCUMENT = 20
_SENTENCES_A_PARAGRAPH = 5
_BASE_PASSAGES = 600
_STRAY = 0.6
"""How far a distractor's vector strays from a real sentence's, in lengths of the difference between two others."""

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
    """Return covidqa's sentences of usual length."""
    found = []
    for path in sorted((data / "covidqa/documents").glob("*.txt")):
        text = path.read_text(encoding="utf-8")[:40_000]
        pieces = (" ".join(text[start:end].split()) for start, end in sentence_tiles(text, 0, len(text), 1000))
        found += [piece for piece in pieces if 60 <= len(piece) <= 260]
    return found


def distractor(number: int, pool: Sequence[str]) -> str:
    """Return the text of one distractor: Markdown with a title, PASSAGES_A_DOCUMENT paragraphs of a passage each."""
    chance = random.Random(number)
    paragraphs = []
    for _ in range(PASSAGES_A_DOCUMENT):
        chosen = []
        for sentence in chance.choices(pool, k=_SENTENCES_A_PARAGRAPH):
            words = sentence.split(" ")
            words[chance.randrange(len(words))] = invented(chance.randrange(10_000_000), "word").lower()
            chosen.append(" ".join(words))
        paragraphs.append(" ".join(chosen))
    return f"---\ntitle: {DISTRACTOR} {number}\n---\n" + "\n\n".join(paragraphs) + "\n"


class StandIn:
    """Give distractors vectors without the model, from real sentences' vectors; all else is encoded as ever.

    A vector is a real one moved by a part of the difference between two others and scaled to length 1: no two
    are equal, and `nearest` says how near neighbours lie compared with real ones.
    """

    def __init__(self, encoder: Encoder, pool: Sequence[str]) -> None:
        self._plain = Encoder.encode_passage
        chance = random.Random(0)
        rows = []
        for _ in range(_BASE_PASSAGES):
            text, spans = "", []
            for sentence in chance.choices(pool, k=_SENTENCES_A_PARAGRAPH):
                spans.append((len(text), len(text) + len(sentence)))
                text += sentence + " "
            rows.append(self._plain(encoder, unit_of(text, spans)))
        self.real = np.concatenate(rows)

    def encode_passage(self, encoder: Encoder, unit: Unit) -> Vectors:
        """Stand in for `Encoder.encode_passage`."""
        if not unit.context.startswith(DISTRACTOR):
            return self._plain(encoder, unit)
        return self.vectors(unit.text, len(unit.sentences))

    def vectors(self, text: str, count: int) -> Vectors:
        """Return `count` vectors that depend on the text alone."""
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        first, second, third = np.random.default_rng(seed).integers(0, len(self.real), size=(3, count))
        moved = self.real[first] + _STRAY * (self.real[second] - self.real[third])
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)

    def nearest(self) -> tuple[float, float]:
        """Return the median cosine with the nearest neighbour, among real vectors and among as many that stand in."""
        made = np.concatenate([self.vectors(str(number), 5) for number in range(len(self.real) // 5)])
        return _nearest(self.real[: len(made)]), _nearest(made)


def unit_of(text: str, spans: Sequence[tuple[int, int]]) -> Unit:
    """Return a passage to encode without a context."""
    return Unit("", text, tuple(Span(*span) for span in spans))


def _nearest(rows: Vectors) -> float:
    cosines = rows @ rows.T
    # The same sentence may have been drawn twice: its equal is no neighbour.
    cosines[cosines > 0.9999] = -1
    return float(np.median(cosines.max(axis=1)))
