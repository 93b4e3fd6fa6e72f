"""What a terminal shows: nothing a document holds is obeyed, and retold works say so."""

import io
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from qa.answer import Abstention, Answer, AnswerSpan, Citation, Place, Scores, Searched
from qa.placing import headings, position
from qa.quoting import joined, unwrapped
from qa.records import BuildReport, Locator, Skipped, Source, Span
from qa.render import answer_view, confidence_word, long_date, place, provenance, quotation, report_view, visible
from tests.conftest import TRAP_SECONDS, hostile_texts

QUOTE = "The mill closed. [bold]Ada Voss[/bold] ran it.\nIt stands."
CITATION = Citation(
    rank=1,
    document="mill.md",
    title="Mill",
    publisher="Town",
    author="A. Clerk",
    date="2020-01",
    url=None,
    retold=False,
    source=None,
    page=None,
    line=7,
    heading=("Mill", "End"),
    start=10,
    end=10 + len(QUOTE),
    quote=QUOTE,
    highlights=(Span(27, 56),),
    confidence=0.9,
    scores=Scores(0.5, 2.0, 0.8),
    sha256="0" * 64,
)
SEARCHED = Searched(3, 12, 1, {}, "000001-aaaaaaaa")


def printed(view: object) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False, color_system=None)
    console.print(view)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@given(st.text())
def test_no_control_or_direction_character_reaches_the_terminal(text: str) -> None:
    shown = visible(text)
    assert not any(character < " " and character != "\n" for character in shown)
    assert not any(character in shown for character in "\x7f\x9b\u202e\u2066\u200f\u2028")


def test_escape_sequences_are_shown() -> None:
    assert visible("a\x1b[31mred\u202egnp") == "a␛[31mred\N{REPLACEMENT CHARACTER}gnp"


@pytest.mark.parametrize(("date", "shown"), [("2013", "2013"), ("2020-01", "January 2020"), ("2022-06-07", "7 June 2022")])
def test_a_date_is_shown_as_precisely_as_it_is_known(date: str, shown: str) -> None:
    assert long_date(date) == shown


def test_a_retold_document_never_passes_for_the_publishers_words() -> None:
    source = Source("Mill report", "Port Office", None, "1990")
    retold = replace(CITATION, retold=True, source=source)
    assert provenance(retold) == "retold from “Mill report”, Port Office, 1990"
    assert provenance(replace(CITATION, retold=True)).startswith("retold from another work")
    assert provenance(CITATION) == "A. Clerk, Town, January 2020"


def test_the_answer_is_printed_with_its_place_and_markup_in_it_is_text() -> None:
    answer = Answer("who?", 0.9, 0.4, "[bold]Ada Voss[/bold]", (AnswerSpan(1, 27, 48),), (CITATION,), SEARCHED, (), 1.0)
    shown = printed(answer_view(answer, Path("/documents"), False))
    assert shown.startswith("[bold]Ada Voss[/bold]\nconfidence high (0.90)")
    assert "mill.md:7  § End" in shown
    assert place(CITATION) == "mill.md:7"
    assert "[bold]Ada Voss[/bold] ran it." in shown


def test_where_no_line_is_one_of_the_file_its_parts_are_named_or_nothing() -> None:
    row = Place("fees.csv", 90, 120, 19, locator=Locator(80, "row", 13), lined=False)
    copies = (
        row,
        Place("page.html", 3, 9, 4, lined=False),
        Place("b.md", 3, 9, 4),
        Place("c.pdf", 3, 9, 4, 7, Locator(0, "page", 7), False),
    )
    cited = replace(CITATION, document="mill.html", lined=False, also_in=copies)
    shown = printed(answer_view(Answer("q", 0.9, 0.4, "x", (), (cited,), SEARCHED, (), 1.0), Path("/documents"), False))
    assert "mill.html  § End" in shown
    assert "also in fees.csv, row 13; page.html; b.md:4; c.pdf, page 7" in shown
    assert (position(cited), headings(cited)) == ("", "under End")
    assert cited.to_dict()["also_in"][0] == {
        "document": "fees.csv", "start": 90, "end": 120, "line": 19, "page": None,
        "locator": {"kind": "row", "number": 13, "name": None},
    }  # fmt: skip


def test_an_answer_of_low_confidence_says_so_before_its_words() -> None:
    span = (AnswerSpan(1, 27, 35),)
    unsure = printed(answer_view(Answer("q", 0.1, 0.05, "Ada", span, (CITATION,), SEARCHED, (), 1.0), Path("/documents"), False))
    assert unsure.startswith("Perhaps. The words below come nearest; read them where they stand before you rely on them.\n")
    sure = printed(answer_view(Answer("q", 0.6, 0.05, "Ada", span, (CITATION,), SEARCHED, (), 1.0), Path("/documents"), False))
    assert "Perhaps" not in sure


def test_the_items_of_a_list_are_printed_one_a_line_and_marked_where_the_passage_is_shown_in_part() -> None:
    items = [f"item {number} of the aims" for number in range(40)]
    quote = "Aims: " + ", ".join(items)
    spans = [Span(quote.index(f"{item}"), quote.index(f"{item}") + len(item)) for item in items]
    cited = replace(CITATION, start=0, end=len(quote), quote=quote, highlights=(spans[20], Span(0, 5), *spans[:20], *spans[21:]))
    chosen = tuple(AnswerSpan(1, span.start, span.end) for span in spans[:2])
    answer = Answer("q", 0.9, 0.4, " … ".join(items[:2]), chosen, (cited, replace(cited, rank=2)), SEARCHED, (), 1.0)
    assert answer.pieces == tuple(items[:2])
    assert printed(answer_view(answer, Path("/documents"), False)).startswith("• item 0 of the aims\n• item 1 of the aims\nconf")
    shown = quotation(replace(cited, rank=2), whole=False)
    assert {shown.plain[span.start : span.end] for span in shown.spans} <= {*items, "Aims:"}
    assert "item 20 of the aims" in {shown.plain[span.start : span.end] for span in shown.spans}


WRAPPED = (
    "The warden of the marsh lives at Bell House and answers\n"
    "letters on Mondays; who comes by boat finds her at the\n"
    "sluice, where she reads the gauge every noon, in\n"
    "oilskins.\n"
)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_that_were_full_are_printed_as_one_and_others_as_they_are(end: str) -> None:
    kept = (
        "- an item that is long enough to be taken for a full line\n- another\n\n"
        "Bell House\nMarsh Lane\n\n"
        "| a row of a table that is long enough to seem full | 7 |\n| another | 8 |\n\n"
        "```\na line of a program that is long enough to seem full\nelse\n\n"
        "another line of a program that is long enough to be full\nelse\n```\n\n"
        "Place of birth            Year      Those who live there\nBell House                1,802     seven, and an old dog\n\n"
        "Place of birth and such other names | Year of a census\nBell House, by the old sluice gate | 1,802, so it is said\n\n"
        "This is the forest primeval. The murmuring pines and the hemlocks,\n"
        "Bearded with moss, and in garments green, indistinct in the twilight,\n"
        "Stand like Druids of eld, with voices sad and prophetic,\n"
        "Stand like harpers hoar, with beards that rest on their bosoms.\n"
    )
    quote = (WRAPPED + "\n" + kept).replace("\n", end)
    shown = visible(unwrapped(quote))
    assert shown == visible(WRAPPED).rstrip("\n").replace("\n", " ") + "\n\n" + kept
    marked = quote.index("sluice")
    cited = replace(CITATION, start=0, end=len(quote), quote=quote, highlights=(Span(marked, marked + 6),))
    text = quotation(joined(cited), whole=True)
    assert [text.plain[span.start : span.end] for span in text.spans] == ["sluice"]
    assert joined(replace(cited, lined=False)).quote == quote
    printed_whole = printed(answer_view(Answer("q", 0.9, 0.4, "x", (), (cited,), SEARCHED, (), 1.0), Path("/documents"), False))
    assert "answers letters on Mondays" in printed_whole
    assert cited.to_dict()["quote"] == quote


@given(hostile_texts)
def test_a_text_without_its_full_lines_has_the_same_words_at_the_same_places(text: str) -> None:
    shown = unwrapped(text)
    assert len(shown) == len(text)
    assert all(one == other or one in "\r\n " for one, other in zip(text, shown, strict=True))
    assert shown.replace("\u00ad", " ").split() == text.replace("\u00ad", " ").split()


@pytest.mark.parametrize(
    "text", [" " * 400_000, " " * 399_999 + "a", "a\n" * 200_000, ("x" * 50 + "\n") * 8_000, "\t \n" * 130_000]
)
def test_lines_are_joined_in_a_time_that_grows_with_the_text_alone(text: str) -> None:
    started = time.process_time()
    assert len(unwrapped(text)) == len(text)
    assert time.process_time() - started < TRAP_SECONDS


def test_the_highlight_marks_exactly_its_span() -> None:
    console = Console(
        file=io.StringIO(), width=200, highlight=False, force_terminal=True, color_system="standard", legacy_windows=False
    )
    console.print(answer_view(Answer("q", 0.9, 0.4, "x", (), (CITATION,), SEARCHED, (), 1.0), Path("/documents"), False))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    marked = shown[shown.index("\x1b[1;30;103m") :].removeprefix("\x1b[1;30;103m")
    assert marked.startswith("[bold]Ada Voss[/bold] ran it.\x1b[0m")


def test_passages_that_are_no_evidence_are_shown_briefly() -> None:
    weak = replace(CITATION, rank=2, confidence=0.1)
    shown = printed(answer_view(Answer("q", 0.9, 0.4, "x", (), (CITATION, weak), SEARCHED, (), 1.0), Path("/documents"), False))
    assert "Less likely:\n[2] mill.md:7  [bold]Ada Voss[/bold] ran it." in shown


def test_an_abstention_says_why_how_much_was_searched_and_what_occurs_nowhere() -> None:
    nothing = Abstention("q", 0.2, 0.4, "below threshold", (CITATION,), SEARCHED, ("Mongolia",), 1.0)
    shown = " ".join(printed(answer_view(nothing, Path("/documents"), False)).split())
    assert shown.startswith("The documents don't answer this. The nearest passage has confidence 0.20; an answer needs 0.40.")
    assert "Searched 3 documents (12 passages); 1 left out by the filters." in shown
    assert "These words occur nowhere: Mongolia." in shown
    assert "What came nearest: [1] mill.md:7" in shown


def test_what_an_unknown_word_may_have_been_meant_for_is_asked() -> None:
    nothing = Abstention("q", 0.2, 0.4, "below threshold", (), SEARCHED, ("bord", "Mongolia"), 1.0, {"bord": "Bo\x1b[31mard"})
    shown = " ".join(printed(answer_view(nothing, Path("/documents"), False)).split())
    assert "These words occur nowhere: bord (did you mean Bo␛[31mard?), Mongolia." in shown


def test_an_answer_names_only_the_words_that_may_have_been_meant_for_others() -> None:
    answer = Answer("q", 0.9, 0.4, "Ada", (AnswerSpan(1, 27, 48),), (CITATION,), SEARCHED, ("bord", "x"), 1.0, {"bord": "board"})
    shown = printed(answer_view(answer, Path("/documents"), False))
    assert "These words occur nowhere: bord (did you mean board?).\n" in shown
    assert "occur nowhere" not in printed(answer_view(replace(answer, suggestions={}), Path("/documents"), False))


def test_a_word_goes_with_every_confidence() -> None:
    assert [confidence_word(value) for value in (0.0, 0.29, 0.3, 0.59, 0.6, 1.0)] == [
        "low",
        "low",
        "medium",
        "medium",
        "high",
        "high",
    ]


def test_a_report_names_every_skipped_file_and_its_reason() -> None:
    report = BuildReport("r", "g", 1, 2, 3, ("a.md",), (), (), 0, 2, (Skipped("b\x1b.pdf", "unknown type"),), (), True, 1.0)
    shown = printed(report_view(report))
    assert "1 document, 2 passages, 3 sentences (1 added, 0 unchanged; 2 passages embedded)" in shown
    assert "skipped b␛.pdf: unknown type" in shown
