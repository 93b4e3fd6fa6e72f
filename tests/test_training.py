"""What the reader is trained on: near misses that do not answer, and examples whose spans stand where they say."""

import json
import random
from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer

from qa.models import packaged_model
from qa.reader import SHIPPED, Reader
from qa.training.contrasts import about_another, without_answer
from qa.training.examples import Example, sentence_examples, squad_examples
from qa.training.network import Network
from qa.training.rounds import HARDEST, hardest, weights_of


def taken_out(question: str, sentence: str, answer: str) -> str | None:
    """Return the sentence without its answer."""
    start = sentence.index(answer)
    return without_answer(question, sentence, (start, start + len(answer)), random.Random(3))


@pytest.mark.parametrize(
    ("question", "sentence", "answer", "expected"),
    [
        ("When did the mill close?", "The old mill closed in 1990 after a fire.", "1990", "The old mill closed after a fire."),
        ("When did it close?", "The old mill closed for good in early 1990.", "1990", "The old mill closed for good."),
        ("How many carers are there?", "Holm has about 168 foster carers.", "168", "Holm has foster carers."),
        ("Where was it signed?", "The treaty was signed near the lake, in haste.", "lake", "The treaty was signed, in haste."),
    ],
)
def test_a_sentence_reads_on_without_its_answer(question: str, sentence: str, answer: str, expected: str) -> None:
    assert taken_out(question, sentence, answer) == expected


def test_somebody_unnamed_stands_for_the_one_asked_for() -> None:
    changed = taken_out("Who keeps the lighthouse?", "Ada Voss keeps the lighthouse on the rock.", "Ada Voss")
    assert changed is not None
    assert changed.endswith(" keeps the lighthouse on the rock.")
    assert "Ada" not in changed
    assert changed[0].isupper()


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("What closed in 1990?", "The mill closed in 1990.", "The mill"),  # nothing left to be asked of
        ("When was it?", "In 1990 the mill closed, and in 1990 it burned.", "1990"),  # it stands there twice
        ("Which day was it?", "Monday was the day on which the mill was closed.", "Monday"),  # not who
    ],
)
def test_no_near_miss_is_made_where_the_answer_would_stay_or_nothing_would(question: str, sentence: str, answer: str) -> None:
    assert taken_out(question, sentence, answer) is None


def test_a_question_is_asked_about_another_name_figure_or_the_opposite() -> None:
    sentence = "In 2013 the largest mill of Holm closed."
    others = ["Trade fell at Tarn in 1990.", "Only then did Ruth Cole write."]
    asked = {about_another("Which mill closed in Holm in 2013?", sentence, others, random.Random(seed)) for seed in range(40)}
    assert "Which mill closed in Tarn in 2013?" in asked
    assert "Which mill closed in Holm in 1990?" in asked
    assert "Which mill opened in Holm in 2013?" in asked
    assert "Which mill closed in Holm in 2013?" not in asked
    assert about_another("what was the largest mill?", sentence, others, random.Random(1)) == "what was the smallest mill?"
    assert about_another("What is it?", sentence, others, random.Random(1)) is None
    assert about_another("When did Ruth Cole write?", sentence, others, random.Random(1)) is None  # the sentence names nobody


@pytest.fixture(scope="module")
def model() -> SentenceTransformer:
    """Load the packaged model."""
    return SentenceTransformer(str(packaged_model()), device="cpu")


def test_sentences_keep_their_spans_and_are_no_negatives_of_their_own(tmp_path: Path, model: SentenceTransformer) -> None:
    rows = [
        {"question": "Who keeps it?", "context": "Ada Voss keeps it.", "start": 0, "end": 8},
        {"question": "What does Ada keep?", "context": "Ada Voss keeps it.", "start": 15, "end": 17},
        {"question": "When did\u2028it close?", "context": "It closed in 1990.", "start": 13, "end": 17},
        {"question": "Where is lunch?", "sentence": "Lunch is in the hall."},
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "set.jsonl").write_text(lines, encoding="utf-8")
    examples = sentence_examples(tmp_path / "set.jsonl", model)
    assert [example.span and example.sentence[slice(*example.span)] for example in examples] == ["Ada Voss", "it", "1990", None]
    assert all(example.sentence not in example.others and len(example.others) == 2 for example in examples)


def test_squads_unanswerable_questions_have_only_sentences_that_do_not_answer(tmp_path: Path, model: SentenceTransformer) -> None:
    text = "Ada Voss keeps the light. The mill closed in 1990. Lunch is at noon."
    (tmp_path / "squad2/documents").mkdir(parents=True)
    (tmp_path / "squad2/documents/mill.txt").write_text(text, encoding="utf-8")
    gold = {"doc": "mill.txt", "start": text.index("1990"), "end": text.index("1990") + 4, "text": "1990"}
    questions = [
        {"id": "a", "question": "When did\u2028the mill close?", "answers": [gold], "about": "mill.txt"},
        {"id": "b", "question": "Who closed the mill?", "answers": [], "about": "mill.txt"},
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in questions)
    (tmp_path / "squad2/questions.jsonl").write_text(lines, encoding="utf-8")
    answered, unanswered = squad_examples(tmp_path, ["mill.txt"], model)
    assert answered.sentence == "The mill closed in 1990."
    assert answered.span == (19, 23)
    assert "The mill closed in 1990." not in answered.others
    assert (unanswered.answers, unanswered.span, len(unanswered.others)) == (False, None, 2)
    assert (answered.context, answered.contexts[0].split(" ¦ ")[0]) == ("mill", "mill")


def test_another_round_begins_with_the_weights_of_the_shipped_reader() -> None:
    network = Network(packaged_model())
    network.load_state_dict(weights_of(SHIPPED))
    tokenizer, reader = AutoTokenizer.from_pretrained(packaged_model()), Reader()
    question = "Who keeps the lighthouse?"
    for sentence in ("Ada Voss keeps the lighthouse.", "The lighthouse was built in 1990.", "Lunch is at noon."):
        with torch.no_grad():
            spans, answers = network.eval()(**tokenizer(question, sentence, return_tensors="pt"))
        # the shipped graph rounds what flows between its layers to 8 bits, the network does not
        assert float(answers[0]) == pytest.approx(reader.read(question, [sentence])[0].answers, abs=1.5)
        assert spans.shape[-1] == 2


def test_the_sentences_kept_for_another_round_are_those_that_mislead_the_most() -> None:
    idle = tuple(f"Lunch number {number} is served in the hall." for number in range(HARDEST + 1))
    others = (*idle[:2], "Ada Voss keeps the lighthouse.", *idle[2:])
    contexts = tuple(f"told {number}" for number in range(len(others)))
    example = Example("Who keeps the lighthouse?", "The keeper is Bo.", (14, 16), others, True, "told", contexts)
    (kept,) = hardest([example], Reader())
    assert (kept.others[0], kept.contexts[0]) == ("Ada Voss keeps the lighthouse.", "told 2")
    assert len(kept.others) == len(kept.contexts) == HARDEST
    assert (kept.sentence, kept.span, kept.context) == (example.sentence, example.span, "told")
