"""Tell what in an index directory is the index's own from what somebody else put there: only its own is ever removed."""

import os
import re
from pathlib import Path

_NAME = r"\d{6}-[0-9a-f]{8}"
GENERATION = re.compile(_NAME, re.ASCII)
"""A generation's name: its number and the beginning of its corpus's digest."""

RECEIPT = re.compile(rf"{_NAME}\.json", re.ASCII)
CURRENT_LINE = re.compile(rf"({_NAME}) ([0-9a-f]{{64}})\n?", re.ASCII)
_LEFTOVER = re.compile(rf"\.(?:staging|pruned)-{_NAME}", re.ASCII)
_OWN = re.compile(
    rf"CURRENT|calibration\.json|writer\.lock|generations(?:/{_NAME}(?:/.*)?)?|receipts(?:/{_NAME}\.json)?",
    re.ASCII | re.DOTALL,
)

_BEGINNINGS = {
    "CURRENT": CURRENT_LINE,
    "calibration.json": re.compile(r'\{\s*"weights".*', re.DOTALL),
    "writer.lock": re.compile(r"(?:process \d+ since .*)?", re.DOTALL),
}
"""What an index's single files hold; only where there is no generation yet are they looked into, as they may be damaged."""

_LOOKED_AT = 1000


def is_own(index: Path, path: Path) -> bool:
    """Tell whether a resolved path is, by its name, of a resolved index directory itself, and so of no corpus."""
    return path.is_relative_to(index) and _OWN.fullmatch(path.relative_to(index).as_posix()) is not None


def generation_folders(index: Path) -> list[Path]:
    """Return the folders of all generations, the oldest first."""
    return sorted(path for path in _within(index / "generations") if GENERATION.fullmatch(path.name) and path.is_dir())


def receipts(index: Path) -> list[Path]:
    """Return the notes of when generations were last checked whole."""
    return [path for path in _within(index / "receipts") if RECEIPT.fullmatch(path.name)]


def leftover_folders(index: Path) -> list[Path]:
    """Return the folders that killed writers left."""
    return [path for path in index.glob(".*") if _LEFTOVER.fullmatch(path.name)]


def foreign(index: Path) -> Path | None:
    """Return the first thing that stands where an index keeps its own and is none of it; None where there is none.

    Hidden names, such as systems leave in every folder, are no documents and are let be.
    """
    for folder, own in ((index / "generations", GENERATION), (index / "receipts", RECEIPT)):
        if folder.exists() and not folder.is_dir():
            return folder
        for path in sorted(_within(folder)):
            if not own.fullmatch(path.name) and not path.name.startswith("."):
                return path
    if generation_folders(index):
        return None
    return next((index / name for name in _BEGINNINGS if not _begins_so(index / name)), None)


def _within(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _begins_so(path: Path) -> bool:
    """Tell whether a single file of an index is missing, no file at all, or holds what an index writes there."""
    if not path.is_file():  # reading a pipe would wait for ever
        return True
    with path.open("rb") as file:
        beginning = os.fsdecode(file.read(_LOOKED_AT))
    return _BEGINNINGS[path.name].fullmatch(beginning) is not None
