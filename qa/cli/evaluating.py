"""Commands that measure: eval and calibrate."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.application import (
    DEFAULT_INDEX,
    IndexOption,
    JsonOption,
    ReaderOption,
    app,
    open_engine,
    print_json,
    progress_bar,
    show,
    tell,
)
from qa.cli.writing import check_target, write_report, write_results
from qa.errors import BadInput, DamagedIndex

if TYPE_CHECKING:
    from qa.calibration import Fitted
    from qa.engine import Engine
    from qa.evaluation.asking import Evaluation
    from qa.questions.records import QuestionSet

UNMET = 1

QuestionsArgument = Annotated[
    Path,
    typer.Argument(
        metavar="QUESTIONS", help="A .jsonl, .csv or SQuAD .json file, a BEIR folder, or TREC judgements beside queries.tsv."
    ),
]
AboutOption = Annotated[
    list[str] | None, typer.Option("--about", metavar="GLOB", help="Only questions about documents that match; repeatable.")
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="At most N questions, spread evenly over the set.")
]
QueriesOption = Annotated[Path | None, typer.Option("--queries", metavar="FILE", help="Questions of TREC judgements.")]


@app.command(name="eval")
def evaluate_set(
    questions: QuestionsArgument,
    systems: Annotated[
        str, typer.Option("--systems", metavar="NAMES", help="Rankings to compare, by commas: hybrid, dense, lexical, cited.")
    ] = "hybrid",
    baseline: Annotated[
        str | None, typer.Option("--baseline", metavar="NAME", help="System that others are tested against; else the first.")
    ] = None,
    about: AboutOption = None,
    limit: LimitOption = None,
    queries: QueriesOption = None,
    save: Annotated[Path | None, typer.Option("--save", metavar="FILE", help="Keep all figures, for --compare.")] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help="Show what got better and worse since a saved run.")
    ] = None,
    save_run: Annotated[
        Path | None, typer.Option("--save-run", metavar="FILE", help="Write the rankings as a TREC run, one file a system.")
    ] = None,
    save_qrels: Annotated[
        Path | None, typer.Option("--save-qrels", metavar="FILE", help="Write the judgements the run is measured with.")
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option("--fail-under", metavar="MEASURE=BOUND", help="Exit with 1 if a measure is worse; repeatable."),
    ] = None,
    report: Annotated[
        list[Path] | None, typer.Option("--report", metavar="FILE", help="Write a report, .html or .md; repeatable.")
    ] = None,
    reader: ReaderOption = "shipped",
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """Measure retrieval and answers on your own questions.

    Exit status: 0 done, 1 a --fail-under was not met, 2 something is wrong.
    """
    from qa.evaluation.asking import check_systems, evaluate
    from qa.evaluation.comparison import compare as compare_with
    from qa.evaluation.comparison import in_both, read_saved, summary
    from qa.evaluation.scorecard import parse_gate, score, unmet

    # What can be refused is refused before the questions are asked, which takes minutes.
    gates = [parse_gate(text) for text in fail_under or ()]
    names = [name.strip() for name in systems.split(",")]
    check_systems(names, baseline)
    earlier = read_saved(compare) if compare else None
    for target in (save, save_run, save_qrels, *(report or ())):
        check_target(target)
    for target in report or ():
        if target.suffix.lower() not in (".html", ".md"):
            raise BadInput(f"--report {target}: must end in .html or .md")
    with open_engine(index, reader) as engine:
        asked = _question_set(engine, questions, queries, about, limit)
        if compare and earlier:
            in_both(compare, earlier, asked)
        with progress_bar() as progress:
            evaluation = evaluate(engine, asked, names, progress)
        scorecard = score(evaluation, baseline)
        write_results(evaluation, scorecard, save, save_run, save_qrels)
        comparison = compare_with(compare, earlier, evaluation, scorecard) if compare and earlier else None
        failed = unmet(scorecard, gates)
        for target in report or ():
            write_report(target, engine, evaluation, scorecard, comparison)
    if json:
        compared = {"comparison": comparison.to_dict()} if comparison else {}
        print_json({**summary(evaluation, scorecard), **compared, "unmet": failed})
    else:
        from qa.report.tables import comparison_view, score_view

        show(score_view(evaluation, scorecard))
        if comparison:
            show(comparison_view(comparison))
    _check_quotes(evaluation)
    for line in failed:
        tell(f"not met: {line}")
    if failed:
        raise typer.Exit(UNMET)


def _question_set(
    engine: "Engine", path: Path, queries: Path | None, about: list[str] | None, limit: int | None
) -> "QuestionSet":
    from qa.questions.files import read_questions
    from qa.questions.golds import StoredTexts, question_set

    return question_set(read_questions(path, queries), StoredTexts(engine.store), about or (), limit)


def _check_quotes(evaluation: "Evaluation") -> None:
    """Raise DamagedIndex unless every quote stands in the catalog where it says."""
    asked = [item.asked for item in evaluation.outcomes if item.asked]
    quotes, verbatim = sum(item.quotes for item in asked), sum(item.verbatim for item in asked)
    if verbatim < quotes:
        raise DamagedIndex(f"{quotes - verbatim:,} of {quotes:,} quotes are not what the index holds; run: qa doctor")


@app.command()
def calibrate(
    questions: Annotated[
        Path | None, typer.Argument(metavar="QUESTIONS", help="A labelled question set, as for eval.", show_default=False)
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Go back to the confidence that comes with the program.")] = False,
    false_refusals: Annotated[
        float, typer.Option("--false-refusals", metavar="SHARE", help="Most answerable questions that may be refused.")
    ] = 0.05,
    cost: Annotated[
        float | None,
        typer.Option("--cost", metavar="N", help="Instead: a false answer costs N false refusals; choose the cheapest."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do and change nothing.")] = False,
    about: AboutOption = None,
    limit: LimitOption = None,
    reader: ReaderOption = "shipped",
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """Fit confidence and the threshold for answering to your own questions.

    What is fitted is kept in the index and used by every command and the chat.
    """
    from qa import calibration

    if undo:
        removed = calibration.undo(index)
        if json:
            print_json({"schema": 1, "undone": removed})
        else:
            print("The shipped confidence is used again." if removed else "Nothing to undo: the shipped confidence is in use.")
        return
    if questions is None:
        raise BadInput("name a labelled question set to fit to, or say --undo")
    with open_engine(index, reader) as engine:
        labelled = _question_set(engine, questions, None, about, limit)
        calibration.check_size([judged.answerable for judged in labelled.questions], false_refusals, cost)
        with progress_bar() as progress:
            sample = calibration.collect(engine, labelled, progress)
        fitted = calibration.fit(sample, engine.threshold, false_refusals, cost)
        text = calibration.to_json(fitted, engine, false_refusals, cost)
    if not dry_run:
        calibration.write(index, text)
    if json:
        import json as standard

        print_json({"schema": 1, "written": not dry_run, **standard.loads(text), "threshold_before": fitted.threshold_before})
    else:
        _show_fitted(fitted, dry_run)


def _show_fitted(fitted: "Fitted", dry_run: bool) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("", "before", "after (cross-validated)"):
        table.add_column(name, justify="right" if name else "left")
    before, after = fitted.before, fitted.after
    table.add_row("threshold", f"{fitted.threshold_before:.4f}", f"{fitted.calibration.threshold:.4f}")
    table.add_row("false answers on unanswerable", f"{before.false_answers:.1%}", f"{after.false_answers:.1%}")
    table.add_row("false refusals on answerable", f"{before.false_refusals:.1%}", f"{after.false_refusals:.1%}")
    table.add_row("calibration error", f"{before.calibration_error:.3f}", f"{after.calibration_error:.3f}")
    if before.separation is not None and after.separation is not None:
        table.add_row("AUROC", f"{before.separation:.3f}", f"{after.separation:.3f}")
    show(f"Fitted to {fitted.answerable:,} answerable and {fitted.unanswerable:,} unanswerable questions.")
    show(table)
    if after.calibration_error >= before.calibration_error and after.false_answers >= before.false_answers:
        print("On questions it has not seen it is no better than what was in use; more questions may change that.")
    print(
        "Nothing was changed (dry run)."
        if dry_run
        else "In use from now on; restart a running chat. Undo with: qa calibrate --undo"
    )
