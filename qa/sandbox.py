"""Parse untrusted files in a process apart, within limits of time and memory."""

import base64
import binascii
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from qa.coverage import Coverage
from qa.formats.parsed import Parsed, Unreadable
from qa.locators import Area, Locator
from qa.records import Heading

QUIET_SECONDS = 10.0
"""A parser that shows no progress for so long, of its own processor time, is stopped: on a machine that is busy with other
work a file is not to blame that its parser hardly runs."""

ASLEEP_SECONDS = 60.0
"""So long it may show none at all, whatever it uses."""

FILE_SECONDS = 300.0
"""A file may take so long in all, as long as there is progress: 5,000 pages take a minute."""

_FILES = 200
"""Files after which the process is replaced, so that no parser's leaks grow without end."""

_CRASHED = "crashes its parser, or needs more than 1,000 MB of memory to read; open it in its own program and save a copy"
_SLOW = "takes too long to read; open it in its own program and save a copy"


def from_json(found: dict[str, Any]) -> Parsed:
    """Take back what `child.to_json` wrote; raises ValueError, TypeError or KeyError for anything else."""
    coverage = found["coverage"]
    return Parsed(
        body=found["body"],
        headings=tuple(Heading(*item) for item in found["headings"]),
        metadata=found["metadata"],
        text=found["text"],
        locators=tuple(
            Locator(start, kind, number, name, base64.b64decode(boxes)) for start, kind, number, name, boxes in found["locators"]
        ),
        coverage=Coverage(
            pages=coverage["pages"],
            empty_pages=tuple(coverage["empty_pages"]),
            unread_pages=tuple(coverage["unread_pages"]),
            tables=coverage["tables"],
            notes=tuple(coverage["notes"]),
            recognised_pages=tuple(coverage["recognised_pages"]),
            recognition=coverage["recognition"],
        ),
    )


class Sandbox:
    """Hold the process that parses; it starts with the first file and is replaced where it was stopped.

    With `ocr` it recognises the words of pages that are images.
    """

    def __init__(self, quiet_seconds: float = QUIET_SECONDS, file_seconds: float = FILE_SECONDS, *, ocr: bool = False) -> None:
        self.ocr = ocr
        self._quiet, self._whole = quiet_seconds, file_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: queue.Queue[bytes] = queue.Queue()
        self._files = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):  # what was still to be written has nobody to read it
                        stream.close()

    def parse(self, ending: str, data: bytes) -> Parsed:
        """Parse a file's bytes by its name's ending, in lower case; raises Unreadable with the reason."""
        reply = self._ask({"task": "parse", "ending": ending, "ocr": self.ocr}, data)
        try:
            return from_json(reply["parsed"])
        except (KeyError, TypeError, ValueError):
            raise Unreadable(_CRASHED) from None

    def draw(self, data: bytes, page: int, areas: Sequence[Area], width: int) -> bytes:
        """Return a PDF's page as PNG with areas marked; raises Unreadable with the reason."""
        described = [vars(area) for area in areas]
        reply = self._ask({"task": "draw", "page": page, "areas": described, "width": width}, data)
        try:
            return base64.b64decode(reply["image"])
        except (KeyError, TypeError, binascii.Error):
            raise Unreadable(_CRASHED) from None

    def _start(self) -> subprocess.Popen[bytes]:
        """Return the process, a new one where there is none or it has had enough files."""
        if self._process is not None and self._files < _FILES:
            return self._process
        self.close()
        self._files = 0
        command = [sys.executable, "-P", "-m", "qa.formats.child"]
        # numpy would take address space, which is limited, for a thread a core
        environment = os.environ | {"PYTHONIOENCODING": "utf-8", "OPENBLAS_NUM_THREADS": "1"}
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        replies: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=_read, args=(process, replies), daemon=True).start()
        self._process, self._replies = process, replies
        return process

    def _ask(self, request: dict[str, Any], data: bytes) -> dict[str, Any]:
        """Send one request and wait for its reply; the process is stopped where it takes too long."""
        process = self._start()
        self._files += 1
        until, heard, used = time.monotonic() + self._whole, time.monotonic(), _processor_seconds(process)
        sender = threading.Thread(target=_send, args=(process, request | {"size": len(data)}, data), daemon=True)
        sender.start()
        while True:
            try:
                line = self._replies.get(timeout=max(0.0, min(self._quiet, until - time.monotonic())))
            except queue.Empty:
                now, spent = time.monotonic(), _processor_seconds(process)
                waiting = used is not None and spent is not None and spent - used < self._quiet
                if waiting and now < min(until, heard + ASLEEP_SECONDS):
                    continue
                self.close()
                raise Unreadable(_SLOW) from None
            try:
                reply = json.loads(line) if line else None
            except ValueError:
                reply = None
            if not isinstance(reply, dict):
                self.close()
                raise Unreadable(_CRASHED)
            if "beat" in reply:
                heard, used = time.monotonic(), _processor_seconds(process)
                continue
            sender.join()
            if "unreadable" in reply:
                raise Unreadable(str(reply["unreadable"]))
            return reply


def _processor_seconds(process: subprocess.Popen[bytes]) -> float | None:
    """Return how much processor time a process has used; None where the system does not tell."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def _send(process: subprocess.Popen[bytes], request: dict[str, Any], data: bytes) -> None:
    """Write a request, in a thread of its own: a process that hangs reads nothing."""
    if process.stdin is not None:
        with contextlib.suppress(OSError, ValueError):  # it died; the reader of its replies will say so
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.write(data)
            process.stdin.flush()


def _read(process: subprocess.Popen[bytes], replies: "queue.Queue[bytes]") -> None:
    """Hand on the lines that a process writes, and an empty one when it has ended."""
    if process.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            for line in process.stdout:
                replies.put(line)
    replies.put(b"")
