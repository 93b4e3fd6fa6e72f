"""One generation, opened read-only: its parts together, every quote checked as it is read."""

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tokenize import TokenError

import numpy as np
import numpy.typing as npt

from qa.catalog import Catalog, Entry, Outline, StoredPassage
from qa.digests import DIGEST_BYTES, passage_digest
from qa.encoder import Encoder
from qa.errors import DamagedIndex, IncompatibleIndex, ModelError, VerbatimError
from qa.generation import Held, check, hold
from qa.lexical import LexicalIndex
from qa.settings import SETTINGS
from qa.vectors import VectorIndex

CATALOG, VECTORS, ROWS, DIGESTS, LEXICAL, ENCODER = (
    "catalog.sqlite",
    "vectors.faiss",
    "rows.npy",
    "digests.bin",
    "lexical",
    "encoder",
)

CatalogError = sqlite3.DatabaseError
"""What reading or writing a catalog raises where there is no room, or where it is none."""


@dataclass(frozen=True)
class Parts:
    """Hold the open parts of a generation; `rows[p]` is where passage p's sentence vectors begin."""

    catalog: Catalog
    vectors: VectorIndex
    rows: npt.NDArray[np.int64]
    digests: bytes
    lexical: LexicalIndex
    encoder: Encoder


def load_rows(path: Path) -> npt.NDArray[np.int64]:
    """Map the array that says where each passage's vectors begin; raises ValueError or OSError for what is none."""
    try:
        rows: npt.NDArray[np.int64] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (SyntaxError, TokenError, EOFError) as error:  # how NumPy reads a header that is none
        raise ValueError(f"{path.name}: {' '.join(str(error).split())}") from None
    return np.asarray(rows)  # a plain view of the mapping: one of its numbers costs a fifth as much


def open_parts(folder: Path, encoder: Encoder | None = None) -> Parts:
    """Open the parts of a generation's folder and check that they agree; `encoder` is the folder's, if it is open.

    Raises DamagedIndex where one does not open or counts differ.
    """
    try:
        parts = Parts(
            catalog=Catalog(folder / CATALOG),
            vectors=VectorIndex(folder / VECTORS),
            rows=load_rows(folder / ROWS),
            digests=(folder / DIGESTS).read_bytes(),
            lexical=LexicalIndex(folder / LEXICAL),
            encoder=encoder or Encoder(folder / ENCODER),
        )
    except (OSError, ValueError, RuntimeError, CatalogError, ModelError) as error:
        raise DamagedIndex(f"{folder}: a part does not open ({error}); the index is damaged, run: qa index --rebuild") from None
    passages, rows = parts.catalog.passages, parts.rows
    if rows.ndim != 1 or rows.dtype != np.int64 or rows.size == 0 or rows[0] != 0 or (rows[1:] <= rows[:-1]).any():
        raise DamagedIndex(f"{folder / ROWS}: does not say where passages begin; the index is damaged, run: qa index --rebuild")
    counts = {passages, len(parts.rows) - 1, len(parts.digests) // DIGEST_BYTES, parts.lexical.passages}
    if counts != {passages} or int(parts.rows[-1]) != parts.vectors.rows or parts.vectors.dimension != parts.encoder.dimension:
        raise DamagedIndex(f"{folder}: its parts count differently; the index is damaged, run: qa index --rebuild")
    return parts


class Store:
    """Read one published generation; it stays the same however often the index is rebuilt."""

    def __init__(self, held: Held, parts: Parts) -> None:
        self._held = held
        self.manifest = held.manifest
        self.catalog = parts.catalog
        self.vectors = parts.vectors
        self.rows = parts.rows
        self.lexical = parts.lexical
        self.encoder = parts.encoder
        self._digests = parts.digests
        self._lock = threading.Lock()
        self._users = 0
        self._closed = False

    @classmethod
    def open(cls, index: Path) -> "Store":
        """Open the published generation of an index directory, all of it checked.

        Raises NoIndex, DamagedIndex or IncompatibleIndex, each naming the command that mends it.
        """
        held = hold(index)
        try:
            check(index, held)
            parts = open_parts(held.folder)
            if held.manifest.model["fingerprint"] != parts.encoder.fingerprint:
                raise DamagedIndex(f"{held.folder}: its model is not the one its vectors were made with; run: qa index --rebuild")
            if held.manifest.settings != vars(SETTINGS):
                raise IncompatibleIndex(f"{index}: was cut by other passage settings; run: qa index --rebuild")
            if held.manifest.vectors != parts.vectors.described:
                raise DamagedIndex(
                    f"{held.folder / VECTORS}: is not the kind of index its manifest names; the index is damaged,"
                    " run: qa index --rebuild"
                )
        except VerbatimError:
            held.close()
            raise
        return cls(held, parts)

    def acquire(self) -> None:
        """Keep the generation open until `release`, whoever closes it meanwhile."""
        with self._lock:
            self._users += 1

    def release(self) -> None:
        """End what `acquire` began; the last one out lets a closed generation go."""
        with self._lock:
            self._users -= 1
            last = self._closed and self._users == 0
        if last:
            self._let_go()

    def close(self) -> None:
        """Let the generation go, as soon as nobody reads it."""
        with self._lock:
            first, self._closed = not self._closed, True
            idle = first and self._users == 0
        if idle:
            self._let_go()

    def _let_go(self) -> None:
        self.catalog.close()
        self._held.close()

    @property
    def passages(self) -> int:
        """Count the passages."""
        return self.catalog.passages

    @cached_property
    def entries(self) -> list[Entry]:
        """Return all documents in order, without their texts."""
        return self.catalog.entries()

    @cached_property
    def outlines(self) -> list[Outline]:
        """Return of all documents in order what filters ask."""
        return self.catalog.outlines()

    def verified(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """Return passages whose text is what was indexed; raises DamagedIndex if one is not."""
        passages = self.catalog.stored(numbers)
        for passage in passages:
            start = passage.number * DIGEST_BYTES
            if passage_digest(passage.text) != self._digests[start : start + DIGEST_BYTES]:
                raise DamagedIndex(
                    f"{self._held.folder / CATALOG}: passage {passage.number} is not the text that was indexed;"
                    " the index is damaged, run: qa index --rebuild"
                )
        return passages
