"""Other programs speak to the page's server: MCP tools, by a real client."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsing import CORPUS

if TYPE_CHECKING:
    from mcp.types import CallToolResult

pytest.importorskip("mcp", reason="the MCP package is not installed: pip install '.[mcp]'")

QUESTION = "Who chairs the Improvement Board?"


def test_ask_search_and_sources_are_tools(served: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    def held(result: "CallToolResult") -> Any:
        assert not result.isError, result.content
        structured: dict[str, Any] = result.structuredContent or {}
        return structured.get("result", structured)

    async def talk() -> None:
        async with (
            streamablehttp_client(f"{served}gradio_api/mcp") as (reading, writing, _),
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
