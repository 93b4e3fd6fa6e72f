"""Recognise the words on a page that shows only an image of them, by the program `tesseract` where it is installed."""

import io
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import pypdfium2 as pdfium

from qa.formats.boxes import UNIT, Box, Piece, Sheet, union
from qa.formats.parsed import Beat

DOTS_PER_INCH = 300
"""What tesseract's models were made for."""

PAGE_SECONDS = 60.0
FILE_SECONDS = 240.0
"""How long recognition may take on one page and one file; the sandbox gives a file 300 seconds in all."""

CERTAINTY = 50.0
"""A page whose words are on the whole less certain than this, of 100, is not read: it is a picture, a hand, or upside down."""

_LANGUAGES = 3
"""More at a time make tesseract slow, and whoever installed all hundred did not choose any."""

_PIXELS = 30_000_000
_GAP = 1.0
_WORD = "5"


class Word(NamedTuple):
    """Hold a recognised word, its line on the page, its place in points and how certain it is, of 100."""

    line: tuple[str, ...]
    text: str
    place: Box
    certainty: float


def tesseract() -> str | None:
    """Return the path of the program; None where it is not installed."""
    return shutil.which("tesseract")


@cache
def _languages(program: str) -> str:
    """Return the languages to read: English and the few others that were installed."""
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False, timeout=PAGE_SECONDS)
    found = [name for name in listed.stdout.splitlines()[1:] if name not in ("osd", "equ", "snum")]
    others = [name for name in found if name != "eng"]
    return "+".join((["eng"] if "eng" in found else []) + (others if len(others) < _LANGUAGES else others[: not found])) or "eng"


def _limit() -> None:
    """End tesseract by itself should the process that waits for it be stopped; memory is limited already, for this process."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (int(PAGE_SECONDS), int(PAGE_SECONDS)))


def _run(program: str, image: bytes, beat: Beat) -> str:
    """Return what tesseract writes about an image, as tab-separated values; empty where it fails or takes too long."""
    command = [program, "stdin", "stdout", "-l", _languages(program), "--dpi", str(DOTS_PER_INCH), "tsv"]
    # one thread is enough: several files are read at a time
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
    limit = _limit if os.name == "posix" else None
    until = time.monotonic() + PAGE_SECONDS
    with tempfile.TemporaryFile() as file:
        file.write(image)
        file.seek(0)
        with subprocess.Popen(
            command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, preexec_fn=limit
        ) as process:
            while True:
                try:
                    out, _ = process.communicate(timeout=0.5)
                except subprocess.TimeoutExpired:
                    beat()
                    if time.monotonic() < until:
                        continue
                    process.kill()
                    process.communicate()
                    return ""
                return out.decode("utf-8", "replace") if process.returncode == 0 else ""


def _words(table: str, points: float) -> Iterator[Word]:
    """Yield the words of tesseract's table in its order, which is that of reading; `points` is the size of a pixel."""
    for row in table.split("\n")[1:]:
        level, *line, _, left, top, width, height, certainty, text = cells if len(cells := row.split("\t")) == 12 else [""] * 12
        text = "".join(text.split())
        if level == _WORD and text:
            x, y = float(left) * points, float(top) * points
            yield Word(tuple(line), text, Box(x, y, x + float(width) * points, y + float(height) * points), float(certainty))


def _piece(words: Sequence[Word], top: float, bottom: float, size: float, width: float, height: float) -> Piece:
    """Return words that stand side by side; a character has its share of its word's box, and its line's height."""
    text, boxes = "", array("H")
    for word in words:
        if text:
            text += " "
            boxes.extend((0, 0, 0, 0))
        text += word.text
        step = (word.place.right - word.place.left) / len(word.text)
        for index in range(len(word.text)):
            left = word.place.left + index * step
            corners = (left / width, top / height, (left + step) / width, bottom / height)
            boxes.extend(int(min(1.0, max(0.0, corner)) * UNIT) for corner in corners)
    place = union([word.place for word in words])
    return Piece(text, boxes, Box(place.left, top, place.right, bottom), size)


def _pieces(words: Sequence[Word], width: float, height: float) -> list[Piece]:
    """Return the words line by line; a wide gap parts a line as in a table."""
    lines: dict[tuple[str, ...], list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    places = {line: union([word.place for word in held]) for line, held in lines.items()}
    pieces = []
    for line, held in lines.items():
        # Letters without tails or heads make a line look small: what counts is the block's usual height.
        block = [place.bottom - place.top for other, place in places.items() if other[:2] == line[:2]]
        size, own = statistics.median(block), places[line]
        run: list[Word] = []
        for word in held:
            if run and word.place.left - run[-1].place.right > _GAP * size:
                pieces.append(_piece(run, own.top, own.bottom, size, width, height))
                run = []
            run.append(word)
        pieces.append(_piece(run, own.top, own.bottom, size, width, height))
    return pieces


def recognise(page: pdfium.PdfPage, sheet: Sheet, beat: Beat) -> tuple[Sheet, float]:
    """Return a page with the words recognised on its image and how certain they are on the whole, of 100.

    The page comes back as it was, with 0, where tesseract is missing, fails, or is too uncertain.
    """
    program = tesseract()
    if program is None:
        return sheet, 0.0
    scale = min(DOTS_PER_INCH / 72, (_PIXELS / (sheet.width * sheet.height)) ** 0.5)
    out = io.BytesIO()
    page.render(scale=scale, grayscale=True).to_pil().convert("L").save(out, "PPM")
    beat()
    words = list(_words(_run(program, out.getvalue(), beat), 1 / scale))
    letters = sum(len(word.text) for word in words)
    certainty = sum(len(word.text) * word.certainty for word in words) / letters if letters else 0.0
    if certainty < CERTAINTY:
        return sheet, 0.0
    pieces = _pieces(words, sheet.width, sheet.height)
    return replace(sheet, pieces=pieces, characters=letters, unmapped=0), certainty
