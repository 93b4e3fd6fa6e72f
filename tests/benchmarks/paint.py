"""Time an answer's first paint: python -m tests.benchmarks.paint [INDEX] [--questions N].

From the click on Ask until the browser has painted the question (which waits for nobody) and until it has painted the
answer, in one conversation that grows; and when the answer had arrived, which is before it was painted.
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

from qa.ui import launch
from tests.browsing import CHROMIUM, FLAGS, free_port

QUESTIONS = Path(__file__).parents[1] / "questions" / "medway.jsonl"

_ASK = """question => new Promise((done) => {
  const box = document.querySelector("#question textarea");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const painted = (name) => requestAnimationFrame(() => {
    // A message is delivered after the frame that was asked for has been drawn.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      performance.mark(name);
      const since = (mark) => performance.measure(mark, "click", mark).duration;
      if (name === "answer") done(["question", "arrived", "answer"].map(since));
    };
    port2.postMessage(0);
  });
  setTimeout(() => {
    const before = document.querySelectorAll(".turn").length;
    const seen = new Set();
    const once = (name, now, then) => now && !seen.has(name) && seen.add(name) && then();
    const watch = new MutationObserver(() => {
      const turns = document.querySelectorAll(".turn");
      once("question", turns.length > before, () => painted("question"));
      once("answer", turns.length > before && !turns[before].matches(".waiting"), () => {
        watch.disconnect();
        performance.mark("arrived");
        painted("answer");
      });
    });
    watch.observe(document.querySelector("#conversation"), { childList: true, subtree: true });
    performance.mark("click");
    document.querySelector("#question .submit-button").click();
  }, 300);
})"""


def row(what: str, times: Sequence[float]) -> str:
    """Return a line of the table: median, 95th percentile and longest of times in milliseconds."""
    ordered = sorted(times)
    late = ordered[int(0.95 * (len(ordered) - 1))]
    return (
        f"{what:42} median {statistics.median(ordered):6.0f} ms   95th percentile {late:6.0f} ms   longest {ordered[-1]:6.0f} ms"
    )


def main() -> None:
    """Serve an index, ask one question after the other in a browser, and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", nargs="?", default="index", type=Path)
    parser.add_argument("--questions", type=int, default=20)
    given = parser.parse_args()
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()[: given.questions]
    questions = [json.loads(line)["question"] for line in lines]
    served = launch(given.index, port=free_port())
    try:
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 860})
            page.goto(served.url)
            page.wait_for_selector(".welcome")
            page.evaluate(_ASK, "Which documents are here?")  # the reader is opened with the first question
            times = [page.evaluate(_ASK, question) for question in questions]
            browser.close()
    finally:
        served.close()
    shown, arrived, painted = zip(*times, strict=True)
    print(f"{len(times)} questions in one conversation")
    print(row("click to the question on the page", shown))
    print(row("click to the answer arrived", arrived))
    print(row("click to the answer painted", painted))


if __name__ == "__main__":
    main()
