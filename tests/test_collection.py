"""A test collection's corpus becomes one document a record, under names that its judgements resolve to."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from qa import Engine, build_index
from qa.collection import corpus_files, file_of, read_documents
from qa.doctor import examine
from qa.questions import StoredTexts, question_set, read_questions
from qa.records import Document, Skipped
from tests.indexes import qa_here, write_files

RECORDS: list[dict[str, Any]] = [
    {"_id": "b", "title": "Lighthouse", "text": "The Marsh lighthouse was built in 1871 by the engineer Ada Fenwick."},
    {"_id": "a/b", "title": "", "text": "The harbour ferry leaves the eastern pier at nine every morning."},
    {
        "_id": "x#b",
        "title": "Bees",
        "text": "The abbey bees make a dark honey from heather.",
        "metadata": {"url": "u", "date": "2013"},
    },
    {"_id": 7.5, "title": "no id", "text": "Never read."},
    {"_id": 12, "title": "The parish bell was recast in 1790.", "text": " "},
]

ASKED = ("Who built the lighthouse?", "When does the ferry leave?")


def lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def collection(folder: Path) -> Path:
    """Make a whole test collection with four good records and one without an id that is text."""
    queries = [
        {"_id": f"q{number}", "text": text} for number, text in enumerate(("Who built the lighthouse?", "When is the ferry?"))
    ]
    return write_files(
        folder,
        {
            "corpus.jsonl": lines(RECORDS),
            "queries.jsonl": lines(queries),
            "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq0\tb\t2\nq1\ta/b\t1\nq1\tx#b\t1\n",
            "README.md": "# About\n\nThis describes the lighthouse collection.\n",
        },
    )


def read(folder: Path, corpus: str | bytes) -> list[Document | Skipped]:
    return list(read_documents(write_files(folder, {"corpus.jsonl": corpus}), "corpus.jsonl"))


def test_each_record_is_a_document_named_by_its_id(tmp_path: Path) -> None:
    found = read(tmp_path, lines(RECORDS))
    documents = [item for item in found if isinstance(item, Document)]
    assert [item.path for item in documents] == ["corpus.jsonl#b", "corpus.jsonl#a/b", "corpus.jsonl#x#b", "corpus.jsonl#12"]
    assert [item.text for item in documents[:3]] == [record["text"] for record in RECORDS[:3]]
    assert [item.title for item in documents] == ["Lighthouse", "a/b", "Bees", "The parish bell was recast in 1790."]
    assert documents[3].text == "The parish bell was recast in 1790."  # all there is to quote
    assert (documents[2].url, documents[2].date) == ("u", "2013")
    assert [item for item in found if isinstance(item, Skipped)] == [
        Skipped("corpus.jsonl:4", "_id: must be text, and not empty")
    ]
    assert {file_of(item.path) for item in documents} == {"corpus.jsonl"}
    assert file_of("notes/corpus.jsonl#b") == "notes/corpus.jsonl#b"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"nothing", "not JSON (Expecting value: line 1 column 1 (char 0))"),
        (b"[1]", "must be an object with _id, title and text"),
        (b'{"title": "t", "text": "x"}', "_id: missing"),
        (b'{"_id": " ", "text": "x"}', "_id: must be text, and not empty"),
        (b'{"_id": true, "text": "x"}', "_id: must be text, and not empty"),
        (b'{"_id": "2", "text": ["x"]}', "text: must be text"),
        (b'{"_id": "2", "title": "", "text": "\\n"}', "text: empty, and so is title"),
        (b'{"_id": "2", "text": "a \\ud83d b"}', "text: holds half of a surrogate pair, which is no character"),
        (b'{"_id": "1", "text": "again"}', "_id: '1' is also in line 1"),
        (b'{"_id": "2", "text": "\xff"}', "not UTF-8 (byte 22 of the line); save it as UTF-8"),
    ],
)
def test_a_fault_names_its_line_and_the_others_are_read(tmp_path: Path, line: bytes, reason: str) -> None:
    found = read(tmp_path, b'{"_id": "1", "text": "one"}\n\n' + line + b'\n{"_id": "3", "text": "three"}')
    assert [item.path for item in found] == ["corpus.jsonl#1", "corpus.jsonl:3", "corpus.jsonl#3"]
    assert found[1] == Skipped("corpus.jsonl:3", reason)


def test_a_byte_order_mark_is_not_part_of_the_first_line(tmp_path: Path) -> None:
    (only,) = read(tmp_path, b'\xef\xbb\xbf{"_id": "1", "text": "one"}\r\n')
    assert only.path == "corpus.jsonl#1"


def test_of_a_whole_collection_only_the_corpus_is_documents_and_beside_other_files_it_is_one_of_them(tmp_path: Path) -> None:
    assert list(corpus_files(collection(tmp_path / "whole"))) == ["corpus.jsonl"]
    mixed = write_files(tmp_path / "mixed", {"corpus.jsonl": lines(RECORDS[:1]), "a.md": "Text.", "sub/corpus.jsonl": "{}"})
    assert list(corpus_files(mixed)) == ["a.md", "corpus.jsonl", "sub/corpus.jsonl"]
    (below,) = read_documents(mixed, "sub/corpus.jsonl")
    assert isinstance(below, Skipped)
    assert below.reason == "empty", "elsewhere it is a file like others"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "corpus.jsonl")
    assert list(read_documents(tmp_path, "corpus.jsonl")) == [Skipped("corpus.jsonl", "not a regular file")]


def test_a_collection_is_indexed_judged_asked_and_examined(tmp_path: Path) -> None:
    folder, index = collection(tmp_path / "beir"), tmp_path / "index"
    report = build_index(folder, index)
    assert (report.documents, [item.path for item in report.skipped]) == (4, ["corpus.jsonl:4"])
    assert [(item.path, item.format, item.coverage.notes) for item in report.files] == [
        ("corpus.jsonl", "collection", ("4 records",)),
        ("corpus.jsonl:4", "", ()),
    ]
    with Engine.open(index) as engine:
        judged = question_set(read_questions(folder), StoredTexts(engine.store)).questions
        assert [[(gold.document, gold.grade) for gold in item.golds] for item in judged] == [
            [("corpus.jsonl#b", 2)],
            [("corpus.jsonl#a/b", 1), ("corpus.jsonl#x#b", 1)],
        ]
        assert engine.search("lighthouse")[0].document == "corpus.jsonl#b"
    assert next(finding for finding in examine(index) if finding.check == "folder").well
    done = qa_here("eval", folder, "--index", index, "--json")
    assert done.returncode == 0, done.stderr
    table = json.loads(done.stdout)["systems"]["hybrid"]
    assert table["Success@1"]["value"] == 1.0
    write_files(folder, {"corpus.jsonl": lines(RECORDS[1:])})
    changed = next(finding for finding in examine(index) if finding.check == "folder")
    assert (changed.well, changed.found) == (False, "1 files differ from the index, among them corpus.jsonl#b")
    assert build_index(folder, index).removed == ("corpus.jsonl#b",)
