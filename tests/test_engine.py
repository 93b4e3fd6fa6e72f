"""What every face relies on: contracts 3 to 7 of an answer, an abstention and a hit."""

import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qa
from qa import Engine, build_index
from qa.answer import Abstention, Answer, Citation
from qa.errors import BadInput, DamagedIndex

NOTES = (
    "---\ntitle: Notes on the harbour\nretold: true\n"
    "source: {title: Harbour report, publisher: Port Office, date: 1907-05}\n---\n"
    "# The harbour\n\nThe harbour wall was built of granite in 1907. 😀 Boats of the pilots lie inside.\n\n"
    "## Lighthouse\n\n- The lighthouse burned oil.\n- Ada Voss keeps the lighthouse of the harbour.\n"
)
MILL = "The mill ground barley for the town. Its wheel turned in the river Elde for 168 years.\r\n\r\nIt closed in 1990."
DOCUMENTS = {
    "harbour.md": NOTES,
    "mill.txt": MILL,
    "old/mill.txt": MILL.replace("168 years", "168  years"),
    "school.txt": "The school had forty pupils.",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("engine")
    for name, text in DOCUMENTS.items():
        path = root / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    build_index(root / "documents", root / "index")
    return root


@pytest.fixture(scope="module")
def engine(root: Path) -> Iterator[Engine]:
    with Engine.open(root / "index") as opened:
        yield opened


def assert_sound(citations: tuple[Citation, ...] | list[Citation]) -> None:
    assert [citation.rank for citation in citations] == list(range(1, len(citations) + 1))
    for citation in citations:
        text = DOCUMENTS[citation.document]
        assert text[citation.start : citation.end] == citation.quote != ""
        assert citation.quote == citation.quote.strip()
        for span in citation.highlights:
            assert citation.start <= span.start < span.end <= citation.end
            assert span.end - span.start <= 300
        for words in citation.answer:
            assert any(span.start <= words.start < words.end <= span.end for span in citation.highlights)
        first = citation.highlights[0].start if citation.highlights else citation.start
        assert citation.line == text[:first].replace("\r\n", "\n").count("\n") + 1
        for copy in citation.also_in:
            assert DOCUMENTS[copy.document][copy.start : copy.end].split() == citation.quote.split()


def test_an_answer_is_the_documents_words_at_their_place(engine: Engine) -> None:
    answer = engine.ask("Who keeps the lighthouse of the harbour?")
    assert isinstance(answer, Answer)
    assert_sound(answer.citations)
    first = answer.citations[0]
    assert NOTES[first.highlights[0].start : first.highlights[0].end] == "Ada Voss keeps the lighthouse of the harbour."
    assert (
        " … ".join(DOCUMENTS[answer.citations[span.citation - 1].document][span.start : span.end] for span in answer.spans)
        == answer.text
    )
    assert (first.document, first.line, first.heading) == ("harbour.md", 13, ("The harbour", "Lighthouse"))
    assert first.retold
    assert first.source is not None
    assert (first.source.title, first.source.publisher, first.source.date) == ("Harbour report", "Port Office", "1907-05")


def test_answered_means_the_first_citation_reaches_the_threshold(engine: Engine) -> None:
    for question in (
        "Of what was the harbour wall built?",
        "What is the boiling point of mercury?",
        "mill",
        "When did the mill close?",
    ):
        result = engine.ask(question)
        assert result.confidence == result.passages[0].confidence
        assert result.answered is (result.confidence >= result.threshold)
        assert_sound(result.passages)


@pytest.mark.parametrize("reader", ["shipped", "none"])
def test_citations_come_in_the_order_of_the_confidence_shown(root: Path, reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Here the least alike is the surest, so that no other order will do.
    monkeypatch.setattr("qa.engine.probability", lambda _, described: round((1 - described["cosine"]) / 2, 4))
    with Engine.open(root / "index", reader=reader) as engine:
        shown = [citation.confidence for citation in engine.ask("When did the mill close?", k=3).passages]
        assert len(shown) == 3
        assert shown == sorted(shown, reverse=True)
        assert [citation.confidence for citation in engine.ask("When did the mill close?", k=1).passages] == shown[:1]


def test_what_the_documents_do_not_say_is_not_answered(engine: Engine) -> None:
    result = engine.ask("Which enzyme digests lactose in mammals?")
    assert isinstance(result, Abstention)
    assert result.reason == "below threshold"
    assert result.unknown_words == ("enzyme", "digests", "lactose", "mammals")
    assert (result.searched.documents, result.searched.excluded) == (4, 0)
    assert len(result.nearest) >= 1


@pytest.mark.parametrize("question", ["", "   ", "why is it so", "😀😀", "?!…", "\0"])
def test_a_question_without_words_is_an_abstention_that_says_so(engine: Engine, question: str) -> None:
    result = engine.ask(question)
    assert isinstance(result, Abstention)
    assert (result.reason, result.confidence, result.nearest) == ("no words to search for", 0.0, ())


def test_a_question_is_bad_input_only_from_ten_thousand_and_one_characters(engine: Engine) -> None:
    assert engine.ask("harbour " * 1250).question == "harbour " * 1250
    with pytest.raises(BadInput, match="the question has 10,001 characters; ask one of at most 10,000"):
        engine.ask("a" * 10_001)
    with pytest.raises(BadInput, match="k is 0; ask for at least 1 passage"):
        engine.ask("harbour", k=0)


@pytest.mark.parametrize("half", ["\udcff", "Who keeps \ud83d?"])
def test_a_question_that_is_no_utf_8_is_bad_input(engine: Engine, half: str) -> None:
    for ask in (engine.ask, engine.search):
        with pytest.raises(BadInput, match=r"^the question holds bytes that are not UTF-8; "):
            ask(half)


def test_copies_are_folded_into_the_first_and_named(engine: Engine) -> None:
    answer = engine.ask("What did the mill grind for the town?")
    holders = [citation for citation in answer.passages if "barley" in citation.quote]
    assert len(holders) == 1
    assert {holders[0].document, *(copy.document for copy in holders[0].also_in)} == {"mill.txt", "old/mill.txt"}
    hits = engine.search("mill barley")
    assert sum("barley" in hit.quote for hit in hits) == 1


def test_words_of_titles_and_headings_occur_somewhere(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Fostering in Kestrel\n\n## Respite allowance\n\nIt is 121 pounds a week.\n")
    build_index(tmp_path / "docs", tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        assert engine.ask("What is the respite allowance in Kestrel for dragons?").unknown_words == ("dragons",)


def test_passages_that_differ_in_one_figure_are_no_copies(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    before = "The council's account of fostering says how carers are found, trained and paid. " * 4
    texts = {year: f"{before}At the end of {year} there were {carers} carers.\n" for year, carers in ((2013, 168), (2014, 155))}
    for year, text in texts.items():
        (docs / f"account-{year}.md").write_text(text, encoding="utf-8")
    (docs / "reset.md").write_text(texts[2014].replace(" carers are", "\ncarers are").replace("'", "’"), encoding="utf-8")
    build_index(docs, tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        assert len(engine.search("carers", k=10)) == 2
        for year, carers, places in (
            (2013, 168, {"account-2013.md"}),
            (2014, 155, {"account-2014.md", "reset.md"}),
        ):
            first = engine.ask(f"How many carers were there at the end of {year}?").passages[0]
            assert {first.document, *(copy.document for copy in first.also_in)} == places
            assert f"{carers} carers" in first.quote


def test_of_yearly_reports_that_name_no_year_the_one_of_the_year_asked_for_comes_first(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, date, text in (
        ("a.md", "2021-05-02", "The board dealt with 298 complaints about noise in the winter."),
        ("b.md", "2022-05-02", "The board dealt with 311 complaints about noise over the year."),
        ("c.md", "2023-05-02", "The board dealt with 340 complaints about noise again."),
    ):
        matter = f"---\ntitle: Complaints to the harbour board\ndate: {date}\n---\n"
        (docs / name).write_text(f"{matter}# Complaints\n\n{text} Most of them came from Holm Street.\n")
    build_index(docs, tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        for name, year in (("a.md", 2021), ("b.md", 2022), ("c.md", 2023)):
            result = engine.ask(f"How many complaints about noise were there in {year}?")
            assert (result.answered, result.passages[0].document) == (True, name)
        assert not engine.ask("How many complaints about noise were there in 2019?").answered


def test_a_loss_is_no_copy_of_a_gain(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name, figure in (("a.txt", "1,200"), ("b.txt", "(1,200)"), ("c.txt", "1,200,")):
        (tmp_path / "docs" / name).write_text(f"The result of the mill was {figure} pounds.")
    build_index(tmp_path / "docs", tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        hits = engine.search("result of the mill")
    assert [len(hit.also_in) for hit in sorted(hits, key=lambda hit: len(hit.also_in))] == [0, 1]


def test_k_bounds_citations_and_hits(engine: Engine) -> None:
    assert [len(engine.ask("harbour wall", k=k).passages) for k in (1, 2, 3)] == [1, 2, 3]
    assert len(engine.search("harbour", k=1)) == 1


def test_a_filter_with_nothing_in_it_finds_nothing_and_counts_what_it_left_out(engine: Engine) -> None:
    result = engine.ask("Of what was the harbour wall built?", since="2020")
    assert isinstance(result, Abstention)
    assert (result.reason, result.searched.documents, result.searched.excluded) == ("nothing found", 0, 4)
    assert result.searched.filters == {"since": "2020"}


def test_a_filter_limits_citations_to_the_documents_it_names(engine: Engine) -> None:
    result = engine.ask("What did the mill grind?", source="old/**")
    assert {citation.document for citation in result.passages} == {"old/mill.txt"}
    assert result.searched.filters == {"source": ["old/**"]}


def test_search_is_in_the_retrievers_own_order_without_confidence(engine: Engine) -> None:
    hits = engine.search("granite harbour wall", k=10)
    assert [hit.scores.fused for hit in hits] == sorted((hit.scores.fused for hit in hits), reverse=True)
    assert all(hit.confidence is None and hit.highlights == () for hit in hits)
    assert_sound(hits)
    assert engine.search("why is it so") == []


def test_the_json_has_every_field_of_the_interface(engine: Engine) -> None:
    described = json.loads(json.dumps(engine.ask("Who keeps the lighthouse of the harbour?").to_dict()))
    assert list(described) == [
        "schema", "question", "answered", "confidence", "threshold", "answer", "citations", "searched", "reason", "unknown_words",
        "nearest", "took_ms",
    ]  # fmt: skip
    assert list(described["citations"][0]) == [
        "rank", "document", "title", "publisher", "author", "date", "url", "retold", "source", "page", "line", "heading", "start",
        "end", "quote", "highlights", "confidence", "scores", "sha256", "also_in", "locator", "boxes", "recognised",
    ]  # fmt: skip
    assert list(described["searched"]) == ["documents", "passages", "excluded", "filters", "generation"]
    refused = engine.ask("Which enzyme digests lactose?").to_dict()
    assert list(refused) == list(described)
    assert (refused["answer"], refused["citations"], refused["reason"]) == (None, [], "below threshold")


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_question_gives_sound_citations_and_the_same_bytes_again(engine: Engine, question: str) -> None:
    first, again = engine.ask(question).to_dict(), engine.ask(question).to_dict()
    first.pop("took_ms"), again.pop("took_ms")
    assert json.dumps(first) == json.dumps(again)
    assert_sound(engine.ask(question).passages)


def test_ask_many_answers_in_order(engine: Engine) -> None:
    questions = ["Who keeps the lighthouse?", "", "When did the mill close?"]
    assert [result.question for result in engine.ask_many(questions)] == questions


def test_without_the_reader_the_answer_is_the_whole_sentence(root: Path) -> None:
    with Engine.open(root / "index", reader="none") as plain:
        answer = plain.ask("Who keeps the lighthouse of the harbour?")
    assert isinstance(answer, Answer)
    assert answer.text == "Ada Voss keeps the lighthouse of the harbour."


def test_a_refresh_never_takes_the_generation_from_a_question_under_way(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/mill.txt").write_text("The mill closed in 1990.", encoding="utf-8")
    build_index(tmp_path / "documents", tmp_path / "index")
    with Engine.open(tmp_path / "index") as opened:
        done = threading.Event()

        def ask_on() -> int:
            asked = 0
            while not done.is_set():
                assert "1990" in opened.ask("When did the mill close?").passages[0].quote
                asked += 1
            return asked

        with ThreadPoolExecutor(3) as pool:
            askers = [pool.submit(ask_on) for _ in range(3)]
            for number in range(8):
                (tmp_path / "documents/mill.txt").write_text(f"The mill closed in 1990. Note {number}.", encoding="utf-8")
                build_index(tmp_path / "documents", tmp_path / "index")
                assert opened.refresh()
            done.set()
            assert min(asker.result() for asker in askers) > 0
        assert len(list((tmp_path / "index/generations").iterdir())) == 2


def test_a_calibration_fitted_for_another_model_is_left_aside(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "index", tmp_path / "index")
    with Engine.open(tmp_path / "index") as opened:
        manifest, threshold, reader = opened.store.manifest, opened.threshold, opened.reader
    weights = json.loads((Path(qa.__file__).parent / "confidence.json").read_text())["weights"]
    fitted_for = {"fingerprint": manifest.model["fingerprint"], "settings": dict(manifest.settings), "reader": reader}
    own = {"weights": weights, "intercept": 0.0, "threshold": 0.77} | fitted_for
    path = tmp_path / "index/calibration.json"
    for changed, expected in (({}, 0.77), ({"fingerprint": "another"}, threshold), ({"reader": "none"}, threshold)):
        path.write_text(json.dumps(own | changed), encoding="utf-8")
        with Engine.open(tmp_path / "index") as opened:
            assert opened.threshold == expected
    del weights["another year"]  # as one was that was fitted before this was looked at
    path.write_text(json.dumps(own), encoding="utf-8")
    with Engine.open(tmp_path / "index") as opened:
        assert opened.threshold == threshold


@pytest.mark.parametrize("threshold", ["{", b"\xff", "1" + "0" * 400, "NaN", "[" * 100_000])
def test_a_calibration_that_cannot_be_understood_is_refused(root: Path, tmp_path: Path, threshold: str | bytes) -> None:
    shutil.copytree(root / "index", tmp_path / "index")
    with Engine.open(tmp_path / "index") as opened:
        manifest, reader = opened.store.manifest, opened.reader
    own = json.loads((Path(qa.__file__).parent / "confidence.json").read_text()) | {
        "fingerprint": manifest.model["fingerprint"],
        "settings": dict(manifest.settings),
        "reader": reader,
        "threshold": "HERE",
    }
    before, after = json.dumps(own).encode().split(b'"HERE"')
    told = threshold if isinstance(threshold, bytes) else threshold.encode()
    (tmp_path / "index/calibration.json").write_bytes(before + told + after)
    with pytest.raises(DamagedIndex, match=r"calibration\.json: cannot be understood; run: qa calibrate --undo"):
        Engine.open(tmp_path / "index")


def test_a_list_is_answered_by_all_its_items_each_at_its_place(tmp_path: Path) -> None:
    text = "# Plan\n\nThe harbour board met in May. The harbour board set these aims for the year:\n\n" + (
        "- Mend the sluice before winter.\n- Pay the miller what he is owed.\n- Sell the old barge.\n\nNobody objected.\n"
    )
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/plan.md").write_text(text, encoding="utf-8")
    build_index(tmp_path / "documents", tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        answer = engine.ask("What aims did the harbour board set for the year?")
    assert isinstance(answer, Answer)
    items = ("Mend the sluice before winter.", "Pay the miller what he is owed.", "Sell the old barge.")
    assert answer.pieces == items
    assert answer.text == " … ".join(items)
    assert tuple(text[span.start : span.end] for span in answer.spans) == items
    first = answer.citations[0]
    assert [text[span.start : span.end] for span in first.highlights] == [
        items[0], "The harbour board set these aims for the year:", *items[1:]
    ]  # fmt: skip
    assert first.line == 5


HARBOUR = (
    "# Harbour\n\n## Plan\n\nThe harbour board set these aims for the year:\n\n"
    + "".join(f"- {verb} {'the old stone sluice by the mill before the winter of next year ' * 2}ends.\n\n" for verb in "ABCDE")
    + "{end}\n\n## Money\n\n- Nobody knows what the aims of the harbour board cost in the year.\n"
)
"""A list over several passages, an end to it, and an item that is another section's."""


def test_a_list_over_several_passages_is_given_whole_and_quoted_once(tmp_path: Path) -> None:
    text = HARBOUR.format(end="Nobody objected to any aim of the harbour board.")
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "plan.md").write_text(text, encoding="utf-8")
    (documents / "same.md").write_text(text.replace("# Harbour\n\n", "# Copy\n\nForeword.\n\n"), encoding="utf-8")
    # It shares passages with the list, and not all of it.
    (documents / "other.md").write_text(text.replace("- E the", "- F the"), encoding="utf-8")
    build_index(documents, tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        answer = engine.ask("What aims did the harbour board set for the year?")
        passages = [stored.passage for stored in engine.store.verified(range(engine.store.passages))]
    assert isinstance(answer, Answer)
    assert [piece[0] for piece in answer.pieces] == list("ABCDE") or [piece[0] for piece in answer.pieces] == list("ABCDF")
    first = answer.citations[0]
    own = (documents / first.document).read_text(encoding="utf-8")
    assert first.quote == own[first.start : first.end]
    assert first.quote.startswith("The harbour board set these aims") and first.quote.endswith("ends.")
    assert not any(passage.start <= first.start and first.end <= passage.end for passage in passages), "one passage holds it"
    assert all(first.start <= span.start < span.end <= first.end for span in first.highlights)
    assert own.split("\n")[first.line - 1].startswith("- A")
    assert {place.document for place in first.also_in} == {"plan.md": {"same.md"}, "same.md": {"plan.md"}}.get(
        first.document, set()
    )
    for number, citation in enumerate(answer.citations):
        assert citation.rank == number + 1
        assert not any(
            other.document == citation.document and other.start <= span.start and span.end <= other.end
            for other in answer.citations[:number]
            for span in citation.highlights
        ), "cited twice"


def test_a_list_that_does_not_end_near_is_not_given_in_part(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    long = HARBOUR.replace("{end}", "- Z more of the old stone sluice by the mill before the winter of next year.\n\n" * 100)
    (tmp_path / "documents/plan.md").write_text(long, encoding="utf-8")
    build_index(tmp_path / "documents", tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        first = engine.ask("What aims did the harbour board set for the year?").passages[0]
    assert len(first.highlights) == 1
