"""Put other retrievers beside ours: python -m tests.benchmarks.peers DATA [--sets squad2,covidqa] [--limit N] [--save FILE].

Each peer runs in a virtual environment of its own, made in the user's cache, offline, with the same weights of
all-MiniLM-L6-v2, the same passages (ours) and the same number of results. Its settings are those of its documentation
that did best on squad2's tune articles: `--choose --write` compares them and keeps the best. Reported are squad2's
test articles over an index of all sixteen, and covidqa. Every question is asked alone, in a process that does nothing
else. Prints Markdown.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa import Engine
from qa.answer import Place
from qa.evaluation.relevance import place_of
from qa.models import DEFAULT_MODEL, prepare_model
from qa.passages import content_span, context_of
from qa.questions import Judged, StoredTexts, question_set, read_questions
from qa.store import Store
from tests.benchmarks.peers.measuring import COLD_STARTS, Cost, ask_peer, index_ours, index_peer, measure_ours, measure_peer
from tests.benchmarks.peers.quality import MEASURES, Values, mean, scores, significance
from tests.benchmarks.peers.systems import CHOSEN, PEERS, WHEN_ASKING

K = 10
OURS = {"ask": "Verbatim, as cited", "search": "Verbatim, retrieval alone"}
SIGNIFICANT = 0.05


def say(text: str) -> None:
    """Tell what is under way, apart from the table."""
    print(text, file=sys.stderr, flush=True)


def answerable(engine: Engine, path: Path, about: Sequence[str], limit: int | None) -> list[Judged]:
    """Return a set's questions that the documents answer, at most `limit`, spread evenly."""
    asked = question_set(read_questions(path), StoredTexts(engine.store), about).questions
    kept = [judged for judged in asked if judged.answerable]
    return kept if limit is None or limit >= len(kept) else [kept[number * len(kept) // limit] for number in range(limit)]


def write_passages(store: Store, path: Path) -> list[list[Place]]:
    """Write all passages for the peers, a JSON object a line; return where each stands, in the same order."""
    places = []
    with path.open("w", encoding="utf-8") as file:
        for first in range(0, store.passages, 500):
            for stored in store.verified(range(first, min(first + 500, store.passages))):
                title = store.catalog.entry(stored.document).document.title
                span, start = content_span(stored.passage), stored.passage.start
                text = stored.text[span.start - start : span.end - start]
                file.write(json.dumps({"text": text, "context": context_of(title, stored.passage.heading)}) + "\n")
                places.append([place_of(store, stored)])
    return places


def placed(rankings: list[list[Any]]) -> list[list[list[Place]]]:
    """Return our own rankings, which come as JSON, as places."""
    return [[[Place(*place, 0) for place in passage] for passage in ranking] for ranking in rankings]


def prepared(data: Path, name: str, about: Sequence[str], limit: int | None, folder: Path) -> tuple[Any, ...]:
    """Build our index of a set's documents, and write passages and questions for the peers."""
    say(f"{name}: our index")
    index = folder / "ours"
    indexed = index_ours(data / name / "documents", index)
    with Engine.open(index) as engine:
        judged = answerable(engine, data / name / "questions.jsonl", about, limit)
        places = write_passages(engine.store, folder / "passages.jsonl")
    (folder / "questions.json").write_text(json.dumps([item.question.text for item in judged]), encoding="utf-8")
    return index, indexed, judged, places


def compare(data: Path, name: str, about: Sequence[str], limit: int | None, folder: Path) -> dict[str, Any]:
    """Measure all systems on one set; print its tables and return all figures."""
    index, indexed, judged, places = prepared(data, name, about, limit, folder)
    passages, questions = folder / "passages.jsonl", folder / "questions.json"
    values: dict[str, Values] = {}
    costs: dict[str, Cost] = {}
    with Engine.open(index) as engine:
        store = engine.store
        for task, label in OURS.items():
            say(f"{name}: {label}")
            rankings, costs[label] = measure_ours(task, indexed, index, questions, K)
            values[label] = scores(store, judged, placed(rankings))
        for system in PEERS:
            say(f"{name}: {system.name}")
            rankings, costs[system.name] = measure_peer(system, passages, questions, folder / system.program, K)
            values[system.name] = scores(store, judged, [[places[number] for number in found] for found in rankings])
    tests = {
        peer.name: {ours: {measure: significance(values[ours][measure], values[peer.name][measure]) for measure in MEASURES}
                    for ours in OURS.values()}
        for peer in PEERS
    }  # fmt: skip
    counted = f"{len(places):,} passages, {len(judged):,} answerable questions"
    print(f"\n**{name}**: {counted}\n\n{quality_table(values, tests)}\n\n{cost_table(costs)}", flush=True)
    return {
        "passages": len(places),
        "questions": len(judged),
        "quality": {label: {measure: mean(found[measure]).to_dict() for measure in MEASURES} for label, found in values.items()},
        "p": tests,
        "cost": {label: vars(cost) | {"median": cost.median, "percentile": cost.percentile} for label, cost in costs.items()},
    }


def quality_table(values: dict[str, Values], tests: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return the measures as Markdown, each peer's marked where the difference from ours is significant."""
    lines = ["| | " + " | ".join(MEASURES) + " |", "|---" * (len(MEASURES) + 1) + "|"]
    for label, found in values.items():
        cells = []
        for measure in MEASURES:
            figure = mean(found[measure])
            marks = "".join(
                mark
                for mark, ours in zip("*†", OURS.values(), strict=True)
                if label in tests and tests[label][ours][measure] < SIGNIFICANT
            )
            cells.append(f"{figure.value:.3f}{marks} ({figure.low:.3f}–{figure.high:.3f})")
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    marked = ", ".join(f"{mark} from “{ours}”" for mark, ours in zip("*†", OURS.values(), strict=True))
    return "\n".join(
        [*lines, "", f"In brackets 95 % intervals; differs with p < {SIGNIFICANT} (paired randomisation): {marked}."]
    )


def cost_table(costs: dict[str, Cost]) -> str:
    """Return what each system takes as Markdown."""
    head = ("passages indexed a second", "question, median", "95th percentile", "cold start", "memory asking", "indexing")
    lines = ["| | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
    for label, cost in costs.items():
        cells = (
            f"{cost.passages_a_second:,.0f}",
            f"{cost.median:.1f} ms",
            f"{cost.percentile:.1f} ms",
            f"{cost.cold_seconds:.2f} s",
            f"{cost.asking_bytes / 1e6:,.0f} MB",
            f"{cost.indexing_bytes / 1e6:,.0f} MB",
        )
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    told = (
        "Ours is indexed from files to a published index, the peers' from passages in memory to a saved index with the model"
        f" loaded before. Cold start: process start to first answer, best of {COLD_STARTS}. Memory: most resident."
    )
    return "\n".join([*lines, "", told])


def choose(data: Path, about: Sequence[str], limit: int | None, folder: Path) -> dict[str, Mapping[str, Any]]:
    """Print how each peer's documented alternatives do on squad2's tune articles; return the best by nDCG@10."""
    index, _, judged, places = prepared(data, "squad2", about, limit, folder)
    best: dict[str, tuple[float, Mapping[str, Any]]] = {}
    print("| system | settings | " + " | ".join(MEASURES) + " |\n" + "|---" * (len(MEASURES) + 2) + "|")
    with Engine.open(index) as engine:
        for system in PEERS:
            built: list[Mapping[str, Any]] = []
            for changed in ({}, *system.alternatives):
                say(f"{system.name}: {changed or 'as documented'}")
                kept = {name: value for name, value in changed.items() if name not in WHEN_ASKING}
                if kept not in built:
                    built.append(kept)
                    index_peer(system, folder / "passages.jsonl", folder / f"{system.program}.{built.index(kept)}", kept)
                target = folder / f"{system.program}.{built.index(kept)}"
                rankings = ask_peer(system, target, folder / "questions.json", K, changed)["rankings"]
                found = scores(engine.store, judged, [[places[passage] for passage in ranking] for ranking in rankings])
                cells = " | ".join(f"{mean(found[measure]).value:.3f}" for measure in MEASURES)
                print(f"| {system.name} | {json.dumps(changed) if changed else 'as documented'} | {cells} |", flush=True)
                reached = mean(found["nDCG@10"]).value
                if system.name not in best or reached > best[system.name][0]:
                    best[system.name] = reached, changed
    return {name: changed for name, (_, changed) in best.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the public question sets")
    parser.add_argument("--sets", default="squad2,covidqa")
    parser.add_argument("--limit", type=int, help="at most N questions a set, spread evenly")
    parser.add_argument("--save", type=Path, help="write all figures as JSON")
    parser.add_argument("--choose", action="store_true", help="instead compare the peers' settings on squad2's tune articles")
    parser.add_argument("--write", action="store_true", help="with --choose: use the best of them from now on")
    arguments = parser.parse_args()
    splits = json.loads((arguments.data / "splits.json").read_text(encoding="utf-8"))["squad2"]
    prepare_model(DEFAULT_MODEL)
    for system in PEERS:
        say(f"environment of {system.name}")
        system.environment()
    with tempfile.TemporaryDirectory() as work:
        if arguments.choose:
            chosen = choose(arguments.data, splits["tune"], arguments.limit, Path(work))
            if arguments.write:
                CHOSEN.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")
            return
        print("\n".join(f"- **{system.name}**: {system.described}" for system in PEERS))
        results = {}
        for name in arguments.sets.split(","):
            about = splits["test"] if name == "squad2" else ()
            (Path(work) / name).mkdir()
            results[name] = compare(arguments.data, name, about, arguments.limit, Path(work) / name)
    if arguments.save:
        arguments.save.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
