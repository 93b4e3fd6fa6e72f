"""A conversation in a real browser: follow-ups are understood, shown to be corrected, and can be switched off."""

import pytest

from tests.browsing import Visitor

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[test]'")

QUESTION = "Who chairs the Improvement Board?"


def test_a_follow_up_is_understood_and_can_be_corrected(visitor: Visitor) -> None:
    visit = visitor()
    assert visit.ask(QUESTION).locator(".asked").count() == 0
    turn = visit.ask("How often does it meet?")
    field = turn.get_by_label("The question as it was understood")
    assert turn.locator(".question").inner_text() == "How often does it meet?"
    assert field.input_value() == "How often does the Improvement Board meet?"
    assert "every month" in turn.locator(".said").inner_text()
    field.fill("Who is Greta Byline?")
    field.press("Enter")
    playwright.expect(turn.locator("mark").first).to_contain_text("Greta Byline is a journalist")
    assert visit.page.locator(".turn").count() == 2
    playwright.expect(turn.locator(".question")).to_be_focused()
    turn.get_by_text("Ask as typed").click()
    playwright.expect(field).to_have_value("How often does it meet?")
    # What was asked last is what the next question follows.
    field.fill("When did Barbara Peacock join Medway Council?")
    turn.get_by_text("Ask this").click()
    playwright.expect(turn.locator("mark").first).to_contain_text("2012")
    after = visit.ask("why was she appointed?")
    assert after.get_by_label("The question as it was understood").input_value() == "why was Barbara Peacock appointed?"


def test_follow_ups_can_be_switched_off(visitor: Visitor) -> None:
    visit = visitor()
    visit.ask(QUESTION)
    visit.page.locator("#scope > button").click()
    visit.page.get_by_label("Understand short questions from the ones before").uncheck()
    assert visit.ask("How often does it meet?").locator(".asked").count() == 0
