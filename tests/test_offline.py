"""Indexing, asking, evaluating and the chat work where there is no network: in a namespace with loopback and nothing else.

Where the system allows no such namespace every socket of Python's is watched instead, in child processes too.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.browsing import CORPUS

ROOT = Path(__file__).parents[1]
ASKED = 4
"""Questions of the shipped set that are evaluated."""

PROGRAM = """
import json, socket, struct, sys
from pathlib import Path

folder, alone = Path(sys.argv[1]), sys.argv[2] == "alone"
interfaces = [name for _, name in socket.if_nameindex()]
if alone:
    import fcntl
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: loopback up
try:
    socket.create_connection(("192.0.2.1", 80), timeout=5)  # of a block that is nobody's (RFC 5737)
    outside = "connected"
except OSError as error:
    outside = type(error).__name__

from qa.ui import launch
from tests.benchmarks.soak import Visitor, call
from tests.browsing import free_port
from tests.indexes import qa
import contextlib, httpx

index = folder / "index"
indexed = qa("index", folder / "docs", "--index", index, "--json", folder=folder)
asked = qa("ask", "Who chairs the Improvement Board?", "--index", index, "--json", folder=folder)
evaluated = qa("eval", folder / "questions.jsonl", "--index", index, "--json", folder=folder)
running = launch(index, port=free_port())
try:
    with httpx.Client(base_url=running.url, timeout=60) as http:
        told = call(http, "ask", question="Who chairs the Improvement Board?")
    with contextlib.closing(Visitor(running.url)) as visitor:
        visitor.use("arrive")
        shown = visitor.ask("Who chairs the Improvement Board?")
finally:
    running.close()
commands = [[done.returncode, done.stdout, done.stderr] for done in (indexed, asked, evaluated)]
print(json.dumps({"interfaces": interfaces, "outside": outside, "commands": commands, "told": told, "shown": shown}))
"""

GUARD = """
import os, socket, sys
real = socket.socket.connect

def connect(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "localhost", "::1"):
        with open(os.environ["QA_GUARD"], "a") as log:
            log.write(f"{address}\\n")
        raise OSError(f"not allowed: {address}")
    return real(self, address)

socket.socket.connect = connect
"""


@cache
def namespace() -> tuple[str, ...]:
    """Return the command that runs another without any network; empty where the system allows none."""
    for command in (("unshare", "-rn"), ("unshare", "-n")):
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    return ()


def test_everything_works_without_a_network(tmp_path: Path) -> None:
    shutil.copytree(CORPUS, tmp_path / "docs")
    lines = (ROOT / "tests" / "questions" / "medway.jsonl").read_text(encoding="utf-8").splitlines()[:ASKED]
    (tmp_path / "questions.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (tmp_path / "guard").mkdir()
    environment = {name: value for name, value in os.environ.items() if name not in {"QA_INDEX", "HF_HUB_OFFLINE"}}
    environment |= {"PYTHONPATH": str(ROOT), "QA_GUARD": str(tmp_path / "reached")}
    if not namespace():
        (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD)
        environment["PYTHONPATH"] = f"{tmp_path / 'guard'}{os.pathsep}{ROOT}"
    done = subprocess.run(
        [*namespace(), sys.executable, "-c", PROGRAM, str(tmp_path), "alone" if namespace() else "watched"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert told["outside"] != "connected"
    if namespace():
        assert told["interfaces"] == ["lo"]
    indexed, asked, evaluated = told["commands"]
    assert [status for status, _, _ in told["commands"]] == [0, 0, 0], told["commands"]
    assert json.loads(indexed[1])["published"]
    assert json.loads(asked[1])["answer"]["text"] == told["told"]["answer"]["text"] == "Rory Paterson"
    assert "Rory Paterson" in told["shown"]
    assert json.loads(evaluated[1])
    # what the guard saw, without the program's own try
    reached = (tmp_path / "reached").read_text().splitlines()[1:] if (tmp_path / "reached").exists() else []
    assert reached == []


@pytest.mark.skipif(not namespace(), reason="the guard is what is used here")
def test_a_namespace_shuts_the_network_out() -> None:
    """Or the test above would prove nothing."""
    program = "import socket; print([name for _, name in socket.if_nameindex()]); socket.create_connection(('127.0.0.1', 9), 2)"
    done = subprocess.run([*namespace(), sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "['lo']\n"
    assert done.returncode != 0
    assert socket.if_nameindex()
