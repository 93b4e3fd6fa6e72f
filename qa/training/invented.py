"""Documents about invented places, with questions that they answer and questions that they only come near.

The reader learns from three of four of them; the fourth is kept back, to measure on what it never saw.
"""

from pathlib import Path

FOLDER = Path(__file__).with_name("questions") / "invented"
"""Holds `documents` and `questions.jsonl`, as squad2 does; `qa eval` reads both."""

FOLDERS = Path(__file__).with_name("questions") / "folders"
"""Holds folders of documents that belong together, each with `documents` and `questions.jsonl`; no reader learns from them."""

LESSONS = Path(__file__).with_name("questions") / "lessons"
"""Holds folders like those, of other bodies, that the reader learns from."""

LATER_LESSONS = {
    9: frozenset("airaccident county-care dam empire fostering market parliament philosophy schools staff trials".split()),
    10: frozenset("navy physics telecoms tribunal university".split()),
}
"""Those written for later rounds, by the first that learns from them."""

KEPT_BACK = 4


def lessons(number: int) -> list[Path]:
    """Return the folders that the `number`-th round learns from, in order."""
    later = frozenset(name for first, names in LATER_LESSONS.items() if first > number for name in names)
    return [folder for folder in sorted(LESSONS.iterdir()) if folder.name not in later]


def documents() -> list[str]:
    """Return the names of all documents, in order."""
    return sorted(path.name for path in (FOLDER / "documents").glob("*.md"))


def learned_from() -> list[str]:
    """Return the names of the documents that the reader learns from."""
    return [name for number, name in enumerate(documents()) if number % KEPT_BACK != KEPT_BACK - 1]


def kept_back() -> list[str]:
    """Return the names of the documents that it never sees."""
    return [name for number, name in enumerate(documents()) if number % KEPT_BACK == KEPT_BACK - 1]
