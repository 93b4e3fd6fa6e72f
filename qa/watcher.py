"""Follow a folder: whenever its files change, publish a new generation of its index."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from watchfiles import watch

from qa.errors import VerbatimError
from qa.folders import check_root, is_passing
from qa.indexer import Options, build_index
from qa.models import Progress
from qa.ownership import is_own
from qa.records import BuildReport

GATHER_MILLISECONDS = 1500
"""Changes are gathered until there has been none for so long, or `LONGEST` has passed."""

LONGEST = 15_000


def follow(
    root: Path,
    index: Path,
    options: Options,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    ready: Callable[[], object] | None = None,
) -> Iterator[BuildReport | VerbatimError]:
    """Build the index of a folder, and again after every burst of changes; yield what came of it each time.

    What goes wrong is yielded too and the next change tries again; only wrong use at the start is
    raised. Hidden and temporary files, and the index's own, change nothing. Ends when `stop` is set;
    an interrupt is raised. `ready` is called before the first build, once changes are noticed.
    """
    folder, own = check_root(root), index.resolve()

    def counts(_: object, name: str) -> bool:
        path = Path(name)
        parts = path.relative_to(folder).parts if path.is_relative_to(folder) else ()
        return not any(map(is_passing, parts)) and not is_own(own, path)

    stop = stop or threading.Event()
    changes = watch(
        folder,
        watch_filter=counts,
        debounce=LONGEST,
        step=GATHER_MILLISECONDS,
        stop_event=stop,
        raise_interrupt=True,
        yield_on_timeout=True,
        rust_timeout=500,
    )
    next(changes, None)  # watching has begun, so what changes during the first build is noticed
    if ready is not None:
        ready()
    yield build_index(folder, index, progress, options)
    follow_up = Options(model=options.model, forget=options.forget, ocr=options.ocr)
    for burst in changes:
        if burst:
            try:
                yield build_index(folder, index, progress, follow_up)
            except VerbatimError as error:
                yield error
