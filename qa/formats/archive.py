"""Open the zip archives that office formats are, without unpacking more than is safe."""

import io
import zipfile

from lxml import etree

from qa.formats.parsed import Unreadable

UNPACKED_BYTES = 300_000_000
PARTS = 20_000
_PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "recover": False}


def open_archive(data: bytes, what: str) -> zipfile.ZipFile:
    """Open an archive; raises Unreadable where it is none, is encrypted, or would unpack to too much."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Unreadable("encrypted, or of an old binary format; save a copy without a password in today's format")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        raise Unreadable(f"corrupt, or no {what}; open it in its own program and save a copy") from None
    entries = archive.infolist()
    if len(entries) > PARTS or sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
        raise Unreadable(f"unpacks to more than {UNPACKED_BYTES // 1_000_000} MB; split it")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("encrypted; save a copy without a password")
    return archive


def read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part's bytes, at most as many as the archive says; raises KeyError where there is none."""
    with archive.open(name) as part:
        return part.read(min(archive.getinfo(name).file_size, UNPACKED_BYTES) + 1)


def read_xml(archive: zipfile.ZipFile, name: str) -> etree._Element:
    """Return a part's root element, no entity resolved and nothing fetched; raises KeyError where there is none."""
    return etree.fromstring(read_part(archive, name), etree.XMLParser(**_PARSER))
