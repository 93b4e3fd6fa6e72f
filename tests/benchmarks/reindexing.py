"""Index a large folder again: python -m tests.benchmarks.reindexing [--files 10000] [--work FOLDER].

Markdown files of 2 KB, seeded. The first build is not measured and gets made-up vectors, or it would take minutes. Printed
are, each from a new process as `qa index` starts one, the least of three: the folder unchanged, and one file of it changed,
with the real model; both by the clock and in processor time.
"""

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from qa import build_index
from qa.encoder import Encoder, Unit, Vectors

FILE_BYTES = 2000
ROUNDS = 3
_WORDS = "the of and to in a is was for on council river report school children water board plan year service".split()


def text_of(number: int) -> str:
    """Return a file's text: a title, headings and sentences of its own."""
    chance = random.Random(number)
    parts = [f"# Report {number}\n"]
    while sum(map(len, parts)) < FILE_BYTES:
        if len(parts) % 8 == 0:
            parts.append(f"\n## Part {len(parts)}\n\n")
        words = [chance.choice(_WORDS) for _ in range(chance.randrange(6, 20))]
        parts.append(f"{' '.join(words).capitalize()} {number}-{len(parts)}. ")
    return "".join(parts)[:FILE_BYTES] + "\n"


def made_up(encoder: Encoder, unit: Unit) -> Vectors:
    """Return unit vectors that depend on the text alone."""
    seed = int.from_bytes(hashlib.sha256(unit.text.encode()).digest()[:8], "big")
    rows = np.random.default_rng(seed).normal(size=(len(unit.sentences), encoder.dimension)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def first(folder: Path, files: int) -> None:
    """Write the files and index them with made-up vectors."""
    for number in range(files):
        path = folder / "documents" / f"{number // 1000:03}" / f"{number:06}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(number), encoding="utf-8")
    Encoder.encode_passage = made_up  # type: ignore[method-assign]
    build_index(folder / "documents", folder / "index")


def again(folder: Path) -> dict[str, object]:
    """Index in a new process; return what was done, seconds, processor seconds and bytes of memory."""
    script = (
        "import json, sys, resource; from qa import build_index; r = build_index(*sys.argv[1:]);"
        " u = resource.getrusage(resource.RUSAGE_SELF); print(json.dumps([len(r.changed), r.unchanged, r.embedded,"
        " u.ru_utime + u.ru_stime, u.ru_maxrss]))"
    )
    started = time.perf_counter()
    command = [sys.executable, "-c", script, str(folder / "documents"), str(folder / "index")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    changed, unchanged, embedded, processor, kilobytes = json.loads(done.stdout)
    told = {"changed": changed, "unchanged": unchanged, "embedded": embedded}
    return {"seconds": time.perf_counter() - started, "processor": processor, "megabytes": kilobytes / 1000, **told}


def show(label: str, runs: list[dict[str, object]]) -> None:
    """Print the least of several runs and what they did."""
    least = {key: min(float(str(run[key])) for run in runs) for key in ("seconds", "processor", "megabytes")}
    done = ", ".join(f"{runs[-1][key]:,} {key}" for key in ("changed", "unchanged", "embedded"))
    spent = f"{least['seconds']:6.2f} s, {least['processor']:6.2f} s of processor, {least['megabytes']:,.0f} MB at most"
    print(f"{label:18} {spent}; {done}")


def main() -> None:
    """Build once, then measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--work", type=Path, help="where the folder and its index are kept; else a temporary one")
    arguments = parser.parse_args()
    folder = arguments.work or Path(tempfile.mkdtemp(prefix="reindexing-"))
    if not (folder / "index" / "CURRENT").exists():
        # Apart: the most memory that a new process is said to have had is never less than what its parent has.
        with ProcessPoolExecutor(1) as apart:
            apart.submit(first, folder, arguments.files).result()
    show("unchanged", [again(folder) for _ in range(ROUNDS)])
    runs = []
    for _ in range(ROUNDS):
        path = folder / "documents" / "000" / "000007.md"
        path.write_text(path.read_text(encoding="utf-8") + f"\nChanged at {time.time_ns()}.\n", encoding="utf-8")
        runs.append(again(folder))
    show("one file changed", runs)
    if arguments.work is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
