"""Small indexes to break, and ways to ask them, for the tests of the index directory."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from qa import Engine, build_index
from qa.cli import main
from qa.indexer import Options
from qa.records import BuildReport

LIGHTHOUSE = """\
---
title: Notes on the Marsh lighthouse
---
# Building

The Marsh lighthouse was built in 1871 by the engineer Ada Fenwick.

# Keeper

The keeper of the Marsh lighthouse lived with two goats on the rock below the tower.

# Lamp

The lamp of the Marsh lighthouse burned colza oil until the summer of 1903.
"""
NINE = "The harbour ferry leaves the eastern pier at nine every morning.\n"
TEN = "The harbour ferry leaves the eastern pier at ten every morning.\n"
CORPUS = {
    "lighthouse.md": LIGHTHOUSE,
    "ferry.txt": TEN,
    "bees/honey.md": "# Honey\n\nThe abbey bees make a dark honey from heather.\n",
}
QUESTIONS = ("Who built the Marsh lighthouse?", "When does the harbour ferry leave?", "What is the population of Peru?")
FERRY = QUESTIONS[1]

GENERATION_FILES = (
    "catalog.sqlite",
    "digests.bin",
    "encoder/encoder.json",
    "encoder/model.onnx",
    "encoder/tokenizer.json",
    "lexical/*.fast",
    "lexical/*.fieldnorm",
    "lexical/*.idx",
    "lexical/*.pos",
    "lexical/*.store",
    "lexical/*.term",
    "lexical/.managed.json",
    "lexical/meta.json",
    "manifest.json",
    "rows.npy",
    "vectors.faiss",
)
"""Every file of a generation, as patterns because tantivy names some of its files by chance."""


LATER = "update texts set text = cast(replace(cast(text as text), ' at ten ', ' at six ') as blob)"
"""An edit of the texts that moves nothing: the ferry leaves later."""

HOLDER = "import sys, time; from pathlib import Path; from qa.publishing import writing\n"
HOLDER += "with writing(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)\n"
"""A program that holds the writer's lock of the index it is given."""


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files, by path relative to a folder; return the folder."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@cache
def make_index(folder: Path, **options: Any) -> Path:
    """Make folder/docs and folder/index, which has two generations; return the index, which is to be copied and not changed."""
    docs = write_files(folder / "docs", CORPUS | {"ferry.txt": NINE})
    build_index(docs, folder / "index", None, Options(**options))
    write_files(docs, CORPUS)
    build_index(docs, folder / "index", None, Options(**options))
    return folder / "index"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index that all tests share, to be copied and not changed."""
    return make_index(tmp_path_factory.getbasetemp() / "made")


@pytest.fixture(scope="session")
def made_in_cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return such an index whose vectors lie in cells, as only many would; to be copied and not changed."""
    return make_index(tmp_path_factory.getbasetemp() / "made in cells", exact_rows=0)


def _place(source: str, target: str) -> None:
    if Path(source).stat().st_size >= 100_000:
        with contextlib.suppress(OSError):  # another file system
            os.link(source, target)
            return
    shutil.copy2(source, target)


def copy_index(made: Path, folder: Path) -> Path:
    """Copy what `make_index` made; return the copied index.

    Large files are links: `change` puts a new file in their place and leaves the first one whole. The
    copy still has the first one's folder as its root.
    """
    shutil.copytree(made.parent, folder, dirs_exist_ok=True, copy_function=_place)
    return folder / made.name


def own_index(made: Path, folder: Path) -> Path:
    """Copy what `make_index` made, with the copied documents as its root; return the copied index."""
    index = copy_index(made, folder)
    publish_changed(index, lambda folder: None, root=str(folder / "docs"))
    return index


def generation(index: Path) -> Path:
    """Return the folder of the published generation."""
    return index / "generations" / (index / "CURRENT").read_text(encoding="ascii").split()[0]


def generations(index: Path) -> list[str]:
    """Return the names of all generations that stand."""
    return sorted(path.name for path in (index / "generations").iterdir())


def find(index: Path, pattern: str) -> Path:
    """Return the one file of the published generation that fits a pattern, or CURRENT."""
    if pattern == "CURRENT":
        return index / "CURRENT"
    (path,) = generation(index).glob(pattern)
    return path


def change(path: Path, content: bytes) -> None:
    """Put a new file in the place of one, as no hard link to it would notice."""
    path.unlink()
    path.write_bytes(content)


def publish_changed(index: Path, edit: Callable[[Path], object], **manifest: Any) -> None:
    """Edit the published generation's folder as an attacker would: all checksums agree afterwards."""
    folder = generation(index)
    edit(folder)
    described = json.loads((folder / "manifest.json").read_text(encoding="utf-8")) | manifest
    for path in described["files"]:
        content = (folder / path).read_bytes()
        described["files"][path] = [hashlib.sha256(content).hexdigest(), len(content)]
    text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8", newline="")
    (index / "CURRENT").write_text(f"{folder.name} {hashlib.sha256(text.encode()).hexdigest()}\n", encoding="ascii")


def in_catalog(*statements: str) -> Callable[[Path], None]:
    """Return an edit of a generation that runs SQL on its catalog."""

    def edit(folder: Path) -> None:
        connection = sqlite3.connect(folder / "catalog.sqlite")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    return edit


def fewer_digests(folder: Path) -> None:
    """Take the last passage's digest away."""
    (folder / "digests.bin").write_bytes((folder / "digests.bin").read_bytes()[:-32])


def told(engine: Engine, questions: Iterable[str] = QUESTIONS) -> list[dict[str, Any]]:
    """Return all that an engine says to some questions, but for how long it took."""
    answers = [answer.to_dict() for answer in engine.ask_many(questions)]
    for answer in answers:
        del answer["took_ms"]
    return answers


def answers_of(index: Path) -> list[dict[str, Any]]:
    """Open an index and return all that it says to QUESTIONS, but for how long it took."""
    with Engine.open(index) as engine:
        return told(engine)


def first_quote(engine: Engine, question: str = FERRY) -> str:
    """Return the best passage for a question, whether it is answered or not."""
    answer = engine.ask(question).to_dict()
    return str((answer["citations"] + answer["nearest"])[0]["quote"])


def quoted_documents(index: Path, question: str) -> set[str]:
    """Return the documents that are quoted for a question, whether it is answered or not."""
    with Engine.open(index) as engine:
        answer = engine.ask(question).to_dict()
        return {citation["document"] for citation in answer["citations"] + answer["nearest"]}


def rebuild(index: Path, root: Path, **options: Any) -> BuildReport:
    """Run what `qa index ROOT` with some options runs."""
    return build_index(root, index, None, Options(**options))


def qa(*arguments: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a qa command in a folder."""
    command = [sys.executable, "-c", "from qa.cli import main; main()", *map(str, arguments)]
    settings = {name: value for name, value in os.environ.items() if name not in {"QA_INDEX", "FORCE_COLOR"}}
    return subprocess.run(command, cwd=folder, env=settings | environment, capture_output=True, text=True, check=False)


def qa_here(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a qa command in this process, which is quicker; what `qa.cli.main` does not handle is raised."""
    given, output, messages, status = sys.argv, io.StringIO(), io.StringIO(), 0
    sys.argv = ["qa", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(messages):
            main()
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        sys.argv = given
    return subprocess.CompletedProcess(list(arguments), status, output.getvalue(), messages.getvalue())


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of a command that failed with status 2 and said nothing else."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of all files under a folder but the writer's lock, by relative path."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "writer.lock"
    }


def assert_tidy(index: Path) -> None:
    """Assert that an index directory holds CURRENT, at most two generations and their receipts, and nothing else."""
    # without room for receipts there are none, and all files are checked instead
    assert {path.name for path in index.iterdir()} | {"receipts"} == {"CURRENT", "generations", "receipts", "writer.lock"}
    assert (index / "writer.lock").read_bytes() == b""
    names = generations(index)
    assert generation(index).name == names[-1]
    assert len(names) <= 2
    assert {path.stem for path in (index / "receipts").glob("*")} <= set(names)
    for name in names:
        folder = index / "generations" / name
        listed = {*json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"], "manifest.json"}
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert found == listed, f"{sorted(found - listed)} too many, {sorted(listed - found)} missing"
