"""Nobody is shut out: axe-core finds nothing serious in any state of the page, wide and narrow, light and dark."""

import importlib.resources
from typing import Any

import pytest

from tests.browsing import Visit, Visitor

pytest.importorskip("axe_playwright_python", reason="axe-playwright-python, which carries axe-core, is not installed")

QUESTION = "Who chairs the Improvement Board?"


def violations(visit: Visit) -> list[str]:
    """Return what axe-core calls serious or critical on the page as it is, with the elements concerned."""
    script = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    visit.page.evaluate(script)
    found: list[dict[str, Any]] = visit.page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_no_state_of_the_page_shuts_anyone_out(visitor: Visitor, width: int, theme: str) -> None:
    visit = visitor(width=width, query=f"?__theme={theme}")
    assert violations(visit) == []
    visit.ask(QUESTION)
    turn = visit.ask("How often does it meet?")
    visit.ask("What is the best recipe for sourdough pizza on Mars?").locator("summary").click()
    assert violations(visit) == []
    visit.open_first(turn)
    assert violations(visit) == []
    visit.page.keyboard.press("Escape")
    visit.page.locator("#scope > button").click()
    visit.page.get_by_role("button", name="Choose no document").click()
    visit.ask(QUESTION).locator(".trouble").wait_for()
    assert violations(visit) == []
