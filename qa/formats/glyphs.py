"""The characters of a PDF page and the box of each, taken together, one after the other."""

import ctypes
import statistics
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

UNIT = 65535
"""Boxes are stored as 16-bit fractions of the page's width and height: a hundredth of a point on A4."""

HYPHENS = "-\u2010\u00ad\x02"
"""What may end a line in the middle of a word; PDFium gives U+0002 for a hyphen it believes to be one."""

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_DROPPED = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF}
# Bullets that Word takes from the Symbol and Wingdings fonts, which have no characters of their own.
_BULLETS = {0xF0B7, 0xF0A7, 0xF0D8, 0xF0A8, 0xF076, 0xF0FC, 0xE00C, 0x25CF, 0x25AA}
_SCALE = 1_000_000
_GAP = 1.0
_NO_BOX = (0, 0, 0, 0)


Corners = tuple[float, float, float, float]
"""A box while a page is read: left, top, right, bottom. A named tuple for each character took a fifth of the time."""


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


@dataclass(frozen=True)
class Sheet:
    """Hold what stands on one page; `unmapped` counts the characters whose font does not say what they are."""

    number: int
    width: float
    height: float
    pieces: list[Piece]
    characters: int
    unmapped: int
    images: bool


class _Line:
    """Gather the characters of one piece."""

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.boxes: list[Corners | None] = []

    def add(self, text: str, box: Corners | None) -> None:
        if box is not None and len(text) == 1:
            self.characters.append(text)
            self.boxes.append(box)
            return
        for character in text:
            if box is None and (not self.characters or self.characters[-1] == " "):
                return  # no blank begins a line or follows a blank
            self.characters.append(character)
            self.boxes.append(box)

    def combine(self, mark: str, box: Corners) -> bool:
        """Put a combining mark on the character before it; tell whether the two are one character."""
        last = self.boxes[-1] if self.boxes else None
        if last is None:
            return False
        joined = unicodedata.normalize("NFC", self.characters[-1] + mark)
        if len(joined) != 1:
            return False
        self.characters[-1] = joined
        self.boxes[-1] = union([last, box])
        return True

    def piece(self, width: float, height: float) -> Piece | None:
        while self.characters and self.boxes[-1] is None:
            self.characters.pop()
            self.boxes.pop()
        held = [box for box in self.boxes if box is not None]
        if not held:
            return None
        place = union(held)
        boxes = self.boxes
        if not (place.left >= 0 and place.top >= 0 and place.right <= width and place.bottom <= height):
            boxes = [box and _inside(box, width, height) for box in boxes]
        across, down = UNIT / width, UNIT / height
        flat: array[int] = array("H")
        for box in boxes:
            if box is None:
                flat.extend(_NO_BOX)
            else:
                left, top, right, bottom = box
                flat.extend((int(left * across), int(top * down), int(right * across), int(bottom * down)))
        size = statistics.median_low([box[3] - box[1] for box in held])
        return Piece("".join(self.characters), flat, place, size)


def _inside(box: Corners, width: float, height: float) -> Corners:
    """Return the part of a box that is on the page."""
    left, right = (min(width, max(0.0, value)) for value in (box[0], box[2]))
    top, bottom = (min(height, max(0.0, value)) for value in (box[1], box[3]))
    return left, top, right, bottom


def union(boxes: Sequence[Corners]) -> Box:
    """Return the smallest box around some; there is at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def _placing(page: pdfium.PdfPage, width: float, height: float) -> tuple[float, float, float, float, float, float]:
    """Return the affine map from the page's own coordinates to points from the upper left of the page as shown."""
    across, down = ctypes.c_int(), ctypes.c_int()

    def shown(x: float, y: float) -> tuple[float, float]:
        pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, _SCALE, _SCALE, 0, x, y, ctypes.byref(across), ctypes.byref(down))
        return across.value / _SCALE * width, down.value / _SCALE * height

    (x0, y0), (x1, y1), (x2, y2) = shown(0, 0), shown(1000, 0), shown(0, 1000)
    return (x1 - x0) / 1000, (x2 - x0) / 1000, x0, (y1 - y0) / 1000, (y2 - y0) / 1000, y0


def read_sheet(page: pdfium.PdfPage, number: int) -> Sheet:
    """Read the characters of a page in the order in which the file has them."""
    width, height = page.get_size()
    width, height = max(width, 1.0), max(height, 1.0)
    textpage = page.get_textpage()
    pieces: list[Piece] = []
    line = _Line()
    previous: Corners | None = None
    count = unmapped = 0

    def flush() -> None:
        nonlocal line, previous
        piece = line.piece(width, height)
        if piece is not None:
            pieces.append(piece)
        line, previous = _Line(), None

    for code, box in _characters(textpage, _placing(page, width, height)):
        if code in (10, 13):
            flush()
            continue
        character = chr(code)
        if character.isspace():
            line.add(" ", None)
            continue
        if code in _DROPPED or (code < 32 and code != 2):
            continue
        count += 1
        if code == 0xFFFD:
            unmapped += 1
            continue
        if 0xE000 <= code <= 0xF8FF and code not in _BULLETS:
            unmapped += 1
        if previous is not None and (_apart(previous, box) or (line.characters[-1:] == ["\x02"] and _below(previous, box))):
            flush()
        previous = box
        if code < 0x300:
            line.add(character, box)
        elif unicodedata.combining(character):
            if not line.combine(character, box):
                line.add(character, box)
        else:
            line.add("•" if code in _BULLETS else _LIGATURES.get(code, character), box)
    flush()
    images = not pieces and any(True for _ in page.get_objects([pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    textpage.close()
    return Sheet(number, width, height, pieces, count, unmapped, images)


def _below(previous: Corners, box: Corners) -> bool:
    """Tell whether a character stands below another; PDFium puts no line's end after a hyphen."""
    return box[1] > previous[3] - 0.3 * (previous[3] - previous[1]) or box[2] < previous[0]


def _apart(previous: Corners, box: Corners) -> bool:
    """Tell whether two characters on one line have a wide gap between them, as columns and cells have."""
    gap = box[0] - previous[2]
    if -1.0 < gap < 2.0:  # as letters of a word are; said first because it is said of nearly all
        return False
    size = min(previous[3] - previous[1], box[3] - box[1])
    if min(previous[3], box[3]) - max(previous[1], box[1]) < 0.3 * size:
        return False
    return gap > _GAP * size or box[0] < previous[0] - 3 * size


def _characters(
    textpage: pdfium.PdfTextPage, placing: tuple[float, float, float, float, float, float]
) -> Iterator[tuple[int, Corners]]:
    """Yield each character's code point and its box, from the same step."""
    handle, rect = textpage.raw, pdfium_c.FS_RECTF()
    pointer = ctypes.byref(rect)
    unicode_of, box_of = pdfium_c.FPDFText_GetUnicode, pdfium_c.FPDFText_GetLooseCharBox
    a, b, e, c, d, f = placing
    upright = b == 0 and c == 0 and a > 0 and d < 0
    high = 0
    for index in range(textpage.count_chars()):
        code = unicode_of(handle, index)
        if code in (10, 13, 32):
            yield code, _NOWHERE
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        elif code in (0, 0xFFFE, 0xFFFF) or code > 0x10FFFF:
            code = 0xFFFD
        high = 0
        box_of(handle, index, pointer)
        if upright:
            yield code, (rect.left * a + e, rect.top * d + f, rect.right * a + e, rect.bottom * d + f)
        else:
            x = [a * rect.left + b * rect.top + e, a * rect.right + b * rect.bottom + e]
            y = [c * rect.left + d * rect.top + f, c * rect.right + d * rect.bottom + f]
            yield code, (min(x), min(y), max(x), max(y))


_NOWHERE = (0.0, 0.0, 0.0, 0.0)
