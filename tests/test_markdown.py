"""Front matter and headings of Markdown, and in what time hostile texts are gone through."""

import time

import pytest
from hypothesis import given

from qa.formats.markdown import FRONT_CHARACTERS, front_matter, parse_markdown
from qa.loaders import FIELD_CHARACTERS
from tests.conftest import TRAP_SECONDS, TRAPS, hostile_texts, trap


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_front_matter_is_read_as_strings_with_any_line_end(end: str) -> None:
    text = end.join(["---", "title: 'A: B'", "date: 2013-02-01", "version: 1.10", "---", "body"])
    body, fields = front_matter(text)
    assert text[body:] == "body"
    assert fields == {"title": "A: B", "date": "2013-02-01", "version": "1.10"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_words_that_hold_a_colon_are_the_fields_own(end: str) -> None:
    lines = [
        "title: Dredging: Ann's view",
        "subtitle: Decided:",
        'note: "Weirs": a history',
        "author: [Ann, 'B: C']",
        "n: 'a: b'",
    ]
    text = end.join(["---", *lines, "source:", "  title: Weirs: I", "---", "body"])
    body, fields = front_matter(text)
    assert text[body:] == "body"
    expected = {"title": "Dredging: Ann's view", "subtitle": "Decided:", "note": '"Weirs": a history', "author": ["Ann", "B: C"]}
    assert fields == expected | {"n": "a: b", "source": {"title": "Weirs: I"}}
    assert front_matter("---\nThe board met: all: came\n---\n") == (0, {}), "a sentence between two rules"


def test_fields_in_capitals_and_lists_of_authors_are_read() -> None:
    def words(*lines: str) -> dict[str, object]:
        return dict(parse_markdown("\n".join(["---", *lines, "---", "body"])).metadata)

    told = words("TITLE: T", "Date: 2020", "date: 2021", "Author: [Ann  Lee, {name: X}, Bob Ray]")
    assert (told["title"], told["date"], told["author"]) == ("T", "2021", "Ann Lee, Bob Ray")
    assert words("authors:", "- Ann Lee")["author"] == words("authors: Ann Lee")["author"] == "Ann Lee"
    assert words("Source: {Title: S}")["source"] == {"Title": "S", "title": "S"}
    long = words(f"a: &a {'a' * 30_000}", f"author: [{', '.join(['*a'] * 8_000)}]")
    assert len(str(long["author"])) < 200 * FIELD_CHARACTERS


@pytest.mark.parametrize(
    "text",
    ["", "\n---\na: b\n---\n", "---\na: b\n", "---\n- a\n---\n", "---\na: [\n---\n", "---\n---\n", "--- a\nb: c\n---\n",
     "---\na: \x07\n---\n", "---\na: " + "[" * 50_000 + "\n---\n", "---\nx ---\n", "----\na: b\n----\n"],
)  # fmt: skip
def test_what_is_no_front_matter_stays_text(text: str) -> None:
    assert front_matter(text) == (0, {})


def test_front_matter_that_refers_to_itself_a_million_times_is_not_written_out() -> None:
    bomb = "\n".join(
        [f"a{level}: &a{level} [{', '.join(['*a' + str(level - 1)] * 10) if level else 'x'}]" for level in range(30)]
    )
    body, fields = front_matter(f"---\n{bomb}\ntitle: T\n---\nbody")
    assert body > 0 and fields["title"] == "T"


def test_front_matter_longer_than_anyone_writes_is_text_and_keeps_nobody_waiting() -> None:
    written = "---\ntitle: T\n" + "a: b\n" * (FRONT_CHARACTERS // 5 - 10) + "---\n"
    assert front_matter(written + "body")[1]["title"] == "T"
    started = time.process_time()
    assert front_matter("---\ntitle: T\n" + "a: b\n" * 400_000 + "---\nbody") == (0, {})
    assert time.process_time() - started < 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_headings_are_found_where_they_stand_and_nowhere_else(end: str) -> None:
    lines = ["---", "title: T", "---", "# One 😀 #", "", "#none", "```", "# fenced", "```", "> # quoted", "", "- # in a list", "",
             "    # code", "", "Two", "lines", "---", "text", "", "###   Three *x*"]  # fmt: skip
    text = end.join(lines)
    parsed = parse_markdown(text)
    assert [(heading.level, heading.text) for heading in parsed.headings] == [(1, "One 😀"), (2, "Two lines"), (3, "Three *x*")]
    expected = [f"# One 😀 #{end}", f"Two{end}lines{end}---{end}", "###   Three *x*"]
    assert [text[heading.start : heading.end] for heading in parsed.headings] == expected
    assert text[parsed.body :].startswith("# One")


@given(hostile_texts)
def test_headings_are_whole_lines_in_order_inside_the_body(text: str) -> None:
    parsed = parse_markdown(text)
    position = parsed.body
    for heading in parsed.headings:
        assert position <= heading.start < heading.end <= len(text)
        assert heading.start == parsed.body or text[heading.start - 1] in "\r\n"
        assert heading.end == len(text) or text[heading.end - 1] in "\r\n"
        assert text[heading.end - 1 : heading.end + 1] != "\r\n"
        assert 1 <= heading.level <= 6 and len(heading.text) <= FIELD_CHARACTERS
        position = heading.end


@pytest.mark.parametrize("name", TRAPS)
def test_hostile_repetition_is_parsed_in_a_time_that_grows_with_its_length_alone(name: str) -> None:
    started = time.process_time()
    parsed = parse_markdown(trap(name))
    assert time.process_time() - started < TRAP_SECONDS
    assert parsed.body == 0


def beats(text: str) -> int:
    """Return how often the parser shows progress in a text."""
    shown: list[None] = []
    parse_markdown(text, lambda: shown.append(None))
    return len(shown)


def test_each_block_is_progress_and_going_through_the_same_lines_again_is_none() -> None:
    assert beats("A paragraph\n\n# A heading\n\n```\ncode\n```\n") == 3
    assert beats("- an item\n" * 1000) == 1000
    assert beats("> - a\n>\n>   b\n\nc\n") == 3
    assert beats(">" * 20 + " a\n" + "a\n" * 100) == 1
