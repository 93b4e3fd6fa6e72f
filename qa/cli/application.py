"""What all commands share: the application, the index option, output, progress and the error boundary."""

import atexit
import errno
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.errors import BadInput, NoIndex, VerbatimError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from qa.engine import Engine
    from qa.models import Progress

app = typer.Typer(
    name="qa",
    help="Ask your own documents a question and get their own words back, with the exact place they stand.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

IndexOption = Annotated[Path, typer.Option("--index", envvar="QA_INDEX", help="Folder of the index.", show_default="./index")]
ReaderOption = Annotated[
    str,
    typer.Option(
        "--reader",
        envvar="QA_READER",
        metavar="NAME_OR_FOLDER",
        help="What marks the words that answer: shipped, none, or an extractive question-answering model of transformers.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")]
DEFAULT_INDEX = Path("index")
DEFAULT_CORPUS = Path("corpus")

ABSTAINED = 1
WRONG = 2

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What writing meets where there is no room; files' own writers say so themselves, so it is the output's."""


def console(*, error: bool = False) -> "Console":
    """Return a console for standard output or standard error; plain where it is no terminal."""
    from rich.console import Console

    return Console(stderr=error, highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 100)


def show(view: "RenderableType") -> None:
    """Print something made to be looked at."""
    console().print(view)


def tell(message: str) -> None:
    """Print a line of news on standard error."""
    print(message, file=sys.stderr, flush=True)


def print_json(value: Any, *, indent: int | None = 1) -> None:
    """Print a value as JSON on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=indent), flush=True)


@contextmanager
def progress_bar() -> "Iterator[Progress]":
    """Yield a callback that draws a bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(error=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def step(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield step


def open_engine(index: Path, reader: str = "shipped") -> "Engine":
    """Open the index; where there is none, build it from ./corpus first."""
    from qa.engine import Engine

    try:
        return Engine.open(index, reader=reader)
    except NoIndex:
        if not DEFAULT_CORPUS.is_dir():
            raise NoIndex(f"{index}: holds no index and there is no ./corpus to build it from; run: qa index FOLDER") from None
    from qa.indexer import build_index

    tell(f"No index yet: building {index} from ./{DEFAULT_CORPUS}; the first time takes about ten seconds.")
    with progress_bar() as progress:
        report = build_index(DEFAULT_CORPUS, index, progress)
    for item in report.skipped:
        tell(f"skipped {item.path}: {item.reason}")
    return Engine.open(index, reader=reader)


def document_root(engine: "Engine") -> Path:
    """Return the folder an index was built from."""
    return Path(engine.store.manifest.root)


def read_lines(name: str) -> Iterator[str]:
    """Yield the non-empty lines of standard input; raises BadInput if they are not UTF-8."""
    try:
        for line in sys.stdin.buffer:
            text = line.decode("utf-8").strip()
            if text:
                yield text
    except UnicodeDecodeError:
        raise BadInput(f"{name} is not UTF-8; convert it first") from None


def main() -> None:
    """Run the command line; every error a person can mend is one line and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            app()
        finally:
            print(end="", flush=True)  # here, or a full disk would be met when the status has been told
    except VerbatimError as error:
        # names of files and folders may hold line ends, and what commands a terminal
        line = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in str(error))
        tell(f"qa: {line}")
        sys.exit(WRONG)
    except BrokenPipeError:  # whoever read the output has seen enough
        _drop_output()
        sys.exit(0)
    except OSError as error:
        if error.filename is not None or error.errno not in _FULL:
            raise
        _drop_output()
        tell(f"qa: the output cannot be written ({error.strerror})")
        sys.exit(WRONG)


def _drop_output() -> None:
    """Let nothing that still waits to be written fail at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def program() -> None:
    """Be the program `qa`: run the command line and leave without taking every library apart.

    What else was to be done at the end is done before. Taking numpy, FAISS and ONNX Runtime apart costs
    83 of the 585 ms of processor time of a question in a new process.
    """
    status: int | None = None

    def leave() -> None:
        if status is not None:
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):
                    stream.flush()
            os._exit(status)

    atexit.register(leave)  # the first registered is the last called
    try:
        main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else None
        raise
    status = 0
