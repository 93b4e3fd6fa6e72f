"""Where words stand on a PDF's page: boxes, and the pieces of lines that are held in them."""

import ctypes
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

UNIT = 65535
"""Boxes are stored as 16-bit fractions of the page's width and height: a hundredth of a point on A4."""

_SCALE = 1_000_000

Placing = tuple[float, float, float, float, float, float]
"""An affine map, as `placing` gives it."""


class Box(NamedTuple):
    """Hold a rectangle on a page as it is shown, in points from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass
class Piece:
    """Hold characters that stand on one line without a wide gap between them.

    `boxes` has four numbers a character, in units of UNIT; white space has a box of zeros.
    """

    text: str
    boxes: "array[int]"
    place: Box
    size: float
    font: str = ""


@dataclass(frozen=True)
class Sheet:
    """Hold what stands on one page: its words, and the lines that are ruled on it.

    `unmapped` counts the characters whose font does not say what they are; `layered` tells whether the words are those that a
    program has laid under an image.
    """

    number: int
    width: float
    height: float
    pieces: list[Piece]
    characters: int
    unmapped: int
    images: bool
    rules: Sequence[Box] = ()
    layered: bool = False


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around some; there is at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def placing(page: pdfium.PdfPage, width: float, height: float) -> Placing:
    """Return the affine map from the page's own coordinates to points from the upper left of the page as shown."""
    across, down = ctypes.c_int(), ctypes.c_int()

    def shown(x: float, y: float) -> tuple[float, float]:
        pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, _SCALE, _SCALE, 0, x, y, ctypes.byref(across), ctypes.byref(down))
        return across.value / _SCALE * width, down.value / _SCALE * height

    (x0, y0), (x1, y1), (x2, y2) = shown(0, 0), shown(1000, 0), shown(0, 1000)
    return (x1 - x0) / 1000, (x2 - x0) / 1000, x0, (y1 - y0) / 1000, (y2 - y0) / 1000, y0
