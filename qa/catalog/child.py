"""The program that reads the texts of a catalog that somebody else made: `python -m qa.catalog.child CATALOG`.

It runs in a process of its own within limits of memory and time, and believes nothing but paths and texts: a line of JSON a
document, or one line with what is wrong.
"""

import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa.formats.child import limit_memory

_TABLES = ("documents", "texts")


def texts(path: Path) -> Iterator[dict[str, Any]]:
    """Yield each document's path and text, in order; raises ValueError for whatever is no catalog."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    # A schema can hold views that never end, triggers and functions: none of ours does.
    connection.executescript("pragma trusted_schema = off; pragma cell_size_check = on; pragma query_only = on;")
    found = connection.execute("select type, name, sql from sqlite_schema where sql is not null").fetchall()
    strange = [str(name)[:40] for kind, name, sql in found if kind != "table" or not str(sql).lower().startswith("create table ")]
    if strange or not {*_TABLES} <= {name for _, name, _ in found}:
        raise ValueError(f"it holds {', '.join(sorted(strange)[:3])}" if strange else "it holds no documents")
    rows = connection.execute("select d.path, t.text from documents d join texts t on t.document = d.number order by d.number")
    for name, text in rows:
        if not isinstance(name, str) or not isinstance(text, bytes):
            raise ValueError("a path or a text is of another kind")
        yield {"path": name.encode("utf-8", "replace").decode(), "text": text.decode()}


def main() -> None:
    """Print what is in a catalog; a crash is for the parent to see."""
    replies = os.fdopen(os.dup(1), "wb")
    limit_memory()
    try:
        for item in texts(Path(sys.argv[1])):
            replies.write(json.dumps(item, ensure_ascii=False).encode() + b"\n")
        last: dict[str, Any] = {"done": True}
    except (sqlite3.Error, ValueError, OSError, MemoryError, OverflowError) as error:
        last = {"wrong": " ".join(str(error).split())[:200] or type(error).__name__}
    replies.write(json.dumps(last).encode() + b"\n")
    replies.flush()


if __name__ == "__main__":
    main()
