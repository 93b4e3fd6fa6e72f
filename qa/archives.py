"""Read what zip archives hold as documents `archive.zip/inner.pdf`, within limits and never outside them."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from qa.folders import is_passing, printable
from qa.loaders import FILE_BYTES, Unreadable, read_bytes
from qa.records import Skipped

ENDING = ".zip"
MEMBERS = 20_000
UNPACKED_BYTES = 300_000_000
"""Most that an archive's members may hold together; a bomb of a few kilobytes would fill any disk."""

_CENTRAL = b"PK\x01\x02"
_LEADS_OUT = "its name leads out of the archive; pack it again"


def is_archive(path: str) -> bool:
    """Tell whether a path names an archive by its ending."""
    return PurePosixPath(path).suffix.lower() == ENDING


def members(root: Path, path: str) -> Iterator[tuple[str, bytes] | Skipped]:
    """Yield an archive's members in order, as path and bytes, or why one is passed over.

    Hidden and temporary files are passed over in silence. Raises Unreadable where the archive as a
    whole cannot be read or would unpack to too much.
    """
    archive = _open(read_bytes(root / path))
    seen: set[str] = set()
    for entry in archive.infolist():
        name = f"{path}/{entry.filename}"
        if entry.is_dir() or _is_passing(entry.filename):
            continue
        try:
            if name in seen:
                raise Unreadable("its name occurs twice in the archive; rename one")
            seen.add(name)
            yield name, _unpack(archive, entry)
        except Unreadable as error:
            yield Skipped(printable(name), str(error))


def member_bytes(root: Path, path: str) -> bytes:
    """Return the bytes of a document's file, be it a file or a member of an archive; raises Unreadable."""
    file = file_holding(root, path)
    if file == path:
        return read_bytes(root / path)
    archive = _open(read_bytes(root / file))
    try:
        return _unpack(archive, archive.getinfo(path.removeprefix(f"{file}/")))
    except KeyError:
        raise Unreadable("is not in its archive any more; run: qa index") from None


def file_holding(root: Path, path: str) -> str:
    """Return the path of the file that holds a document: of an archive's member, the archive."""
    parts = PurePosixPath(path).parts
    for end in range(1, len(parts)):
        outer = "/".join(parts[:end])
        if is_archive(outer) and (root / outer).is_file():
            return outer
    return path


def _open(data: bytes) -> zipfile.ZipFile:
    if data.count(_CENTRAL) > MEMBERS:  # before the list of them fills the memory
        raise Unreadable(f"holds more than {MEMBERS:,} files; split it")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        raise Unreadable("corrupt, or no zip archive; pack it again") from None
    if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_BYTES:
        raise Unreadable(f"unpacks to more than {UNPACKED_BYTES // 1_000_000} MB; split it")
    if not archive.infolist():
        raise Unreadable("empty")
    return archive


def _is_passing(name: str) -> bool:
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return "__MACOSX" in parts or any(map(is_passing, parts))


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return a member's bytes; raises Unreadable with the reason."""
    name = entry.filename
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in parts[0] or "\0" in name or not set(parts).isdisjoint(("", ".", "..")):
        raise Unreadable(_LEADS_OUT)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Unreadable("a link; put the file itself into the archive")
    if is_archive(name):
        raise Unreadable("an archive in an archive; unpack it")
    if entry.flag_bits & 1:
        raise Unreadable("encrypted; pack it again without a password")
    if entry.file_size > FILE_BYTES:
        raise Unreadable(f"larger than {FILE_BYTES // 1_000_000} MB; split it")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable("packed by a method that is not read; pack it again as an ordinary zip")
    try:
        with archive.open(entry) as member:
            data = member.read(FILE_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        raise Unreadable("corrupt in its archive; pack it again") from None
    if len(data) != entry.file_size:
        raise Unreadable("corrupt in its archive; pack it again")
    return data
