"""Readers never see an error or a mixed generation while the index changes; `tests.benchmarks.concurrency` runs it long."""

import hashlib
from pathlib import Path

import pytest

from tests.benchmarks.concurrency import Outcome, Readings, ask_while_indexing, texts_of


def test_readers_in_threads_and_processes_cite_the_generation_they_name(tmp_path: Path) -> None:
    outcome = ask_while_indexing(tmp_path, reindexings=6, readers=2)
    assert outcome.broken() == []
    assert len({name for name, *_ in outcome.readings.seen}) > 1, "nobody saw the index change"


@pytest.mark.parametrize("wrong", ["of another generation", "another sha256", "a document that is none"])
def test_a_citation_that_does_not_stand_in_its_generation_is_noticed(wrong: str) -> None:
    outcome = Outcome(Readings(), {"1": texts_of(1), "2": texts_of(2)})
    text = texts_of(1)["ferry.txt"]
    digest = hashlib.sha256(text.encode()).hexdigest()
    cited = {"document": "ferry.txt", "start": 0, "end": len(text), "quote": text, "sha256": digest}
    answer = {"searched": {"generation": "1"}, "citations": [cited], "nearest": []}
    outcome.readings.add(answer)
    assert outcome.broken() == []
    if wrong == "of another generation":
        answer["searched"] = {"generation": "2"}
    elif wrong == "another sha256":
        cited["sha256"] = "0" * 64
    else:
        cited["document"] = "crane.txt"
    outcome.readings.add(answer)
    assert len(outcome.broken()) == 1
