"""Which sentences say nothing themselves is written out here; a reply told in the same sentence says something."""

import pytest

from qa.asides import asks, only_asks, only_heads


@pytest.mark.parametrize(
    ("sentence", "only"),
    [
        ("Why was the mill shut?", True),
        ("“Why was it shut?”", True),
        ("Cllr Voss asked why the mill had been shut.", True),
        ("The question of who dug the canal was in dispute.", True),
        ("Cllr Voss asked why it was shut and was told that it leaked.", False),
        ("Cllr Voss asked for the mill to be shut.", False),
        ("The mill was shut.", False),
    ],
)
def test_a_question_told_or_asked_says_nothing_unless_asking_is_asked_about(sentence: str, only: bool) -> None:
    assert only_asks("Why was the mill shut?", sentence) is only
    assert only_asks("What did Cllr Voss ask?", sentence) is asks(sentence)


@pytest.mark.parametrize(
    ("sentence", "heads"),
    [("Subject: Mill shut", True), ("> From: Ada Voss", True), ("Present: Ada Voss", False), ("The subject: mills.", False)],
)
def test_a_message_s_header_says_nothing_but_to_who_asks_about_messages(sentence: str, heads: bool) -> None:
    assert only_heads("Is the mill shut?", sentence) is heads
    assert not only_heads("Who sent the email about the mill?", sentence)
