"""Verbatim: ask your own documents a question and get their own words back.

    from qa import Engine, build_index

The two names load on first use, so that importing the package costs nothing.
"""

import os
from typing import TYPE_CHECKING, Any

# ONNX Runtime writes a device number and an event log into the user's home when it is imported, and
# sends them; nothing here may, so it is told before anything imports it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
    from qa.engine import Engine as Engine
    from qa.indexer import build_index as build_index

__all__ = ["Engine", "build_index"]


def __getattr__(name: str) -> Any:
    """Load a public name's module when the name is first used."""
    if name == "Engine":
        from qa.engine import Engine

        return Engine
    if name == "build_index":
        from qa.indexer import build_index

        return build_index
    raise AttributeError(f"module 'qa' has no attribute {name!r}")
