"""The data that flows through the pipeline. Offsets are half-open, in code points of `Document.text`."""

from dataclasses import dataclass, field

from qa.coverage import BuildReport as BuildReport
from qa.coverage import Coverage as Coverage
from qa.coverage import FileCoverage as FileCoverage
from qa.coverage import Skipped as Skipped
from qa.locators import Area as Area
from qa.locators import Locator as Locator


@dataclass(frozen=True, order=True)
class Span:
    """Mark a stretch of a text."""

    start: int
    end: int

    def to_dict(self) -> dict[str, int]:
        """Return the span as JSON shows it."""
        return {"start": self.start, "end": self.end}


@dataclass(frozen=True)
class Heading:
    """Mark a heading's lines in a document; `level` is 1 for the highest."""

    start: int
    end: int
    level: int
    text: str


@dataclass(frozen=True)
class Source:
    """Name the work that a retold document retells."""

    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Document:
    """Hold one document as it was read.

    `path` is POSIX and relative to the root. `id` is the sha256 of path and text. `body` is where
    the text after the front matter begins. `date` may be partial (`2013`, `2020-01`). `file_sha256`
    is of the file's bytes. The catalog keeps `text` and `locators` apart: its entries have none.
    """

    id: str
    path: str
    text: str
    sha256: str
    title: str
    publisher: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None
    retold: bool = False
    source: Source | None = None
    body: int = 0
    headings: tuple[Heading, ...] = ()
    encoding: str = "utf-8"
    language: str | None = None
    file_sha256: str = ""
    coverage: Coverage = field(default_factory=Coverage)
    locators: tuple[Locator, ...] = ()


@dataclass(frozen=True)
class Passage:
    """Hold one passage: whole sentences, in a section under `heading` (outermost first).

    Passages tile a section, so a passage owns the white space after its sentences.
    """

    start: int
    end: int
    sentences: tuple[Span, ...]
    heading: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Reading:
    """Hold what the reader makes of one sentence.

    `answers` is the logit that it answers; `span` is the best answer in it, as offsets into the
    sentence, and `span_score` the sum of that span's two logits.
    """

    answers: float
    span: Span
    span_score: float
