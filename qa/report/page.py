"""Write an evaluation as one HTML page that needs no network.

All text comes from questions and documents, which are hostile: everything is escaped, and the page's own
policy forbids it to load anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from qa.evaluation.asking import Asked, Evaluation, Outcome
from qa.evaluation.comparison import Comparison
from qa.evaluation.kinds import by_kind
from qa.evaluation.scorecard import Row, Scorecard, confidences
from qa.measures.reliability import bins, risks
from qa.measures.significance import Estimate
from qa.report.cases import all_questions, safe, worst_cases
from qa.report.charts import Axis, Series, histogram, line_chart, reliability_chart
from qa.report.style import SCRIPT, STYLE
from qa.report.tables import KIND_COLUMNS, MARKED, asked_line, count_of, figure, interval, kind_cells, mark

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html_report(
    evaluation: Evaluation, scorecard: Scorecard, texts: Mapping[str, str], comparison: Comparison | None = None
) -> str:
    """Return the page; `texts` gives the documents' texts by path, for what was expected."""
    title = f"Evaluation of {safe(evaluation.path)}"
    asked = [(item, item.asked) for item in evaluation.outcomes if item.asked]
    parts = [
        "<!doctype html><html lang=en><head><meta charset=utf-8>",
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name=viewport content="width=device-width,initial-scale=1">',
        f"<title>{title}</title><style>{STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
        f"<p class=dim>{escape(asked_line(evaluation))}; generation {safe(evaluation.index.generation)}.</p>",
        _notes(evaluation.notes),
        _score_table(scorecard),
        _kinds_table(evaluation),
        _comparison(comparison) if comparison else "",
        f"<h2>Charts</h2><div class=charts>{''.join(_charts(evaluation, asked))}</div>",
        *worst_cases(evaluation.outcomes, texts),
        *all_questions(evaluation.outcomes),
        f"<script>{SCRIPT}</script></body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _notes(notes: Sequence[str]) -> str:
    return "<ul class=notes>" + "".join(f"<li>{safe(note)}" for note in notes) + "</ul>" if notes else ""


def _score_table(scorecard: Scorecard) -> str:
    systems = "".join(
        f"<th class=n>{system}{' (baseline)' if system == scorecard.baseline else ''}<th>95 % interval"
        for system in scorecard.systems
    )
    rows, group = [], ""
    for row in scorecard.rows:
        cells = "".join(_cells(row, system, row.estimates.get(system), scorecard.baseline) for system in scorecard.systems)
        rows.append(f"<tr><th class=g>{row.group if row.group != group else ''}<td>{row.name}{cells}<td class=n>{count_of(row)}")
        group = row.group
    below = f"<p class=dim>Tested against {scorecard.baseline}: {MARKED}.</p>" if scorecard.baseline else ""
    return f"<div class=scroll><table><thead><tr><th><th>measure{systems}<th class=n>n<tbody>{''.join(rows)}</table></div>{below}"


def _kinds_table(evaluation: Evaluation) -> str:
    kinds = by_kind(evaluation)
    if len(kinds) < 2:
        return ""
    head = "".join(f"<th class=n>{title}" for title, _ in KIND_COLUMNS)
    rows = "".join(
        f"<tr><td>{row.kind}{''.join(f'<td class=n>{cell}' for cell in kind_cells(row))}<td class=n>{row.n:,}" for row in kinds
    )
    table = f"<table><thead><tr><th>kind{head}<th class=n>n<tbody>{rows}</table>"
    return f"<h2>Answerable questions by kind</h2><div class=scroll>{table}</div>"


def _cells(row: Row, system: str, found: Estimate | None, baseline: str | None) -> str:
    if found is None:
        return "<td class=n>–<td>"
    sign = mark(row, system, baseline)
    shown = f" <span class={'up' if sign == '▲' else 'down'}>{sign}</span>" if sign else ""
    return f"<td class=n>{figure(row, found)}{shown}<td class=i>{interval(row, found)}"


def _comparison(comparison: Comparison) -> str:
    saved = safe(comparison.saved)
    if comparison.same:
        return f"<h2>Compared with {saved}</h2><p>No difference on any question.</p>"
    rows = "".join(
        f"<tr><td>{change.name}<td class=n>{change.before:.3f}<td class=n>{change.after:.3f}"
        f"<td class=n>{change.after - change.before:+.3f}<td class=n>{change.p:.4f}"
        f"<td class=n>{change.better:,}<td class=n>{change.worse:,}<td class=n>{change.n:,}"
        for change in comparison.changes
    )
    head = "".join(f"<th class=n>{name}" for name in ("before", "after", "change", "p", "better", "worse", "n"))
    moved = "".join(
        f"<li class={'up' if item.better else 'down'}>{safe(item.id)}: {safe(item.question)} "
        f"({', '.join(f'{name} {before:.2f} → {after:.2f}' for name, (before, after) in item.measures.items())})"
        for item in comparison.moved
    )
    return (
        f"<h2>Compared with {saved}</h2><div class=scroll><table><thead><tr><th>measure{head}<tbody>{rows}</table></div>"
        f"<details><summary>{len(comparison.moved):,} questions changed</summary><ul>{moved}</ul></details>"
    )


def _charts(evaluation: Evaluation, asked: Sequence[tuple[Outcome, Asked]]) -> Iterator[str]:
    answerable = [item for item in evaluation.outcomes if item.judged.answerable]
    if answerable:
        curves = []
        for number, system in enumerate(evaluation.systems):
            firsts = [min((rank for rank in item.retrieved[system].gold_ranks if rank), default=99) for item in answerable]
            points = [(float(k), sum(rank <= k for rank in firsts) / len(firsts)) for k in range(1, 11)]
            curves.append(Series(system, points, number % 4 + 1))
        low = min(value for series in curves for _, value in series.points)
        yield line_chart("Success@k", Axis("k", 1, 10, whole=True), Axis("share found", 0.5 if low >= 0.5 else 0.0), curves)
    if not asked:
        return
    pairs = confidences(evaluation.outcomes)
    risk = risks(pairs[:, 0], pairs[:, 1])
    covered = int((pairs[:, 0] >= evaluation.threshold).sum())
    curve = Series("share wrong", [((place + 1) / len(risk), float(value)) for place, value in enumerate(risk)])
    now = [Series("at the threshold", [(covered / len(risk), float(risk[covered - 1]))], 3)] if covered else []
    yield line_chart("Risk and coverage", Axis("share of questions answered, surest first"), Axis("share wrong"), [curve], now)
    found = [(item.confidence, item.accuracy, item.questions) for item in bins(pairs[:, 0], pairs[:, 1])]
    yield reliability_chart("Reliability: is confidence the share that is right?", found)
    groups = [
        ("answerable", [asked_.confidence for item, asked_ in asked if item.judged.answerable], 1),
        ("not answerable", [asked_.confidence for item, asked_ in asked if not item.judged.answerable], 2),
    ]
    shown = [group for group in groups if group[1]]
    yield histogram("Confidence of answerable and unanswerable questions", Axis("confidence"), shown, evaluation.threshold)
