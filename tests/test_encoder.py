"""Vectors of questions and of the sentences of passages."""

import json
import shutil
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings

from qa.encoder import Encoder, PassageEncoding, Unit, Vectors, open_session
from qa.errors import ModelError
from qa.passages import context_of, cut_passages
from qa.reader import SHIPPED
from qa.records import Span
from qa.settings import SETTINGS
from tests.conftest import QUESTIONS, Reference, hostile_texts, markdown

SENTENCES = (
    "The board met on 3 March 2020.",
    "Café society in Kraków flourished between the wars.",
    "Enzymes lower the activation energy of a reaction; without them most would be too slow to sustain life.",
    "한국의 수도는 서울이다.",
)


def unit(*sentences: str, context: str = "", between: str = " ") -> Unit:
    """Return a unit of these sentences, with something between them."""
    spans, text = [], ""
    for sentence in sentences:
        text += between if text else ""
        spans.append(Span(len(text), len(text) + len(sentence)))
        text += sentence
    return Unit(context, text, tuple(spans))


def cosine(left: Vectors, right: Vectors) -> float:
    return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))


def test_a_session_is_as_precise_without_instructions_for_int8_as_with_them() -> None:
    options = open_session(SHIPPED / "reader.onnx").get_session_options()
    assert options.get_session_config_entry("session.x64quantprecision") == "1"
    assert options.intra_op_num_threads == 1


@given(text=hostile_texts)
@settings(max_examples=25)
@example(text="\0. \u200f! \n\n\u202e")
@example(text="[SEP] " * 400)
@example(text="-" * 900)
def test_every_sentence_of_every_passage_has_a_unit_vector(encoder: Encoder, text: str) -> None:
    document = markdown(text)
    for passage in cut_passages(document, SETTINGS, encoder.count_tokens, encoder.token_limit(510))[:3]:
        spans = tuple(Span(span.start - passage.start, span.end - passage.start) for span in passage.sentences)
        context = context_of(document.title, passage.heading)
        rows = encoder.encode_passage(Unit(context, text[passage.start : passage.end], spans))
        assert rows.shape == (len(passage.sentences), 384) and rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_alone_is_nearly_the_question_of_the_same_words(encoder: Encoder, sentence: str) -> None:
    assert cosine(encoder.encode_passage(unit(sentence))[0], encoder.encode_question(sentence)) > 0.9


@pytest.mark.parametrize("before", ["", "😀😀😀 👩\u200d👩\u200d👧 e\u0301 ", "한국어 ", "\r\n\r\n", "\u2028\0\u200f"])
def test_each_sentence_gets_its_own_vector_whatever_stands_before_it(encoder: Encoder, before: str) -> None:
    held = unit(*SENTENCES, context="T " + "😀" * 50, between=f"\n{before}")
    rows = encoder.encode_passage(held)
    questions = np.stack([encoder.encode_question(sentence) for sentence in SENTENCES])
    assert (rows @ questions.T).argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_a_vector_is_the_mean_of_its_own_tokens_and_of_no_others(encoder: Encoder) -> None:
    text = "😀 alpha beta. gamma delta"
    both, left, right = (
        encoder.encode_passage(Unit("", text, spans))[0]
        for spans in [(Span(0, len(text)),), (Span(0, 13),), (Span(14, len(text)),)]
    )
    plane = np.linalg.lstsq(np.stack([left, right]).T, both, rcond=None)
    assert float(plane[1][0]) < 1e-8
    assert np.all(plane[0] > 0.1)


def test_a_span_that_is_one_character_off_takes_other_tokens_and_blanks_make_no_difference(encoder: Encoder) -> None:
    text = " a😀 alpha (beta)."
    spans = (Span(0, 2), Span(1, 2), Span(4, 9), Span(3, 10), Span(5, 9), Span(11, 15), Span(10, 15), Span(11, 16))
    first, bare, alpha, blanks, late, beta, earlier, further = encoder.encode_passage(Unit("", text, spans))
    assert np.array_equal(first, bare) and np.array_equal(alpha, blanks)
    assert not any(np.array_equal(alpha, other) for other in (late, beta))
    assert not any(np.array_equal(beta, other) for other in (earlier, further))


def test_a_context_is_attended_to_but_never_pooled(encoder: Encoder) -> None:
    bare, told, long = (
        encoder.encode_passage(unit("It fell by half.", context=context))[0] for context in ("", "Rainfall", "Rainfall " * 60)
    )
    assert not np.array_equal(bare, told)
    assert cosine(bare, long) > cosine(encoder.encode_question("Rainfall " * 60), long)


def test_a_sentence_without_tokens_takes_the_mean_of_the_passage(encoder: Encoder) -> None:
    text = "\u200f The board met. It rose."
    rows = encoder.encode_passage(Unit("Rainfall", text, (Span(0, 1), Span(2, len(text)))))
    assert np.allclose(rows[0], rows[1], atol=1e-6)
    none = encoder.encode_passage(Unit("Rainfall", "\0", (Span(0, 1),)))
    assert np.isclose(np.linalg.norm(none[0]), 1, atol=1e-5)


def test_a_vector_does_not_depend_on_what_was_encoded_before_or_by_how_many_threads(
    encoder: Encoder, encoder_folder: Path
) -> None:
    units = [unit(*SENTENCES[number % 4 :], "word " * number, context="T" * (number % 3)) for number in range(1, 40)]
    with PassageEncoding(encoder, threads=1) as alone:
        one = [rows.tobytes() for rows in alone.vectors(units)]
    with PassageEncoding(encoder, threads=4) as several:
        for item in units[:15]:
            several.give(item)
        assert [rows.tobytes() for rows in several.vectors(iter(units[15:]))] == one
        assert several.given == len(units)
    assert [encoder.encode_passage(item).tobytes() for item in reversed(units)] == one[::-1]
    assert Encoder(encoder_folder).encode_passage(units[17]).tobytes() == one[17]


def test_units_are_taken_as_they_are_needed_and_none_give_no_vectors(encoder: Encoder) -> None:
    taken: list[int] = []

    def endless() -> Iterator[Unit]:
        for number in count():
            taken.append(number)
            yield unit("a")

    with PassageEncoding(encoder, threads=2) as encoding:
        assert len(list(islice(encoding.vectors(endless()), 3))) == 3
    assert 3 <= len(taken) < 50
    with PassageEncoding(encoder) as encoding:
        assert list(encoding.vectors()) == []


def test_passages_that_nobody_takes_are_not_waited_for(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[Unit] = []
    plain = Encoder.encode_passage
    monkeypatch.setattr(Encoder, "encode_passage", lambda self, item: encoded.append(item) or plain(self, item))
    with PassageEncoding(encoder, threads=2) as encoding:
        for _ in range(1000):
            encoding.give(unit("a" * 300))
        next(encoding.vectors())
    assert 1 <= len(encoded) < 500


@pytest.mark.parametrize("mark", ["[SEP]", "[CLS]", "[PAD]", "[UNK]", "[MASK]"])
def test_a_special_token_in_a_text_is_but_characters(encoder: Encoder, mark: str) -> None:
    assert encoder.count_tokens(mark) > 1
    assert encoder.count_tokens(f"a {mark} b") == encoder.count_tokens(mark) + 2
    assert not np.array_equal(encoder.encode_question(f"a {mark} b"), encoder.encode_question("a b"))


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_a_question_has_the_vector_that_sentence_transformers_gives_it(
    encoder: Encoder, reference: Reference, number: int
) -> None:
    assert cosine(encoder.encode_question(QUESTIONS[number]), reference.questions[number]) > 0.99


@pytest.mark.parametrize("question", ["", "\0", "word " * 5000, "x" * 10_000, "한" * 3000])
def test_any_question_has_a_unit_vector(encoder: Encoder, question: str) -> None:
    vector = encoder.encode_question(question)
    assert vector.shape == (384,) and np.isclose(np.linalg.norm(vector), 1, atol=1e-5)


def test_a_question_is_read_to_the_models_limit_and_not_to_128_tokens(encoder: Encoder) -> None:
    early, late = "word " * 300 + "volcano", "word " * 600 + "volcano"
    assert cosine(encoder.encode_question(early), encoder.encode_question("word " * 300)) < 0.9999
    assert np.array_equal(encoder.encode_question(late), encoder.encode_question("word " * 600))


def test_tokens_are_counted_without_special_ones_and_never_cut_off(encoder: Encoder) -> None:
    assert encoder.count_tokens("") == 0
    assert encoder.count_tokens("the cat") == 2
    assert encoder.count_tokens("the cat " * 2000) == 4000
    assert (encoder.token_limit(510), encoder.token_limit(9999), encoder.token_limit(100)) == (510, 510, 100)


def changed(folder: Path, target: Path, **fields: object) -> Path:
    """Copy a model's export, with other fields in its description."""
    shutil.copytree(folder, target)
    described = json.loads((target / "encoder.json").read_text())
    (target / "encoder.json").write_text(json.dumps(described | fields))
    return target


def test_a_models_prompts_are_put_before_questions_and_passages_and_never_pooled(
    encoder: Encoder, encoder_folder: Path, tmp_path: Path
) -> None:
    prompted = Encoder(changed(encoder_folder, tmp_path / "m", query_prompt="query: ", document_prompt="passage: "))
    assert np.array_equal(prompted.encode_question("a cat"), encoder.encode_question("query: a cat"))
    assert prompted.token_limit(510) == 510 - encoder.count_tokens("passage: ")
    expected = encoder.encode_passage(Unit("", "passage: T\nA cat. A dog.", (Span(11, 17), Span(18, 24))))
    assert np.array_equal(prompted.encode_passage(Unit("T", "A cat. A dog.", (Span(0, 6), Span(7, 13)))), expected)


def test_a_model_that_pools_otherwise_encodes_each_sentence_alone(encoder: Encoder, encoder_folder: Path, tmp_path: Path) -> None:
    alone = Encoder(changed(encoder_folder, tmp_path / "m", pooling="sentence", document_prompt="passage: "))
    expected = np.stack([encoder.encode_question(f"passage: {sentence}") for sentence in SENTENCES])
    assert np.array_equal(alone.encode_passage(unit(*SENTENCES, context="T")), expected)


@pytest.mark.parametrize("name", ["encoder.json", "tokenizer.json", "model.onnx"])
@pytest.mark.parametrize("data", [None, b"", b"[]", b"{}", b"\xff\xfe"])
def test_a_damaged_export_is_an_error_that_names_the_remedy(
    encoder_folder: Path, tmp_path: Path, name: str, data: bytes | None
) -> None:
    folder = tmp_path / "m"
    shutil.copytree(encoder_folder, folder)
    (folder / name).unlink() if data is None else (folder / name).write_bytes(data)
    with pytest.raises(ModelError) as caught:
        Encoder(folder)
    assert str(caught.value).startswith(f"{folder}: the exported model does not load (")
    assert str(caught.value).endswith("); run: qa index --rebuild")


@pytest.mark.parametrize(
    "forged",
    [
        {"inputs": ["input_ids", "attentikn_mask", "token_type_ids"]},
        {"inputs": ["input_ids"]},
        {"inputs": 5},
        {"max_tokens": 0},
        {"max_tokens": 2},
        {"max_tokens": 10**9},
    ],
)
def test_a_description_of_another_model_is_refused_when_it_is_opened(
    encoder_folder: Path, tmp_path: Path, forged: dict[str, object]
) -> None:
    folder = tmp_path / "m"
    shutil.copytree(encoder_folder, folder)
    described = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
    (folder / "encoder.json").write_text(json.dumps(described | forged), encoding="utf-8")
    with pytest.raises(ModelError, match=r"does not load \((ValueError|TypeError)\); run: qa index --rebuild"):
        Encoder(folder)
