"""Feedback that becomes a test: what visitors say of answers, as lines of a question set that `qa eval` runs."""

import json
import os
import threading
import uuid
from pathlib import Path
from typing import Any

from qa.answer import Abstention, Answer
from qa.errors import BadInput
from qa.ui.footnotes import evidence

RIGHT, WRONG, ABSENT = "right", "wrong passage", "not in the sources"
VERDICTS = (RIGHT, WRONG, ABSENT)


class Feedback:
    """Append verdicts to a question set; safe between threads."""

    def __init__(self, path: Path) -> None:
        """Raise BadInput where the file cannot be written."""
        self._path = path
        self._lock = threading.Lock()
        try:
            with path.open("a", encoding="utf-8"):
                pass
        except OSError as error:
            raise BadInput(f"{path}: cannot be written ({error.strerror}); give --feedback another file") from None

    def add(self, result: Answer | Abstention, verdict: str) -> None:
        """Append a line and see it on the disk; raises BadInput where that fails."""
        line = (json.dumps(question_line(result, verdict), ensure_ascii=False) + "\n").encode()
        try:
            with self._lock, self._path.open("rb+") as file:
                size = file.seek(0, os.SEEK_END)
                if size and (file.seek(size - 1), file.read(1))[1] != b"\n":
                    line = b"\n" + line  # someone edited the file and left its last line open
                file.seek(0, os.SEEK_END)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise BadInput(f"The feedback could not be kept: {self._path.name} cannot be written ({error.strerror})") from None


def question_line(result: Answer | Abstention, verdict: str) -> dict[str, Any]:
    """Return a verdict as a question of a set.

    A right answer is its gold, and so is a right abstention. Where what would be right is not known the
    line is a draft, which counts only once someone has completed it: a wrong passage, or "not in the
    sources" of a question that was asked of some of them. So is a right list: each item is a gold, and
    none of them alone is what was right.
    """
    line: dict[str, Any] = {"id": f"feedback-{uuid.uuid4().hex[:12]}", "question": result.question, "answers": []}
    shown = [
        {"doc": citation.document, "start": span.start, "end": span.end, "text": evidence(citation)}
        for citation in result.passages[:1]
        for span in citation.highlights[:1]
    ]
    if isinstance(result, Answer) and verdict == RIGHT:
        line["answers"] = [
            {"doc": result.citations[span.citation - 1].document, "start": span.start, "end": span.end, "text": piece}
            for span, piece in zip(result.spans, result.pieces, strict=True)
        ]
        if len(result.spans) > 1:
            line["draft"] = True
    elif verdict == WRONG or result.searched.filters:
        line["draft"] = True
    line |= {"verdict": verdict, "answered": result.answered, "shown": shown, "filters": dict(result.searched.filters)}
    return line
