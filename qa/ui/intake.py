"""Take a visitor's files in, and tell meanwhile how far each is."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from qa.errors import BadInput, VerbatimError
from qa.ui.markup import Markup
from qa.ui.shelf import Shelf
from qa.ui.shelf_view import working_view

_TELL_SECONDS = 0.25
"""How often the page is told; oftener nobody could read it."""


def taking_in(shelf: Shelf, files: Sequence[tuple[str, Path]]) -> Iterator[Markup]:
    """Add files to a shelf, yielding how far it is until it is done; raises what adding them raises."""
    told = [("reading", 0, 0)]
    wrong: list[VerbatimError] = []

    def work() -> None:
        try:
            shelf.add(files, lambda stage, done, total: told.__setitem__(0, (stage, done, total)))
        except VerbatimError as error:
            wrong.append(error)
        except OSError as error:
            wrong.append(BadInput(f"The files could not be kept ({error.strerror}); try again later"))

    worker = threading.Thread(target=work, name="intake")
    worker.start()
    shown = None
    while worker.is_alive():
        if told[0] != shown:
            shown = told[0]
            yield working_view(shelf.names(), *shown)
        worker.join(_TELL_SECONDS)
    if wrong:
        raise wrong[0]
