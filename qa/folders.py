"""Walk a folder of documents: which of its files are read, and why one is passed over."""

import os
from collections.abc import Iterator
from pathlib import Path

from qa.errors import BadInput
from qa.records import Skipped

_PASSING = ("~", ".tmp", ".swp", ".swo", ".part", ".partial", ".crdownload", "___jb_tmp___", "___jb_old___")


def printable(name: str) -> str:
    """Return a file name that can be shown and stored: bytes that are not UTF-8, control and direction marks escaped."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(character if character.isprintable() else character.encode("unicode_escape").decode() for character in text)


def is_passing(name: str) -> bool:
    """Tell whether a file is hidden, or a temporary one of an editor or an office program."""
    return name.startswith((".", "~$")) or name.endswith(_PASSING) or (name.startswith("#") and name.endswith("#"))


def find_files(root: Path) -> Iterator[str | Skipped]:
    """Yield the files under a root in sorted order, as POSIX paths; or why one is passed over.

    Names that begin with a dot and editors' temporary files are passed over in silence. Links are
    followed to files inside the root only, so that no corpus reaches outside its folder.
    """
    real = root.resolve()
    failures: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for full in (Path(folder, name) for name in folders):
            if full.is_symlink():
                yield Skipped(printable(full.relative_to(root).as_posix()), "link to a folder; copy the folder in")
        inner = Path(folder).relative_to(root).as_posix()
        for name in sorted(names):
            path = name if inner == "." else f"{inner}/{name}"
            if is_passing(name):
                continue
            try:
                path.encode("utf-8")
            except UnicodeEncodeError:
                yield Skipped(printable(path), "name is not UTF-8; rename it")
                continue
            try:
                place = os.path.join(folder, name)  # noqa: PTH118 - a Path a file is half the time of the walk
                outside = os.path.islink(place) and not Path(place).resolve().is_relative_to(real)  # noqa: PTH114
            except (OSError, RuntimeError):  # Python below 3.13 raises RuntimeError where links lead round in a circle
                yield Skipped(printable(path), "link that leads nowhere; remove it")
                continue
            if outside:
                yield Skipped(printable(path), "link to outside the folder; copy the file in")
                continue
            yield path
    # Together at the end: the walk goes on after a folder it cannot read, and may end with one.
    for error in failures:
        yield Skipped(printable(os.path.relpath(error.filename or root, root)), f"folder cannot be read: {error.strerror}")


def check_root(root: Path) -> Path:
    """Return the absolute root; raises BadInput if it is no folder that can be read."""
    try:
        there = root.exists()
    except OSError as error:  # a folder above it may not be entered, or the name is too long
        raise BadInput(f"{printable(str(root))}: cannot be reached ({error.strerror}); name a folder you may read") from None
    if not there:
        raise BadInput(f"{printable(str(root))}: no such folder; name the folder that holds your documents")
    if not root.is_dir():
        raise BadInput(f"{printable(str(root))}: is a file, not a folder; name the folder that holds it")
    if not os.access(root, os.R_OK | os.X_OK):
        raise BadInput(f"{printable(str(root))}: no permission to read it; chmod +rx it")
    return root.resolve()
