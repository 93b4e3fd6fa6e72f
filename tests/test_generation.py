"""The index directory survives damage, kills and other writers, or says in one line what is wrong."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import qa.generation
from qa import Engine
from qa.errors import BadInput, DamagedIndex, IncompatibleIndex, LockedIndex, NoIndex
from qa.generation import hold, write_receipt
from qa.ownership import is_own
from qa.predecessor import recorded_root
from qa.publishing import prune, writing
from tests.indexes import (
    CORPUS,
    FERRY,
    GENERATION_FILES,
    HOLDER,
    NINE,
    answers_of,
    assert_tidy,
    change,
    copy_index,
    find,
    first_quote,
    generation,
    generations,
    publish_changed,
    rebuild,
    told,
    tree,
    write_files,
)

PARTS = [*GENERATION_FILES, "CURRENT"]


@pytest.fixture(scope="module")
def answers(made: Path) -> list[dict[str, object]]:
    return answers_of(made)


@pytest.fixture
def index(made: Path, tmp_path: Path) -> Path:
    return copy_index(made, tmp_path / "copy")


def assert_believed_only_if_whole(index: Path, path: Path, answers: list[dict[str, object]]) -> None:
    """Assert that an index answers as it did, or that opening it names the damaged file and what mends it."""
    try:
        with Engine.open(index) as engine:
            now = told(engine)
    except DamagedIndex as error:
        message = str(error)
        # a manifest and the checksum of it in CURRENT disagree: which of the two is damaged cannot be known
        assert str(path) in message or (path.name == "manifest.json" and str(index / "CURRENT") in message), message
        assert message.endswith("; the index is damaged, run: qa index --rebuild"), message
        assert "\n" not in message
        return
    assert now == answers


def test_the_damage_tests_know_every_file_of_a_generation(made: Path) -> None:
    folder = generation(made)
    known = {path for pattern in GENERATION_FILES for path in folder.glob(pattern)}
    assert known == {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("part", PARTS)
def test_one_changed_byte_in_any_file_is_noticed(index: Path, answers: list[dict[str, object]], part: str) -> None:
    path = find(index, part)
    whole = path.read_bytes()
    chance = random.Random(part)
    positions = {0, len(whole) // 2, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(2))}
    for position in sorted(positions):
        for value in (
            {whole[position] ^ 1, whole[position] ^ 32, 0, 255} - {whole[position]}
            if len(whole) < 5000
            else {255 - whole[position]}
        ):
            change(path, whole[:position] + bytes([value]) + whole[position + 1 :])
            assert_believed_only_if_whole(index, path, answers)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "damage", ["truncated", "one byte short", "one byte long", "emptied", "deleted", "of another generation"]
)
def test_a_file_that_was_cut_or_emptied_or_lost_or_exchanged_is_noticed(
    index: Path, answers: list[dict[str, object]], part: str, damage: str
) -> None:
    path = find(index, part)
    whole = path.read_bytes()
    if damage == "deleted":
        path.unlink()
    elif damage == "of another generation" and part == "CURRENT":
        change(path, generations(index)[0].encode() + whole[15:])
    elif damage == "of another generation":
        (other,) = (index / "generations" / generations(index)[0]).glob(part)
        change(path, other.read_bytes())
    else:
        kept = {
            "truncated": whole[: len(whole) // 2],
            "one byte short": whole[:-1],
            "one byte long": whole + b"\n",
            "emptied": b"",
        }
        change(path, kept[damage])
    assert_believed_only_if_whole(index, path, answers)


@pytest.mark.parametrize("parts", [["CURRENT"], ["manifest.json"], ["catalog.sqlite"], ["encoder/model.onnx"], GENERATION_FILES])
def test_a_rebuild_mends_what_no_update_does(index: Path, made: Path, parts: list[str]) -> None:
    for path in [find(index, part) for part in parts]:
        whole = path.read_bytes()
        change(path, whole[:-9] + bytes([255 - whole[-9]]) + whole[-8:])
    root = recorded_root(index)
    assert root == made.parent / "docs"
    with pytest.raises(DamagedIndex):
        rebuild(index, root)
    report = rebuild(index, root, rebuild=True)
    assert (report.published, report.embedded, sorted(report.added)) == (
        True,
        report.passages,
        sorted(CORPUS),
    )
    with Engine.open(index) as engine:
        assert first_quote(engine) == CORPUS["ferry.txt"].strip()


def test_a_lost_generation_is_laid_at_the_door_of_the_file_that_names_it(index: Path) -> None:
    name = generation(index).name
    shutil.rmtree(generation(index))
    with pytest.raises(DamagedIndex) as raised:
        Engine.open(index)
    assert str(raised.value).startswith(f"{index / 'CURRENT'}: names generation {name}, which is not there; ")


def test_without_any_legible_manifest_the_folder_must_be_named(index: Path, made: Path) -> None:
    for path in index.glob("generations/*/manifest.json"):
        change(path, b"{")
    with pytest.raises(BadInput, match=r"is damaged and does not say what it was made from; run: qa index FOLDER --rebuild$"):
        recorded_root(index)
    assert rebuild(index, made.parent / "docs", rebuild=True).documents == 3


def test_a_damaged_root_is_not_believed_where_it_is_no_folder(index: Path, made: Path) -> None:
    path = find(index, "manifest.json")
    change(path, path.read_bytes().replace(b"/docs", b"/dogs"))
    assert recorded_root(index) == made.parent / "docs", "the older generation's manifest is whole"
    shutil.rmtree(index / "generations" / generations(index)[0])
    with pytest.raises(BadInput, match="does not say what it was made from"):
        recorded_root(index)


def test_the_root_is_read_from_what_is_left_of_the_newest_manifest(index: Path, tmp_path: Path) -> None:
    (tmp_path / "moved").mkdir()
    publish_changed(index, lambda folder: None, root=str(tmp_path / "moved"))
    path = find(index, "manifest.json")
    for damaged in (path.read_bytes()[:-30], path.read_bytes()[:400], path.read_bytes().replace(b"settings", b"\xff")):
        change(path, damaged)
        assert recorded_root(index) == tmp_path / "moved", "not the older generation's root"


def test_an_index_of_another_format_is_not_called_damaged_and_can_be_rebuilt(index: Path) -> None:
    publish_changed(index, lambda folder: None, format=2)
    with pytest.raises(IncompatibleIndex, match=r"^000002-\w+: has format 2, not 3; run: qa index --rebuild$"):
        Engine.open(index)
    root = recorded_root(index)
    assert root is not None
    assert rebuild(index, root, rebuild=True).published
    assert answers_of(index)


@pytest.mark.parametrize("text", ["[]", "1", "null", '{"format": 1}', "{", '{"format": 1, "files": [], "skipped": []}'])
def test_a_manifest_that_is_none_is_named_though_its_checksum_agrees(index: Path, text: str) -> None:
    path = find(index, "manifest.json")
    change(path, text.encode())
    (index / "CURRENT").write_text(f"{path.parent.name} {hashlib.sha256(text.encode()).hexdigest()}\n")
    with pytest.raises(DamagedIndex) as raised:
        hold(index)
    assert str(raised.value) == f"{path}: cannot be understood; the index is damaged, run: qa index --rebuild"


def test_a_folder_without_index_a_missing_one_and_a_file_hold_no_index(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for place in (tmp_path, tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(NoIndex) as raised:
            Engine.open(place)
        assert str(raised.value) == f"{place}: holds no index; run: qa index FOLDER"


def test_a_name_too_long_for_a_folder_is_not_called_damage(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"…: is too long for a name; name another with --index$"):
        Engine.open(tmp_path / ("x" * 5000))


class TestReceipts:
    """An index above CHECKED_BYTES is read whole only when something about its files is new."""

    @pytest.fixture(autouse=True)
    def large(self, index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(qa.generation, "CHECKED_BYTES", 0)
        Engine.open(index).close()  # the copy's files have new inodes: this one reads them and leaves a receipt
        yield

    @staticmethod
    def opened(index: Path) -> set[str]:
        """Return the files of the generation that Python opens when an index is opened; the parts' own libraries open theirs."""
        program = (
            "import sys, qa.generation\n"
            "from qa import Engine\n"
            "qa.generation.CHECKED_BYTES = 0\n"
            "opened = []  # printed at the end: two threads open files, and their lines would mix\n"
            "sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == 'open' else None)\n"
            "Engine.open(sys.argv[1])\n"
            "print(*opened, sep='\\n')\n"
        )
        done = subprocess.run([sys.executable, "-c", program, str(index)], capture_output=True, text=True, check=True)
        folder = generation(index)
        return {str(Path(line).relative_to(folder)) for line in done.stdout.splitlines() if line.startswith(f"{folder}/")}

    def test_an_unchanged_index_opens_without_being_read_whole(self, index: Path) -> None:
        assert self.opened(index) == {"manifest.json", "digests.bin", "rows.npy", "encoder/encoder.json", "vectors.faiss"}, (
            "what is used is read, and of the vectors how many there are"
        )

    def test_a_touched_file_has_all_files_read_again_once(self, index: Path) -> None:
        os.utime(find(index, "vectors.faiss"))
        assert "encoder/model.onnx" in self.opened(index)
        assert "encoder/model.onnx" not in self.opened(index)

    @pytest.mark.parametrize("part", [part for part in GENERATION_FILES if part != "manifest.json"])
    def test_damage_that_left_a_new_time_is_found(self, index: Path, part: str) -> None:
        path = find(index, part)
        whole = path.read_bytes()
        change(path, whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(DamagedIndex) as raised:
            Engine.open(index)
        assert str(raised.value) == f"{path}: is not what was published; the index is damaged, run: qa index --rebuild"

    @pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}"])
    def test_a_receipt_that_is_none_is_not_believed(self, index: Path, text: str) -> None:
        (index / "receipts" / f"{generation(index).name}.json").write_text(text)
        path = find(index, "vectors.faiss")
        change(path, path.read_bytes()[:-1] + b"\x07")
        with pytest.raises(DamagedIndex):
            Engine.open(index)

    def test_a_lost_file_is_named(self, index: Path) -> None:
        path = find(index, "rows.npy")
        path.unlink()
        with pytest.raises(DamagedIndex) as raised:
            Engine.open(index)
        assert str(raised.value).startswith(f"{path}: cannot be read (No such file or directory); ")


@pytest.fixture
def holder(index: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that holds the writer's lock."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(index)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def test_a_second_writer_is_told_who_holds_the_lock_while_readers_go_on(
    index: Path, answers: list[dict[str, object]], holder: "subprocess.Popen[str]"
) -> None:
    with pytest.raises(LockedIndex) as raised, writing(index):
        pass
    message = str(raised.value)
    assert message.startswith(f"{index}: is being written by process {holder.pid} since 20"), message
    assert message.endswith("; wait until it is done")
    assert answers_of(index) == answers


def test_the_lock_of_a_killed_holder_is_free(index: Path, holder: "subprocess.Popen[str]") -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (index / "writer.lock").read_text().startswith(f"process {holder.pid} ")
    with writing(index):
        assert (index / "writer.lock").read_text().startswith(f"process {os.getpid()} ")
    assert (index / "writer.lock").read_text() == ""


def test_a_writer_that_fails_leaves_the_lock_free_and_names_nobody(index: Path) -> None:
    with pytest.raises(RuntimeError), writing(index):
        raise RuntimeError
    assert (index / "writer.lock").read_text() == ""
    with writing(index):
        pass


def test_a_writer_who_cannot_be_named_on_a_full_disk_writes_all_the_same(index: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # from now on no file can grow
    try:
        with writing(index):
            held, found = (index / "writer.lock").read_bytes(), generations(index)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert held == b""
    assert found


@pytest.mark.parametrize("name", ["writer.lock", ".CURRENT", "CURRENT", "generations", "receipts"])
def test_an_index_with_links_in_it_is_not_written_and_neither_is_what_they_lead_to(
    index: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "precious"
    if (index / name).exists():
        (index / name).rename(target)
    else:
        target.write_text("precious")
    before = tree(tmp_path) if target.is_dir() else target.read_bytes()
    (index / name).symlink_to(target)
    with pytest.raises(BadInput) as raised, writing(index):
        pass
    assert str(raised.value) == (
        f"{index / name}: is a link, and no index holds one; remove it or name another index with --index"
    )
    assert before == (tree(tmp_path) if target.is_dir() else target.read_bytes())


STRANGE = ("generations/2019/thesis.txt", "generations/note.txt", "receipts/deposit.json", "receipts/march.txt")
"""What users may have in a folder that they name as the index too."""


@pytest.mark.parametrize("name", [*STRANGE, "generations", "receipts", "CURRENT", "calibration.json", "writer.lock"])
def test_somebodys_own_files_in_an_indexs_places_are_neither_written_over_nor_removed(
    tmp_path: Path, made: Path, name: str
) -> None:
    index = write_files(tmp_path / "index", {name: "precious"})
    before = tree(index)
    with pytest.raises(DamagedIndex if name == "CURRENT" else NoIndex):
        hold(index)
    strange = index.joinpath(*Path(name).parts[:2])
    for options in ({}, {"rebuild": True}, {"forget": True}):
        with pytest.raises(BadInput) as raised:
            rebuild(index, made.parent / "docs", **options)
        assert str(raised.value) == (
            f"{strange}: is no part of an index; move it out of {index} or name another index with --index"
        )
    assert tree(index) == before


@pytest.mark.parametrize("name", STRANGE)
def test_an_index_that_was_given_somebodys_files_answers_and_is_not_written(
    index: Path, answers: list[dict[str, object]], name: str
) -> None:
    write_files(index, {name: "precious"})
    with pytest.raises(BadInput, match="is no part of an index"), writing(index):
        pass
    prune(index, 1)
    assert (index / name).read_text() == "precious"
    assert answers_of(index) == answers


def test_hidden_names_that_only_resemble_those_of_an_index_are_let_be(index: Path) -> None:
    hidden = (".staging-area/draft.txt", ".pruned-roses/list.txt", "generations/.DS_Store", "receipts/.directory")
    write_files(index, dict.fromkeys(hidden, "precious"))
    with writing(index):
        pass
    assert all((index / name).exists() for name in hidden)


def test_a_receipt_is_not_written_through_a_link(index: Path, tmp_path: Path) -> None:
    held = hold(index)
    receipt = index / "receipts" / f"{held.manifest.generation}.json"
    receipt.unlink(missing_ok=True)
    (tmp_path / "precious").write_text("precious")
    receipt.symlink_to(tmp_path / "precious")
    write_receipt(index, held.folder, held.manifest)
    held.close()
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_writer_of_a_new_index_that_fails_takes_all_folders_it_made_away(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), writing(tmp_path / "a" / "b" / "index"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


ROBBED = """
import os, shutil, sys
from pathlib import Path
from qa.publishing import writing

index, waiting = Path(sys.argv[1]), True

def rob(event, arguments):
    global waiting
    if waiting and event == "fcntl.flock":
        waiting = False
        shutil.rmtree(index)

sys.addaudithook(rob)
with writing(index):
    print(waiting, (index / "writer.lock").read_text().split()[1] == str(os.getpid()))
"""


@pytest.mark.skipif(os.name == "nt", reason="no such locks there")
def test_a_lock_that_was_taken_away_before_it_was_held_is_not_taken_for_the_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ROBBED, str(tmp_path / "index")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False True\n", "")


def test_a_writer_that_fails_leaves_a_folder_that_was_there_before(tmp_path: Path) -> None:
    write_files(tmp_path / "index", {"README.md": "A built index lives here."})
    with pytest.raises(RuntimeError), writing(tmp_path / "index"):
        raise RuntimeError
    assert (tmp_path / "index" / "README.md").exists()


def test_what_killed_writers_left_is_removed_by_the_next(index: Path, answers: list[dict[str, object]]) -> None:
    shutil.copytree(generation(index), index / ".staging-000003-0123abcd")
    (index / "generations" / generations(index)[0]).rename(index / ".pruned-000001-0123abcd")
    shutil.copytree(generation(index), index / "generations" / "000003-0123abcd")
    (index / ".CURRENT").write_text(f"000003-0123abcd {'0' * 64}\n")
    assert answers_of(index) == answers
    with writing(index):
        pass
    assert generations(index) == [generation(index).name]
    assert not (index / ".CURRENT").exists()
    assert not [*index.glob(".staging-*"), *index.glob(".pruned-*")]
    assert answers_of(index) == answers


def test_a_half_written_note_of_what_was_to_be_published_removes_nothing(index: Path, answers: list[dict[str, object]]) -> None:
    (index / ".CURRENT").write_bytes(b"000002-\xff../..")
    before = generations(index)
    with writing(index):
        pass
    assert generations(index) == before
    assert answers_of(index) == answers


def test_a_first_publication_that_was_cut_short_is_no_index_and_can_be_repeated(index: Path, made: Path) -> None:
    shutil.rmtree(index / "generations" / generations(index)[0])
    (index / "CURRENT").rename(index / ".CURRENT")
    with pytest.raises(NoIndex):
        Engine.open(index)
    report = rebuild(index, made.parent / "docs")
    assert len(report.added) == 3
    assert_tidy(index)


def test_an_index_folder_that_cannot_be_made_is_refused_with_the_reason(tmp_path: Path) -> None:
    write_files(tmp_path, {"docs/a.txt": NINE, "file": ""})
    with pytest.raises(BadInput) as raised:
        rebuild(tmp_path / "file", tmp_path / "docs")
    assert str(raised.value) == f"{tmp_path / 'file'}: cannot be written (File exists); name another with --index"


def test_readers_never_fail_while_the_index_changes_under_them(index: Path, tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", CORPUS)
    program = (
        "import sys; from pathlib import Path; from qa.indexer import Options, build_index\n"
        "for hour in ('six', 'seven', 'eight'):\n"
        "    Path(sys.argv[2], 'ferry.txt').write_text(f'The harbour ferry leaves the eastern pier at {hour}.')\n"
        "    build_index(sys.argv[2], sys.argv[1], None, Options(replace=True, forget=True))\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(index), str(docs)])
    seen = set()
    while writer.poll() is None:
        with Engine.open(index) as engine:
            seen.add((engine.store.manifest.generation, first_quote(engine, FERRY)))
    assert writer.returncode == 0
    assert len(seen) > 1
    assert len({name for name, _ in seen}) == len(seen), "a generation says one thing"


OVERTAKEN = """
import fcntl, sys
from pathlib import Path
from qa import Engine, build_index
from qa.indexer import Options

event, index, docs = sys.argv[1:]
waiting = True

def overtake(happens, arguments):
    global waiting
    reads = str(arguments[0]).endswith("manifest.json") if event == "open" else arguments[1:] == (fcntl.LOCK_SH | fcntl.LOCK_NB,)
    if waiting and happens == event and reads:
        waiting = False
        Path(docs, "ferry.txt").write_text("The ferry was sold.")
        build_index(docs, index, None, Options(forget=True))

with Engine.open(index) as engine:
    pass
sys.addaudithook(overtake)
with Engine.open(index) as engine:
    print(waiting, engine.ask("What became of the ferry?").to_dict()["searched"]["generation"])
"""


@pytest.mark.skipif(os.name == "nt", reason="no such locks there")
@pytest.mark.parametrize("event", ["open", "fcntl.flock"])
def test_a_reader_overtaken_by_a_run_that_forgets_opens_the_newer_generation(index: Path, made: Path, event: str) -> None:
    docs = index.parent / "docs"
    publish_changed(index, lambda folder: None, root=str(docs))
    command = [sys.executable, "-c", OVERTAKEN, event, str(index), str(docs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"False {generation(index).name}\n"
    assert generations(index) == [generation(index).name]


def test_only_the_files_of_the_index_itself_are_its_own(tmp_path: Path) -> None:
    inner = ("generations", "generations/000001-0123abcd", "generations/000001-0123abcd/manifest.json")
    for name in (*inner, "receipts/000001-0123abcd.json", "CURRENT", "writer.lock", "calibration.json"):
        assert is_own(tmp_path, tmp_path / name)
    for name in ("README.md", "docs/generations/a.md", "generations/2019/a.md", "receipts/a.json", "receipts/deep/b.md", "."):
        assert not is_own(tmp_path, tmp_path / name)
    assert not is_own(tmp_path / "index", tmp_path / "CURRENT")


def test_opening_changes_nothing_in_the_index(index: Path) -> None:
    before = tree(index)
    answers_of(index)
    assert tree(index) == before


def test_the_manifest_lists_every_file_with_size_and_checksum(made: Path) -> None:
    folder = generation(made)
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    assert {path: size for path, (_, size) in listed.items()} == {
        path: size for path, (size, _) in tree(folder).items() if path != "manifest.json"
    }
