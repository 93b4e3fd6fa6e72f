"""Reports: everything escaped, nothing fetched, the worst first, and the figures those of the table."""

import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from qa.answer import Citation, Scores
from qa.evaluation import Evaluation, score
from qa.evaluation.asking import Asked, Outcome, Searchable
from qa.evaluation.comparison import compare, saved
from qa.evaluation.relevance import Retrieved
from qa.evaluation.verdicts import loss, verdict, worst
from qa.questions.records import Gold, Judged, Question
from qa.records import Span
from qa.report import comparison_view, html_report, markdown_report, score_view
from qa.report.cases import _expected, _marked
from qa.report.charts import Axis, Series, histogram, line_chart, reliability_chart

EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> & \"q\" 'a' | `code` [l](http://evil.example) \u202egpj.exe \x1b[31m"
)
TEXT = f"Ada {EVIL} was here. The answer is 1871, they say. Nobody knows why."
FIRST = TEXT.index("The answer")
LAST = TEXT.index(" Nobody")
GOLD = TEXT.index("1871")
TEXTS: Mapping[str, str] = {f"{EVIL}.txt": TEXT}


def citation(*answer: Span) -> Citation:
    return Citation(
        rank=1, document=f"{EVIL}.txt", title=EVIL, publisher=None, author=None, date=None, url=None, retold=False, source=None,
        page=None, line=1, heading=(), start=0, end=len(TEXT), quote=TEXT, highlights=(Span(FIRST, LAST),), confidence=0.7,
        scores=Scores(0.5, 1.0, 0.9), sha256="0" * 64, answer=answer,
    )  # fmt: skip


def outcome(
    identity: str,
    *,
    answerable: bool = True,
    answered: bool = True,
    right: bool = True,
    confidence: float = 0.7,
    text: str = "1871",
) -> Outcome:
    gold = Gold(f"{EVIL}.txt", GOLD, GOLD + 4, "1871")
    judged = Judged(Question(identity, f"When, {EVIL}?", (), answerable, "set.jsonl:1"), (gold,) if answerable else ())
    ranks = (1 if right else None,) if answerable else ()
    asked = Asked(
        answered, text if answered else "", confidence, right and answerable, citation(Span(GOLD, GOLD + 4)), (), 1, 1, 5.0
    )
    return Outcome(judged, {"p": 1} if answerable else {}, {"hybrid": Retrieved(("p",) if right else ("x",), ranks)}, asked)


OUTCOMES = (
    outcome("fine"),
    outcome("unsure wrong", right=False, confidence=0.2),
    outcome("sure wrong", right=False, confidence=0.9),
    outcome("refused", answered=False, confidence=0.01),
    outcome("silent", answerable=False, answered=False, confidence=0.01),
    outcome("false answer", answerable=False, confidence=0.5),
    outcome("wordy", text="the answer is 1871"),
)
INDEX = Searchable("000001-abc", 1, 1, "f")
EVALUATION = Evaluation(EVIL, (EVIL,), OUTCOMES, ("hybrid",), 0.1, INDEX)


class Page(HTMLParser):
    """Gather a page's elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._stack: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append((self._stack[-1] if self._stack else "", data))

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


@pytest.fixture(scope="module")
def page() -> str:
    return html_report(EVALUATION, score(EVALUATION), TEXTS)


def test_nothing_in_questions_or_documents_becomes_markup(page: str) -> None:
    parsed = Page(page)
    assert parsed.count("script") == 1 and parsed.count("img") == 0
    for _, attributes in parsed.tags:
        assert not any(name.startswith("on") for name in attributes)
    assert sum(text.count("<script>alert(1)</script>") for tag, text in parsed.texts if tag != "script") >= len(OUTCOMES)


def test_control_and_direction_characters_are_shown_and_not_obeyed(page: str) -> None:
    assert "\u202e" not in page and "\x1b" not in page


def test_the_page_needs_nothing_from_anywhere(page: str) -> None:
    parsed = Page(page)
    assert not {"link", "iframe", "object", "embed", "base"} & {tag for tag, _ in parsed.tags}
    for _, attributes in parsed.tags:
        assert not {"src", "href", "srcset", "action", "data"} & attributes.keys()
    style = "".join(text for tag, text in parsed.texts if tag == "style")
    script = "".join(text for tag, text in parsed.texts if tag == "script")
    assert not re.search(r"@import|url\(|https?:", style) and not re.search(r"fetch|XMLHttp|import|https?:|eval", script)
    policy = next(attributes["content"] for tag, attributes in parsed.tags if attributes.get("http-equiv"))
    assert policy is not None and policy.startswith("default-src 'none'")


def test_the_page_shows_the_tables_figures(page: str) -> None:
    text = "\n".join(text for _, text in Page(page).texts)
    for row in score(EVALUATION).rows:
        found = row.estimates["hybrid"]
        assert row.name in text
        assert found is None or f"{found.value:.{row.digits}f}" in text


def test_the_page_has_its_charts_questions_and_search_box(page: str) -> None:
    parsed = Page(page)
    assert parsed.count("svg") == 4
    assert any(attributes.get("type") == "search" for _, attributes in parsed.tags)
    rows = page[page.index("id=all") :].count("<tr>") - 1
    assert rows == len(OUTCOMES)


def test_the_worst_come_first_and_flawless_ones_are_no_worst() -> None:
    order = [item.judged.question.id for item in worst(OUTCOMES)]
    assert order == ["sure wrong", "false answer", "unsure wrong", "refused", "wordy"]
    assert [item.judged.question.id for item in worst(OUTCOMES, 2)] == order[:2]
    assert [verdict(item) for item in OUTCOMES] == [
        "right passage",
        "wrong passage",
        "wrong passage",
        "false refusal",
        "rightly refused",
        "false answer",
        "right passage",
    ]
    assert loss(OUTCOMES[0]) == loss(OUTCOMES[4]) == 0


def test_worst_questions_show_expected_beside_got_both_highlighted(page: str) -> None:
    article = next(part for part in page.split("<article>")[1:] if "sure wrong" in part)
    expected, got = article.split("<h4>GOT</h4>")
    assert "<mark class=gold>1871</mark>" in expected
    assert "<mark class=got>The answer is <b>1871</b>, they say.</mark>" in got
    assert "answer not among the first ten" in expected


def test_an_expected_answer_stands_in_the_line_that_citations_count() -> None:
    text = "One\rtwo\r\nthree\n1871"
    gold = Gold("old.txt", text.index("1871"), len(text), "1871")
    assert "old.txt:4<" in _expected([gold], {"old.txt": text})


def test_marks_stand_at_their_offsets_and_lose_no_text() -> None:
    shown = _marked("a < b & c", 100, [(Span(102, 105), "gold")])
    assert shown == "a <mark class=gold>&lt; b</mark> &amp; c"
    assert _marked("abc", 0, [(Span(0, 3), "got")], [Span(0, 3)]) == "<mark class=got>abc</mark>"
    assert _marked("abc", 0, [(Span(0, 3), "got")], [Span(0, 1)]) == "<mark class=got><b>a</b>bc</mark>"


def test_an_evaluation_without_answers_or_answerable_questions_has_a_page(page: str) -> None:
    for part in (
        replace(EVALUATION, outcomes=(OUTCOMES[4],)),
        replace(EVALUATION, outcomes=(replace(OUTCOMES[0], asked=None),), systems=("hybrid",)),
        replace(
            EVALUATION, outcomes=tuple(replace(item, asked=replace(item.asked, first=None)) for item in OUTCOMES if item.asked)
        ),
    ):
        text = html_report(part, score(part), TEXTS)
        assert "NaN" not in text and "nan" not in re.sub(r"[a-z]nan|nan[a-z]", "", text)


def test_markdown_is_one_table_that_documents_cannot_break() -> None:
    text = markdown_report(EVALUATION, score(EVALUATION))
    table = [line for line in text.splitlines() if line.startswith(("| ", "|-"))]
    widths = {len(re.split(r"(?<!\\)\|", line)) for line in table[:10]}
    assert len(widths) == 1
    assert "<script>" not in text and "\\<script\\>" in text and "](http" not in text
    cases = [re.split(r"(?<!\\)\|", line) for line in table if "alert" in line]
    assert {len(cells) for cells in cases} == {7}


def test_a_comparison_is_in_every_report(tmp_path: Path) -> None:
    scorecard = score(EVALUATION)
    before = saved(EVALUATION, scorecard)
    same = compare(tmp_path / "a.json", before, EVALUATION, scorecard)
    before["by_question"]["fine"]["measures"]["RR@10"] = 0.5
    changed = compare(tmp_path / "a.json", before, EVALUATION, scorecard)
    assert "No difference" in html_report(EVALUATION, scorecard, TEXTS, same)
    assert "No difference" in markdown_report(EVALUATION, scorecard, same)
    for text in (html_report(EVALUATION, scorecard, TEXTS, changed), markdown_report(EVALUATION, scorecard, changed)):
        assert "0.500 → 1.000" in text or "+0.100" in text
        assert "No difference" not in text


def printed(view: object) -> str:
    out = StringIO()
    Console(file=out, width=100, color_system=None).print(view)
    return out.getvalue()


def test_the_terminal_table_fits_and_names_every_measure(tmp_path: Path) -> None:
    scorecard = score(EVALUATION)
    text = printed(score_view(EVALUATION, scorecard))
    assert all(row.name in text for row in scorecard.rows) and "…" not in text
    assert "\x1b" not in text and "\u202e" not in text
    before = saved(EVALUATION, scorecard)
    before["by_question"]["fine"]["measures"]["RR@10"] = 0.5
    text = printed(comparison_view(compare(tmp_path / "a.json", before, EVALUATION, scorecard)))
    assert "1 question is better" in text and "RR@10 0.50 → 1.00" in text


def test_every_report_shows_the_kinds_of_question_apart() -> None:
    first = OUTCOMES[0]
    why = replace(first, judged=replace(first.judged, question=replace(first.judged.question, text="Why <b>?")))
    mixed = replace(EVALUATION, outcomes=(*OUTCOMES, why))
    scorecard = score(mixed)
    assert re.search(r"^when +\.600 \(\.20–1\.00\) .* 5 *$", printed(score_view(mixed, scorecard)), re.MULTILINE)
    assert re.search(r"^why +1\.000 \(1\.00–1\.00\) .* 1 *$", printed(score_view(mixed, scorecard)), re.MULTILINE)
    assert "| why | 1.000 (1.00–1.00) |" in markdown_report(mixed, scorecard)
    assert "<tr><td>why<td class=n>1.000 (1.00–1.00)" in html_report(mixed, scorecard, TEXTS)


def test_a_line_chart_puts_points_where_they_belong() -> None:
    chart = line_chart("t", Axis("x", 0, 10), Axis("y"), [Series("<s>", [(0, 0), (10, 1)])])
    assert 'points="48.0,256.0 406.0,14.0"' in chart and "&lt;s&gt;" in chart and "<s>" not in chart


def test_long_curves_are_thinned_but_keep_their_ends() -> None:
    points = [(float(number), 0.5) for number in range(5001)]
    chart = line_chart("t", Axis("x", 0, 5000), Axis("y"), [Series("s", points)])
    drawn = re.search(r'points="([^"]*)"', chart)
    assert drawn is not None
    xs = [float(pair.split(",")[0]) for pair in drawn.group(1).split()]
    assert len(xs) == 300 and xs[0] == 48 and xs[-1] == 406


def test_bars_and_dots_hold_what_they_say() -> None:
    chart = histogram("t", Axis("x"), [("a", [0.0, 0.0, 1.0], 1), ("b", [0.5], 2)], 0.3)
    assert "a: 66.7% between 0.00 and 0.05" in chart and "a: 33.3% between 0.95 and 1.00" in chart
    assert "12 questions: confidence 0.25, right 0.50" in reliability_chart("t", [(0.25, 0.5, 12)])
