"""Show an evaluation in the terminal: its table, what changed since another, and what was counted apart."""

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from qa.evaluation.asking import Evaluation
from qa.evaluation.comparison import Comparison
from qa.evaluation.kinds import KindRow, by_kind
from qa.evaluation.scorecard import SIGNIFICANT, Row, Scorecard
from qa.measures.significance import Estimate
from qa.questions.records import counted
from qa.render import visible

MOVED_SHOWN = 10
MARKED = f"▲ better, ▼ worse with p < {SIGNIFICANT} (paired randomisation, each test by itself)"


def figure(row: Row, estimate: Estimate) -> str:
    """Return an estimate's value as a table shows it."""
    return f"{estimate.value:,.{row.digits}f}"


def interval(row: Row, estimate: Estimate) -> str:
    """Return an estimate's 95 % interval as a table shows it."""
    return f"{estimate.low:,.{row.digits}f}–{estimate.high:,.{row.digits}f}"


def mark(row: Row, system: str, baseline: str | None) -> str:
    """Return a sign where a system differs from the baseline with significance, else nothing."""
    found, base = row.estimates.get(system), row.estimates.get(baseline or "")
    if found is None or base is None or row.tests.get(system, 1.0) >= SIGNIFICANT:
        return ""
    return "▲" if (found.value > base.value) == (row.more is not False) else "▼"


def count_of(row: Row) -> str:
    """Return how many questions a row is of."""
    return f"{max((found.n for found in row.estimates.values() if found), default=0):,}"


def asked_line(evaluation: Evaluation) -> str:
    """Return in one sentence what was asked of what."""
    asked = len(evaluation.outcomes)
    answerable = sum(item.judged.answerable for item in evaluation.outcomes)
    return (
        f"{counted(asked, 'question')} ({answerable:,} answerable, {asked - answerable:,} not)"
        f" on {counted(evaluation.index.documents, 'document')}, {counted(evaluation.index.passages, 'passage')}"
    )


def score_view(evaluation: Evaluation, scorecard: Scorecard) -> Group:
    """Return the table to print, with what it is of and what was counted apart."""
    compared = [row for row in scorecard.rows if len(row.estimates) > 1]
    others = [row for row in scorecard.rows if len(row.estimates) == 1]
    lines: list[Text | Table] = [Text(f"{asked_line(evaluation)}.")]
    if compared:
        lines += [Text(), _table(compared, scorecard.systems, scorecard.baseline)]
        lines.append(Text(f"Tested against {scorecard.baseline}: {MARKED}.", style="dim"))
    if others:
        lines += [Text(), _table(others, (scorecard.main,), None)]
    kinds = by_kind(evaluation)
    if len(kinds) > 1:
        lines += [Text(), _kinds_table(kinds)]
    lines += [Text(visible(f"{note}."), style="yellow") for note in evaluation.notes]
    return Group(*lines)


KIND_COLUMNS = (("first right", "right"), ("gold in highlight", "highlight"), ("F1", "f1"), ("refused", "refused"))
"""What is shown of each kind of question, with the field that holds it."""


def kind_cells(row: KindRow) -> list[str]:
    """Return a kind's figures as tables show them, each with its 95 % interval."""
    found: list[Estimate | None] = [getattr(row, name) for _, name in KIND_COLUMNS]
    return [f"{one.value:.3f} ({one.low:.2f}–{one.high:.2f})".replace("0.", ".") if one else "–" for one in found]


def _kinds_table(kinds: Sequence[KindRow]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("answerable, by kind", no_wrap=True)
    for title, _ in KIND_COLUMNS:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("n", justify="right", style="dim", no_wrap=True)
    for row in kinds:
        table.add_row(row.kind, *kind_cells(row), f"{row.n:,}")
    return table


def _table(rows: Sequence[Row], systems: Sequence[str], baseline: str | None) -> Table:
    """Return rows as a table; where systems stand side by side their intervals go without leading zeros."""
    table = Table(box=None, padding=(0, 2 if len(systems) == 1 else 1, 0, 0), header_style="bold")
    table.add_column("", no_wrap=True)
    table.add_column("measure", no_wrap=True)
    for system in systems:
        table.add_column(system if len(systems) > 1 else "", justify="right", no_wrap=True)
        table.add_column("95 %", style="dim", no_wrap=True)
    table.add_column("n", justify="right", style="dim", no_wrap=True)
    group = ""
    for row in rows:
        cells: list[Text | str] = []
        for system in systems:
            found, sign = row.estimates.get(system), mark(row, system, baseline)
            value = Text(figure(row, found) if found else "–")
            value.append(f" {sign}" if sign else "", style="green" if sign == "▲" else "red")
            between = interval(row, found) if found else ""
            cells += [value, between.replace("0.", ".") if len(systems) > 1 else between]
        table.add_row(Text(row.group if row.group != group else "", style="bold cyan"), row.name, *cells, count_of(row))
        group = row.group
    return table


def comparison_view(comparison: Comparison) -> Group:
    """Return what changed since a saved run: measure by measure, then question by question."""
    saved = visible(comparison.saved)
    apart = [Text(f"{counted(count, 'question')} {reason}.", style="yellow") for reason, count in comparison.apart.items()]
    if comparison.same:
        return Group(Text(), Text(f"No difference from {saved} on any question.", style="bold"), *apart)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("measure", "before", "after", "change", "p", "better", "worse", "n"):
        table.add_column(name, justify="left" if name == "measure" else "right")
    for change in comparison.changes:
        sure = change.p < SIGNIFICANT and change.better != change.worse
        style = ("green" if change.better > change.worse else "red") if sure else ""
        table.add_row(
            change.name,
            f"{change.before:.3f}",
            f"{change.after:.3f}",
            Text(f"{change.after - change.before:+.3f}", style=style),
            f"{change.p:.4f}",
            f"{change.better:,}",
            f"{change.worse:,}",
            f"{change.n:,}",
        )
    lines: list[Text | Table] = [Text(), Text(f"Since {saved}", style="bold"), table, *apart]
    for better, word in ((False, "worse"), (True, "better")):
        moved = [item for item in comparison.moved if item.better == better]
        if moved:
            what = "1 question is" if len(moved) == 1 else f"{len(moved):,} questions are"
            lines += [Text(), Text(f"{what} {word}:", style="bold")]
        for item in moved[:MOVED_SHOWN]:
            changed = ", ".join(f"{name} {before:.2f} → {after:.2f}" for name, (before, after) in item.measures.items())
            lines.append(Text(visible(f"  {item.id}  {item.question}  ({changed})")))
        if len(moved) > MOVED_SHOWN:
            lines.append(Text(f"  … and {len(moved) - MOVED_SHOWN:,} more (--json lists all)", style="dim"))
    return Group(*lines)
