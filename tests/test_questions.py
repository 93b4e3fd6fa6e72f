"""Question sets: every format, every fault with file, line and field, and nothing scored as zero in silence."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import BadInput
from qa.questions import QuestionSet, question_set, read_questions, resolve
from qa.questions.drafting import _answer_in, append_question, find_answers, write_lines
from qa.questions.golds import places
from qa.questions.records import QuestionFile

TOWER = "The tower was built in 1871.\r\nIts keeper 😀 was Ada Fenwick, who kept two goats.\nIn 1871 the goats\nwere old.\n"
DOCUMENTS = {"tower.txt": TOWER, "bees/honey.md": "The bees make honey from heather. The tower was built in 1871.\n"}
ADA = TOWER.index("Ada")


def write(folder: Path, name: str, *records: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(item if isinstance(item, str) else json.dumps(item) + "\n" for item in records).encode())
    return path


@contextmanager
def no_room(characters: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a full disk does."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (characters, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def question(identity: str = "q1", *answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": identity, "question": "Who kept the tower?", "answers": list(answers), **more}


def loaded(path: Path, **more: Any) -> QuestionSet:
    return question_set(read_questions(path), DOCUMENTS, **more)


def test_a_set_is_read_with_its_places_ids_and_extra_keys(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "set.jsonl",
        "\ufeff",
        question("q1", {"doc": "tower.txt", "start": ADA, "end": ADA + 11, "text": "Ada Fenwick"}, kind="who"),
        "\n",
        question("q2", about="tower.txt"),
    )
    first, second = loaded(path).questions
    assert (first.question.id, first.question.extra, first.answerable) == ("q1", {"kind": "who"}, True)
    assert [(gold.start, gold.end, gold.text) for gold in first.golds] == [(ADA, ADA + 11, "Ada Fenwick")]
    assert (second.question.place, second.answerable, second.golds) == (f"{path}:3", False, ())


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"text": "Ada Fenwick"}, "Ada Fenwick"),
        ({"text": "  Ada Fenwick\n"}, "Ada Fenwick"),
        ({"text": "the goats were old"}, "the goats\nwere old"),
        ({"start": ADA - 1, "end": ADA + 12}, "Ada Fenwick,"),
        ({"start": ADA - 1, "end": ADA + 11, "text": "Ada Fenwick "}, "Ada Fenwick"),
        ({"start": ADA, "text": "Ada"}, "Ada"),
    ],
)
def test_a_gold_is_the_documents_own_words_without_white_space_at_its_edges(
    tmp_path: Path, answer: dict[str, Any], text: str
) -> None:
    (judged,) = loaded(write(tmp_path, "set.jsonl", question("q1", {"doc": "tower.txt", **answer}))).questions
    (gold,) = judged.golds
    assert gold.text == text == TOWER[gold.start : gold.end]


def test_a_text_alone_is_found_at_its_first_whole_words(tmp_path: Path) -> None:
    assert places("in 18710 and 1871, then 1871", "1871") == [(13, 17), (24, 28)]
    (judged,) = loaded(write(tmp_path, "set.jsonl", question("q1", {"doc": "tower.txt", "text": "1871"}))).questions
    assert [gold.start for gold in judged.golds] == [TOWER.index("1871")]


def test_a_figure_is_not_found_inside_another(tmp_path: Path) -> None:
    documents = {
        "a.txt": "There are 13 pupils.",
        "b.txt": "In 2013 as in 1913.",
        "c.txt": "Of 13,000, or 13.5 per cent, 13, or 13.",
        "d.txt": "The 13\npupils.",
        "e.txt": "213 pupils",
    }
    path = write(tmp_path, "set.csv", "question,expected\nHow many?,13\nHow many are there?,13 pupils\n")
    many, pupils = question_set(read_questions(path), documents).questions
    assert [(gold.document, gold.start) for gold in many.golds] == [("a.txt", 10), ("c.txt", 29), ("c.txt", 36), ("d.txt", 4)]
    assert [gold.document for gold in pupils.golds] == ["a.txt", "d.txt"]
    assert [item["doc"] for item in find_answers(documents, "13", None, every=True)] == ["a.txt", "c.txt", "c.txt", "d.txt"]
    assert places("It cost £5,000. Later £5.", "£5") == [(22, 24)]
    assert [item["start"] for item in find_answers({"b.txt": "In 2013."}, "13", None, every=True)] == [5]  # as nothing else is


@given(st.text(max_size=80), st.data())
def test_what_was_cut_from_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    wanted = text[start : data.draw(st.integers(start, len(text)))]
    if wanted.strip():
        assert all(" ".join(text[first:last].split()) == " ".join(wanted.split()) for first, last in places(text, wanted))
        assert places(text, wanted)


FAULTS = {
    "no JSON": ("{", "set.jsonl:2: not JSON"),
    "no object": ([1], "set.jsonl:2: must be an object"),
    "no id": ({"question": "Who?", "answers": []}, "set.jsonl:2: id: missing"),
    "twice": (question("q0"), "set.jsonl:2: id: 'q0' is also in"),
    "empty question": ({"id": "a", "question": " ", "answers": []}, "set.jsonl:2: question: must be text"),
    "long question": ({"id": "a", "question": "x" * 10_001, "answers": []}, "set.jsonl:2: question: has 10,001"),
    "no answers": ({"id": "a", "question": "Who?"}, "set.jsonl:2: answers: missing"),
    "answers null": ({"id": "a", "question": "Who?", "answers": None}, "set.jsonl:2: answers: must be a list"),
    "answer a text": ({"id": "a", "question": "Who?", "answers": ["Ada"]}, "set.jsonl:2: answers[0]: must be an object"),
    "no doc": (question("a", {"text": "Ada"}), "set.jsonl:2: answers[0].doc: missing"),
    "not indexed": (question("a", {"doc": "moon.txt", "text": "Ada"}), "set.jsonl:2: answers[0].doc: 'moon.txt' is not in"),
    "not there": (question("a", {"doc": "tower.txt", "text": "Bob"}), "set.jsonl:2: answers[0].text: 'Bob' does not stand in"),
    "elsewhere": (
        question("a", {"doc": "tower.txt", "start": 0, "end": 3, "text": "Ada"}),
        "set.jsonl:2: answers[0].text: 'Ada' does not stand at 0",
    ),
    "second gold": (
        question("a", {"doc": "tower.txt", "text": "Ada"}, {"doc": "tower.txt", "text": "Bob"}),
        "set.jsonl:2: answers[1].text: 'Bob'",
    ),
    "past the end": (question("a", {"doc": "tower.txt", "start": 0, "end": 999}), "set.jsonl:2: answers[0].start: 0 to 999"),
    "backwards": (question("a", {"doc": "tower.txt", "start": 5, "end": 5}), "set.jsonl:2: answers[0].start: 5 to 5"),
    "negative": (question("a", {"doc": "tower.txt", "start": -9, "end": 5}), "set.jsonl:2: answers[0].start: -9 to 5"),
    "white space": (question("a", {"doc": "tower.txt", "start": 28, "end": 30}), "set.jsonl:2: answers[0].start: 28 to 30 of"),
    "a float": (question("a", {"doc": "tower.txt", "start": 0.5, "end": 5}), "set.jsonl:2: answers[0].start: must be a whole"),
    "true": (question("a", {"doc": "tower.txt", "start": True, "end": 5}), "set.jsonl:2: answers[0].start: must be a whole"),
    "no place": (question("a", {"doc": "tower.txt"}), "set.jsonl:2: answers[0].start: missing"),
    "no end": (question("a", {"doc": "tower.txt", "start": 3}), "set.jsonl:2: answers[0].end: missing"),
    "half accepted": ({**question("a"), "question": "Tower: when …?", "draft": False}, "set.jsonl:2: question: is accepted but"),
    "half a character": ('{"id": "a", "question": "Who \\ud83d?", "answers": []}', "set.jsonl:2: question: character 4 is half"),
    "odd draft": (question("a", draft="yes"), "set.jsonl:2: draft: must be true or false"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_names_file_line_and_field_in_one_line(tmp_path: Path, name: str) -> None:
    record, message = FAULTS[name]
    path = write(tmp_path, "set.jsonl", question("q0"), record)
    with pytest.raises(BadInput) as error:
        loaded(path)
    assert str(error.value).startswith(f"{tmp_path}/{message}")
    assert "\n" not in str(error.value)


def test_all_faults_are_counted_and_listed(tmp_path: Path) -> None:
    path = write(
        tmp_path, "set.jsonl", "{\n", question("a", {"doc": "moon.txt", "text": "x"}), question("b", {"doc": "no", "text": "x"})
    )
    file = read_questions(path)
    _, unresolved = resolve(file, DOCUMENTS)
    assert len(file.faults) == 1 and len(unresolved) == 2
    with pytest.raises(BadInput, match=r"not JSON"):
        question_set(file, DOCUMENTS)
    with pytest.raises(BadInput, match=r"moon.*\(and 1 more: qa questions check"):
        question_set(QuestionFile(file.path, file.questions), DOCUMENTS)


@pytest.mark.parametrize("content", ["", "\n\n", question("d1", draft=True)])
def test_a_set_without_questions_that_count_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(BadInput, match="holds no questions"):
        loaded(write(tmp_path, "set.jsonl", content))


def test_drafts_are_never_counted_but_said(tmp_path: Path) -> None:
    questions = loaded(write(tmp_path, "set.jsonl", question("q1"), question("d1", {"doc": "moon.txt", "text": "x"}, draft=True)))
    assert [item.question.id for item in questions.questions] == ["q1"]
    assert questions.notes == ("1 draft not counted",)


def test_a_limit_is_spread_evenly_and_said(tmp_path: Path) -> None:
    path = write(tmp_path, "set.jsonl", *(question(f"q{number}") for number in range(10)))
    questions = loaded(path, limit=4)
    assert [item.question.id for item in questions.questions] == ["q0", "q2", "q5", "q7"]
    assert questions.notes == ("6 questions not asked",)


def test_about_chooses_by_article_or_by_the_golds_documents(tmp_path: Path) -> None:
    honey = {"doc": "bees/honey.md", "text": "heather"}
    path = write(
        tmp_path, "set.jsonl", question("a", about="tower.txt"), question("b", honey), question("c", honey, about="tower.txt")
    )
    assert [item.question.id for item in loaded(path, about=["tower*"]).questions] == ["a", "c"]
    assert [item.question.id for item in loaded(path, about=["bees/*"]).questions] == ["b"]
    with pytest.raises(BadInput, match="none of its 3 questions matches --about"):
        loaded(path, about=["moon*"])


def test_csv_finds_its_texts_anywhere_and_counts_every_place(tmp_path: Path) -> None:
    path = write(
        tmp_path, "set.csv", 'Question,expected,doc\r\n"When, then?",1871,\r\nWho?,Ada,tower.txt\r\n\r\n"Why\nso?",,\r\n'
    )
    when, who, why = loaded(path).questions
    assert [gold.document for gold in when.golds] == ["tower.txt", "tower.txt", "bees/honey.md"]
    assert [gold.start for gold in who.golds] == [ADA]
    assert (why.answerable, why.question.text, why.question.place) == (False, "Why\nso?", f"{path}:5")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("question\nWho?\n", "set.csv:1: the first line must name the columns"),
        ("question,expected\nWho?,Bob\n", "set.csv:2: expected: 'Bob' stands in no indexed document"),
        ("question,expected\nWho, then?,Ada\n", "set.csv:2: has 3 fields"),
        ('question,expected\n"Who\n', "set.csv:2: not CSV"),
        ("question,expected\n,Ada\n", "set.csv:2: question: must be text"),
    ],
)
def test_faults_of_csv_name_file_and_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        loaded(write(tmp_path, "set.csv", content))
    assert str(error.value).startswith(f"{tmp_path}/{message}")


CONTEXT = " Its keeper 😀 was Ada Fenwick, who kept two goats. "


def squad(start: int = CONTEXT.index("Ada"), text: str = "Ada Fenwick", context: str = CONTEXT, **more: Any) -> dict[str, Any]:
    answers = [{"text": text, "answer_start": start}, {"text": text, "answer_start": start}]
    entry = {"id": "s1", "question": "Who?", "answers": answers, **more}
    nothing = {"id": "s2", "question": "Why?", "answers": [], "plausible_answers": answers, "is_impossible": True}
    return {"version": "v2.0", "data": [{"title": "tower", "paragraphs": [{"context": context, "qas": [entry, nothing]}]}]}


def test_squad_places_answers_through_their_paragraph_each_once(tmp_path: Path) -> None:
    who, why = loaded(write(tmp_path, "dev.json", json.dumps(squad(), indent=1))).questions
    assert [(gold.document, gold.start, gold.text) for gold in who.golds] == [("tower.txt", ADA, "Ada Fenwick")]
    assert (why.answerable, why.golds) == (False, ())


def test_squad_1_has_only_answerable_questions(tmp_path: Path) -> None:
    data = squad()
    del data["data"][0]["paragraphs"][0]["qas"][1]
    assert [item.answerable for item in loaded(write(tmp_path, "dev.json", data)).questions] == [True]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"version": 2}, "dev.json:1: data: missing"),
        (squad(start=3), "data[0].paragraphs[0].qas[0].answers[0].text: 'Ada Fenwick' does not stand at 3"),
        (squad(context="The moon was Ada Fenwick."), "answers[0].start: 18 to 29 is no stretch of the context"),
        (squad(context="The moon. was Ada Fenwick", start=14), "answers[0]: its context stands in no indexed document"),
        (squad(answers=[{"text": "Ada"}]), "answers[0].answer_start: missing"),
        (squad(answers=None), "qas[0].answers: missing"),
        (squad(question=""), "question: must be text"),
        ({"data": [{"title": "tower"}]}, "data[0].paragraphs: missing"),
    ],
)
def test_faults_of_squad_name_the_field(tmp_path: Path, data: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as error:
        loaded(write(tmp_path, "dev.json", data))
    assert message in str(error.value) and str(error.value).startswith(f"{tmp_path}/dev.json:")


def test_a_fault_of_squad_names_the_line_of_its_question(tmp_path: Path) -> None:
    path = write(tmp_path, "dev.json", json.dumps(squad(start=3), indent=1))
    line = next(number for number, text in enumerate(path.read_text().split("\n"), start=1) if '"s1"' in text)
    with pytest.raises(BadInput, match=rf"dev\.json:{line}: data"):
        loaded(path)


BEIR = {"queries.jsonl": '{"_id": "1", "text": "Who?"}\n{"_id": "2", "text": "Why?"}\n{"_id": "3", "text": "When?"}\n'}


def beir(folder: Path, qrels: str, name: str = "qrels/test.tsv") -> Path:
    for path, content in {**BEIR, name: qrels}.items():
        write(folder, path, content)
    return folder


def test_beir_judges_documents_by_bare_ids_with_their_grades(tmp_path: Path) -> None:
    folder = beir(tmp_path, "query-id\tcorpus-id\tscore\n1\ttower\t2\n1\thoney\t1\n2\ttower\t0\n")
    questions = loaded(folder)
    first, second = questions.questions
    assert [(gold.document, gold.grade, gold.whole) for gold in first.golds] == [
        ("tower.txt", 2, True),
        ("bees/honey.md", 1, True),
    ]
    assert (second.golds, second.answerable) == ((), True)  # judged, so it counts, with 0
    assert questions.notes == ("1 question without judgements not counted",)


def test_a_judged_document_that_is_not_indexed_is_said_and_refused_where_none_is(tmp_path: Path) -> None:
    questions = loaded(beir(tmp_path, "1\ttower\t1\n1\tmoon\t1\n"))
    assert questions.notes[-1] == "1 judged document not in the index, counted as not found (moon)"
    with pytest.raises(BadInput, match="none of its 2 judged documents is in the index"):
        loaded(beir(tmp_path, "1\tmoon\t1\n2\tsun\t1\n"))


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("1\ttower\tmuch\n", r"test.tsv:1: grade: 'much' is no whole number"),
        ("1\ttower\t--1\n", r"test.tsv:1: grade: '--1' is no whole number"),
        ("1\ttower\t" + "9" * 5000, r"test.tsv:1: grade: '9+…' is no whole number"),
        ("1\ttower\n", r"test.tsv:1: has 2 fields"),
        ("9\ttower\t1\n", r"test.tsv:1: query: '9' is not in"),
        ("1\ttower\t1\n1\ttower\t0\n", r"test.tsv:2: document: 'tower' is judged"),
    ],
)
def test_faults_of_judgements_name_file_and_line(tmp_path: Path, qrels: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        loaded(beir(tmp_path, qrels))


def test_several_splits_must_be_named_unless_one_is_the_test(tmp_path: Path) -> None:
    beir(tmp_path, "1\ttower\t1\n", "qrels/dev.tsv")
    beir(tmp_path, "2\ttower\t1\n", "qrels/train.tsv")
    with pytest.raises(BadInput, match=r"dev\.tsv, train\.tsv"):
        loaded(tmp_path)
    assert [item.question.id for item in loaded(tmp_path / "qrels" / "dev.tsv").questions] == ["1"]


def test_trec_judgements_take_their_queries_from_beside_or_from_a_named_file(tmp_path: Path) -> None:
    qrels = write(tmp_path, "qrels.txt", "7 0 tower.txt 1\n7 0 bees/honey.md 0\n")
    with pytest.raises(BadInput, match=r"queries\.tsv does not exist"):
        read_questions(qrels)
    other = write(tmp_path, "topics.tsv", "7\tWho kept it?\n")
    assert [item.text for item in read_questions(qrels, other).questions] == ["Who kept it?"]
    other.rename(tmp_path / "queries.tsv")
    (judged,) = loaded(tmp_path).questions
    assert [gold.document for gold in judged.golds] == ["tower.txt"]


@pytest.mark.parametrize("name", ["missing.jsonl", "folder"])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match=name):
        read_questions(tmp_path / name)


def test_text_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_bytes(b'{"id": "\xff"}')
    with pytest.raises(BadInput, match=r"set\.jsonl: not UTF-8"):
        read_questions(tmp_path / "set.jsonl")


def test_places_of_an_expected_text_are_numbered_by_lines_that_end_as_citations_count_them() -> None:
    documents = {"old.txt": "One\rtwo\r\nlamp\nlamp"}
    with pytest.raises(BadInput, match=r"stands in 2 places \(old\.txt:3, old\.txt:4\)"):
        find_answers(documents, "lamp", None, every=False)


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("The whole of the new bridge cost £4.2m to build and to paint.", "£4.2m"),
        ("The new road is 3.5km long and runs along the eastern shore.", "3.5km"),
        ("The school was opened on March 12, 2020 by the mayor of Dunmore.", "March 12, 2020"),
        ("The school was opened on 12 March 2020 by the mayor of Dunmore.", "12 March 2020"),
        ("The roof of the old school cost £2000 when it was mended again.", "£2000"),
        ("It was the 12th school of its kind and the town then had 2,000.5 acres.", "2,000.5"),
    ],
)
def test_what_is_drafted_is_a_whole_figure_or_date(sentence: str, answer: str) -> None:
    found = _answer_in(sentence)
    assert found is not None and sentence[found[1] : found[2]] == answer


@pytest.mark.skipif(os.name == "nt", reason="no limits on files there")
def test_what_cannot_be_added_whole_is_not_added_at_all(tmp_path: Path) -> None:
    path = write(tmp_path, "set.jsonl", question("q1"))
    before = path.read_bytes()
    with no_room(len(before) + 20), pytest.raises(BadInput, match=r"set\.jsonl: cannot be written"):
        append_question(path, "Why?", [])
    assert path.read_bytes() == before
    with no_room(20), pytest.raises(BadInput, match=r"new\.jsonl: cannot be written"):
        write_lines(tmp_path / "new.jsonl", [question("q1")])
    assert not (tmp_path / "new.jsonl").exists()
