"""Put generations into an index directory: lock it, stage, publish and prune."""

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from qa.digests import file_sha256
from qa.errors import BadInput, LockedIndex
from qa.generation import MANIFEST, Manifest, current, lock_file, write_receipt
from qa.ownership import CURRENT_LINE, foreign, generation_folders, leftover_folders, receipts


@contextlib.contextmanager
def writing(index: Path) -> Iterator[None]:
    """Be the only writer of an index; the lock of a process that died is free at once.

    Raises LockedIndex with the holder's number, and BadInput where the directory cannot be written.
    """
    made = [folder for folder in (index, *index.parents) if not folder.exists()]
    with _writer_lock(index) as file:
        for folder in made:
            with contextlib.suppress(OSError):  # a parent that may be entered and not read
                _sync(folder.parent)
        _note_holder(file, f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M:%S')}\n")
        try:
            _clear_leftovers(index)
        except OSError as error:
            raise BadInput(f"{index}: cannot be written ({error.strerror}); make room or name another with --index") from None
        try:
            yield
        finally:
            _note_holder(file, "")
            if made and not (index / "generations").exists():  # nothing came of it: leave no trace
                with contextlib.suppress(OSError):
                    (index / "writer.lock").unlink()
                    for folder in made:
                        folder.rmdir()


def _note_holder(file: IO[str], note: str) -> None:
    """Write who holds the lock into its file; on a full disk nobody is named, so that --forget can make room."""
    with contextlib.suppress(OSError):
        os.ftruncate(file.fileno(), 0)
        os.write(file.fileno(), note.encode())  # unbuffered: what cannot be written is not tried again


def _writer_lock(index: Path) -> IO[str]:
    """Return the writer's lock file, open and locked."""
    path = index / "writer.lock"
    for name in (path.name, "CURRENT", ".CURRENT", "generations", "receipts"):
        if (index / name).is_symlink():  # whoever made it chose what would be written over
            raise BadInput(f"{index / name}: is a link, and no index holds one; remove it or name another index with --index")
    _refuse_foreign(index)
    while True:
        try:
            index.mkdir(parents=True, exist_ok=True)
            file = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise BadInput(f"{index}: cannot be written ({error.strerror}); name another with --index") from None
        if not lock_file(file, shared=False):
            with file:
                file.seek(0)
                holder = " ".join(file.read(200).split()) or "another process"
            raise LockedIndex(f"{index}: is being written by {holder}; wait until it is done")
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()  # a writer that left no trace took this one away before it was locked


def _refuse_foreign(index: Path) -> None:
    """Raise BadInput where somebody's own files stand in an index's places: they would be written over or removed."""
    try:
        strange = foreign(index)
    except OSError as error:
        raise BadInput(f"{index}: cannot be read ({error.strerror}); name another with --index") from None
    if strange is not None:
        raise BadInput(f"{strange}: is no part of an index; move it out of {index} or name another index with --index")


def leftovers(index: Path) -> list[Path]:
    """Return what killed writers left and the next one removes, and what is no part of a generation; nothing while one writes."""
    try:
        with (index / "writer.lock").open("r+", encoding="utf-8") as file:
            if not lock_file(file, shared=False):
                return []
    except OSError:
        pass
    found = [*leftover_folders(index), *index.glob(".CURRENT")]
    for manifest in (folder / MANIFEST for folder in generation_folders(index)):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            listed = {MANIFEST, *json.loads(manifest.read_text(encoding="utf-8"))["files"]}
            files = (path for path in manifest.parent.rglob("*") if path.is_file())
            found += (path for path in files if path.relative_to(manifest.parent).as_posix() not in listed)
    return sorted(found)


def _clear_leftovers(index: Path) -> None:
    """Remove what killed writers left, a generation that was not yet published among it."""
    leftovers = leftover_folders(index)
    intended = index / ".CURRENT"
    if intended.exists():
        match = CURRENT_LINE.fullmatch(intended.read_text(encoding="ascii", errors="replace"))
        if match is not None:
            leftovers.append(index / "generations" / match[1])
    for leftover in leftovers:
        shutil.rmtree(leftover, ignore_errors=True)
    intended.unlink(missing_ok=True)


def stage(index: Path, corpus: str) -> Path:
    """Make an empty folder for a new generation of a corpus; its name is the generation's."""
    numbers = [int(path.name[:6]) for path in generation_folders(index)]
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
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): (file_sha256(path), path.stat().st_size) for path in paths}


def publish(index: Path, staged: Path, manifest: Manifest) -> Path:
    """Make a staged generation, verified by the caller, the current one; return its folder."""
    text = manifest.to_json()
    with (staged / MANIFEST).open("w", encoding="utf-8", newline="") as file:
        file.write(text)
    for path in sorted(staged.rglob("*"), reverse=True):
        _sync(path)
    _sync(staged)
    # Written before the folder gets its name: should this process be killed between the two, the
    # next writer knows by it that the folder was never published.
    intended = index / ".CURRENT"
    with intended.open("w", encoding="ascii") as file:
        file.write(f"{manifest.generation} {hashlib.sha256(text.encode()).hexdigest()}\n")
        file.flush()
        os.fsync(file.fileno())
    _sync(index)
    folder = index / "generations" / manifest.generation
    folder.parent.mkdir(exist_ok=True)
    staged.rename(folder)
    _sync(folder.parent)
    intended.replace(index / "CURRENT")
    _sync(index)
    write_receipt(index, folder, manifest)
    return folder


def prune(index: Path, keep: int) -> list[str]:
    """Remove all generations but the newest `keep` and those in use; return the names still in use.

    Raises OSError where only one is to be kept and another cannot be removed: its text is to be gone.
    """
    name, _ = current(index)
    folders = generation_folders(index)[::-1]
    kept = [name, *(path.name for path in folders if path.name < name)][:keep]
    in_use = []
    for folder in folders:
        if folder.name in kept:
            continue
        with contextlib.ExitStack() as stack:
            manifest = folder / MANIFEST
            if manifest.is_file() and not lock_file(stack.enter_context(manifest.open()), shared=False):
                in_use.append(folder.name)
                continue
            doomed = index / f".pruned-{folder.name}"
            folder.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=keep > 1)
    for receipt in receipts(index):
        if not (index / "generations" / receipt.stem).exists():
            receipt.unlink(missing_ok=True)
    return in_use
