"""Write what eval found to files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import BadInput
from qa.writing import write_whole

if TYPE_CHECKING:
    from qa.engine import Engine
    from qa.evaluation.asking import Evaluation
    from qa.evaluation.comparison import Comparison
    from qa.evaluation.scorecard import Scorecard


def check_target(path: Path | None) -> None:
    """Raise BadInput for a file that plainly cannot be written: a folder, or in one that does not exist."""
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        raise BadInput(f"{path}: {'is a folder' if path.is_dir() else 'its folder does not exist'}; name a file to write")


def write_results(
    evaluation: "Evaluation", scorecard: "Scorecard", save: Path | None, save_run: Path | None, save_qrels: Path | None
) -> None:
    """Write what was measured, the rankings and the judgements, each where a file is named for it."""
    from qa.evaluation.comparison import judgement_lines, run_lines, saved

    if save:
        write_whole(save, json.dumps(saved(evaluation, scorecard), ensure_ascii=False, indent=1) + "\n")
    if save_qrels:
        write_whole(save_qrels, "".join(f"{line}\n" for line in judgement_lines(evaluation)))
    for system in evaluation.systems if save_run else ():
        if save_run:
            several = len(evaluation.systems) > 1
            target = save_run.with_name(f"{save_run.stem}.{system}{save_run.suffix}") if several else save_run
            write_whole(target, "".join(f"{line}\n" for line in run_lines(evaluation, system)))


def write_report(
    path: Path, engine: "Engine", evaluation: "Evaluation", scorecard: "Scorecard", comparison: "Comparison | None"
) -> None:
    """Write a report as Markdown or as a page, as the file's name ends."""
    if path.suffix.lower() == ".md":
        from qa.report.markdown import markdown_report

        write_whole(path, markdown_report(evaluation, scorecard, comparison))
    else:
        from qa.questions.golds import StoredTexts
        from qa.report.page import html_report

        write_whole(path, html_report(evaluation, scorecard, StoredTexts(engine.store), comparison))
