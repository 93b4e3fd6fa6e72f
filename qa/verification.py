"""Prove that the quotes of saved answers still stand in the index."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qa.errors import BadInput
from qa.store import Store

OK, MOVED, CHANGED, MISSING = "ok", "moved", "changed", "missing"


@dataclass(frozen=True)
class Verdict:
    """Hold what became of one quote.

    `ok`: it stands at its place. `moved`: it stands elsewhere, at `document` and `start`. `changed`:
    its document no longer holds it. `missing`: neither document nor quote is in the index. `own`: it was
    answered from documents that a visitor of the browser chat had added, which no index here need hold.
    """

    question: str
    rank: int
    document: str
    start: int
    end: int
    quote: str
    state: str
    own: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON shows it."""
        return vars(self).copy()


def read_answers(path: Path) -> list[dict[str, Any]]:
    """Read saved answers: one JSON object, a list of them, or JSON Lines; raises BadInput naming the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file; name a file saved from qa ask --json") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read ({type(error).__name__}); name a file saved from qa ask --json") from None
    try:
        whole = json.loads(text)
        answers = whole if isinstance(whole, list) else [whole]
    except (ValueError, RecursionError):
        answers = []
        # Only line feeds end lines: a quote may hold U+2028 and others that Python takes for line ends.
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                try:
                    answers.append(json.loads(line))
                except (ValueError, RecursionError):
                    raise BadInput(f"{path}, line {number}: is not JSON; save answers with qa ask --json") from None
    if not answers:
        raise BadInput(f"{path}: holds no answers; save some with qa ask --json")
    for number, answer in enumerate(answers, start=1):
        lists = isinstance(answer, dict) and [answer.get("citations"), answer.get("nearest") or []]
        if not lists or not all(isinstance(some, list) for some in lists):
            raise BadInput(f"{path}, answer {number}: has no citations; save answers with qa ask --json")
    return answers


def _quotes(path: Path, number: int, answer: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each citation of the `number`-th answer with its rank; raises BadInput for one that lacks a field."""
    for rank, citation in enumerate([*answer["citations"], *(answer.get("nearest") or [])], start=1):
        fields = {"document": str, "start": int, "end": int, "quote": str}
        wrong = [
            name for name, kind in fields.items() if not isinstance(citation, dict) or not isinstance(citation.get(name), kind)
        ]
        if wrong:
            raise BadInput(f"{path}, answer {number}, citation {rank}: {wrong[0]} is missing or of another kind")
        yield rank, citation


def _altered(answer: dict[str, Any]) -> bool:
    """Tell whether an answer's text is other than the words of its citations' quotes that its spans name."""
    given = answer.get("answer")
    if given is None:
        return False
    try:
        pieces = []
        for span in given["spans"]:
            number = span["citation"]
            citation = answer["citations"][number - 1]
            if number < 1 or not citation["start"] <= span["start"] < span["end"] <= citation["end"]:
                return True
            pieces.append(citation["quote"][span["start"] - citation["start"] : span["end"] - citation["start"]])
        return bool(given["text"] != " … ".join(pieces))
    except (KeyError, IndexError, TypeError):
        return True


def verify(store: Store, path: Path) -> list[Verdict]:
    """Look up every quote of saved answers, in order.

    An answer whose text is not the words of its quotes that it names is `changed`, as if quoted from its first citation.
    """
    entries = {entry.document.path: entry for entry in store.entries}
    texts: dict[str, str] = {}

    def text_of(name: str) -> str:
        if name not in texts:
            texts[name] = store.catalog.text(entries[name].number)
        return texts[name]

    def verdict(question: str, rank: int, citation: dict[str, Any]) -> Verdict:
        name, start, end, quote = (citation[key] for key in ("document", "start", "end", "quote"))
        if name in entries and 0 <= start < end and text_of(name)[start:end] == quote:
            return Verdict(question, rank, name, start, end, quote, OK)
        others = ([name] if name in entries else []) + list(entries)
        holder = next((other for other in others if quote and quote in text_of(other)), None)
        if holder is None:
            return Verdict(question, rank, name, start, end, quote, CHANGED if name in entries else MISSING)
        start = text_of(holder).index(quote)
        return Verdict(question, rank, holder, start, start + len(quote), quote, MOVED)

    verdicts = []
    for number, answer in enumerate(read_answers(path), start=1):
        question = str(answer.get("question", ""))
        found = [
            replace(verdict(question, rank, citation), own=answer.get("own") is True)
            for rank, citation in _quotes(path, number, answer)
        ]
        verdicts += found
        if all(item.state in (OK, MOVED) for item in found) and _altered(answer):
            given = answer["answer"]
            text = str(given.get("text") if isinstance(given, dict) else given)
            first = found[0] if found else Verdict(question, 1, "", 0, 0, "", MISSING)
            verdicts.append(replace(first, quote=text, state=CHANGED))
    return verdicts
