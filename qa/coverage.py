"""What was read of a folder, what was left out and why, and what an indexing run did with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Coverage:
    """Say how much of a file was read, and what else is worth knowing.

    `empty_pages` are all pages without text, `unread_pages` those of them that show something. `recognised_pages` are read
    from their images; `recognition` tells whether that was asked for.
    """

    characters: int = 0
    pages: int | None = None
    empty_pages: tuple[int, ...] = ()
    unread_pages: tuple[int, ...] = ()
    tables: int = 0
    notes: tuple[str, ...] = ()
    recognised_pages: tuple[int, ...] = ()
    recognition: bool = False


@dataclass(frozen=True)
class Skipped:
    """Name a file that was not indexed, why, and what would mend it."""

    path: str
    reason: str

    @property
    def remedy(self) -> str:
        """Return what would mend it: what the reason says after its last semicolon."""
        return self.reason.rpartition("; ")[2] if "; " in self.reason else ""


@dataclass(frozen=True)
class FileCoverage:
    """Say what was read of one file; `skipped` is None where it was read."""

    path: str
    format: str
    coverage: Coverage
    skipped: Skipped | None = None

    @property
    def whole(self) -> bool:
        """Tell whether all of the file was read."""
        return self.skipped is None and not self.coverage.unread_pages

    def to_dict(self) -> dict[str, Any]:
        """Return the coverage as JSON shows it."""
        described = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self.coverage).items()}
        reason, remedy = (None, None) if self.skipped is None else (self.skipped.reason, self.skipped.remedy or None)
        return {
            "path": self.path,
            "read": self.skipped is None,
            "format": self.format,
            **described,
            "reason": reason,
            "remedy": remedy,
        }


def coverage_of(read: Iterable[tuple[str, str, Coverage]], skipped: Iterable[Skipped]) -> tuple[FileCoverage, ...]:
    """Return the coverage of all files by path: those read, as path, format and coverage, and those skipped."""
    files = [FileCoverage(*item) for item in read]
    files += [FileCoverage(item.path, "", Coverage(), item) for item in skipped]
    return tuple(sorted(files, key=lambda item: item.path))


@dataclass(frozen=True)
class BuildReport:
    """Say what an indexing run did; counts are of documents unless named otherwise."""

    root: str
    generation: str
    documents: int
    passages: int
    sentences: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    embedded: int
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    published: bool
    seconds: float
    files: tuple[FileCoverage, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON shows it."""
        report = vars(self).copy()
        report["skipped"] = [vars(item).copy() for item in self.skipped]
        report["files"] = [item.to_dict() for item in self.files]
        return {key: list(value) if isinstance(value, tuple) else value for key, value in report.items()}
