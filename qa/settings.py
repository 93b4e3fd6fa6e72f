"""The few numbers that shape passages and ranking."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Hold the choices an index is built with; a changed one means another index.

    Lengths are in characters (Unicode code points); `passage_tokens` counts the model's tokens
    without its special ones, context included.
    """

    passage_characters: int = 1000
    sentence_characters: int = 300
    passage_tokens: int = 510


SETTINGS = Settings()

READING = 11
"""How files are read, cut and stemmed; a change to what a format makes of a file, to where passages begin and end, or to what a
word is found by raises it, so that no file is taken as read the old way."""

CANDIDATES = 100
"""Passages taken from each of the dense and the lexical ranking before they are fused."""

DENSE_WEIGHT = 0.6
"""Share of the dense score in the convex combination (Bruch et al. 2023, doi:10.1145/3596512)."""

QUESTION_CHARACTERS = 10_000
"""A longer question is bad input."""
