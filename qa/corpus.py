"""Read a folder's files into documents, several at a time, each within its limits."""

import contextlib
import os
import queue
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path, PurePosixPath

from qa.collection import corpus_files, read_documents
from qa.loaders import FORMATS, Recall
from qa.models import Progress
from qa.ownership import is_own
from qa.records import Document, Skipped
from qa.sandbox import Sandbox

READERS = 4
"""Most files read at a time; each may need a process of its own and a gigabyte."""

TOGETHER = 32
"""Plain texts that one reader takes at a time."""


def read_corpus(
    root: Path, index: Path, progress: Progress, recall: Recall | None = None, *, ocr: bool = False
) -> tuple[list[Document], list[Skipped]]:
    """Read all files under a root; what cannot be read is named with its reason and the rest goes on.

    The files of an index that lies in the folder are passed over. `recall` knows files read before. With `ocr` the
    words of pages that are images are recognised.
    """
    documents: list[Document] = []
    skipped: list[Skipped] = []
    own = index.resolve()
    found = list(corpus_files(root))
    if own.is_relative_to(root) or root.is_relative_to(own):
        found = [item for item in found if isinstance(item, Skipped) or not is_own(own, root / item)]
    for done, items in enumerate(_load_all(root, found, recall, ocr)):
        progress("reading", done, len(found))
        for item in items:
            if isinstance(item, Skipped):
                skipped.append(item)
            else:
                documents.append(item)
    return documents, skipped


def _load_all(root: Path, found: Sequence[str | Skipped], recall: Recall | None, ocr: bool) -> Iterator[list[Document | Skipped]]:
    """Yield what each file holds, read or skipped, in order; several are read at a time, each in a sandbox."""
    sandboxes: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()
    readers = max(1, min(READERS, os.cpu_count() or 1))

    def read(items: Sequence[str | Skipped]) -> list[list[Document | Skipped]]:
        sandbox = sandboxes.get()
        try:
            return [[item] if isinstance(item, Skipped) else list(read_documents(root, item, sandbox, recall)) for item in items]
        finally:
            sandboxes.put(sandbox)

    with contextlib.ExitStack() as stack:
        for _ in range(readers):
            sandboxes.put(stack.enter_context(Sandbox(ocr=ocr)))
        pool = stack.enter_context(ThreadPoolExecutor(readers))
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        for read_together in pool.map(read, _together(found)):
            yield from read_together


def _together(found: Iterable[str | Skipped]) -> Iterator[list[str | Skipped]]:
    """Yield what one reader takes at a time: some plain texts that follow each other, of other files each alone.

    Plain texts are read so fast that to hand over 10,000 one by one took 0.3 s of an unchanged folder's 1.7.
    """
    for plain, items in groupby(found, lambda item: isinstance(item, Skipped) or PurePosixPath(item).suffix.lower() in FORMATS):
        several = list(items)
        size = TOGETHER if plain else 1
        yield from (several[first : first + size] for first in range(0, len(several), size))
