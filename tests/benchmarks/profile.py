"""Print where the time goes: python -m tests.benchmarks.profile [INDEX] [QUESTIONS] [--root FOLDER].

Three tables: a cold question (`qa ask` in a new process, the best of five), a warm one (all questions in one process)
and a build of the index's folder. A stage's time leaves out what other stages take within it; "rest" is what no stage
accounts for. The clocks cost something themselves: each table says what the same took without them.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from qa import Engine, build_index
from qa.render import answer_view
from tests.benchmarks.stages import BUILD, MODEL, MODEL_RUNS, QUESTION, Clock

QUESTIONS = Path(__file__).parents[1] / "questions" / "medway.jsonl"
COLD_STARTS = 5
ROUNDS = 3

_CLOCKED = "import time; began = time.time(); from tests.benchmarks.stages import ask_cold; ask_cold(began)"
_PLAIN = "from qa.cli import program; program()"


def table(title: str, stages: Mapping[str, float], total: float) -> None:
    """Print stages in milliseconds with their share of the total, and what they leave over."""
    print(f"\n{title}")
    rows = {**stages, "rest": total - sum(stages.values()), "total": total}
    for name, seconds in rows.items():
        print(f"  {name:20} {seconds * 1000:10.2f} ms {seconds / total:7.1%}")


def cold(index: Path, question: str) -> None:
    """Print where a first question's time goes, from the start of its process."""
    best: tuple[float, dict[str, float]] = (float("inf"), {})
    plain = float("inf")
    for _ in range(COLD_STARTS):
        for program in (_CLOCKED, _PLAIN):
            command = [sys.executable, "-c", program, "ask", question, "--index", str(index)]
            started = time.time()
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            took = time.time() - started
            if done.returncode not in (0, 1):
                raise SystemExit(done.stderr)
            if program == _PLAIN:
                plain = min(plain, took)
                continue
            told = json.loads(done.stderr.splitlines()[-1])
            stages = {"start Python": told["began"] - started, **told["stages"], "end": started + took - told["ended"]}
            # "import" is noted when first met; it belongs beside the start.
            order = ["start Python", "import", *QUESTION, "end"]
            best = min(best, (took, {name: stages.get(name, 0.0) for name in order}), key=lambda item: item[0])
    table(f"A cold question (best of {COLD_STARTS}; without the clocks {plain * 1000:.0f} ms)", best[1], best[0])


def warm(index: Path, questions: list[str]) -> None:
    """Print where a question's time goes in a process that has answered before; means over all questions."""
    clock = Clock({stage: points for stage, points in QUESTION.items() if stage not in ("open", "check", "load the reader")})
    with Engine.open(index) as engine:
        root = Path(engine.store.manifest.root)

        def ask(question: str) -> float:
            started = time.perf_counter()
            result = engine.ask(question)
            with clock.timing("render"):
                Console(file=io.StringIO(), width=100).print(answer_view(result, root, explain=False))
            return time.perf_counter() - started

        for question in questions:
            ask(question)
        processor = time.process_time()
        plain = [ask(question) for _ in range(ROUNDS) for question in questions]
        processor = time.process_time() - processor
        clock.attach_all()
        clock.seconds["render"] = 0.0
        took = [ask(question) for _ in range(ROUNDS) for question in questions]
        clock.detach()
        encoder = engine.store.encoder
        passes = []
        for question in questions:
            started = time.perf_counter()
            encoder.encode_question(question)
            passes.append(time.perf_counter() - started)
        title = (
            f"A warm question, the mean of {len(took):,} on {engine.store.passages:,} passages"
            f" (without the clocks mean {statistics.mean(plain) * 1000:.2f} ms, median {statistics.median(plain) * 1000:.2f} ms;"
            f" the encoder's forward pass of the question {statistics.median(passes) * 1000:.2f} ms)"
        )
    table(title, {stage: seconds / len(took) for stage, seconds in clock.seconds.items()}, statistics.mean(took))
    print(f"  {processor / len(plain) * 1000:.1f} processor seconds per 1,000 questions")


def build(root: Path) -> None:
    """Print where the time of indexing a folder goes, the model exported before."""
    with tempfile.TemporaryDirectory() as folder:
        plain = build_index(root, Path(folder, "plain")).seconds
        clock = Clock(BUILD, apart=MODEL_RUNS)
        clock.attach_all()
        started, cpu = time.perf_counter(), time.process_time()
        report = build_index(root, Path(folder, "index"))
        took, cpu = time.perf_counter() - started, time.process_time() - cpu
        clock.detach()
    speed = report.passages / plain
    title = f"A build of {report.passages:,} passages (without the clocks {plain:.2f} s, {speed:,.0f} passages a second)"
    own = {stage: seconds for stage, seconds in clock.seconds.items() if stage not in clock.beside}
    table(title, own, took)
    told = ", ".join(f"{stage} {seconds * 1000:.0f} ms" for stage, seconds in clock.beside.items())
    print(f"  meanwhile, in another thread: {told}")
    threads = os.cpu_count() or 1
    inside = clock.apart[MODEL]
    print(f"  {MODEL} {inside:.2f} s over {threads} threads, {inside / threads / took:.1%} of the time;", end=" ")
    print(f"{cpu / report.passages * 1000:.1f} processor seconds per 1,000 passages")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, nargs="?", default=Path("index"))
    parser.add_argument("questions", type=Path, nargs="?", default=QUESTIONS)
    parser.add_argument("--root", type=Path, help="folder to build; else the index's own")
    arguments = parser.parse_args()
    lines = arguments.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][:200]
    with Engine.open(arguments.index) as engine:
        root = arguments.root or Path(engine.store.manifest.root)
    cold(arguments.index, questions[0])
    warm(arguments.index, questions)
    build(root)


if __name__ == "__main__":
    main()
