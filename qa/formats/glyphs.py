"""The characters of a PDF page and the box of each, asked for together, one after the other."""

import ctypes
import unicodedata
from array import array
from collections.abc import Sequence
from itertools import pairwise, repeat

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa.formats.boxes import UNIT, Box, Piece, Placing, Sheet, placing
from qa.formats.layers import even_out, fitted, invisible, is_glyphless, over_images
from qa.formats.letters import LIGATURES, SMALLER, SUPERSCRIPTS, raised_digits, spelled_out

HYPHENS = "-\u2010\u00ad\x02"
"""What may end a line in the middle of a word; PDFium gives U+0002 for a hyphen it believes to be one."""

_UNKNOWN = 0xFFFD
# Bullets that Word takes from the Symbol and Wingdings fonts, which have no characters of their own.
_BULLETS = (0xF0B7, 0xF0A7, 0xF0D8, 0xF0A8, 0xF076, 0xF0FC, 0xE00C, 0x25CF, 0x25AA)
_END, _BLANK, _DROPPED, _BULLET, _UNMAPPED, _SPELLED = 1, 2, 4, 8, 16, 32


def _kinds() -> npt.NDArray[np.uint8]:
    """Return what is to be done with each code point; a table, for a page has thousands."""
    kinds = np.zeros(0x110000, np.uint8)
    kinds[:32] = _DROPPED
    kinds[2] = 0
    kinds[[0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF]] = _DROPPED
    kinds[[code for code in range(0x3001) if chr(code).isspace()]] = _BLANK
    kinds[[10, 13]] = _END
    kinds[[_UNKNOWN, *range(0xE000, 0xF900)]] = _UNMAPPED
    kinds[list(_BULLETS)] = _BULLET
    kinds[[*LIGATURES, *(code for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))]] = _SPELLED
    return kinds


_KINDS = _kinds()
_FONT = ctypes.create_string_buffer(256)
_GAP = 1.0
_HIGH = 0.2

Numbers = npt.NDArray[np.int64]
Corners = npt.NDArray[np.float64]
"""Boxes while a page is read, a row each: left, top, right, bottom."""

# PDFium's functions with plain addresses, so that one call a character costs half of what pypdfium2's pointers do.
_unicode_of = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(pdfium_c.FPDFText_GetUnicode, ctypes.c_void_p).value or 0
)
_put_box = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)


def _characters(textpage: pdfium.PdfTextPage, shown: Placing) -> tuple[Numbers, Corners, Numbers]:
    """Return each character's code point and its box, from the same step, and its number on the page."""
    count = max(0, textpage.count_chars())
    handle = ctypes.cast(textpage.raw, ctypes.c_void_p).value
    rects = np.zeros((count, 4), np.float32)
    first = rects.ctypes.data
    steps = zip(
        map(_unicode_of, repeat(handle), range(count)),
        map(_put_box, repeat(handle), range(count), range(first, first + 16 * count, 16)),
        strict=True,
    )
    codes = np.array([code for code, _ in steps], np.int64)
    high, low = (codes >= 0xD800) & (codes < 0xDC00), (codes >= 0xDC00) & (codes < 0xE000)
    if high.any() or low.any():
        pairs = np.flatnonzero(high[:-1] & low[1:]) + 1
        codes[pairs] += 0x10000 + ((codes[pairs - 1] - 0xD800) << 10) - 0xDC00
        codes[low & (codes < 0xE000)] = _UNKNOWN
    codes[(codes == 0) | (codes == 0xFFFE) | (codes == 0xFFFF) | (codes > 0x10FFFF)] = _UNKNOWN
    rects, codes, numbers = rects[~high], codes[~high], np.flatnonzero(~high)
    a, b, e, c, d, f = shown
    # what a damaged file puts beyond all numbers stands nowhere
    left, top, right, bottom = np.nan_to_num(rects.astype(np.float64), posinf=0, neginf=0).T
    x, other_x = a * left + b * top + e, a * right + b * bottom + e
    y, other_y = c * left + d * top + f, c * right + d * bottom + f
    corners = (np.minimum(x, other_x), np.minimum(y, other_y), np.maximum(x, other_x), np.maximum(y, other_y))
    return codes, np.stack(corners, axis=1), numbers


def _begins(codes: Numbers, boxes: Corners, apart: npt.NDArray[np.bool_], alone: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell of each character that is seen whether it begins a piece.

    `apart` says before which a line ends, `alone` which have white space before them. Else it is a wide gap, as columns
    and cells have, or a place where another line begins though PDFium puts no line's end: below a hyphen, and on a page of
    short cells, which it takes for upright columns, before a letter that is drawn alone.
    """
    before, after = boxes[:-1], boxes[1:]
    heights = boxes[:, 3] - boxes[:, 1]
    gap = after[:, 0] - before[:, 2]
    size = np.minimum(heights[:-1], heights[1:])
    beside = np.minimum(before[:, 3], after[:, 3]) - np.maximum(before[:, 1], after[:, 1]) >= 0.3 * size
    near = (gap > -1.0) & (gap < 2.0)  # as letters of a word are
    wide = ~near & beside & ((gap > _GAP * size) | (after[:, 0] < before[:, 0] - 3 * size))
    back = after[:, 2] < before[:, 0]  # as no line goes that runs up or down the page
    below = (after[:, 1] > before[:, 3] - 0.3 * heights[:-1]) | back
    begins = np.ones(len(codes), np.bool_)
    begins[1:] = apart[1:] | wide | (alone[1:] & ~beside & back) | ((codes[:-1] == 2) & ~alone[1:] & below)
    return begins


def _pieces(codes: Numbers, boxes: Corners, raised: Sequence[int], width: float, height: float) -> tuple[list[Piece], Numbers]:
    """Return the pieces of a page from the code points and boxes of all that is seen, white space and line ends.

    Beside them is which of the characters begins each. `raised` are the digits that stand above the line.
    """
    kinds = _KINDS[codes]
    blank, end = kinds == _BLANK, kinds == _END
    seen = ~(blank | end)
    at = np.flatnonzero(seen)
    if not len(at):
        return [], at
    ends, blanks = np.cumsum(end)[at], np.cumsum(blank)[at]
    apart, alone = np.diff(ends, prepend=-1) > 0, np.diff(blanks, prepend=0) > 0
    begins = _begins(codes[at], boxes[at], apart, alone)
    # of white space between two characters of a piece one blank stays
    gaps = at[alone & ~begins] - 1
    kept = np.sort(np.concatenate([at, gaps]))
    codes, kinds, shown = codes[kept], kinds[kept], seen[kept]
    codes[~shown] = ord(" ")
    codes[kinds == _BULLET] = ord("•")
    codes[np.isin(kept, raised)] = [SUPERSCRIPTS[code - 48] for code in codes[np.isin(kept, raised)]]
    text = codes.astype("<u4").tobytes().decode("utf-32-le", "replace")
    inside = np.clip(boxes[kept], 0, [width, height, width, height]) * (2 * [UNIT / width, UNIT / height])
    inside[~shown] = 0
    flat = array("H", inside.astype(np.uint16).tobytes())
    spelled = np.concatenate([[0], np.cumsum(kinds == _SPELLED)]).tolist()
    firsts = np.flatnonzero(begins)
    counts = np.diff(firsts, append=len(at))
    boxes = boxes[at]
    places = [
        np.minimum.reduceat(boxes[:, 0], firsts),
        np.minimum.reduceat(boxes[:, 1], firsts),
        np.maximum.reduceat(boxes[:, 2], firsts),
        np.maximum.reduceat(boxes[:, 3], firsts),
    ]
    heights = boxes[:, 3] - boxes[:, 1]
    sizes = heights[np.lexsort((heights, np.cumsum(begins)))][firsts + (counts - 1) // 2]  # the lower median of each
    starts = [*np.searchsorted(kept, at[firsts]).tolist(), len(kept)]
    pieces = []
    for (start, stop), place, size in zip(pairwise(starts), np.stack(places, axis=1).tolist(), sizes.tolist(), strict=True):
        words, own = text[start:stop], flat[4 * start : 4 * stop]
        if spelled[stop] > spelled[start]:
            words, own = spelled_out(words, own)
        pieces.append(Piece(words, own, Box(*place), size))
    return pieces, at[firsts]


def _font(textpage: pdfium.PdfTextPage, number: int) -> str:
    """Return the name of a character's font."""
    length = pdfium_c.FPDFText_GetFontInfo(textpage.raw, number, _FONT, len(_FONT), None)
    return _FONT.raw[: min(length, len(_FONT))].decode("latin-1")


def _glyphless(textpage: pdfium.PdfTextPage, codes: Numbers, numbers: Numbers) -> list[tuple[int, int]]:
    """Return where words begin and end whose font has no shapes."""
    told = _KINDS[codes]
    seen = (told & (_BLANK | _END)) == 0
    edges = np.flatnonzero(np.diff(seen.astype(np.int8), prepend=0, append=0))
    words = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    return [(start, end) for start, end in words if is_glyphless(_font(textpage, int(numbers[start])))]


def _images(page: pdfium.PdfPage, shown: Placing) -> list[Box]:
    """Return where a page shows images."""
    a, b, e, c, d, f = shown
    found = []
    for image in page.get_objects([pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        corners = [(a * x + b * y + e, c * x + d * y + f) for x in (left, right) for y in (bottom, top)]
        across, down = zip(*corners, strict=True)
        found.append(Box(min(across), min(down), max(across), max(down)))
    return found


def _high_digits(textpage: pdfium.PdfTextPage, codes: Numbers, boxes: Corners, numbers: Numbers) -> list[int]:
    """Return which digits right beside letters, numbers or stops are drawn above the line that it stands on.

    Some fonts have raised digits of their own: their boxes are as high as any, and only the shapes tell.
    """
    digits = (codes >= 48) & (codes <= 57)
    close = (boxes[1:, 0] - boxes[:-1, 2] < 1) & ((_KINDS[codes] & (_BLANK | _END)) == 0)[:-1]
    beside = np.zeros(len(codes), np.bool_)
    beside[1:] |= close
    beside[:-1] |= close & (codes[1:] > ord("@"))  # the mark of a note at its beginning
    after = np.flatnonzero(digits & beside)
    places = [ctypes.c_double() for _ in range(6)]
    left, right, bottom, top, x, y = places
    found = []
    for index in after.tolist():
        number = int(numbers[index])
        pdfium_c.FPDFText_GetCharBox(textpage.raw, number, left, right, bottom, top)
        pdfium_c.FPDFText_GetCharOrigin(textpage.raw, number, x, y)
        if bottom.value - y.value > _HIGH * (boxes[index, 3] - boxes[index, 1]) and right.value - x.value > 0:
            found.append(index)
    return found


def read_sheet(page: pdfium.PdfPage, number: int) -> Sheet:
    """Read the characters of a page in the order in which the file has them."""
    width, height = page.get_size()
    width, height = max(width, 1.0), max(height, 1.0)
    textpage = page.get_textpage()
    codes, boxes, numbers = _characters(textpage, placing(page, width, height))
    kinds = _KINDS[codes]
    count = int(np.sum((kinds != _DROPPED) & (kinds != _BLANK) & (kinds != _END)))
    unmapped = int(np.sum(kinds == _UNMAPPED))
    told = (kinds != _DROPPED) & (codes != _UNKNOWN)
    codes, boxes, numbers = codes[told], boxes[told], numbers[told]

    def smaller(one: int, other: int) -> bool:
        sizes = (pdfium_c.FPDFText_GetFontSize(textpage.raw, int(numbers[index])) for index in (one, other))
        return bool(next(sizes) < SMALLER * next(sizes))

    raised = sorted({*raised_digits(codes, boxes, smaller), *_high_digits(textpage, codes, boxes, numbers)})
    pieces, begins = _pieces(codes, boxes, raised, width, height)
    hidden = [invisible(textpage, first) for first in numbers[begins].tolist()]
    layered = False
    if any(hidden):
        boxes = fitted(codes, boxes, _glyphless(textpage, codes, numbers))
        pieces, begins = _pieces(codes, boxes, raised, width, height)
        hidden = [invisible(textpage, first) for first in numbers[begins].tolist()]
        shown = over_images(pieces, _images(page, placing(page, width, height)))
        kept = [not unseen or over for unseen, over in zip(hidden, shown, strict=True)]
        pieces, begins = [piece for piece, keep in zip(pieces, kept, strict=True) if keep], begins[kept]
        recognised = [piece for piece, unseen, over in zip(pieces, hidden, shown, strict=False) if unseen and over]
        layered = 2 * sum(len(piece.text) for piece in recognised) > sum(len(piece.text) for piece in pieces)
        if layered:
            even_out(pieces)
    for piece, first in zip(pieces, numbers[begins].tolist(), strict=True):
        piece.font = _font(textpage, first)
    textpage.close()
    images = not pieces and any(True for _ in page.get_objects([pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    return Sheet(number, width, height, pieces, count, unmapped, images, layered=layered)
