"""Question sets: what is asked, what the documents answer, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qa.globs import matches_glob


class Fault(Exception):
    """Say what is wrong with one question; the others are looked at too."""


@dataclass(frozen=True)
class Expected:
    """Hold one answer as a file gives it; `name` is its field there.

    A place (`start`, `end`) is in the document's text or, where there is a `context`, in that. A text
    alone is looked for: in its document, where the first place counts; or, without one, in all
    documents, where every place counts. With neither place nor text the whole document is meant, as
    in TREC's and BEIR's judgements, and `grade` is its relevance.
    """

    name: str
    document: str | None = None
    start: int | None = None
    end: int | None = None
    text: str | None = None
    context: str | None = None
    grade: int = 1


@dataclass(frozen=True)
class Question:
    """Hold a question as its file gives it; `place` is the file and line, `extra` the keys that mean nothing here."""

    id: str
    text: str
    expected: tuple[Expected, ...]
    answerable: bool
    place: str
    about: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class QuestionFile:
    """Hold all questions of a file, how many drafts and unjudged queries it holds beside, and its faults."""

    path: str
    questions: tuple[Question, ...]
    drafts: int = 0
    unjudged: int = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gold:
    """Mark an answer in a document, without white space at its edges; or a `whole` document with its grade."""

    document: str
    start: int
    end: int
    text: str
    grade: int = 1
    whole: bool = False


@dataclass(frozen=True)
class Judged:
    """Pair a question with where its answers stand; none means the documents don't answer it."""

    question: Question
    golds: tuple[Gold, ...]

    @property
    def answerable(self) -> bool:
        """Tell whether the documents answer the question."""
        return self.question.answerable

    @property
    def known(self) -> bool:
        """Tell whether it is known what answers, be it nothing; of a query with no judgement above 0 it is not."""
        return bool(self.golds) or not self.answerable


@dataclass(frozen=True)
class QuestionSet:
    """Hold the questions that count and, apart, what does not: `notes` say so in words."""

    path: str
    questions: tuple[Judged, ...]
    notes: tuple[str, ...] = ()


def short(text: str) -> str:
    """Return a text as a message quotes it: one line, at most 60 characters."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:57] + "…")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which takes an s unless there is one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def chosen(questions: Sequence[Question], about: Sequence[str], limit: int | None) -> tuple[Question, ...]:
    """Return the questions about documents that match a glob, at most `limit` of them spread evenly over the set."""
    kept = [question for question in questions if not about or any(_is_about(question, pattern) for pattern in about)]
    if limit is not None and limit < len(kept):
        kept = [kept[number * len(kept) // limit] for number in range(limit)]
    return tuple(kept)


def _is_about(question: Question, pattern: str) -> bool:
    names = [question.about] if question.about else [item.document for item in question.expected if item.document]
    return any(matches_glob(name, pattern) for name in names)
