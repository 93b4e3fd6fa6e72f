"""The shipped reader reads: right words, right offsets, whatever else is read beside them."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import ModelError
from qa.reader import SHIPPED, Reader, shipped_reader

SENTENCES = ["Ada Voss keeps the lighthouse.", "The mill closed in 1990.", "Lunch is served at noon in the hall."]


def test_the_answering_sentence_is_told_from_the_others_and_its_words_are_marked() -> None:
    for question, place, answer in (("Who keeps the lighthouse?", 0, "Ada Voss"), ("When did the mill close?", 1, "1990")):
        readings = shipped_reader().read(question, SENTENCES)
        assert max(range(3), key=lambda number: readings[number].answers) == place
        span = readings[place].span
        assert SENTENCES[place][span.start : span.end] == answer


def test_offsets_count_code_points_after_an_emoji() -> None:
    sentence = "😀😀 Ada Voss keeps the lighthouse."
    span = shipped_reader().read("Who keeps the lighthouse?", [sentence])[0].span
    assert sentence[span.start : span.end] == "Ada Voss"


def test_a_reading_does_not_depend_on_what_is_read_beside_it() -> None:
    alone = [shipped_reader().read("Who keeps the lighthouse?", [sentence])[0] for sentence in SENTENCES]
    assert shipped_reader().read("Who keeps the lighthouse?", SENTENCES) == alone


@given(st.text(max_size=400), st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_two_texts_can_be_read_and_the_span_lies_inside(question: str, sentence: str) -> None:
    reading = shipped_reader().read(question, [sentence])[0]
    assert 0 <= reading.span.start <= reading.span.end <= len(sentence)


def test_nothing_to_read_gives_nothing() -> None:
    assert shipped_reader().read("Who?", []) == []


def test_a_changed_byte_of_the_weights_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(SHIPPED, folder)
    data = bytearray((folder / "reader.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "reader.onnx").write_bytes(data)
    with pytest.raises(ModelError, match=r"reader\.onnx: not the file that was shipped; reinstall verbatim-qa"):
        Reader(folder)


def test_a_missing_reader_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the reader does not load"):
        Reader(tmp_path)


def test_the_card_names_data_licences_and_command() -> None:
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for word in ("CC BY-SA 4.0", "QAMR", "python -m qa.training", "seed"):
        assert word in card
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 25_000_000
    assert set(json.loads((SHIPPED / "reader.json").read_text())["files"]) == {"reader.onnx", "tokenizer.json"}
