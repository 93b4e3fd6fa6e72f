"""Cells of an index of many vectors: which rows lie in each, and a bit a value that says about where (RaBitQ).

Gao and Long 2024, arXiv:2405.12497: the estimated cosines choose what is looked at, never what is said of it.
"""

import math
import struct
from pathlib import Path
from typing import IO, NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from qa.vectors.quantised import Floats, StoredRows

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]

SEED = 7
MOST_CELLS = 4096
ROWS_A_CELL = 64
"""About the least rows a cell has on average: half a million in 4,096 cells, and the million passages' 1,050 a cell."""

CELLS_A_ROOT = 4
"""Most cells for each one of the square root of the rows: finding centres takes time with the square of the cells."""

TRAINED_ROWS = 40
"""Rows a cell that its centre is found with; FAISS asks for 39."""

LEAST_KEPT = 0.5
"""Share of rows that must have stood in the index before for its centres to stay.

Where all rows were of new subjects among old centres, recall of the first 20 fell to 0.63.
"""

ROUNDS = 8
QUESTION_BITS = 4
"""Bits a value that a question is reduced to when it is compared with bits."""

BLOCK = 65_536

_LENGTH = struct.Struct("<Q")
_FLAT, _CELLS, _LISTS = b"IxFI", b"Iwrq", b"ilar"
_UNUSED = 1 << 20
"""What FAISS writes into two fields of a header that mean nothing any more."""


def cell_count(rows: int) -> int:
    """Return into how many cells so many rows are parted; of many a power of two, so that it stays while some come or go."""
    power = 1 << max(0, (CELLS_A_ROOT * math.isqrt(rows)).bit_length() - 1)
    return max(1, min(MOST_CELLS, rows // ROWS_A_CELL, power))


class Before(NamedTuple):
    """Hold an index of cells that another updates, and where each of its rows stands in that: -1 where nowhere."""

    cells: faiss.Index
    moved: Rows


def centres_of(index: faiss.Index) -> Floats:
    """Return the centres of an index's cells, shape (cells, dimension)."""
    quantizer = index.quantizer  # type: ignore[attr-defined]  # the stubs know no index of cells
    return np.asarray(faiss.downcast_index(quantizer).reconstruct_n(0, quantizer.ntotal))


def _entries(index: faiss.Index, cell: int) -> tuple[Rows, Codes]:
    """Return the rows of a cell and their codes, both seen where they lie."""
    lists = index.invlists  # type: ignore[attr-defined]
    count, size = lists.list_size(cell), lists.code_size
    if not count:
        return np.empty(0, np.int64), np.empty((0, size), np.uint8)
    codes = faiss.rev_swig_ptr(lists.get_codes(cell), count * size)
    return faiss.rev_swig_ptr(lists.get_ids(cell), count), codes.reshape(count, size)


def holds_each_row(index: faiss.Index) -> bool:
    """Tell whether each row lies in just one cell."""
    rows = np.concatenate([_entries(index, cell)[0] for cell in range(index.invlists.nlist)])  # type: ignore[attr-defined]
    return np.array_equal(np.sort(rows), np.arange(index.ntotal))


def make_cells(stored: StoredRows, before: Before | None = None) -> faiss.Index:
    """Fill an index of the cells of stored rows; the same rows give the same index again.

    Where it updates one of as many cells and mostly of the same rows, their centres stay, for to find them took two thirds of
    the time when one file of 10,000 had changed, and rows that stand in both stay in their cells. Else centres are found anew.
    """
    dimension = stored.dimension
    cells = cell_count(len(stored))
    sample = np.sort(np.random.default_rng(SEED).permutation(len(stored))[: cells * TRAINED_ROWS])
    centres = faiss.IndexFlatIP(dimension)
    if before is not None and (
        centres_of(before.cells).shape != (cells, dimension) or np.count_nonzero(before.moved >= 0) < LEAST_KEPT * len(stored)
    ):
        before = None
    if before is not None:
        centres.add(centres_of(before.cells))
    else:
        training = faiss.Clustering(dimension, cells)
        training.niter, training.seed, training.spherical = ROUNDS, SEED, True
        training.min_points_per_centroid, training.max_points_per_centroid = 1, TRAINED_ROWS
        training.train(stored.read(sample), centres)
    index = faiss.IndexIVFRaBitQ(centres, dimension, cells, faiss.METRIC_INNER_PRODUCT)
    index.train(stored.read(sample[:1]))  # nothing is left to train
    new = np.ones(len(stored), dtype=bool)
    if before is not None:
        new[before.moved[before.moved >= 0]] = False
    numbers = np.flatnonzero(new)
    for first in range(0, len(numbers), BLOCK):
        block = numbers[first : first + BLOCK]
        index.add_with_ids(stored.read(block), block)
    if before is not None:
        _take_over(index, before)
    return index


def _take_over(index: faiss.Index, before: Before) -> None:
    """Put rows of an index of the same centres into their cells, with their codes, in order with those that are there.

    To find cells and codes of 280,000 rows anew, of which 30 were new, took 6.0 of an update's 9.9 seconds.
    """
    lists = index.invlists  # type: ignore[attr-defined]
    for cell in range(lists.nlist):
        (rows, codes), (old, held) = _entries(index, cell), _entries(before.cells, cell)
        now = before.moved[old]
        rows, codes = np.concatenate([rows, now[now >= 0]]), np.concatenate([codes, held[now >= 0]])
        order = np.argsort(rows)
        rows, codes = rows[order], codes[order]
        lists.resize(cell, 0)
        lists.add_entries(cell, len(rows), faiss.swig_ptr(rows), faiss.swig_ptr(codes))
    index.ntotal = lists.compute_ntotal()


def check_cells(path: Path, dimension: int, rows: int) -> None:
    """Raise RuntimeError unless a file is an index of so many rows, as `make_cells` makes it, and as long as it says.

    FAISS builds whatever kind of index a header names and makes room for as much as it promises, before it reads any.
    """
    with path.open("rb") as file:
        if not _is_whole(file, dimension, rows, path.stat().st_size):
            raise RuntimeError(f"{path.name} is not the index of vectors that was written")


def _is_whole(file: IO[bytes], dimension: int, rows: int, size: int) -> bool:
    def holds(form: str, *expected: object) -> bool:
        return file.read(struct.calcsize(form)) == struct.pack(form, *expected)

    metric = faiss.METRIC_INNER_PRODUCT
    cells, code = cell_count(rows), faiss.RaBitQuantizer(dimension, metric).code_size
    if not (
        holds("<4siqqqBi", _CELLS, dimension, rows, _UNUSED, _UNUSED, 1, metric)
        and holds("<QQ", cells, 1)
        and holds("<4siqqqBi", _FLAT, dimension, cells, _UNUSED, _UNUSED, 1, metric)
        and holds("<Q", cells * dimension)
    ):
        return False
    file.seek(4 * cells * dimension, 1)
    if not (
        holds("<BQ", 0, 0)  # no map from rows to cells
        and holds("<QQi", dimension, code, metric)
        and holds("<QBB", code, 1, QUESTION_BITS)
        and holds("<4sQQ", _LISTS, cells, code)
    ):
        return False
    return _lengths_hold(file, cells, rows) and file.tell() + rows * (code + 8) == size


def _lengths_hold(file: IO[bytes], cells: int, rows: int) -> bool:
    """Tell whether the cells' lengths, whole or of those that hold any, come to so many rows."""
    kind = file.read(4)
    (count,) = _LENGTH.unpack(file.read(_LENGTH.size).ljust(_LENGTH.size, b"\xff"))
    if not (kind == b"full" and count == cells) and not (kind == b"sprs" and count <= 2 * cells and count % 2 == 0):
        return False
    lengths = np.frombuffer(file.read(8 * count), np.uint64)
    if len(lengths) != count:
        return False
    if kind == b"sprs":
        numbers, lengths = lengths[::2], lengths[1::2]
        if (numbers >= cells).any() or (np.diff(numbers.astype(np.int64)) <= 0).any():
            return False
    return bool((lengths <= rows).all()) and int(lengths.sum()) == rows
