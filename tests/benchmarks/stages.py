"""Say where time goes: the program's own functions with a clock around each, and nothing else changed.

Light on purpose: it is loaded before the program whose imports it times.
"""

import builtins
import contextlib
import functools
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import GeneratorType
from typing import Any

IMPORT = "import"

QUESTION: Mapping[str, Sequence[str]] = {
    "open": ["qa.store:hold", "qa.store:open_parts", "qa.engine:_calibration"],
    "check": ["qa.store:check", "qa.reader:file_sha256"],
    "load the reader": ["qa.engine:open_reader"],
    "encode": ["qa.encoder:Encoder.encode_question"],
    "dense": ["qa.vectors:VectorIndex.nearest", "qa.vectors:VectorIndex.cosines"],
    "lexical": ["qa.lexical:LexicalIndex.search", "qa.lexical:LexicalIndex.document_frequency"],
    "fuse": ["qa.engine:parse_query", "qa.engine:rank"],
    "verify": ["qa.store:Store.verified"],
    "fold copies": ["qa.engine:fold"],
    "read": ["qa.reader:Reader.read"],
    "extract": [
        *(f"qa.evidence:{name}" for name in ("weigh", "to_read", "choose", "with_list")),
        *(f"qa.engine:{name}" for name in ("asked_weights", "standing", "features", "answer_spans")),
    ],
    "cite": ["qa.engine:citation_of"],
    "render": ["qa.render:answer_view", "qa.cli.asking:show"],
}
"""Functions by stage, where they are called from; a stage's time leaves out what other stages take within it."""

BUILD: Mapping[str, Sequence[str]] = {
    "prepare the model": ["qa.indexer:prepare_model"],
    "read": ["qa.indexer:read_corpus"],
    "cut": ["qa.cuts:cut_passages"],
    "count tokens": ["qa.encoder:Encoder.count_tokens"],
    "encode": ["qa.encoder:PassageEncoding.vectors"],
    "write vectors": ["qa.vectors.writing:VectorWriter.add", "qa.vectors.writing:VectorWriter.close"],
    "write catalog": [f"qa.catalog.writing:CatalogWriter.{name}" for name in ("add", "keep", "close")],
    "write words": [f"qa.lexical:LexicalWriter.{name}" for name in ("add", "keep", "close")],
    "checksums": ["qa.indexer:generation_files"],
    "verify": ["qa.indexer:open_parts"],
    "publish": ["qa.indexer:publish", "qa.indexer:prune"],
}

MODEL = "inside ONNX Runtime"
MODEL_RUNS: Mapping[str, Sequence[str]] = {MODEL: ["onnxruntime:InferenceSession.run"]}
"""Summed over threads."""


class Clock:
    """Add up each stage's own time, in seconds, in the thread that made it; what other threads did meanwhile is `beside`."""

    def __init__(self, points: Mapping[str, Sequence[str]], apart: Mapping[str, Sequence[str]] | None = None) -> None:
        self.seconds = dict.fromkeys(points, 0.0)
        self.apart = dict.fromkeys(apart or {}, 0.0)
        self.beside: dict[str, float] = {}
        self._waiting = [(stage, point) for stage, listed in (*points.items(), *(apart or {}).items()) for point in listed]
        self._undo: list[Callable[[], None]] = []
        self._thread = threading.get_ident()
        self._running: list[float] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Count the time until the block's end to a stage, less what stages within it take."""
        if stage in self.apart or threading.get_ident() != self._thread:
            started = time.perf_counter()
            yield
            with self._lock:
                beside = self.apart if stage in self.apart else self.beside
                beside[stage] = beside.get(stage, 0.0) + time.perf_counter() - started
            return
        self._running.append(0.0)
        started = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - started
            self.seconds[stage] = self.seconds.get(stage, 0.0) + took - self._running.pop()
            if self._running:
                self._running[-1] += took

    def _wrapped(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.timing(stage):
                result = work(*arguments, **named)
            return self._each(stage, result) if isinstance(result, GeneratorType) else result

        return timed

    def _each(self, stage: str, source: Iterator[Any]) -> Iterator[Any]:
        while True:
            with self.timing(stage):
                try:
                    item = next(source)
                except StopIteration:
                    return
            yield item

    def attach(self) -> None:
        """Put clocks around the functions whose modules have been imported by now."""
        for stage, point in list(self._waiting):
            module, _, path = point.partition(":")
            if module in sys.modules:
                self._waiting.remove((stage, point))
                *owners, name = path.split(".")
                owner = functools.reduce(getattr, owners, sys.modules[module])
                found = getattr(owner, name)
                setattr(owner, name, self._wrapped(stage, found))
                self._undo.append(functools.partial(setattr, owner, name, found))

    def attach_all(self) -> None:
        """Import what is to be timed and put the clocks around it; raises AttributeError for a function that is gone."""
        for _, point in self._waiting:
            __import__(point.partition(":")[0])
        self.attach()

    def detach(self) -> None:
        """Take all clocks off."""
        while self._undo:
            self._undo.pop()()

    def watch_imports(self) -> None:
        """Time imports too, and attach to each module once it is there."""
        plain, deep = builtins.__import__, False

        def watched(*arguments: Any, **named: Any) -> Any:
            nonlocal deep
            if deep or threading.get_ident() != self._thread:
                return plain(*arguments, **named)
            deep = True
            try:
                with self.timing(IMPORT):
                    return plain(*arguments, **named)
            finally:
                deep = False
                self.attach()

        builtins.__import__ = watched
        self._undo.append(lambda: setattr(builtins, "__import__", plain))


def ask_cold(began: float) -> None:
    """Run the command line with clocks in this new process and print, to standard error, what took how long.

    `began` is when the process reached its first line, by `time.time`.
    """
    clock = Clock(QUESTION)
    clock.watch_imports()
    try:
        from qa.cli import main

        main()
    except SystemExit:
        pass
    finally:
        ended = time.time()
        clock.detach()
        import json

        sys.stdout.flush()
        print(json.dumps({"began": began, "ended": ended, "stages": clock.seconds}), file=sys.stderr)
