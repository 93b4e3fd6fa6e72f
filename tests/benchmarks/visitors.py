"""Let 30 people ask at once: python -m tests.benchmarks.visitors [INDEX] [--people N] [--questions N].

Each asks three questions, PAUSE seconds apart, of one server in a process of its own. Prints how many answers were
right, how long they took, and how the server's memory grew over `--questions` further ones (1,000).
"""

import argparse
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from gradio_client import Client

PAUSE = 3.0
KNOWN = (
    ("Who chairs the Improvement Board?", "Rory Paterson"),
    ("When was the Commissioner withdrawn from Medway Council?", "1 January 2021"),
    ("When did Ofsted hold its latest monitoring visit?", "11 and 12 May 2022"),
    ("Who was appointed improvement adviser to Medway Council?", "Rhodes White"),
    ("How many children are in Medway Council's care?", "444"),
)
"""Questions that a single person gets right, with words that the first citation must hold: what is measured is serving."""

_SERVER = """
import sys
from pathlib import Path
from qa.ui import launch
served = launch(Path(sys.argv[1]), port=int(sys.argv[2]))
print(served.url, flush=True)
served.wait()
"""


def memory(process: int) -> int:
    """Return a process's resident memory in MB, or 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)


def visit(client: Client, questions: Sequence[tuple[str, str]], pause: float, seen: list[tuple[float, bool]]) -> None:
    """Ask questions one after the other and note the time of each and whether the answer was its own and right."""
    for question, words in questions:
        started = time.perf_counter()
        told = client.predict(question, api_name="/ask")
        took = time.perf_counter() - started
        right = told["question"] == question and told["answered"] and words in told["citations"][0]["quote"]
        seen.append((took, right))
        time.sleep(pause * random.uniform(0.8, 1.2))


def report(seen: Sequence[tuple[float, bool]]) -> None:
    """Print how many answers were right and how long they took."""
    times = sorted(took for took, _ in seen)
    percentile = times[int(0.95 * (len(times) - 1))]
    print(f"{sum(right for _, right in seen)} of {len(seen)} answers right and their asker's own")
    print(f"median {statistics.median(times):.2f} s   95th percentile {percentile:.2f} s   longest {times[-1]:.2f} s", flush=True)


def main() -> None:
    """Serve, let people in, and print."""
    from tests.browsing import free_port

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", nargs="?", default="index")
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--questions", type=int, default=1000)
    given = parser.parse_args()
    command = [sys.executable, "-c", _SERVER, given.index, str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            clients = [Client(url, verbose=False) for _ in range(given.people)]
            clients[0].predict(KNOWN[0][0], api_name="/ask")
            seen: list[tuple[float, bool]] = []
            order = [[KNOWN[(person + number) % len(KNOWN)] for number in range(3)] for person in range(given.people)]
            people = [
                threading.Thread(target=visit, args=(client, questions, PAUSE, seen))
                for client, questions in zip(clients, order, strict=True)
            ]
            for person in people:
                person.start()
            for person in people:
                person.join()
            report(seen)
            before = memory(server.pid)
            rounds = [KNOWN[number % len(KNOWN)] for number in range(given.questions)]
            visit(clients[0], rounds, 0.0, [])
            print(f"server's memory {before} MB, {memory(server.pid)} MB after {given.questions:,} questions more")
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
