"""Ranking is checked against arithmetic written out here, over every passage of a small index."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import build_index
from qa.errors import BadInput
from qa.globs import escaped
from qa.retriever import Filters, Scope, date_bounds, parse_query, rank, scope
from qa.store import Store

DOCUMENTS = {
    "a/harbour.md": "---\ndate: 2013\n---\n# Harbour\n\nThe harbour wall was built of granite. Pilots lie inside.\n\n"
    "## Light\n\nThe lighthouse burned oil until gas came. Its keeper climbed 168 steps every evening.",
    "a/mill.md": "---\ndate: 2020-01-15\n---\n# Mill\n\nThe mill ground barley for the town. Its wheel turned in the river Elde.",
    "b/school.txt": "The school opened with forty pupils. Lessons were held in the granite hall\nof the harbour company.",
    "copy.txt": "The mill ground barley for the town. Its wheel turned in the river Elde.",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    root = tmp_path_factory.mktemp("retriever")
    for name, text in DOCUMENTS.items():
        path = root / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    build_index(root / "documents", root / "index")
    opened = Store.open(root / "index")
    yield opened
    opened.close()


QUESTION = "Of what was the harbour wall built?"


def ranking_of(store: Store, question: str, filters: Filters | None = None, *, phrases: bool = False) -> list[int]:
    query = parse_query(store, question, phrases_must_stand=phrases)
    return [candidate.number for candidate in rank(store, query, scope(store, filters or Filters()))]


def paths(store: Store, numbers: list[int]) -> list[str]:
    return [store.entries[stored.document].document.path for stored in store.catalog.stored(numbers)]


@pytest.mark.parametrize("weight", [0.0, 0.6, 1.0])
def test_the_fused_score_is_the_convex_combination_over_the_union(store: Store, weight: float) -> None:
    query = parse_query(store, QUESTION)
    bm25 = dict(store.lexical.search(query.stems, 100))
    cosines = []
    for number in range(store.passages):
        rows = store.vectors.vectors(int(store.rows[number]), int(store.rows[number + 1]))
        cosines.append(max(float(row @ query.vector) for row in rows))
    words = [bm25.get(number, 0.0) for number in range(store.passages)]
    dense = [(value - min(cosines)) / (max(cosines) - min(cosines)) for value in cosines]
    lexical = [(value - min(words)) / (max(words) - min(words)) for value in words]
    expected = {number: weight * dense[number] + (1 - weight) * lexical[number] for number in range(store.passages)}
    found = rank(store, query, scope(store, Filters()), dense_weight=weight)
    assert {candidate.number for candidate in found} == expected.keys()
    for candidate in found:
        assert candidate.fused == pytest.approx(expected[candidate.number], abs=1e-6)
        assert candidate.dense == pytest.approx(cosines[candidate.number], abs=1e-6)
        assert candidate.lexical == pytest.approx(words[candidate.number], abs=1e-6)
    order = [(-candidate.fused, candidate.number) for candidate in found]
    assert order == sorted(order)


def test_equal_scores_are_ordered_by_passage_number(store: Store) -> None:
    numbers = ranking_of(store, "What did the mill grind?", Filters(source=("copy.txt", "a/mill.md")))
    texts = [stored.text for stored in store.catalog.stored(numbers)]
    twins = [number for number, text in zip(numbers, texts, strict=True) if "barley" in text]
    assert len(twins) == 2


def test_a_passage_found_only_by_its_words_still_has_its_true_cosine(store: Store) -> None:
    query = parse_query(store, QUESTION)
    few = rank(store, query, scope(store, Filters()), candidates=1)
    for candidate in few:
        rows = store.vectors.vectors(int(store.rows[candidate.number]), int(store.rows[candidate.number + 1]))
        assert candidate.dense == pytest.approx(float(np.max(rows @ query.vector)), abs=1e-6)
        assert len(candidate.cosines) == len(rows)


def test_filters_act_before_ranking_and_never_starve_the_result(store: Store) -> None:
    query = parse_query(store, QUESTION)
    within = scope(store, Filters(source=("b/*",)))
    found = rank(store, query, within, candidates=1)
    assert paths(store, [candidate.number for candidate in found]) == ["b/school.txt"]
    assert (within.included, within.excluded, within.passages) == (1, 3, 1)


def test_a_document_dated_by_its_year_overlaps_every_day_of_it(store: Store) -> None:
    assert set(paths(store, ranking_of(store, QUESTION, Filters(since="2013-06")))) == {"a/harbour.md", "a/mill.md"}
    assert set(paths(store, ranking_of(store, QUESTION, Filters(since="2013-12-31", until="2019")))) == {"a/harbour.md"}
    assert set(paths(store, ranking_of(store, QUESTION, Filters(until="2012-12-31")))) == set()


def test_undated_documents_are_left_out_by_a_date_and_counted(store: Store) -> None:
    assert scope(store, Filters(since="1900")).excluded == 2


def test_a_phrase_must_stand_case_and_line_ends_aside(store: Store) -> None:
    assert paths(store, ranking_of(store, '"GRANITE hall of the harbour"', phrases=True)) == ["b/school.txt"]
    assert ranking_of(store, '"granite harbour"', phrases=True) == []
    assert ranking_of(store, '"hall of granite"', phrases=True) == []


@pytest.mark.parametrize("phrase", ["the town's wheel", "the town’s wheel"])
def test_a_phrase_stands_whichever_apostrophe_is_typed(tmp_path: Path, phrase: str) -> None:
    for name, mark in (("curved.txt", "’"), ("straight.txt", "'")):
        (tmp_path / "documents").mkdir(exist_ok=True)
        (tmp_path / "documents" / name).write_text(f"In {name} the town{mark}s wheel turned.", encoding="utf-8")
    build_index(tmp_path / "documents", tmp_path / "index")
    with contextlib.closing(Store.open(tmp_path / "index")) as opened:
        assert len(ranking_of(opened, f'"{phrase}"', phrases=True)) == 2


def test_a_phrase_is_not_matched_by_its_stems_alone(store: Store) -> None:
    assert ranking_of(store, '"harbour walls"', phrases=True) == []
    assert len(ranking_of(store, '"168 steps"', phrases=True)) == 1


def test_quotation_marks_in_a_question_are_no_condition(store: Store) -> None:
    assert len(ranking_of(store, 'What is the "harbour of refuge"?')) == store.passages


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_searched_for_and_the_order_is_total(store: Store, text: str) -> None:
    for phrases in (False, True):
        found = rank(store, parse_query(store, text, phrases_must_stand=phrases), scope(store, Filters()))
        order = [(-candidate.fused, candidate.number) for candidate in found]
        assert order == sorted(order)
        assert len({candidate.number for candidate in found}) == len(found)
        assert all(
            candidate.lexical >= 0 and -1.001 <= candidate.dense <= 1.001 and 0 <= candidate.fused <= 1 for candidate in found
        )


def test_nothing_in_scope_gives_nothing(store: Store) -> None:
    assert rank(store, parse_query(store, QUESTION), Scope([], [], 0, 0, 4)) == []


def test_a_partial_date_is_the_interval_it_may_mean() -> None:
    assert date_bounds("2013") == ("2013-01-01", "2013-12-31")
    assert date_bounds("2020-02") == ("2020-02-01", "2020-02-31")
    assert date_bounds("2022-06-17") == ("2022-06-17", "2022-06-17")


@pytest.mark.parametrize(("date", "days"), [("2023-02-29", 28), ("2024-02-30", 29), ("2021-04-31", 30)])
def test_a_day_that_its_month_does_not_have_is_refused(store: Store, date: str, days: int) -> None:
    for filters in (Filters(since=date), Filters(until=date)):
        with pytest.raises(BadInput, match=f"'{date}' is no date: its month has {days} days"):
            scope(store, filters)
    assert scope(store, Filters(since="2024-02-29", until="2024-04")).included == 0


@pytest.mark.parametrize(
    "date", ["", "13", "2013-13", "2013-00", "2013-1", "2020-01-32", "last year", "2020-01-01T00", "２０１３"]
)
def test_what_is_no_date_is_refused(date: str) -> None:
    with pytest.raises(BadInput, match="is no date; write 2013, 2020-01 or 2022-06-17"):
        date_bounds(date)


def test_documents_are_in_scope_by_their_names_as_they_are(tmp_path: Path) -> None:
    identities = ("http://a.example/x?id=1", "http://a.example/xx", "a//b", "a*", "ab", "a[*]")
    (tmp_path / "documents").mkdir()
    records = [
        json.dumps({"_id": identity, "text": f"The mill of {number} ground barley."})
        for number, identity in enumerate(identities)
    ]
    (tmp_path / "documents/corpus.jsonl").write_text("\n".join(records), encoding="utf-8")
    build_index(tmp_path / "documents", tmp_path / "index")
    opened = Store.open(tmp_path / "index")
    try:
        for path in (f"corpus.jsonl#{identity}" for identity in identities):
            assert scope(opened, Filters(source=(escaped(path),))).included == 1, path
        assert scope(opened, Filters(source=("corpus.jsonl#http://a.example/xx",))).included == 1
        assert scope(opened, Filters(source=("corpus.jsonl#a*",))).included == 3
        assert scope(opened, Filters(source=tuple(escaped(f"corpus.jsonl#{identity}") for identity in identities))).included == 6
    finally:
        opened.close()


def test_an_interval_that_ends_before_it_begins_is_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="--since 2021 is after --until 2020; swap them"):
        scope(store, Filters(since="2021", until="2020"))
