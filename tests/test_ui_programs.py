"""Other programs speak to the page's server, in the words of README: over HTTP, from Python, and as MCP tools."""

import asyncio
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qa.catalog import Entry
from qa.ui import CONCURRENCY
from qa.ui.desk import Desk
from qa.ui.programs import mcp_tools
from tests.browsing import CORPUS

if TYPE_CHECKING:
    from mcp.types import CallToolResult

pytest.importorskip("mcp", reason="the MCP package is not installed: pip install '.[mcp]'")

README = Path(__file__).parents[1] / "README.md"
QUESTION = "Who chairs the Improvement Board?"


def example(language: str, served: str) -> str:
    """Return README's one example in a language that speaks to the served page, told where that is."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (found,) = [block for block in blocks if "http://127.0.0.1:7860" in block]
    return str(found).replace("http://127.0.0.1:7860", served.rstrip("/"))


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_example_over_http_answers_when_pasted(served: str) -> None:
    done = subprocess.run(["bash", "-euc", example("sh", served)], capture_output=True, text=True, check=True, timeout=60)
    told = json.loads(done.stdout.partition("data: ")[2])[0]
    assert told["answer"]["text"] == "Rory Paterson"


def test_the_example_in_python_answers_when_pasted(served: str) -> None:
    names: dict[str, Any] = {}
    program = example("python", served).replace("chat.predict", "told = chat.predict")
    exec(program, names)  # noqa: S102
    assert names["told"]["answer"]["text"] == "every month"


def test_ask_search_and_sources_are_tools(served: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    def held(result: "CallToolResult") -> Any:
        assert not result.isError, result.content
        structured: dict[str, Any] = result.structuredContent or {}
        return structured.get("result", structured)

    async def talk() -> None:
        async with (
            streamablehttp_client(json.loads(example("json", served))["mcpServers"]["verbatim"]["url"]) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert sorted(tools) == ["ask", "search", "sources"]
            assert "own words" in (tools["ask"].description or "")
            assert set(tools["ask"].inputSchema["properties"]) == {"question", "k", "source", "since", "until", "after"}
            told = await session.call_tool(tools["ask"].name, {"question": QUESTION})
            assert held(told)["answer"]["text"] == "Rory Paterson"
            listed = await session.call_tool(tools["sources"].name, {})
            names = [document["document"] for document in held(listed)]
            assert names == sorted(path.name for path in CORPUS.glob("*.md"))
            wrong = await session.call_tool(tools["ask"].name, {"question": QUESTION, "since": "tomorrow"})
            assert wrong.isError
            assert "is no date" in wrong.content[0].text  # type: ignore[union-attr]

    asyncio.run(talk())


def test_no_more_tools_work_at_a_time_than_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    working, most, counting = 0, 0, threading.Lock()

    def entries(desk: Desk) -> list[Entry]:
        nonlocal working, most
        with counting:
            working += 1
            most = max(most, working)
        time.sleep(0.05)
        with counting:
            working -= 1
        return []

    monkeypatch.setattr(Desk, "entries", entries)
    added: list[Callable[[], Awaitable[Any]]] = []
    monkeypatch.setattr("mcp.server.fastmcp.FastMCP.add_tool", lambda server, tool: added.append(tool))
    mcp_tools(Desk(Path("none")))

    async def call_often() -> None:
        await asyncio.gather(*(added[-1]() for _ in range(4 * CONCURRENCY)))

    asyncio.run(call_often())
    assert most == CONCURRENCY
