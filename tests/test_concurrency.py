"""Readers never see an error or a mixed generation while the index changes; `tests.benchmarks.concurrency` runs it long."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from qa.errors import BadInput
from qa.indexer import build_index
from qa.ui.desk import Desk
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


QUESTION = "When did the mill close?"


@contextmanager
def asked_without_a_pause(desk: Desk, askers: int) -> Iterator[None]:
    """Have threads ask a desk until the block ends, so that it is never idle; what one raises is raised here."""
    done = threading.Event()

    def ask_on() -> None:
        while not done.is_set():
            answer = desk.ask(QUESTION, 2, None, None, None)
            text = "1990" if answer.searched.documents == 2 else "2001"
            assert text in answer.passages[0].quote, "an answer of two generations"

    with ThreadPoolExecutor(askers) as pool:
        asking = [pool.submit(ask_on) for _ in range(askers)]
        try:
            yield
        finally:
            done.set()
        for asker in asking:
            asker.result()


def test_a_desk_that_is_never_idle_answers_from_what_was_published(tmp_path: Path) -> None:
    documents, desk = tmp_path / "documents", Desk(tmp_path / "index", reader="none")
    documents.mkdir()
    (documents / "mill.txt").write_text("The mill closed in 1990.", encoding="utf-8")
    (documents / "ferry.txt").write_text("The ferry sails at noon.", encoding="utf-8")
    build_index(documents, tmp_path / "index")
    # One visitor reads all the while, and others ask.
    with desk.engine() as before, asked_without_a_pause(desk, 3):
        (documents / "mill.txt").unlink()
        (documents / "ferry.txt").write_text("The new mill closed in 2001.", encoding="utf-8")
        build_index(documents, tmp_path / "index")
        assert "2001" in desk.ask(QUESTION, 2, None, None, None).passages[0].quote
        assert [entry.document.path for entry in desk.entries()] == ["ferry.txt"]
        with pytest.raises(BadInput, match=r"mill\.txt: no such document"):
            desk.read("mill.txt")
        assert "1990" in before.ask(QUESTION).passages[0].quote, "what is being read is taken away"
        assert before.searched().documents == 2
    desk.close()
    assert len(list((tmp_path / "index/generations").iterdir())) == 2
