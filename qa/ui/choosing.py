"""Which documents a question is asked of: the shared ones or one's own, those chosen and those of certain dates."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from qa.catalog import Entry
from qa.errors import BadInput
from qa.globs import escaped
from qa.render import long_date, visible
from qa.ui.markup import Markup, element

MOST_LISTED = 2000
"""Documents that the list to choose from names."""

MOST_LINKED = 100
"""Documents that the address of a question may name; addresses of some thousand characters not everything passes on."""


@dataclass(frozen=True)
class Choice:
    """Limit a question to documents by path and by date; None means all, no paths means none at all.

    `own` asks the visitor's own documents, never together with the shared ones.
    """

    documents: tuple[str, ...] | None = None
    since: str | None = None
    until: str | None = None
    own: bool = False

    @classmethod
    def of(cls, chosen: dict[str, Any] | None, paths: Iterable[str], since: str, until: str, own: bool) -> "Choice":
        """Make a choice of what a visitor gave: keys of some of the paths, and dates, of which empty ones are none."""
        keys = chosen.get("keys") if isinstance(chosen, dict) else None
        documents = None
        if isinstance(keys, list):
            wanted = {key for key in keys if isinstance(key, str)}
            documents = tuple(path for path in paths if key_of(path) in wanted)
        return cls(documents, since.strip() or None, until.strip() or None, own)

    def checked(self) -> "Choice":
        """Return the choice; raises BadInput where it leaves nothing to ask."""
        if self.documents == ():
            raise BadInput("No documents are chosen; choose some below the question, or press All")
        return self

    @property
    def globs(self) -> tuple[str, ...] | None:
        """Return the documents as a question's sources name them: these and no others, whatever their names hold."""
        return None if self.documents is None else tuple(map(escaped, self.documents))

    def query(self, question: str) -> str | None:
        """Return the query of an address that asks a question with this choice; None where it would name too many documents."""
        if len(self.documents or ()) > MOST_LINKED:
            return None
        dates = [(name, date) for name, date in (("since", self.since), ("until", self.until)) if date]
        return "?" + urlencode([("q", question), *(("document", path) for path in self.documents or ()), *dates])


ALL = Choice()


def key_of(path: str) -> str:
    """Return what a path is called on the page, which need not survive being shown there."""
    return hashlib.sha256(path.encode()).hexdigest()[:20]


def choice_label(choice: Choice) -> str:
    """Return what the next question is asked of, in words."""
    number = None if choice.documents is None else len(choice.documents)
    whose = "your " if choice.own else ""
    counted = f"all {whose}documents" if number is None else f"{number:,} of {'your' if choice.own else 'the'} documents"
    dates = "".join(f", {word} {visible(date)}" for word, date in (("from", choice.since), ("to", choice.until)) if date)
    return f"Asking {'no documents' if number == 0 else counted}{dates}"


def document_line(entry: Entry) -> str:
    """Return a document's title with its date, and that it is retold."""
    document = entry.document
    date = document.date or (document.source.date if document.source else None)
    notes = [*(["retold"] if document.retold else []), *([long_date(date)] if date else [])]
    return f"{document.title} ({', '.join(notes)})" if notes else document.title


def picker_view(entries: Sequence[Entry], documents: Sequence[str] | None) -> Markup:
    """Return the list of documents to choose from, those in `documents` ticked; None ticks all."""
    rows = [
        element(
            "li",
            element(
                "label",
                element(
                    "input",
                    type="checkbox",
                    checked=documents is None or entry.document.path in documents,
                    data_key=key_of(entry.document.path),
                ),
                element("span", document_line(entry)),
                title=entry.document.path,
            ),
        )
        for entry in entries[:MOST_LISTED]
    ]
    more = (
        element("p", f"The first {MOST_LISTED:,} of {len(entries):,} are listed; limit the others by date.", class_="note")
        if len(entries) > MOST_LISTED
        else Markup()
    )
    tools = element(
        "div",
        element("input", type="search", placeholder="Find a document", aria_label="Find a document", class_="find"),
        element("button", "All", type="button", data_pick="all", aria_label="Choose all documents"),
        element("button", "None", type="button", data_pick="none", aria_label="Choose no document"),
        element("span", "", class_="count", role="status"),
        class_="tools",
    )
    return element(
        "div", tools, element("ul", *rows, aria_label="Documents"), more, class_="picker", role="group", aria_label="Documents"
    )
