"""A file that has not changed is neither read nor cut again, and the index comes out as if it had been."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qa.catalog
import qa.indexer
import qa.loaders
from qa import build_index
from tests.indexes import CORPUS, generation, write_files


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
    cut = watched(monkeypatch, qa.indexer, "cut_passages", lambda document, *_: str(document.path))
    report = build_index(docs, tmp_path / "index")
    assert made == cut == list(report.changed) == [changed.relative_to(docs).as_posix()]
    build_index(docs, tmp_path / "fresh")
    assert rows(tmp_path / "index") == rows(tmp_path / "fresh")
    assert any(passage[1] for passage in rows(tmp_path / "index")[2])


def test_another_way_of_reading_reads_and_cuts_every_file_anew(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(docs, tmp_path / "index")
    (docs / "headed.md").write_text("Now plain. And short.\n")
    for module in (qa.catalog, qa.indexer):
        monkeypatch.setattr(module, "READING", 1_000_000)
    cut = watched(monkeypatch, qa.indexer, "cut_passages", lambda document, *_: str(document.path))
    report = build_index(docs, tmp_path / "index")
    assert len(cut) == report.documents == len(CORPUS) + 1
