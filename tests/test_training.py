"""What the reader is trained on: near misses that do not answer, and examples whose spans stand where they say."""

import json
import random
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer

from qa.loaders import document_from
from qa.models import packaged_model
from qa.reader import SHIPPED, Reader
from qa.training import invented
from qa.training.__main__ import FOLDERS_TOO, FROZEN, GROUPS, NEGATIVES_LATER, PAIRS, train, varied
from qa.training.contrasts import about_another, without_answer
from qa.training.examples import (
    Example,
    article_examples,
    folder_examples,
    name_of,
    sentence_examples,
    sentences_of,
    written_examples,
)
from qa.training.network import Network, loss_of
from qa.training.priors import log_odds, with_priors
from qa.training.rounds import HARDEST, HARDEST_ELSEWHERE, hardest, hardest_of_all, weights_of

DATA = Path(__file__).parents[2] / "shared/data"


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
        ("Why did it close?", "The mill closed, because the river was dry.", "the river was dry", "The mill closed."),
        ("Why was it shut?", "As the river fell so low, the old mill of Tarn was shut in May.", "the river fell so low", None),
        (
            "Why was it shut?",
            "Due to drought, the old mill of Tarn was shut.",
            "Due to drought",
            "The old mill of Tarn was shut.",
        ),
        ("How did they cross?", "They crossed the lake by rowing at night.", "by rowing at night", "They crossed the lake."),
        ("How many carers are there?", "There are 168 carers, for pay rose.", "168", "There are carers, for pay rose."),
        ("How did it end?", "The strike of the carers ended badly.", "badly", None),
        ("Where was it signed?", "The treaty was signed near the lake, in haste.", "lake", "The treaty was signed, in haste."),
    ],
)
def test_a_sentence_reads_on_without_its_answer(question: str, sentence: str, answer: str, expected: str | None) -> None:
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
    answered, unanswered = article_examples(tmp_path / "squad2", ["mill.txt"], model)
    assert answered.sentence == "The mill closed in 1990."
    assert answered.span == (19, 23)
    assert "The mill closed in 1990." not in answered.others
    assert (unanswered.answers, unanswered.span, len(unanswered.others)) == (False, None, 2)
    assert (answered.context, answered.contexts[0].split(" ¦ ")[0]) == ("mill", "mill")


def test_a_question_about_a_folder_has_sentences_of_all_its_documents_beside_it(
    tmp_path: Path, model: SentenceTransformer
) -> None:
    texts = {
        "light.md": "# Light\n\nAda Voss keeps it.\n",
        "mill.md": "# Mill\n\nAda Voss burned it in 1990. Lunch is at noon.\n",
    }
    (tmp_path / "documents").mkdir()
    for name, text in texts.items():
        (tmp_path / "documents" / name).write_text(text, encoding="utf-8")
    start = texts["mill.md"].index("Ada Voss")
    gold = {"doc": "mill.md", "start": start, "end": start + 8, "text": "Ada Voss"}
    questions = [
        {"id": "a", "question": "Who burned the mill?", "answers": [gold]},
        {"id": "n", "question": "Who built the mill?", "answers": [], "missing": "name"},
    ]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in questions), encoding="utf-8")
    answered, unanswered = folder_examples(tmp_path, model)
    # The other document's first sentence holds the same words at the same place.
    assert (answered.sentence, answered.span, answered.context) == ("Ada Voss burned it in 1990.", (0, 8), "Mill")
    assert answered.others == ("Lunch is at noon.",)  # "Ada Voss keeps it." may answer too
    assert (unanswered.answers, unanswered.span) == (False, None)
    assert {unanswered.sentence, *unanswered.others} == {
        "Ada Voss keeps it.",
        "Ada Voss burned it in 1990.",
        "Lunch is at noon.",
    }


def test_a_sentence_is_told_its_title_and_innermost_heading_and_nothing_of_another_section() -> None:
    text = "---\ntitle: Holm\n---\n# Light\n\nAda Voss keeps it. She lives there.\n\n## Mill\n\nIt closed in 1990.\n"
    document = document_from("holm.md", text.encode())
    assert [(document.text[span.start : span.end], told) for span, told in sentences_of(document)] == [
        ("Ada Voss keeps it.", "Holm. Light"),
        ("She lives there.", "Holm. Light ¦ Ada Voss keeps it."),
        ("It closed in 1990.", "Holm. Mill"),
    ]


def sets_of_sentences(folder: Path, sentences: list[str]) -> Path:
    """Write the training data's two sets, which the sentences are looked up in, and return where they lie."""
    (folder / "train").mkdir()
    rows = [{"question": "What?", "sentence": sentence} for sentence in sentences[1:]]
    (folder / "train/question_sentence.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    row = {"question": "What?", "context": sentences[0], "start": 0, "end": 3}
    (folder / "train/qamr.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return folder


def written(folder: Path, rows: list[dict[str, object]]) -> Path:
    """Write questions for single sentences."""
    path = folder / "written.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_of_a_written_pair_one_question_is_answered_by_its_sentence_and_one_by_none(
    tmp_path: Path, model: SentenceTransformer
) -> None:
    sentences = ["Ada Voss keeps the lighthouse.", "The mill closed in 1990.", "Lunch is in the hall."]
    rows: list[dict[str, object]] = [
        {"sentence": name_of(sentences[0]), "question": "Who runs the lighthouse?", "start": 0, "end": 8},
        {"sentence": name_of(sentences[1]), "question": "When was the mill built?"},
    ] * 10  # a fold that has seen one kind of answer alone fits nothing
    data = sets_of_sentences(tmp_path, sentences)
    answered, unanswered, *_ = with_priors(written_examples(written(tmp_path, rows), data, model))
    assert (answered.sentence, answered.span, answered.answers) == (sentences[0], (0, 8), True)
    assert set(answered.others) == {"The mill closed in 1990.", "Lunch is in the hall."}
    assert (unanswered.sentence, unanswered.span, unanswered.answers, unanswered.others) == (sentences[1], None, False, ())
    assert answered.prior > 0 > unanswered.prior


def test_a_written_question_for_a_sentence_that_the_data_lack_is_named(tmp_path: Path, model: SentenceTransformer) -> None:
    data = sets_of_sentences(tmp_path, ["Ada Voss keeps the lighthouse.", "The mill closed in 1990."])
    rows: list[dict[str, object]] = [{"sentence": name_of("Lunch is at noon."), "question": "When is lunch?"}]
    with pytest.raises(ValueError, match="1 of the sentences are not in .*train, first " + name_of("Lunch is at noon.")):
        written_examples(written(tmp_path, rows), data, model)


def test_every_written_question_has_a_place_in_its_sentence_or_none_and_comes_once() -> None:
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    assert len({(row["sentence"], row["question"]) for row in rows}) == len(rows)
    assert all(row["question"].endswith("?") and "|" not in row["question"] for row in rows)
    assert all(set(row) == {"sentence", "question"} or 0 <= row["start"] < row["end"] for row in rows)
    sets = [DATA / f"train/{name}.jsonl" for name in ("question_sentence", "qamr")]
    if not all(path.exists() for path in sets):
        pytest.skip(f"the training data are not at {DATA}/train")
    held = [json.loads(line) for path in sets for line in path.read_text(encoding="utf-8").split("\n") if line]
    sentences = {name_of(text): text for text in (row.get("context") or row["sentence"] for row in held)}
    for row in rows:
        text = sentences[row["sentence"]]
        if "end" in row:
            assert row["end"] <= len(text)
            assert not text[row["start"]].isspace()
            assert not text[row["end"] - 1].isspace()
            assert text[row["start"] : row["end"]].casefold() not in row["question"].casefold()


def test_every_question_about_an_invented_document_is_answered_where_it_says_or_nowhere() -> None:
    texts = {name: (invented.FOLDER / "documents" / name).read_text(encoding="utf-8") for name in invented.documents()}
    rows = [json.loads(line) for line in (invented.FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["about"] for row in rows} == set(texts)
    for row in rows:
        for answer in row["answers"]:
            assert answer["doc"] == row["about"]
            assert texts[answer["doc"]][answer["start"] : answer["end"]] == answer["text"]
    answered = [bool(row["answers"]) for row in rows]
    assert 0.45 < sum(answered) / len(answered) < 0.55


@pytest.mark.parametrize("folder", sorted([*invented.FOLDERS.iterdir(), *invented.LESSONS.iterdir()]), ids=lambda path: path.name)
def test_every_question_about_a_folder_is_answered_in_one_place_or_says_what_is_missing(folder: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (folder / "documents").glob("*.md")}
    rows = [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(texts) == (7 if folder.parent == invented.FOLDERS else 6)
    assert len({row["question"] for row in rows}) == len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert len(row["answers"]) == ("missing" not in row)
        for answer in row["answers"]:
            assert texts[answer["doc"]][answer["start"] : answer["end"]] == answer["text"]
    kinds = {row["missing"] for row in rows if "missing" in row}
    assert kinds == {"year", "count", "name", "attribute", "other", "outside", "reason", "subject", "elsewhere", "premise"}


def test_what_the_confidence_is_fitted_on_is_not_what_the_reader_learns_from() -> None:
    fitted, learned = ({path.name for path in folder.iterdir()} for folder in (invented.FOLDERS, invented.LESSONS))
    assert len(fitted) == 16
    assert fitted.isdisjoint(learned)


def test_a_round_learns_from_the_folders_that_there_were_for_it() -> None:
    eighth, ninth, tenth = ([folder.name for folder in invented.lessons(number)] for number in (8, 9, 10))
    assert (len(eighth), len(ninth), len(tenth)) == (42, 53, 58)
    assert set(ninth) - set(eighth) == invented.LATER_LESSONS[9]
    assert set(tenth) - set(ninth) == invented.LATER_LESSONS[10]
    assert tenth == sorted(path.name for path in invented.LESSONS.iterdir())


def test_what_is_kept_back_is_never_learned_from() -> None:
    assert set(invented.learned_from()).isdisjoint(invented.kept_back())
    assert sorted(invented.learned_from() + invented.kept_back()) == invented.documents()
    assert len(invented.kept_back()) * 4 <= len(invented.documents())
    kinds = {name.split("-")[0] for name in invented.documents()}
    assert {name.split("-")[0] for name in invented.kept_back()} == kinds


def test_what_a_question_gives_away_is_told_by_other_questions_than_itself() -> None:
    telling = [(f"How many lamps has tower {number}?", False) for number in range(30)]
    telling += [(f"Who keeps tower {number}?", True) for number in range(30)]
    odds = log_odds([question for question, _ in telling], [answered for _, answered in telling])
    assert all((value > 0) == answered for value, (_, answered) in zip(odds, telling, strict=True))
    # Each seen in its own fitting would tell its own label; by the others a lone word tells nothing.
    alike = [(f"Who keeps tower{number}?", number % 2 == 0) for number in range(60)]
    odds = log_odds([question for question, _ in alike], [answered for _, answered in alike])
    assert max(map(abs, odds)) < 0.5


def test_what_a_question_gives_away_is_not_left_for_the_network_to_learn() -> None:
    network = Network(packaged_model())
    network.load_state_dict(weights_of(SHIPPED))
    tokenizer = AutoTokenizer.from_pretrained(packaged_model())
    losses: dict[str, float] = {"answer": 0.0, "rank": 0.0, "span": 0.0}

    def answer_loss(prior: float, others: tuple[str, ...] = (), *, answers: bool = False) -> float:
        losses["answer"] = 0.0
        asked = Example(
            "How many lamps are there?", "The mill closed in 1990.", None, others, answers, "", ("",) * len(others), prior
        )
        with torch.no_grad():
            loss_of(network.eval(), tokenizer, [asked], losses)
        return losses["answer"]

    assert answer_loss(-3.0) < answer_loss(0.0) < answer_loss(3.0)
    # It is of the question and its own sentence: where it says yes for certain, the other's loss is left, as small as without it.
    other = "Lunch is at noon in the hall."
    assert answer_loss(50.0, (other,), answers=True) < answer_loss(0.0, (other,), answers=True)


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


def test_a_stopped_round_goes_on_to_the_same_weights_and_leaves_its_lowest_layers_alone(tmp_path: Path) -> None:
    keepers = [
        Example(f"Who keeps tower {number}?", "Ada Voss keeps it.", (0, 8), (f"Lunch is at {number}.",), True, "", ("",))
        for number in range(2 * GROUPS)
    ]
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "examples.json").write_text(json.dumps([asdict(keeper) for keeper in keepers]))
    whole = train(DATA, tmp_path / "whole", 5, 1, SHIPPED, FOLDERS_TOO)
    assert train(DATA, tmp_path / "stopped", 0, 1, SHIPPED, FOLDERS_TOO) is None
    resumed = train(DATA, tmp_path / "stopped", 5, 1, SHIPPED, FOLDERS_TOO)
    assert whole is not None and resumed is not None
    before, after, again = weights_of(SHIPPED), whole.state_dict(), resumed.state_dict()
    assert all(torch.equal(after[name], again[name]) for name in after)
    kept = {name for name in before if torch.equal(before[name], after[name])}
    held = ("network.embeddings.", *(f"network.encoder.layer.{layer}." for layer in range(FROZEN)))
    assert {name for name in before if name.startswith(held)} <= kept
    assert not any(name.endswith("dense.weight") for name in kept if not name.startswith(held))


def test_the_sentences_kept_for_another_round_are_those_that_mislead_the_most() -> None:
    idle = tuple(f"Lunch number {number} is served in the hall." for number in range(HARDEST + 1))
    others = (*idle[:2], "Ada Voss keeps the lighthouse.", *idle[2:])
    contexts = tuple(f"told {number}" for number in range(len(others)))
    example = Example("Who keeps the lighthouse?", "The keeper is Bo.", (14, 16), others, True, "told", contexts)
    (kept,) = hardest([example], Reader())
    assert (kept.others[0], kept.contexts[0]) == ("Ada Voss keeps the lighthouse.", "told 2")
    assert len(kept.others) == len(kept.contexts) == HARDEST
    assert (kept.sentence, kept.span, kept.context) == (example.sentence, example.span, "told")


def test_a_question_meets_what_misleads_in_other_sets_after_what_misleads_in_its_own(model: SentenceTransformer) -> None:
    lunch = tuple(f"Lunch number {number} is served in the hall." for number in range(HARDEST))
    asked = Example("Who keeps the lighthouse?", "The keeper is Bo.", (14, 16), lunch, True, "told", ("at noon",) * HARDEST)
    alien = ("Ada Voss keeps the lighthouse.", "Trains run hourly.", "Snow fell in May.", "The keeper is Bo.")
    other = Example("When did snow fall?", alien[2], (13, 16), (*alien[:2], alien[3]), True, "weather", ("rock", "rail", "told"))
    (first,), (second,) = hardest_of_all([[asked], [other]], model, Reader())
    assert (first.elsewhere, set(first.others[:HARDEST])) == (HARDEST_ELSEWHERE, set(lunch))
    # The sentence that answers stands in the other set too: it is not taken for one that doesn't.
    assert (first.others[HARDEST], first.contexts[HARDEST]) == ("Ada Voss keeps the lighthouse.", "rock")
    assert asked.sentence not in first.others
    assert set(second.others[-second.elsewhere :]) <= set(lunch)


def test_a_question_keeps_its_own_negatives_beside_one_from_elsewhere() -> None:
    own, alien = tuple(f"Hall {number} is shut." for number in range(HARDEST)), ("Trains run.", "Snow fell.")
    contexts = ("",) * (HARDEST + 2)
    example = Example("Who keeps it?", "Ada Voss keeps it.", (0, 8), own + alien, True, "", contexts, elsewhere=len(alien))
    chance = random.Random(5)
    drawn = [varied(example, NEGATIVES_LATER, chance) for _ in range(400)]
    met = [[other for other in one.others if other in alien] for one in drawn]
    assert {len(some) for some in met} == {0, 1}
    assert 0.4 < sum(map(len, met)) / len(met) < 0.6
    assert {some[0] for some in met if some} == set(alien)
    # What is met elsewhere comes in place of nothing: an answered question has as many others of its own as without it.
    assert {len(one.others) - len(some) for one, some in zip(drawn, met, strict=True) if one.answers} == {NEGATIVES_LATER}
    before = [varied(replace(example, others=own, contexts=contexts[:HARDEST], elsewhere=0), 2, chance) for _ in range(50)]
    assert not any(other in alien for one in before for other in one.others)
