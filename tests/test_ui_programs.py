"""Other programs speak to the page's server: MCP tools, by a real client."""

import asyncio
import json

import pytest

from tests.browsing import CORPUS

pytest.importorskip("mcp", reason="the MCP package is not installed: pip install '.[mcp]'")

QUESTION = "Who chairs the Improvement Board?"


def test_ask_search_and_sources_are_tools(served: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk() -> None:
        async with (
            streamablehttp_client(f"{served}gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            tools = {tool.name.rpartition("_")[2]: tool for tool in (await session.list_tools()).tools}
            assert sorted(tools) == ["ask", "search", "sources"]
            assert "own words" in (tools["ask"].description or "")
            assert set(tools["ask"].inputSchema["properties"]) == {"question", "k", "source", "since", "until", "after"}
            told = await session.call_tool(tools["ask"].name, {"question": QUESTION})
            answer = json.loads(told.content[0].text)  # type: ignore[union-attr]
            assert answer["answer"]["text"] == "Rory Paterson"
            listed = await session.call_tool(tools["sources"].name, {})
            names = [document["document"] for document in json.loads(listed.content[0].text)]  # type: ignore[union-attr]
            assert names == sorted(path.name for path in CORPUS.glob("*.md"))
            wrong = await session.call_tool(tools["ask"].name, {"question": QUESTION, "since": "tomorrow"})
            assert wrong.isError

    asyncio.run(talk())
