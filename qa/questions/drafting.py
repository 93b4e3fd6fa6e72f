"""Make question sets: draft questions to fill in, find where an expected text stands, append to a file."""

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.amounts import AMOUNT
from qa.errors import BadInput
from qa.globs import matches_glob
from qa.questions.golds import places_in
from qa.questions.lines import read_lines
from qa.questions.records import short
from qa.store import Store
from qa.text import Lines
from qa.years import MONTH

_SHORTEST, _LONGEST = 40, 300
"""Characters of a sentence worth asking about."""

_PLACES_SHOWN = 5

# The 2000 of £2000 or of 2000.5 is no year, and neither "12th" nor "1990s" tells how many.
_YEAR = r"(?<![\w£$€¥])(?<!\d[.,])(?:1[5-9]|20)\d\d(?!\w)(?![.,]\d)"
_ORDINAL = r"\d+(?:st|nd|rd|th|s)\b"

_ASKABLE: Sequence[tuple[str, re.Pattern[str]]] = (
    ("when", re.compile(rf"(?:\b\d{{1,2}} )?\b{MONTH}\b(?:(?: \d{{1,2}},)? \d{{4}}\b)?|{_YEAR}")),
    ("how many", re.compile(rf"(?!{_ORDINAL}){AMOUNT}")),
    ("who or what", re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+")),
)
"""How a draft begins, and what in a sentence would answer it; the first that is there is drafted."""


def draft_questions(store: Store, count: int, source: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return drafts to fill in, spread evenly over the documents that match a glob.

    Each has the answer's place, the heading it stands under, the beginning of a question, and the
    sentence to ask about; `"draft": true` keeps it from being counted until someone takes that away.
    """
    askable = list(_askable(store, source))
    if not askable:
        raise BadInput("no sentence to ask about has a date, a number or a name; write questions with: qa questions add")
    count = min(count, len(askable))
    chosen = [askable[number * len(askable) // count] for number in range(count)]
    return [{"id": f"d{number}", "draft": True, **record} for number, record in enumerate(chosen, start=1)]


def _askable(store: Store, source: Sequence[str]) -> Iterator[dict[str, Any]]:
    for entry in store.entries:
        path = entry.document.path
        if source and not any(matches_glob(path, pattern) for pattern in source):
            continue
        for stored in store.verified(range(entry.first_passage, entry.first_passage + entry.passages)):
            passage = stored.passage
            for span in passage.sentences:
                sentence = stored.text[span.start - passage.start : span.end - passage.start]
                found = _answer_in(sentence) if _SHORTEST <= len(sentence) <= _LONGEST else None
                if found:
                    asks, start, end = found
                    subject = passage.heading[-1] if passage.heading else entry.document.title
                    answer = {"doc": path, "start": span.start + start, "end": span.start + end, "text": sentence[start:end]}
                    yield {"question": f"{subject}: {asks} …?", "answers": [answer], "sentence": " ".join(sentence.split())}


def _answer_in(sentence: str) -> tuple[str, int, int] | None:
    for asks, pattern in _ASKABLE:
        match = pattern.search(sentence)
        if match:
            return asks, match.start(), match.end()
    return None


def find_answers(documents: Mapping[str, str], wanted: str, document: str | None, every: bool) -> list[dict[str, Any]]:
    """Return where an expected text stands, as a question's `answers`.

    Raises BadInput where it stands nowhere, or in several places unless `every` asks for all of them.
    """
    if document is not None and document not in documents:
        raise BadInput(f"--doc {document}: is not in the index; run: qa show")
    searched = {document: documents[document]} if document else documents
    found = places_in(searched, wanted.strip()) if wanted.strip() else []
    answers = [{"doc": path, "start": start, "end": end, "text": documents[path][start:end]} for path, start, end in found]
    if not answers:
        raise BadInput(f"--expect {short(wanted)}: stands nowhere in {document or 'the indexed documents'}")
    if len(answers) > 1 and not every:
        shown = ", ".join(_place(documents, answer) for answer in answers[:_PLACES_SHOWN])
        more = ", …" if len(answers) > _PLACES_SHOWN else ""
        raise BadInput(
            f"--expect {short(wanted)}: stands in {len(answers)} places ({shown}{more});"
            " give more of the text, name the document with --doc, or take all with --all"
        )
    return answers


def _place(documents: Mapping[str, str], answer: Mapping[str, Any]) -> str:
    return f"{answer['doc']}:{Lines(documents[answer['doc']]).number(answer['start'])}"


def append_question(path: Path, question: str, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add a question at the end of a file of JSON Lines, which is made if there is none; return its record.

    Raises BadInput for a file with faults, and for a question that it has already.
    """
    taken: set[str] = set()
    if path.exists():
        file = read_lines(path)
        if file.faults:
            raise BadInput(f"{file.faults[0]}; mend it first (qa questions check {path})")
        same = next((item for item in file.questions if item.text.strip() == question), None)
        if same:
            raise BadInput(f"{same.place}: asks this already")
        taken = {item.id for item in file.questions}
    number = len(taken) + 1
    while f"q{number}" in taken:
        number += 1
    record = {"id": f"q{number}", "question": question, "answers": list(answers)}
    write_lines(path, [record], append=True)
    return record


def write_lines(path: Path, records: Sequence[Mapping[str, Any]], *, append: bool = False) -> None:
    """Write records as JSON Lines, after what is there or to a new file: all, or none and BadInput."""
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode("utf-8")
    size = None
    try:
        if append and path.exists():
            size = path.stat().st_size
            lines = b"\n" + lines if size and not path.read_bytes().endswith(b"\n") else lines
        with path.open("ab" if append else "xb") as file:
            file.write(lines)
    except FileExistsError:
        raise BadInput(f"{path}: is there already; name another file, or remove it") from None
    except OSError as error:
        _take_back(path, size)
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None


def _take_back(path: Path, size: int | None) -> None:
    """Make a file as long as it was; a new one is removed."""
    with contextlib.suppress(OSError):
        if size is None:
            path.unlink()
        else:
            os.truncate(path, size)
