"""What is copied says what the records hold, and means the same to every program that reads it."""

import json
import re

import pytest
from hypothesis import given

from qa.coverage import Coverage
from qa.globs import matches_glob
from qa.records import Source
from qa.ui.choosing import Choice, choice_label, key_of, picker_view
from qa.ui.references import bibtex, csl_json, html_quotations
from qa.ui.shelf import Read, unread_parts
from qa.ui.shelf_view import shelf_view
from tests.test_ui_views import Seen, answered, citation, entry, markup_texts

TEXT = "It was so in 1911."


def test_an_answer_as_bibtex() -> None:
    quoted = citation(TEXT, 0, len(TEXT), (0, len(TEXT)), date="2020-06-07", author="Ann & Co", url="https://a.example/x_y")
    assert bibtex(answered(quoted)) == (
        "@misc{a,\n  title = {A title},\n  author = {{Ann \\& Co}},\n  year = {2020},\n  month = {6},\n"
        "  url = {https://a.example/x\\_y},\n  note = {“It was so in 1911.” (a.md, line 3)},\n}\n"
    )


def test_an_answer_as_csl_json() -> None:
    quoted = citation(TEXT, 0, len(TEXT), (0, len(TEXT)), date="2020-06", author="Ann", publisher="Press")
    assert json.loads(csl_json(answered(quoted))) == [
        {
            "id": "a",
            "type": "document",
            "title": "A title",
            "author": [{"literal": "Ann"}],
            "publisher": "Press",
            "issued": {"date-parts": [[2020, 6]]},
            "note": "“It was so in 1911.” (a.md, line 3)",
        }
    ]


def test_an_answer_as_html() -> None:
    quoted = citation(TEXT, 0, len(TEXT), (0, len(TEXT)), url="javascript:alert(1)")
    assert html_quotations(answered(quoted)) == (
        "<p><strong>Why?</strong></p><figure><blockquote><p>It was so in 1911.</p></blockquote>"
        "<figcaption><cite>A title</cite>. 2020. a.md, line 3. javascript:alert(1)</figcaption></figure>"
    )


def test_a_retold_document_is_cited_as_itself_with_what_it_retells_in_the_note() -> None:
    source = Source("The report", "Medway Council", "Someone Else", "2022")
    quoted = citation(TEXT, 0, len(TEXT), (0, len(TEXT)), retold=True, source=source, date=None)
    (item,) = json.loads(csl_json(answered(quoted)))
    assert item["title"] == "A title"
    assert "author" not in item
    assert "publisher" not in item
    assert item["note"].startswith("retold from “The report”, Someone Else, Medway Council, 2022. “It was so")
    assert "author" not in bibtex(answered(quoted)).partition("note")[0]


@given(markup_texts, markup_texts)
def test_hostile_records_stay_text_in_every_format(text: str, name: str) -> None:
    whole = f"x{text}x"
    quoted = citation(whole, 0, len(whole), (0, len(whole)), title=name, document=f"{name}.md", author=name, url=name)
    answer = answered(quoted, text)
    entries = bibtex(answer)
    bare = re.sub(r"\\[\\{}$&#_%]", "", entries)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    (item,) = json.loads(csl_json(answer))
    assert item.keys() <= {"id", "type", "title", "author", "publisher", "issued", "URL", "note"}
    seen = Seen(html_quotations(answer))
    assert seen.tags <= {"p", "strong", "figure", "blockquote", "figcaption", "cite", "a"}
    assert not {found for found in seen.attributes if found.startswith("on")}
    assert all(link.startswith(("http://", "https://")) for link in seen.links)


@given(markup_texts)
def test_hostile_names_stay_text_where_documents_are_chosen_and_added(name: str) -> None:
    seen = Seen(picker_view([entry("", path=name, title=name)], None))
    assert seen.tags <= {"div", "input", "button", "span", "ul", "li", "label"}
    assert not {found for found in seen.attributes if found.startswith("on")}
    seen = Seen(shelf_view((Read(name, 1), Read(name, 0, name), Read(name, 2, "", 3, (name,) * 9)), name))
    assert seen.tags <= {"div", "input", "button", "span", "ul", "li", "label", "p"}
    assert not {found for found in seen.attributes if found.startswith("on")}


def test_what_of_a_file_was_not_read_is_named() -> None:
    coverage = Coverage(90, 10, (3, 9), (3, 9), notes=("page 3 is a picture; run OCR", "2 tables"))
    assert unread_parts(coverage) == ["2 of its 10 pages not read", "page 3 is a picture; run OCR"]
    assert unread_parts(Coverage(90, 10, (3,))) == [], "a blank page is read whole"
    seen = Seen(shelf_view((Read("a.pdf", 7, "", 10, tuple(unread_parts(coverage))),)))
    assert "partly read, 10 pages, 7 passages" in seen.text
    assert "page 3 is a picture" in seen.text
    many = Seen(shelf_view((Read("a.zip", 1, "", None, tuple(f"{number}.bin: unknown" for number in range(8))),))).text
    assert "4.bin" in many and "5.bin" not in many and "and 3 more" in many


@pytest.mark.parametrize(
    ("chosen", "documents", "label"),
    [
        ({"all": True}, None, "Asking all documents"),
        ({"keys": [key_of("b.md")]}, ("b.md",), "Asking 1 of the documents"),
        ({"keys": []}, (), "Asking no documents"),
        ({"keys": [key_of("a.md"), key_of("c.md"), 7, [], None]}, ("a.md",), "Asking 1 of the documents"),
        (None, None, "Asking all documents"),
    ],
)
def test_what_is_chosen_is_what_is_asked(chosen: dict[str, object] | None, documents: tuple[str, ...] | None, label: str) -> None:
    choice = Choice.of(chosen, ["a.md", "b.md"], "", " ", False)
    assert choice.documents == choice.globs == documents
    assert choice_label(choice) == label


def test_a_document_chosen_by_a_name_that_looks_like_a_pattern_is_asked_alone() -> None:
    choice = Choice.of({"keys": [key_of("a*.txt"), key_of("b[1]?.md")]}, ["a*.txt", "ab.txt", "b[1]?.md"], "", "", False)
    assert choice.globs == ("a[*].txt", "b[[]1][?].md")
    assert [matches_glob(name, "a[*].txt") for name in ("a*.txt", "ab.txt")] == [True, False]
