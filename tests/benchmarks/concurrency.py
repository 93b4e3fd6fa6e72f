"""Ask without pause while the index changes: `python -m tests.benchmarks.concurrency [--reindexings N] [--readers N]`.

Readers in threads share one engine and move on as they like; readers in processes hold their own. Every
citation is proved against the texts that the generation it names was made from: a mixed generation
would quote one and name another. Exit status: 0 if nobody met an error, every citation stood, and old
generations were pruned.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa import Engine
from qa.errors import VerbatimError
from tests.indexes import CORPUS, QUESTIONS, assert_tidy, generation, generations, rebuild, write_files

HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")

Seen = tuple[str, str, int, int, str, str]
"""A citation: generation, document, start, end, quote, and the sha256 of the document's text."""

_READER = """
import sys
from pathlib import Path
from tests.benchmarks.concurrency import Readings, read_until

readings = Readings()
read_until(Path(sys.argv[1]), Path(sys.argv[2]), readings)
readings.print()
"""

_WRITER = """
import json, sys, time
from pathlib import Path
from tests.benchmarks.concurrency import texts_of
from tests.indexes import rebuild, write_files

index, docs, log = (Path(name) for name in sys.argv[1:4])
for number in range(int(sys.argv[4])):
    texts = texts_of(number)
    for path in docs.iterdir():
        if path.is_file() and path.name not in texts:
            path.unlink()
    write_files(docs, texts)
    report = rebuild(index, docs, forget=number % 5 == 4)
    with log.open("a") as file:
        file.write(json.dumps([report.generation, texts]) + "\\n")
"""


def texts_of(number: int) -> dict[str, str]:
    """Return the documents at a re-indexing: the ferry leaves at another hour, moved further down, and a page comes and goes."""
    ferry = (
        "\n" * (number % 3)
        + f"The harbour ferry number {number} leaves the eastern pier at {HOURS[number % 11]} every morning.\n"
    )
    texts = CORPUS | {"ferry.txt": ferry}
    return texts | {"heron.txt": f"The heron number {number} is grey.\n"} if number % 2 else texts


class Readings:
    """Gather what readers saw, each thing once; safe to share between threads."""

    def __init__(self) -> None:
        self.questions = 0
        self.seen: set[Seen] = set()
        self.errors: list[str] = []
        self._lock = threading.Lock()

    def add(self, answer: dict[str, Any]) -> None:
        """Note all citations of an answer."""
        name = answer["searched"]["generation"]
        with self._lock:
            self.questions += 1
            for cited in answer["citations"] + answer["nearest"]:
                self.seen.add((name, cited["document"], cited["start"], cited["end"], cited["quote"], cited["sha256"]))

    def fail(self, error: BaseException) -> None:
        """Note an error."""
        with self._lock:
            self.errors.append(f"{type(error).__name__}: {error}")

    def take(self, line: str) -> None:
        """Add what `print` printed in another process."""
        questions, seen, errors = json.loads(line)
        with self._lock:
            self.questions += questions
            self.seen.update(tuple(item) for item in seen)
            self.errors += errors

    def print(self) -> None:
        """Print all of it on one line."""
        print(json.dumps([self.questions, sorted(self.seen), self.errors]), flush=True)


def ask_all(engine: Engine, readings: Readings) -> None:
    """Ask each golden question once."""
    for question in QUESTIONS:
        readings.add(engine.ask(question).to_dict())


def read_until(index: Path, stop: Path, readings: Readings) -> None:
    """Open an engine and ask, moving on or opening it anew every round, until a file appears."""
    try:
        while not stop.exists():
            with Engine.open(index, reader="none") as engine:
                for _ in range(3):
                    ask_all(engine, readings)
                    engine.refresh()
    except (VerbatimError, OSError, ValueError, RuntimeError, LookupError) as error:
        readings.fail(error)


def share(engine: Engine, stop: Path, readings: Readings, moves_on: bool) -> None:
    """Ask an engine that other threads ask too, until a file appears."""
    try:
        while not stop.exists():
            ask_all(engine, readings)
            if moves_on:
                engine.refresh()
    except (VerbatimError, OSError, ValueError, RuntimeError, LookupError) as error:
        readings.fail(error)


@dataclass(frozen=True)
class Outcome:
    """Hold what readers saw and the texts of each generation there was."""

    readings: Readings
    texts: dict[str, dict[str, str]]

    def broken(self) -> list[str]:
        """Return every error, and every citation that does not stand in the generation it names."""
        wrong = list(self.readings.errors)
        for name, document, start, end, quote, sha256 in sorted(self.readings.seen):
            text = self.texts.get(name, {}).get(document)
            if text is None:
                wrong.append(f"{name}: {document} is none of its documents")
            elif text[start:end] != quote or hashlib.sha256(text.encode()).hexdigest() != sha256:
                wrong.append(f"{name}: {document}:{start} does not read {quote!r}")
        return wrong


def ask_while_indexing(folder: Path, reindexings: int, readers: int) -> Outcome:
    """Have readers in threads and as many in processes ask while the index is made anew, again and again."""
    docs, index, stop, log = folder / "docs", folder / "index", folder / "stop", folder / "generations.jsonl"
    first = rebuild(index, write_files(docs, texts_of(0)))
    log.write_text(json.dumps([first.generation, texts_of(0)]) + "\n", encoding="utf-8")
    readings = Readings()
    command = [sys.executable, "-c", _READER, str(index), str(stop)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(readers)]
    with Engine.open(index, reader="none") as engine:
        threads = [threading.Thread(target=share, args=(engine, stop, readings, number == 0)) for number in range(readers)]
        for thread in threads:
            thread.start()
        writer = [sys.executable, "-c", _WRITER, str(index), str(docs), str(log), str(reindexings)]
        done = subprocess.run(writer, capture_output=True, text=True, check=False)
        stop.touch()
        for thread in threads:
            thread.join()
    for child in children:
        output, _ = child.communicate()
        if child.returncode == 0:
            readings.take(output)
        else:
            readings.errors.append(f"a reader died: {child.returncode}")
    if done.returncode:
        readings.errors.append(f"the writer failed: {done.stderr[-500:]}")
    lines = log.read_text(encoding="utf-8").splitlines()
    rebuild(index, docs)  # nothing is read any more: what was kept for readers goes
    assert_tidy(index)
    assert generation(index).name == generations(index)[-1]
    return Outcome(readings, dict(json.loads(line) for line in lines))


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, prove, and print; return how much was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reindexings", type=int, default=200)
    parser.add_argument("--readers", type=int, default=8, help="in threads, and as many in processes")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="concurrency-") as name:
        outcome = ask_while_indexing(Path(name), given.reindexings, given.readers)
    broken = outcome.broken()
    print(*broken[:20], sep="\n")
    seen = outcome.readings.seen
    print(
        f"{given.readers} threads and {given.readers} processes asked {outcome.readings.questions:,} questions during"
        f" {given.reindexings:,} re-indexings, of {len({item[0] for item in seen}):,} generations in"
        f" {time.monotonic() - started:,.0f} s: {len(seen):,} different citations, {len(broken):,} errors"
    )
    return len(broken)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
