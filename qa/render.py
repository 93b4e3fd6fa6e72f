"""Show answers, abstentions and hits as a terminal should: plain text in, styled text out."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from qa.answer import Abstention, Answer, Citation, Searched
from qa.archives import file_holding
from qa.collection import file_of
from qa.coverage import coverage_of
from qa.formats.parsed import page_numbers
from qa.placing import headings as headings
from qa.placing import place as place
from qa.placing import position as position
from qa.quoting import joined as joined
from qa.quoting import quotation as quotation
from qa.quoting import said as said
from qa.quoting import unwrapped as unwrapped
from qa.quoting import visible as visible
from qa.records import BuildReport, FileCoverage

SAME_FAULT = 5
"""Files of one fault that are each named; more are counted."""

_MONTHS = "January February March April May June July August September October November December".split()


def long_date(date: str) -> str:
    """Return a possibly partial date as people write it: 17 June 2022, June 2022, 2022."""
    year, _, rest = date.partition("-")
    month, _, day = rest.partition("-")
    return " ".join(part for part in (day.lstrip("0"), _MONTHS[int(month) - 1] if month else "", year) if part)


UNSURE = "Perhaps. The words below come nearest; read them where they stand before you rely on them."
"""Said before an answer of low confidence."""


def confidence_word(confidence: float) -> str:
    """Return a plain word for how sure an answer is."""
    return "high" if confidence >= 0.6 else "medium" if confidence >= 0.3 else "low"


def provenance(citation: Citation) -> str:
    """Return who published a citation's document and when; a retold one says what it retells."""
    work = citation.source if citation.retold and citation.source else None
    people = [work.author, work.publisher] if work else [citation.author, citation.publisher]
    date = work.date if work else citation.date
    parts = [part for part in people if part] + ([long_date(date)] if date else [])
    if citation.retold:
        title = f"“{work.title}”" if work and work.title else "another work"
        return ", ".join([f"retold from {title}", *parts])
    return ", ".join(parts)


class Shown:
    """Render one citation: number, title, provenance, place, headings and quote."""

    def __init__(self, citation: Citation, root: Path, *, whole: bool, explain: bool) -> None:
        self.citation, self.root, self.whole, self.explain = citation, root, whole, explain

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines of the citation."""
        citation = self.citation
        head = Text(f"[{citation.rank}] ", style="bold cyan")
        head.append(visible(citation.title), style="bold")
        if citation.confidence is not None:
            head.append(f"  {confidence_word(citation.confidence)} ({citation.confidence:.2f})", style="dim")
        yield head
        where = provenance(citation)
        if where:
            yield Padding(Text(visible(where), style="magenta" if citation.retold else ""), (0, 0, 0, 4), expand=False)
        link = (self.root / file_holding(self.root, file_of(citation.document))).as_uri() + (
            f"#page={citation.page}" if citation.page is not None else ""
        )
        line = Text(visible(place(citation)), style=f"cyan link {link}" if console.is_terminal else "")
        heading = [part for part in citation.heading if part != citation.title]
        if heading:
            line.append(visible(f"  § {' › '.join(heading)}"), style="dim")
        yield Padding(line, (0, 0, 0, 4), expand=False)
        yield Padding(quotation(joined(citation), whole=self.whole), (0, 0, 0, 4), expand=False)
        if citation.also_in:
            places = "; ".join(map(place, citation.also_in))
            yield Padding(Text(visible(f"also in {places}"), style="dim"), (0, 0, 0, 4), expand=False)
        if self.explain:
            yield Padding(_explanation(citation), (0, 0, 0, 4), expand=False)
        yield Text()


def _explanation(citation: Citation) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in citation.scores.to_dict().items():
        table.add_row(Text(name, style="dim"), f"{value:.4f}")
    for name, value in citation.features.items():
        table.add_row(Text(name, style="dim"), f"{value:.4f}")
    return table


def counted(number: int, thing: str) -> str:
    """Return a number of things as people write it: 1 document, 2 documents."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def scope_line(searched: Searched) -> str:
    """Return how much was searched in one sentence."""
    line = f"Searched {counted(searched.documents, 'document')} ({counted(searched.passages, 'passage')})"
    return f"{line}; {searched.excluded:,} left out by the filters." if searched.excluded else f"{line}."


def citations_view(citations: Iterable[Citation], root: Path, explain: bool) -> Iterator[Shown]:
    """Yield citations to print, the first one's passage whole."""
    for citation in citations:
        yield Shown(citation, root, whole=citation.rank == 1, explain=explain)


def _brief(citation: Citation) -> Text:
    """Return a passage that is no evidence in one line: where it stands and its nearest sentence."""
    span = citation.highlights[0]
    line = Text(f"[{citation.rank}] {visible(place(citation))}  ", style="dim")
    return line.append(visible(" ".join(citation.quote[span.start - citation.start : span.end - citation.start].split())))


def _unknown_line(result: Answer | Abstention, words: Iterable[str]) -> str:
    """Return which words occur nowhere, each with what it may have been meant for."""
    meant = result.suggestions
    shown = [f"{word} (did you mean {meant[word]}?)" if word in meant else word for word in words]
    return f"These words occur nowhere: {visible(', '.join(shown))}."


def answer_view(result: Answer | Abstention, root: Path, explain: bool) -> Group:
    """Return an answer or an abstention to print."""
    if isinstance(result, Answer):
        head = Text("\n").join(Text(f"{'• ' if len(result.spans) > 1 else ''}{visible(piece)}") for piece in said(result))
        head.stylize("bold")
        sure = Text(f"confidence {confidence_word(result.confidence)} ({result.confidence:.2f})", style="dim")
        warned = [Text(UNSURE, style="yellow")] if confidence_word(result.confidence) == "low" else []
        good = [citation for citation in result.citations if explain or (citation.confidence or 0) >= result.threshold]
        rest = [_brief(citation) for citation in result.citations if citation not in good]
        return Group(
            *warned,
            head,
            sure,
            *([Text(_unknown_line(result, result.suggestions), style="yellow")] if result.suggestions else []),
            Text(),
            *citations_view(good, root, explain),
            *([Text("Less likely:", style="dim"), *rest] if rest else []),
        )
    lines: list[Text | Shown] = [Text("The documents don't answer this.", style="bold yellow")]
    why = {
        "nothing found": "Nothing was found.",
        "below threshold": f"The nearest passage has confidence {result.confidence:.2f}; an answer needs {result.threshold:.2f}.",
        "no words to search for": "The question has no words to search for; name what it is about.",
        "empty index": "The index is empty; run qa index FOLDER.",
    }[result.reason]
    lines.append(Text(f"{why} {scope_line(result.searched)}"))
    if result.unknown_words:
        lines.append(Text(_unknown_line(result, result.unknown_words)))
    nearest = citations_view(result.nearest, root, explain) if explain else map(_brief, result.nearest)
    if result.nearest:
        lines += [Text(), Text("What came nearest:", style="dim"), *nearest]
    return Group(*lines)


def coverage_lines(files: Sequence[FileCoverage]) -> Iterator[str]:
    """Yield what was not read, or not wholly, and what would mend it; many files of one fault are one line."""
    faults: dict[str, list[str]] = {}
    for item in files:
        if item.skipped is not None:
            faults.setdefault(item.skipped.reason, []).append(item.path)
    for reason, paths in faults.items():
        if len(paths) > SAME_FAULT:
            yield visible(f"skipped {len(paths):,} files, the first {paths[0]}: {reason}")
        else:
            yield from (visible(f"skipped {path}: {reason}") for path in paths)
    for item in files:
        if item.skipped is None and item.coverage.recognised_pages:
            pages = page_numbers(item.coverage.recognised_pages)
            yield visible(f"recognised {item.path}: {pages} read from images; compare what you quote with the page")
        if item.skipped is None and not item.whole:
            unread = item.coverage.unread_pages
            what = f"{len(unread):,} of its {item.coverage.pages:,} pages not read"
            yield visible("; ".join([f"partly read {item.path}: {what}", *(n for n in item.coverage.notes if n[:4] == "page")]))


def coverage_view(files: Sequence[FileCoverage]) -> Group:
    """Return what was read of every file, and below it what was not and why."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("document", overflow="fold")
    table.add_column("format")
    for name in ("pages", "without text", "tables", "characters"):
        table.add_column(name, justify="right")
    read = [item for item in files if item.skipped is None]
    for item in read:
        cover = item.coverage
        pages = "–" if cover.pages is None else f"{cover.pages:,}"
        empty = f"{len(cover.empty_pages):,}" if cover.pages is not None else "–"
        table.add_row(Text(visible(item.path)), item.format, pages, empty, f"{cover.tables:,}", f"{cover.characters:,}")
    lost = sum(len(item.coverage.empty_pages) for item in read)
    summary = f"{len(read):,} of {counted(len(files), 'file')} read, {counted(lost, 'page')} without text"
    notes = [
        visible(f"{item.path}: {note}")
        for item in read
        for note in item.coverage.notes
        if item.whole or not note.startswith("page")
    ]
    return Group(
        table, Text(summary, style="bold"), *(Text(line, style="yellow") for line in coverage_lines(files)), *map(Text, notes)
    )


def report_view(report: BuildReport) -> Group:
    """Return what an indexing run did, with every file that was skipped and why."""
    totals = {"document": report.documents, "passage": report.passages, "sentence": report.sentences}
    done = ", ".join(counted(number, thing) for thing, number in totals.items())
    changes = [
        f"{len(names):,} {word}"
        for word, names in (("added", report.added), ("changed", report.changed), ("removed", report.removed))
        if names
    ]
    what = ", ".join([*changes, f"{report.unchanged:,} unchanged"])
    lines = [Text(f"{done} ({what}; {report.embedded:,} passages embedded) in {report.seconds:.1f} s")]
    if not report.published:
        lines[0].append("; nothing to publish" if not changes else "; nothing published (dry run)")
    lines += [Text(line, style="yellow") for line in coverage_lines(report.files or coverage_of([], report.skipped))]
    lines += [Text(note, style="yellow") for note in report.notes]
    return Group(*lines)
