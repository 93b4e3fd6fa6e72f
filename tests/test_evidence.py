"""Which sentences are read for a question, and when reading ends."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from qa import Engine, build_index
from qa.extractor import READ_FIRST, READ_SENTENCES
from qa.reader import Reader
from qa.records import Reading


def test_reading_goes_on_until_a_sentence_surely_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keepers = ["Ada Voss", "Ivo Brandt", "Una Kell", "Per Holm", "Lis Aker", "Jon Rask", "Mia Lund", "Bo Wren", "Kim Dahl"]
    documents = tmp_path / "documents"
    documents.mkdir()
    for number, keeper in enumerate(keepers):
        text = f"{keeper} keeps lighthouse number {number}. The lamp of lighthouse {number} burns oil, {keeper} says."
        (documents / f"{number}.txt").write_text(text, encoding="utf-8")
    build_index(documents, tmp_path / "index")
    read: list[str] = []
    at_once: list[int] = []
    plain = Reader.read

    def counted(self: Reader, question: str, sentences: Sequence[str], contexts: Sequence[str] = ()) -> list[Reading]:
        read.extend(sentences)
        at_once.append(len(sentences))
        return plain(self, question, sentences, contexts)

    monkeypatch.setattr(Reader, "read", counted)
    with Engine.open(tmp_path / "index") as engine:
        assert engine.ask("Who keeps lighthouse number 3?").passages[0].document == "3.txt"
        assert "Per Holm keeps lighthouse number 3." in read
        assert len(read) == READ_FIRST
        read.clear()
        at_once.clear()
        engine.ask("Why was lighthouse 3 painted green?")
        assert len(read) == len(set(read)) == READ_SENTENCES
        assert at_once == [2, 2, 4, 8]
