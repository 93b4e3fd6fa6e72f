"""Calibrating: what is fitted, what is promised, what is refused, and that every face uses it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from qa import Engine, build_index
from qa.calibration import collect, fit, undo
from qa.calibration.crossvalidation import least_answerable
from qa.calibration.fitting import cheapest_threshold, fit_weights, threshold_for
from qa.calibration.samples import Sample
from qa.cli import main
from qa.confidence import FEATURES, Calibration
from qa.errors import BadInput
from qa.indexer import Options
from qa.measures.reliability import separation
from qa.questions import QuestionSet, StoredTexts, question_set, read_questions

ROOT = Path(__file__).parents[1]
NOTHING = Calibration(dict.fromkeys(FEATURES, 0.0), 0.0, 0.5)


def sample(n: int, seed: int = 0, *, informative: bool = True, answerable: float = 0.6) -> Sample:
    """Return a made-up sample of one citation a question, whose first feature tells right from wrong or nothing does."""
    chance = np.random.default_rng(seed)
    described = chance.normal(size=(n, len(FEATURES)))
    described[:, FEATURES.index("reader")] = 0.0
    can = np.arange(n) < n * answerable
    right = can & (chance.random(n) < 0.98)
    if informative:
        described[:, 0] += 2.5 * right
    return Sample(described, right, np.ones(n, dtype=bool), np.arange(n), can, chance.random(n))


def test_weights_are_those_of_logistic_regression_where_nothing_is_known_before() -> None:
    rows = sample(400)
    weight = np.where(np.arange(400) % 3 == 0, 0.2, 1.0)
    weights, intercept = fit_weights(rows.described, rows.right, weight, NOTHING, strength=2.0)
    scale = rows.described.std(axis=0)
    scale[scale == 0] = 1
    reference = LogisticRegression(C=1 / 2.0, tol=1e-8, max_iter=5000).fit(
        rows.described / scale, rows.right, sample_weight=weight
    )
    assert weights == pytest.approx(reference.coef_[0] / scale, abs=1e-3)
    assert intercept == pytest.approx(reference.intercept_[0], abs=1e-3)


def test_a_strong_prior_keeps_the_weights_and_a_weak_one_leaves_them() -> None:
    rows, prior = sample(200), Calibration(dict.fromkeys(FEATURES, 0.25), 0.0, 0.5)
    strong, _ = fit_weights(rows.described, rows.right, np.ones(200), prior, 1e9)
    weak, _ = fit_weights(rows.described, rows.right, np.ones(200), prior, 1.0)
    assert strong == pytest.approx([0.25] * len(FEATURES), abs=1e-4)
    assert weak[0] > 1


def test_a_feature_that_never_varies_and_labels_that_are_separable_do_no_harm() -> None:
    rows = sample(60)
    rows.described[:, 3] = 7.0
    weights, intercept = fit_weights(rows.described, rows.described[:, 0] > 1, np.ones(60), NOTHING, 1.0)
    assert np.isfinite(weights).all() and np.isfinite(intercept)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=80), st.floats(0.01, 0.5))
def test_a_threshold_refuses_no_more_than_its_share_of_the_answerable(values: list[float], share: float) -> None:
    confidence = np.array(values)
    threshold = threshold_for(confidence, np.ones(len(values), dtype=bool), share)
    assert (confidence < threshold).sum() <= share * (len(values) + 1) - 1 + 1e-6 or threshold == 0.0


def test_a_threshold_keeps_its_promise_on_questions_it_has_not_seen() -> None:
    # The plain quantile of 39 would refuse 5 % of these and about 7 % of others.
    chance = np.random.default_rng(0)
    everyone = np.ones(39, dtype=bool)
    refused = [(chance.random(1000) < threshold_for(chance.random(39), everyone, 0.05)).mean() for _ in range(400)]
    assert 0.04 <= np.mean(refused) <= 0.0575


def test_unanswerable_questions_do_not_move_a_threshold_for_false_refusals() -> None:
    confidence = np.array([0.1, 0.2, 0.3, 0.4, 0.9])
    answerable = np.array([False, True, True, True, False])
    assert threshold_for(confidence, answerable, 0.5) == 0.3


def test_the_cheapest_threshold_is_worked_by_hand() -> None:
    confidence = np.array([0.2, 0.4, 0.6, 0.8])
    answerable = np.array([False, True, False, True])
    assert cheapest_threshold(confidence, answerable, 0.5) == 0.4  # one false answer at 0.5 against one false refusal
    assert cheapest_threshold(confidence, answerable, 2.0) == 0.8  # two for the false answer against one


def test_what_is_promised_is_cross_validated() -> None:
    # Labels that nothing tells: fits see patterns in their own rows that are not there in others.
    rows = sample(80, informative=False)
    weights, intercept = fit_weights(rows.described, rows.right, np.ones(80), NOTHING, 1.0)
    own = separation(rows.described @ weights + intercept, rows.right.astype(float))
    fitted = fit(rows, before=0.5)
    assert own is not None and own > 0.75
    assert fitted.after.separation is not None and fitted.after.separation < 0.65


def test_fitting_finds_what_there_is() -> None:
    fitted = fit(sample(400), before=0.5)
    assert fitted.after.separation is not None and fitted.after.separation > 0.9
    assert fitted.after.calibration_error < 0.1 < fitted.before.calibration_error
    assert fitted.after.false_refusals <= 0.08 and fitted.after.false_answers < fitted.before.false_answers
    assert 0 < fitted.calibration.threshold < 1


def test_the_surest_citation_tells_whether_a_question_is_answered() -> None:
    one, n = sample(400), 400
    # Of the first citation the features say nothing, of the second they do.
    first = np.where(np.arange(len(FEATURES)) == 0, 0.0, one.described)
    both = Sample(
        np.stack([first, one.described], axis=1).reshape(2 * n, -1),
        np.repeat(one.right, 2),
        np.tile([True, False], n),
        np.repeat(np.arange(n), 2),
        one.answerable,
        one.confidence,
    )
    fitted = fit(both, before=0.5)
    assert fitted.after.separation is not None and fitted.after.separation > 0.9


def test_a_false_answer_that_costs_more_is_refused_more() -> None:
    rows = sample(300, seed=3)
    thresholds = [fit(rows, 0.5, cost=cost).calibration.threshold for cost in (0.1, 1.0, 10.0)]
    assert thresholds == sorted(thresholds) and thresholds[0] < thresholds[-1]


@pytest.mark.parametrize(
    ("n", "answerable", "share", "message"),
    [
        (40, 0.5, 0.05, "10 more answerable questions (it has 20)"),
        (40, 0.8, 0.05, "2 more unanswerable questions (it has 8)"),
        (100, 0.6, 0.01, "40 more answerable questions (it has 60)"),
        (100, 0.6, 0.0, "must lie between 0 and 1"),
        (100, 0.6, float("nan"), "must lie between 0 and 1"),
    ],
)
def test_too_small_a_set_is_refused_with_how_many_more_it_needs(n: int, answerable: float, share: float, message: str) -> None:
    with pytest.raises(BadInput) as error:
        fit(sample(n, answerable=answerable), 0.5, share)
    assert message in str(error.value)


def test_a_set_whose_answers_are_never_found_is_refused() -> None:
    rows = sample(60)
    rows.right[:] = False
    with pytest.raises(BadInput, match="10 more questions whose first passage holds the answer"):
        fit(rows, 0.5, 0.05)


def test_how_many_are_needed_grows_with_the_promise() -> None:
    assert [least_answerable(share) for share in (0.5, 0.05, 0.01, 5e-324)] == [30, 30, 100, 10**9]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calibrated")
    build_index(ROOT / "corpus", folder / "index")
    return folder / "index"


@pytest.fixture
def clean(index: Path) -> Iterator[Path]:
    undo(index)
    yield index
    undo(index)


QUESTIONS = ROOT / "tests" / "questions" / "medway.jsonl"


def calibrate(monkeypatch: pytest.MonkeyPatch, index: Path, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["qa", "calibrate", *words, "--index", str(index)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def labelled(engine: Engine) -> QuestionSet:
    return question_set(read_questions(QUESTIONS), StoredTexts(engine.store))


def test_what_is_written_is_used_by_the_engine_until_undone(
    clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Engine.open(clean) as engine:
        before, question = engine.threshold, "Who chairs the Improvement Board?"
        shipped = engine.ask(question).confidence
    assert calibrate(monkeypatch, clean, str(QUESTIONS), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    with Engine.open(clean) as engine:
        assert engine.threshold == told["threshold"] != before
        assert engine.ask(question).confidence != shipped
        assert told["fingerprint"] == engine.store.manifest.model["fingerprint"]
        assert told["settings"] == dict(engine.store.manifest.settings)
    build_index(ROOT / "corpus", clean, None, Options(rebuild=True))
    with Engine.open(clean) as engine:  # re-indexed with the same settings
        assert engine.threshold == told["threshold"]
    assert calibrate(monkeypatch, clean, "--undo") == 0
    with Engine.open(clean) as engine:
        assert engine.threshold == before and engine.ask(question).confidence == shipped
    capsys.readouterr()
    assert calibrate(monkeypatch, clean, "--undo") == 0
    assert "Nothing to undo" in capsys.readouterr().out


def test_a_dry_run_changes_nothing(clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate(monkeypatch, clean, str(QUESTIONS), "--dry-run") == 0
    out = capsys.readouterr().out
    assert "false answers on unanswerable" in out and "Nothing was changed" in out
    assert not (clean / "calibration.json").exists()


def test_undoing_works_where_the_calibration_cannot_be_read(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (clean / "calibration.json").write_text("{")
    assert calibrate(monkeypatch, clean, "--undo") == 0
    Engine.open(clean).close()


def test_no_questions_and_no_undo_is_wrong_use(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert calibrate(monkeypatch, clean) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--false-refusals", "5"), "--false-refusals 5: must lie between 0 and 1"),
        (("--cost", "-1"), "--cost -1: must be a number above 0"),
        (("--cost", "inf"), "--cost inf: must be a number above 0"),
        (("--limit", "20"), "too few questions to fit: the set needs"),
    ],
)
def test_what_cannot_be_fitted_is_refused_before_anything_is_asked(
    clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr(Engine, "ask", None)
    assert calibrate(monkeypatch, clean, str(QUESTIONS), *words) == 2
    assert message in capsys.readouterr().err


def test_a_sample_has_a_row_a_citation_and_the_first_ones_confidence(clean: Path) -> None:
    with Engine.open(clean) as engine:
        questions = labelled(engine)
        seen: list[tuple[int, int]] = []
        rows = collect(engine, questions, lambda stage, done, total: seen.append((done, total)))
    assert rows.first.sum() == len(questions.questions) == len(seen) == len(rows.confidence)
    assert rows.described.shape == (len(rows.right), len(FEATURES))
    assert not rows.right[~rows.answerable[rows.question]].any()
    assert rows.right[rows.first].mean() > 0.3
