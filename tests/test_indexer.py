"""Indexing embeds what is new, forgets what is gone, refuses what would be wrong, and survives being killed."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa import Engine, build_index
from qa.catalog import CatalogWriter
from qa.errors import BadInput, DamagedIndex, IncompatibleIndex, ModelError
from qa.generation import check, hold
from qa.indexer import Options
from qa.models import DEFAULT_MODEL, ENCODER_FILES, prepare_model
from qa.records import BuildReport, Document
from qa.vectors import VectorIndex, VectorWriter
from tests.conftest import NOBODY, Reference, as_nobody
from tests.indexes import (
    CORPUS,
    FERRY,
    LIGHTHOUSE,
    NINE,
    QUESTIONS,
    TEN,
    answers_of,
    assert_tidy,
    change,
    copy_index,
    find,
    first_quote,
    generation,
    generations,
    own_index,
    publish_changed,
    quoted_documents,
    rebuild,
    told,
    tree,
    write_files,
)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write_files(tmp_path / "docs", CORPUS)


@pytest.fixture
def index(made: Path, docs: Path) -> Path:
    """Copy the index, with the copied documents as its root."""
    return own_index(made, docs.parent)


def changes(report: BuildReport) -> dict[str, list[str]]:
    return {"added": sorted(report.added), "changed": sorted(report.changed), "removed": sorted(report.removed)}


def test_an_unchanged_folder_publishes_nothing_and_writes_nothing(index: Path, docs: Path) -> None:
    before = tree(index)
    for path in docs.rglob("*"):
        os.utime(path)
    report = build_index(docs, index)
    assert (report.published, report.embedded, report.unchanged) == (False, 0, 3)
    assert tree(index) == before


def test_an_edited_file_has_only_its_changed_passages_embedded(index: Path, docs: Path) -> None:
    write_files(docs, {"lighthouse.md": LIGHTHOUSE.replace("two goats", "three geese")})
    report = build_index(docs, index)
    assert changes(report) == {"added": [], "changed": ["lighthouse.md"], "removed": []}
    assert (report.embedded, report.unchanged, report.passages) == (1, 2, 5)
    with Engine.open(index) as engine:
        assert "three geese" in first_quote(engine, "Who lived with geese on the rock?")
        assert engine.search('"two goats"') == []


def test_a_changed_title_has_all_passages_of_its_document_embedded(index: Path, docs: Path) -> None:
    write_files(docs, {"lighthouse.md": LIGHTHOUSE.replace("Notes on the Marsh lighthouse", "A tower")})
    assert build_index(docs, index).embedded == 3


def test_the_same_words_in_two_files_are_embedded_once(docs: Path, tmp_path: Path) -> None:
    write_files(docs, {"copy/honey.md": CORPUS["bees/honey.md"]})
    report = build_index(docs, tmp_path / "new")
    assert (report.passages, report.embedded) == (6, 5)


@pytest.mark.parametrize("ahead", [0, 3])
def test_vectors_are_the_same_however_many_are_embedded_while_others_are_cut(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    first = sorted(docs.rglob("*.md"))[0]
    write_files(docs, {"a/copy.md": first.read_text(encoding="utf-8"), "z.txt": "A last word. " * 200})
    build_index(docs, tmp_path / "one")
    monkeypatch.setattr("qa.cuts.AHEAD", ahead)
    build_index(docs, tmp_path / "other")
    one, other = generation(tmp_path / "one"), generation(tmp_path / "other")
    assert (one / "vectors.faiss").read_bytes() == (other / "vectors.faiss").read_bytes()


def test_who_interrupts_a_run_does_not_wait_for_the_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docs = write_files(tmp_path / "many", {f"{number}.txt": f"Report {number} was read." for number in range(60)})
    added: list[str] = []

    def slowly(self: CatalogWriter, document: Document, *unused: object) -> None:
        added.append(document.path)
        time.sleep(0.05)

    def interrupted(*unused: object) -> int:
        time.sleep(0.2)
        raise KeyboardInterrupt

    monkeypatch.setattr(CatalogWriter, "add", slowly)
    monkeypatch.setattr("qa.parts.embed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build_index(docs, tmp_path / "index")
    assert 1 <= len(added) < 60
    assert not (tmp_path / "index").exists()


def test_vectors_stored_as_bytes_are_the_same_bytes_after_any_number_of_updates(docs: Path, tmp_path: Path) -> None:
    index, options = tmp_path / "celled", Options(exact_rows=0)
    build_index(docs, index, None, options)
    first = (generation(index) / "vectors.int8").read_bytes()
    for number in range(3):
        write_files(docs, {"zoo/zebra.txt": f"The zebra was seen {number} times.\n"})
        assert build_index(docs, index, None, options).embedded == 1
        assert (generation(index) / "vectors.int8").read_bytes()[24 : len(first)] == first[24:]
    (docs / "zoo/zebra.txt").unlink()
    assert build_index(docs, index, None, options).embedded == 0
    assert (generation(index) / "vectors.int8").read_bytes() == first
    write_files(docs, {"zoo/zebra.txt": "The zebra was seen.\n"})
    assert build_index(docs, index).embedded == 1  # few again, and exact
    assert not (generation(index) / "vectors.int8").exists()


def test_an_update_keeps_the_centres_of_cells_and_a_rebuild_finds_them_anew(docs: Path, tmp_path: Path) -> None:
    index = tmp_path / "celled"
    build_index(docs, index, None, Options(exact_rows=0))
    first = VectorIndex(generation(index) / "vectors.faiss").centres
    write_files(docs, {"zoo/zebra.txt": "The zebra was seen.\n"})
    build_index(docs, index, None, Options(exact_rows=0))
    assert np.array_equal(VectorIndex(generation(index) / "vectors.faiss").centres, first)
    build_index(docs, index, None, Options(exact_rows=0, rebuild=True))
    assert not np.array_equal(VectorIndex(generation(index) / "vectors.faiss").centres, first)


@pytest.mark.parametrize("edit", ["changed", "added", "removed", "renamed", "copied"])
def test_an_update_puts_every_row_where_it_would_stand_if_all_were_embedded_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    monkeypatch.setattr("qa.vectors.cells.LEAST_KEPT", 0.0)
    docs, options = tmp_path / "docs", Options(exact_rows=0)
    names = ("heron", "otter", "pike", "newt")
    files = {
        f"{number:02}.md": f"# Weir {number}\n\n" + " ".join(f"The {name} came {number} times." for name in names) + "\n"
        for number in range(50)
    }
    build_index(write_files(docs, files), tmp_path / "index", None, options)
    first = VectorIndex(generation(tmp_path / "index") / "vectors.faiss")
    assert first.centres is not None and len(first.centres) > 1
    if edit == "changed":
        write_files(docs, {"20.md": files["20.md"] + "\nThe eel came once. The bream never came.\n"})
    elif edit == "added":
        write_files(docs, {"20b.md": "# Eels\n\nThe eel came once. The bream never came.\n"})
    elif edit == "removed":
        (docs / "20.md").unlink()
    elif edit == "renamed":
        (docs / "20.md").rename(docs / "00.5.md")
    else:
        write_files(docs, {"00.5.md": files["20.md"]})
    report = build_index(docs, tmp_path / "index", None, options)
    assert report.embedded == (1 if edit in ("changed", "added") else 0)
    assert len(report.added) + len(report.changed) + len(report.removed) == (2 if edit == "renamed" else 1)
    build_index(docs, tmp_path / "fresh", None, options)
    index = VectorIndex(generation(tmp_path / "index") / "vectors.faiss")
    for part in ("vectors.int8", "rows.npy"):
        assert (generation(tmp_path / "index") / part).read_bytes() == (generation(tmp_path / "fresh") / part).read_bytes()
    with VectorWriter(tmp_path / "vectors.faiss", index.dimension, index.rows, 0, first) as writer:
        writer.add(VectorIndex(generation(tmp_path / "fresh") / "vectors.faiss").vectors(0, index.rows))
        writer.close()
    anew = VectorIndex(tmp_path / "vectors.faiss")
    assert (tmp_path / "vectors.faiss").read_bytes() == (generation(tmp_path / "index") / "vectors.faiss").read_bytes()
    for row in range(0, index.rows, 7):
        question = index.vectors(row, row + 1)[0]
        assert index.nearest(question, 9)[0].tolist() == anew.nearest(question, 9)[0].tolist()


def test_cells_that_hold_a_row_twice_are_named_as_damaged_and_nothing_is_published(docs: Path, tmp_path: Path) -> None:
    index, options = tmp_path / "celled", Options(exact_rows=0)
    build_index(docs, index, None, options)
    named = generation(index)

    def forge(folder: Path) -> None:
        whole = (folder / "vectors.faiss").read_bytes()
        (folder / "vectors.faiss").write_bytes(whole[:-8] + bytes(8))

    publish_changed(index, forge)
    write_files(docs, {"zoo/zebra.txt": "The zebra was seen.\n"})
    with pytest.raises(DamagedIndex, match="its rows are not those of the vectors"):
        build_index(docs, index, None, options)
    assert generation(index) == named
    assert_tidy(index)


def test_a_deleted_file_no_longer_answers(index: Path, docs: Path) -> None:
    (docs / "ferry.txt").unlink()
    report = build_index(docs, index)
    assert changes(report) == {"added": [], "changed": [], "removed": ["ferry.txt"]}
    assert report.embedded == 0
    assert "ferry.txt" not in quoted_documents(index, FERRY)
    with Engine.open(index) as engine:
        assert engine.search('"eastern pier"') == []


def test_a_renamed_file_whose_title_stays_is_removed_and_added_without_embedding(index: Path, docs: Path) -> None:
    (docs / "bees" / "honey.md").rename(docs / "heather.md")
    report = build_index(docs, index)
    assert changes(report) == {"added": ["heather.md"], "changed": [], "removed": ["bees/honey.md"]}
    assert report.embedded == 0
    documents = quoted_documents(index, "What honey do the abbey bees make?")
    assert "heather.md" in documents
    assert "bees/honey.md" not in documents


def test_a_rename_that_changes_the_title_embeds_again(index: Path, docs: Path) -> None:
    (docs / "ferry.txt").rename(docs / "Boats of the bay.txt")
    assert build_index(docs, index).embedded == 1


def test_a_file_that_became_unreadable_is_reported_and_leaves(made: Path, public_folder: Path) -> None:
    index = copy_index(made, public_folder)
    docs = public_folder / "docs"
    publish_changed(index, lambda folder: None, root=str(docs))
    for path in [public_folder, *public_folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
    (docs / "ferry.txt").chmod(0)
    told_report = as_nobody(lambda: json.dumps(build_index(docs, index).to_dict()))
    report = json.loads(told_report)
    assert report["skipped"] == [{"path": "ferry.txt", "reason": "no permission to read it; chmod +r it"}]
    assert (report["removed"], report["documents"], report["published"]) == (["ferry.txt"], 2, True)
    assert "ferry.txt" not in quoted_documents(index, FERRY)


def test_one_bad_file_does_not_stop_the_rest(index: Path, docs: Path) -> None:
    write_files(
        docs,
        {"bad.txt": b"\x00\x01", "empty.md": "", "half.txt": b"\xff\xfea", "page.pdf": "%PDF", "new.txt": "The heron is grey.\n"},
    )
    report = build_index(docs, index)
    assert changes(report) == {"added": ["new.txt"], "changed": [], "removed": []}
    assert {item.path for item in report.skipped} == {"bad.txt", "empty.md", "half.txt", "page.pdf"}
    assert all(item.reason for item in report.skipped)
    assert "new.txt" in quoted_documents(index, "What colour is the heron?")


def test_a_bad_file_is_remembered_until_it_is_mended_or_gone(index: Path, docs: Path) -> None:
    write_files(docs, {"bad.txt": b"\x00"})
    report = build_index(docs, index)
    assert (report.published, report.embedded) == (True, 0)
    assert [item["path"] for item in json.loads(find(index, "manifest.json").read_text())["skipped"]] == ["bad.txt"]
    assert not build_index(docs, index).published
    (docs / "bad.txt").unlink()
    assert build_index(docs, index).published
    assert json.loads(find(index, "manifest.json").read_text())["skipped"] == []


def test_an_emptied_folder_gives_an_empty_index_that_says_so(index: Path, docs: Path) -> None:
    shutil.rmtree(docs)
    docs.mkdir()
    report = build_index(docs, index)
    assert (report.documents, report.passages, len(report.removed), report.published) == (0, 0, 3, True)
    with Engine.open(index) as engine:
        for question in QUESTIONS:
            answer = engine.ask(question).to_dict()
            assert (answer["reason"], answer["nearest"]) == ("empty index", [])
        assert engine.search("ferry") == []
    write_files(docs, {"ferry.txt": TEN})
    assert build_index(docs, index).documents == 1
    assert quoted_documents(index, FERRY) == {"ferry.txt"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no documents in it; put PDF, Markdown or text files there"),
        ({"a.txt": b"\x00", "b.txt": ""}, "none of its 2 files can be read: a.txt: binary, not text; convert it to text first;"),
    ],
)
def test_a_folder_without_a_readable_file_is_refused_and_nothing_is_left(
    tmp_path: Path, files: dict[str, str | bytes], message: str
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    write_files(docs, files)
    with pytest.raises(BadInput) as raised:
        build_index(docs, tmp_path / "deep" / "index")
    assert str(raised.value).startswith(f"{docs}: {message}")
    assert list(tmp_path.iterdir()) == [docs]


def test_files_that_all_became_bad_do_not_empty_an_index(index: Path, docs: Path) -> None:
    before = answers_of(index)
    for path in CORPUS:
        write_files(docs, {path: b"\x00"})
    with pytest.raises(BadInput, match="none of its 3 files can be read"):
        build_index(docs, index)
    assert answers_of(index) == before


def test_a_dry_run_says_what_would_change_and_changes_nothing(index: Path, docs: Path) -> None:
    before = tree(index)
    write_files(docs, {"ferry.txt": NINE, "new.txt": "The heron is grey.\n"})
    (docs / "lighthouse.md").unlink()
    report = rebuild(index, docs, dry_run=True, forget=True)
    assert changes(report) == {"added": ["new.txt"], "changed": ["ferry.txt"], "removed": ["lighthouse.md"]}
    assert not report.published
    assert tree(index) == before


def test_a_dry_run_without_index_counts_and_leaves_nothing(docs: Path, tmp_path: Path) -> None:
    report = rebuild(tmp_path / "index", docs, dry_run=True)
    assert (report.documents, report.passages, report.published) == (3, 5, False)
    assert list(tmp_path.iterdir()) == [docs]


def test_another_root_is_refused_naming_both_and_accepted_with_replace(index: Path, docs: Path, tmp_path: Path) -> None:
    other = write_files(tmp_path / "other", {"heron.txt": "The heron is grey.\n", "bees/honey.md": CORPUS["bees/honey.md"]})
    before = answers_of(index)
    for options in (Options(), Options(rebuild=True)):
        with pytest.raises(BadInput) as raised:
            build_index(other, index, None, options)
        assert str(raised.value) == (
            f"{index}: is the index of {docs}, not of {other};"
            " add --replace to index the new folder instead, or name another index with --index"
        )
    assert answers_of(index) == before
    report = rebuild(index, other, replace=True)
    assert (report.root, report.documents, report.embedded) == (str(other), 2, 1)
    assert changes(report)["removed"] == ["ferry.txt", "lighthouse.md"]
    assert quoted_documents(index, FERRY) <= {"heron.txt", "bees/honey.md"}


def test_another_model_is_not_passed_over_where_nothing_else_changed(index: Path, docs: Path, tmp_path: Path) -> None:
    before = answers_of(index)
    nowhere = str(tmp_path / "nowhere")
    for options in (Options(model=nowhere, replace=True), Options(model=nowhere, rebuild=True)):
        with pytest.raises(ModelError, match="cannot be used as an embedding model"):
            build_index(docs, index, None, options)
    assert answers_of(index) == before
    assert not rebuild(index, docs, replace=True).published
    assert not rebuild(index, docs, replace=True, model=DEFAULT_MODEL).published


def test_the_same_root_by_another_way_is_the_same_root(index: Path, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (docs.parent / "link").symlink_to(docs)
    monkeypatch.chdir(docs.parent)
    for root in ("docs", "./docs/../docs/", docs.parent / "link"):
        assert not build_index(root, index).published


def test_an_index_inside_its_own_folder_is_no_part_of_it(tmp_path: Path) -> None:
    docs = write_files(tmp_path, CORPUS)
    for _ in range(2):
        report = build_index(docs, docs / "index")
        assert (report.documents, report.skipped) == (3, ())
    assert not report.published


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be made there")
def test_folders_whose_names_are_not_utf_8_are_refused_before_anything_is_written(docs: Path, tmp_path: Path) -> None:
    bad = Path(os.fsdecode(os.fsencode(tmp_path / "caf") + b"\xe9"))
    try:
        shutil.copytree(docs, bad)
    except OSError:
        pytest.skip("this file system refuses such names itself")
    for root, index in ((bad, tmp_path / "index"), (docs, bad / "index")):
        with pytest.raises(BadInput, match=r"caf\\xe9(/index)?: its name is not UTF-8; rename it$"):
            build_index(root, index)
        assert not index.exists()


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from qa import build_index
from qa.errors import BadInput
try:
    build_index(sys.argv[2], sys.argv[3])
except BadInput as error:
    print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="no limits on files there")
def test_a_disk_without_room_is_said_in_one_line_and_the_old_index_answers(index: Path, docs: Path) -> None:
    before = answers_of(index)
    write_files(docs, {"new.txt": "The heron is grey.\n"})
    for limit in (3000, 10_000):  # the vectors do not fit; the catalog does not
        command = [sys.executable, "-c", FULL, str(limit), str(docs), str(index)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        (line,) = done.stdout.splitlines()
        assert line.startswith(f"{index}: cannot be written (")
        assert line.endswith("); make room or name another with --index")
    assert answers_of(index) == before
    assert build_index(docs, index).published
    assert_tidy(index)


class TestModels:
    """An index has one model; another is refused until everything is to be embedded anew."""

    @pytest.fixture(autouse=True)
    def cache(self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Export the small model to a folder of these tests' own."""
        folder = tmp_path_factory.getbasetemp() / "cache"
        monkeypatch.setenv("QA_CACHE", str(folder))
        return folder

    def test_another_model_is_refused_with_what_would_allow_it(self, index: Path, docs: Path, reference: Reference) -> None:
        with pytest.raises(IncompatibleIndex) as raised:
            rebuild(index, docs, model=str(reference.model))
        assert str(raised.value) == (
            f"{index}: was made with model {DEFAULT_MODEL}, not {reference.model}; add --rebuild to embed everything anew"
        )

    def test_another_model_works_from_end_to_end_once_everything_is_rebuilt(
        self, index: Path, docs: Path, reference: Reference
    ) -> None:
        report = rebuild(index, docs, model=str(reference.model), rebuild=True)
        assert (report.embedded, report.documents, report.published) == (5, 3, True)
        with Engine.open(index) as engine:
            assert engine.store.manifest.model["model"] == str(reference.model)
            assert engine.store.vectors.dimension == 32
            assert engine.search('"eastern pier"')[0].document == "ferry.txt"
            assert [answer["question"] for answer in told(engine)] == list(QUESTIONS)
        with pytest.raises(IncompatibleIndex, match=f"not {DEFAULT_MODEL}; add --rebuild"):
            rebuild(index, docs, model=DEFAULT_MODEL)
        write_files(docs, {"new.txt": "The heron is grey.\n"})
        assert build_index(docs, index).embedded == 1, "an update keeps the model without being told"
        assert json.loads(find(index, "manifest.json").read_text())["model"]["model"] == str(reference.model)

    @pytest.mark.parametrize("part", ["vectors.faiss", "manifest.json"])
    def test_a_rebuild_of_a_damaged_index_keeps_its_model(self, index: Path, docs: Path, reference: Reference, part: str) -> None:
        rebuild(index, docs, model=str(reference.model), rebuild=True)
        path = find(index, part)
        change(path, path.read_bytes().replace(b'"passages": 5', b'"passages": 6') if part == "manifest.json" else b"")
        report = rebuild(index, docs, rebuild=True)
        assert report.embedded == 5
        assert json.loads(find(index, "manifest.json").read_text())["model"]["model"] == str(reference.model)

    def test_a_damaged_model_name_is_not_looked_for_anywhere(self, index: Path, docs: Path) -> None:
        for path in index.glob("generations/*/manifest.json"):
            change(path, path.read_bytes().replace(b"sentence-transformers/", b"sentence-transfprmers/"))
        with pytest.raises(BadInput) as raised:
            rebuild(index, docs, rebuild=True)
        assert str(raised.value) == (
            f"{index}: is damaged and was made with model sentence-transfprmers/all-MiniLM-L6-v2, it says;"
            " add --model NAME_OR_PATH"
        )


def test_the_encoder_is_shared_between_generations_and_not_with_the_cache(docs: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    build_index(docs, index)
    write_files(docs, {"ferry.txt": NINE})
    build_index(docs, index)
    first, second = (index / "generations" / name / "encoder" for name in generations(index))
    cached = prepare_model(DEFAULT_MODEL)
    for name in ENCODER_FILES:
        assert (first / name).samefile(second / name), "a file that did not change takes no room twice"
        assert not (second / name).samefile(cached / name), "damage to the one would be damage to the other"
    rebuild(index, docs, rebuild=True)
    assert not (generation(index) / "encoder" / "model.onnx").samefile(second / "model.onnx"), "a rebuild starts from the cache"


class TestOldGenerations:
    """The last two stay, and whatever is being read; --forget leaves the current one alone."""

    @staticmethod
    def turn(index: Path, docs: Path, text: str, **options: bool) -> BuildReport:
        write_files(docs, {"ferry.txt": text})
        return rebuild(index, docs, **options)

    def test_the_last_two_stay(self, index: Path, docs: Path) -> None:
        names = [self.turn(index, docs, text).generation for text in (NINE, TEN, NINE)]
        assert generations(index) == names[-2:]
        assert_tidy(index)

    def test_readers_keep_what_they_opened_until_they_move_on(self, index: Path, docs: Path) -> None:
        with Engine.open(index) as engine:
            held, before = engine.store.manifest.generation, told(engine)
            for text in (NINE, "The ferry was sold.\n", NINE):
                report = self.turn(index, docs, text)
                assert report.notes == ()
            assert generations(index) == [held, *generations(index)[-2:]]
            assert told(engine) == before
            assert engine.refresh()
            assert engine.store.manifest.generation == report.generation
            assert first_quote(engine) == NINE.strip()
            assert not engine.refresh()
            build_index(docs, index)
            assert_tidy(index)

    def test_forget_leaves_no_byte_of_a_deleted_text(self, index: Path, docs: Path) -> None:
        self.turn(index, docs, "The quuxferry leaves at zanzithirty.\n")
        report = self.turn(index, docs, TEN, forget=True)
        assert report.notes == ()
        assert generations(index) == [report.generation]
        for path in index.rglob("*"):
            if path.is_file():
                content = path.read_bytes().lower()
                assert b"quuxferry" not in content, path
                assert b"zanzithirty" not in content, path

    def test_forget_of_an_unchanged_folder_forgets_too(self, index: Path, docs: Path) -> None:
        assert len(generations(index)) == 2
        report = rebuild(index, docs, forget=True)
        assert not report.published
        assert generations(index) == [report.generation]

    def test_forget_says_what_is_still_read_and_forgets_it_the_next_time(self, index: Path, docs: Path) -> None:
        with Engine.open(index) as engine:
            held = engine.store.manifest.generation
            report = self.turn(index, docs, NINE, forget=True)
            assert report.notes == (
                f"still read by another process and kept: {held}; run qa index --forget again when it has ended",
            )
            assert first_quote(engine) == TEN.strip()
        assert rebuild(index, docs, forget=True).notes == ()
        assert generations(index) == [report.generation]

    def test_a_run_after_one_that_was_killed_before_it_pruned_prunes(self, index: Path, docs: Path) -> None:
        old = generations(index)[0]
        shutil.copytree(index / "generations" / old, index / "generations" / "000000-0123abcd")
        write_files(index, {"receipts/000000-0123abcd.json": "{}", "receipts/000009-0123abcd.json": "{}"})
        assert not build_index(docs, index).published
        assert_tidy(index)


Answers = list[dict[str, Any]]


def without_generation(answers: Answers) -> Answers:
    """Return answers without the name of the generation that gave them."""
    for answer in answers:
        del answer["searched"]["generation"]
    return answers


RUN = """
import sys
import qa.engine, qa.indexer, qa.predecessor, qa.render
from qa.cli import main
print("ready", flush=True)
sys.stdin.readline()
main()
"""


def start(index: Path) -> "subprocess.Popen[str]":
    """Start `qa index`, up to where its work begins; it goes on when a line is written to it."""
    command = [sys.executable, "-c", RUN, "index", "--index", str(index)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def let_go(child: "subprocess.Popen[str]") -> float:
    """Let a started run begin; return when."""
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    begun = time.perf_counter()
    child.stdin.write("\n")
    child.stdin.flush()
    return begun


def assert_survived(index: Path, docs: Path, old: Answers, new: Answers) -> str:
    """Assert that an index answers as before or after an update, and that the next run leaves it whole; say which."""
    now = without_generation(answers_of(index))
    assert now in (old, new)
    build_index(docs, index)
    assert_tidy(index)
    held = hold(index)
    check(index, held, whole=True)
    held.close()
    assert held.manifest.counts["documents"] == 4
    assert not build_index(docs, index).published
    return "old" if now == old else "new"


@pytest.fixture(scope="module")
def update(made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answers, Answers]:
    """Give a folder to copy, with an index that is behind its documents, and its answers before and after an update."""
    folder = tmp_path_factory.mktemp("update")
    index = copy_index(made, folder)
    old = without_generation(answers_of(index))
    write_files(folder / "docs", {"ferry.txt": NINE, "heron.txt": "The heron is grey.\n"})
    build_index(folder / "docs", folder / "fresh")
    new = without_generation(answers_of(folder / "fresh"))
    shutil.rmtree(folder / "fresh")
    return index, old, new


def fresh_copy(index: Path, folder: Path) -> tuple[Path, Path]:
    """Return a copy of an index and its documents, which are its root."""
    copied = copy_index(index, folder)
    publish_changed(copied, lambda _: None, root=str(folder / "docs"))
    return copied, folder / "docs"


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
def test_a_run_killed_at_any_time_leaves_the_old_answers_or_the_new_and_the_next_run_mends_the_rest(
    update: tuple[Path, Answers, Answers], tmp_path: Path
) -> None:
    index, old, new = update
    copied, _ = fresh_copy(index, tmp_path / "measured")
    with start(copied) as child:
        begun = let_go(child)
        child.wait()
        seconds = time.perf_counter() - begun
    chance, kills = random.Random(20220617), 15
    killed, outcomes = 0, []
    places = [fresh_copy(index, tmp_path / str(kill)) for kill in range(kills)]
    following = start(places[0][0])
    for kill, (copied, docs) in enumerate(places):
        with following as child:
            let_go(child)
            time.sleep(seconds * (kill + chance.random()) / kills)
            child.send_signal(signal.SIGKILL)
        killed += child.returncode == -signal.SIGKILL
        if kill + 1 < kills:
            following = start(places[kill + 1][0])  # it gets ready while this one is looked at
        outcomes.append(assert_survived(copied, docs, old, new))
    assert outcomes[0] == "old"
    assert killed >= kills // 3, "the rest were done before they could be killed"


STEPS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "shutil.rmtree"}


def killed_before(step: int, docs: Path, index: Path) -> list[str]:
    """Update an index in a child that is killed before it takes its numbered step; return the steps it took.

    A step is what changes a folder, or opens a file to write it, in the index directory.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        taken = 0

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal taken
            written = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if (event in STEPS or written) and str(index) in str(arguments[0]):
                if taken == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                taken += 1
                os.write(writing, f"{event} {arguments[0]}\n".encode())

        try:
            sys.addaudithook(count)
            build_index(docs, index)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        steps = pipe.read().splitlines()
    os.waitpid(child, 0)
    return steps


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_run_killed_before_any_step_of_publishing_and_pruning_leaves_the_old_answers_or_the_new(
    update: tuple[Path, Answers, Answers], tmp_path: Path
) -> None:
    index, old, new = update
    copied, docs = fresh_copy(index, tmp_path / "measured")
    steps = killed_before(sys.maxsize, docs, copied)
    (first,) = (number for number, step in enumerate(steps) if step.startswith("open ") and step.endswith("/manifest.json"))
    outcomes = []
    for number in range(first, len(steps)):
        copied, docs = fresh_copy(index, tmp_path / str(number))
        assert len(killed_before(number, docs, copied)) == number
        outcomes.append(assert_survived(copied, docs, old, new))
    published = next(number for number, step in enumerate(steps) if step == f"os.rename {tmp_path / 'measured/index/.CURRENT'}")
    assert outcomes == ["old"] * (published + 1 - first) + ["new"] * (len(steps) - published - 1)
    assert outcomes.count("new") > 4
    assert f"open {tmp_path / 'measured/index/CURRENT'}" not in steps, "it is replaced whole and never written"
