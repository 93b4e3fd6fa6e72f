"""Prove that the quotes of saved answers still stand in the index."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
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
        for number, line in enumerate(text.splitlines(), start=1):
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


def _quotes(path: Path, answers: list[dict[str, Any]]) -> Iterator[tuple[str, int, dict[str, Any], bool]]:
    """Yield each citation with its question and rank, and whether it is of a visitor's own document.

    Raises BadInput for one that lacks a field.
    """
    for number, answer in enumerate(answers, start=1):
        for rank, citation in enumerate([*answer["citations"], *(answer.get("nearest") or [])], start=1):
            fields = {"document": str, "start": int, "end": int, "quote": str}
            wrong = [
                name
                for name, kind in fields.items()
                if not isinstance(citation, dict) or not isinstance(citation.get(name), kind)
            ]
            if wrong:
                raise BadInput(f"{path}, answer {number}, citation {rank}: {wrong[0]} is missing or of another kind")
            yield str(answer.get("question", "")), rank, citation, answer.get("own") is True


def verify(store: Store, path: Path) -> list[Verdict]:
    """Look up every quote of saved answers, in order; highlights and answer texts stand inside their quotes."""
    entries = {entry.document.path: entry for entry in store.entries}
    texts: dict[str, str] = {}

    def text_of(name: str) -> str:
        if name not in texts:
            texts[name] = store.catalog.text(entries[name].number)
        return texts[name]

    verdicts = []
    for question, rank, citation, own in _quotes(path, read_answers(path)):
        name, start, end, quote = (citation[key] for key in ("document", "start", "end", "quote"))
        if name in entries and 0 <= start < end and text_of(name)[start:end] == quote:
            verdicts.append(Verdict(question, rank, name, start, end, quote, OK, own))
            continue
        holder = next(
            (other for other in ([name] if name in entries else []) + list(entries) if quote and quote in text_of(other)), None
        )
        if holder is not None:
            start = text_of(holder).index(quote)
            verdicts.append(Verdict(question, rank, holder, start, start + len(quote), quote, MOVED, own))
        else:
            verdicts.append(Verdict(question, rank, name, start, end, quote, CHANGED if name in entries else MISSING, own))
    return verdicts
