"""What other programs may call over HTTP: ask, search and sources, typed and documented."""

from typing import Any

import gradio as gr
from gradio.events import api

from qa.errors import VerbatimError
from qa.ui.desk import Desk


def add_programs(desk: Desk) -> None:
    """Add the endpoints to the page being laid out."""

    def ask(
        question: str,
        k: int = 5,
        source: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        after: list[str] | None = None,
    ) -> dict[str, Any]:
        """Answer a question in the documents' own words, or say that they don't answer it, as `qa ask --json` does.

        Args:
            question: The question, at most 10,000 characters.
            k: Most citations, at most 100.
            source: Globs on the documents' paths; ** crosses folders.
            since: Only documents dated then or later (2013, 2020-01, 2022-06-17).
            until: Only documents dated then or earlier.
            after: Earlier questions, the oldest first; a follow-up is completed from them, and `question` in the answer
                is what was asked then.

        """
        try:
            return desk.ask_after(after or [], question, k, source, since, until).to_dict()
        except VerbatimError as error:
            raise gr.Error(str(error), print_exception=False) from None

    def search(
        query: str, k: int = 10, source: list[str] | None = None, since: str | None = None, until: str | None = None
    ) -> dict[str, Any]:
        """List the best passages without choosing an answer, as `qa search --json` does.

        Args:
            query: What to look for; "quoted phrases" must stand in the text.
            k: Most passages, at most 100.
            source: Globs on the documents' paths; ** crosses folders.
            since: Only documents dated then or later.
            until: Only documents dated then or earlier.

        """
        try:
            return desk.search(query, k, source, since, until)
        except VerbatimError as error:
            raise gr.Error(str(error), print_exception=False) from None

    def sources() -> list[dict[str, Any]]:
        """List the documents that questions are asked of: path, title, publisher, date, retold, passages, sha256."""
        try:
            entries = desk.entries()
        except VerbatimError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return [
            {
                "document": entry.document.path,
                "title": entry.document.title,
                "publisher": entry.document.publisher,
                "date": entry.document.date,
                "retold": entry.document.retold,
                "passages": entry.passages,
                "sha256": entry.document.sha256,
            }
            for entry in entries
        ]

    for function in (ask, search, sources):
        api(function, api_name=function.__name__)
