"""Write an evaluation as Markdown, for a pull request."""

from qa.evaluation.asking import Evaluation
from qa.evaluation.comparison import Comparison
from qa.evaluation.kinds import by_kind
from qa.evaluation.scorecard import Scorecard
from qa.evaluation.verdicts import verdict, worst
from qa.render import visible
from qa.report.tables import KIND_COLUMNS, MARKED, asked_line, count_of, figure, interval, kind_cells, mark


def markdown_report(evaluation: Evaluation, scorecard: Scorecard, comparison: Comparison | None = None) -> str:
    """Return the table, the comparison and the worst questions as Markdown."""
    systems = scorecard.systems
    lines = [f"### Evaluation of {_cell(evaluation.path)}", "", f"{asked_line(evaluation)}.", ""]
    heads = [name + (" (baseline)" if name == scorecard.baseline else "") for name in systems]
    lines += [f"| | measure | {' | '.join(heads)} | n |", f"|---|---|{'---:|' * len(systems)}---:|"]
    group = ""
    for row in scorecard.rows:
        cells = []
        for system in systems:
            found = row.estimates.get(system)
            sign = mark(row, system, scorecard.baseline)
            cells.append(f"**{figure(row, found)}**{f' {sign}' if sign else ''} ({interval(row, found)})" if found else "–")
        lines.append(f"| {row.group if row.group != group else ''} | {row.name} | {' | '.join(cells)} | {count_of(row)} |")
        group = row.group
    tested = f" Tested against {scorecard.baseline}: {MARKED}." if scorecard.baseline else ""
    lines += ["", f"In brackets 95 % bootstrap intervals.{tested}"]
    lines += [f"- {_cell(note)}" for note in evaluation.notes]
    kinds = by_kind(evaluation)
    if len(kinds) > 1:
        lines += ["", f"| answerable, by kind | {' | '.join(title for title, _ in KIND_COLUMNS)} | n |"]
        lines += [f"|---|{'---:|' * len(KIND_COLUMNS)}---:|"]
        lines += [f"| {row.kind} | {' | '.join(kind_cells(row))} | {row.n:,} |" for row in kinds]
    if comparison:
        lines += ["", *_markdown_comparison(comparison)]
    cases = [item for item in worst(evaluation.outcomes) if item.asked]
    if cases:
        lines += ["", f"<details><summary>The {len(cases)} worst questions</summary>", ""]
        lines += ["| question | verdict | confidence | expected | got |", "|---|---|---:|---|---|"]
        for item in cases:
            expected = " / ".join(dict.fromkeys(gold.document if gold.whole else gold.text for gold in item.judged.golds))
            got, confidence = (item.asked.text, f"{item.asked.confidence:.2f}") if item.asked else ("", "")
            cells = [item.judged.question.text, verdict(item), confidence, expected, got]
            lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _markdown_comparison(comparison: Comparison) -> list[str]:
    saved = _cell(comparison.saved)
    if comparison.same:
        return [f"No difference from {saved} on any question."]
    lines = [
        f"Since {saved}:",
        "",
        "| measure | before | after | change | p | better | worse |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for change in comparison.changes:
        figures = f"{change.before:.3f} | {change.after:.3f} | {change.after - change.before:+.3f} | {change.p:.4f}"
        lines.append(f"| {change.name} | {figures} | {change.better} | {change.worse} |")
    return lines


def _cell(text: str) -> str:
    """Return a text as a cell of a Markdown table: one line, at most 200 characters, nothing that is markup."""
    line = " ".join(visible(text).split())
    line = line if len(line) <= 200 else f"{line[:199]}…"
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>()#+!|~@&" else character for character in line)
