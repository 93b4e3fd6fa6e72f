"""Use a served page for an hour: `python -m tests.benchmarks.soak [--minutes N] [--pause SECONDS] [--folder FOLDER]`.

`qa chat` runs in a process of its own. Round after round programs ask it what the documents answer and what they don't, a
visitor opens the page, asks, downloads the conversation, hands a file over, asks that and leaves, a PDF's page is drawn, and
now and then `qa index` publishes a changed document, which the next answer must tell. Every answer is checked. In the end the
server is interrupted. Exit status: 0 if nothing went wrong, its memory stayed within 5 % after warming up, and it kept no file
descriptor, no process and no temporary file.

With `--folder` what was done stands in its soak.json after every round: the same command again goes on where it was broken off,
with a new server; each stretch is judged by itself.
"""

import argparse
import contextlib
import html
import json
import os
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.concurrency import HOURS
from tests.benchmarks.visitors import KNOWN
from tests.browsing import CORPUS, free_port
from tests.indexes import QUESTIONS, qa, rebuild, write_files

WARM_UP = 0.25
"""Share of a stretch after which memory may not grow any more."""

FIRST_ROUNDS = 2
"""Rounds that warm up however few there are."""

GROWTH = 0.05
"""What the server's memory may grow by after that."""

INDEXED_EVERY = 10
"""Rounds from one `qa index` to the next."""

SECONDS = 60.0
"""Longest wait for any answer."""

ABSENT = "What is the best recipe for sourdough pizza on Mars?"
PDF = Path(__file__).parents[1] / "files" / "harbour-typst.pdf"
MINE = "The purple lighthouse of Quibblesworth was painted by Ann{number} Smith in 1911.\n"


@dataclass
class Stretch:
    """Hold what one server went through: how long, how often what was done, what went wrong, what it held after each round."""

    seconds: float = 0.0
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    held: list[tuple[int, int, int]] = field(default_factory=list)
    """Resident memory in kB, open file descriptors, and processes it started, after each round."""


def warm(held: Sequence[tuple[int, int, int]]) -> Sequence[tuple[int, int, int]]:
    """Return what was held after warming up; in the first rounds the server starts what it then keeps."""
    return held[min(max(FIRST_ROUNDS, int(len(held) * WARM_UP)), len(held) - 1) :]


def growth(held: Sequence[tuple[int, int, int]]) -> float:
    """Return by what share memory grew after warming up: the median of the last fifth against that of the first."""
    memory = [resident for resident, _, _ in warm(held)]
    fifth = max(1, len(memory) // 5)
    return statistics.median(memory[-fifth:]) / statistics.median(memory[:fifth]) - 1


def judge(stretch: Stretch) -> list[str]:
    """Return what is wrong with a stretch."""
    wrong = list(stretch.wrong)
    if not stretch.held:
        return [*wrong, "no round was completed"]
    if growth(stretch.held) > GROWTH:
        wrong.append(f"memory grew by {growth(stretch.held):.1%}")
    held = warm(stretch.held)
    for place, what in ((1, "file descriptors"), (2, "processes")):
        # the fewest of the beginning and of the end: some are open for a moment
        first, last = (min(counts[place] for counts in part) for part in (held[: len(held) // 2 + 1], held[len(held) // 2 :]))
        if last > first:
            wrong.append(f"{last - first} {what} more than at first ({first})")
    return wrong


def holds(process: int) -> tuple[int, int, int]:
    """Return a process's resident memory in kB, its open file descriptors and its children."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    memory = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    children = [path.read_text(encoding="utf-8").split() for path in Path(f"/proc/{process}/task").glob("*/children")]
    return memory, len(list(Path(f"/proc/{process}/fd").iterdir())), sum(map(len, children))


class Visitor:
    """Use the page as a browser does: a session of its own that lasts as long as its heartbeat is listened to."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=SECONDS, follow_redirects=True)
        self._session = secrets.token_hex(8)
        self._events = {
            event["api_name"]: event["id"] for event in self._http.get("config").raise_for_status().json()["dependencies"]
        }
        self._here, self._leaving = threading.Event(), threading.Event()
        self._beating = threading.Thread(target=self._listen)
        self._beating.start()
        expect(self._here.wait(SECONDS), "the page's heartbeat does not begin")

    def _listen(self) -> None:
        with self._http.stream("GET", f"gradio_api/heartbeat/{self._session}") as beat:
            lines = beat.iter_lines()  # once nothing refers to it the connection is closed
            next(lines)
            self._here.set()
            self._leaving.wait()

    def use(self, name: str, *data: Any, event: Any = None) -> list[Any]:
        """Have an event of the page happen; return its outputs. Raises RuntimeError where it fails."""
        body = {"data": data, "fn_index": self._events[name], "session_hash": self._session, "event_data": event}
        self._http.post("gradio_api/queue/join", json=body).raise_for_status()
        with self._http.stream("GET", "gradio_api/queue/data", params={"session_hash": self._session}) as told:
            for line in told.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if message.get("msg") == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(f"{name}: {message['output']}")
                    return list(message["output"]["data"])
        raise RuntimeError(f"{name}: no answer")

    def ask(self, question: str, collection: str = "Shared documents") -> str:
        """Return the turn that a question makes."""
        given = {"question": question, "follow": True}
        return str(self.use("ask_1", None, {"all": True}, "", "", collection, event=given)[0]["html"])

    def hand_over(self, name: str, text: str) -> str:
        """Return the list of own documents after one was handed over."""
        (path,) = self._http.post("gradio_api/upload", files={"files": (name, text.encode())}).raise_for_status().json()
        return str(self.use("add", "", "", event={"files": [{"name": name, "path": path}]})[0])

    def close(self) -> None:
        """Close the page."""
        self._leaving.set()
        self._beating.join()
        self._http.close()


def call(http: httpx.Client, name: str, **given: Any) -> Any:
    """Return what an endpoint for programs tells."""
    event = http.post(f"gradio_api/call/v2/{name}", json=given).raise_for_status().json()["event_id"]
    told = http.get(f"gradio_api/call/{name}/{event}").raise_for_status().text
    if "event: complete" not in told:
        raise RuntimeError(f"{name}: {told[:300]}")
    return json.loads(told.rpartition("data: ")[2])[0]


def expect(right: bool, what: str) -> None:
    """Raise RuntimeError with what was expected unless it is so."""
    if not right:
        raise RuntimeError(what)


class Soak:
    """Do one round after the other against one server."""

    def __init__(self, folder: Path, url: str, process: int, first: int) -> None:
        self._folder, self._url, self._process = folder, url, process
        self._number = first
        self._ferry = ""
        self._http = httpx.Client(base_url=url, timeout=SECONDS)
        self.stretch = Stretch()

    def round(self) -> None:
        """Do everything once."""
        if self._number % INDEXED_EVERY == 0:
            self._try("index", self._index)
        for part in (self._programs, self._visit, self._page):
            self._try(part.__name__.strip("_"), part)
        self._number += 1
        self.stretch.held.append(holds(self._process))

    def _try(self, name: str, part: Any) -> None:
        try:
            part()
        except (httpx.HTTPError, RuntimeError, ValueError, LookupError, TypeError) as error:
            self.stretch.wrong.append(f"round {self._number}, {name}: {type(error).__name__}: {str(error)[:300]}")
            print(self.stretch.wrong[-1], flush=True)

    def _index(self) -> None:
        self._ferry = HOURS[self._number // INDEXED_EVERY % len(HOURS)]
        write_files(
            self._folder / "docs", {"ferry.txt": f"The harbour ferry leaves the eastern pier at {self._ferry} every morning.\n"}
        )
        done = qa("index", self._folder / "docs", "--index", self._folder / "index", folder=self._folder)
        expect((done.returncode, done.stderr) == (0, ""), f"qa index: {done.stderr[-300:]}")
        self.stretch.done["indexed"] += 1

    def _programs(self) -> None:
        for number in range(3):
            question, words = KNOWN[(self._number + number) % len(KNOWN)]
            told = call(self._http, "ask", question=question)
            expect(told["answered"] and words in told["citations"][0]["quote"], f"{question}: {told['answer']}")
            self.stretch.done["asked"] += 1
        told = call(self._http, "ask", question=QUESTIONS[1])
        expect(
            not self._ferry or f" at {self._ferry} " in told["citations"][0]["quote"],
            f"the ferry leaves at {self._ferry}: {told}",
        )
        expect(not call(self._http, "ask", question=ABSENT)["answered"], f"answered: {ABSENT}")
        expect(bool(call(self._http, "search", query='"Improvement Board"')["hits"]), "no hits")
        self.stretch.done.update(asked=1, abstained=1, searched=1)

    def _visit(self) -> None:
        with contextlib.closing(Visitor(self._url)) as visitor:
            visitor.use("arrive")
            turn = visitor.ask(KNOWN[0][0])
            expect(KNOWN[0][1] in turn, "no answer on the page")
            saved = html.unescape(turn.partition('data-saved="')[2].partition('"')[0])
            (self._folder / "saved.json").write_text(saved, encoding="utf-8")
            done = qa("verify", self._folder / "saved.json", "--index", self._folder / "index", folder=self._folder)
            expect(done.returncode == 0, f"qa verify: {done.stdout[-200:]} {done.stderr[-200:]}")
            expect("read, 1 passage" in visitor.hand_over("mine.md", MINE.format(number=self._number)), "not read")
            own = visitor.ask("Who painted the purple lighthouse?", "Your documents")
            expect(f"Ann{self._number} Smith" in own, "no answer from the visitor's own document")
            self.stretch.done.update(visited=1, asked=2, exported=1, uploaded=1)

    def _page(self) -> None:
        (report,) = [row for row in call(self._http, "sources") if row["document"] == "report.pdf"]
        drawn = self._http.get(f"page/{report['id']}/{1 + self._number % report['pages']}").raise_for_status()
        expect(drawn.content.startswith(b"\x89PNG"), "no image")
        self.stretch.done["drawn"] += 1

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str], list[str]]]:
    """Yield the address of `qa chat`, its process, and what it says; it is interrupted in the end."""
    shutil.rmtree(folder / "temporary", ignore_errors=True)
    (folder / "temporary").mkdir()
    command = [sys.executable, "-c", "from qa.cli import program; program()", "chat", "--index", str(folder / "index")]
    environment = {name: value for name, value in os.environ.items() if name != "QA_INDEX"} | {
        "TMPDIR": str(folder / "temporary")
    }
    said: list[str] = []
    with subprocess.Popen(
        [*command, "--port", str(free_port())],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell has its background jobs ignore it
    ) as server:
        assert server.stderr is not None
        first = server.stderr.readline()
        if "Verbatim is at " not in first:
            raise RuntimeError(f"the page is not served: {first}{server.stderr.read()}")
        listener = threading.Thread(target=lambda: said.extend(server.stderr or ()))
        listener.start()
        try:
            yield first.partition("Verbatim is at ")[2].split()[0], server, said
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                said.append("it did not end when it was interrupted")
            listener.join()


def soak(folder: Path, seconds: float, pause: float, before: Sequence[Stretch] = (), state: Path | None = None) -> Stretch:
    """Serve an index in a folder and use it for so long, and return what came of it."""
    docs, index = folder / "docs", folder / "index"
    if not docs.exists():
        shutil.copytree(CORPUS, docs)
        shutil.copy(PDF, docs / "report.pdf")
        write_files(docs, {"ferry.txt": "The harbour ferry leaves the eastern pier at noon.\n"})
    rebuild(index, docs)
    first = sum(stretch.done["visited"] for stretch in before)
    started = time.monotonic()
    with serving(folder) as (url, server, said):
        rounds = Soak(folder, url, server.pid, first)
        stretch = rounds.stretch
        while (done := time.monotonic() - started) < seconds and server.poll() is None:
            rounds.round()
            stretch.seconds = time.monotonic() - started
            if state is not None:
                keep(state, [*before, stretch])
            time.sleep(max(0.0, min(pause, seconds - done)))
        rounds.close()
        if server.poll() is not None:
            stretch.wrong.append(f"the server died: {server.returncode}")
    stretch.wrong += [f"the server said: {line.strip()[:300]}" for line in said if line.strip()]
    left = sorted(path.relative_to(folder).as_posix() for path in (folder / "temporary").rglob("*"))
    if left:
        stretch.wrong.append(f"{len(left)} temporary files left: {', '.join(left[:5])}")
    return stretch


def keep(state: Path, stretches: Sequence[Stretch]) -> None:
    """Write down what was done."""
    fresh = state.with_suffix(".new")
    fresh.write_text(json.dumps([vars(stretch) for stretch in stretches]), encoding="utf-8")
    fresh.replace(state)


def kept(state: Path) -> list[Stretch]:
    """Return what was done before."""
    if not state.exists():
        return []
    return [
        Stretch(item["seconds"], Counter(item["done"]), item["wrong"], [tuple(held) for held in item["held"]])
        for item in json.loads(state.read_text(encoding="utf-8"))
    ]


def report(stretch: Stretch) -> None:
    """Print a stretch."""
    done = ", ".join(f"{number:,} {what}" for what, number in sorted(stretch.done.items()))
    print(f"{stretch.seconds / 60:.1f} minutes, {len(stretch.held):,} rounds: {done}")
    if stretch.held:
        (memory, files, processes), last = warm(stretch.held)[0], stretch.held[-1]
        print(
            f"  memory {memory // 1000:,} to {last[0] // 1000:,} MB, {growth(stretch.held):+.1%} after warming up;"
            f" file descriptors {files} to {last[1]}, processes {processes} to {last[2]}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Use the page, print what came of it, and return how much went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=3.0, help="seconds between two rounds")
    parser.add_argument("--folder", type=Path, help="keep what was done there and go on from it")
    given = parser.parse_args(arguments)
    if not Path("/proc/self/status").exists():
        sys.exit("not tried: this system does not tell what a process holds")
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        folder.mkdir(parents=True, exist_ok=True)
        state = folder / "soak.json"
        before = kept(state)
        left = 60 * given.minutes - sum(stretch.seconds for stretch in before)
        stretches = [*before, soak(folder, left, given.pause, before, state)] if left > 0 else before
        keep(state, stretches)
    wrong = [line for stretch in stretches for line in judge(stretch)]
    for stretch in stretches:
        report(stretch)
    print(*wrong[:20], f"{sum(stretch.seconds for stretch in stretches) / 3600:.2f} hours, {len(wrong):,} things wrong", sep="\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
