"""Sentence vectors: nearest by cosine, filtered before they are ranked."""

import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qa.vectors.index
from qa.vectors import Floats, VectorIndex, VectorWriter, write_vectors
from qa.vectors.cells import cell_count
from qa.vectors.quantised import HEADER, dequantise, quantise


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


@given(rows=st.integers(0, 6), dimension=st.integers(1, 4096), seed=st.integers(0, 99))
def test_bytes_give_the_same_bytes_again_and_never_drift(rows: int, dimension: int, seed: int) -> None:
    values = unit_rows(rows, dimension, seed)
    stored = quantise(values)
    once = dequantise(stored)
    assert quantise(once).tobytes() == stored.tobytes()
    assert (dequantise(quantise(once)) == once).all()
    # half a step of the greatest value's 127th part, and what half precision takes from that
    steps = np.abs(values).max(axis=1, initial=0, keepdims=True) / 127
    assert (np.abs(once - values) <= 0.57 * steps).all()


def test_a_row_of_zeros_stays_one() -> None:
    assert dequantise(quantise(np.zeros((2, 5), np.float32))).tolist() == np.zeros((2, 5)).tolist()


WIDE = 128


def clustered(rows: int, dimension: int = WIDE, seed: int = 0) -> Floats:
    """Return unit vectors around a few centres, as texts have topics."""
    chance = np.random.default_rng(seed)
    values = chance.normal(size=(20, dimension))[chance.integers(0, 20, rows)] + 0.6 * chance.normal(size=(rows, dimension))
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), dtype=np.float32)


MANY = 3000


@pytest.fixture(scope="module")
def celled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write vectors in cells, as only many would be."""
    folder = tmp_path_factory.mktemp("celled")
    write_vectors(folder / "vectors.faiss", clustered(MANY), exact_rows=100)
    return folder


def test_few_vectors_are_one_file_and_many_are_two(tmp_path: Path) -> None:
    for rows, names in ((10, ["vectors.faiss"]), (11, ["vectors.faiss", "vectors.int8"])):
        folder = tmp_path / str(rows)
        folder.mkdir()
        write_vectors(folder / "vectors.faiss", unit_rows(rows), exact_rows=10)
        assert sorted(path.name for path in folder.iterdir()) == names
        index = VectorIndex(folder / "vectors.faiss")
        assert (index.exact, index.rows, index.dimension) == (rows == 10, rows, 8)
        assert index.described["kind"] == ("flat" if rows == 10 else "ivf-rabitq")
        assert np.allclose(index.vectors(0, rows), unit_rows(rows), atol=0.01)


def test_of_many_vectors_nearly_all_of_the_nearest_are_found_with_their_true_cosines(celled: Path) -> None:
    index, found = VectorIndex(celled / "vectors.faiss"), []
    assert cell_count(MANY) > 40
    stored = index.vectors(0, MANY)
    for question in clustered(30, seed=1):
        rows, cosines = (found_[:20] for found_ in index.nearest(question, 100))
        assert np.allclose(cosines, stored[rows] @ question, atol=1e-6)
        assert (np.diff(cosines) <= 0).all()
        assert len(set(rows.tolist())) == 20
        every, true = index.nearest_of_all(question[None, :], 20)
        assert every[0].tolist() == np.lexsort((np.arange(MANY), -(stored @ question)))[:20].tolist()
        assert np.allclose(true[0], stored[every[0]] @ question, atol=1e-6)
        found.append(len(np.intersect1d(rows, every[0])) / 20)
    assert np.mean(found) > 0.97


def test_cells_that_are_not_enough_are_followed_by_more_until_all_were_seen(
    celled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qa.vectors.index, "PROBED_CELLS", 1)
    index, question = VectorIndex(celled / "vectors.faiss"), clustered(1, seed=2)[0]
    assert sorted(index.nearest(question, 2 * MANY)[0].tolist()) == list(range(MANY))
    assert len(index.nearest(question, MANY // 2)[0]) == MANY // 2


@pytest.mark.parametrize("few", [0, MANY])
def test_a_filter_on_cells_leaves_the_chosen_rows_and_starves_nobody(
    celled: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(qa.vectors.index, "FEW_ROWS", few)
    index, question = VectorIndex(celled / "vectors.faiss"), clustered(1, seed=3)[0]
    farthest = int(np.argmin(index.vectors(0, MANY) @ question))
    assert index.nearest(question, 5, [(farthest, farthest + 1)])[0].tolist() == [farthest]
    within = [(100, 400), (350, 500), (2990, MANY)]
    chosen = {*range(100, 500), *range(2990, MANY)}
    rows, _ = index.nearest(question, 1000, within)
    assert set(rows.tolist()) == chosen
    best, _ = index.nearest(question, 10, within)
    every, _ = index.nearest_of_all(question[None, :], 10, within)
    assert len(np.intersect1d(best, every[0])) >= (10 if few else 8)
    assert index.nearest(question, 5, [(7, 7)])[0].tolist() == []


def test_the_same_many_rows_give_the_same_files(celled: Path, tmp_path: Path) -> None:
    write_vectors(tmp_path / "vectors.faiss", clustered(MANY), exact_rows=100)
    for name in ("vectors.faiss", "vectors.int8"):
        assert (tmp_path / name).read_bytes() == (celled / name).read_bytes()


Part = Floats | tuple[int, int]


def updated(folder: Path, parts: list[Part], before: VectorIndex | None, exact_rows: int = 100) -> VectorIndex:
    """Write new rows, and ranges of rows of an index before, as an update of it would."""
    folder.mkdir()
    rows = sum(part[1] - part[0] if isinstance(part, tuple) else len(part) for part in parts)
    with VectorWriter(folder / "vectors.faiss", WIDE, rows, exact_rows, before) as writer:
        for part in parts:
            if isinstance(part, tuple):
                writer.keep(*part)
            else:
                writer.add(part)
        writer.close()
    return VectorIndex(folder / "vectors.faiss")


def test_centres_stay_when_an_index_is_updated_and_no_row_is_lost(celled: Path, tmp_path: Path) -> None:
    before = VectorIndex(celled / "vectors.faiss")
    assert before.centres is not None and before.centres.shape == (cell_count(MANY), WIDE)
    new = clustered(40, seed=9)
    index = updated(tmp_path / "updated", [(0, MANY - 40), new], before)
    afresh = updated(tmp_path / "afresh", [clustered(MANY)[:-40], new], None)
    assert np.array_equal(index.centres, before.centres)
    assert not np.array_equal(afresh.centres, before.centres)
    assert all(index.nearest(new[row], 1)[0][0] == MANY - 40 + row for row in range(40))


@pytest.mark.parametrize(
    "parts",
    [
        [(0, MANY)],
        [(0, 700), clustered(3, seed=5), (703, MANY)],  # changed
        [(0, 700), clustered(50, seed=6), (700, MANY)],  # added
        [(0, 700), (800, MANY), clustered(100, seed=6)],  # removed, and added at the end
        [(2000, 2100), (0, 2000), (2100, MANY)],  # moved to the front
        [(0, 10), (0, MANY), (5, 10)],  # twice and three times
        [clustered(MANY)[::-1]],  # nothing stays
    ],
)
def test_rows_that_are_kept_lie_where_they_would_if_they_were_written_anew_among_the_same_centres(
    celled: Path, tmp_path: Path, parts: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.vectors.cells.LEAST_KEPT", 0.0)
    before = VectorIndex(celled / "vectors.faiss")
    index = updated(tmp_path / "updated", parts, before)
    plain = [before.vectors(*part) if isinstance(part, tuple) else part for part in parts]
    anew = updated(tmp_path / "anew", [*plain], before)
    for name in ("vectors.faiss", "vectors.int8"):
        assert (tmp_path / "updated" / name).read_bytes() == (tmp_path / "anew" / name).read_bytes()
    assert index.whole
    assert np.allclose(index.vectors(0, index.rows), np.concatenate(plain), atol=0.01)
    found = []
    for question in clustered(20, seed=1):
        rows, cosines = index.nearest(question, 100)
        assert (rows.tolist(), cosines.tolist()) == tuple(each.tolist() for each in anew.nearest(question, 100))
        found.append(len(np.intersect1d(rows[:20], index.nearest_of_all(question[None, :], 20)[0])) / 20)
    assert np.mean(found) > 0.95


def test_where_most_rows_are_new_centres_are_found_anew(celled: Path, tmp_path: Path) -> None:
    before, other = VectorIndex(celled / "vectors.faiss"), -clustered(MANY)
    index = updated(tmp_path / "updated", [(0, 40), other[40:]], before)
    assert not np.array_equal(index.centres, before.centres)
    questions = other[100:120]
    found = [
        len(np.intersect1d(index.nearest(question, 20)[0], index.nearest_of_all(question[None, :], 20)[0])) / 20
        for question in questions
    ]
    assert np.mean(found) > 0.95


def test_kept_rows_go_on_from_update_to_update(celled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.vectors.cells.LEAST_KEPT", 0.0)
    index = VectorIndex(celled / "vectors.faiss")
    for number in range(4):
        index = updated(tmp_path / str(number), [(40, MANY), clustered(40, seed=number)], index)
    anew = updated(tmp_path / "anew", [index.vectors(0, MANY)], VectorIndex(celled / "vectors.faiss"))
    assert np.array_equal(index.vectors(0, MANY - 160), VectorIndex(celled / "vectors.faiss").vectors(160, MANY))
    assert (tmp_path / "3" / "vectors.faiss").read_bytes() == (tmp_path / "anew" / "vectors.faiss").read_bytes()
    assert anew.whole


def test_rows_are_kept_where_few_become_many_and_many_few(celled: Path, tmp_path: Path) -> None:
    few, many = opened(tmp_path, clustered(MANY)), VectorIndex(celled / "vectors.faiss")
    assert few.exact and few.whole and not many.exact
    updated(tmp_path / "many", [(0, MANY)], few)
    for name in ("vectors.faiss", "vectors.int8"):
        assert (tmp_path / "many" / name).read_bytes() == (celled / name).read_bytes()
    again = updated(tmp_path / "few", [(10, 30), clustered(1, seed=8), (0, 10)], many)
    assert again.exact
    assert np.array_equal(again.vectors(0, 31)[[*range(20), *range(21, 31)]], many.vectors(0, 30)[[*range(10, 30), *range(10)]])
    exact = updated(tmp_path / "exact", [(5, 9), (0, 5)], few)
    assert np.array_equal(exact.vectors(0, 9), few.vectors(0, 9)[[*range(5, 9), *range(5)]])


def test_centres_of_another_number_or_dimension_are_found_anew(celled: Path, tmp_path: Path) -> None:
    (tmp_path / "fewer").mkdir()
    (tmp_path / "narrow").mkdir()
    write_vectors(tmp_path / "fewer" / "vectors.faiss", clustered(MANY)[:400], exact_rows=100)
    write_vectors(tmp_path / "narrow" / "vectors.faiss", clustered(MANY, 8), exact_rows=100)
    for name in ("fewer", "narrow"):
        other = VectorIndex(tmp_path / name / "vectors.faiss")
        updated(tmp_path / f"after-{name}", [clustered(MANY)], other)
        assert (tmp_path / f"after-{name}" / "vectors.faiss").read_bytes() == (celled / "vectors.faiss").read_bytes()
    grown = updated(tmp_path / "grown", [(0, 400), clustered(MANY)[400:]], VectorIndex(tmp_path / "fewer" / "vectors.faiss"))
    assert grown.whole
    assert (tmp_path / "grown" / "vectors.faiss").read_bytes() == (celled / "vectors.faiss").read_bytes()
    assert updated(tmp_path / "few", [clustered(9)], VectorIndex(celled / "vectors.faiss")).centres is None


@pytest.mark.parametrize("number", [0, 2**40, -1])
def test_cells_that_hold_other_rows_than_were_written_are_not_whole(celled: Path, tmp_path: Path, number: int) -> None:
    (tmp_path / "vectors.int8").write_bytes((celled / "vectors.int8").read_bytes())
    whole = (celled / "vectors.faiss").read_bytes()
    assert VectorIndex(celled / "vectors.faiss").whole
    (tmp_path / "vectors.faiss").write_bytes(whole[:-8] + struct.pack("<q", number))
    assert not VectorIndex(tmp_path / "vectors.faiss").whole


def test_the_number_of_cells_stays_while_some_rows_come_or_go() -> None:
    assert {cell_count(rows) for rows in range(270_000, 400_000, 1_000)} == {2048}
    assert (cell_count(0), cell_count(6_400), cell_count(4_300_000)) == (1, 100, 4096)
    assert all(cell_count(rows) <= max(1, rows // 64) for rows in range(0, 200_000, 997))


def test_threads_get_the_answers_from_cells_that_one_gets(celled: Path) -> None:
    index, questions = VectorIndex(celled / "vectors.faiss"), clustered(40, seed=4)
    alone = [index.nearest(question, 9)[0].tolist() for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda question: index.nearest(question, 9)[0].tolist(), questions)) == alone


def test_rows_that_are_all_equal_fill_few_cells_and_are_found(tmp_path: Path) -> None:
    write_vectors(tmp_path / "vectors.faiss", np.repeat(unit_rows(1), 700, axis=0), exact_rows=0)
    index = VectorIndex(tmp_path / "vectors.faiss")
    assert index.nearest(unit_rows(1)[0], 700)[0].tolist() == list(range(700))


@pytest.mark.parametrize("exact_rows", [0, 100])
def test_a_writer_gives_back_what_it_was_given_while_more_comes(tmp_path: Path, exact_rows: int) -> None:
    values = unit_rows(9)
    with VectorWriter(tmp_path / "vectors.faiss", 8, 9, exact_rows) as writer:
        assert [writer.add(values[:4]), writer.add(values[4:6])] == [0, 4]
        again = writer.read(1, 3)
        assert np.allclose(again, values[1:4], atol=0.01)
        assert writer.add(again) == 6
        writer.close()
    stored = VectorIndex(tmp_path / "vectors.faiss").vectors(0, 9)
    assert (stored[6:] == stored[1:4]).all()
    assert np.allclose(stored[:6], values[:6], atol=0.01)


def at(place: int, form: str, value: int) -> Callable[[bytes], bytes]:
    """Return a forgery that puts a number at a place."""
    return lambda whole: whole[:place] + struct.pack(form, value) + whole[place + struct.calcsize(form) :]


CENTRES = 37 + 16 + 45
"""Where an index's centres begin: after its own header, the numbers of cells, and the header of the centres."""
AFTER = CENTRES + 4 * WIDE * cell_count(MANY)


@pytest.mark.parametrize(
    "forged",
    [
        at(0, "<I", 0x49784649),  # another kind
        at(4, "<i", 2**31 - 1),
        at(8, "<q", 2**40),
        at(32, "<B", 0),
        at(33, "<i", 1),
        at(37, "<Q", 2**40),  # cells
        at(53, "<I", 0x46577849),  # kind of the centres
        at(57, "<i", WIDE + 1),
        at(61, "<q", 2**50),
        at(90, "<Q", 2**60),  # values of the centres
        at(AFTER, "<B", 1),  # a map from rows to cells
        at(AFTER + 1, "<Q", 2**60),
        at(AFTER + 9, "<Q", 2**50),
        at(AFTER + 29, "<Q", 2**50),
        at(AFTER + 38, "<B", 9),
        at(AFTER + 39, "<I", 0x21212121),  # kind of the lists
        at(AFTER + 43, "<Q", 2**50),
        at(AFTER + 51, "<Q", 2**50),
        at(AFTER + 59, "<I", 0x21212121),
        at(AFTER + 63, "<Q", 2**61),
        at(AFTER + 71, "<Q", 2**63),  # one cell's length
        at(AFTER + 71, "<Q", 0),
        lambda whole: whole[:-1],
        lambda whole: whole + b"\0",
        lambda whole: whole[:AFTER],
        lambda whole: whole[: AFTER + 65],
        lambda whole: b"",
    ],
)
def test_cells_that_promise_other_than_was_written_are_refused_before_room_is_made(
    celled: Path, tmp_path: Path, forged: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "vectors.int8").write_bytes((celled / "vectors.int8").read_bytes())
    whole = (celled / "vectors.faiss").read_bytes()
    assert forged(whole) != whole
    (tmp_path / "vectors.faiss").write_bytes(forged(whole))
    with pytest.raises(RuntimeError, match=r"^vectors\.faiss is not the index of vectors that was written$"):
        VectorIndex(tmp_path / "vectors.faiss")


@pytest.mark.parametrize(
    "forged",
    [
        at(0, "<B", 0),
        at(8, "<q", 2**60),
        at(8, "<q", MANY - 1),
        at(8, "<q", -1),
        at(16, "<q", 2**60),
        at(16, "<q", 0),
        lambda whole: whole[:-1],
        lambda whole: whole + b"\0",
        lambda whole: whole[: HEADER.size - 1],
        lambda whole: b"",
    ],
)
def test_bytes_that_are_not_as_many_as_their_header_says_are_refused(
    celled: Path, tmp_path: Path, forged: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "vectors.faiss").write_bytes((celled / "vectors.faiss").read_bytes())
    (tmp_path / "vectors.int8").write_bytes(forged((celled / "vectors.int8").read_bytes()))
    with pytest.raises(RuntimeError, match=r"^vectors\.int8 is not the file of vectors that was written$"):
        VectorIndex(tmp_path / "vectors.faiss")


def test_rows_that_no_file_has_are_not_looked_at(celled: Path, tmp_path: Path) -> None:
    (tmp_path / "vectors.int8").write_bytes((celled / "vectors.int8").read_bytes())
    whole = (celled / "vectors.faiss").read_bytes()
    numbers = struct.pack("<8q", *range(2**40, 2**40 + 8))
    (tmp_path / "vectors.faiss").write_bytes(whole[: -len(numbers)] + numbers)  # the last cell's last rows
    index = VectorIndex(tmp_path / "vectors.faiss")
    assert len(index.nearest(clustered(1)[0], MANY)[0]) == MANY - 8


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
@pytest.mark.parametrize("name", ["vectors.faiss", "vectors.int8"])
def test_a_disk_without_room_for_many_is_an_error_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write_vectors(tmp_path / "vectors.faiss", unit_rows(200), exact_rows=10)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("exact_rows", [0, 100])
def test_cosines_come_by_range_in_the_order_asked_for(tmp_path: Path, exact_rows: int) -> None:
    write_vectors(tmp_path / "vectors.faiss", unit_rows(30), exact_rows)
    index, question = VectorIndex(tmp_path / "vectors.faiss"), unit_rows(1, seed=5)[0]
    ranges = [(20, 23), (0, 1), (29, 30), (4, 9)]
    for found, (start, stop) in zip(index.cosines(ranges, question), ranges, strict=True):
        assert np.allclose(found, index.vectors(start, stop) @ question, atol=1e-6)
