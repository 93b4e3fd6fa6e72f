"""The browser chat: ask, see the answer in the documents' own words, read it where it stands."""

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.ui.serving import Served

# Read when the package is imported, so they are set before anything here imports it.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
# For a page that is not served here the framework would summarise its last 10,000 events after each: 3 to 8 ms.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)

HOST = "127.0.0.1"
PORT = 7860

CONCURRENCY = 4
"""Questions answered at the same time, and as many calls of MCP tools; more wait their turn."""

READING = 2
"""Visitors whose files are read at the same time: each takes a process of up to 1 GB for each processor, four at most."""

WAITING = 256
"""Questions that may wait; above, people are asked to try again."""


@cache
def _uploads() -> "tempfile.TemporaryDirectory[str]":
    """Make the folder for files that arrive; it goes when the process ends, the framework's own would stay behind."""
    return tempfile.TemporaryDirectory(prefix="verbatim-uploads-", ignore_cleanup_errors=True)


def launch(
    index: Path,
    host: str = HOST,
    port: int = PORT,
    auth: tuple[str, str] | None = None,
    feedback: Path | None = None,
    reader: str = "shipped",
) -> "Served":
    """Serve an index in the background and return what serves it.

    `feedback` is a question set that visitors' verdicts are added to, `reader` is as for `Engine.open`. Raises
    BadInput where the address reaches beyond this machine without `auth` (name and password), the port is taken, or `feedback`
    cannot be written. A missing or damaged index is a message on the page.
    """
    os.environ["GRADIO_TEMP_DIR"] = _uploads().name  # before the framework is imported, which reads it then
    from qa.ui.serving import serve

    return serve(index, host, port, auth, feedback, reader)
