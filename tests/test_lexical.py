"""Words of passages: found by BM25, filtered before they are ranked, phrases as they stand."""

import json
import math
import os
import stat
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.errors import DamagedIndex
from qa.lexical import LexicalIndex, LexicalWriter, clear_links
from qa.text import stems
from tests.conftest import as_nobody, hostile_texts

CORPUS = ["a b c", "b a", "c c c d", "", "d e a b", "b"]
words = st.lists(st.sampled_from("abcdef"), max_size=6)


def opened(folder: Path, passages: Sequence[Sequence[str]], documents: Sequence[int] | None = None) -> LexicalIndex:
    numbers = documents if documents is not None else range(len(passages))
    writer = LexicalWriter(folder)
    writer.add(zip(numbers, passages, strict=False))
    writer.close()
    return LexicalIndex(folder)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    """Index CORPUS, two passages to a document."""
    return opened(tmp_path_factory.mktemp("lexical") / "x", [text.split() for text in CORPUS], [0, 0, 1, 1, 2, 2])


@given(asked=words)
def test_all_passages_with_any_word_are_found_and_no_others(index: LexicalIndex, asked: list[str]) -> None:
    found = index.search(asked, 100)
    assert sorted(number for number, _ in found) == [
        number for number, text in enumerate(CORPUS) if set(text.split()) & set(asked)
    ]
    assert all(score > 0 for _, score in found)
    assert found == sorted(found, key=lambda hit: (-hit[1], hit[0]))


@given(asked=words, documents=st.lists(st.integers(0, 4), max_size=3), limit=st.integers(1, 6))
def test_a_filter_acts_before_the_ranking_and_changes_no_score(
    index: LexicalIndex, asked: list[str], documents: list[int], limit: int
) -> None:
    everything = index.search(asked, 100)
    assert index.search(asked, limit, documents) == [hit for hit in everything if hit[0] // 2 in documents][:limit]


@given(asked=words.filter(bool))
def test_a_phrase_stands_where_its_words_follow_each_other(index: LexicalIndex, asked: list[str]) -> None:
    assert index.with_phrase(asked) == [number for number, text in enumerate(CORPUS) if " ".join(asked) in text]


def test_a_phrase_is_found_in_every_passage_that_has_it(tmp_path: Path) -> None:
    index = opened(tmp_path / "x", [["a", "b"]] * 300)
    assert index.with_phrase(["a", "b"]) == index.with_phrase(["b"]) == list(range(300))


def test_a_score_is_bm25(index: LexicalIndex) -> None:
    lengths = [len(text.split()) for text in CORPUS]
    rarity = math.log(1 + (6 - 2 + 0.5) / (2 + 0.5))
    expected = {}
    for number in (0, 2):
        count = CORPUS[number].split().count("c")
        expected[number] = rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * lengths[number] / (sum(lengths) / 6)))
    assert dict(index.search(["c"], 9)) == pytest.approx(expected, rel=1e-4)


def test_equal_scores_come_in_the_order_of_the_passages(tmp_path: Path) -> None:
    index = opened(tmp_path / "x", [["a"]] * 5000)
    assert [number for number, _ in index.search(["a"], 100)] == list(range(100))


def test_shards_taken_over_score_and_rank_as_if_they_were_written_again(tmp_path: Path) -> None:
    shards = [[(1, ["a", "b"]), (1, ["a"])], [], [(2, ["a", "a", "c"])], [(3, ["b"]), (3, ["a"]), (4, ["c", "a"])]]

    def written(folder: Path, parts: Sequence[Sequence[tuple[int, list[str]]]]) -> LexicalIndex:
        writer = LexicalWriter(folder)
        for part in parts:
            writer.add(part)
        writer.close()
        return LexicalIndex(folder)

    written(tmp_path / "before", shards)
    writer = LexicalWriter(tmp_path / "after", tmp_path / "before")
    assert not writer.keep(0, 3), "no shard holds just these"
    writer.add([(9, ["c"])])
    assert writer.keep(3, 3) and writer.keep(0, 2)
    writer.close()
    after = LexicalIndex(tmp_path / "after")
    fresh = written(tmp_path / "fresh", [[(9, ["c"])], shards[3], shards[0]])
    for stems_ in (["a"], ["b"], ["c"], ["a", "c"]):
        assert after.search(stems_, 9) == fresh.search(stems_, 9)
        assert after.search(stems_, 9, [3, 4]) == fresh.search(stems_, 9, [3, 4])
    assert sorted(number for number, _ in after.search(["a"], 9)) == [2, 3, 4, 5], "not the words of the shard that was left out"
    assert [number for number, _ in after.search(["c"], 9, [4])] == [3]
    assert after.document_frequency("a") == 4


@pytest.mark.parametrize(
    "forged",
    [
        {"payload": None},
        {"payload": "[[5, 1]]"},
        {"payload": "[[6, 2]]"},
        {"payload": "[[6, 1], [0, 1]]"},
        {"segments": [{"segment_id": "../../x", "max_doc": 6, "deletes": None}]},
        {"segments": []},
        {"schema": None},
    ],
)
def test_shards_that_are_not_those_of_the_segments_are_not_believed(tmp_path: Path, forged: dict[str, object]) -> None:
    opened(tmp_path / "x", [text.split() for text in CORPUS])
    meta = json.loads((tmp_path / "x" / "meta.json").read_text()) | forged
    (tmp_path / "x" / "meta.json").write_text(json.dumps({name: value for name, value in meta.items() if value is not None}))
    with pytest.raises((ValueError, DamagedIndex)):
        LexicalIndex(tmp_path / "x")
    with pytest.raises(DamagedIndex, match=r"x: cannot be read \(meta\.json does not say which segments hold which passages\)"):
        LexicalWriter(tmp_path / "y", tmp_path / "x")


def test_a_words_frequency_counts_passages_and_not_occurrences(index: LexicalIndex) -> None:
    assert [index.document_frequency(word) for word in "abcdef"] == [3, 4, 2, 2, 1, 0]
    assert index.passages == len(CORPUS)


def test_no_words_no_documents_and_no_passages_find_nothing(index: LexicalIndex, tmp_path: Path) -> None:
    assert index.search([], 10) == index.search(["zzz"], 10) == index.search(["a"], 10, []) == index.search(["a"], 10, [99]) == []
    empty = opened(tmp_path / "x", [])
    assert (empty.passages, empty.search(["a"], 10), empty.with_phrase(["a", "b"])) == (0, [], [])


@given(st.lists(hostile_texts.map(stems), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_every_word_of_any_text_finds_it_alone_and_in_its_phrase(
    tmp_path_factory: pytest.TempPathFactory, passages: list[list[str]]
) -> None:
    index = opened(tmp_path_factory.mktemp("any") / "x", passages)
    for word in {word for passage in passages for word in passage}:
        holders = [number for number, passage in enumerate(passages) if word in passage]
        assert sorted(number for number, _ in index.search([word], 9)) == index.with_phrase([word]) == holders
        assert index.document_frequency(word) == len(holders)
    for number, passage in enumerate(passages):
        if len(passage) > 1:
            assert number in index.with_phrase(passage[:30])


@pytest.mark.parametrize("word", ["AND", "OR", "NOT", "a:b", '"', "(", "*", "~", "+a", "-a", "\\", "body:a", "a^2", "[a TO b]"])
def test_query_syntax_is_but_characters(index: LexicalIndex, word: str) -> None:
    assert index.search([word, "e"], 9) == index.search(["e"], 9)
    assert index.with_phrase([word, "a"]) == []


def test_a_word_too_long_for_the_index_is_cut_by_its_stem_and_found(tmp_path: Path) -> None:
    text = f"before {'x' * 70_000} after {'😀' * 9} {'한' * 30_000}"
    index = opened(tmp_path / "x", [stems(text)])
    assert [number for number, _ in index.search(stems("x" * 70_000), 9)] == [0]
    assert index.with_phrase(stems(f"before {'x' * 70_000} after")) == [0]


def test_reading_writes_nothing_and_needs_no_right_to_write(public_folder: Path) -> None:
    folder = public_folder / "x"
    opened(folder, [["a"], ["b"]])
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    assert not any(name.endswith(".lock") for name in before)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o644 for path in folder.iterdir())
    folder.chmod(0o555)
    assert as_nobody(lambda: repr(LexicalIndex(folder).with_phrase(["b"]))) == "[1]"
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()} == before


def test_an_open_index_answers_after_its_folder_has_gone(tmp_path: Path) -> None:
    index = opened(tmp_path / "x", [["a"], ["b", "a"]])
    (tmp_path / "x").rename(tmp_path / "y")
    for path in (tmp_path / "y").iterdir():
        path.unlink()
    assert [number for number, _ in index.search(["a"], 9)] == [0, 1]


def test_an_index_is_opened_from_a_folder_named_relatively_and_leaves_no_links_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path)
    assert opened(Path("x"), [["a"]]).search(["a"], 1)[0][0] == 0
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("data", [None, b"", b"{}", b"x"])
def test_what_is_no_index_is_an_error(tmp_path: Path, data: bytes | None) -> None:
    (tmp_path / "x").mkdir()
    if data is not None:
        (tmp_path / "x/meta.json").write_bytes(data)
    with pytest.raises((ValueError, OSError)):
        LexicalIndex(tmp_path / "x")
    with pytest.raises(OSError, match="No such file"):
        LexicalIndex(tmp_path / "none")


def test_threads_get_the_answers_that_one_gets(index: LexicalIndex) -> None:
    asked = [["a", "b"], ["c"], ["d", "e"], ["f"]] * 50
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda words: index.search(words, 9), asked)) == [index.search(words, 9) for words in asked]


def test_links_that_a_killed_process_left_are_removed_when_they_are_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name, age in (("verbatim-links-old", 7200), ("verbatim-links-new", 60), ("verbatim-other", 7200)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "meta.json").symlink_to(tmp_path / "nowhere")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    clear_links()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["verbatim-links-new", "verbatim-other"]


def test_the_folder_for_temporary_files_is_not_tried_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "_get_default_tempdir", lambda: pytest.fail("a kill here would leave a file"))
    clear_links()
    assert tempfile.gettempdir() == str(tmp_path)


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("suffix", [".fast", ".term", ".idx", ".pos", ".store", ".fieldnorm"])
def test_files_that_tantivy_panics_over_are_damage_and_no_dead_process(tmp_path: Path, suffix: str, place: float) -> None:
    opened(tmp_path / "x", [text.split() for text in CORPUS])
    (path,) = (tmp_path / "x").glob(f"*{suffix}")
    whole = path.read_bytes()
    at = int(place * len(whole))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    try:
        index = LexicalIndex(tmp_path / "x")
        index.search(["a", "b"], 10)
        index.with_phrase(["a", "b"])
        index.document_frequency("a")
    except (ValueError, OSError, DamagedIndex) as error:
        assert "\n" not in str(error) or isinstance(error, ValueError)
