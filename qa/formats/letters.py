"""Letters that a PDF draws otherwise than they are read: ligatures, combining marks, small raised digits."""

import unicodedata
from array import array
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
SUPERSCRIPTS = [ord(digit) for digit in "⁰¹²³⁴⁵⁶⁷⁸⁹"]
SMALLER = 0.85
"""How much smaller a raised digit is, at most, than what it stands after."""

_RAISED, _RAISED_DIGITS = 0.1, 3


def raised_digits(codes: npt.NDArray[np.int64], boxes: npt.NDArray[np.float64], smaller: Callable[[int, int], bool]) -> list[int]:
    """Return which of the characters of a page are small digits above the line, right after a letter or a number.

    The places alone don't tell: the box of a comma may be higher than that of the digit after it.
    """
    heights, bottoms = boxes[:, 3] - boxes[:, 1], boxes[:, 3]
    digits = (codes >= 48) & (codes <= 57)
    above = (heights[1:] < SMALLER * heights[:-1]) & (bottoms[1:] < bottoms[:-1] - _RAISED * heights[:-1])
    found = []
    for first in (np.flatnonzero(digits[1:] & above) + 1).tolist():
        if smaller(first, first - 1):
            found.append(first)
            while len(codes) > (after := found[-1] + 1) and digits[after] and heights[after] < 1.1 * heights[first]:
                if after - first >= _RAISED_DIGITS or smaller(first, after) or bottoms[after] > bottoms[first] + 0.5:
                    break
                found.append(after)
    return found


def spelled_out(text: str, boxes: "array[int]") -> tuple[str, "array[int]"]:
    """Return a piece with its ligatures as letters, each with the ligature's box, and combining marks on their letters."""
    letters: list[str] = []
    held: list[array[int]] = []
    for index, character in enumerate(text):
        box = boxes[4 * index : 4 * index + 4]
        joined = ""
        if letters and letters[-1] != " " and unicodedata.combining(character):
            joined = unicodedata.normalize("NFC", letters[-1] + character)
        if len(joined) == 1:
            letters[-1], last = joined, held[-1]
            held[-1] = array("H", (min(last[0], box[0]), min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3])))
            continue
        for letter in LIGATURES.get(ord(character), character):
            letters.append(letter)
            held.append(box)
    flat: array[int] = array("H")
    for box in held:
        flat.extend(box)
    return "".join(letters), flat
