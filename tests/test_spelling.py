"""A slip of the pen finds the word it was meant for, as the documents write it; what is near nothing finds nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Engine, build_index
from qa.retriever import Filters, scope
from qa.spelling import MOST_WORDS, edits, put_right, suggestions
from qa.store import Store
from qa.text import fold, stem, words
from tests.conftest import hostile_texts
from tests.indexes import write_files

DOCUMENTS = {
    "board.md": "---\ndate: 2020\n---\nMembers sit on the Improvement Board. The Improvement Board checks improvement work.\n\n"
    "Allocations of housing depend on family income. A meeting of carers assessed the allocation in Medway.\n",
    "café.txt": "Every café in the Fenwick quarter pays a licence. Visitors praise the parks, and Москва is far.\n",
    "old/mill.md": "---\ndate: 2013\n---\nThe mill ground barley.\n"
    "Rowena Ash, its miller, mended a waterwheel and the waterwheels.\n",
    "stop.md": "Committees decide. Committees sit. The chairwoman of committees has COMMITTEES report to committees.\n",
}
VOCABULARY = sorted(
    {word for text in DOCUMENTS.values() for word in words(text.split("---\n")[-1]) if word.isalpha() and len(word) >= 4}
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    root = tmp_path_factory.mktemp("spelling")
    build_index(write_files(root / "docs", DOCUMENTS), root / "index")
    opened = Store.open(root / "index")
    yield opened
    opened.close()


def meant(store: Store, word: str, filters: Filters | None = None, question: str = "what about {}") -> str | None:
    documents = scope(store, filters or Filters()).documents
    return suggestions(store, question.format(word), [word], documents).get(word)


def one_slip(word: str, kind: str, at: int, letter: str) -> str:
    """Return a word with one slip at or after its second letter."""
    at = 1 + at % (len(word) - 1)
    changed = {
        "left out": word[:at] + word[at + 1 :],
        "put in": word[:at] + letter + word[at:],
        "replaced": word[:at] + letter + word[at + 1 :],
        "doubled": word[:at] + word[at] + word[at:],
        "swapped": word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
    }
    return changed[kind]


@given(
    word=st.sampled_from([word for word in VOCABULARY if word.isascii() and len(word) >= 7]),
    kind=st.sampled_from(["left out", "put in", "replaced", "doubled", "swapped"]),
    at=st.integers(0, 30),
    letter=st.sampled_from(LETTERS),
)
def test_one_slip_finds_a_word_of_the_documents_at_one_edit(store: Store, word: str, kind: str, at: int, letter: str) -> None:
    typed = one_slip(word.lower(), kind, at, letter)
    if store.lexical.document_frequency(stem(typed)):  # it is no unknown word
        return
    found = meant(store, typed)
    # A stem ("improv", "alloc") is no word: what is suggested stands in a document, as it is.
    assert found in VOCABULARY
    assert edits(typed, fold(found)) == 1


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("imporvement", "Improvement"),  # its stem is improv
        ("allocatoin", "allocation"),  # a slip within the ending: stems allocatoin and alloc
        ("meetng", "meeting"),
        ("familly", "family"),
        ("icnome", "income"),
        ("carrer", "carers"),  # nearer by its stem than by its letters
        ("imrpovemnet", "Improvement"),  # two edits, of which one in the ending
        ("waterwehels", "waterwheels"),  # the nearest form of its stem
        ("chariwoman’s", "chairwoman’s"),
        ("caffé", "café"),
        ("Москав", "Москва"),
    ],
)
def test_the_word_is_shown_as_the_documents_write_it(store: Store, typed: str, expected: str) -> None:
    assert not store.lexical.document_frequency(stem(typed))
    assert meant(store, typed) == expected


def test_what_opens_a_sentence_does_not_tell_the_case(store: Store) -> None:
    # "Visitors" only opens one, "Committees" opens one and stands two.
    assert meant(store, "visitros") == "Visitors"
    assert meant(store, "comittees") == "committees"
    assert meant(store, "imporvement") == "Improvement"  # twice so within a sentence, once in small letters
    assert meant(store, "evrey") == "Every"


@pytest.mark.parametrize(
    "typed",
    ["Titanic", "Mongolia", "dragons", "photosynthesis", "quasar", "mil", "mlil1", "2O20", "c4rers", "wheel", "house", "1871"],
)
def test_a_word_that_is_near_nothing_gets_nothing(store: Store, typed: str) -> None:
    assert meant(store, typed) is None


def test_words_under_four_letters_and_other_first_letters_get_nothing(store: Store) -> None:
    assert meant(store, "mll") is None  # mill
    assert meant(store, "nill") is None
    assert meant(store, "narley") is None  # barley
    assert meant(store, "abrley") == "barley"  # but for a swap of the first two


def test_in_a_short_word_no_letter_is_replaced(store: Store) -> None:
    assert meant(store, "parts") is None  # parks
    assert meant(store, "praks") == "parks"
    assert meant(store, "parkks") == "parks"
    assert meant(store, "bsrley") == "barley"


def test_a_short_name_is_not_meant_for_a_common_word(store: Store) -> None:
    assert meant(store, "Milller", question="where is {} today") is None
    assert meant(store, "milller", question="where is {} today") == "miller"
    assert meant(store, "Rowenna", question="where is {} today") == "Rowena"
    assert meant(store, "Milller", question="{} of today") == "miller"  # it opens the question
    assert meant(store, "Milller", question="Where Is {} Today") == "miller"  # all have capitals


def test_only_words_within_scope_are_suggested(store: Store) -> None:
    assert meant(store, "barlley") == "barley"
    assert meant(store, "barlley", Filters(source=("old/*",))) == "barley"
    assert meant(store, "barlley", Filters(source=("*.md",))) is None
    assert meant(store, "barlley", Filters(since="2015")) is None
    assert meant(store, "imrpovemnet", Filters(until="2015")) is None


def test_the_commonest_of_equally_near_words_is_suggested(tmp_path: Path) -> None:
    texts = {"a.txt": "The casting was done.\n", "b.txt": "One coating dried.\n", "c.txt": "Each coating shines.\n"}
    build_index(write_files(tmp_path / "docs", texts), tmp_path / "index")
    store = Store.open(tmp_path / "index")
    assert meant(store, "coasting") == "coating"
    assert meant(store, "caosting") == "casting"  # one edit, and two from what is commoner
    store.close()


def plain_edits(one: str, other: str) -> int:
    """Count edits as they are defined, one letter after the other."""
    if not one or not other:
        return len(one) + len(other)
    ways = [
        plain_edits(one[1:], other) + 1,
        plain_edits(one, other[1:]) + 1,
        plain_edits(one[1:], other[1:]) + (one[0] != other[0]),
    ]
    if len(one) > 1 and len(other) > 1 and one[:2] == other[1::-1]:
        ways.append(plain_edits(one[2:], other[2:]) + 1)
    return min(ways)


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edits_are_counted_as_they_are_defined(one: str, other: str) -> None:
    assert edits(one, other) == plain_edits(one, other)


def test_a_swap_of_neighbours_is_one_edit() -> None:
    assert (edits("abrley", "barley"), edits("barely", "barley"), edits("ab", "ba"), edits("abc", "ca")) == (1, 1, 1, 3)


@given(text=hostile_texts, extra=st.sampled_from(["", "'s", "’", "ß", "İ", "ﷺ", "\u0301", "한", "²"]))
def test_hostile_words_find_words_of_the_documents_or_nothing(store: Store, text: str, extra: str) -> None:
    unknown = [word + extra for word in words(text)]
    found = suggestions(store, text, unknown)
    assert found.keys() <= set(unknown[:MOST_WORDS])
    for near in found.values():
        assert near.removesuffix(extra) in VOCABULARY or near in VOCABULARY


def test_a_question_of_thousands_of_unknown_words_costs_no_more_than_one_of_a_few(store: Store) -> None:
    strange = [f"waterweh{first}{second}{third}" for first in LETTERS for second in LETTERS for third in "lkj"]
    started = time.process_time()
    suggestions(store, " ".join(strange), strange)
    assert time.process_time() - started < 1.0  # all of them take fifteen seconds
    assert suggestions(store, "", []) == {}
    assert meant(store, "w" * 5000) is None


@pytest.mark.parametrize(
    ("question", "word", "near", "expected"),
    [
        ("Who chairs the Bord?", "Bord", "Board", "Who chairs the Board?"),
        ("bord, Bord; boarder Bordeaux", "bord", "board", "board, board; boarder Bordeaux"),
        ("the comittee's bord_room", "bord", r"\1\g<0>", r"the comittee's \1\g<0>_room"),
        ("a.b? (a+b)", "a", "c", "c.b? (c+b)"),
    ],
)
def test_a_question_is_put_right_in_whole_words(question: str, word: str, near: str, expected: str) -> None:
    assert put_right(question, word, near) == expected


def test_an_engine_tells_what_a_word_may_have_been_meant_for(tmp_path: Path) -> None:
    build_index(write_files(tmp_path / "docs", DOCUMENTS), tmp_path / "index")
    with Engine.open(tmp_path / "index", reader="none") as engine:
        asked = engine.ask("Who mended the waterweel of Mongolia?")
        assert asked.question == "Who mended the waterweel of Mongolia?"
        assert asked.unknown_words == ("waterweel", "Mongolia")
        assert asked.suggestions == {"waterweel": "waterwheel"}
        assert "suggestions" not in asked.to_dict()
        assert engine.ask("Who mended the waterwheel?").suggestions == {}
        assert engine.ask("Who mended the waterweel?", source="board*").suggestions == {}
