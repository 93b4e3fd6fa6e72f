"""Run a system's program in its own process and environment, and say what it found and what it took."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.models import packaged_model
from tests.benchmarks.peers.systems import OFFLINE, PROGRAMS, System

ROOT = Path(__file__).parents[3]
COLD_STARTS = 5


@dataclass(frozen=True)
class Cost:
    """Hold what a system takes; times of questions in milliseconds, one a question."""

    passages_a_second: float
    milliseconds: Sequence[float]
    cold_seconds: float
    asking_bytes: int
    indexing_bytes: int

    @property
    def median(self) -> float:
        """Return the median time of a question."""
        return statistics.median(self.milliseconds)

    @property
    def percentile(self) -> float:
        """Return the 95th percentile of a question's time."""
        return statistics.quantiles(self.milliseconds, n=20, method="inclusive")[-1]


def _environment(ours: bool) -> dict[str, str]:
    """Return the environment of a child: offline, and with our own packages only where they are measured."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}}
    return kept | OFFLINE | ({"PYTHONPATH": str(ROOT)} if ours else {})


def _run(command: Sequence[str | Path], ours: bool) -> dict[str, Any]:
    done = subprocess.run(command, env=_environment(ours), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command[1:4]))} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def cold_seconds(command: Sequence[str | Path], ours: bool) -> float:
    """Return the least time from a process's start to its first line, of COLD_STARTS."""
    times = []
    for _ in range(COLD_STARTS):
        started = time.perf_counter()
        with subprocess.Popen(
            command, env=_environment(ours), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as child:
            assert child.stdout is not None
            line = child.stdout.readline()
            times.append(time.perf_counter() - started)
            child.stdout.read()
        if not line.strip():
            raise SystemExit(f"{' '.join(map(str, command[1:4]))} printed no answer")
    return min(times)


def index_peer(system: System, passages: Path, folder: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Index passages with a peer in its own environment; return what that took."""
    return _run([system.environment(), PROGRAMS / system.program, "index", folder, _options(settings), passages], ours=False)


def ask_peer(system: System, folder: Path, questions: Path, k: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Ask a peer all questions; return the numbers of each one's passages as `rankings`, and what that took."""
    command = [system.environment(), PROGRAMS / system.program, "ask", folder, _options(settings), questions, str(k)]
    return _run(command, ours=False)


def _options(settings: Mapping[str, Any]) -> str:
    return json.dumps({"model": str(packaged_model()), **settings})


def measure_peer(system: System, passages: Path, questions: Path, folder: Path, k: int) -> tuple[list[list[int]], Cost]:
    """Return a peer's rankings and cost."""
    indexed = index_peer(system, passages, folder, system.settings)
    asked = ask_peer(system, folder, questions, k, system.settings)
    first = json.loads(questions.read_text(encoding="utf-8"))[0]
    command = [system.environment(), PROGRAMS / system.program, "first", folder, _options(system.settings), first]
    return asked.pop("rankings"), _cost(indexed, asked, cold_seconds(command, ours=False))


def index_ours(documents: Path, folder: Path) -> dict[str, Any]:
    """Build our index of a folder in a process of its own; the model has been exported before."""
    return _run([sys.executable, PROGRAMS / "ours.py", "index", folder, documents], ours=True)


def measure_ours(task: str, indexed: dict[str, Any], folder: Path, questions: Path, k: int) -> tuple[list[list[Any]], Cost]:
    """Return the rankings, as the places of each passage and its copies, and the cost of `search` or `ask`."""
    asked = _run([sys.executable, PROGRAMS / "ours.py", task, folder, questions, str(k)], ours=True)
    first = json.loads(questions.read_text(encoding="utf-8"))[0]
    command = [sys.executable, "-c", "from qa.cli import main; main()", task, first, "--index", folder]
    return asked.pop("rankings"), _cost(indexed, asked, cold_seconds(command, ours=True))


def _cost(indexed: Mapping[str, Any], asked: Mapping[str, Any], cold: float) -> Cost:
    speed = indexed["passages"] / indexed["seconds"]
    return Cost(speed, asked["milliseconds"], cold, asked["peak_bytes"], indexed["peak_bytes"])
