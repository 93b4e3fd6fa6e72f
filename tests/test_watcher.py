"""A followed folder's index changes with it: added, changed, moved and deleted files, in bursts."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.errors import BadInput
from qa.indexer import Options
from qa.watcher import follow
from tests.indexes import CORPUS, quoted_documents, write_files


@pytest.fixture
def watching(tmp_path: Path) -> Iterator["queue.Queue[dict[str, object]]"]:
    write_files(tmp_path / "docs", CORPUS)
    program = "from qa.cli import main; main()"
    command = [sys.executable, "-c", program, "index", "docs", "--index", "docs/index", "--watch", "--json"]
    # A job in the background ignores Ctrl-C, and so would its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    reports: queue.Queue[dict[str, object]] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            reports.put(json.loads(line))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    yield reports
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=30)
    assert process.returncode == 0, messages
    assert messages.splitlines() == ["Watching docs; press Ctrl-C to end."]


def test_files_that_come_change_move_and_go_are_followed_and_others_are_not(
    watching: "queue.Queue[dict[str, object]]", tmp_path: Path
) -> None:
    docs = tmp_path / "docs"
    first = watching.get(timeout=120)
    assert first["documents"] == len(CORPUS)
    for number in range(20):  # a burst is one update
        (docs / f"new{number}.txt").write_text(f"The bell of gate {number} is cracked.\n")
    added = watching.get(timeout=120)
    assert len(added["added"]) == 20  # type: ignore[arg-type]
    os.replace(docs / "new1.txt", docs / "moved.txt")
    (docs / "new2.txt").unlink()
    (docs / "new3.txt").write_text("The bell of gate 3 was mended by the smith Orlaith.\n")
    changed = watching.get(timeout=120)
    assert (changed["added"], changed["changed"], changed["removed"]) == (["moved.txt"], ["new3.txt"], ["new1.txt", "new2.txt"])
    assert "new3.txt" in quoted_documents(docs / "index", "Who mended the bell of gate 3?")
    for name in (".hidden.txt", "~$new.docx", "new4.txt~", "x.tmp", "#new5.txt#", "new6.txt.swo", "big.pdf.part"):
        (docs / name).write_text("x")
    time.sleep(5)
    assert watching.empty(), "neither temporary files nor the index's own lead to an update"


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        next(follow(tmp_path / "none", tmp_path / "index", Options()))
