"""A visitor's own documents: files handed over, indexed apart from the shared ones, and gone with the session."""

import ctypes
import filecmp
import itertools
import secrets
import shutil
import sys
import tempfile
import threading
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from qa.corpus import read_corpus
from qa.coverage import Coverage
from qa.errors import BadInput
from qa.indexer import build_index
from qa.models import Progress
from qa.render import visible
from qa.ui.desk import Desk

MOST_FILES = 20
MOST_BYTES = 10 * 1024 * 1024
"""Largest file; MOST_FILES of them fit."""

NAME_BYTES = 120
"""Longest file name kept; the end, with the suffix, is what counts."""

SHELVES = 64
"""Visitors that may have documents of their own at the same time."""


@dataclass(frozen=True)
class Read:
    """Say what became of a file: how many passages it gave, or why it was skipped; `unread` are parts of it not read."""

    name: str
    passages: int
    reason: str = ""
    pages: int | None = None
    unread: tuple[str, ...] = ()


IDLE_SECONDS = 600.0
"""A shelf that nobody has used for so long gives way where there are too many."""


class Shelf:
    """Hold one visitor's files and their index in a folder of its own; who has its `key` may see their pages."""

    def __init__(self, reader: str = "shipped") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="verbatim-", ignore_cleanup_errors=True)
        self._files = Path(self._folder.name) / "files"
        self._index = Path(self._folder.name) / "index"
        self._files.mkdir()
        self._lock = threading.Lock()
        self.key = secrets.token_urlsafe(24)
        self.desk = Desk(self._index, self.key, reader)
        self.read: tuple[Read, ...] = ()
        self.used = time.monotonic()

    def add(self, files: Sequence[tuple[str, Path]], progress: Progress | None = None) -> None:
        """Take files in, under their names, and index them; raises BadInput where they are too many or too large.

        Of two files of one name the second is numbered, unless they are the same.
        """
        with self._lock:
            kept = sorted(self._files.iterdir())
            if len(kept) + len(files) > MOST_FILES:
                raise BadInput(f"{len(kept) + len(files)} files; at most {MOST_FILES} can be yours at a time, remove some first")
            for name, path in files:
                if path.stat().st_size > MOST_BYTES:
                    raise BadInput(f"{visible(name)}: is larger than {MOST_BYTES // 1024**2} MB; split it")
            for name, path in files:
                shutil.copyfile(path, free_place(self._files, file_name(name), path))
            self._build(progress)

    def remove(self, name: str) -> None:
        """Take a file away and index the others; its text is gone from the disk."""
        with self._lock:
            path = next((path for path in self._files.iterdir() if path.name == name), None)
            if path is None:
                raise BadInput(f"{visible(name)}: is not among your documents any more")
            path.unlink()
            self._build()

    def names(self) -> list[str]:
        """Return the names of all files on the shelf, in the order they are read."""
        return sorted(path.name for path in self._files.iterdir())

    def _build(self, progress: Progress | None = None) -> None:
        # The index is small and made anew: nothing of a removed file stays in an older generation.
        self.desk.close()
        shutil.rmtree(self._index, ignore_errors=True)
        if not any(self._files.iterdir()):
            self.read = ()
            return
        passages: Counter[str] = Counter()
        pages: dict[str, int | None] = {}
        unread: dict[str, list[str]] = {}
        try:
            skipped = build_index(self._files, self._index, progress).skipped
            for entry in self.desk.entries():  # of an archive, all its files
                name, coverage = entry.document.path.partition("/")[0], entry.document.coverage
                passages[name] += entry.passages
                pages[name] = coverage.pages
                unread.setdefault(name, []).extend(unread_parts(coverage))
        except BadInput:
            # None of the files can be read, of which the error names only one.
            skipped = tuple(read_corpus(self._files, self._index, lambda stage, done, total: None)[1])
        reasons = {item.path.partition("/")[0]: item.reason for item in reversed(skipped)}
        for item in skipped:
            name, _, member = item.path.partition("/")
            unread.setdefault(name, []).extend([f"{member}: {item.reason}"] if member else [])
        self.read = tuple(
            Read(
                name,
                passages.get(name, 0),
                "" if name in passages else reasons.get(name, "holds no text"),
                pages.get(name),
                tuple(unread.get(name, ())) if name in passages else (),
            )
            for name in self.names()
        )

    def close(self) -> None:
        """Let the index go and remove all files."""
        with self._lock:
            self.desk.close()
            self._folder.cleanup()


class Shelves:
    """Hold each session's shelf; safe between threads."""

    def __init__(self, reader: str = "shipped") -> None:
        self._reader = reader
        self._shelves: dict[str, Shelf] = {}
        self._lock = threading.Lock()

    def of(self, session: str) -> Shelf | None:
        """Return a session's shelf if it has one."""
        with self._lock:
            shelf = self._shelves.get(session)
            if shelf is not None:
                shelf.used = time.monotonic()
            return shelf

    def desk_of(self, key: str) -> Desk:
        """Return the desk of the shelf with a key; raises BadInput where there is none any more."""
        with self._lock:
            desk = next(
                (shelf.desk for shelf in self._shelves.values() if secrets.compare_digest(shelf.key.encode(), key.encode())), None
            )
        if desk is None:
            raise BadInput("Your documents are not here any more; add them again")
        return desk

    def made(self, session: str) -> Shelf:
        """Return a session's shelf, a new one if it has none; raises BadInput where too many have one and use it."""
        if session not in self._shelves and len(self._shelves) >= SHELVES:
            self._make_room()
        with self._lock:
            if session not in self._shelves and len(self._shelves) >= SHELVES:
                raise BadInput("Too many visitors have documents of their own at the moment; try again later")
            if session not in self._shelves:
                self._shelves[session] = Shelf(self._reader)
            return self._shelves[session]

    def _make_room(self) -> None:
        """Drop the shelf that was left longest ago: whoever opens no page to close keeps one for ever."""
        with self._lock:
            session, shelf = min(self._shelves.items(), key=lambda item: item[1].used)
        if time.monotonic() - shelf.used > IDLE_SECONDS:
            self.drop(session)

    def drop(self, session: str) -> None:
        """Remove what a session had."""
        with self._lock:
            shelf = self._shelves.pop(session, None)
        if shelf is not None:
            shelf.close()
            _give_back()

    def close(self) -> None:
        """Remove what all sessions had."""
        for session in list(self._shelves):
            self.drop(session)


def unread_parts(coverage: Coverage) -> list[str]:
    """Return what of a file was not read, page by page where the reason is known."""
    if not coverage.unread_pages:
        return []
    named = [note for note in coverage.notes if note.startswith("page")]
    return [f"{len(coverage.unread_pages):,} of its {coverage.pages:,} pages not read", *named]


def _give_back() -> None:
    """Have the C library give back what was freed: a model comes and goes with each shelf, and leaves holes (170 MB after 25)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def file_name(name: str) -> str:
    """Return a name under which a file can be kept: no folders, no control characters, not hidden, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip(" .")
    while len(kept.encode()) > NAME_BYTES:
        kept = kept[1:]
    return kept or "document.txt"


def free_place(folder: Path, name: str, file: Path) -> Path:
    """Return where a file can be kept under a name without replacing another: `a.txt`, `a (2).txt`, and so on."""
    named = PurePath(name)
    for number in itertools.count(2):
        place = folder / name
        if not place.exists() or filecmp.cmp(file, place, shallow=False):
            break
        name = f"{named.stem} ({number}){named.suffix}"
    return place


def uploaded(given: object, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield names and places of files that the framework took in; raises BadInput for anything else on this machine."""
    for item in given if isinstance(given, list) else []:
        name, place = (str(item.get(key, "")) for key in ("name", "path")) if isinstance(item, dict) else ("", "")
        path = Path(place)
        try:
            inside = path.resolve().is_relative_to(folder.resolve()) and path.is_file() and not path.is_symlink()
        except (OSError, ValueError):
            inside = False
        if not inside:
            raise BadInput(f"{visible(name) or 'The file'}: did not arrive; try again")
        yield name, path
