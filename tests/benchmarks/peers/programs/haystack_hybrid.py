"""Haystack: a pipeline of two retrievers and a joiner over a document store in memory."""

import time
from pathlib import Path
from typing import Any

from driver import run
from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


class Hybrid:
    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
        depth = settings.get("depth", 10)
        pipeline = Pipeline()
        embedder = SentenceTransformersTextEmbedder(model=settings["model"], progress_bar=False)
        pipeline.add_component("embedder", embedder)
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=depth))
        pipeline.add_component("lexical", InMemoryBM25Retriever(store, top_k=depth))
        pipeline.add_component("joiner", DocumentJoiner(join_mode=settings.get("join", "reciprocal_rank_fusion"), top_k=10))
        pipeline.connect("embedder.embedding", "dense.query_embedding")
        pipeline.connect("dense", "joiner")
        pipeline.connect("lexical", "joiner")
        pipeline.warm_up()
        self._pipeline = pipeline

    def search(self, question: str, k: int) -> list[tuple[int, str]]:
        asked = {"embedder": {"text": question}, "lexical": {"query": question}, "joiner": {"top_k": k}}
        return [(int(found.id), found.content) for found in self._pipeline.run(asked)["joiner"]["documents"]]


def build(texts: list[str], folder: Path, settings: dict[str, Any]) -> float:
    embedder = SentenceTransformersDocumentEmbedder(model=settings["model"], progress_bar=False)
    embedder.warm_up()
    started = time.perf_counter()
    store = InMemoryDocumentStore(bm25_algorithm=settings.get("bm25", "BM25L"), embedding_similarity_function="cosine")
    documents = [Document(id=str(number), content=text) for number, text in enumerate(texts)]
    store.write_documents(embedder.run(documents)["documents"])
    folder.mkdir(parents=True, exist_ok=True)
    store.save_to_disk(str(folder / "store.json"))
    return time.perf_counter() - started


if __name__ == "__main__":
    run(build, Hybrid)
