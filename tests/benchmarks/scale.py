"""Ask corpora of growing size: python -m tests.benchmarks.scale DATA N [N ...] [--work FOLDER].

N is a number of passages (10000, 100000, 1000000). For each size: the time of a warm question with the reader and
without, opening, bytes on disk by file, resident memory while asking, and how often the passage with the answer is
found. What the corpora are made of says `tests/benchmarks/corpora.py`; only distractors' vectors are made up, or a million
passages would take hours to encode. A size whose index stands already is not built again.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from qa import Engine, build_index
from qa.encoder import Encoder
from qa.generation import current
from qa.models import DEFAULT_MODEL, cache_root, prepare_model
from qa.questions.places import holds, places_of
from qa.questions.records import Gold
from tests.benchmarks import corpora

QUESTIONS = 100
K = 10


def status(name: str) -> int:
    """Return a field of this process's status in bytes: VmRSS, what is resident, or VmHWM, the most that was."""
    try:
        return int(Path("/proc/self/status").read_text().split(f"{name}:")[1].split()[0]) * 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def write_corpus(data: Path, passages: int, folder: Path) -> None:
    """Write documents of about so many passages, and the questions on them."""
    documents = folder / "documents"
    shutil.copytree(data / "squad2/documents", documents / "squad2")
    (documents / "facts").mkdir()
    questions = corpora.real_questions(data, QUESTIONS)
    for name, text, question in corpora.facts():
        (documents / name).write_text(text, encoding="utf-8")
        questions.append(question)
    pool = corpora.sentences(data)
    for number in range(passages // corpora.PASSAGES_A_DOCUMENT):
        path = documents / f"{number // 1000:04}" / f"{number:06}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(corpora.distractor(number, pool), encoding="utf-8")
    (folder / "questions.json").write_text(json.dumps(questions), encoding="utf-8")


def build(data: Path, passages: int, folder: Path) -> dict[str, Any]:
    """Write and index a corpus of about so many passages; distractors are not given to the model."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_corpus(data, passages, folder)
    stand_in = corpora.StandIn(Encoder(prepare_model(DEFAULT_MODEL)), corpora.sentences(data))
    Encoder.encode_passage = lambda encoder, unit: stand_in.encode_passage(encoder, unit)  # type: ignore[method-assign]
    started = time.perf_counter()
    report = build_index(folder / "documents", folder / "index")
    seconds = time.perf_counter() - started
    real, made = stand_in.nearest()
    told = {"seconds": seconds, "passages": report.passages, "sentences": report.sentences, "peak_bytes": status("VmHWM")}
    return told | {"nearest_real": real, "nearest_made": made}


def timed(engine: Engine, questions: list[dict[str, Any]]) -> list[float]:
    """Return each question's milliseconds, all of them asked once before."""
    for item in questions:
        engine.ask(item["question"], K)
    times = []
    for item in questions:
        started = time.perf_counter()
        engine.ask(item["question"], K)
        times.append((time.perf_counter() - started) * 1000)
    return times


def found_within(engine: Engine, item: dict[str, Any], k: int) -> bool:
    """Tell whether one of the first `k` passages, or a copy, holds an answer whole."""
    golds = [Gold(gold["doc"], gold["start"], gold["end"], gold["text"]) for gold in item["answers"]]
    hits = engine.search(item["question"], k, phrases=False)
    return any(holds(place, gold) for hit in hits for place in places_of(hit) for gold in golds)


def ask(folder: Path) -> dict[str, Any]:
    """Open an index and ask all questions of its corpus."""
    index = folder / "index"
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    Engine.open(index).close()  # notes that all files were checked, and loads what is loaded once a process
    started = time.perf_counter()
    engine = Engine.open(index)
    opening = time.perf_counter() - started
    with engine, Engine.open(index, reader=False) as plain:
        without, times = timed(plain, questions), timed(engine, questions)
        success = {
            kind: statistics.mean(found_within(plain, item, 5) for item in questions if item["id"].startswith("fact") == invented)
            for kind, invented in (("real", False), ("facts", True))
        }
        files = {name: size for name, (_, size) in engine.store.manifest.files.items()}
    told = {"opening": opening, "times": times, "without": without, "success": success}
    return told | {"files": files, "resident": status("VmRSS"), "generation": current(index)[0]}


def child(task: str, *arguments: str) -> dict[str, Any]:
    """Do a task in a process of its own, whose memory is nobody else's."""
    command = [sys.executable, "-m", "tests.benchmarks.scale", f"--{task}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def parts(files: dict[str, int]) -> dict[str, int]:
    """Return bytes by part: a folder's files together."""
    found: dict[str, int] = {}
    for name, size in files.items():
        part = name.split("/")[0]
        found[part] = found.get(part, 0) + size
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def show(built: dict[str, Any], asked: dict[str, Any]) -> None:
    """Print one size's figures."""
    passages, files = built["passages"], parts(asked["files"])
    print(f"\n{passages:,} passages, {built['sentences']:,} sentence vectors")
    for label, times in (("a question without the reader", asked["without"]), ("a question", asked["times"])):
        percentile = statistics.quantiles(times, n=20, method="inclusive")[-1]
        print(f"  {label:32} median {statistics.median(times):8.1f} ms   95th percentile {percentile:8.1f} ms")
    print(f"  {'opening':32} {asked['opening']:.3f} s")
    print(f"  {'resident while asking':32} {asked['resident'] / 1e6:,.0f} MB")
    print(f"  {'Success@5':32} {asked['success']['real']:.3f} real questions, {asked['success']['facts']:.3f} invented facts")
    total = sum(files.values())
    print(f"  {'on disk':32} {total / 1e6:,.1f} MB, {total / passages:,.0f} bytes a passage")
    for part, size in files.items():
        print(f"    {part:30} {size / 1e6:10,.1f} MB {size / total:7.1%}")
    speed = passages / built["seconds"]
    print(f"  {'indexing without the model':32} {speed:,.0f} passages a second, most memory {built['peak_bytes'] / 1e6:,.0f} MB")
    print(
        f"  {'nearest neighbour, median cosine':32} {built['nearest_real']:.3f} among real sentences,"
        f" {built['nearest_made']:.3f} among those made up"
    )


def growth(rows: list[tuple[int, float]]) -> None:
    """Draw the median question without the reader against the size."""
    if len(rows) < 2:
        return
    longest = max(median for _, median in rows)
    print("\nmedian of a question without the reader")
    for passages, median in rows:
        print(f"  {passages:>12,} {'█' * max(1, round(median / longest * 60))} {median:.1f} ms")


def main() -> None:
    """Build what is missing, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the public question sets")
    parser.add_argument("sizes", type=int, nargs="+", metavar="N")
    parser.add_argument("--work", type=Path, default=cache_root() / "scale", help="where corpora and indexes are kept")
    arguments = parser.parse_args()
    rows = []
    for size in sorted(arguments.sizes):
        folder, told = arguments.work / str(size), arguments.work / str(size) / "built.json"
        if not told.exists():
            print(f"building {size:,} passages", file=sys.stderr)
            built = child("build", str(arguments.data), str(size), str(folder))
            told.write_text(json.dumps(built), encoding="utf-8")
        built, asked = json.loads(told.read_text(encoding="utf-8")), child("ask", str(folder))
        show(built, asked)
        rows.append((built["passages"], statistics.median(asked["without"])))
    growth(rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        print(json.dumps(build(Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))))
    elif sys.argv[1:2] == ["--ask"]:
        print(json.dumps(ask(Path(sys.argv[2]))))
    else:
        main()
