"""Sentence vectors: nearest by cosine, filtered before they are ranked."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.vectors import Floats, VectorIndex, write_vectors


def unit_rows(rows: int, dimension: int = 8, seed: int = 0) -> Floats:
    values = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), dtype=np.float32)


def opened(folder: Path, rows: Floats) -> VectorIndex:
    write_vectors(folder / "vectors.faiss", rows)
    return VectorIndex(folder / "vectors.faiss")


@given(rows=st.integers(1, 30), count=st.integers(0, 40), seed=st.integers(0, 9), data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_nearest_are_those_of_the_greatest_cosine_among_the_chosen_rows(
    tmp_path: Path, rows: int, count: int, seed: int, data: st.DataObject
) -> None:
    values = unit_rows(rows, seed=seed)
    question = unit_rows(1, seed=seed + 100)[0]
    edges = st.integers(0, rows)
    within = data.draw(st.none() | st.lists(st.tuples(edges, edges), max_size=4))
    chosen = set(range(rows)) if within is None else {row for start, stop in within for row in range(start, stop)}
    found, cosines = opened(tmp_path, values).nearest(question, count, within)
    true = values @ question
    expected = sorted(chosen, key=lambda row: -true[row])[:count]
    assert found.tolist() == expected
    assert np.allclose(cosines, true[found], atol=1e-6)


def test_a_filter_acts_before_the_ranking_so_that_the_farthest_rows_are_found(tmp_path: Path) -> None:
    values = unit_rows(500)
    order = np.argsort(-(values @ values[0]))
    farthest = int(order[-1])
    found, _ = opened(tmp_path, values).nearest(values[0], 5, [(farthest, farthest + 1)])
    assert found.tolist() == [farthest]


@given(rows=st.integers(1, 40), count=st.integers(1, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_equal_rows_come_in_the_order_of_their_numbers(tmp_path: Path, rows: int, count: int) -> None:
    values = np.repeat(unit_rows(1), rows, axis=0)
    found, cosines = opened(tmp_path, values).nearest(values[0], count)
    assert found.tolist() == list(range(min(count, rows)))
    assert np.allclose(cosines, 1)


def test_equal_rows_between_others_keep_their_place(tmp_path: Path) -> None:
    values = np.eye(4, dtype=np.float32)[[1, 0, 2, 0, 3, 0]]
    question = np.array([0.9, 0.3, 0.2, 0.1], dtype=np.float32)
    assert opened(tmp_path, values).nearest(question, 6)[0].tolist() == [1, 3, 5, 0, 2, 4]


def test_no_rows_and_no_choice_give_nothing(tmp_path: Path) -> None:
    question = unit_rows(1)[0]
    empty = opened(tmp_path, np.empty((0, 8), dtype=np.float32))
    assert (empty.rows, empty.dimension) == (0, 8)
    assert empty.nearest(question, 5)[0].tolist() == [] and empty.nearest(question, 5, [])[1].tolist() == []
    assert empty.vectors(0, 0).shape == (0, 8)
    full = opened(tmp_path, unit_rows(3))
    assert full.nearest(question, 5, [])[0].tolist() == full.nearest(question, 5, [(1, 1)])[0].tolist() == []
    assert full.vectors(3, 3).shape == (0, 8)


def test_rows_come_back_bit_for_bit_by_their_numbers(tmp_path: Path) -> None:
    values = unit_rows(50, dimension=384)
    index = opened(tmp_path, values)
    assert (index.rows, index.dimension) == (50, 384)
    assert np.array_equal(index.vectors(0, 50), values)
    assert np.array_equal(index.vectors(7, 9), values[7:9])


def test_rows_that_are_a_view_of_others_are_written_as_they_are_seen(tmp_path: Path) -> None:
    values = unit_rows(40)
    assert np.array_equal(opened(tmp_path, values[::-2]).vectors(0, 20), values[::-2])


def test_threads_get_the_answers_that_one_gets(tmp_path: Path) -> None:
    index = opened(tmp_path, unit_rows(2000))
    questions = unit_rows(64, seed=3)
    within = [[(number, number + 500)] for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        together = [
            rows.tolist()
            for rows, _ in pool.map(lambda pair: index.nearest(pair[0], 9, pair[1]), zip(questions, within, strict=True))
        ]
    assert together == [
        index.nearest(question, 9, ranges)[0].tolist() for question, ranges in zip(questions, within, strict=True)
    ]


def test_the_same_rows_give_the_same_file(tmp_path: Path) -> None:
    write_vectors(tmp_path / "a", unit_rows(20))
    write_vectors(tmp_path / "b", unit_rows(20))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("data", [b"", b"no index", b"IxFI"])
def test_what_is_no_index_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(RuntimeError):
        VectorIndex(tmp_path / "x")
    with pytest.raises(RuntimeError):
        VectorIndex(tmp_path / "none")


def test_a_file_cut_short_is_an_error(tmp_path: Path) -> None:
    write_vectors(tmp_path / "x", unit_rows(20))
    data = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(data[:-1])
    with pytest.raises(RuntimeError):
        VectorIndex(tmp_path / "x")


@pytest.mark.parametrize(("place", "value"), [(4, 2**31 - 1), (4, 7), (8, 2**40), (8, 11), (37, 2**60), (0, 0x46577849)])
def test_a_header_that_promises_more_than_the_file_holds_is_refused_before_room_is_made_for_it(
    tmp_path: Path, place: int, value: int
) -> None:
    path = tmp_path / "vectors.faiss"
    write_vectors(path, unit_rows(10))
    whole = path.read_bytes()
    width = 4 if place in (0, 4) else 8
    path.write_bytes(whole[:place] + value.to_bytes(width, "little") + whole[place + width :])
    with pytest.raises(RuntimeError, match=r"^vectors\.faiss is not the flat index of vectors that was written$"):
        VectorIndex(path)


@pytest.mark.parametrize("length", [0, 44, 45, 46, -1, -4])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "vectors.faiss"
    write_vectors(path, unit_rows(10))
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(RuntimeError, match="is not the flat index"):
        VectorIndex(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_disk_without_room_is_an_error_and_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "vectors.faiss").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write_vectors(tmp_path / "vectors.faiss", unit_rows(10))
    assert capfd.readouterr() == ("", "")
