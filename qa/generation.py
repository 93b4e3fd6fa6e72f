"""The index directory: what a published generation is, and how readers hold and check it.

    index/CURRENT                  name of the published generation and the sha256 of its manifest
    index/.CURRENT                 the same of a generation that is about to be published
    index/generations/NAME/        manifest.json, catalog.sqlite, vectors.faiss, rows.npy,
                                   digests.bin, lexical/, encoder/; vectors.int8 where
                                   vectors.faiss does not hold the vectors themselves;
                                   model and unchanged words are links to its predecessor's
    index/writer.lock              held while a process writes
    index/receipts/NAME.json       what the files looked like when they were last checked whole

A generation is never changed after it is published. `CURRENT` is replaced in one step, so a crash at
any moment leaves the old generation or the new one.
"""

import contextlib
import errno
import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from qa.digests import file_sha256
from qa.errors import BadInput, DamagedIndex, IncompatibleIndex, LockedIndex, NoIndex, VerbatimError
from qa.ownership import CURRENT_LINE, generation_folders

try:
    import fcntl
except ImportError:  # Windows has no flock; there one writer and no pruning under readers is up to the user
    fcntl = None  # type: ignore[assignment]

FORMAT = 3
CHECKED_BYTES = 512_000_000
"""Up to this total every file is checked at every opening; above it, a receipt is believed."""

FLAT = {"kind": "flat", "stored": "float32"}
"""The kind of index of vectors in which every search looks at every one."""

MANIFEST = "manifest.json"
_ATTEMPTS = 20
_CLAIM = re.compile(r'^ "root": ("[^\n]*"),$.*?^  "model": ("[^\n]*"),$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Manifest:
    """Say what a generation holds and what it was made with.

    `vectors` is the kind of index of vectors; `files` maps paths to sha256 and size. `ocr` tells whether the words of
    pages that are images were to be recognised; None where an earlier version did not note it.
    """

    generation: str
    root: str
    model: Mapping[str, Any]
    settings: Mapping[str, Any]
    counts: Mapping[str, int]
    corpus: str
    skipped: tuple[Mapping[str, str], ...]
    vectors: Mapping[str, Any]
    files: Mapping[str, tuple[str, int]]
    ocr: bool | None = None

    def to_json(self) -> str:
        """Return the manifest's bytes as text."""
        return json.dumps({"format": FORMAT, **vars(self)}, indent=1, ensure_ascii=False) + "\n"


def _read_manifest(text: str) -> Manifest:
    data = json.loads(text)
    made = data.pop("format")
    if made != FORMAT:
        raise IncompatibleIndex(f"{data['generation']}: has format {made}, not {FORMAT}; run: qa index --rebuild")
    data["skipped"] = tuple(data["skipped"])
    data.setdefault("vectors", FLAT)  # there was no other kind
    data["files"] = {path: (str(digest), int(size)) for path, (digest, size) in data["files"].items()}
    return Manifest(**data)


@dataclass
class Held:
    """Keep a published generation from being pruned until it is closed."""

    folder: Path
    manifest: Manifest
    _file: IO[str]

    def close(self) -> None:
        """Let the generation go."""
        self._file.close()


def claimed(index: Path) -> tuple[Path, str] | None:
    """Return the root and model that the newest manifests name, unchecked; None where none names a folder.

    A manifest need not be whole for that: its lines are looked at one by one.
    """
    for path in sorted((index / "generations").glob(f"*/{MANIFEST}"), reverse=True):
        with contextlib.suppress(OSError, ValueError):
            match = _CLAIM.search(path.read_text(encoding="utf-8", errors="replace"))
            root, model = (json.loads(value) for value in match.groups()) if match else ("", "")
            if Path(root).is_absolute() and Path(root).is_dir():
                return Path(root), model
    return None


def _damaged(path: Path, what: str) -> DamagedIndex:
    return DamagedIndex(f"{path}: {what}; the index is damaged, run: qa index --rebuild")


def _unreadable(index: Path, path: Path, error: Exception) -> VerbatimError:
    if isinstance(error, PermissionError):
        return BadInput(f"{path}: no permission to read it; run: chmod -R +rX {index}")
    return _damaged(path, f"cannot be read ({getattr(error, 'strerror', None) or type(error).__name__})")


def current(index: Path) -> tuple[str, str]:
    """Return the published generation's name and its manifest's sha256."""
    path = index / "CURRENT"
    try:
        text = path.read_text(encoding="ascii")
    except (FileNotFoundError, NotADirectoryError):
        # a generation without CURRENT: CURRENT was lost, unless the first publication was cut short
        if generation_folders(index) and not (index / ".CURRENT").exists():
            raise _damaged(path, "missing") from None
        raise NoIndex(f"{index}: holds no index; run: qa index FOLDER") from None
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ENAMETOOLONG:
            raise BadInput(f"{str(index)[:80]}…: is too long for a name; name another with --index") from None
        raise _unreadable(index, path, error) from None
    match = CURRENT_LINE.fullmatch(text)
    if match is None:
        raise _damaged(path, "does not name a generation")
    return match[1], match[2]


def hold(index: Path) -> Held:
    """Open the published generation's manifest and keep it from being pruned.

    Raises NoIndex where nothing was published, DamagedIndex where the manifest is not the one that
    was, IncompatibleIndex where it is of another format and BadInput where it may not be read.
    """
    for _ in range(_ATTEMPTS):
        name, digest = current(index)
        folder = index / "generations" / name
        try:
            file = (folder / MANIFEST).open(encoding="utf-8", newline="")
        except FileNotFoundError:
            # pruned between the two reads, if CURRENT has moved on
            if current(index) == (name, digest):
                if not folder.exists():
                    raise _damaged(index / "CURRENT", f"names generation {name}, which is not there") from None
                raise _damaged(folder / MANIFEST, "missing") from None
            continue
        except OSError as error:
            raise _unreadable(index, folder / MANIFEST, error) from None
        if lock_file(file, shared=True) and (folder / MANIFEST).exists():
            try:
                text = file.read()
                if hashlib.sha256(text.encode()).hexdigest() != digest:
                    raise _damaged(folder / MANIFEST, f"is not what {index / 'CURRENT'} says was published")
                return Held(folder, _read_manifest(text), file)
            except (ValueError, KeyError, TypeError, AttributeError):
                file.close()
                raise _damaged(folder / MANIFEST, "cannot be understood") from None
            except VerbatimError:
                file.close()
                raise
        file.close()
        time.sleep(0.05)
    raise LockedIndex(f"{index}: generations change faster than they can be opened; try again")


def lock_file(file: IO[Any], *, shared: bool) -> bool:
    """Take a lock on an open file without waiting; False if another process holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def check(index: Path, held: Held, *, whole: bool = False) -> None:
    """Raise DamagedIndex unless every file is the one that was published.

    Files are read whole while they total under CHECKED_BYTES, or where `whole` asks for it; above,
    a receipt of the last whole check is believed if inode, size and time of every file are the same.
    """
    total = sum(size for _, size in held.manifest.files.values())
    if not whole and total > CHECKED_BYTES and _receipt(held.folder, held.manifest) == _read_receipt(index, held.manifest):
        return
    for relative, (digest, size) in held.manifest.files.items():
        path = held.folder / relative
        try:
            if path.stat().st_size != size or file_sha256(path) != digest:
                raise _damaged(path, "is not what was published")
        except OSError as error:
            raise _unreadable(index, path, error) from None
    if total > CHECKED_BYTES:
        write_receipt(index, held.folder, held.manifest)


def _receipt(folder: Path, manifest: Manifest) -> dict[str, list[int]] | None:
    try:
        status = {relative: (folder / relative).stat() for relative in manifest.files}
    except OSError:
        return None
    return {relative: [entry.st_ino, entry.st_size, entry.st_mtime_ns] for relative, entry in status.items()}


def _read_receipt(index: Path, manifest: Manifest) -> object:
    try:
        return json.loads((index / "receipts" / f"{manifest.generation}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_receipt(index: Path, folder: Path, manifest: Manifest) -> None:
    """Note what the files look like; without a place to note it, the next opening checks them again."""
    with contextlib.suppress(OSError):
        (index / "receipts").mkdir(exist_ok=True)
        path = index / "receipts" / f"{manifest.generation}.json"
        if path.is_symlink() or path.parent.is_symlink():  # it would be written over what somebody else chose
            return
        path.write_text(json.dumps(_receipt(folder, manifest)), encoding="utf-8")
