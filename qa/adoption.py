"""Take over an index that somebody else built: its texts alone, as files of a folder, to be indexed like any others."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from qa.errors import BadInput
from qa.generation import current

SECONDS = 300.0
"""Time a catalog may take to be read."""

_CURRENT_BYTES = 200
_NAME_BYTES = 200
_DEPTH = 20
_KEPT = (".md", ".markdown", ".txt")
"""Endings of files that are their own text; others get .txt, as what was drawn from a PDF is none."""


def adopt(foreign: Path, folder: Path) -> int:
    """Write each text of an index to a file under a new or empty folder; return how many.

    Nothing else of the index is opened: not its manifest, vectors, words or model. Its catalog is read in a process apart,
    within 1 GB of memory and SECONDS. Raises BadInput where that fails; then the folder is as it was.
    """
    catalog = _catalog(foreign)
    made = not folder.exists()
    if folder.is_symlink() or not (made or (folder.is_dir() and not any(folder.iterdir()))):
        raise BadInput(f"{folder}: is no empty folder; name a new one for the texts of {foreign}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = 0
        for item in _told(catalog):
            _write(folder, file_name(item["path"], taken), item["text"])
            taken += 1
    except OSError as error:
        _undo(folder, made)
        raise BadInput(f"{folder}: cannot be written ({error.strerror}); make room or name another folder") from None
    except BadInput:
        _undo(folder, made)
        raise
    if not taken:
        _undo(folder, made)
        raise BadInput(f"{foreign}: holds no texts; name another index with --adopt")
    return taken


def _catalog(foreign: Path) -> Path:
    """Return the catalog of an index, neither of them a link or a device: reading those may never end."""
    named = foreign / "CURRENT"
    if not _plain(named) or named.stat().st_size > _CURRENT_BYTES:
        raise BadInput(f"{foreign}: is no index that can be taken over; name the folder that holds CURRENT with --adopt")
    path = foreign / "generations" / current(foreign)[0] / "catalog.sqlite"
    if not _plain(path) or not path.resolve().is_relative_to(foreign.resolve()):
        raise BadInput(f"{path}: is no catalog; ask whoever made the index for its documents")
    return path


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _told(catalog: Path) -> Iterator[dict[str, Any]]:
    """Yield what the child tells of a catalog; raises BadInput where it cannot be read, or tells more than the file can hold."""
    size = catalog.stat().st_size
    command = [sys.executable, "-P", "-m", "qa.catalog.child", str(catalog)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        watch = threading.Timer(SECONDS, child.kill)
        watch.start()
        try:
            if child.stdout is None:
                return
            told = 0
            while line := child.stdout.readline(8 * size + 1_000_000):
                item = json.loads(line)
                if item.get("done"):
                    return
                if "wrong" in item:
                    raise BadInput(f"{catalog}: cannot be read ({item['wrong']}); ask whoever made the index for its documents")
                told += len(item["text"].encode())
                if told > size:
                    raise BadInput(f"{catalog}: tells more than it holds; ask whoever made the index for its documents")
                yield item
        except (ValueError, KeyError, TypeError, AttributeError):
            pass
        finally:
            watch.cancel()
            child.kill()
    raise BadInput(f"{catalog}: crashes what reads it, or needs more than 1,000 MB or {SECONDS:.0f} s; ask for its documents")


def file_name(path: str, number: int) -> str:
    """Return the name of a document's file: its path if that leads nowhere else and any system can keep it, else a number."""
    parts = PurePosixPath(path).parts
    good = 0 < len(parts) <= _DEPTH and all(
        part.isprintable() and part.strip() == part and part[0] != "." and not set(part) & set('/\\:*?"<>|') for part in parts
    )
    if not good or any(len(part.encode()) > _NAME_BYTES for part in parts):
        return f"document-{number:06d}.txt"
    name = "/".join(parts)
    return name if name.lower().endswith(_KEPT) else f"{name}.txt"


def _write(folder: Path, name: str, text: str) -> None:
    """Write a new file; where one of that name, or a folder, is in the way, under a number beside it."""
    for attempt in range(1000):
        path = folder / (f"{attempt}-{name.replace('/', '-')}"[-_NAME_BYTES // 2 :] if attempt else name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(text.encode())
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
        return
    raise BadInput(f"{name}: too many documents have this name; ask whoever made the index for its documents")


def _undo(folder: Path, made: bool) -> None:
    """Leave no trace of what was begun."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if made:
        shutil.rmtree(folder, ignore_errors=True)
