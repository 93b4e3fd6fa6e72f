"""What happens when the page is used: each method is one event and returns what changes. State is the session's own."""

import contextlib
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
from qa.ui.choosing import MOST_LINKED, Choice, choice_label, key_of, picker_view
from qa.ui.desk import Desk
from qa.ui.feedback import VERDICTS, Feedback
from qa.ui.intake import taking_in
from qa.ui.markup import Markup, element
from qa.ui.messages import arrived, earlier_questions, known, noticed, number_of, sent
from qa.ui.programs import forget_session
from qa.ui.reading import close_button, reading_view
from qa.ui.shelf import Shelves, uploaded
from qa.ui.shelf_view import shelf_view
from qa.ui.turns import Turn
from qa.ui.views import conversation_view, trouble_view, welcome_view

TURNS = 50
"""Turns kept of a conversation."""

CITATIONS = 5

SHARED, OWN = "Shared documents", "Your documents"

_FORGOTTEN = "The server no longer knows this answer: it was restarted, or the connection to it was lost. Ask again first."


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
            return trouble_view(str(error)), [], Markup(), {"all": True}, gr.skip(), "", ""
        query = request.query_params
        asked = str(query.get("q", "")).strip()
        given = [str(path) for path in query.getlist("document")] if asked else []
        documents = tuple(given) or None
        since, until = (str(query.get(name, "")).strip() if asked else "" for name in ("since", "until"))
        chosen = {"keys": [key_of(path) for path in given]} if given else {"all": True}
        choice = Choice(documents, since or None, until or None)
        offered = (picker_view(entries, documents), chosen, gr.update(label=choice_label(choice)))
        if not asked:
            return welcome_view(entries), [], *offered, since, until
        turn = self._new(1, asked, choice)
        if len(given) > MOST_LINKED:  # of some of them alone something else would be asked
            trouble = f"The address names {len(given):,} documents, and may name {MOST_LINKED}; ask for fewer"
            turns = [replace(turn, trouble=trouble)]
        else:
            turns = [self._answered(turn, asked, request)]
        return conversation_view(turns), turns, *offered, since, until

    def ask(
        self,
        turns: list[Turn],
        chosen: dict[str, Any],
        since: str,
        until: str,
        collection: str,
        event: gr.EventData,
        request: gr.Request,
    ) -> tuple[Any, list[Turn]]:
        """Answer a question in a new turn, as a follow-up to those before where it is one and the visitor lets it be."""
        given: dict[str, Any] = sent(event)
        typed = str(given.get("question") or "").strip()
        if not typed:
            return gr.skip(), turns
        if given.get("shared"):
            chosen, since, until, collection = {"all": True}, "", "", SHARED
        # The page numbers on where the server has forgotten what came before.
        number = max(turns[-1].number if turns else 0, number_of(given.get("after"))) + 1
        turn = self._new(number, typed, Choice(own=collection == OWN))
        try:
            turn = replace(turn, choice=self._chosen(chosen, since, until, collection, request))
            asked = self._alone(turn, turns, given.get("earlier"), request) if given.get("follow") else typed
            turn = self._answered(turn, asked, request)
        except VerbatimError as error:
            turn = replace(turn, trouble=str(error))
        turns = [*turns, turn][-TURNS:]
        return arrived(turn, turns[-1].number - TURNS + 1), turns

    def ask_again(
        self,
        turns: list[Turn],
        chosen: dict[str, Any],
        since: str,
        until: str,
        collection: str,
        event: gr.EventData,
        request: gr.Request,
    ) -> tuple[Any, list[Turn]]:
        """Answer a turn's question anew in the words it was corrected to, of the same documents as before.

        Of a turn that the server has forgotten, those that are chosen now.
        """
        given: dict[str, Any] = sent(event)
        asked, number = str(given.get("question") or "").strip(), number_of(given.get("turn"))
        if not asked or not number:
            return gr.skip(), turns
        before = known(turns, number)
        turn = before or self._new(number, str(given.get("typed") or asked), Choice(own=collection == OWN))
        try:
            if before is None:
                turn = replace(turn, choice=self._chosen(chosen, since, until, collection, request))
            turn = self._answered(turn, asked, request)
        except VerbatimError as error:
            turn = replace(turn, trouble=str(error))
        others = [other for other in turns if other.number != number]
        turns = sorted([*others, turn], key=lambda one: one.number)[-TURNS:]
        return arrived(turn, turns[-1].number - TURNS + 1), turns

    def _new(self, number: int, typed: str, choice: Choice) -> Turn:
        return Turn(number, typed, None, choice=choice, verdict="" if self._feedback else None)

    def _chosen(self, chosen: dict[str, Any] | None, since: str, until: str, collection: str, request: gr.Request) -> Choice:
        """Return what is chosen to be asked; raises what opening the collection raises."""
        own = collection == OWN
        some = isinstance(chosen, dict) and "keys" in chosen
        paths = (entry.document.path for entry in self._desk(own, request).entries()) if some else ()
        return Choice.of(chosen, paths, since, until, own)

    def _alone(self, turn: Turn, turns: Sequence[Turn], told: object, request: gr.Request) -> str:
        """Return a turn's question as it can be asked alone after those before it; those the server forgot the page tells."""
        choice = turn.choice
        before = [other.result for other in turns if other.result is not None and other.choice.own == choice.own]
        if not before:
            desk = self._desk(choice.own, request)
            before = [desk.ask(question, 1, None, None, None) for question in earlier_questions(told, choice.own)]
        return rewrite(turn.question, [exchange_of(result) for result in before])

    def _answered(self, turn: Turn, asked: str, request: gr.Request) -> Turn:
        """Return a turn with what came of asking; its question is shown as it was asked where that is not as it was typed."""
        # Once a question was rewritten the field stays, so that it can be corrected again.
        shown = asked if asked != turn.question or turn.asked else ""
        fresh = replace(turn, result=None, trouble="", asked=shown, verdict=turn.verdict and "")
        try:
            choice = turn.choice.checked()
            desk = self._desk(choice.own, request)
            result = desk.ask(asked, CITATIONS, choice.globs, choice.since, choice.until)
        except VerbatimError as error:
            return replace(fresh, trouble=str(error))
        return replace(fresh, result=result)

    def judge(self, turns: list[Turn], event: gr.EventData) -> tuple[Any, list[Turn]]:
        """Note what the visitor says of an answer, once."""
        given: dict[str, Any] = sent(event)
        number, verdict = number_of(given.get("turn")), given.get("verdict")
        if self._feedback is None or not number or verdict not in VERDICTS:
            return gr.skip(), turns
        turn = known(turns, number)
        if turn is None or turn.result is None:
            return noticed(number, _FORGOTTEN), turns
        if turn.verdict != "" or turn.choice.own:
            return gr.skip(), turns
        try:
            self._feedback.add(turn.result, verdict)
        except VerbatimError as error:
            return noticed(number, str(error)), turns
        judged = replace(turn, verdict=verdict)
        turns = [judged if other is turn else other for other in turns]
        return arrived(judged, turns[-1].number - TURNS + 1), turns

    def open(self, turns: list[Turn], collection: str, event: gr.EventData, request: gr.Request) -> str:
        """Open a document: the one a citation quotes, or one by its path."""
        asked: dict[str, Any] = sent(event)
        try:
            turn = known(turns, asked.get("turn"))
            if turn is not None:
                reading = self._desk(turn.choice.own, request).read_citation(turn, asked.get("rank") or 0)
            else:
                forgotten = bool(asked.get("turn"))
                own = bool(asked.get("own")) if forgotten else collection == OWN
                reading = replace(self._desk(own, request).read(str(asked.get("document"))), forgotten=forgotten)
            shown = reading_view(reading)
        except VerbatimError as error:
            shown = element("section", close_button(), trouble_view(str(error)), class_="reading", aria_label="Source")
        # The browser acts on a value that changes: opening the same place again is a new value.
        return element("div", shown, class_="opened", data_opened=time.monotonic_ns())

    def label(self, chosen: dict[str, Any] | None, since: str, until: str, collection: str, request: gr.Request) -> Any:
        """Say what the next question is asked of."""
        try:
            choice = self._chosen(chosen, since, until, collection, request)
        except VerbatimError:  # which is said when it is asked
            return gr.skip()
        return gr.update(label=choice_label(choice))

    def turn_to(self, collection: str, since: str, until: str, request: gr.Request) -> tuple[Any, ...]:
        """Offer the documents of a collection to choose from, all of them chosen."""
        try:
            entries: Sequence[Entry] = self._desk(collection == OWN, request).entries()
        except VerbatimError:
            entries = []
        label = choice_label(Choice.of(None, (), since, until, collection == OWN))
        return picker_view(entries, None), {"all": True}, gr.update(label=label)

    def add(self, since: str, until: str, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Take in files that the visitor has handed over, telling how far it is; after that they are what is asked."""
        given: dict[str, Any] = sent(event)
        files = []
        trouble = ""
        session = str(request.session_hash)
        try:
            files = list(uploaded(given.get("files"), Path(get_upload_folder())))
            for shown in taking_in(self._shelves.made(session), files):
                yield element("div", shown, data_at=time.monotonic_ns()), *[gr.skip()] * 4
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
        given: dict[str, Any] = sent(event)
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
