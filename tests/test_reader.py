"""The shipped reader reads: right words, right offsets, whatever else is read beside them."""

import json
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import ModelError
from qa.models import packaged_model
from qa.reader import SHIPPED, Reader, open_reader


def shipped() -> Reader:
    """Return the reader that comes with the program."""
    reader = open_reader("shipped")
    assert reader is not None
    return reader


SENTENCES = ["Ada Voss keeps the lighthouse.", "The mill closed in 1990.", "Lunch is served at noon in the hall."]


def test_the_answering_sentence_is_told_from_the_others_and_its_words_are_marked() -> None:
    for question, place, answer in (("Who keeps the lighthouse?", 0, "Ada Voss"), ("When did the mill close?", 1, "1990")):
        readings = shipped().read(question, SENTENCES)
        assert max(range(3), key=lambda number: readings[number].answers) == place
        span = readings[place].span
        assert SENTENCES[place][span.start : span.end] == answer


def test_offsets_count_code_points_after_an_emoji() -> None:
    for sentence in ("😀😀 Ada Voss keeps the lighthouse.", "😀😀 The lighthouse is kept by Ada Voss 🙂", "☀️ Ada Voss keeps it."):
        span = shipped().read("Who keeps the lighthouse?", [sentence])[0].span
        assert sentence[span.start : span.end] == "Ada Voss"


def test_a_sentence_of_emoji_alone_keeps_its_span() -> None:
    span = shipped().read("Who keeps the lighthouse?", ["😀😀"])[0].span
    assert (span.start, span.end) == (0, 2)


def test_a_reading_does_not_depend_on_what_is_read_beside_it() -> None:
    alone = [shipped().read("Who keeps the lighthouse?", [sentence])[0] for sentence in SENTENCES]
    assert shipped().read("Who keeps the lighthouse?", SENTENCES) == alone


@given(st.text(max_size=400), st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_two_texts_can_be_read_and_the_span_lies_inside(question: str, sentence: str) -> None:
    reading = shipped().read(question, [sentence])[0]
    assert 0 <= reading.span.start <= reading.span.end <= len(sentence)


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Return the shipped reader as one that is told where sentences stand."""
    folder = tmp_path_factory.mktemp("telling") / "reader"
    shutil.copytree(SHIPPED, folder)
    described = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    (folder / "reader.json").write_text(json.dumps(described | {"context": True}), encoding="utf-8")
    return Reader(folder)


def test_what_is_told_about_a_sentence_is_read_but_never_marked(telling: Reader) -> None:
    question, sentence = "Who keeps the lighthouse?", "She keeps the lighthouse."
    plain = telling.read(question, [sentence])[0]
    told = telling.read(question, [sentence], ["Ada Voss, the keeper of the lighthouse"])[0]
    assert told.answers != plain.answers
    assert told.span.end <= len(sentence)
    assert telling.read(question, [sentence], [""])[0] == plain


def test_a_reader_that_was_not_trained_with_surroundings_is_not_told_them(tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(SHIPPED, folder)
    described = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    described.pop("context", None)
    (folder / "reader.json").write_text(json.dumps(described), encoding="utf-8")
    reader = Reader(folder)
    assert reader.read("Who?", SENTENCES, ["Ada Voss"] * 3) == reader.read("Who?", SENTENCES)


@given(st.text(max_size=200), st.text(max_size=300))
@settings(max_examples=30, deadline=None)
def test_no_word_of_the_surroundings_is_ever_marked(telling: Reader, sentence: str, context: str) -> None:
    reading = telling.read("Who keeps the lighthouse?", [sentence], [context])[0]
    assert 0 <= reading.span.start <= reading.span.end <= len(sentence)


def test_nothing_to_read_gives_nothing() -> None:
    assert shipped().read("Who?", []) == []


def test_a_changed_byte_of_the_weights_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(SHIPPED, folder)
    data = bytearray((folder / "reader.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "reader.onnx").write_bytes(data)
    with pytest.raises(ModelError, match=r"reader\.onnx: not the file that was written; delete .*reader and name the reader"):
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


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small untrained question-answering model in transformers' format."""
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering, set_seed

    set_seed(5)
    folder = tmp_path_factory.mktemp("foreign")
    tokenizer = AutoTokenizer.from_pretrained(packaged_model())
    small = BertConfig(
        vocab_size=len(tokenizer), hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128
    )
    model = BertForQuestionAnswering(small)
    with torch_no_grad():
        model.qa_outputs.weight.normal_(std=2.0)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def torch_no_grad() -> AbstractContextManager[Any]:
    """Return torch's own, imported where it is needed."""
    import torch

    return torch.no_grad()


def test_any_question_answering_model_may_read_and_gives_its_own_spans_and_no_answer_score(
    foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    monkeypatch.setenv("QA_CACHE", str(tmp_path / "cache"))
    reader = open_reader(str(foreign))
    assert reader is not None
    model, tokenizer = AutoModelForQuestionAnswering.from_pretrained(foreign), AutoTokenizer.from_pretrained(foreign)
    for sentence, reading in zip(SENTENCES, reader.read("Who keeps the lighthouse?", SENTENCES), strict=True):
        encoded = tokenizer("Who keeps the lighthouse?", sentence, return_tensors="pt", return_offsets_mapping=True)
        offsets = encoded.pop("offset_mapping")[0].tolist()
        with torch_no_grad():
            found = model(**encoded)
        starts, ends = found.start_logits[0].tolist(), found.end_logits[0].tolist()
        inside = [place for place, sequence in enumerate(encoded.sequence_ids(0)) if sequence == 1]
        best = max((starts[first] + ends[last], first, last) for first in inside for last in inside if first <= last)
        assert (reading.span.start, reading.span.end) == (offsets[best[1]][0], offsets[best[2]][1])
        assert reading.span_score == pytest.approx(best[0], abs=1.0)
        assert reading.answers == pytest.approx(best[0] - starts[0] - ends[0], abs=1.0)
    assert reader.identity != shipped().identity


def test_a_model_without_the_right_head_is_refused_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ModelError, match=r"cannot be used as a reader: it has no question-answering head \(qa_outputs\)"):
        open_reader(str(packaged_model()))


def test_no_reader_is_none() -> None:
    assert open_reader("none") is None
