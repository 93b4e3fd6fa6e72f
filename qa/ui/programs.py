"""What other programs may call: ask, search and sources, over HTTP and as MCP tools, typed and documented."""

import functools
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import gradio as gr
from anyio import CapacityLimiter, to_thread
from gradio.events import api
from starlette.types import ASGIApp

from qa.errors import BadInput, VerbatimError
from qa.ui import CONCURRENCY
from qa.ui.desk import Desk

MCP_PATH = "/gradio_api/mcp"


def programs(desk: Desk) -> tuple[Callable[..., Any], ...]:
    """Return the functions that programs may call; each raises VerbatimError with what is wrong."""

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
        return desk.ask_after(after or [], question, k, source, since, until).to_dict()

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
        return desk.search(query, k, source, since, until)

    def sources() -> list[dict[str, Any]]:
        """List the documents that questions are asked of: path, title, publisher, date, retold, passages, sha256, pages, id."""
        return [
            {
                "document": entry.document.path,
                "title": entry.document.title,
                "publisher": entry.document.publisher,
                "date": entry.document.date,
                "retold": entry.document.retold,
                "passages": entry.passages,
                "sha256": entry.document.sha256,
                "pages": entry.document.coverage.pages,
                "id": entry.document.id,
            }
            for entry in desk.entries()
        ]

    return ask, search, sources


def add_endpoints(desk: Desk) -> None:
    """Add the endpoints to the page being laid out."""
    for function in programs(desk):
        api(_telling(function), api_name=function.__name__)


_TEXT, _TEXTS = "text", "a list of texts"
_KINDS = {
    "question": _TEXT,
    "query": _TEXT,
    "since": _TEXT,
    "until": _TEXT,
    "k": "a whole number",
    "source": _TEXTS,
    "after": _TEXTS,
}
_NEEDED = {"question", "query", "k"}


def _check_kinds(given: Mapping[str, Any]) -> None:
    """Raise BadInput where a parameter is not of its kind: over HTTP anything may come."""
    for name, value in given.items():
        kind = _KINDS[name]
        if value is None and name not in _NEEDED:
            continue
        if kind == _TEXT:
            good = isinstance(value, str)
        elif kind == _TEXTS:
            good = isinstance(value, list) and all(isinstance(item, str) for item in value)
        else:
            good = isinstance(value, int) and not isinstance(value, bool)
        if not good:
            raise BadInput(f"{name} must be {kind}; send it as JSON of that kind")


def _telling(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose errors reach the caller as they are written."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def told(*given: Any) -> Any:
        *own, request = given
        try:
            _check_kinds(signature.bind(*own).arguments)
            return function(*own)
        except VerbatimError as error:
            raise gr.Error(str(error), print_exception=False) from None
        finally:
            forget_session(request)

    # The framework hands the request over where a parameter is said to be one.
    last = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)
    vars(told)["__signature__"] = signature.replace(parameters=[*signature.parameters.values(), last.replace(default=None)])
    told.__annotations__ = {**function.__annotations__, "request": gr.Request}
    return told


def forget_session(request: gr.Request) -> None:
    """Have the framework forget a session: it would keep 75 to 170 kB of each for ever, of each call of a program too."""
    if request.request is not None:
        request.request.app.state_holder.session_data.pop(str(request.session_hash), None)


def mcp_tools(desk: Desk) -> tuple[ASGIApp, Callable[[Any], AbstractAsyncContextManager[None]]] | None:
    """Return an application that offers the same as MCP tools, and its lifespan; None without the extra `mcp`."""
    try:
        from mcp.server.fastmcp import FastMCP
    except ImportError:
        return None
    server = FastMCP("Verbatim", stateless_http=True, json_response=True, streamable_http_path=MCP_PATH, log_level="ERROR")
    limit = functools.cache(lambda: CapacityLimiter(CONCURRENCY))  # made in the loop that it belongs to
    for function in programs(desk):
        server.add_tool(_in_a_thread(function, limit))
    application = server.streamable_http_app()
    return application, lambda _: server.session_manager.run()


def _in_a_thread(function: Callable[..., Any], limit: Callable[[], CapacityLimiter]) -> Callable[..., Any]:
    """Return a function that lets others be served while it works, as many at a time as the limit lets."""

    @functools.wraps(function)
    async def called(*given: Any, **named: Any) -> Any:
        return await to_thread.run_sync(functools.partial(function, *given, **named), limiter=limit())

    return called
