"""What the page shows is what the records hold: escaped, at the right offsets, with its provenance."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answer import Abstention, Answer, AnswerSpan, Citation, Place, Scores, Searched
from qa.catalog import Entry
from qa.records import Document, Heading, Locator, Source, Span
from qa.render import visible
from qa.ui.feedback import RIGHT, question_line
from qa.ui.footnotes import footnoted, plain
from qa.ui.markup import Markup, address, element, escape
from qa.ui.reading import LONGEST, Reading, paragraphs, reading_view
from qa.ui.turns import Turn
from qa.ui.views import scope_words, turn_view, welcome_view
from tests.conftest import hostile_texts

OURS = {"article", "h2", "h3", "h4", "h5", "h6", "p", "q", "button", "span", "ol", "ul", "li", "blockquote", "mark", "details"}
OURS |= {"summary", "div", "section", "header", "em", "a", "textarea"}

markup_texts = st.one_of(
    hostile_texts,
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "\"><img src=x onerror='alert(1)'>",
            "&lt;b&gt;&amp;",
            "</mark></p><svg/onload=alert(1)>",
            "${alert(1)} `{{constructor}}`",
            "\u202egnp.exe\u2066 😀",
        ]
    ),
)


class Seen(HTMLParser):
    """Collect the elements, attributes and text of a piece of HTML."""

    def __init__(self, piece: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.marks: list[str] = []
        self.text = ""
        self._marked = False
        self.feed(piece)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag == "mark":
            self._marked = True
            self.marks.append("")

    def handle_endtag(self, tag: str) -> None:
        self._marked = self._marked and tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._marked:
            self.marks[-1] += data


def citation(text: str, start: int, end: int, marked: tuple[int, int], **given: object) -> Citation:
    """Return a citation of `text[start:end]` with one highlight."""
    fields: dict[str, object] = {
        "rank": 1, "document": "a.md", "title": "A title", "publisher": None, "author": None, "date": "2020", "url": None,
        "retold": False, "source": None, "page": None, "line": 3, "heading": (), "confidence": 0.9,
        "scores": Scores(0.5, 1.0, 0.8), "sha256": "0" * 64,
    }  # fmt: skip
    return Citation(start=start, end=end, quote=text[start:end], highlights=(Span(*marked),), **(fields | given))  # type: ignore[arg-type]


def answered(quoted: Citation, question: str = "Why?", **filters: object) -> Answer:
    """Return an answer of one citation."""
    span = quoted.highlights[0]
    text = quoted.quote[span.start - quoted.start : span.end - quoted.start]
    searched = Searched(5, 85, 2 if filters else 0, filters, "g")
    return Answer(question, 0.9, 0.4, text, (AnswerSpan(1, span.start, span.end),), (quoted,), searched, (), 1.0)


def entry(text: str, **given: object) -> Entry:
    """Return a document's entry in the catalog."""
    fields: dict[str, object] = {"id": "i", "path": "a.md", "text": "", "sha256": "0" * 64, "title": "A title"}
    return Entry(0, Document(**(fields | given)), 0, 1, 1)  # type: ignore[arg-type]


def plainly(text: str) -> str:
    """Return a text as the page shows it."""
    return visible(re.sub(r"\r(?!\n)", "\n", text))


@given(markup_texts)
def test_escaped_text_holds_no_markup_and_is_shown_whole(text: str) -> None:
    seen = Seen(escape(text))
    assert not seen.tags
    assert html.unescape(escape(text)) == plainly(text)


@given(markup_texts, markup_texts)
def test_content_and_attributes_are_escaped_unless_they_are_markup(content: str, value: str) -> None:
    seen = Seen(element("p", content, element("em", content), title=value))
    assert seen.tags == {"p", "em"}
    assert seen.attributes == {"title"}
    assert isinstance(element("p"), Markup)


@given(markup_texts, markup_texts, markup_texts)
def test_a_turn_shows_hostile_records_as_text(question: str, quote: str, name: str) -> None:
    text = f"Before. {quote}x After."
    source = Source(title=name, publisher=name, author=name, date="2020-01")
    quoted = citation(
        text, 0, len(text), (8, 9 + len(quote)), title=name, document=name, heading=(name,), retold=True, source=source
    )
    turns = [Turn(1, question, answered(quoted, question, source=[name]))]
    turns.append(
        Turn(2, question, Abstention(question, 0.1, 0.4, "below threshold", (quoted,), Searched(1, 1, 0, {}, "g"), (name,), 1))
    )
    turns.append(Turn(3, question, None, name, asked=name))
    for turn in turns:
        seen = Seen(turn_view(turn))
        assert seen.tags <= OURS
        assert not seen.links
        assert not {found for found in seen.attributes if found.startswith("on")}


@given(st.lists(markup_texts, min_size=3, max_size=6), st.data())
def test_the_highlight_stands_at_its_offsets_whatever_is_before_it(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces) + "The end 😀."
    position = data.draw(st.integers(0, len(text) - 1))
    # Evidence is one sentence, so it never holds a blank line nor has white space at its edges.
    end = data.draw(st.integers(position + 1, len(text)))
    if re.search(r"[\r\n]\s*[\r\n]|^[\r\n]|[\r\n]$", text[position:end]) or text[position:end] != text[position:end].strip():
        return
    quoted = citation(text, 0, len(text), (position, end))
    in_pane = Seen(reading_view(Reading(entry(text), text, 1, (quoted,), quoted, 1)))
    assert "".join(in_pane.marks) == plainly(text[position:end])
    in_answer = Seen(turn_view(Turn(1, "Why?", answered(quoted))))
    assert "".join(in_answer.marks) == visible(text[position:end])


WRAPPED = (
    "The warden of the marsh lives at Bell House and answers{0}letters on Mondays; who comes by boat finds her at the{0}"
    "sluice, where she reads the gauge every noon, in{0}oilskins."
)
AS_IT_IS = "Bell House{0}Marsh Lane{0}{0}```{0}a line of a program that is long enough to seem full{0}{0}else{0}```"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_full_lines_of_a_text_file_flow_in_the_answer_its_quote_and_the_pane_and_no_offset_moves(end: str) -> None:
    text = f"# One{end}{end}{WRAPPED}{end}{end}{AS_IT_IS}{end}".format(end)
    start, first, last = text.index("The"), text.index("letters") - 7 - len(end), text.index(" reads")
    quoted = citation(text, start, len(text), (first, last))
    marked = "answers letters on Mondays; who comes by boat finds her at the sluice, where she"
    kept = AS_IT_IS.format("\n")
    shown = turn_view(Turn(1, "Why?", answered(quoted)))
    seen = Seen(shown)
    assert seen.marks == [marked] and seen.text.count(WRAPPED.format(" ")) == 1 and kept in seen.text
    assert element("q", marked) in shown
    assert json.loads(html.unescape(re.findall(r'data-saved="([^"]*)"', shown)[0]))["citations"][0]["quote"] == quoted.quote
    opened = Reading(entry(text, headings=(Heading(0, 5 + len(end), 1, "One"),)), text, 1, (quoted,), quoted, 1)
    pane = Seen(reading_view(opened))
    assert pane.marks == [marked] and WRAPPED.format(" ") in pane.text and kept.split("\n\n")[0] in pane.text
    # Of a PDF the lines are its reader's own, whose paragraphs are whole.
    paper = Seen(reading_view(replace(opened, entry=entry(text, encoding="PDF"))))
    assert WRAPPED.format("\n") in paper.text
    assert WRAPPED.format("\n") in Seen(turn_view(Turn(1, "Why?", answered(replace(quoted, lined=False))))).text


@given(hostile_texts)
def test_paragraphs_lose_nothing_but_blank_lines(text: str) -> None:
    shown = "".join(text[span.start : span.end] for span in paragraphs(text, 0, len(text)))
    assert "".join(shown.split()) == "".join(text.split())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_paragraph_ends_at_a_blank_line_and_at_no_other(end: str) -> None:
    text = f"One{end}line{end} {end}{end}two{end}"
    assert [text[span.start : span.end] for span in paragraphs(text, 0, len(text))] == [f"One{end}line", "two"]


def test_the_pane_shows_the_whole_document_with_its_headings_and_without_its_front_matter() -> None:
    text = "---\nsecret: 1\n---\n# One\n\nFirst.\n\n## Two\n\nSecond 😀 sentence.\n"
    one, two = text.index("# One"), text.index("## Two")
    headings = (Heading(one, one + 6, 1, "One"), Heading(two, two + 7, 2, "Two"))
    start = text.index("Second")
    quoted = citation(text, start, start + 17, (start, start + 17))
    opened = Reading(entry(text, headings=headings, body=one), text, 1, (quoted,), quoted, 3)
    seen = Seen(reading_view(opened))
    assert "secret" not in seen.text
    assert seen.marks == ["Second 😀 sentence"]
    assert "Contents" in seen.text
    assert {"h3", "h4"} <= seen.tags
    assert "1 of 3" in seen.text


def test_of_a_very_long_document_the_part_around_the_evidence_is_shown() -> None:
    text = "Filler sentence.\n" * (2 * LONGEST // 17) + "The evidence."
    start = text.index("The evidence.")
    quoted = citation(text, start, len(text), (start, len(text)))
    seen = Seen(reading_view(Reading(entry(text), text, 1, (quoted,), quoted, 1)))
    assert seen.marks == ["The evidence."]
    assert len(seen.text) < LONGEST + 1000
    assert f"of {len(text):,}" in seen.text


def test_a_retold_document_says_so_under_the_answer_with_the_evidence_and_in_the_pane() -> None:
    text = "It was retold."
    source = Source("The report", "Medway Council", None, "2022-06-17")
    quoted = citation(text, 0, len(text), (0, len(text)), retold=True, source=source)
    line = "retold from “The report”, Medway Council, 17 June 2022"
    assert Seen(turn_view(Turn(1, "Why?", answered(quoted)))).text.count(line) == 2
    document = entry(text, retold=True, source=source)
    assert line in Seen(reading_view(Reading(document, text, 1, (quoted,), quoted, 1))).text
    assert "retold from “The report”" in Seen(reading_view(Reading(document, text))).text
    assert "retold" in Seen(welcome_view([document])).text
    assert line in footnoted(answered(quoted))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "Survey", "date": "2023-07-14"}, "— Survey, 14 July 2023"),
        ({"title": "Survey", "publisher": "Elde Press", "date": "2023-07-14"}, "— Elde Press, 14 July 2023"),
        ({"title": "Survey"}, "— Survey"),
    ],
)
def test_an_answer_is_attributed_to_a_title_where_nobody_is_named(fields: dict[str, str], expected: str) -> None:
    quoted = citation("It rained.", 0, 10, (0, 10), **{"date": None} | fields)
    view = turn_view(Turn(1, "Why?", answered(quoted)))
    found = re.search(r'<p class="attribution">(.*?)</p>', view)
    assert found is not None and Seen(found[1]).text == expected


def test_the_items_of_a_list_stand_one_below_the_other() -> None:
    text = "Aims: mend <it>, pay him."
    quoted = citation(text, 0, len(text), (0, len(text)))
    spans = (AnswerSpan(1, 6, 15), AnswerSpan(1, 17, 24))
    found = replace(answered(quoted), text="mend <it> … pay him", spans=spans)
    assert "<li><q>mend &lt;it&gt;</q></li><li><q>pay him</q>" in turn_view(Turn(1, "Which aims?", found))


def test_a_right_list_is_kept_whole_as_a_draft() -> None:
    text = "Aims: mend it, pay him."
    quoted = citation(text, 0, len(text), (0, len(text)))
    found = replace(answered(quoted), text="mend it … pay him", spans=(AnswerSpan(1, 6, 13), AnswerSpan(1, 15, 22)))
    line = question_line(found, RIGHT)
    assert line["draft"] is True, "an answer of two items is none of its golds"
    assert line["answers"] == [
        {"doc": "a.md", "start": 6, "end": 13, "text": "mend it"},
        {"doc": "a.md", "start": 15, "end": 22, "text": "pay him"},
    ]
    single = question_line(replace(found, text="mend it", spans=(AnswerSpan(1, 6, 13),)), RIGHT)
    assert "draft" not in single and len(single["answers"]) == 1


def test_what_an_unknown_word_may_have_been_meant_for_is_a_button_that_asks_so() -> None:
    question = 'Is the "bord" of Mongolia <b>bold</b>?'
    searched = Searched(1, 1, 0, {}, "g")
    refused = Abstention(question, 0.1, 0.4, "below threshold", (), searched, ("bord", "Mongolia"), 1.0, {"bord": "board"})
    piece = turn_view(Turn(1, question, refused))
    assert "These words occur nowhere in them: bord (did you mean board?), Mongolia." in Seen(piece).text
    asked = escape('Is the "board" of Mongolia <b>bold</b>?')
    assert f'data-again="{asked}"' in piece
    assert piece.count("data-again") == 1


def test_a_hint_stands_with_an_answer_too_and_only_where_there_is_one() -> None:
    found = replace(answered(citation("Here.", 0, 5, (0, 5)), "Where is the bord?"), unknown_words=("bord", "x"))
    assert "occur nowhere" not in turn_view(Turn(1, found.question, found))
    hinted = turn_view(Turn(1, found.question, replace(found, suggestions={"bord": "board"})))
    assert "These words occur nowhere in them: bord (did you mean board?)." in Seen(hinted).text
    assert 'data-again="Where is the board?"' in hinted


@given(markup_texts, markup_texts)
def test_hostile_words_and_suggestions_are_text(word: str, meant: str) -> None:
    refused = Abstention(word, 0.1, 0.4, "below threshold", (), Searched(1, 1, 0, {}, "g"), (word,), 1.0, {word: meant})
    seen = Seen(turn_view(Turn(1, "Why?", refused)))
    assert seen.tags <= OURS
    assert not {found for found in seen.attributes if found.startswith("on")}
    assert plainly(word) in seen.text


def test_the_scope_is_said_with_the_answer() -> None:
    text = "Here."
    quoted = citation(text, 0, 5, (0, 5))
    found = answered(quoted, source=["a.md"], since="2013", until="2020")
    assert scope_words(found.searched) == (
        "Searched 5 documents (85 passages); 2 left out by the filters. Asked only in a.md from 2013 to 2020."
    )
    named = answered(quoted, source=["a[*].md", "b*.md"])
    assert "Asked only in a*.md, b*.md." in scope_words(named.searched)
    assert scope_words(found.searched) in Seen(turn_view(Turn(1, "Why?", found))).text


def test_confidence_is_a_word_with_the_number_on_hover() -> None:
    quoted = citation("Here.", 0, 5, (0, 5))
    piece = turn_view(Turn(1, "Why?", answered(quoted)))
    assert "High confidence" in piece
    assert 'title="confidence 0.90; an answer needs 0.40"' in piece


def test_an_answer_that_may_be_none_says_so_before_its_words() -> None:
    found = answered(citation("Here.", 0, 5, (0, 5)))
    unsure = turn_view(Turn(1, "Why?", replace(found, confidence=0.29)))
    assert 0 < unsure.find("Perhaps.") < unsure.find("said unsure")
    assert "Perhaps." not in turn_view(Turn(1, "Why?", replace(found, confidence=0.3)))


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "http:///x", "//evil.example", "http://[", "https://a\u202eb", "HTTP//x", ""],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert not Seen(address(url)).links


def test_a_web_address_is_a_link_that_tells_nothing() -> None:
    assert address("https://a.example/?q=1&r=2") == (
        '<a href="https://a.example/?q=1&amp;r=2" rel="noopener noreferrer" target="_blank">https://a.example/?q=1&amp;r=2</a>'
    )


@given(markup_texts)
def test_markdown_for_copying_is_one_line_without_markup(text: str) -> None:
    shown = plain(text)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)(?:\\\\)*[<`*\[]", shown)


def test_an_answer_is_copied_with_footnotes() -> None:
    quoted = citation("It *was* so.", 0, 12, (0, 12))
    assert footnoted(answered(quoted)) == ("**Why?**\n\n> It \\*was\\* so.[^1]\n\n[^1]: A title. 2020. a.md, line 3.\n")


def test_a_line_that_is_none_of_the_file_is_not_named_on_the_page_nor_in_a_footnote() -> None:
    copies = (Place("fees.csv", 0, 9, 19, None, Locator(0, "row", 13), lined=False), Place("b.html", 0, 9, 4, lined=False))
    quoted = citation("It was.", 0, 7, (0, 7), document="a.html", heading=("Fees", "Winter"), lined=False, also_in=copies)
    shown = Seen(turn_view(Turn(1, "Why?", answered(quoted)))).text
    assert "under Fees › Winter" in shown
    assert "also in fees.csv row 13; b.html" in shown
    assert "line" not in shown
    assert footnoted(answered(quoted)).endswith("[^1]: A title. 2020. a.html, under Fees › Winter.\n")
    bare = replace(quoted, heading=())
    assert "a.html" in Seen(turn_view(Turn(1, "Why?", answered(bare)))).text
    assert footnoted(answered(bare)).endswith("[^1]: A title. 2020. a.html.\n")
