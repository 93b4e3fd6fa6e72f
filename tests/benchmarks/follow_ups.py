"""Compare ways to ask follow-up questions: python -m tests.benchmarks.follow_ups [INDEX] [CONVERSATIONS].

Prints how many later turns reach a passage that holds the answer, first and among five: asked as typed,
with all turns glued together, rewritten, and as a person wrote them to be asked alone; new topics apart.
`--each` prints every rewriting beside its rank.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa import Engine
from qa.answer import Abstention, Answer
from qa.follow_ups import Exchange, exchange_of, rewrite

CONVERSATIONS = Path(__file__).parents[1] / "questions" / "conversations.jsonl"
NEW_TOPIC = "new topic"
SHOWN = 5


@dataclass(frozen=True)
class Reached:
    """Hold one later turn: whether it is a new topic, what was asked, and at which rank a right passage came."""

    id: str
    new_topic: bool
    typed: str
    asked: str
    rank: int | None
    answered: bool


Way = Callable[[Sequence[dict[str, Any]], int, Sequence[Exchange]], str]
"""Gives what is asked for a turn of a conversation, whose earlier turns were asked as the exchanges say."""

WAYS: dict[str, Way] = {
    "as typed": lambda turns, at, earlier: str(turns[at]["question"]),
    "all turns glued": lambda turns, at, earlier: " ".join(turn["question"] for turn in turns[: at + 1]),
    "rewritten": lambda turns, at, earlier: rewrite(turns[at]["question"], earlier),
    "by a person": lambda turns, at, earlier: str(turns[at].get("standalone", turns[at]["question"])),
}


def right_rank(result: Answer | Abstention, golds: Sequence[dict[str, Any]]) -> int | None:
    """Return the rank of the first passage shown that holds a gold span whole, or None."""
    for citation in result.passages:
        places = [citation, *citation.also_in]
        if any(p.document == g["doc"] and p.start <= g["start"] and g["end"] <= p.end for p in places for g in golds):
            return citation.rank
    return None


def ask_all(engine: Engine, conversations: Sequence[dict[str, Any]], way: Way) -> list[Reached]:
    """Hold all conversations, every turn asked in one way."""
    reached = []
    for conversation in conversations:
        turns, earlier = conversation["turns"], list[Exchange]()
        for at, turn in enumerate(turns):
            asked = way(turns, at, earlier) if at else turn["question"]
            result = engine.ask(asked, SHOWN)
            earlier.append(exchange_of(result))
            if at:
                rank = right_rank(result, turn["answers"])
                new = turn["kind"] == NEW_TOPIC
                reached.append(Reached(conversation["id"], new, turn["question"], asked, rank, result.answered))
    return reached


def main() -> None:
    """Compare and print."""
    given = [argument for argument in sys.argv[1:] if argument != "--each"]
    path = Path(given[1]) if len(given) > 1 else CONVERSATIONS
    conversations = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with Engine.open(given[0] if given else "index") as engine:
        results = {name: ask_all(engine, conversations, way) for name, way in WAYS.items()}
    print(f"{len(conversations)} conversations; right passage first / among {SHOWN}; questions left as they were typed")
    for title, new in (("follow-ups", False), ("new topics", True)):
        for name, reached in results.items():
            kept = [turn for turn in reached if turn.new_topic == new]
            first = sum(turn.rank == 1 for turn in kept)
            shown = sum(turn.rank is not None for turn in kept)
            alone = sum(turn.asked == turn.typed for turn in kept)
            print(f"{title:11} {name:16} {first:3} / {shown:3} of {len(kept)}   {alone:3}")
    if "--each" in sys.argv:
        for turn, typed, person in zip(results["rewritten"], results["as typed"], results["by a person"], strict=True):
            mark = " new" if turn.new_topic else ""
            print(f"{turn.id}{mark} [{typed.rank} → {turn.rank}; {person.rank}] {turn.typed} → {turn.asked}")


if __name__ == "__main__":
    main()
