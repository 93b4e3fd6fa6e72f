"""Ask questions of documents about invented places: python -m tests.benchmarks.trial [--reader NAME] [--wrong].

tests/questions/trial holds 50 documents in four folders, of the kinds people have and with what is hard about them: figures of
several years beside each other, people of one surname, tables, corrections, negations, quoted mail; in `reports` long ones, asked
about as people type, by other words than theirs, and why and how; in `sundry` kinds that the others lack, from an act to an
interview. trial.tsv has a folder, a question and the words that answer it a line (`a|b`: either), or no words where the documents
don't answer. Prints how many answers stand in the
first highlight and in the words marked, how sure the wrong ones are, and what becomes of questions that are not answered.

Choices were made by it, so it measures no held-out quality.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from qa import Engine, build_index
from qa.render import confidence_word

QUESTIONS = Path(__file__).parents[1] / "questions"


def plain(text: str) -> str:
    """Return a text without case and line breaks."""
    return " ".join(text.split()).casefold()


def ask_all(folder: str, rows: list[list[str]], reader: str) -> list[tuple[float, str, str, str]]:
    """Index a folder, ask, print the counts, and return the wrong ones: confidence, question, answer and the words marked."""
    highlighted = marked = 0
    wrong: list[tuple[float, str, str, str]] = []
    unanswerable: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as work:
        build_index(QUESTIONS / "trial" / folder, Path(work, "index"))
        with Engine.open(Path(work, "index"), reader=reader) as engine:
            for _, question, expected in rows:
                result = engine.ask(question, k=1)
                if not expected:
                    unanswerable[confidence_word(result.confidence) if result.answered else "refused"] += 1
                    continue
                first, golds = result.passages[0], [plain(one) for one in expected.split("|")]
                words = plain(" ".join(first.words(span.start, span.end) for span in first.answer))
                sentences = plain(" ".join(first.words(span.start, span.end) for span in first.highlights))
                highlighted += any(gold in sentences for gold in golds)
                right = any(gold in words for gold in golds)
                marked += right
                if not right:
                    wrong.append((result.confidence, question, expected, words))
    asked = len(rows) - unanswerable.total()
    high = sum(confidence_word(confidence) == "high" for confidence, *_ in wrong)
    print(f"{folder}: of {asked} {highlighted} in the first highlight, {marked} in the words marked, {high} wrong though high")
    refusals = ", ".join(f"{name} {count}" for name, count in sorted(unanswerable.items()))
    print(f"  of {unanswerable.total()} not answered {refusals}")
    return wrong


def main() -> None:
    """Ask the questions of each folder and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", default="shipped")
    parser.add_argument("--wrong", action="store_true", help="also print each question whose marked words lack the answer")
    arguments = parser.parse_args()
    rows = [line.split("\t") for line in (QUESTIONS / "trial.tsv").read_text(encoding="utf-8").splitlines()]
    for folder in dict.fromkeys(row[0] for row in rows):
        wrong = ask_all(folder, [row for row in rows if row[0] == folder], arguments.reader)
        if arguments.wrong:
            for confidence, question, expected, words in sorted(wrong, reverse=True):
                print(f"  {confidence:.2f} {question} | {expected} | {words[:100]}")


if __name__ == "__main__":
    main()
