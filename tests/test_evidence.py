"""Which sentences are read for a question, and when reading ends."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from qa import Engine, build_index
from qa.catalog import StoredPassage
from qa.evidence import GOES_ON_GAIN, GOES_ON_UNDER, GONE_ON, asks_why_or_how, going_on, may_go_on
from qa.extractor import READ_FIRST, READ_SENTENCES, READER_WEIGHT, Evidence, Weighed, likelihood
from qa.reader import Reader
from qa.records import Reading, Span
from qa.store import Store


def test_reading_goes_on_until_a_sentence_surely_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keepers = ["Ada Voss", "Ivo Brandt", "Una Kell", "Per Holm", "Lis Aker", "Jon Rask", "Mia Lund", "Bo Wren", "Kim Dahl"]
    documents = tmp_path / "documents"
    documents.mkdir()
    for number, keeper in enumerate(keepers):
        text = f"{keeper} keeps lighthouse number {number}. The lamp of lighthouse {number} burns oil, {keeper} says."
        (documents / f"{number}.txt").write_text(text, encoding="utf-8")
    build_index(documents, tmp_path / "index")
    read: list[str] = []
    at_once: list[int] = []
    plain = Reader.read

    def counted(self: Reader, question: str, sentences: Sequence[str], contexts: Sequence[str] = ()) -> list[Reading]:
        read.extend(sentences)
        at_once.append(len(sentences))
        return plain(self, question, sentences, contexts)

    monkeypatch.setattr(Reader, "read", counted)
    with Engine.open(tmp_path / "index") as engine:
        assert engine.ask("Who keeps lighthouse number 3?").passages[0].document == "3.txt"
        assert "Per Holm keeps lighthouse number 3." in read
        assert len(read) == READ_FIRST
        read.clear()
        at_once.clear()
        engine.ask("Why was lighthouse 3 painted green?")
        assert len(set(read[:READ_SENTENCES])) == READ_SENTENCES
        # Then the sentences after the chosen ones of the first two passages, if they have any.
        assert at_once[:4] == [2, 2, 4, 8]
        assert sum(at_once[4:]) <= GONE_ON


@pytest.mark.parametrize(
    ("question", "gain", "marked"),
    [
        ("Why did Mr Poole refuse the flat?", 2.0, "On the fourth floor there is no rail."),
        ("Why did Mr Poole refuse the flat?", 0.5, "Mr Poole refused the flat at Cragside Court."),
        ("What did Mr Poole refuse?", 2.0, "Mr Poole refused the flat at Cragside Court."),
    ],
)
def test_the_next_sentence_answers_why_where_the_reader_told_both_finds_more_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str, gain: float, marked: str
) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "a.txt").write_text(
        "Mr Poole refused the flat at Cragside Court. On the fourth floor there is no rail.", encoding="utf-8"
    )
    build_index(documents, tmp_path / "index")
    told: list[str] = []

    def reads(self: Reader, question: str, sentences: Sequence[str], contexts: Sequence[str] = ()) -> list[Reading]:
        before = ["Cragside Court." in context for context in contexts]
        told.extend(sentence for sentence, after in zip(sentences, before, strict=True) if after)
        return [Reading(gain - 1 if after else -1.0, Span(0, 2), 1.0) for after in before]

    monkeypatch.setattr(Reader, "read", reads)
    with Engine.open(tmp_path / "index") as engine:
        first = engine.ask(question).passages[0]
    assert [first.words(span.start, span.end) for span in first.highlights] == [marked]
    assert told == (["On the fourth floor there is no rail."] if question.startswith("Why") else [])


def test_what_a_list_holds_beside_its_passage_is_verified_and_changes_no_confidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    steps = "".join(f"{number}. Turn wheel {number} {'slowly and with great care ' * 5}.\n\n" for number in range(1, 7))
    (documents / "manual.md").write_text(
        f"# Manual\n\n## Opening the weir\n\n{steps}## Closing\n\nTurn back.\n", encoding="utf-8"
    )
    build_index(documents, tmp_path / "index")
    verified: list[set[int]] = []
    plain = Store.verified

    def noted(self: Store, numbers: Sequence[int]) -> list[StoredPassage]:
        verified.append(set(numbers))
        return plain(self, numbers)

    monkeypatch.setattr(Store, "verified", noted)
    with Engine.open(tmp_path / "index") as engine:
        first = engine.ask("How do you open the weir?", k=1).passages[0]
        beside = set().union(*verified[1:])  # the first are those found, whatever becomes of them
        touched = [
            number
            for number, stored in enumerate(engine.store.catalog.stored(range(engine.store.passages)))
            if stored.passage.start < first.end and first.start < stored.passage.end
        ]
        monkeypatch.setattr("qa.engine.with_whole_list", lambda store, question, asked, item, own: own)
        alone = engine.ask("How do you open the weir?", k=1).passages[0]
    assert [first.words(span.start, span.end)[:12] for span in first.answer] == [f"Turn wheel {number}" for number in range(1, 7)]
    assert len(touched) > 1
    assert set(touched) <= beside
    assert (first.confidence, first.features) == (alone.confidence, alone.features)
    assert len(alone.highlights) == 1


def test_a_sentence_goes_on_only_where_nothing_before_it_answers() -> None:
    def evidence(answers: float, text: str = "The mill closed.") -> Evidence:
        chosen = Weighed(
            0, Span(0, 16), text, frozenset(), 0.5, 1.0 + READER_WEIGHT * likelihood(reading(answers)), reading(answers)
        )
        return Evidence(chosen, 1.0)

    def reading(answers: float) -> Reading:
        return Reading(answers, Span(0, 3), 1.0)

    def after(text: str) -> Weighed:
        return Weighed(1, Span(17, 17 + len(text)), text, frozenset(), 0.25, 0.5)

    wheel = after("Its wheel had cracked.")
    for question in (
        "why did the mill close",
        "How was it closed?",
        "For what reason was it closed?",
        "What led to its closing?",
    ):
        assert asks_why_or_how(question), question
    for question in ("Who closed the mill?", "How many closed?", "How long was it closed?", "Was the mill closed?"):
        assert not asks_why_or_how(question), question
    assert may_go_on(evidence(0.0), wheel, " ")
    assert not may_go_on(evidence(GOES_ON_UNDER), wheel, " "), "the first answers"
    assert not may_go_on(evidence(0.0, "It closed then."), wheel, " "), "the first leans on one before it"
    assert not may_go_on(evidence(0.0, "The mill closed so that eels could pass."), wheel, " "), "the first says why"
    assert not may_go_on(evidence(0.0), wheel, "\n- "), "an item"
    assert not may_go_on(evidence(0.0), after("Why did it?"), " "), "it asks"
    assert not may_go_on(evidence(0.0), after("Mill: Holm; Closed: 1990"), "\n"), "a row"
    gone = going_on(evidence(-2.0), wheel, reading(1.0))
    assert gone.chosen.text == wheel.text
    assert gone.chosen.coverage == 0.5  # what the first covers, both do
    assert gone.chosen.score == pytest.approx(1.0 + READER_WEIGHT * likelihood(reading(1.0)))
    assert going_on(evidence(-2.0), wheel, reading(GOES_ON_GAIN - 2.1)) == evidence(-2.0)
