"""A visitor's own documents as HTML: what was read, what was skipped and why, and how to add and remove."""

from collections.abc import Iterator, Sequence

from qa.ui.markup import Markup, element
from qa.ui.shelf import MOST_BYTES, MOST_FILES, Read

LIMITS = (
    f"At most {MOST_FILES} files of {MOST_BYTES // 1024**2} MB. Only you see them; they are asked apart from the shared"
    " documents and removed when you leave."
)

_MOST_NAMED = 5
"""Unread parts of a file that are named."""


def shelf_view(read: tuple[Read, ...], trouble: str = "") -> Markup:
    """Return the place to put files, and what became of each that is there."""
    rows = [_row(number, file) for number, file in enumerate(read)]
    wrong = element("p", trouble, class_="trouble", role="alert") if trouble else Markup()
    return element("div", _drop(), element("p", LIMITS, class_="limits"), wrong, _listing(rows), class_="own")


def working_view(names: Sequence[str], stage: str, done: int, total: int) -> Markup:
    """Return the same while files are taken in: how far each is, and all together."""
    reading = stage == "reading"
    rows = []
    for number, name in enumerate(names):
        state = "read" if not reading or number < done else "being read …" if number == done else "waiting"
        rows.append(element("li", element("span", name, class_="name"), element("span", state, class_="state")))
    counted = {
        "reading": f"Reading: {min(done + 1, len(names)):,} of {len(names):,} files",
        "embedding": f"Preparing them for questions: {done:,} of {total:,} passages",
    }.get(stage, "Preparing them for questions")
    bar = element("progress", max=max(1, total), value=done, aria_label="How far it is") if total else Markup()
    told = element("p", element("span", counted, role="status"), bar, class_="working")
    return element("div", _drop(), element("p", LIMITS, class_="limits"), told, _listing(rows), class_="own", aria_busy="true")


def _drop() -> Markup:
    return element(
        "label",
        element("span", "Drop files here, or choose them", class_="invite"),
        element("input", type="file", multiple=True, class_="files", data_most=MOST_BYTES, aria_label="Choose files to add"),
        class_="drop",
    )


def _listing(rows: Sequence[Markup]) -> Markup:
    return element("ul", *rows, class_="shelf", aria_label="Your documents")


def _row(number: int, file: Read) -> Markup:
    words = f"skipped: {file.reason}" if file.reason else ", ".join(_read(file))
    unread = [*file.unread[:_MOST_NAMED]]
    if len(file.unread) > _MOST_NAMED:
        unread.append(f"and {len(file.unread) - _MOST_NAMED:,} more")
    return element(
        "li",
        element("span", file.name, class_="name"),
        element("span", words, class_="skipped" if file.reason else "read"),
        element("button", "Remove", type="button", data_remove=number, aria_label=f"Remove {file.name}"),
        *(element("p", part, class_="skipped part") for part in unread),
    )


def _read(file: Read) -> Iterator[str]:
    yield "partly read" if file.unread else "read"
    for count, name in ((file.pages, "page"), (file.passages, "passage")):
        if count:
            yield f"{count:,} {name}{'' if count == 1 else 's'}"
