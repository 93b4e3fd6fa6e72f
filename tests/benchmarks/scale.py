"""Ask corpora of growing size: python -m tests.benchmarks.scale DATA N [N ...] [--work FOLDER].

N is a number of passages (1000, 10000, 100000, 1000000). For each size: the time of a warm question with the reader and
without, opening, bytes on disk by part, resident memory while asking, processor time, how often the passage with the
answer is found, and how much of it is lost against looking at every vector. What the corpora are made of says
`tests/benchmarks/corpora.py`. Only distractors' vectors are made up, and their tokens estimated, or a million passages
would take hours to encode. What stands already (documents, an index) is not made again.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from qa import Engine, build_index
from qa.encoder import Encoder, Unit, Vectors
from qa.generation import current
from qa.models import DEFAULT_MODEL, cache_root, prepare_model
from qa.questions.places import holds, places_of
from qa.questions.records import Gold
from tests.benchmarks import corpora
from tests.benchmarks.scale_table import show, show_growth, show_quantiles

QUESTIONS = 100
K = 10
LOOKED_FOR = 400
"""Sentence vectors that a question looks for first."""


def status(name: str) -> int:
    """Return a field of this process's status in bytes: VmRSS, what is resident, or VmHWM, the most that was."""
    try:
        return int(Path("/proc/self/status").read_text().split(f"{name}:")[1].split()[0]) * 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def write_corpus(data: Path, passages: int, folder: Path) -> None:
    """Write documents of about so many passages, and last the questions on them; what stands is left."""
    documents = folder / "documents"
    shutil.copytree(data / "squad2/documents", documents / "squad2", dirs_exist_ok=True)
    (documents / "facts").mkdir(exist_ok=True)
    questions = corpora.real_questions(data, QUESTIONS)
    for name, text, question in corpora.facts():
        (documents / name).write_text(text, encoding="utf-8")
        questions.append(question)
    pool = corpora.sentences(data)
    for number in range((passages - corpora.REAL_PASSAGES) // corpora.PASSAGES_A_DOCUMENT):
        path = documents / f"{number // 1000:04}" / f"{number:06}.md"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            part = path.with_suffix(".part")
            part.write_text(corpora.distractor(number, pool), encoding="utf-8")
            part.rename(path)
    (folder / "questions.json").write_text(json.dumps(questions), encoding="utf-8")


def real_vectors(data: Path, work: Path) -> Vectors:
    """Return the vectors of the sentences that distractors are made of, encoded once."""
    path = work / "real.npy"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        np.save(path, corpora.encode_pool(Encoder(prepare_model(DEFAULT_MODEL)), corpora.sentences(data)))
    rows: Vectors = np.load(path)
    return rows


def build(data: Path, passages: int, folder: Path) -> dict[str, Any]:
    """Write and index a corpus of about so many passages; distractors are not given to the model."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "questions.json").exists():
        write_corpus(data, passages, folder)
    stand_in = corpora.StandIn(real_vectors(data, folder.parent))
    encoding: list[float] = []

    def encode_passage(encoder: Encoder, unit: Unit) -> Vectors:
        began = time.thread_time()
        rows = stand_in.encode_passage(encoder, unit)
        if not unit.context.startswith(corpora.DISTRACTOR):
            encoding.append(time.thread_time() - began)
        return rows

    Encoder.encode_passage = encode_passage  # type: ignore[method-assign]
    Encoder.count_tokens = lambda encoder, text: len(text) // 4 + 1  # type: ignore[method-assign]
    started, used = time.perf_counter(), time.process_time()
    report = build_index(folder / "documents", folder / "index")
    return {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - used - sum(encoding),
        "model": statistics.mean(encoding),
        "passages": report.passages,
        "sentences": report.sentences,
        "peak_bytes": status("VmHWM"),
    }


def timed(engine: Engine, questions: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Return each question's milliseconds, by the clock and of the processor, all of them asked once before."""
    for item in questions:
        engine.ask(item["question"], K)
    times, processor = [], []
    for item in questions:
        started, used = time.perf_counter(), time.process_time()
        engine.ask(item["question"], K)
        times.append((time.perf_counter() - started) * 1000)
        processor.append((time.process_time() - used) * 1000)
    return times, processor


def found_within(engine: Engine, item: dict[str, Any], k: int) -> bool:
    """Tell whether one of the first `k` passages, or a copy, holds an answer whole."""
    golds = [Gold(gold["doc"], gold["start"], gold["end"], gold["text"]) for gold in item["answers"]]
    hits = engine.search(item["question"], k, phrases=False)
    return any(holds(place, gold) for hit in hits for place in places_of(hit) for gold in golds)


def success(engine: Engine, questions: list[dict[str, Any]]) -> dict[str, float]:
    """Return Success@5 of the real questions and of those on invented facts."""
    return {
        kind: statistics.mean(found_within(engine, item, 5) for item in questions if item["id"].startswith("fact") == invented)
        for kind, invented in (("real", False), ("facts", True))
    }


def looking_at_all(engine: Engine, questions: list[dict[str, Any]]) -> tuple[Callable[..., Any], dict[int, float]]:
    """Return a search that looks at every vector, and the real questions' recall of its first 10 and 100 without it."""
    vectors = engine.store.vectors
    asked = np.stack([engine.store.encoder.encode_question(item["question"]) for item in questions])
    rows, cosines = vectors.nearest_of_all(asked, LOOKED_FOR)
    known = {question.tobytes(): place for place, question in enumerate(asked)}
    real = [place for place, item in enumerate(questions) if not item["id"].startswith("fact")]
    found = {place: vectors.nearest(asked[place], LOOKED_FOR)[0] for place in real}
    recall = {k: statistics.mean(len(np.intersect1d(found[place][:k], rows[place, :k])) / k for place in real) for k in (10, 100)}

    def nearest(question: Vectors, count: int, within: None = None) -> Any:
        place = known.get(question.tobytes())
        if place is not None and count <= LOOKED_FOR:
            return rows[place, :count], cosines[place, :count]
        every, true = vectors.nearest_of_all(question[None, :], count, within)
        return every[0], true[0]

    return nearest, recall


def ask(folder: Path) -> dict[str, Any]:
    """Open an index and ask all questions of its corpus."""
    index = folder / "index"
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    Engine.open(index).close()  # notes that all files were checked, and loads what is loaded once a process
    started = time.perf_counter()
    engine = Engine.open(index)
    opening = time.perf_counter() - started
    with engine, Engine.open(index, reader="none") as plain:
        (without, plain_used), (times, used) = timed(plain, questions), timed(engine, questions)
        resident = status("VmRSS")
        ours = success(plain, questions)
        plain.store.vectors.nearest, recall = looking_at_all(plain, questions)  # type: ignore[method-assign]
        exact = success(plain, questions)
        files = {name: size for name, (_, size) in engine.store.manifest.files.items()}
        told = {"opening": opening, "times": times, "without": without, "success": ours, "exact": exact, "recall": recall}
        kind = engine.store.manifest.vectors["kind"]
    processor = {"without": plain_used, "with": used}
    return told | {"files": files, "resident": resident, "kind": kind, "processor": processor, "generation": current(index)[0]}


def child(task: str, *arguments: str) -> dict[str, Any]:
    """Do a task in a process of its own, whose memory is nobody else's."""
    command = [sys.executable, "-m", "tests.benchmarks.scale", f"--{task}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Build what is missing, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the public question sets")
    parser.add_argument("sizes", type=int, nargs="+", metavar="N")
    parser.add_argument("--work", type=Path, default=cache_root() / "scale", help="where corpora and indexes are kept")
    arguments = parser.parse_args()
    rows = []
    show_quantiles(corpora.quantiles(real_vectors(arguments.data, arguments.work)))
    for size in sorted(arguments.sizes):
        folder, told = arguments.work / str(size), arguments.work / str(size) / "built.json"
        if not told.exists():
            print(f"building {size:,} passages", file=sys.stderr)
            built = child("build", str(arguments.data), str(size), str(folder))
            told.write_text(json.dumps(built), encoding="utf-8")
        built, asked = json.loads(told.read_text(encoding="utf-8")), child("ask", str(folder))
        show(built, asked)
        (folder / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
        rows.append((built["passages"], statistics.median(asked["without"])))
    show_growth(rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        print(json.dumps(build(Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))))
    elif sys.argv[1:2] == ["--ask"]:
        print(json.dumps(ask(Path(sys.argv[2]))))
    else:
        main()
