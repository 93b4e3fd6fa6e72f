"""`qa index`, `qa show` and `qa doctor`, as people and scripts run them: one clear line, the right exit status."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.indexes import (
    CORPUS,
    FERRY,
    GENERATION_FILES,
    HOLDER,
    LATER,
    LIGHTHOUSE,
    NINE,
    TEN,
    assert_tidy,
    change,
    complaint,
    find,
    generation,
    generations,
    in_catalog,
    own_index,
    publish_changed,
    qa,
    qa_here,
    tree,
    write_files,
)


@pytest.fixture
def index(made: Path, tmp_path: Path) -> Path:
    """Copy the index, with the copied documents, which are not ./corpus, as its root."""
    return own_index(made, tmp_path / "copy")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, where there is neither ./index nor ./corpus."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("QA_INDEX", raising=False)
    return folder


def words(text: str) -> str:
    """Return a text without its line ends, which depend on how wide the terminal is."""
    return " ".join(text.split())


def test_index_without_arguments_reads_corpus_and_then_what_it_read_before(elsewhere: Path) -> None:
    write_files(elsewhere / "corpus", CORPUS)
    done = qa("index", folder=elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 added, 0 unchanged; 5 passages embedded" in words(done.stdout)
    (elsewhere / "corpus").rename(elsewhere / "moved")
    assert complaint(qa_here("index")) == (
        f"qa: {elsewhere / 'corpus'}: no such folder, or no permission to read it; run: qa index FOLDER,"
        " or where the index came from elsewhere: qa index FOLDER --adopt INDEX"
    )
    (elsewhere / "moved").rename(elsewhere / "corpus")
    done = qa_here("index")
    assert "3 unchanged; 0 passages embedded" in words(done.stdout)
    assert words(done.stdout).endswith(" s; nothing to publish")
    assert_tidy(elsewhere / "index")


def test_index_without_arguments_without_index_and_without_corpus_says_what_to_type(elsewhere: Path) -> None:
    assert complaint(qa("index", folder=elsewhere)) == (
        "qa: corpus: no such folder, or no permission to read it; run: qa index FOLDER"
    )
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing"], "missing: no such folder; name the folder that holds your documents"),
        (["file.txt"], "file.txt: is a file, not a folder; name the folder that holds it"),
        (["empty"], "empty: no documents in it; put PDF, Markdown or text files there"),
        (["bad"], "bad: none of its 2 files can be read: image.txt: binary, not text; convert it to text first; put PDF"),
        (["empty", "--rebuild", "--replace", "--forget"], "empty: no documents in it; put PDF, Markdown or text files there"),
    ],
)
def test_a_folder_that_gives_no_index_is_refused_in_one_line_and_nothing_is_left(
    elsewhere: Path, arguments: list[str], message: str
) -> None:
    write_files(elsewhere, {"file.txt": TEN, "bad/image.txt": b"\x89PNG\x00", "bad/zero.md": ""})
    (elsewhere / "empty").mkdir()
    before = sorted(elsewhere.rglob("*"))
    line = complaint(qa_here("index", *arguments, "--index", "new/index"))
    assert line.replace(f"{elsewhere}/", "").startswith(f"qa: {message}")
    assert sorted(elsewhere.rglob("*")) == before


def test_the_same_refusal_comes_from_a_process_of_its_own(elsewhere: Path) -> None:
    (elsewhere / "empty").mkdir()
    line = complaint(qa("index", "empty", folder=elsewhere))
    assert line == f"qa: {elsewhere / 'empty'}: no documents in it; put PDF, Markdown or text files there"
    assert [path.name for path in elsewhere.iterdir()] == ["empty"]


def test_json_goes_to_standard_output_alone_and_messages_do_not(elsewhere: Path) -> None:
    write_files(elsewhere / "docs", CORPUS | {"bad.txt": b"\x00"})
    done = qa("index", "docs", "--json", folder=elsewhere)
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert report["root"] == str(elsewhere / "docs")
    assert report["skipped"] == [{"path": "bad.txt", "reason": "binary, not text; convert it to text first"}]
    assert (report["documents"], report["embedded"], report["published"]) == (3, 5, True)


def test_skipped_files_are_named_to_people_and_cannot_command_their_terminal(elsewhere: Path) -> None:
    write_files(elsewhere / "docs", CORPUS | {"red\x1b[31m[bold].txt": b"\x00", "a.pdf": "%PDF"})
    done = qa_here("index", "docs")
    assert done.returncode == 0
    assert "skipped a.pdf: corrupt, or no PDF; open it in a viewer" in words(done.stdout)
    assert "[31m[bold].txt: binary, not text; convert it to text first" in words(done.stdout)
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("part", [*GENERATION_FILES, "CURRENT"])
def test_damage_to_any_file_is_one_line_with_the_file_and_the_command(index: Path, part: str) -> None:
    path = find(index, part)
    whole = path.read_bytes()
    change(path, whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    for arguments in (["ask", FERRY], ["ask", FERRY, "--json"], ["search", "ferry"], ["show"], ["index"]):
        line = complaint(qa_here(*arguments, "--index", index))
        assert line.startswith("qa: ")
        assert str(path) in line
        assert line.endswith("; the index is damaged, run: qa index --rebuild")


@pytest.mark.parametrize("part", ["CURRENT", "manifest.json", "vectors.faiss"])
def test_the_command_that_a_damaged_index_names_mends_it(index: Path, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_INDEX", str(index))
    before = json.loads(qa_here("ask", FERRY, "--json").stdout)
    path = find(index, part)
    change(path, path.read_bytes()[:-30])
    assert complaint(qa_here("ask", FERRY)).endswith("run: qa index --rebuild")
    done = qa_here("index", "--rebuild")
    assert (done.returncode, done.stderr) == (0, "")
    after = json.loads(qa_here("ask", FERRY, "--json").stdout)
    assert after["citations"] == before["citations"]
    assert json.loads(find(index, "manifest.json").read_text())["root"] == str(index.parent / "docs")


def test_damage_and_its_mending_are_one_line_each_from_processes_of_their_own(index: Path, elsewhere: Path) -> None:
    path = find(index, "manifest.json")
    change(path, path.read_bytes()[:-30])
    assert complaint(qa("ask", FERRY, "--index", index, folder=elsewhere)) == (
        f"qa: {path}: is not what {index / 'CURRENT'} says was published; the index is damaged, run: qa index --rebuild"
    )
    done = qa("index", "--rebuild", folder=elsewhere, QA_INDEX=str(index))
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)


def test_a_passage_that_was_changed_with_its_checksums_is_one_line_too(index: Path) -> None:
    publish_changed(index, in_catalog(LATER))
    for arguments in (["ask", FERRY], ["search", "ferry"], ["show", "ferry.txt"]):
        line = complaint(qa_here(*arguments, "--index", index))
        assert line.startswith(f"qa: {find(index, 'catalog.sqlite')}: passage ")
        assert line.endswith("run: qa index --rebuild")


def test_another_root_needs_replace(index: Path, elsewhere: Path) -> None:
    write_files(elsewhere / "other", {"heron.txt": "The heron is grey.\n"})
    line = complaint(qa_here("index", "other", "--index", index))
    assert line.startswith(f"qa: {index}: is the index of {index.parent / 'docs'}, not of {elsewhere / 'other'}; add --replace ")
    done = qa_here("index", "other", "--replace", "--index", index)
    assert "1 added, 3 removed, 0 unchanged; 1 passages embedded" in words(done.stdout)
    report = json.loads(qa_here("index", "--json", "--index", index).stdout)
    assert (report["root"], report["documents"]) == (str(elsewhere / "other"), 1)


@pytest.mark.parametrize("model", ["nobody/no-such-model", "/no/such/folder"])
def test_another_model_needs_rebuild(index: Path, model: str) -> None:
    line = complaint(qa_here("index", "--model", model, "--index", index))
    assert line == (
        f"qa: {index}: was made with model sentence-transformers/all-MiniLM-L6-v2, not {model};"
        " add --rebuild to embed everything anew"
    )


def test_a_model_that_is_none_is_one_line_and_nothing_is_left(elsewhere: Path) -> None:
    write_files(elsewhere, {"docs/a.txt": TEN, "model": "no folder"})
    line = complaint(qa_here("index", "docs", "--model", "model"))
    assert line == "qa: model: not a folder; name the folder of a sentence-transformers model"
    assert not (elsewhere / "index").exists()


def test_an_index_that_is_being_written_is_one_line_with_the_writer(index: Path, elsewhere: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(index)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        line = complaint(qa("index", "--index", index, folder=elsewhere))
        answered = qa_here("ask", FERRY, "--index", index)
        holder.kill()
    assert line.startswith(f"qa: {index}: is being written by process {holder.pid} since ")
    assert line.endswith("; wait until it is done")
    assert answered.returncode == 0


def test_a_dry_run_says_so_and_changes_nothing(index: Path) -> None:
    before = tree(index)
    write_files(index.parent / "docs", {"ferry.txt": NINE})
    done = qa_here("index", "--dry-run", "--index", index)
    assert "1 changed, 2 unchanged; 0 passages embedded" in words(done.stdout)
    assert words(done.stdout).endswith("; nothing published (dry run)")
    assert tree(index) == before


def test_forget_leaves_one_generation(index: Path) -> None:
    write_files(index.parent / "docs", {"ferry.txt": NINE})
    assert qa_here("index", "--forget", "--index", index).returncode == 0
    assert generations(index) == [generation(index).name]


def test_the_index_of_an_emptied_folder_abstains(index: Path) -> None:
    shutil.rmtree(index.parent / "docs")
    (index.parent / "docs").mkdir()
    report = json.loads(qa_here("index", "--json", "--index", index).stdout)
    assert (report["documents"], report["passages"], len(report["removed"])) == (0, 0, 3)
    done = qa_here("ask", FERRY, "--index", index)
    assert done.returncode == 1
    assert "The index is empty; run qa index FOLDER." in words(done.stdout)
    assert qa_here("show", "--index", index).returncode == 0


def test_show_lists_the_documents(index: Path) -> None:
    done = qa_here("show", "--index", index)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["document", "ferry.txt", "lighthouse.md", "bees/honey.md"]
    listed = json.loads(qa_here("show", "--json", "--index", index).stdout)
    assert (listed["schema"], listed["root"]) == (1, str(index.parent / "docs"))
    assert {row["document"]: row["passages"] for row in listed["documents"]} == {
        "ferry.txt": 1,
        "lighthouse.md": 3,
        "bees/honey.md": 1,
    }


def test_show_gives_a_document_as_the_index_holds_it(index: Path) -> None:
    write_files(index.parent / "docs", {"lighthouse.md": "It burned down.\n"})
    assert qa_here("show", "lighthouse.md", "--index", index).stdout.rstrip("\n") == LIGHTHOUSE.rstrip("\n")
    shown = json.loads(qa_here("show", "lighthouse.md", "--json", "--index", index).stdout)
    assert shown["text"] == LIGHTHOUSE
    for passage in shown["passages"]:
        assert LIGHTHOUSE[passage["start"] : passage["end"]] == passage["text"]
        assert all(passage["start"] <= span["start"] < span["end"] <= passage["end"] for span in passage["sentences"])
    assert [passage["heading"] for passage in shown["passages"]] == [["Building"], ["Keeper"], ["Lamp"]]


def test_show_gives_long_lines_whole(elsewhere: Path) -> None:
    text = "The very long line of the harbour register goes on and on without an end in sight. " * 5 + "\n"
    write_files(elsewhere, {"docs/a.txt": text})
    qa_here("index", "docs")
    assert qa_here("show", "a.txt").stdout.rstrip("\n") == text.rstrip("\n")


def test_show_at_an_offset_gives_the_passage_that_holds_it(index: Path) -> None:
    place = LIGHTHOUSE.index("goats")
    assert qa_here("show", "lighthouse.md", "--at", str(place), "--index", index).stdout.split() == (
        "The keeper of the Marsh lighthouse lived with two goats on the rock below the tower.".split()
    )
    for offset in ("0", "-1", "100000"):
        line = complaint(qa_here("show", "lighthouse.md", "--at", offset, "--index", index))
        assert line == (f"qa: lighthouse.md: no passage holds offset {offset}; headings and front matter belong to none")


@pytest.mark.parametrize(
    ("path", "perhaps"),
    [
        ("missing.md", ""),
        ("../docs/ferry.txt", "; perhaps ferry.txt"),
        ("", ""),
        ("light", "; perhaps lighthouse.md"),
        ("Lighthuose.md", "; perhaps lighthouse.md"),
    ],
)
def test_show_of_a_document_that_is_none_names_the_nearest_and_says_how_to_list_them(
    index: Path, path: str, perhaps: str
) -> None:
    told = complaint(qa_here("show", path, "--index", index))
    assert told == f"qa: {path}: no such document in the index{perhaps}; run: qa show"


@pytest.mark.parametrize("command", ["show", "doctor"])
def test_without_index_show_is_an_error_and_doctor_a_finding(elsewhere: Path, command: str) -> None:
    done = qa(command, folder=elsewhere)
    if command == "show":
        assert complaint(done) == "qa: index: holds no index; run: qa index FOLDER"
    else:
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.endswith(
            "PROBLEM  index: index: holds no index; run: qa index FOLDER\n         mend it with: qa index FOLDER\n"
        )
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("arguments", [["index", "--no-such-option"], ["show", "--at", "x"], ["doctor", "surplus"]])
def test_wrong_use_is_exit_status_2(arguments: list[str]) -> None:
    done = qa_here(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
