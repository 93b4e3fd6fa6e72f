"""Time the reading of each format, before anything is embedded: `python -m tests.benchmarks.formats`.

Each sample is read many times over as if it were so many files, by as many processes as an index uses.
"""

import os
import tempfile
import time
from pathlib import Path

from qa.corpus import READERS, read_corpus

FILES = Path(__file__).parents[1] / "files"
COPIES = 40


def main() -> None:
    """Print each sample's megabytes, characters and pages a second."""
    print(f"{min(READERS, os.cpu_count() or 1)} files at a time; {COPIES} copies of each sample")
    print(f"{'sample':26} {'MB/s':>8} {'characters/s':>14} {'pages/s':>9}")
    for sample in sorted(path for path in FILES.iterdir() if path.suffix != ".py" and path.is_file()):
        content = sample.read_bytes()
        with tempfile.TemporaryDirectory() as name:
            for number in range(COPIES):
                (Path(name) / f"{number:03}{sample.suffix}").write_bytes(content)
            started = time.perf_counter()
            documents, skipped = read_corpus(Path(name), Path(name, "index"), lambda stage, done, total: None)
            seconds = time.perf_counter() - started
        if skipped:
            raise SystemExit(f"{sample.name}: {skipped[0].reason}")
        characters = sum(document.coverage.characters for document in documents)
        pages = sum(document.coverage.pages or 0 for document in documents)
        told = f"{pages / seconds:9.0f}" if pages else f"{'–':>9}"
        print(f"{sample.name:26} {COPIES * len(content) / 1e6 / seconds:8.2f} {characters / seconds:14,.0f} {told}")


if __name__ == "__main__":
    main()
