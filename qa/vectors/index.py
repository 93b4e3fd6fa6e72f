"""Search sentence vectors by inner product of unit vectors, which is their cosine."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from qa.vectors.cells import QUESTION_BITS, Rows, cell_count, centres_of, check_cells, holds_each_row
from qa.vectors.quantised import STORED, Floats, Stored, StoredRows

Ranges = Sequence[tuple[int, int]]
Chosen = npt.NDArray[np.bool_]

PROBED_CELLS = 256
"""Cells whose rows are compared with a question.

Of 100,000 vectors in 1,562 cells, 64, 128 and 256 found 0.94, 0.965 and 0.983 of real questions' first 100 (of 60,000 for
64), in 1.3, 1.6 and 2.0 ms of the processor's.
"""

LOOKED_AT = 4
"""Rows whose true cosines are computed for each that is asked for."""

FEW_ROWS = 20_000
"""Of up to so many rows that a filter leaves, each is looked at, in 8 ms."""

BLOCK = 1000

_HEADER = struct.Struct("<4siqqqBiQ")


def _check_size(path: Path) -> None:
    """Raise RuntimeError unless a file is a flat index as long as its header says.

    FAISS builds whatever kind of index a header names and makes room for as many vectors, before it reads one.
    """
    with path.open("rb") as file:
        start = file.read(_HEADER.size)
    if len(start) == _HEADER.size:
        kind, dimension, rows, _, _, _, metric, values = _HEADER.unpack(start)
        size = _HEADER.size + 4 * values
        if (kind, metric, values, size) == (b"IxFI", faiss.METRIC_INNER_PRODUCT, dimension * rows, path.stat().st_size):
            return
    raise RuntimeError(f"{path.name} is not the flat index of vectors that was written")


class VectorIndex:
    """Search the vectors of a published generation; safe to share between threads.

    Where bytes stand beside the file, an index of cells finds rows by estimated cosines, and what is told of
    them is computed from the bytes; else every row is looked at.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; raises RuntimeError if it is no FAISS index.

        Its vectors are mapped, not read: 278,583 of them opened in under 1 ms instead of 340, a search took
        as long (89 ms, two alternated runs), and of 430 MB of the process's own memory 22 were left.
        """
        beside = path.with_name(STORED)
        self._stored = StoredRows(beside) if beside.exists() else None
        try:
            if self._stored is None:
                _check_size(path)
            else:
                check_cells(path, self._stored.dimension, len(self._stored))
        except OSError as error:
            raise RuntimeError(f"could not open {path.name} for reading: {error.strerror}") from None
        self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        self.rows = int(self._index.ntotal)
        self.dimension = int(self._index.d)
        self._flat = _mapped(self._index) if self._stored is None else np.empty((0, self.dimension), dtype=np.float32)

    @property
    def described(self) -> Mapping[str, object]:
        """Return the kind of index as a manifest records it."""
        if self._stored is None:
            return {"kind": "flat", "stored": "float32"}
        return {"kind": "ivf-rabitq", "stored": "int8", "cells": cell_count(self.rows)}

    @property
    def exact(self) -> bool:
        """Tell whether every search looks at every row."""
        return self._stored is None

    @property
    def centres(self) -> Floats | None:
        """Return the centres of the cells, shape (cells, dimension); None where every search looks at every row."""
        return None if self._stored is None else centres_of(self._index)

    @property
    def cells(self) -> faiss.Index | None:
        """Return the index of cells; None where every search looks at every row."""
        return None if self._stored is None else self._index

    @property
    def whole(self) -> bool:
        """Tell whether each row lies in just one cell, where there are cells: an update takes them over as they are."""
        return self._stored is None or holds_each_row(self._index)

    def nearest(self, question: Floats, count: int, within: Ranges | None = None) -> tuple[Rows, Floats]:
        """Return the rows nearest a unit vector and their cosines, best first, at most `count`; equal ones by row.

        `within` limits the search to half-open ranges of rows.
        """
        chosen = None if within is None else _chosen(self.rows, within)
        available = self.rows if chosen is None else int(np.count_nonzero(chosen))
        count = min(count, available)
        if count == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        if self._stored is None:
            parameters = faiss.SearchParameters(sel=_selector(chosen))  # type: ignore[call-arg]  # the stubs describe C++
            rows, cosines = self._searched(question, count, parameters)
        elif chosen is not None and available <= FEW_ROWS:
            every, true = self.nearest_of_all(question[None, :], count, within)
            return every[0], true[0]
        else:
            rows = self._probed(question, count, chosen, available)
            cosines = self._cosines(rows, question)
        order = np.lexsort((rows, -cosines))[:count]
        return rows[order], cosines[order]

    def _searched(self, question: Floats, count: int, parameters: faiss.SearchParameters) -> tuple[Rows, Floats]:
        cosines, rows = self._index.search(question[None, :], count, params=parameters)
        found = (rows[0] >= 0) & (rows[0] < self.rows)
        return rows[0][found], cosines[0][found]

    def _probed(self, question: Floats, count: int, chosen: Chosen | None, available: int) -> Rows:
        """Return, in order, the rows that are to be looked at: more than are asked for, of ever more cells if need be.

        The fewer rows a filter leaves, the more cells are searched for as many of them.
        """
        cells = cell_count(self.rows)
        probed = min(cells, -(-PROBED_CELLS * self.rows // available))
        selector = _selector(chosen)
        while True:
            parameters = faiss.IVFRaBitQSearchParameters(sel=selector, nprobe=probed, qb=QUESTION_BITS)  # type: ignore[call-arg]
            rows, _ = self._searched(question, min(LOOKED_AT * count, available), parameters)
            if len(rows) >= count or probed == cells:
                return np.sort(rows)
            probed = min(cells, 4 * probed)

    def _cosines(self, rows: Rows, question: Floats) -> Floats:
        """Return the cosines of stored rows.

        A few at a time: from about 1,000 rows on NumPy's library shares a product among threads, and beside
        other work the 0.3 ms of 1,600 rows became 19.
        """
        cosines = np.empty(len(rows), dtype=np.float32)
        for first in range(0, len(rows), BLOCK):
            cosines[first : first + BLOCK] = self._rows(rows[first : first + BLOCK]) @ question
        return cosines

    def nearest_of_all(self, questions: Floats, count: int, within: Ranges | None = None) -> tuple[Rows, Floats]:
        """Return for each question what `nearest` would if it looked at every row, both of shape (questions, found)."""
        rows = np.empty((len(questions), 0), dtype=np.int64)
        cosines = np.empty((len(questions), 0), dtype=np.float32)
        for numbers in _blocks(self.rows, within):
            rows = np.concatenate([rows, np.broadcast_to(numbers, (len(questions), len(numbers)))], axis=1)
            cosines = np.concatenate([cosines, questions @ self._rows(numbers).T], axis=1)
            order = np.lexsort((rows, -cosines), axis=1)[:, :count]
            rows, cosines = np.take_along_axis(rows, order, axis=1), np.take_along_axis(cosines, order, axis=1)
        return rows, cosines

    def _rows(self, numbers: Rows | slice) -> Floats:
        return self._stored.read(numbers) if self._stored is not None else self._flat[numbers]

    def cosines(self, ranges: Ranges, question: Floats) -> list[Floats]:
        """Return the cosines of each of some ranges of rows with a unit vector."""
        # One by one 190 passages took 2.5 ms.
        rows = np.concatenate([np.arange(start, stop) for start, stop in ranges])
        edges = np.cumsum([0, *(stop - start for start, stop in ranges)]).tolist()
        cosines = self._cosines(rows, question)
        return [cosines[start:stop] for start, stop in pairwise(edges)]

    def vectors(self, start: int, stop: int) -> Floats:
        """Return the stored vectors of a range of rows, shape (stop - start, dimension)."""
        return np.array(self._rows(slice(start, stop)))

    def stored(self, start: int, stop: int) -> Stored | None:
        """Return a range of rows as bytes; None where they are not stored so."""
        return None if self._stored is None else self._stored.stored(slice(start, stop))


def _mapped(index: faiss.Index) -> Floats:
    """Return the vectors of a flat index where they lie, shape (rows, dimension); they are gone with the index."""
    shape = (int(index.ntotal), int(index.d))
    if shape[0] == 0:
        return np.empty(shape, dtype=np.float32)
    found = faiss.rev_swig_ptr(index.get_xb(), shape[0] * shape[1])  # type: ignore[attr-defined]  # the stubs know no flat index
    return np.asarray(found, dtype=np.float32).reshape(shape)


def _chosen(rows: int, within: Ranges) -> Chosen:
    chosen = np.zeros(rows, dtype=bool)
    for start, stop in within:
        chosen[start:stop] = True
    return chosen


def _selector(chosen: Chosen | None) -> faiss.IDSelector | None:
    if chosen is None:
        return None
    # The stubs describe the C++ signatures, not the wrappers that take keywords and arrays.
    return faiss.IDSelectorBitmap(np.packbits(chosen, bitorder="little"))  # type: ignore[call-arg, arg-type]


def _blocks(rows: int, within: Ranges | None) -> Iterator[Rows]:
    """Yield the numbers of all rows, or of those chosen, some at a time, in order."""
    numbers = np.arange(rows) if within is None else np.flatnonzero(_chosen(rows, within))
    for first in range(0, len(numbers), BLOCK):
        yield numbers[first : first + BLOCK]
