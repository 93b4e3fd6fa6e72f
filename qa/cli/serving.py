"""The command that serves: chat."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from qa.cli.application import DEFAULT_INDEX, IndexOption, ReaderOption, app, open_engine, tell
from qa.errors import BadInput, VerbatimError


def _interrupt(signal: int, frame: object) -> None:
    raise KeyboardInterrupt


@app.command()
def chat(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; beyond this machine only with --auth.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 7860,
    auth: Annotated[
        str | None,
        typer.Option(
            "--auth",
            envvar="QA_AUTH",
            metavar="NAME:PASSWORD",
            help="Who may come in; others see it in the list of processes: better set QA_AUTH or use --auth-file.",
        ),
    ] = None,
    auth_file: Annotated[
        Path | None,
        typer.Option("--auth-file", metavar="FILE", help="The same as the one line of a file that only you can read."),
    ] = None,
    feedback: Annotated[
        Path | None, typer.Option("--feedback", metavar="FILE", help="Let visitors judge answers; adds to this question set.")
    ] = None,
    reader: ReaderOption = "shipped",
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Serve the browser chat (the same as python app.py); with no index, builds it from ./corpus first.

    Stop it with Ctrl-C. A new index is picked up while it runs.
    """
    from qa.ui import CONCURRENCY, WAITING, launch
    from qa.ui.passwords import parse_auth, read_auth

    if auth is not None and auth_file is not None:
        raise BadInput("--auth (or QA_AUTH) and --auth-file say the same; leave one out")
    who = read_auth(auth_file) if auth_file is not None else None if auth is None else parse_auth(auth, "--auth (or QA_AUTH)")
    try:
        open_engine(index, reader).close()
    except VerbatimError as error:  # the page says so too, and answers once it is mended
        tell(f"qa: {error}")
    served = launch(index, host, port, who, feedback, reader)
    tell(f"Verbatim is at {served.url} ({CONCURRENCY} questions at a time, {WAITING} may wait; stop with Ctrl-C)")
    signal.signal(signal.SIGTERM, _interrupt)  # as a service is stopped: nothing of the visitors' may stay behind
    try:
        served.wait()
    finally:
        served.close()
