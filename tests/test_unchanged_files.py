"""A file that has not changed is neither read nor cut again, and the index comes out as if it had been."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import qa.catalog.reading
import qa.catalog.writing
import qa.cuts
import qa.indexer
import qa.lexical
import qa.loaders
import qa.parts
from qa import Engine, build_index
from qa.errors import DamagedIndex
from qa.indexer import Options
from qa.lexical import read_shards
from tests.indexes import CORPUS, generation, generations, in_catalog, publish_changed, told, write_files


def watched(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, told: Callable[..., str]) -> list[str]:
    """Note what a function is called with from now on; it goes on as it was."""
    plain, calls = getattr(module, name), list[str]()

    def noted(*arguments: Any) -> Any:
        calls.append(told(*arguments))
        return plain(*arguments)

    monkeypatch.setattr(module, name, noted)
    return calls


def rows(index: Path) -> list[list[tuple[Any, ...]]]:
    """Return all that the catalog of an index holds."""
    with sqlite3.connect(generation(index) / "catalog.sqlite") as connection:
        tables = ("documents", "texts", "passages", "locators")
        return [connection.execute(f"select * from {table} order by 1").fetchall() for table in tables]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = write_files(tmp_path / "docs", CORPUS)
    (docs / "headed.md").write_text("---\ntitle: Weirs\n---\n# One\n\nThe weir is old. It leaks.\n\n## Two\n\nIt was mended.\n")
    return docs


def test_one_changed_file_is_read_and_cut_alone_and_the_catalog_is_as_if_all_were(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(docs, tmp_path / "index")
    changed = sorted(path for path in docs.rglob("*") if path.is_file() and path.name != "headed.md")[0]
    changed.write_text("At the top stands a new sentence about herons.\n\n" + changed.read_text())
    made = watched(monkeypatch, qa.loaders, "document_of", lambda path, *_: str(path))
    cut = watched(monkeypatch, qa.cuts, "cut_passages", lambda document, *_: str(document.path))
    report = build_index(docs, tmp_path / "index")
    assert made == cut == list(report.changed) == [changed.relative_to(docs).as_posix()]
    build_index(docs, tmp_path / "fresh")
    assert rows(tmp_path / "index") == rows(tmp_path / "fresh")
    assert any(passage[1] for passage in rows(tmp_path / "index")[2])


def test_another_way_of_reading_reads_and_cuts_every_file_anew(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(docs, tmp_path / "index")
    # No file need have changed: it is the program that reads otherwise now.
    for module in (qa.catalog.reading, qa.catalog.writing, qa.indexer):
        monkeypatch.setattr(module, "READING", 1_000_000)
    cut = watched(monkeypatch, qa.cuts, "cut_passages", lambda document, *_: str(document.path))
    report = build_index(docs, tmp_path / "index")
    assert report.published
    assert len(cut) == report.documents == len(CORPUS) + 1
    cut.clear()
    assert not build_index(docs, tmp_path / "index").published
    assert cut == []


def test_an_updated_index_has_the_parts_of_one_built_afresh_and_only_the_changed_words_are_written(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qa.parts, "ONE_SHARD", 3)
    monkeypatch.setattr(qa.parts, "SHARDS", 8)
    for number in range(24):
        (docs / f"{number:02}.md").write_text(
            f"# Weir {number}\n\nThe weir stands.\n\n# Its keeper\n\nMrs Moss {number} kept it.\n"
        )
    build_index(docs, tmp_path / "index")
    (docs / "03.md").unlink()
    (docs / "07.md").write_text("Herons nest at the lock.\n")
    (docs / "zz.md").write_text("The last weir is small.\n")
    written = watched(monkeypatch, qa.lexical.LexicalWriter, "add", lambda *_: "written")
    build_index(docs, tmp_path / "index")
    shards = len(read_shards(generation(tmp_path / "index") / "lexical"))
    assert 0 < len(written) < shards
    build_index(docs, tmp_path / "fresh")
    updated, fresh = generation(tmp_path / "index"), generation(tmp_path / "fresh")
    assert rows(tmp_path / "index") == rows(tmp_path / "fresh")
    for part in ("vectors.faiss", "rows.npy", "digests.bin"):
        assert (updated / part).read_bytes() == (fresh / part).read_bytes(), part
    stems = ("weir", "keeper", "heron", "moss", "3")
    with Engine.open(tmp_path / "index") as one, Engine.open(tmp_path / "fresh") as other:
        assert [one.store.lexical.search([stem], 99) for stem in stems] == [
            other.store.lexical.search([stem], 99) for stem in stems
        ]
        assert told(one) == [answer | {"searched": mine["searched"]} for answer, mine in zip(told(other), told(one), strict=True)]
        for search in ({}, {"source": ["1*.md", "zz.md"]}):
            hits = [[hit.to_dict() for hit in engine.search("Who kept the weir?", 40, **search)] for engine in (one, other)]
            assert hits[0] == hits[1] and hits[0]
        assert all(hit["document"] in {"zz.md", *(f"{n}.md" for n in range(10, 20))} for hit in hits[0])
        assert one.store.lexical.document_frequency("heron") == 1


def test_what_is_deleted_is_in_no_file_of_the_new_generation(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.parts, "ONE_SHARD", 3)
    (docs / "secret.txt").write_text("The password of the abbey is quinquereme.\n")
    build_index(docs, tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        assert engine.store.lexical.document_frequency("quinquerem") == 1
    (docs / "secret.txt").unlink()
    build_index(docs, tmp_path / "index", None, Options(forget=True))
    assert len(generations(tmp_path / "index")) == 1
    assert not [path for path in (tmp_path / "index").rglob("*") if path.is_file() and b"quinquereme" in path.read_bytes()]
    # words are packed in a dictionary of terms: what stands in no segment and in no file beside them is nowhere
    words = generation(tmp_path / "index") / "lexical"
    named = [UUID(segment["segment_id"]).hex for shard in read_shards(words) for segment in shard.segments]
    assert {path.stem for path in words.iterdir()} == {*named, "meta", ".managed"}
    assert all(segment["deletes"] is None for shard in read_shards(words) for segment in shard.segments)
    with Engine.open(tmp_path / "index") as engine:
        assert engine.store.lexical.document_frequency("quinquerem") == 0


def test_a_catalog_before_that_lacks_rows_is_named_as_damaged_and_nothing_is_published(docs: Path, tmp_path: Path) -> None:
    build_index(docs, tmp_path / "index")
    named = generation(tmp_path / "index")
    publish_changed(tmp_path / "index", in_catalog("update passages set number = number + 100 where number > 2"))
    (docs / "new.txt").write_text("A new word.\n")
    with pytest.raises(DamagedIndex, match=r"catalog\.sqlite: cannot be read \(something is missing\); the index is damaged"):
        build_index(docs, tmp_path / "index")
    assert generation(tmp_path / "index") == named
