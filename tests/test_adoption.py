"""Of an index that somebody else built only texts are taken over, and whatever is wrong with it is one line."""

import json
import os
import time
from pathlib import Path

import pytest

import qa.adoption
from qa.adoption import adopt, file_name
from qa.errors import BadInput
from tests.indexes import CORPUS, answers_of, change, complaint, copy_index, generation, in_catalog, publish_changed, tree
from tests.indexes import qa as run_qa


@pytest.fixture
def foreign(made: Path, tmp_path: Path) -> Path:
    return copy_index(made, tmp_path / "foreign")


def test_a_foreign_index_is_indexed_anew_from_its_texts_alone(foreign: Path, tmp_path: Path) -> None:
    for path in generation(foreign).rglob("*"):
        if path.is_file() and path.name not in {"catalog.sqlite", "manifest.json"}:
            change(path, b"not what you think")
    (generation(foreign) / "manifest.json").write_text('{"root": "/etc"}')
    before = tree(foreign)
    done = run_qa("index", "taken", "--adopt", foreign, "--index", "mine", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, f"Took 3 texts of {foreign} into taken\n")
    assert tree(foreign) == before, "nothing is written to it"
    for path, text in CORPUS.items():
        assert (tmp_path / "taken" / path).read_bytes() == text.encode()
    answers = answers_of(tmp_path / "mine")
    assert [cited["document"] for cited in answers[1]["citations"][:1]] == ["ferry.txt"]
    assert json.loads((generation(tmp_path / "mine") / "manifest.json").read_text())["root"] == str(tmp_path / "taken")


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ("create view v as with recursive n(i) as (select 1 union all select i + 1 from n) select * from n", "it holds v"),
        ("create trigger t after insert on texts begin delete from texts; end", "it holds t"),
        ("alter table texts rename to others", "it holds no documents"),
        ("update texts set text = x'ff'", "codec can't decode"),
    ],
)
def test_a_hostile_catalog_is_refused_in_one_line_and_leaves_nothing(
    foreign: Path, tmp_path: Path, edit: str, reason: str
) -> None:
    publish_changed(foreign, in_catalog(edit))
    with pytest.raises(BadInput) as raised:
        adopt(foreign, tmp_path / "taken")
    assert reason in str(raised.value)
    assert str(generation(foreign) / "catalog.sqlite") in str(raised.value)
    assert str(raised.value).isprintable()
    assert not (tmp_path / "taken").exists()


def test_a_damaged_catalog_is_refused_in_one_line(foreign: Path, tmp_path: Path) -> None:
    path = generation(foreign) / "catalog.sqlite"
    change(path, b"\xff".join(path.read_bytes()[:4096].partition(b"create table")[::2]))
    with pytest.raises(BadInput, match=r"catalog.sqlite: cannot be read \(.*\); ask whoever made the index for its documents"):
        adopt(foreign, tmp_path / "taken")


def test_a_catalog_that_needs_too_much_memory_is_stopped(foreign: Path, tmp_path: Path) -> None:
    publish_changed(foreign, in_catalog("update texts set text = zeroblob(250000000) where document = 0"))
    with pytest.raises(BadInput, match=r"cannot be read \(.*\); ask|needs more than 1,000 MB"):
        adopt(foreign, tmp_path / "taken")
    assert not (tmp_path / "taken").exists()


def test_a_catalog_that_takes_too_long_is_stopped(foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.adoption, "SECONDS", 0.01)
    with pytest.raises(BadInput, match="needs more than 1,000 MB or 0 s"):
        adopt(foreign, tmp_path / "taken")
    assert not (tmp_path / "taken").exists()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("reports/a.md", "reports/a.md"),
        ("reports/a.pdf", "reports/a.pdf.txt"),
        ("sent.zip/report.pdf", "sent.zip/report.pdf.txt"),
        ("../../etc/passwd", "document-000007.txt"),
        ("/etc/passwd", "document-000007.txt"),
        ("a/../b.txt", "document-000007.txt"),
        (".ssh/authorized_keys", "document-000007.txt"),
        ("C:\\a.txt", "document-000007.txt"),
        ("a\nb.txt", "document-000007.txt"),
        ("\u202egnp.txt", "document-000007.txt"),
        ("", "document-000007.txt"),
        ("x" * 300, "document-000007.txt"),
        ("a/" * 30 + "b.txt", "document-000007.txt"),
    ],
)
def test_names_lead_nowhere(path: str, name: str) -> None:
    assert file_name(path, 7) == name


def test_documents_that_would_overwrite_each_other_are_all_kept(foreign: Path, tmp_path: Path) -> None:
    publish_changed(
        foreign,
        in_catalog(
            "update documents set path = 'a.pdf' where number = 0",
            "update documents set path = 'a.pdf.txt' where number = 1",
            "update documents set path = 'a.pdf.txt/b.txt' where number = 2",
        ),
    )
    assert adopt(foreign, tmp_path / "taken") == 3
    written = {path.read_text() for path in (tmp_path / "taken").rglob("*") if path.is_file()}
    assert written == set(CORPUS.values())


def test_links_devices_and_folders_in_use_are_refused(foreign: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="is no empty folder; name a new one"):
        adopt(foreign, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    catalog = generation(foreign) / "catalog.sqlite"
    elsewhere = catalog.rename(tmp_path / "catalog.sqlite")
    catalog.symlink_to(elsewhere)
    with pytest.raises(BadInput, match="is no catalog; ask whoever made the index"):
        adopt(foreign, tmp_path / "taken")
    (foreign / "CURRENT").unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(foreign / "CURRENT")  # reading it would wait for ever
    started = time.monotonic()
    with pytest.raises(BadInput, match="name the folder that holds CURRENT with --adopt"):
        adopt(foreign, tmp_path / "taken")
    assert time.monotonic() - started < 30
    assert not (tmp_path / "taken").exists()


@pytest.mark.parametrize(
    "given", [["--adopt", "x"], ["taken", "--adopt", "x", "--watch"], ["taken", "--adopt", "x", "--dry-run"]]
)
def test_what_does_not_go_with_it_is_said(tmp_path: Path, given: list[str]) -> None:
    line = complaint(run_qa("index", *given, folder=tmp_path))
    assert line == "qa: --adopt needs a new folder for the texts and goes with neither --watch nor --dry-run"


def test_an_index_whose_folder_is_elsewhere_names_it(foreign: Path, tmp_path: Path) -> None:
    publish_changed(foreign, lambda folder: None, root="/nowhere/at/all")
    line = complaint(run_qa("index", "--index", foreign, folder=tmp_path))
    assert line.startswith("qa: /nowhere/at/all: no such folder")
    assert "qa index FOLDER --adopt INDEX" in line


def test_an_empty_catalog_is_said(foreign: Path, tmp_path: Path) -> None:
    publish_changed(foreign, in_catalog("delete from texts"))
    with pytest.raises(BadInput, match="holds no texts; name another index with --adopt"):
        adopt(foreign, tmp_path / "taken")
