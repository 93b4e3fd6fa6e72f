"""Passages: whole sentences that tile each section and fit the model."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa.encoder import Encoder
from qa.formats.blocks import Blocks, notes_of
from qa.loaders import document_of, parse_plain
from qa.passages import CONTEXT_BYTES, CONTEXT_CHARACTERS, content_span, context_of, cut_passages, sections
from qa.records import Document, Passage, Span
from qa.settings import SETTINGS, Settings
from qa.text import sentence_span, sentence_tiles
from tests.conftest import TRAP_SECONDS, TRAPS, hostile_texts, markdown, trap

LIST_MARK = re.compile(r"(?:[-*+•‣·▪◦]|\d{1,3}[.)])?")


def cut(document: Document, encoder: Encoder) -> list[Passage]:
    return cut_passages(document, SETTINGS, encoder.count_tokens, encoder.token_limit(SETTINGS.passage_tokens))


def plain(text: str) -> Document:
    return document_of("a.txt", text, parse_plain(text), "utf-8")


def tokens_with_context(document: Document, passage: Passage, encoder: Encoder) -> int:
    context = context_of(document.title, passage.heading)
    text = document.text[passage.start : passage.end]
    return encoder.count_tokens(f"{context}\n{text}" if context else text)


@given(text=hostile_texts)
@example(text="\n" * 1500 + "a" * 999 + "\n\n" + "b" * 10_000 + "\r\n# H\r\n" + "c")
def test_every_character_but_blanks_front_matter_and_headings_is_in_exactly_one_passage(encoder: Encoder, text: str) -> None:
    document = markdown(text)
    owners = [0] * len(text)
    for passage in cut(document, encoder):
        for at in range(passage.start, passage.end):
            owners[at] += 1
    outside = [(0, document.body), *((heading.start, heading.end) for heading in document.headings)]
    for start, end in outside:
        assert not any(owners[start:end])
        owners[start:end] = [1] * (end - start)
    assert [mark for mark, owner in zip(text, owners, strict=True) if owner != 1 and not mark.isspace()] == []
    assert max(owners, default=0) <= 1


@given(text=hostile_texts)
def test_passages_stand_in_order_and_between_two_of_a_section_is_nothing_but_blanks(encoder: Encoder, text: str) -> None:
    document = markdown(text)
    passages = cut(document, encoder)
    for before, after in pairwise(passages):
        between = [heading for heading in document.headings if before.end <= heading.start and heading.end <= after.start]
        assert before.end <= after.start
        assert between or not text[before.end : after.start].strip()
    assert all(text[passage.start : passage.end].strip() for passage in passages)


@given(text=hostile_texts)
@example(text="-" * 295 + "plushinterdisciplinary" + "-" * 212)
@example(text=f"# {'한글각' * 11} " + ("한글각" * 11 + " ") * 7 + "\n" + "한글각 " * 400)
@example(text=("-" * 295 + "plushinterdisciplinary" * 4) * 4)
def test_a_passage_is_no_longer_than_the_model_reads(encoder: Encoder, text: str) -> None:
    for document in (markdown(text), plain(text)):
        for passage in cut(document, encoder):
            assert passage.end - passage.start <= SETTINGS.passage_characters
            assert tokens_with_context(document, passage, encoder) <= 510


@given(text=hostile_texts, limit=st.integers(8, 60), characters=st.integers(20, 90))
def test_a_model_that_reads_little_gets_little(encoder: Encoder, text: str, limit: int, characters: int) -> None:
    document = plain(text)
    settings = Settings(passage_characters=characters, sentence_characters=20)
    for passage in cut_passages(document, settings, encoder.count_tokens, limit):
        assert passage.end - passage.start <= characters
        assert tokens_with_context(document, passage, encoder) <= limit or passage.end - passage.start == 1


@given(text=hostile_texts)
def test_sentences_lie_in_their_passage_apart_in_order_and_without_blanks_at_their_edges(encoder: Encoder, text: str) -> None:
    for passage in cut(markdown(text), encoder):
        edges = [passage.start, *(edge for span in passage.sentences for edge in (span.start, span.end)), passage.end]
        assert edges == sorted(edges)
        for span in passage.sentences:
            sentence = text[span.start : span.end]
            assert sentence and sentence == sentence.strip() and len(sentence) <= 300
        left_out = [text[start:end].strip() for start, end in zip(edges[::2], edges[1::2], strict=True)]
        assert all(LIST_MARK.fullmatch(item) for item in left_out)
        assert content_span(passage) == Span(passage.sentences[0].start, passage.sentences[-1].end)


@given(text=hostile_texts)
def test_no_sentence_is_cut_for_the_sake_of_a_passage(text: str) -> None:
    document = markdown(text)
    tiles = [tile for start, end, _ in sections(document) for tile in sentence_tiles(text, start, end, 300)]
    spans = [span for span in (sentence_span(text, *tile) for tile in tiles) if span.start < span.end]
    passages = cut_passages(document, SETTINGS, lambda _: 0, 510)
    assert [span for passage in passages for span in passage.sentences] == spans


@given(text=hostile_texts)
def test_a_passage_stands_under_the_last_heading_of_each_higher_level_and_on_the_line_of_its_first_sentence(text: str) -> None:
    document = markdown(text)
    for passage in cut_passages(document, SETTINGS, lambda _: 0, 510):
        path: list[str] = []
        level = 7
        for heading in reversed([heading for heading in document.headings if heading.end <= passage.start]):
            if heading.level < level:
                path.insert(0, heading.text)
                level = heading.level
        assert passage.heading == tuple(path)
        before = text[: passage.sentences[0].start].replace("\r\n", "\n").replace("\r", "\n")
        assert passage.line == 1 + before.count("\n")


def test_a_heading_does_not_reach_into_its_siblings_section_or_above_it(encoder: Encoder) -> None:
    text = "before\n# A\na\n## B\nb\n### C\nc\n## D\nd\n# E\n\n### F\nf\n"
    passages = cut(markdown(text), encoder)
    assert [(text[passage.start : passage.end], passage.heading, passage.line) for passage in passages] == [
        ("before\n", (), 1), ("a\n", ("A",), 3), ("b\n", ("A", "B"), 5), ("c\n", ("A", "B", "C"), 7),
        ("d\n", ("A", "D"), 9), ("\nf\n"[1:], ("E", "F"), 13),
    ]  # fmt: skip


def test_crlf_stays_in_the_passage_and_a_list_mark_outside_the_sentence(encoder: Encoder) -> None:
    text = "---\r\ntitle: T\r\n---\r\n# H\r\n\r\nFirst line\r\ngoes on.\r\n- item 😀\r\n"
    (passage,) = cut(markdown(text), encoder)
    assert text[passage.start : passage.end] == "\r\nFirst line\r\ngoes on.\r\n- item 😀\r\n"
    assert [text[span.start : span.end] for span in passage.sentences] == ["First line\r\ngoes on.", "item 😀"]
    assert passage.line == 6


def paragraph(word: str, characters: int) -> str:
    return (f"{word} is a sentence. " * characters)[: characters - 1].strip()[:-1] + "."


def test_short_paragraphs_are_joined_with_what_follows_and_long_ones_stand_alone(encoder: Encoder) -> None:
    lengths = [60, 60, 400, 500, 350, 80]
    text = "\n\n".join(paragraph(f"Word{number}", length) for number, length in enumerate(lengths))
    passages = cut(plain(text), encoder)
    held = [sorted(set(re.findall(r"Word(\d)", text[passage.start : passage.end]))) for passage in passages]
    assert held == [["0", "1", "2"], ["3"], ["4"], ["5"]]
    assert [passage.start for passage in passages[1:]] == [passage.end for passage in passages[:-1]]


def test_a_long_paragraph_is_cut_into_parts_of_about_the_same_length(encoder: Encoder) -> None:
    text = "".join(f"Sentence {number} says nothing new about it. " for number in range(36))
    lengths = [passage.end - passage.start for passage in cut(plain(text), encoder)]
    assert len(lengths) == 2 and sum(lengths) == len(text)
    assert abs(lengths[0] - lengths[1]) < 100


@pytest.mark.parametrize("end", [":", "—"])
def test_what_leads_to_a_list_stands_in_the_passage_of_its_first_items(encoder: Encoder, end: str) -> None:
    items = "".join(f"- Item {number} is a sentence that is neither very short nor very long.\n" for number in range(30))
    for before in ("", "A short paragraph.\n\n", paragraph("Long", 500) + "\n\n", paragraph("Long", 500) + " "):
        text = f"{before}The board set these aims{end}\n\n{items}"
        leading = [passage for passage in cut(plain(text), encoder) if "these aims" in text[passage.start : passage.end]]
        (passage,) = leading
        assert "Item 0" in text[passage.start : passage.end], before
    text = "Nothing follows this:\n\n"
    assert len(cut(plain(text), encoder)) == 1


@pytest.mark.parametrize("text", ["", " \r\n\t\u2028\n", "# Only\n\n## Headings\n", "---\na: b\n---\n \n"])
def test_a_document_of_blanks_and_headings_has_no_passages(encoder: Encoder, text: str) -> None:
    assert cut(markdown(text), encoder) == []


def test_a_slide_without_a_title_begins_a_passage_under_no_heading_and_its_notes_go_with_it(encoder: Encoder) -> None:
    blocks = Blocks()
    for number, name in enumerate(("Tides", "", "", "Ships"), start=1):
        blocks.mark("slide", number, name or None)
        blocks.heading(name, 1)
        blocks.paragraph(f"Words of {number}.")
        blocks.mark("slide", number, notes_of(name))
        blocks.paragraph(f"Notes of {number}.")
    parsed = blocks.parsed({})
    passages = cut(document_of("a.pptx", parsed.text, parsed, "PPTX"), encoder)
    found = [(parsed.text[passage.start : passage.end].strip(), passage.heading) for passage in passages]
    headings: list[tuple[str, ...]] = [("Tides",), (), (), ("Ships",)]
    assert found == [(f"Words of {at}.\n\nNotes of {at}.", heading) for at, heading in enumerate(headings, start=1)]
    assert all(one.end < other.start for one, other in pairwise(passages)), "those that touch are quoted as one"


def test_a_context_is_the_title_once_and_the_heading_path() -> None:
    assert context_of("T", ()) == "T"
    assert context_of("T", ("T", "A", "", "B")) == "T. A. B"
    assert context_of("", ()) == ""


@given(st.text(max_size=300), st.lists(st.text(max_size=300), max_size=6))
def test_a_context_is_bounded_in_characters_and_bytes_and_ends_with_a_whole_character(title: str, heading: list[str]) -> None:
    context = context_of(title, tuple(heading))
    assert len(context) <= CONTEXT_CHARACTERS and len(context.encode()) <= CONTEXT_BYTES
    assert ". ".join(part for part in [title, *(part for part in heading if part != title)] if part).startswith(context)


@pytest.mark.parametrize("name", TRAPS)
def test_hostile_repetition_is_cut_in_a_time_that_grows_with_its_length_alone(encoder: Encoder, name: str) -> None:
    document = plain(trap(name))
    started = time.process_time()
    passages = cut(document, encoder)
    assert time.process_time() - started < TRAP_SECONDS
    held = sum(len(document.text[passage.start : passage.end].split()) for passage in passages)
    assert held >= len(document.text.split())


def test_a_note_of_markdown_stands_under_the_heading_where_it_is_first_referred_to() -> None:
    parts = [
        "# Weir\n", "Built in 1903.[^1] See [^2].\n\n[^2]: Under its own heading.\n\n", "# Mole\n", "Cut[^a] [^1]: no note.\n\n",
        "# Last\n", "All is said.\n\n", "[^1]: By Ada\nFenwick.\n\n    Of Wick.", "\n\nMore is said.\n", "[^a]: By Tom.",
        "\n[^b]: By nobody.\n",
    ]  # fmt: skip
    text = "".join(parts)
    found = [(text[section.start : section.end], section.heading) for section in sections(markdown(text))]
    assert found == [
        (parts[1], ("Weir",)), (parts[3], ("Mole",)), (parts[5], ("Last",)), (parts[6], ("Weir",)), (parts[7], ("Last",)),
        (parts[8], ("Mole",)), (parts[9], ("Last",)),
    ]  # fmt: skip


@given(
    labels=st.lists(st.sampled_from(["[^1]", "[^1]:", "[^1]: a\n", "\n", "    b\n", "# H\n", "c ", "[^2]: d", "\t", "[^2]\n"]))
)
def test_notes_leave_no_character_out_and_none_twice(encoder: Encoder, labels: list[str]) -> None:
    document = markdown("".join(labels))
    spans = [(section.start, section.end) for section in sections(document)]
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    left = [*(mark for at, mark in enumerate(document.text) if not any(start <= at < end for start, end in spans))]
    headed = "".join(document.text[heading.start : heading.end] for heading in document.headings)
    assert sorted("".join(left).split()) == sorted("".join(headed).split())
