"""Evaluations on a real index: what counts, what is refused, what is saved, and what changed since."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ir_measures
import pytest

from qa import Engine, build_index
from qa.answer import Answer, Place
from qa.cli import main
from qa.errors import BadInput
from qa.evaluation import Evaluation, evaluate, score
from qa.evaluation.comparison import compare, judgement_lines, read_saved, run_lines, saved, summary
from qa.evaluation.kinds import by_kind, kind_of
from qa.evaluation.relevance import golds_within, passage_id, retrieved_of, run_word
from qa.evaluation.scorecard import MEASURES, Gate, parse_gate, unmet
from qa.measures.rankings import RETRIEVAL
from qa.questions import QuestionSet, StoredTexts, question_set, read_questions
from qa.questions.records import Expected, Gold, Judged, Question
from tests.test_questions import no_room

LAMP = "The lamp of the Marsh lighthouse burned colza oil until the summer of 1903. A keeper trimmed its wick every evening.\n"
DOCUMENTS = {
    "copy.txt": LAMP,
    "lamp.txt": LAMP,
    "ferry times.txt": "The harbour ferry leaves the eastern pier at nine. It carries forty passengers and a few goats.\n",
    "tower.md": "# Tower\n\nThe Marsh lighthouse was built in 1871 by Ada Fenwick.\n\n# Keeper\n\nThe keeper kept two goats.\n",
    "long.txt": "".join(f"Sentence number {number} is about the old quarry of Dunmore. " for number in range(80)),
}
SET = [
    {"id": "built", "question": "Who built the Marsh lighthouse?", "answers": [{"doc": "tower.md", "text": "Ada Fenwick"}]},
    {"id": "oil", "question": "What oil did the lighthouse lamp burn?",
     "answers": [{"doc": "lamp.txt", "text": "colza oil"}, {"doc": "copy.txt", "text": "colza oil"}]},
    {"id": "pier", "question": "When does the ferry leave the pier?", "answers": [{"doc": "ferry times.txt", "text": "nine"}]},
    {"id": "copy", "question": "Who trimmed the wick of the lamp?", "answers": [{"doc": "copy.txt", "text": "A keeper"}]},
    {"id": "mute", "question": "???", "answers": [{"doc": "tower.md", "text": "1871"}]},
    {"id": "peru", "question": "What is the population of Peru?", "answers": []},
]  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated")
    for path, text in DOCUMENTS.items():
        (folder / "root" / path).parent.mkdir(exist_ok=True)
        (folder / "root" / path).write_text(text)
    build_index(folder / "root", folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def engine(index: Path) -> Iterator[Engine]:
    with Engine.open(index) as opened:
        yield opened


@pytest.fixture(scope="module")
def questions(index: Path, engine: Engine) -> QuestionSet:
    path = index.parent / "set.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in SET))
    return question_set(read_questions(path), StoredTexts(engine.store))


@pytest.fixture(scope="module")
def evaluation(engine: Engine, questions: QuestionSet) -> Evaluation:
    return evaluate(engine, questions, ("hybrid", "dense", "lexical", "cited"))


def figures(evaluation: Evaluation, system: str = "hybrid") -> Mapping[str, Any]:
    return {row.name: found for row in score(evaluation).rows if (found := row.estimates.get(system))}


def subset(evaluation: Evaluation, *ids: str) -> Evaluation:
    return replace(evaluation, outcomes=tuple(item for item in evaluation.outcomes if item.judged.question.id in ids))


def test_every_question_has_one_outcome_in_order(evaluation: Evaluation) -> None:
    assert [item.judged.question.id for item in evaluation.outcomes] == [record["id"] for record in SET]


def test_the_order_is_that_of_the_search(engine: Engine, evaluation: Evaluation) -> None:
    for item in evaluation.outcomes:
        hits = engine.search(item.judged.question.text, 10, phrases=False)
        own = [passage_id(Place(hit.document, hit.start, hit.end, hit.line)) for hit in hits]
        copies = {passage_id(copy) for hit in hits for copy in hit.also_in}
        assert all(found == name or found in copies for found, name in zip(item.retrieved["hybrid"].ranking, own, strict=True))


def test_a_question_without_results_counts_as_missed(evaluation: Evaluation) -> None:
    mute = next(item for item in evaluation.outcomes if item.judged.question.id == "mute")
    assert mute.retrieved["hybrid"].ranking == () and mute.asked is not None and not mute.asked.answered
    found = figures(evaluation)
    assert all(found[name].n == 5 for name in (*RETRIEVAL, "gold in highlight", "EM answerable", "false refusals"))
    assert found["Success@1"].value == 4 / 5  # a mean over questions with results would be 1
    assert found["false answers"].n == 1 and found["F1"].n == 6


def test_copies_are_one_relevant_passage_and_each_others_gold(evaluation: Evaluation) -> None:
    for identity in ("oil", "copy"):
        one = subset(evaluation, identity)
        (outcome,) = one.outcomes
        assert len(outcome.relevant) == 1
        assert outcome.retrieved["hybrid"].gold_ranks[0] == 1
        assert {name: figures(one)[name].value for name in ("nDCG@10", "R@5", "Success@1")} == {
            "nDCG@10": 1,
            "R@5": 1,
            "Success@1": 1,
        }


def test_a_gold_in_the_copy_is_found_in_the_highlight_of_the_original(evaluation: Evaluation) -> None:
    (outcome,) = subset(evaluation, "copy").outcomes
    asked = outcome.asked
    assert asked is not None and asked.first is not None
    assert asked.right
    (other,) = {"lamp.txt", "copy.txt"} - {asked.first.document}
    start = LAMP.index("A keeper")
    (gold,) = golds_within(asked.first, [Gold(other, start, start + 8, "A keeper")])
    assert DOCUMENTS[asked.first.document][gold.start : gold.end] == "A keeper"


def test_golds_of_another_document_are_no_golds_of_this_one(evaluation: Evaluation) -> None:
    (outcome,) = subset(evaluation, "built").outcomes
    assert outcome.asked is not None and outcome.asked.first is not None
    assert list(golds_within(outcome.asked.first, [Gold("ferry times.txt", 0, 3, "The")])) == []


def judge(*golds: Gold) -> Judged:
    return Judged(Question("q", "Who?", (), True, "set.jsonl:1"), golds)


def spans(*places: tuple[int, int], document: str = "a") -> list[tuple[Place, ...]]:
    return [(Place(document, start, end, 1),) for start, end in places]


def test_a_gold_must_stand_whole_in_the_passage() -> None:
    judged = judge(Gold("a", 8, 12, "both"), Gold("a", 2, 4, "in"), Gold("b", 2, 4, "in"))
    assert retrieved_of(spans((0, 10), (10, 20)), judged, {}).gold_ranks == (None, 1, None)


def test_a_gold_counts_at_its_first_passage_within_ten() -> None:
    judged = judge(Gold("a", 8, 10, "x"), Gold("a", 108, 110, "y"))
    ranked = spans(*((start, start + 10) for start in range(0, 120, 10)))
    assert retrieved_of(ranked, judged, {}).gold_ranks == (1, None)
    assert len(retrieved_of(ranked, judged, {}).ranking) == 10


def test_documents_stand_at_the_rank_of_their_first_passage() -> None:
    judged = judge(Gold("b", 0, 0, "", 1, whole=True))
    ranked = [*spans((0, 9), (9, 20)), *spans((0, 9), document="b"), *spans((9, 20), document="b")]
    assert retrieved_of(ranked, judged, {"b": "b"}).ranking == ("a", "b")
    assert retrieved_of(ranked, judged, {"b": "b"}).gold_ranks == (2,)


def test_an_answer_that_no_passage_holds_whole_is_missed_and_not_dropped(engine: Engine) -> None:
    # Sentence starts that begin passages: the gold begins in one passage and ends in the next.
    entry = next(entry for entry in engine.store.entries if entry.document.path == "long.txt")
    second = engine.store.catalog.stored([entry.first_passage + 1])[0].passage
    gold = Gold("long.txt", second.start - 30, second.start + 10, DOCUMENTS["long.txt"][second.start - 30 : second.start + 10])
    asked = Judged(Question("split", "Which quarry is Dunmore's?", (Expected("x"),), True, "set:1"), (gold,))
    found = evaluate(engine, QuestionSet("set", (asked,)))
    assert [value.value for name, value in figures(found).items() if name in RETRIEVAL] == [0.0] * 6
    assert found.notes == ("1 question with answers that no passage holds whole, counted as not found",)
    assert list(found.outcomes[0].relevant) == [f"nowhere:long.txt:{gold.start}-{gold.end}"]


def test_a_judged_document_that_is_not_indexed_is_missed_and_not_dropped(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "qrels.txt").write_text("1 0 tower.md 2\n1 0 moon 2\n2 0 tower.md 0\n")
    (tmp_path / "queries.tsv").write_text("1\tWho built the Marsh lighthouse?\n2\tWhen does the ferry leave?\n")
    found = evaluate(engine, question_set(read_questions(tmp_path), StoredTexts(engine.store)))
    values = figures(found)
    assert values["R@10"].value == pytest.approx((0.5 + 0) / 2)
    assert values["nDCG@10"].value == pytest.approx((1 / (1 + 0.6309297535714575) + 0) / 2)
    assert values["RR@10"].n == 2
    assert "gold in highlight" not in values and "EM answerable" not in values  # nothing to compare with


def test_runs_are_read_by_other_tools_as_they_were_ranked(evaluation: Evaluation) -> None:
    lines = run_lines(evaluation, "hybrid")
    assert all(len(line.split()) == 6 for line in lines)
    assert any("ferry%20times.txt" in line for line in lines)
    run, qrels = ir_measures.read_trec_run("\n".join(lines)), ir_measures.read_trec_qrels("\n".join(judgement_lines(evaluation)))
    names = [name for name in RETRIEVAL if not name.startswith("R@")]
    reference = ir_measures.calc_aggregate([ir_measures.parse_measure(name) for name in names], qrels, run)
    ours = figures(evaluation)
    assert {str(measure): pytest.approx(value, abs=1e-9) for measure, value in reference.items()} == {
        name: ours[name].value for name in names
    }


def test_names_in_runs_have_no_white_space_and_stay_apart() -> None:
    assert run_word("a b\u2003c%") == "a%20b%E2%80%83c%25"
    assert run_word("a%20b") != run_word("a b")


def test_all_quotes_are_read_again_and_one_wrong_character_is_seen(engine: Engine, questions: QuestionSet) -> None:
    assert figures(evaluate(engine, questions))["quotes verbatim"].value == 1.0

    def tampered(text: str, k: int = 5) -> Any:
        result = engine.ask(text, k)
        if isinstance(result, Answer):
            first = result.citations[0]
            return replace(result, citations=(replace(first, quote=first.quote[:-1] + "!"), *result.citations[1:]))
        return result

    wrong: Any = SimpleNamespace(ask=tampered, search=engine.search, store=engine.store, threshold=engine.threshold)
    assert figures(evaluate(wrong, questions))["quotes verbatim"].value < 1.0

    def misplaced(text: str, k: int = 5) -> Any:
        result = engine.ask(text, k)
        return replace(result, text=result.text + " indeed") if isinstance(result, Answer) else result

    wrong.ask = misplaced
    assert figures(evaluate(wrong, questions))["quotes verbatim"].value < 1.0


@pytest.mark.parametrize("systems", [(), ("hybrid", "hybrid"), ("bm25",)])
def test_systems_are_named_once_each(engine: Engine, questions: QuestionSet, systems: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="--systems"):
        evaluate(engine, questions, systems)


def test_other_systems_are_ranked_and_tested_against_the_baseline(evaluation: Evaluation) -> None:
    scorecard = score(evaluation, "lexical")
    rows = {row.name: row for row in scorecard.rows}
    assert rows["RR@10"].tests.keys() == {"hybrid", "dense", "cited"}
    assert rows["F1"].estimates.keys() == {"hybrid"}
    with pytest.raises(BadInput, match="--baseline bm25"):
        score(evaluation, "bm25")


def test_words_find_nothing_where_they_do_not_stand(evaluation: Evaluation) -> None:
    # Scores of 0 would otherwise fill the ranking, in order of number.
    (outcome,) = subset(evaluation, "pier").outcomes
    assert 0 < len(outcome.retrieved["lexical"].ranking) < len(outcome.retrieved["dense"].ranking)


def test_ranking_without_answering_is_all_there_is_without_the_hybrid(engine: Engine, questions: QuestionSet) -> None:
    found = evaluate(engine, questions, ("dense",))
    assert all(item.asked is None for item in found.outcomes)
    assert [row.name for row in score(found).rows] == list(RETRIEVAL)


def test_the_rows_are_the_named_measures_in_order(evaluation: Evaluation) -> None:
    assert tuple(row.name for row in score(evaluation).rows) == MEASURES


def test_a_table_has_no_nan_whatever_is_missing(evaluation: Evaluation) -> None:
    for ids in (("peru",), ("built",), ("mute",), ("mute", "peru")):
        part = subset(evaluation, *ids)
        json.dumps(saved(part, score(part)), allow_nan=False)
    assert "nDCG@10" not in figures(subset(evaluation, "peru"))  # no answerable question: no value, and not 0


def compared(evaluation: Evaluation, folder: Path, change: Callable[[dict[str, Any]], None] | None = None) -> Any:
    scorecard = score(evaluation)
    data = json.loads(json.dumps(saved(evaluation, scorecard)))
    if change:
        change(data["by_question"])
    path = folder / "saved.json"
    path.write_text(json.dumps(data))
    return compare(path, read_saved(path), evaluation, scorecard)


def test_a_run_compared_with_itself_has_no_difference(evaluation: Evaluation, tmp_path: Path) -> None:
    result = compared(evaluation, tmp_path)
    assert result.same and not result.moved and not result.apart
    assert all((change.p, change.better, change.worse, change.before) == (1.0, 0, 0, change.after) for change in result.changes)


def test_a_comparison_knows_better_from_worse_also_where_less_is_better(evaluation: Evaluation, tmp_path: Path) -> None:
    def change(questions: dict[str, Any]) -> None:
        questions["built"]["measures"]["RR@10"] = 0.1
        questions["peru"]["measures"]["false answers"] = 1.0 - questions["peru"]["measures"]["false answers"]

    result = compared(evaluation, tmp_path, change)
    changes = {item.name: item for item in result.changes}
    refused = next(item for item in evaluation.outcomes if item.judged.question.id == "peru").asked
    assert (changes["RR@10"].better, changes["RR@10"].worse) == (1, 0)
    assert refused is not None and changes["false answers"].better == int(not refused.answered)
    assert {item.id: item.better for item in result.moved} == {"built": True, "peru": not refused.answered}
    assert not result.same


def test_questions_that_changed_or_are_in_one_run_only_are_counted_apart(evaluation: Evaluation, tmp_path: Path) -> None:
    def change(questions: dict[str, Any]) -> None:
        questions["built"]["signature"] = "another"
        questions["gone"] = questions.pop("oil")

    result = compared(evaluation, tmp_path, change)
    assert result.apart == {"only in the saved run": 1, "only in this run": 1, "changed since": 1}
    assert all(item.n <= 4 for item in result.changes)


LARGE = '{"schema": 1, "by_question": {"a": {"question": "", "signature": "", "measures": {"F1": 1' + "0" * 400 + "}}}}"


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", '{"schema": 9}', '{"schema": 1, "by_question": {"a": {}}}', '{"schema": 1, "by_question": 3}'),
        *("[" * 100_000, LARGE),
    ],
)
def test_a_file_that_is_no_saved_run_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "saved.json").write_text(content)
    with pytest.raises(BadInput, match=r"saved\.json"):
        read_saved(tmp_path / "saved.json")


def test_gates_bound_below_or_above_as_the_measure_asks(evaluation: Evaluation) -> None:
    scorecard = score(evaluation)
    assert unmet(scorecard, [Gate("RR@10", 0.5), Gate("false answers", 1.0)]) == []
    assert len(unmet(scorecard, [Gate("RR@10", 0.99), Gate("95th percentile ms", 0.0)])) == 2
    (line,) = unmet(score(subset(evaluation, "built")), [Gate("false answers", 0.5)])
    assert line.startswith("false answers has no value")


def test_a_gate_is_a_measure_and_a_number() -> None:
    assert parse_gate("nDCG@10=0.8") == Gate("nDCG@10", 0.8)
    assert [parse_gate(text).name for text in ("MRR@10=0", "Recall@5=0", "auroc = 1")] == ["RR@10", "R@5", "AUROC"]
    for text in ("nDCG@10", "nDCG@10=high", "=", "=1", "hits@3=1", "RR@10=nan", "RR@10=inf"):
        with pytest.raises(BadInput, match="--fail-under"):
            parse_gate(text)


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["qa", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        main()
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def qa(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, index: Path, questions: QuestionSet) -> Run:
    monkeypatch.setenv("QA_INDEX", str(index))
    return lambda *words: run(capsys, monkeypatch, *words)


def test_eval_prints_one_table_and_its_json_is_the_saved_one(qa: Run, questions: QuestionSet, tmp_path: Path) -> None:
    status, out, _ = qa("eval", questions.path, "--save", tmp_path / "one.json")
    assert status == 0 and all(name in out for name in (*RETRIEVAL, "calibration error", "quotes verbatim"))
    status, out, _ = qa("eval", questions.path, "--json", "--compare", tmp_path / "one.json")
    shown, kept = json.loads(out), json.loads((tmp_path / "one.json").read_text())
    assert status == 0 and shown["comparison"]["same"] is True
    assert shown["systems"]["hybrid"]["nDCG@10"] == kept["systems"]["hybrid"]["nDCG@10"]
    assert shown["questions"]["asked"] == 6
    assert qa("eval", questions.path, "--compare", tmp_path / "one.json")[1].split()[-3:] == ["on", "any", "question."]


def test_eval_exits_by_its_gates(qa: Run, questions: QuestionSet) -> None:
    assert qa("eval", questions.path, "--fail-under", "RR@10=0.5")[0] == 0
    status, _, err = qa("eval", questions.path, "--fail-under", "RR@10=0.5", "--fail-under", "nDCG@10=0.99")
    assert status == 1 and "nDCG@10 is" in err and "RR@10" not in err


@pytest.mark.parametrize(
    "words",
    [
        ("--fail-under", "hits@1=0.5"),
        ("--fail-under", "RR@10"),
        ("--systems", "bm25"),
        ("--report", "report.pdf"),
        ("--save", "/nowhere/at/all.json"),
        ("--compare", "/nowhere/at/all.json"),
        ("--about", "moon*"),
        ("--baseline", "dense"),
    ],
)
def test_eval_refuses_what_it_cannot_honour(qa: Run, questions: QuestionSet, words: tuple[str, ...]) -> None:
    status, out, err = qa("eval", questions.path, *words)
    assert status == 2 and not out
    assert (words[0] in err or words[1] in err) and "Traceback" not in err


def test_eval_writes_a_run_for_each_system(qa: Run, questions: QuestionSet, tmp_path: Path) -> None:
    assert qa("eval", questions.path, "--save-run", tmp_path / "a.trec", "--save-qrels", tmp_path / "a.qrels")[0] == 0
    assert qa("eval", questions.path, "--systems", "hybrid,dense", "--save-run", tmp_path / "b.trec")[0] == 0
    assert {path.name for path in tmp_path.iterdir()} == {"a.trec", "a.qrels", "b.hybrid.trec", "b.dense.trec"}
    assert (tmp_path / "a.trec").read_text() == (tmp_path / "b.hybrid.trec").read_text()


@pytest.mark.skipif(os.name == "nt", reason="no limits on files there")
def test_what_eval_cannot_write_leaves_the_old_file(qa: Run, questions: QuestionSet, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("old")
    (tmp_path / "link.json").symlink_to("old.json")
    with no_room(100):
        status, _, err = qa("eval", questions.path, "--save", tmp_path / "link.json")
    assert status == 2 and "link.json: cannot be written" in err
    assert (tmp_path / "old.json").read_text() == "old"
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDWR | os.O_NONBLOCK)
    assert qa("eval", questions.path, "--save", tmp_path / "link.json", "--save-run", tmp_path / "pipe")[0] == 0
    assert os.read(pipe, 8).startswith(b"built Q0")
    os.close(pipe)
    assert {path.name for path in tmp_path.iterdir()} == {"old.json", "link.json", "pipe"}
    assert (tmp_path / "link.json").is_symlink() and json.loads((tmp_path / "old.json").read_text())["by_question"]


def test_eval_compares_with_nothing_of_its_own_before_it_asks(
    qa: Run, questions: QuestionSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_run = tmp_path / "old.json"
    saved_run.write_text('{"schema": 1, "by_question": {"other": {"question": "?", "signature": "", "measures": {}}}}')
    monkeypatch.setattr(Engine, "ask", None)
    status, out, err = qa("eval", questions.path, "--compare", saved_run)
    assert status == 2 and not out and "has no question in common with" in err


def test_drafts_are_filled_in_before_they_count(qa: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl"
    assert qa("questions", "new", path, "--count", "3")[0] == 0
    drafts = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(drafts) == 3 and all(draft["draft"] is True and "…" in draft["question"] for draft in drafts)
    for draft in drafts:
        (answer,) = draft["answers"]
        assert DOCUMENTS[answer["doc"]][answer["start"] : answer["end"]] == answer["text"]
    status, _, err = qa("eval", path)
    assert status == 2 and "3 are drafts" in err
    status, out, _ = qa("questions", "check", path)
    assert status == 2 and "holds no questions that count" in out
    path.write_text(
        json.dumps({**drafts[0], "draft": False, "question": "When was it built?"}) + "\n" + json.dumps(drafts[1]) + "\n"
    )
    assert qa("questions", "check", path)[0] == 0
    assert qa("questions", "new", path)[0] == 2  # never overwritten


def test_add_finds_the_span_and_appends(qa: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"id": "q1", "question": "Why?", "answers": []}')  # no line feed at its end
    status, _, err = qa("questions", "add", "Who built it?", "--expect", "Ada Fenwick", "--file", path)
    assert status == 0, err
    assert qa("questions", "add", "How many llamas?", "--unanswerable", "--file", path)[0] == 0
    first, second, third = (json.loads(line) for line in path.read_text().splitlines())
    assert (first["id"], second["id"], third["id"], third["answers"]) == ("q1", "q2", "q3", [])
    (answer,) = second["answers"]
    assert DOCUMENTS["tower.md"][answer["start"] : answer["end"]] == "Ada Fenwick"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("Who?", "--expect", "Bob"), "stands nowhere in the indexed documents"),
        (("Who?", "--expect", "colza oil"), "stands in 2 places (copy.txt:1, lamp.txt:1)"),
        (("Who?", "--expect", "goats", "--doc", "moon.txt"), "--doc moon.txt: is not in the index"),
        (("Who?",), "--expect"),
        (("Who?", "--expect", "nine", "--unanswerable"), "--expect"),
        ((" ", "--unanswerable"), "the question is empty"),
        (("x" * 10_001, "--unanswerable"), "the question has 10,001 characters"),
        (("who\udcff?", "--unanswerable"), "the question holds bytes that are not UTF-8"),
    ],
)
def test_add_refuses_what_is_not_clear(qa: Run, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    status, _, err = qa("questions", "add", *words, "--file", tmp_path / "mine.jsonl")
    assert status == 2 and message in err
    assert not (tmp_path / "mine.jsonl").exists()


def test_check_lists_every_fault(qa: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "a", "question": "Who?"}\n{"id": "b", "question": "Who?", "answers": [{"doc": "no", "text": "x"}]}\n')
    status, out, _ = qa("questions", "check", path)
    assert status == 2 and "bad.jsonl:1: answers" in out and "bad.jsonl:2: answers[0].doc" in out and "2 faults" in out
    status, out, _ = qa("questions", "check", path, "--json")
    assert status == 2 and len(json.loads(out)["faults"]) == 2


def test_a_summary_says_what_was_asked_of_what(evaluation: Evaluation) -> None:
    told = summary(evaluation, score(evaluation))
    assert told["questions"]["answerable"] == 5 and told["questions"]["unanswerable"] == 1
    assert told["quotes"]["checked"] == told["quotes"]["verbatim"] > 20


@pytest.mark.parametrize(
    ("kind", "questions"),
    [
        ("who", ["Who chairs it?", "By whom was she appointed?", "whose plan is it"]),
        ("when", ["When did it close?", "In what year was it built?", "The ferry leaves when?"]),
        ("where", ["Where is the pier?", "In which city was it signed?"]),
        (
            "how many",
            ["How many carers are there?", "What percentage was unplaced?", "How often do they meet?", "How much is spent?"],
        ),
        ("why", ["Why was it closed?", "What is the reason for it?"]),
        ("how", ["How was the service rated?"]),
        ("yes or no", ["Were any children at risk?", "is it open", "Didn't they say?"]),
        (
            "list",
            ["Which agencies worked together?", "What are the four themes?", "What two ports are named?", "Name the partners."],
        ),
        ("definition", ["What is a weir?", "What are peptides?", "What does SEND stand for?"]),
        ("what", ["What was the rating?", "What does not explain it?", "Which boss was right?", "Which has more trade in it?"]),
        ("other", ["The date of the visit", "???"]),
    ],
)
def test_kinds_of_question_are_told_apart(kind: str, questions: list[str]) -> None:
    assert {question: kind_of(question) for question in questions} == dict.fromkeys(questions, kind)


def test_each_kind_is_measured_by_itself_over_the_answerable_questions(evaluation: Evaluation) -> None:
    rows = {row.kind: row for row in by_kind(evaluation)}
    assert [(row.kind, row.n) for row in rows.values()] == [("when", 1), ("who", 2), ("what", 1), ("other", 1)]
    assert rows["other"].refused is not None and rows["other"].refused.value == 1.0  # of no words
    assert rows["other"].right is not None and rows["other"].right.value == 0.0
    told = summary(evaluation, score(evaluation))["kinds"]
    assert told == [row.to_dict() for row in rows.values()]
    right = [item.asked.right for item in evaluation.outcomes if item.asked and item.judged.question.text.startswith("Who")]
    assert told[1]["right"]["value"] == sum(right) / len(right)
