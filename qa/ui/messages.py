"""What the page's script and the server tell each other: nothing that is sent is taken to be of its kind."""

import time
from collections.abc import Sequence
from typing import Any

import gradio as gr

from qa.follow_ups.rewriting import REMEMBERED
from qa.ui.turns import Turn
from qa.ui.views import turn_view

_MOST_NUMBERED = 1_000_000
"""Turns of a conversation that nobody reaches."""


def sent(event: gr.EventData) -> dict[str, Any]:
    """Return what the page's script sends with an event; nothing where another program sent something else."""
    return event._data if isinstance(event._data, dict) else {}


def number_of(given: object) -> int:
    """Return the number of a turn that was sent, 0 where it is none."""
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 < given < _MOST_NUMBERED else 0


def known(turns: Sequence[Turn], given: object) -> Turn | None:
    """Return the turn whose number was sent, where the server still has it."""
    number = number_of(given)
    return next((turn for turn in turns if turn.number == number), None)


def earlier_questions(given: object, own: bool) -> list[str]:
    """Return the questions that the page says were asked before of the same documents, the oldest first."""
    items = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
    asked = [item["question"] for item in items if isinstance(item.get("question"), str) and bool(item.get("own")) == own]
    return asked[-REMEMBERED:]


def arrived(turn: Turn, first: int) -> dict[str, Any]:
    """Return a turn for the page to put in its place; each is a new value, and the page forgets turns before the first."""
    return {"number": turn.number, "first": first, "html": turn_view(turn), "at": time.monotonic_ns()}


def noticed(number: int, notice: str) -> dict[str, Any]:
    """Return what is to be said of a turn that stays as it is."""
    return {"number": number, "notice": notice, "at": time.monotonic_ns()}
