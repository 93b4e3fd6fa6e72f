"""The index directory: stage a generation, verify it, publish it, hold it, prune it.

    index/CURRENT                  name of the published generation and the sha256 of its manifest
    index/generations/NAME/        manifest.json, catalog.sqlite, vectors.faiss, rows.npy,
                                   digests.bin, lexical/, encoder/
    index/writer.lock              held while a process writes
    index/receipts/NAME.json       what the files looked like when they were last checked whole

A generation is never changed after it is published. `CURRENT` is replaced in one step, so a crash at
any moment leaves the old generation or the new one.
"""

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from qa.digests import file_sha256
from qa.errors import BadInput, DamagedIndex, LockedIndex, NoIndex

try:
    import fcntl
except ImportError:  # Windows has no flock; there one writer and no pruning under readers is up to the user
    fcntl = None  # type: ignore[assignment]

FORMAT = 1
CHECKED_BYTES = 512_000_000
"""Up to this total every file is checked at every opening; above it, a receipt is believed."""

_MANIFEST = "manifest.json"
_ATTEMPTS = 20


@dataclass(frozen=True)
class Manifest:
    """Say what a generation holds and what it was made with; `files` maps paths to sha256 and size."""

    generation: str
    root: str
    model: Mapping[str, Any]
    settings: Mapping[str, Any]
    counts: Mapping[str, int]
    corpus: str
    skipped: tuple[Mapping[str, str], ...]
    files: Mapping[str, tuple[str, int]]

    def to_json(self) -> str:
        """Return the manifest's bytes as text."""
        return json.dumps({"format": FORMAT, **vars(self)}, indent=1, ensure_ascii=False) + "\n"


def _read_manifest(text: str) -> Manifest:
    data = json.loads(text)
    if data.pop("format") != FORMAT:
        raise ValueError("format")
    data["skipped"] = tuple(data["skipped"])
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


def claimed_root(index: Path) -> str | None:
    """Return the root that the newest legible manifest names, unchecked; None where there is none."""
    for path in sorted((index / "generations").glob(f"*/{_MANIFEST}"), reverse=True):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return str(json.loads(path.read_text(encoding="utf-8"))["root"])
    return None


def _damaged(path: Path, what: str) -> DamagedIndex:
    return DamagedIndex(f"{path}: {what}; the index is damaged, run: qa index --rebuild")


def current(index: Path) -> tuple[str, str]:
    """Return the published generation's name and its manifest's sha256."""
    path = index / "CURRENT"
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        if (index / "generations").is_dir() and any((index / "generations").iterdir()):
            raise _damaged(path, "missing") from None
        raise NoIndex(f"{index}: holds no index; run: qa index FOLDER") from None
    except (OSError, ValueError) as error:
        raise _damaged(path, f"cannot be read ({type(error).__name__})") from None
    name, _, digest = text.removesuffix("\n").partition(" ")
    if len(digest) != 64 or not name or "/" in name or name.startswith("."):
        raise _damaged(path, "does not name a generation")
    return name, digest


def hold(index: Path) -> Held:
    """Open the published generation's manifest and keep it from being pruned.

    Raises NoIndex where nothing was published and DamagedIndex where the manifest is not the one
    that was.
    """
    for _ in range(_ATTEMPTS):
        name, digest = current(index)
        folder = index / "generations" / name
        try:
            file = (folder / _MANIFEST).open(encoding="utf-8", newline="")
        except FileNotFoundError:
            # pruned between the two reads, if CURRENT has moved on
            if current(index) == (name, digest):
                raise _damaged(folder / _MANIFEST, "missing") from None
            continue
        except OSError as error:
            raise _damaged(folder / _MANIFEST, f"cannot be read ({error.strerror})") from None
        if _lock(file, shared=True) and (folder / _MANIFEST).exists():
            try:
                text = file.read()
                if hashlib.sha256(text.encode()).hexdigest() != digest:
                    raise _damaged(folder / _MANIFEST, "is not what was published")
                return Held(folder, _read_manifest(text), file)
            except (ValueError, KeyError, TypeError):
                file.close()
                raise _damaged(folder / _MANIFEST, "cannot be understood") from None
            except DamagedIndex:
                file.close()
                raise
        file.close()
        time.sleep(0.05)
    raise LockedIndex(f"{index}: generations change faster than they can be opened; try again")


def _lock(file: IO[Any], *, shared: bool) -> bool:
    """Take a lock on an open file without waiting; False if another process holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def writing(index: Path) -> Iterator[None]:
    """Be the only writer of an index; the lock of a process that died is free at once.

    Raises LockedIndex with the holder's number, and BadInput where the directory cannot be written.
    """
    fresh = not index.exists()
    try:
        index.mkdir(parents=True, exist_ok=True)
        file = (index / "writer.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{index}: cannot be written ({error.strerror}); name another with --index") from None
    with file:
        if not _lock(file, shared=False):
            file.seek(0)
            holder = " ".join(file.read(200).split()) or "another process"
            raise LockedIndex(f"{index}: is being written by {holder}; wait until it is done")
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M:%S')}\n")
        file.flush()
        for leftover in [*index.glob(".staging-*"), *index.glob(".pruned-*")]:
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()
            if fresh and not (index / "generations").exists():  # nothing came of it: leave no trace
                (index / "writer.lock").unlink(missing_ok=True)
                index.rmdir()


def stage(index: Path, corpus: str) -> Path:
    """Make an empty folder for a new generation of a corpus; its name is the generation's."""
    numbers = [int(path.name[:6]) for path in (index / "generations").glob("[0-9][0-9][0-9][0-9][0-9][0-9]-*")]
    folder = index / f".staging-{max(numbers, default=0) + 1:06d}-{corpus[:8]}"
    folder.mkdir()
    return folder


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def generation_files(folder: Path) -> dict[str, tuple[str, int]]:
    """Return sha256 and size of every file of a generation but its manifest, by relative path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _MANIFEST)
    return {path.relative_to(folder).as_posix(): (file_sha256(path), path.stat().st_size) for path in paths}


def publish(index: Path, staged: Path, manifest: Manifest) -> Path:
    """Make a staged generation, verified by the caller, the current one; return its folder."""
    text = manifest.to_json()
    with (staged / _MANIFEST).open("w", encoding="utf-8", newline="") as file:
        file.write(text)
    for path in sorted(staged.rglob("*"), reverse=True):
        _sync(path)
    _sync(staged)
    folder = index / "generations" / manifest.generation
    folder.parent.mkdir(exist_ok=True)
    staged.rename(folder)
    _sync(folder.parent)
    temporary = index / ".CURRENT"
    with temporary.open("w", encoding="ascii") as file:
        file.write(f"{manifest.generation} {hashlib.sha256(text.encode()).hexdigest()}\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(index / "CURRENT")
    _sync(index)
    _write_receipt(index, folder, manifest)
    return folder


def prune(index: Path, keep: int) -> list[str]:
    """Remove all generations but the newest `keep` and those in use; return the names still in use."""
    name, _ = current(index)
    folders = sorted(
        (path for path in (index / "generations").iterdir() if path.is_dir()), key=lambda path: path.name, reverse=True
    )
    kept = [name, *(path.name for path in folders if path.name < name)][:keep]
    in_use = []
    for folder in folders:
        if folder.name in kept:
            continue
        with contextlib.ExitStack() as stack:
            manifest = folder / _MANIFEST
            if manifest.is_file() and not _lock(stack.enter_context(manifest.open()), shared=False):
                in_use.append(folder.name)
                continue
            doomed = index / f".pruned-{folder.name}"
            folder.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)
            (index / "receipts" / f"{folder.name}.json").unlink(missing_ok=True)
    return in_use


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
            raise _damaged(path, f"cannot be read ({error.strerror})") from None
    if total > CHECKED_BYTES:
        _write_receipt(index, held.folder, held.manifest)


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


def _write_receipt(index: Path, folder: Path, manifest: Manifest) -> None:
    """Note what the files look like; without a place to note it, the next opening checks them again."""
    with contextlib.suppress(OSError):
        (index / "receipts").mkdir(exist_ok=True)
        path = index / "receipts" / f"{manifest.generation}.json"
        path.write_text(json.dumps(_receipt(folder, manifest)), encoding="utf-8")
