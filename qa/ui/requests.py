"""What programs send to the framework, looked at before it: it fails over names, numbers and parameters that are none."""

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.types import Message, Receive

Parameters = Mapping[str, inspect.Parameter]


def parameters_of(functions: Sequence[Callable[..., Any]]) -> dict[str, Parameters]:
    """Return the parameters of each function by its name."""
    return {function.__name__: inspect.signature(function).parameters for function in functions}


async def read_whole(receive: Receive) -> tuple[bytes, Receive]:
    """Return a request's body, and what gives it again to whoever reads it next; the caller has bounded its length."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


def fault_of(parts: Sequence[str], body: bytes, known: Mapping[str, Parameters], events: int) -> str:
    """Return in one line what is wrong with a request under gradio_api, or nothing."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return 'This is not JSON; send an object such as {"question": "…"}.'
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "It holds halves of characters; send whole ones."
    if not isinstance(given, dict):
        return "Send a JSON object, with each parameter under its name."
    if parts[1] == "queue":
        number = given.get("fn_index")
        good = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < events
        return "" if good and isinstance(given.get("data"), list) else "There is no such event."
    if parts[2] != "v2":
        return "" if isinstance(given.get("data"), list) else 'Send {"data": […]}, or use /gradio_api/call/v2/.'
    parameters = known[parts[3]]
    strange = sorted(given.keys() - parameters.keys())
    if strange:
        name = "".join(one if one.isprintable() else "?" for one in strange[0][:40].encode("utf-8", "replace").decode())
        return f"{parts[3]} has no parameter {name}; it has {', '.join(parameters) or 'none'}."
    missing = [name for name, item in parameters.items() if item.default is item.empty and name not in given]
    return f"{parts[3]} needs {missing[0]}; send it as JSON." if missing else ""
