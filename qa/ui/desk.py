"""What the page and the programs ask: one engine that follows the index, whatever state it is in."""

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa.answer import Abstention, Answer
from qa.catalog import Entry
from qa.engine import Engine
from qa.errors import BadInput, DamagedIndex
from qa.follow_ups import alone
from qa.ui.reading import Reading
from qa.ui.turns import Turn

MOST_PASSAGES = 100
"""Passages a program may ask for at once."""

MOST_EARLIER = 10
"""Earlier questions that a program may send along."""


class Desk:
    """Answer from an index that may be missing, damaged or replaced while it is served; safe between threads.

    `shelf` is the key of the visitor's shelf that the index belongs to; `reader` is as for `Engine.open`.
    """

    def __init__(self, index: Path, shelf: str = "", reader: str = "shipped") -> None:
        self._index = index
        self._reader = reader
        self._shelf = shelf
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def engine(self) -> Iterator[Engine]:
        """Lend an engine of the newest generation, the same for as long as it is lent; raises the index's own error."""
        with contextlib.ExitStack() as lent:
            with self._lock:
                engine = lent.enter_context(self._newest().held())
            yield engine

    def _newest(self) -> Engine:
        """Return the engine, moved on to what was published: others go on reading the generation they were lent."""
        if self._engine is None:
            self._engine = Engine.open(self._index, reader=self._reader)
        else:
            self._engine.refresh()
        return self._engine

    def close(self) -> None:
        """Let the index go."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def entries(self) -> list[Entry]:
        """Return all documents, without their texts."""
        with self.engine() as engine:
            return list(engine.store.entries)

    def ask(
        self, question: str, k: int, source: Sequence[str] | None, since: str | None, until: str | None
    ) -> Answer | Abstention:
        """Answer a question as `Engine.ask` does; raises BadInput for more than MOST_PASSAGES."""
        _limit(k)
        with self.engine() as engine:
            return engine.ask(question, k, source or None, since, until)

    def ask_after(
        self, earlier: Sequence[str], question: str, k: int, source: Sequence[str] | None, since: str | None, until: str | None
    ) -> Answer | Abstention:
        """Answer a question as a follow-up to earlier ones, the oldest first; raises BadInput for more than MOST_EARLIER."""
        if len(earlier) > MOST_EARLIER:
            raise BadInput(f"{len(earlier)} earlier questions; send the last {MOST_EARLIER} at most")
        asked = alone(question, earlier, lambda before: self.ask(before, 1, source, since, until))
        return self.ask(asked, k, source, since, until)

    def search(self, query: str, k: int, source: Sequence[str] | None, since: str | None, until: str | None) -> dict[str, Any]:
        """Return the best passages as `qa search --json` prints them; raises BadInput for more than MOST_PASSAGES."""
        _limit(k)
        with self.engine() as engine:
            hits = engine.search(query, k, source or None, since, until)
            searched = engine.searched(source or None, since, until)
        return {"schema": 1, "query": query, "hits": [hit.to_dict() for hit in hits], "searched": searched.to_dict()}

    def read(self, path: str) -> Reading:
        """Return a document to read, its text checked; raises BadInput if there is none of that path."""
        with self.engine() as engine:
            entry = next((entry for entry in engine.store.entries if entry.document.path == path), None)
            if entry is None:
                raise BadInput(f"{path}: no such document in the index any more")
            text = engine.store.catalog.text(entry.number)
            pages = tuple(engine.store.catalog.page_starts(entry.number))
        if hashlib.sha256(text.encode()).hexdigest() != entry.document.sha256:
            raise DamagedIndex(f"{path}: its text is not what was indexed; the index is damaged, run: qa index --rebuild")
        return Reading(entry, text, pages=pages, shelf=self._shelf)

    def read_citation(self, turn: Turn, rank: int) -> Reading:
        """Return the document that a turn's citation quotes, with all of the turn's citations of it."""
        passages = turn.result.passages if turn.result else ()
        current = next((citation for citation in passages if citation.rank == rank), None)
        if current is None:
            raise BadInput(f"there is no citation {rank}")
        reading = self.read(current.document)
        if reading.entry.document.sha256 != current.sha256:
            return replace(reading, changed=True)
        same = tuple(citation for citation in passages if citation.document == current.document)
        return replace(reading, turn=turn.number, citations=same, current=current, of=len(passages))


def _limit(k: int) -> None:
    if k > MOST_PASSAGES:
        raise BadInput(f"k is {k}; ask for at most {MOST_PASSAGES} passages")
