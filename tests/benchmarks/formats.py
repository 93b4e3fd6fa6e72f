"""Time the reading of each format, before anything is embedded: `python -m tests.benchmarks.formats [FILE…]`.

Each sample, or each file named, is read many times over as if it were so many files, by as many processes as an index
uses. The dense PDF has 50 full lines a page, as reports have; `core` is what one processor would read a second, whatever else
runs beside.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from qa.corpus import READERS, read_corpus
from tests.files import harbour
from tests.files.handmade import Page, pdf

FILES = Path(__file__).parents[1] / "files"
COPIES = 40


def dense() -> bytes:
    """Return a PDF of 100 pages of 50 full lines."""
    pages = []
    for number in range(100):
        page = Page()
        for line in range(50):
            page.write(60, 740 - 13.5 * line, f"{number}.{line} {harbour.FILLER[line % 3]}"[:88], 10)
        pages.append(page)
    return pdf(pages)


def measure(name: str, content: bytes, copies: int) -> None:
    """Print one sample's megabytes, characters and pages a second."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(copies):
            (Path(folder) / f"{number:03}{Path(name).suffix}").write_bytes(content)
        before, started = _child_seconds(), time.perf_counter()
        documents, skipped = read_corpus(Path(folder), Path(folder, "index"), lambda stage, done, total: None)
        seconds, spent = time.perf_counter() - started, _child_seconds() - before
    if skipped:
        raise SystemExit(f"{name}: {skipped[0].reason}")
    characters = sum(document.coverage.characters for document in documents)
    pages = sum(document.coverage.pages or 0 for document in documents)
    told = [f"{pages / seconds:9.0f}", f"{pages / spent:9.0f}"] if pages and spent else [f"{'–':>9}"] * 2
    print(f"{name:26} {copies * len(content) / 1e6 / seconds:8.2f} {characters / seconds:14,.0f} {' '.join(told)}", flush=True)


def _child_seconds() -> float:
    """Return the processor time of all processes that parsed and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(files: list[Path]) -> None:
    """Print each sample's figures."""
    print(f"{min(READERS, os.cpu_count() or 1)} files at a time; {COPIES} copies of each sample")
    print(f"{'sample':26} {'MB/s':>8} {'characters/s':>14} {'pages/s':>9} {'core':>9}")
    if files:
        for file in files:
            measure(file.name, file.read_bytes(), 4)
        return
    for sample in sorted(path for path in FILES.iterdir() if path.suffix != ".py" and path.is_file()):
        measure(sample.name, sample.read_bytes(), COPIES)
    measure("dense.pdf", dense(), 4)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
