"""What the benchmarks compute themselves: stages' own times, made-up corpora, and the tables of the peers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from qa.encoder import Unit
from qa.records import Span
from tests.benchmarks import corpora, stages, tell
from tests.benchmarks.corpora import StandIn, distractor, facts
from tests.benchmarks.near_misses import taken_out
from tests.benchmarks.peers import systems
from tests.benchmarks.peers.__main__ import cost_table, quality_table
from tests.benchmarks.peers.measuring import Cost
from tests.benchmarks.peers.quality import significance
from tests.benchmarks.peers.systems import PEERS, PROGRAMS
from tests.benchmarks.scale_table import parts


class Hand:
    """A clock whose hand is moved by hand: on a busy machine no real one keeps time."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    moved = Hand()
    monkeypatch.setattr(stages, "time", moved)
    return moved


def test_a_stage_is_given_its_own_time_and_not_that_of_stages_within_it(hand: Hand) -> None:
    clock = stages.Clock({"outer": [], "inner": []})
    with clock.timing("outer"):
        hand.now += 2
        for _ in range(2):
            with clock.timing("inner"):
                hand.now += 3
    assert clock.seconds == {"outer": 2, "inner": 6}  # with the inner ones outer would be 8


HAND = Hand()


def working() -> Iterator[int]:
    for number in range(2):
        HAND.now += 2
        yield number


def test_a_generator_is_timed_while_it_works_and_not_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "time", HAND)
    clock = stages.Clock({"encode": [f"{__name__}:working"]})
    clock.attach_all()
    try:
        for _ in working():
            HAND.now += 5
    finally:
        clock.detach()
    assert clock.seconds == {"encode": 4}


@pytest.mark.parametrize("points", [stages.QUESTION, stages.BUILD, stages.MODEL_RUNS])
def test_every_function_that_is_timed_is_there_and_left_as_it_was(points: dict[str, list[str]]) -> None:
    from qa.store import Store

    plain = Store.verified
    clock = stages.Clock(points)
    clock.attach_all()
    assert not clock._waiting
    assert (Store.verified is not plain) == (points is stages.QUESTION)
    clock.detach()
    assert Store.verified is plain


def test_an_invented_fact_stands_where_its_question_says_and_nowhere_else() -> None:
    made = list(facts())
    assert len({text for _, text, _ in made}) == corpora.FACTS
    assert len({question["question"] for _, _, question in made}) == corpora.FACTS
    for name, text, question in made:
        (answer,) = question["answers"]
        assert (answer["doc"], text[answer["start"] : answer["end"]]) == (name, answer["text"])


def test_distractors_differ_and_repeat() -> None:
    pool = [f"The {word} of the study was observed in a group of patients." for word in ("age", "sex", "end", "aim", "site")]
    made = [distractor(number, pool) for number in range(20)]
    assert made == [distractor(number, pool) for number in range(20)]
    paragraphs = [paragraph for text in made for paragraph in text.split("\n\n")[1:]]
    assert len(set(paragraphs)) == len(paragraphs)
    assert all(text.startswith("---\ntitle: Distractor ") for text in made)


class Spy(StandIn):
    def __init__(self) -> None:
        super().__init__(np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32))
        self._plain = lambda encoder, unit: np.full((len(unit.sentences), 4), 7.0)


def test_only_distractors_get_vectors_that_are_made_up() -> None:
    spy, spans = Spy(), (Span(0, 1), Span(1, 2))
    assert (spy.encode_passage(None, Unit("Normans", "ab", spans)) == 7.0).all()
    made = spy.encode_passage(None, Unit("Distractor 1", "ab", spans))
    assert made.shape == (2, 4)
    assert np.linalg.norm(made, axis=1) == pytest.approx(1.0)
    assert (made == spy.encode_passage(None, Unit("Distractor 1", "ab", spans))).all()
    assert (made != spy.encode_passage(None, Unit("Distractor 1", "abc", spans))).any()


def test_bytes_are_added_up_by_part() -> None:
    assert parts({"a": 1, "lexical/x": 2, "lexical/y": 3}) == {"lexical": 5, "a": 1}


def test_every_peer_has_a_program_and_pins_what_it_installs() -> None:
    for system in PEERS:
        assert (PROGRAMS / system.program).is_file()
        assert all("==" in requirement for requirement in system.requirements)


def test_settings_are_the_documented_ones_until_others_were_found_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = PEERS[2]
    monkeypatch.setattr(systems, "CHOSEN", tmp_path / "chosen.json")
    assert (system.settings, system.described.endswith("(as documented; no others were tried)")) == ({}, True)
    (tmp_path / "chosen.json").write_text(json.dumps({system.name: {"depth": 100}, PEERS[0].name: {}}))
    assert system.settings == {"depth": 100}
    assert system.described == f'{system.told}; changed: {{"depth": 100}}'
    assert PEERS[0].described == PEERS[0].told


def test_the_quality_table_marks_what_differs_and_only_that() -> None:
    ours = {str(number): 1.0 for number in range(40)}
    worse = {question: float(int(question) % 2) for question in ours}
    values = {
        label: dict.fromkeys(("Success@1", "Success@5", "nDCG@10", "RR@10"), found)
        for label, found in (("Verbatim, as cited", ours), ("Verbatim, retrieval alone", worse), ("peer", worse))
    }
    tests = {
        "peer": {
            label: {measure: significance(found, values["peer"][measure]) for measure, found in values[label].items()}
            for label in ("Verbatim, as cited", "Verbatim, retrieval alone")
        }
    }
    lines = quality_table(values, tests).splitlines()
    assert lines[2].startswith("| Verbatim, as cited | 1.000 (")
    assert lines[4].startswith("| peer | 0.500* (")
    assert "†" not in lines[4]


def test_the_cost_table_has_the_median_and_not_the_mean() -> None:
    cost = Cost(100.4, [1.0, 1.0, 1.0, 97.0], 0.512, 150_000_000, 300_000_000)
    assert "| peer | 100 | 1.0 ms |" in cost_table({"peer": cost})
    assert "| 0.51 s | 150 MB | 300 MB |" in cost_table({"peer": cost})


def test_a_peers_texts_have_titles_only_where_they_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROGRAMS))
    from driver import texts_of

    passages = tmp_path / "passages.jsonl"
    passages.write_text(json.dumps({"text": "It fell.", "context": "Normans"}) + "\n", encoding="utf-8")
    assert texts_of(passages, {}) == ["It fell."]
    assert texts_of(passages, {"titled": True}) == ["Normans\nIt fell."]


def test_sentences_that_answer_are_taken_out_whole_and_a_question_answered_elsewhere_is_not_asked() -> None:
    text = "The mill closed in 1990. Ada Voss ran it. Much later, Ada Voss left. It was old.\n"

    def question(name: str, answer: str) -> dict[str, object]:
        start = text.index(answer)
        return {"id": name, "answers": [{"doc": "a", "start": start, "end": start + len(answer), "text": answer}]}

    left, unanswered = taken_out(text, [question("when", "1990"), question("who", "Ada Voss")], "a")
    assert left == "Much later, Ada Voss left. It was old.\n"
    assert unanswered == [{"id": "when", "answers": []}]
    assert taken_out(text, [question("when", "1990")], "b")[0] == text


@pytest.mark.parametrize(
    ("program", "said"),
    [("latency", "holds no index; run: qa index FOLDER"), ("spans", "splits.json does not exist; name the folder or index")],
)
def test_a_path_that_is_not_there_is_told_in_one_line(tmp_path: Path, program: str, said: str) -> None:
    command = [sys.executable, "-m", f"tests.benchmarks.{program}", str(tmp_path / "gone")]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent.parent, check=False)
    assert ended.returncode != 0
    (line,) = ended.stderr.splitlines()
    assert said in line
    assert str(tmp_path / "gone") in line


def test_a_file_that_nobody_named_is_a_fault_of_ours_and_keeps_its_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["latency", "/given"])
    for path, traced in (("/given/splits.json", False), ("/ours/program", True)):
        missing = FileNotFoundError(2, "No such file or directory", path)
        tell(FileNotFoundError, missing, None)
        shown = capsys.readouterr().err
        assert path in shown
        assert ("FileNotFoundError" in shown) == traced
