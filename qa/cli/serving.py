"""The command that serves: chat."""

from pathlib import Path
from typing import Annotated

import typer

from qa.cli.application import DEFAULT_INDEX, IndexOption, ReaderOption, app, open_engine, tell
from qa.errors import BadInput, VerbatimError


@app.command()
def chat(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; beyond this machine only with --auth.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 7860,
    auth: Annotated[
        str | None, typer.Option("--auth", envvar="QA_AUTH", metavar="NAME:PASSWORD", help="Who may come in; or set QA_AUTH.")
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

    name, _, password = (auth or "").partition(":")
    if auth is not None and not (name and password):
        raise BadInput("--auth needs a name and a password: --auth NAME:PASSWORD")
    try:
        open_engine(index, reader).close()
    except VerbatimError as error:  # the page says so too, and answers once it is mended
        tell(f"qa: {error}")
    served = launch(index, host, port, (name, password) if auth else None, feedback, reader)
    tell(f"Verbatim is at {served.url} ({CONCURRENCY} questions at a time, {WAITING} may wait; stop with Ctrl-C)")
    try:
        served.wait()
    finally:
        served.close()
