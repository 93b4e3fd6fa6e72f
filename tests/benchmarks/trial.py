"""Ask questions of documents about invented places: python -m tests.benchmarks.trial [--reader NAME] [--wrong].

tests/questions/trial holds 20 documents in two folders, of the kinds people have and with what is hard about them: figures of
several years beside each other, people of one surname, tables, corrections, negations, quoted mail. trial.tsv has a folder, a
question and the words that answer it a line, or no words where the documents don't answer. Prints how many answers stand in the
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


def main() -> None:
    """Index both folders, ask, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", default="shipped")
    parser.add_argument("--wrong", action="store_true", help="also print each question whose marked words lack the answer")
    arguments = parser.parse_args()
    rows = [line.split("\t") for line in (QUESTIONS / "trial.tsv").read_text(encoding="utf-8").splitlines()]
    highlighted = marked = 0
    wrong: list[tuple[float, str, str, str]] = []
    unanswerable: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as work:
        for folder in dict.fromkeys(row[0] for row in rows):
            index = Path(work, folder)
            build_index(QUESTIONS / "trial" / folder, index)
            with Engine.open(index, reader=arguments.reader) as engine:
                for _, question, expected in (row for row in rows if row[0] == folder):
                    result = engine.ask(question, k=1)
                    if not expected:
                        unanswerable[confidence_word(result.confidence) if result.answered else "refused"] += 1
                        continue
                    first = result.passages[0]
                    words = plain(" ".join(first.words(span.start, span.end) for span in first.answer))
                    highlighted += plain(expected) in plain(
                        " ".join(first.words(span.start, span.end) for span in first.highlights)
                    )
                    marked += plain(expected) in words
                    if plain(expected) not in words:
                        wrong.append((result.confidence, question, expected, words))
    asked = sum(1 for row in rows if row[2])
    high = sum(confidence_word(confidence) == "high" for confidence, *_ in wrong)
    print(
        f"{asked} answerable: answer in the first highlight {highlighted}, in the words marked {marked}; wrong though high {high}"
    )
    print(f"{len(rows) - asked} not answered:", ", ".join(f"{name} {count}" for name, count in sorted(unanswerable.items())))
    if arguments.wrong:
        for confidence, question, expected, words in sorted(wrong, reverse=True):
            print(f"  {confidence:.2f} {question} | {expected} | {words[:100]}")


if __name__ == "__main__":
    main()
