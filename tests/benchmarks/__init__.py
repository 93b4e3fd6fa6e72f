"""Benchmarks, each a command that prints its figures; what a person can mend is told in one line."""

import sys
from types import TracebackType

from qa.errors import VerbatimError

as_it_was = sys.excepthook


def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write an error that says what to do, or a path that is not there, as one line; anything else as it was written."""
    if isinstance(error, VerbatimError):
        sys.stderr.write(f"{error}\n")
    elif isinstance(error, FileNotFoundError) and error.filename is not None:
        sys.stderr.write(f"{error.filename} does not exist; name the folder or index that holds it\n")
    else:
        as_it_was(kind, error, trace)


sys.excepthook = tell
