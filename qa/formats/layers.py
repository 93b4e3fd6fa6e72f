"""Words that a PDF holds without showing them: the text layer under a scanned image, and what is hidden."""

import statistics
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa.formats.boxes import Box, Piece

_GLYPHLESS = "GlyphLess"
_DESCENT = 0.2
_SAME_SIZE = 1.18
_BLANK = 32


def invisible(textpage: pdfium.PdfTextPage, number: int) -> bool:
    """Tell whether a character is drawn without ink, as the words that a program has recognised on an image are."""
    item = pdfium_c.FPDFText_GetTextObject(textpage.raw, number)
    return bool(item) and pdfium_c.FPDFTextObj_GetTextRenderMode(item) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE


def fitted(
    codes: npt.NDArray[np.int64], boxes: npt.NDArray[np.float64], glyphless: Sequence[tuple[int, int]]
) -> npt.NDArray[np.float64]:
    """Return the boxes of characters with those of words without letters' shapes laid over the words in the image.

    `glyphless` are the words' first characters and ends. Tesseract sets each word together with the blank after it into
    the room that the word has in the image, on a line that letters' tails hang below.
    """
    told = boxes.copy()
    for start, end in glyphless:
        left, right = boxes[start, 0], boxes[end - 1, 2]
        blank = end < len(codes) and codes[end] == _BLANK and 0 <= boxes[end, 0] - right + 1 < 2
        if blank and boxes[end, 2] > right > left:
            stretch = (boxes[end, 2] - left) / (right - left)
            told[start:end, 0] = left + (boxes[start:end, 0] - left) * stretch
            told[start:end, 2] = left + (boxes[start:end, 2] - left) * stretch
        told[start:end, 3] += _DESCENT * (boxes[start:end, 3] - boxes[start:end, 1])
    return told


def is_glyphless(font: str) -> bool:
    """Tell whether a font has no shapes for its letters, as the one in which tesseract writes."""
    return font.startswith(_GLYPHLESS)


def even_out(pieces: Sequence[Piece]) -> None:
    """Give recognised words of about the usual size that size: a program's guesses differ from line to line."""
    usual = statistics.median_low([piece.size for piece in pieces for _ in piece.text])
    for piece in pieces:
        if usual / _SAME_SIZE < piece.size < usual * _SAME_SIZE:
            piece.size = usual


def over_images(pieces: Sequence[Piece], images: Sequence[Box]) -> list[bool]:
    """Tell of each piece whether its middle stands on an image."""
    return [
        any(
            image.left <= (piece.place.left + piece.place.right) / 2 <= image.right
            and image.top <= (piece.place.top + piece.place.bottom) / 2 <= image.bottom
            for image in images
        )
        for piece in pieces
    ]
