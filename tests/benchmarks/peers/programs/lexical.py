"""bm25s: BM25 alone."""

import time
from pathlib import Path
from typing import Any

import bm25s
import Stemmer
from driver import run


class Lexical:
    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._retriever = bm25s.BM25.load(str(folder), load_corpus=True, show_progress=False)
        self._stemmer = Stemmer.Stemmer("english")

    def search(self, question: str, k: int) -> list[tuple[int, str]]:
        words = bm25s.tokenize([question], stopwords="en", stemmer=self._stemmer, show_progress=False)
        k = min(k, len(self._retriever.corpus))
        found, scores = self._retriever.retrieve(words, k=k, show_progress=False)
        pairs = zip(found[0], scores[0], strict=True)
        return [(record["number"], record["text"]) for record, score in pairs if score > 0]


def build(texts: list[str], folder: Path, settings: dict[str, Any]) -> float:
    stemmer = Stemmer.Stemmer("english")
    started = time.perf_counter()
    corpus = [{"number": number, "text": text} for number, text in enumerate(texts)]
    words = bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)
    retriever = bm25s.BM25(method=settings.get("method", "lucene"))
    retriever.index(words, show_progress=False)
    retriever.save(str(folder), corpus=corpus, show_progress=False)
    return time.perf_counter() - started


if __name__ == "__main__":
    run(build, Lexical)
