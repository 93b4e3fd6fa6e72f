"""Let 30 people ask at once: python -m tests.benchmarks.visitors [INDEX] [--people N] [--questions N].

Each opens the page in a session of its own and asks three questions, PAUSE seconds apart, by the very requests that
the page sends, of one server in a process of its own. Prints how many answers were right, in the asker's own turn,
how long they took, what processor time they cost, and how the server's memory grew over `--questions` further ones (1,000).
"""

import argparse
import html
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used, or 0 where the system does not tell."""
    status = Path(f"/proc/{process}/stat")
    if not status.exists():
        return 0.0
    fields = status.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Visitor:
    """Ask as the page in a browser does: an event is sent, and what comes of it read from the session's stream."""

    port: int
    session: str
    turns: int = 0

    def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> str:
        """Return the text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json"})
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def event(self, number: int, given: list[Any], data: dict[str, Any] | None = None) -> list[Any]:
        """Return what the page would show after an event."""
        body = {"data": given, "fn_index": number, "session_hash": self.session, "event_data": data, "trigger_id": None}
        self.request("POST", "/gradio_api/queue/join", body)
        stream = self.request("GET", f"/gradio_api/queue/data?session_hash={self.session}")
        told = [json.loads(line[5:]) for line in stream.splitlines() if line.startswith("data:")]
        shown: list[Any] = next(message for message in told if message["msg"] == "process_completed")["output"]["data"]
        return shown

    def open(self) -> None:
        """Open the page."""
        self.request("GET", "/")
        self.dependencies = json.loads(self.request("GET", "/config"))["dependencies"]
        self.event(self.number("load"), [])

    def number(self, event: str) -> int:
        """Return the number under which the page knows an event."""
        found = (one["id"] for one in self.dependencies if any(target[1] == event for target in one["targets"]))
        number: int = next(found)
        return number

    def ask(self, question: str, words: str) -> tuple[float, bool]:
        """Ask, and return how long it took and whether the answer is right and stands in one's own next turn."""
        started = time.perf_counter()
        given = [None, {"all": True}, "", "", "Shared documents"]
        arrived = self.event(self.number("ask"), given, {"question": question, "follow": True})[0]
        took = time.perf_counter() - started
        self.turns += 1
        first = arrived["html"].partition("</blockquote>")[0]
        return took, arrived["number"] == self.turns and html.escape(question) in first and html.escape(words) in first


def visit(visitor: Visitor, questions: Sequence[tuple[str, str]], pause: float, seen: list[tuple[float, bool]]) -> None:
    """Ask questions one after the other, and note of each how long it took and whether it was right."""
    for question, words in questions:
        seen.append(visitor.ask(question, words))
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
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", _SERVER, given.index, str(port)], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()
            visitors = [Visitor(port, f"visitor-{number}") for number in range(given.people)]
            for visitor in visitors:
                visitor.open()
            alone = Visitor(port, "alone")
            alone.open()
            alone.ask(*KNOWN[0])
            seen: list[tuple[float, bool]] = []
            order = [[KNOWN[(person + number) % len(KNOWN)] for number in range(3)] for person in range(given.people)]
            people = [
                threading.Thread(target=visit, args=(visitor, questions, PAUSE, seen))
                for visitor, questions in zip(visitors, order, strict=True)
            ]
            used = processor_seconds(server.pid)
            for person in people:
                person.start()
            for person in people:
                person.join()
            report(seen)
            used = processor_seconds(server.pid) - used
            print(f"processor time of the server {1000 * used / len(seen):.0f} ms a question")
            before = memory(server.pid)
            rounds = [KNOWN[number % len(KNOWN)] for number in range(given.questions)]
            further: list[tuple[float, bool]] = []
            visit(alone, rounds, 0.0, further)
            print(f"{sum(right for _, right in further):,} of {len(further):,} further answers right")
            print(f"server's memory {before} MB, {memory(server.pid)} MB after them")
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
