"""Read question sets that people write by hand: JSON Lines and CSV. Every fault names file, line and field."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qa.errors import BadInput
from qa.questions.records import Expected, Fault, Question, QuestionFile, short
from qa.settings import QUESTION_CHARACTERS

_KNOWN = {"id", "question", "answers", "about", "draft"}


class Collector:
    """Gather the questions of one file, keeping its faults apart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: dict[str, str] = {}
        self.questions: list[Question] = []
        self.faults: list[str] = []

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Keep the fault that is raised within; the next question is read all the same."""
        try:
            yield
        except Fault as fault:
            self.faults.append(str(fault))

    def take(self, question: Question) -> None:
        """Add a question; raises Fault if its id was there before."""
        if question.id in self._seen:
            raise Fault(f"{question.place}: id: {short(question.id)} is also in {self._seen[question.id]}")
        self._seen[question.id] = question.place
        self.questions.append(question)

    def file(self, drafts: int = 0, unjudged: int = 0) -> QuestionFile:
        """Return all that was gathered."""
        return QuestionFile(str(self._path), tuple(self.questions), drafts, unjudged, tuple(self.faults))


def file_text(path: Path) -> str:
    """Return a file's text, byte order mark aside; raises BadInput if it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8 (byte {error.start}); convert it first") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None


def word(record: Mapping[str, Any], key: str, place: str) -> str:
    """Return a field that must hold text; a whole number counts as its digits. Raises Fault."""
    value = record.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise Fault(f"{place}: {key}: {'missing' if key not in record else 'must be text, and not empty'}")
    return encodable(value, f"{place}: {key}")


def encodable(value: str, where: str) -> str:
    """Return a text, or raise Fault if it holds half of a surrogate pair, which JSON can write and no file can hold."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Fault(f"{where}: character {error.start} is half of a surrogate pair; write the whole character") from None
    return value


def asked(record: Mapping[str, Any], key: str, place: str) -> str:
    """Return a field that holds a question that can be asked; raises Fault."""
    text = word(record, key, place)
    if len(text) > QUESTION_CHARACTERS:
        raise Fault(f"{place}: {key}: has {len(text):,} characters; at most {QUESTION_CHARACTERS:,} can be asked")
    return text


def json_lines(path: Path, faults: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each line's place and object; what is none goes to the faults. Only line feeds end lines."""
    for number, line in enumerate(file_text(path).split("\n"), start=1):
        place = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            faults.append(f"{place}: not JSON ({error})")
            continue
        if isinstance(record, dict):
            yield place, record
        else:
            faults.append(f"{place}: must be an object with id, question and answers")


def read_lines(path: Path) -> QuestionFile:
    """Read our own JSON Lines; drafts are counted and otherwise passed over."""
    collector, drafts = Collector(path), 0
    for place, record in json_lines(path, collector.faults):
        if record.get("draft") is True:
            drafts += 1
            continue
        with collector.noting():
            collector.take(_from_line(place, record))
    return collector.file(drafts)


def _from_line(place: str, record: Mapping[str, Any]) -> Question:
    if record.get("draft", False) is not False:
        raise Fault(f"{place}: draft: must be true or false")
    identity, text = word(record, "id", place), asked(record, "question", place)
    if "…" in text and "draft" in record:
        raise Fault(f"{place}: question: is accepted but still has the draft's … in it")
    answers = record.get("answers")
    if not isinstance(answers, list):
        raise Fault(f"{place}: answers: {'must be a list' if 'answers' in record else 'missing; [] means not answered'}")
    expected = tuple(_from_answer(place, f"answers[{number}]", answer) for number, answer in enumerate(answers))
    about = record.get("about")
    if about is not None and not isinstance(about, str):
        raise Fault(f"{place}: about: must be text")
    encodable(about or "", f"{place}: about")
    extra = {key: value for key, value in record.items() if key not in _KNOWN}
    return Question(identity, text, expected, bool(expected), place, about, extra)


def _from_answer(place: str, name: str, answer: object) -> Expected:
    where = f"{place}: {name}"
    if not isinstance(answer, dict):
        raise Fault(f"{where}: must be an object with doc, and start and end, or text")
    for key in ("start", "end"):
        value = answer.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise Fault(f"{where}.{key}: must be a whole number")
    for key in ("doc", "text"):
        value = answer.get(key)
        if (key == "doc" or value is not None) and (not isinstance(value, str) or not value.strip()):
            raise Fault(f"{where}.{key}: {'must be text, and not empty' if key in answer else 'missing'}")
        encodable(value or "", f"{where}.{key}")
    start, end, text = answer.get("start"), answer.get("end"), answer.get("text")
    if start is None and (end is not None or text is None):
        raise Fault(f"{where}.start: missing")
    if start is not None and end is None and text is None:
        raise Fault(f"{where}.end: missing")
    return Expected(name, answer["doc"], start, end, text)


def read_csv(path: Path) -> QuestionFile:
    """Read `question,expected`; an empty `expected` means not answered. Columns `id` and `doc` are understood too."""
    collector = Collector(path)
    rows = csv.reader(io.StringIO(file_text(path), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        if not {"question", "expected"} <= set(header):
            raise BadInput(f"{path}:1: the first line must name the columns: question,expected")
        line = rows.line_num + 1
        for row in rows:
            place, line = f"{path}:{line}", rows.line_num + 1
            if any(cell.strip() for cell in row):
                with collector.noting():
                    collector.take(_from_row(place, header, row))
    except csv.Error as error:
        raise BadInput(f"{path}:{rows.line_num}: not CSV ({error})") from None
    return collector.file()


def _from_row(place: str, header: Sequence[str], row: Sequence[str]) -> Question:
    if len(row) != len(header):
        raise Fault(f"{place}: has {len(row)} fields where the first line names {len(header)}; quote texts with commas in them")
    record = dict(zip(header, (cell.strip() for cell in row), strict=True))
    document, wanted = record.get("doc") or None, record["expected"]
    expected = (Expected("expected", document, text=wanted),) if wanted else ()
    extra = {key: value for key, value in record.items() if key not in ("id", "question", "expected", "doc")}
    identity = record.get("id") or f"line {place.rpartition(':')[2]}"
    return Question(identity, asked(record, "question", place), expected, bool(expected), place, document, extra)
