"""What every peer's program does: index, ask or answer once, and say what that took. Runs in the peer's environment."""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

WARMING = 5
"""Questions asked before any is timed."""


class Peer(Protocol):
    """Search what was indexed."""

    def search(self, question: str, k: int) -> list[tuple[int, str]]:
        """Return the numbers and texts of the best passages, best first."""


def peak_bytes() -> int:
    """Return the most memory this process had resident; not what its parent had, which `getrusage` would count."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def texts_of(passages: Path, settings: dict[str, Any]) -> list[str]:
    """Return the passages' texts in order, below title and headings where these are to be searched too."""
    records = [json.loads(line) for line in passages.read_text(encoding="utf-8").splitlines()]
    return [f"{record['context']}\n{record['text']}" if settings.get("titled") else record["text"] for record in records]


def run(build: Callable[[list[str], Path, dict[str, Any]], float], opened: Callable[[Path, dict[str, Any]], Peer]) -> None:
    """Do what the command line says; print one JSON object, or for `first` the best passage.

    `build` returns the seconds that indexing and saving took, the loading of the model left out.
    """
    task, folder, settings = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    if task == "index":
        texts = texts_of(Path(sys.argv[4]), settings)
        print(json.dumps({"seconds": build(texts, folder, settings), "passages": len(texts), "peak_bytes": peak_bytes()}))
        return
    peer = opened(folder, settings)
    if task == "first":
        print(" ".join(peer.search(sys.argv[4], 1)[0][1].split()), flush=True)
        return
    questions, k = json.loads(Path(sys.argv[4]).read_text(encoding="utf-8")), int(sys.argv[5])
    for question in questions[:WARMING]:
        peer.search(question, k)
    rankings, milliseconds = [], []
    for question in questions:
        started = time.perf_counter()
        found = peer.search(question, k)
        milliseconds.append((time.perf_counter() - started) * 1000)
        rankings.append([number for number, _ in found])
    print(json.dumps({"rankings": rankings, "milliseconds": milliseconds, "peak_bytes": peak_bytes()}))
