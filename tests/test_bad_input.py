"""Whatever is typed or handed over gives a sound result or one clear line: no traceback, no hang.

`QA_EXAMPLES=2500 python -m pytest tests/test_bad_input.py` tries more than 10,000 inputs; without it about 300.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qa import Engine
from qa.errors import BadInput
from qa.formats.parsed import Unreadable
from qa.loaders import load
from qa.questions.files import read_questions
from qa.questions.golds import resolve
from qa.store import Store
from qa.verification import CHANGED, MISSING, MOVED, OK, verify
from tests.conftest import PIECES, hostile_texts
from tests.indexes import CORPUS, FERRY, QUESTIONS, copy_index, make_index, qa_here, write_files

EXAMPLES = int(os.environ.get("QA_EXAMPLES", "60"))
hostile = settings(
    derandomize="QA_EXAMPLES" not in os.environ,  # the short form is the same each time
    max_examples=EXAMPLES,
    deadline=20_000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

HALVES = ("\udcff", "a\udc80b", "\ud83d")
"""Bytes on a command line that are not UTF-8, and halves of characters in JSON."""

texts = st.one_of(st.text(max_size=40), st.sampled_from(PIECES), st.sampled_from(HALVES), hostile_texts)
asked = st.one_of(
    texts, st.lists(st.sampled_from([*QUESTIONS, "harbour", '"', "ferry", "-", "?", *HALVES]), max_size=6).map(" ".join)
)
globs = st.one_of(
    st.none(), st.lists(st.sampled_from(["*", "**", "**/", "?", "[", "]", "[*]", "a", "/", ".md", "\n"])).map("".join)
)
dates = st.one_of(st.none(), st.from_regex(r"\A\d{1,5}(-\d{1,2}){0,2}\Z"), texts)
counts = st.one_of(st.integers(-3, 12), st.sampled_from([10**9, 10**30]))

jsons: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_index(tmp_path_factory.getbasetemp() / "made")
    return copy_index(made, tmp_path_factory.mktemp("bad input"))


@pytest.fixture(scope="module")
def engine(index: Path) -> Iterator[Engine]:
    with Engine.open(index) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def one_line(message: str) -> bool:
    return message.isprintable()


@hostile
@given(asked, counts, globs, dates, dates)
@example("Who?", 5, "*a" * 40 + "*x", None, None)
@example("Who?", 5, "**" * 40 + "x", None, None)
@example("\udcff", 5, None, None, None)
def test_any_question_is_answered_soundly_and_the_same_again_or_refused_in_one_line(
    engine: Engine, question: str, k: int, source: str | None, since: str | None, until: str | None
) -> None:
    told = []
    for _ in range(2):
        try:
            told.append(engine.ask(question, k, source, since, until).to_dict())
            hits = [hit.to_dict() for hit in engine.search(question, k, source, since, until)]
        except BadInput as error:
            assert "; " in str(error), error
            assert one_line(str(error))
            return
        del told[-1]["took_ms"]
        told[-1]["hits"] = hits
    assert json.dumps(told[0]) == json.dumps(told[1])
    for cited in told[0]["citations"] + told[0]["nearest"] + hits:
        text = CORPUS[cited["document"]]
        assert text[cited["start"] : cited["end"]] == cited["quote"] != ""
        assert all(cited["start"] <= span["start"] < span["end"] <= cited["end"] for span in cited["highlights"])
    assert len(told[0]["citations"]) <= k
    assert told[0]["answered"] == bool(told[0]["citations"]) == (told[0]["confidence"] >= told[0]["threshold"])


values = st.one_of(
    texts,
    st.sampled_from(
        [
            "!!python/object/apply:os.system [x]", "&a [*a]", "*missing", "{", "[1, 2", "2013-02-30", "0x1F", "1e999", "true",
            "~", "|", ">-", "? a", "!!binary x", "<<: *x", "9" * 5000, "{source: {title: [1]}}",
        ]
    ),
)  # fmt: skip
keys = st.one_of(st.sampled_from(["title", "publisher", "author", "date", "url", "retold", "source", "language", "<<"]), texts)
matters = st.lists(st.tuples(keys, values).map(lambda pair: f"{pair[0]}: {pair[1]}\n"), max_size=6).map("".join)


@hostile
@given(matters, hostile_texts, st.sampled_from(["\n", "\r\n"]))
@example("date: 0000-00-00\n", "x", "\n")
@example("9" * 5000 + ": 1\ntitle: " + "9" * 5000 + "\n", "x", "\n")
def test_any_front_matter_gives_the_very_text_and_fields_that_are_words(folder: Path, matter: str, text: str, end: str) -> None:
    whole = f"---\n{matter}---\n{text}".replace("\n", end)
    content = whole.encode("utf-8", "surrogatepass")
    (folder / "a.md").write_bytes(content)
    try:
        document = load(folder, "a.md")
    except Unreadable as error:
        assert one_line(str(error))
        return
    if document.encoding == "utf-8":
        assert document.text == content.decode().removeprefix("\ufeff")
    assert document.title and "\n" not in document.title
    for field in (document.publisher, document.author, document.url, document.language, document.date):
        assert field is None or (isinstance(field, str) and "\n" not in field)
    assert all(document.body <= heading.start < heading.end <= len(document.text) for heading in document.headings)


OPTIONS = {
    "ask": ["--k", "--explain", "--source", "--since", "--until", "--after", "--json", "--index", "--no-such"],
    "search": ["--k", "--source", "--since", "--until", "--json", "--index"],
    "show": ["--at", "--json", "--index"],
    "verify": ["--json", "--index"],
    "doctor": ["--coverage", "--json", "--index"],
}
argument = st.one_of(
    st.sampled_from(
        ["-1", "0", "3", "9" * 30, "nan", "", "--", "none", "2013", "ferry.txt", FERRY, "/", "\n", "\x1b[2J", "a" * 5000]
    ),
    texts,
).map(lambda value: value.replace("\0", "").replace("\ud83d", "\udcff"))  # no system hands over the two that are replaced


@hostile
@given(st.data())
def test_any_arguments_end_with_a_result_or_one_line(
    index: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    monkeypatch.chdir(folder)  # or an index would be built from ./corpus wherever --index says
    command = data.draw(st.sampled_from(sorted(OPTIONS)))
    options = st.one_of(st.tuples(st.sampled_from(OPTIONS[command]), argument), st.tuples(argument))
    given_ = [value for option in data.draw(st.lists(options, max_size=3)) for value in option]
    if "-" in given_:
        return  # it would read what pytest stands on
    if "--index" not in given_:
        given_ += ["--index", str(index)]
    done = qa_here(command, *given_)
    assert done.returncode in (0, 1, 2)
    assert "Traceback" not in done.stderr
    if done.returncode == 2:
        assert done.stdout == ""
        assert done.stderr.startswith(("qa: ", "Usage: "))
        if done.stderr.startswith("qa: "):
            assert one_line(done.stderr.removesuffix("\n")), done.stderr


offsets = st.one_of(st.integers(-2, 99), jsons)
golds = st.fixed_dictionaries(
    {}, optional={"doc": st.sampled_from([*CORPUS, "x"]), "start": offsets, "end": offsets, "text": texts}
)
questions = st.one_of(
    jsons.map(json.dumps),
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.one_of(texts, jsons),
            "question": st.one_of(texts, jsons),
            "answers": st.one_of(jsons, st.lists(golds, max_size=3)),
            "draft": jsons,
            "about": jsons,
        },
    ).map(json.dumps),
    texts,
)  # fmt: skip
QUESTION_FILES = ("a.jsonl", "a.json", "a.csv", "a.qrels")


@hostile
@given(st.sampled_from(QUESTION_FILES), st.lists(questions, max_size=4).map("\n".join))
@example("a.json", "[" * 100_000)
@example("a.jsonl", "[" * 100_000)
@example("a.csv", 'question,expected\n"' + "x" * 200_000)
def test_any_question_set_is_read_or_its_faults_are_named_a_line_each(folder: Path, name: str, content: str) -> None:
    (folder / name).write_bytes(content.encode("utf-8", "surrogatepass"))
    try:
        found = read_questions(folder / name)
        resolved, faults = resolve(found, CORPUS)
    except BadInput as error:
        assert str(folder) in str(error)
        assert "Traceback" not in str(error)
        return
    assert all(str(folder) in fault for fault in found.faults)
    for judged in resolved:
        for gold in judged.golds:
            assert gold.whole or CORPUS[gold.document][gold.start : gold.end].strip()
    assert all(isinstance(fault, str) for fault in faults)


quotes = st.one_of(st.sampled_from([*CORPUS.values(), "ten", "The", ""]), texts)
citations = st.fixed_dictionaries(
    {
        "document": st.one_of(st.sampled_from([*CORPUS, "gone.md"]), texts),
        "start": st.one_of(st.integers(-5, 300), st.sampled_from([10**30])),
        "end": st.one_of(st.integers(-5, 300), st.sampled_from([10**30])),
        "quote": quotes,
    }
)


def true_citation(place: tuple[str, int, int]) -> dict[str, Any]:
    """Return a citation that stands: a document, where it begins, and how long it is at most."""
    document, start, length = place
    quote = CORPUS[document][start : start + length]
    return {"document": document, "start": start, "end": start + len(quote), "quote": quote}


true_citations = st.tuples(st.sampled_from(sorted(CORPUS)), st.integers(0, 60), st.integers(1, 60)).map(true_citation)
saved = st.one_of(
    jsons.map(json.dumps),
    st.fixed_dictionaries(
        {"citations": st.lists(st.one_of(citations, true_citations, jsons), max_size=3)},
        optional={"question": jsons, "nearest": st.one_of(jsons, st.lists(st.one_of(citations, true_citations), max_size=2))},
    ).map(json.dumps),
    st.lists(true_citations, min_size=1, max_size=4).map(lambda some: json.dumps({"citations": some})),
    texts,
)


@pytest.fixture(scope="module")
def store(index: Path) -> Iterator[Store]:
    opened = Store.open(index)
    yield opened
    opened.close()


@hostile
@given(st.lists(saved, max_size=3).map("\n".join))
@example("[" * 100_000)
@example('{"citations": [], "nearest": 5}')
@example('{"citations": [], "nearest": {"a": 1}}')
def test_any_saved_answers_are_proved_or_refused_in_one_line(folder: Path, store: Store, content: str) -> None:
    path = write_files(folder, {"saved.json": content.encode("utf-8", "surrogatepass")}) / "saved.json"
    try:
        verdicts = verify(store, path)
    except BadInput as error:
        assert str(error).startswith(str(path))
        assert one_line(str(error))
        return
    for verdict in verdicts:
        text = CORPUS.get(verdict.document)
        stands = text is not None and verdict.quote != "" and text[verdict.start : verdict.end] == verdict.quote
        assert stands == (verdict.state in (OK, MOVED))
        if verdict.state in (CHANGED, MISSING):
            assert verdict.quote == "" or all(verdict.quote not in text for text in CORPUS.values())
