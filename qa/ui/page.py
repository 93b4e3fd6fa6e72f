"""What happens when the page is used: each method is one event and returns what changes. State is the session's own."""

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from qa.catalog import Entry
from qa.errors import BadInput, VerbatimError
from qa.follow_ups import exchange_of, rewrite
from qa.ui.choosing import Choice, choice_label, picker_view
from qa.ui.desk import Desk
from qa.ui.feedback import VERDICTS, Feedback
from qa.ui.intake import taking_in
from qa.ui.markup import Markup, element
from qa.ui.programs import forget_session
from qa.ui.reading import close_button, reading_view
from qa.ui.shelf import Shelves, uploaded
from qa.ui.shelf_view import shelf_view
from qa.ui.turns import Turn
from qa.ui.views import conversation_view, trouble_view, turn_view, welcome_view

TURNS = 50
"""Turns kept of a conversation."""

CITATIONS = 5

MOST_LINKED = 100
"""Documents that the address of a question may name."""

SHARED, OWN = "Shared documents", "Your documents"


class Page:
    """Answer what the visitor does."""

    def __init__(self, desk: Desk, shelves: Shelves, feedback: Feedback | None) -> None:
        self._shared = desk
        self._shelves = shelves
        self._feedback = feedback

    def _desk(self, own: bool, request: gr.Request) -> Desk:
        """Return what is asked; raises BadInput where it is the visitor's own and there is nothing any more."""
        if not own:
            return self._shared
        shelf = self._shelves.of(str(request.session_hash))
        if shelf is None or not shelf.read:
            raise BadInput("Your documents are not here any more; add them again, or ask the shared ones")
        return shelf.desk

    def arrive(self, request: gr.Request) -> tuple[Any, ...]:
        """Show the start page, or the answer that the address asks for, and offer the documents to choose from."""
        try:
            entries = self._shared.entries()
        except VerbatimError as error:
            return trouble_view(str(error)), [], Markup(), [], {"all": True}, gr.skip(), "", ""
        query = request.query_params
        asked = str(query.get("q", "")).strip()
        given = [str(path) for path in query.getlist("document")[:MOST_LINKED]] if asked else []
        documents = tuple(given) or None
        since, until = (str(query.get(name, "")).strip() if asked else "" for name in ("since", "until"))
        listed = [entry.document.path for entry in entries]
        numbers = [listed.index(path) for path in given if path in listed]
        chosen = {"numbers": numbers} if given else {"all": True}
        choice = Choice(documents, since or None, until or None)
        offered = (picker_view(entries, documents), listed, chosen, gr.update(label=choice_label(choice)))
        if not asked:
            return welcome_view(entries), [], *offered, since, until
        turns = [self._answered(self._new(1, asked, choice), asked, request)]
        return conversation_view(turns), turns, *offered, since, until

    def ask(
        self,
        turns: list[Turn],
        chosen: dict[str, Any],
        listed: list[str],
        since: str,
        until: str,
        collection: str,
        event: gr.EventData,
        request: gr.Request,
    ) -> tuple[Any, list[Turn]]:
        """Answer a question in a new turn, as a follow-up to those before where it is one and the visitor lets it be."""
        given: dict[str, Any] = _sent(event)
        typed = str(given.get("question") or "").strip()
        if not typed:
            return gr.skip(), turns
        choice = Choice.of(chosen, listed, since, until, collection == OWN)
        before = [turn.result for turn in turns if turn.result is not None and turn.choice.own == choice.own]
        asked = rewrite(typed, [exchange_of(result) for result in before]) if given.get("follow") else typed
        turn = self._answered(self._new(turns[-1].number + 1 if turns else 1, typed, choice), asked, request)
        turns = [*turns, turn][-TURNS:]
        return _arrived(turn, turns), turns

    def ask_again(self, turns: list[Turn], event: gr.EventData, request: gr.Request) -> tuple[Any, list[Turn]]:
        """Answer a turn's question anew in the words it was corrected to, of the same documents as before."""
        given: dict[str, Any] = _sent(event)
        asked = str(given.get("question") or "").strip()
        if not asked:
            return gr.skip(), turns
        before = next((turn for turn in turns if turn.number == given.get("turn")), None)
        if before is None:
            return gr.skip(), turns
        turn = self._answered(before, asked, request)
        turns = [turn if other is before else other for other in turns]
        return _arrived(turn, turns), turns

    def _new(self, number: int, typed: str, choice: Choice) -> Turn:
        return Turn(number, typed, None, choice=choice, verdict="" if self._feedback else None)

    def _answered(self, turn: Turn, asked: str, request: gr.Request) -> Turn:
        """Return a turn with what came of asking; its question is shown as it was asked where that is not as it was typed."""
        # Once a question was rewritten the field stays, so that it can be corrected again.
        shown = asked if asked != turn.question or turn.asked else ""
        fresh = replace(turn, result=None, trouble="", asked=shown, verdict=turn.verdict and "")
        try:
            choice = turn.choice.checked()
            desk = self._desk(choice.own, request)
            result = desk.ask(asked, CITATIONS, choice.documents, choice.since, choice.until)
        except VerbatimError as error:
            return replace(fresh, trouble=str(error))
        return replace(fresh, result=result)

    def judge(self, turns: list[Turn], event: gr.EventData) -> tuple[Any, list[Turn]]:
        """Note what the visitor says of an answer, once."""
        given: dict[str, Any] = _sent(event)
        turn = next((turn for turn in turns if turn.number == given.get("turn")), None)
        verdict = given.get("verdict")
        if turn is None or turn.result is None or turn.verdict != "" or turn.choice.own or verdict not in VERDICTS:
            return gr.skip(), turns
        if self._feedback is None:
            return gr.skip(), turns
        try:
            self._feedback.add(turn.result, verdict)
        except VerbatimError as error:
            raise gr.Error(str(error), print_exception=False) from None
        judged = replace(turn, verdict=verdict)
        turns = [judged if other is turn else other for other in turns]
        return _arrived(judged, turns), turns

    def download(self, turns: list[Turn]) -> dict[str, Any]:
        """Return the conversation as saved answers, which `qa verify` proves; each call is a new value."""
        saved = [turn.result.to_dict() | {"typed": turn.question} for turn in turns if turn.result is not None]
        return {"json": json.dumps(saved, ensure_ascii=False, indent=1), "at": time.monotonic_ns()}

    def open(self, turns: list[Turn], collection: str, event: gr.EventData, request: gr.Request) -> str:
        """Open a document: the one a citation quotes, or one by its path."""
        asked: dict[str, Any] = _sent(event)
        try:
            turn = next((turn for turn in turns if turn.number == asked.get("turn")), None)
            if turn is not None:
                reading = self._desk(turn.choice.own, request).read_citation(turn, asked.get("rank") or 0)
            else:
                reading = self._desk(collection == OWN, request).read(str(asked.get("document")))
            shown = reading_view(reading)
        except VerbatimError as error:
            shown = element("section", close_button(), trouble_view(str(error)), class_="reading", aria_label="Source")
        # The browser acts on a value that changes: opening the same place again is a new value.
        return element("div", shown, class_="opened", data_opened=time.monotonic_ns())

    def label(self, chosen: dict[str, Any] | None, listed: list[str], since: str, until: str, collection: str) -> Any:
        """Say what the next question is asked of."""
        return gr.update(label=choice_label(Choice.of(chosen, listed, since, until, collection == OWN)))

    def turn_to(self, collection: str, since: str, until: str, request: gr.Request) -> tuple[Any, ...]:
        """Offer the documents of a collection to choose from, all of them chosen."""
        try:
            entries: Sequence[Entry] = self._desk(collection == OWN, request).entries()
        except VerbatimError:
            entries = []
        listed = [entry.document.path for entry in entries]
        return picker_view(entries, None), listed, {"all": True}, self.label(None, listed, since, until, collection)

    def add(self, since: str, until: str, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Take in files that the visitor has handed over, telling how far it is; after that they are what is asked."""
        given: dict[str, Any] = _sent(event)
        files = []
        trouble = ""
        session = str(request.session_hash)
        try:
            files = list(uploaded(given.get("files"), Path(get_upload_folder())))
            for shown in taking_in(self._shelves.made(session), files):
                yield element("div", shown, data_at=time.monotonic_ns()), *[gr.skip()] * 5
        except VerbatimError as error:
            trouble = str(error)
        finally:
            for _, path in files:
                path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # two files of the same content share a folder
                    path.parent.rmdir()
        yield self._shelf_shown(trouble, since, until, request)

    def remove(self, since: str, until: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Take one of the visitor's documents away."""
        given: dict[str, Any] = _sent(event)
        shelf = self._shelves.of(str(request.session_hash))
        trouble = ""
        number = given.get("number")
        if shelf is not None and isinstance(number, int) and 0 <= number < len(shelf.read):
            try:
                shelf.remove(shelf.read[number].name)
            except VerbatimError as error:
                trouble = str(error)
        return self._shelf_shown(trouble, since, until, request)

    def _shelf_shown(self, trouble: str, since: str, until: str, request: gr.Request) -> tuple[Any, ...]:
        shelf = self._shelves.of(str(request.session_hash))
        read = shelf.read if shelf else ()
        own = any(not file.reason for file in read)
        collection = OWN if own else SHARED
        shown = element("div", shelf_view(read, trouble), data_at=time.monotonic_ns())
        return shown, gr.update(value=collection, visible=own), *self.turn_to(collection, since, until, request)

    def leave(self, request: gr.Request) -> None:
        """Forget a visitor whose page was closed."""
        self._shelves.drop(str(request.session_hash))
        forget_session(request)


def _arrived(turn: Turn, turns: Sequence[Turn]) -> dict[str, Any]:
    """Return a turn for the page to put in its place; each is a new value, and the page forgets turns before the first."""
    return {"number": turn.number, "first": turns[0].number, "html": turn_view(turn), "at": time.monotonic_ns()}


def _sent(event: gr.EventData) -> dict[str, Any]:
    """Return what the page's script sends with an event; nothing where another program sent something else."""
    return event._data if isinstance(event._data, dict) else {}
