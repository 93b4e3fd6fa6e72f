"""Digests: of files, of passages' texts, and of all that a sentence vector depends on."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from qa.records import Span

DIGEST_BYTES = 32


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def passage_digest(text: str) -> bytes:
    """Return what is kept apart from a passage's text to prove it: its sha256, DIGEST_BYTES long."""
    return hashlib.sha256(text.encode()).digest()


def vector_key(context: str, text: str, sentences: Sequence[Span], fingerprint: str) -> str:
    """Return the sha256 of all that a passage's vectors depend on: context, text, sentence bounds, model."""
    parts = (context, text, repr([(span.start, span.end) for span in sentences]), fingerprint)
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
