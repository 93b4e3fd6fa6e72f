r"""Vectors as bytes: eight bits a value and one scale a row, in a file that is mapped in the order of the rows.

bytes  0-7    b"QAINT8\x01\n"
bytes  8-23   number of rows and dimension, little-endian
then a row after the other: its scale in half precision, its values as signed bytes
"""

import mmap
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Stored = npt.NDArray[np.void]

STORED = "vectors.int8"

READ_BEFORE_LETTING_GO = 10_000
"""Rows after which mapped pages are let go: Linux maps 64 KB around each page, so these may be 640 MB."""

HEADER = struct.Struct("<8sqq")
MAGIC = b"QAINT8\x01\n"


def row_type(dimension: int) -> np.dtype[np.void]:
    """Return the type of a stored row."""
    return np.dtype([("scale", "<f2"), ("values", "i1", (dimension,))])


def quantise(rows: Floats) -> Stored:
    """Return rows as bytes, each scaled by its own greatest value.

    What `dequantise` makes of them gives the same bytes again: scales have eleven bits and values seven, so
    their products, and the greatest one's 127th part, are exact in single precision.
    """
    stored = np.zeros(len(rows), row_type(rows.shape[1]))
    scales = (np.abs(rows).max(axis=1, initial=0) / np.float32(127)).astype(np.float16)
    steps = scales.astype(np.float32)
    values = rows / np.where(steps > 0, steps, np.float32(np.inf))[:, None]
    stored["scale"] = scales
    stored["values"] = np.clip(np.rint(values), -127, 127)
    return stored


def dequantise(stored: Stored) -> Floats:
    """Return stored rows in single precision; of a unit vector the length is within a thousandth of 1."""
    values = stored["values"].astype(np.float32)
    values *= stored["scale"].astype(np.float32)[:, None]
    return values


class StoredRows:
    """Read a file of stored rows, mapped; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Map the file; raises RuntimeError unless it is as long as its header says."""
        try:
            with path.open("rb") as file:
                start = file.read(HEADER.size).ljust(HEADER.size, b"\0")
                magic, rows, dimension = HEADER.unpack(start)
                size = HEADER.size + rows * (dimension + 2)
                if magic != MAGIC or rows < 1 or dimension < 1 or size != path.stat().st_size:
                    raise RuntimeError(f"{path.name} is not the file of vectors that was written")
                self._mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise RuntimeError(f"could not open {path.name} for reading: {error.strerror}") from None
        self._stored: Stored = np.frombuffer(self._mapped, row_type(dimension), rows, HEADER.size)
        self._read = 0
        self.dimension = int(dimension)

    def __len__(self) -> int:
        return len(self._stored)

    def read(self, rows: npt.NDArray[np.int64] | slice) -> Floats:
        """Return rows by their numbers, dequantised."""
        return dequantise(self.stored(rows))

    def stored(self, rows: npt.NDArray[np.int64] | slice) -> Stored:
        """Return rows by their numbers as they are stored."""
        stored = self._stored[rows]
        self._read += len(stored)
        if self._read > READ_BEFORE_LETTING_GO and hasattr(mmap, "MADV_DONTNEED"):
            # The pages stay with the system, which may have their room; they no longer count as this process's.
            self._mapped.madvise(mmap.MADV_DONTNEED)
            self._read = 0
        return stored
