"""Ask again what was asked before: a bare "why?" in its words, or a question with what it was about behind it."""

import re
from collections.abc import Sequence

from qa.follow_ups.antecedents import MEASURE, asked_phrase
from qa.follow_ups.exchanges import Exchange, short_answer
from qa.follow_ups.filling import ENDS
from qa.follow_ups.phrases import ASKING, AUXILIARIES, BEING, MONTHS, PREPOSITIONS, Word, words_of
from qa.text import content_words

_REASON = re.compile(r"\b(?:why|how come|purpose|reason)\b", re.IGNORECASE)
_DEGREES = frozenset("much many long often far old big large".split())
"""What `how` asks for without a subject of its own: how much did it cost."""
_MONTH = f"(?:May|March|(?i:{'|'.join(sorted(MONTHS - {'may', 'march'}))}))"
_YEAR = r"(?:1\d|20)\d\d(?:[/–-]\d\d(?:\d\d)?)?"
_DATE = re.compile(
    rf"(?:\s+(?:{'|'.join(sorted(PREPOSITIONS))}))?(?:\s+\d\d?(?:st|nd|rd|th)?(?=\s+{_MONTH}))?"
    rf"\s+(?:{_MONTH}(?:\s+{_YEAR})?|{_YEAR})(?![\w/–-])"
)
"""A year or a month, with its day and the preposition before it."""


def is_bare(words: Sequence[Word]) -> bool:
    """Tell whether a question only asks why, when, for how long: it has nothing else to ask about."""
    plain = {"long", "not", "far", "often", "purpose", "reason", "exactly", "so", "come", "what", "else"}
    asks = any(word.lower in ASKING for word in words)
    return asks and all(word.lower in ASKING | PREPOSITIONS | plain for word in words)


def asking_again(text: str, turn: Exchange) -> str:
    """Return the earlier question asked anew with `why`, `when` or `for how long` in the place of its own words of asking.

    Why something was so, or was so then, is asked without saying that it was: after `has it reopened?` with `or why not`,
    after `when will it?` with the answer. In a trial's documents 16 of 22 reasons were marked so, 13 without either.
    """
    asking = ENDS.sub("", re.sub(r"\bnot\b", "", text)).strip()
    before = ENDS.sub("", turn.question)
    words = words_of(before)
    verb = next((word for word in words if word.lower in AUXILIARIES), None)
    if verb is None:
        return with_topic(text, turn)
    again = f"{asking[0].upper()}{asking[1:]} {before[verb.start :][0].lower()}{before[verb.start + 1 :]}"
    reason = _REASON.search(asking) is not None
    if reason and verb is words[0]:
        return f"{again}, or why not?"
    answer = short_answer(turn) if words[0].lower in ("who", "which") or (reason and words[0].lower in ASKING) else ""
    return f"{again} ({answer})?" if answer else f"{again}?"


def with_topic(text: str, turn: Exchange) -> str:
    """Return a question with what the turn before was about behind it, but not what it asks anew itself: how many, when."""
    opening = words_of(text[: asked_phrase(text)])
    counts = len(opening) > 2 and opening[0].lower == "how" and opening[1].lower in ("many", "much")
    return f"{ENDS.sub('', text)} ({_topic(turn, counts, _undated(text) != text)})?"


def _undated(text: str) -> str:
    """Return a text without its years and months and the prepositions before them: the August 2020 visit, shut in 2013."""
    return _DATE.sub("", text)


def _topic(turn: Exchange, counts: bool, dated: bool) -> str:
    """Return an earlier question as a statement: "how many meals did it cook in May" as "meals it cook in May".

    What it counts is left out where something else is counted, and its time where there is another.
    """
    text = _undated(ENDS.sub("", turn.question)) if dated else ENDS.sub("", turn.question)
    asked = asked_phrase(text)
    opening = words_of(text[:asked])
    how = bool(opening) and opening[0].lower == "how"
    noun = MEASURE.sub("", text[opening[1].start : asked]) if len(opening) > 1 else ""
    noun = "" if how and noun.lower() in _DEGREES else noun
    after = [word for word in words_of(text) if word.start >= asked]
    if how and after and after[0].lower in _DEGREES:
        after.pop(0)
    if not after or after[0].lower not in AUXILIARIES:
        rest = text[after[0].start :] if after else ""
        return " ".join(part for part in (noun or short_answer(turn), rest) if part)
    counted = how and len(opening) > 1 and MEASURE.match(text[opening[1].start :]) is not None
    rest = text[after[0].end :].strip()
    if counted and counts and content_words(rest):
        return rest
    if how and not counted:  # how fast do they answer: they answer fast
        return f"{rest} {noun}".strip()
    keeps = noun and after[0].lower in BEING  # how many meals were cooked
    return f"{noun} {text[after[0].start :] if keeps else rest}".strip()
