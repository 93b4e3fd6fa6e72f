"""Write the vectors of a generation: exact where they are few, bytes and cells where they are many."""

from pathlib import Path
from typing import IO

import faiss
import numpy as np

from qa.vectors.cells import Before, make_cells
from qa.vectors.index import VectorIndex
from qa.vectors.quantised import HEADER, MAGIC, STORED, Floats, StoredRows, dequantise, quantise, row_type

EXACT_ROWS = 100_000
"""Up to so many sentence vectors a search looks at every one.

Of 30,000 that takes 2.1 ms of the processor's, through cells 1.9; of 60,000 it is 3.7 and 1.8, of 100,000 6.3 and 2.0.
Until here exactness costs less than half of what else a question takes, about 13 ms.
"""

ROWS_AT_A_TIME = 8192


def write_index(path: Path, index: faiss.Index) -> None:
    """Write an index; raises OSError where there is no room: FAISS's own writer prints that instead."""
    failures: list[OSError] = []
    with path.open("wb", buffering=0) as file:

        def write(part: bytes) -> None:
            left = memoryview(part)
            try:
                while left and not failures:
                    left = left[file.write(left) :]
            except OSError as error:  # it must not pass through C++
                failures.append(error)

        faiss.write_index(index, faiss.PyCallbackIOWriter(write))  # type: ignore[attr-defined]  # the stubs lack it
    if failures:
        raise failures[0]


class VectorWriter:
    """Write unit vectors to a FAISS file, in order; of many, the bytes go beside it and none stay in memory."""

    def __init__(
        self, path: Path, dimension: int, rows: int, exact_rows: int = EXACT_ROWS, before: VectorIndex | None = None
    ) -> None:
        """Begin a file that is to hold so many rows; of more than `exact_rows` the search is not exact.

        `before` is the index that this one updates, a whole one, from which `keep` takes rows.
        """
        self._before = before
        cells = None if before is None else before.cells
        self._cells = None if cells is None else Before(cells, np.full(cells.ntotal, -1, np.int64))
        self._path = path
        self._dimension = dimension
        self._written = 0
        self._file: IO[bytes] | None = None
        if rows > exact_rows:
            self._file = path.with_name(STORED).open("w+b")
            self._file.write(HEADER.pack(MAGIC, rows, dimension))
        else:
            self._rows = np.empty((rows, dimension), dtype=np.float32)

    def add(self, rows: Floats) -> int:
        """Add rows; return the number of the first."""
        first, self._written = self._written, self._written + len(rows)
        if self._file is None:
            self._rows[first : self._written] = rows
        else:
            self._file.write(quantise(rows).tobytes())
        return first

    def keep(self, first: int, stop: int) -> int:
        """Add a range of rows of the index before, bytes as they stand there; return the number of the first."""
        if self._before is None:
            raise ValueError("there is no index before")
        start = self._written
        for begin in range(first, stop, ROWS_AT_A_TIME):
            end = min(stop, begin + ROWS_AT_A_TIME)
            stored = self._before.stored(begin, end)
            if self._file is None or stored is None:
                self.add(self._before.vectors(begin, end))
            else:
                self._file.write(stored.tobytes())
                self._written += end - begin
        if self._cells is not None:
            self._cells.moved[first:stop] = np.arange(start, self._written)
        return start

    def read(self, first: int, count: int) -> Floats:
        """Return rows that were added before."""
        if self._file is None:
            return self._rows[first : first + count]
        kind = row_type(self._dimension)
        self._file.seek(HEADER.size + first * kind.itemsize)
        stored = np.frombuffer(self._file.read(count * kind.itemsize), kind)
        self._file.seek(0, 2)
        return dequantise(stored)

    def close(self) -> None:
        """Finish the file, all rows being there."""
        if self._file is None:
            index: faiss.Index = faiss.IndexFlatIP(self._dimension)
            index.add(self._rows)
        else:
            self._file.close()
            index = make_cells(StoredRows(self._path.with_name(STORED)), self._cells)
        write_index(self._path, index)

    def __enter__(self) -> "VectorWriter":
        return self

    def __exit__(self, *unused: object) -> None:
        if self._file is not None:
            self._file.close()


def write_vectors(path: Path, rows: Floats, exact_rows: int = EXACT_ROWS) -> None:
    """Write unit vectors, shape (rows, dimension), to a FAISS file; row numbers are the identifiers.

    Raises OSError where there is no room.
    """
    with VectorWriter(path, rows.shape[1], len(rows), exact_rows) as writer:
        writer.add(rows)
        writer.close()
