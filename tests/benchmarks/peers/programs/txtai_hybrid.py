"""txtai: dense and sparse in one object."""

import time
from pathlib import Path
from typing import Any

from driver import run
from txtai import Embeddings


class Hybrid:
    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._embeddings = Embeddings()
        self._embeddings.load(str(folder))

    def search(self, question: str, k: int) -> list[tuple[int, str]]:
        return [(int(row["id"]), row["text"]) for row in self._embeddings.search(question, k)]


def build(texts: list[str], folder: Path, settings: dict[str, Any]) -> float:
    scoring = {"method": "bm25", "terms": True, "normalize": settings["normalize"]} if "normalize" in settings else None
    options = {"scoring": scoring} if scoring else {"hybrid": True}
    embeddings = Embeddings(path=settings["model"], content=True, **options)
    started = time.perf_counter()
    embeddings.index([(number, text, None) for number, text in enumerate(texts)])
    embeddings.save(str(folder))
    return time.perf_counter() - started


if __name__ == "__main__":
    run(build, Hybrid)
