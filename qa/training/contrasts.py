"""Make near misses of a question and the sentence that answers it: much like the real thing, and no answer.

A reader that has only seen sentences about other things takes any sentence on the subject for an
answer. Two edits make the difference plain: the sentence with its answer taken out, and the question
asked about another name, year or number, or turned into its opposite (as SQuAD 2.0's own unanswerable
questions were mostly made: Rajpurkar and others, 2018, section 4).
"""

import random
import re
from collections.abc import Sequence

_PREPOSITION = re.compile(
    r"[,]? \b(?:in|on|at|by|from|since|during|to|for|with|until|after|before|near|through|around|over|under|between|within)"
    r"(?: (?:the|a|an|about|around|early|late))*$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:about|around|some|nearly|almost|over|under|approximately|roughly|only|at least|more than)$", re.IGNORECASE
)
_NUMBER = re.compile(
    r"[£$€]?\d[\d,.]*(?:st|nd|rd|th|%)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|"
    r"fifty|hundred|thousand|million",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\d{4}s?")
_SOMEBODY = ("an official", "a man", "a woman", "a spokesperson", "the director", "another person", "a group", "people")
_WHO = re.compile(r"\bwho(?:m|se)?\b", re.IGNORECASE)
_WHY_OR_HOW = re.compile(r"\b(?:why|how(?! (?:many|much|long|old|far|often|large|big|tall|high)))\b", re.IGNORECASE)
_LED = (
    "because of|because|since|so that|in order to|due to|owing to|thanks to|in response to|in protest (?:at|against)"
    "|by|with|to|for"
)
_LED_TO_REASON = re.compile(rf"[,;]? ?\b(?:{_LED})$", re.IGNORECASE)
_OPENS_REASON = re.compile(rf"(?:{_LED}|out of|as a result of)\b", re.IGNORECASE)
_FIGURE = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_NAME = re.compile(r"(?<![.!?\"“] )(?<!^)\b[A-Z][\w'-]+(?: (?:of |the |de |van )?[A-Z][\w'-]+)*")
_NOT_NAMES = frozenset(
    "Who What When Where Which Why How Whose Whom In On At By The A An Is Are Was Were Did Do Does Of For From To If Has Have "
    "It He She They This That These Those There As But And After Before During Since Name".split()
)
_PAIRS = (
    "first last",
    "largest smallest",
    "highest lowest",
    "most least",
    "more fewer",
    "before after",
    "increase decrease",
    "increased decreased",
    "rise fall",
    "rose fell",
    "won lost",
    "win lose",
    "began ended",
    "begin end",
    "started stopped",
    "start stop",
    "north south",
    "northern southern",
    "east west",
    "eastern western",
    "oldest youngest",
    "older younger",
    "longest shortest",
    "best worst",
    "better worse",
    "opened closed",
    "open close",
    "appointed dismissed",
    "joined left",
    "born buried",
    "father mother",
    "brother sister",
    "husband wife",
    "son daughter",
    "male female",
    "men women",
    "boys girls",
    "king queen",
    "early late",
    "earliest latest",
    "above below",
    "inside outside",
    "internal external",
    "minimum maximum",
    "majority minority",
    "public private",
    "supported opposed",
    "support oppose",
    "accepted rejected",
    "allowed forbidden",
    "allow forbid",
    "with without",
    "always never",
    "same different",
    "similar opposite",
    "buy sell",
    "bought sold",
    "export import",
    "arrived departed",
    "created destroyed",
    "strong weak",
    "positive negative",
)
_OPPOSITES = dict(pair for first, second in map(str.split, _PAIRS) for pair in ((first, second), (second, first)))


def without_answer(question: str, sentence: str, span: tuple[int, int], chance: random.Random) -> str | None:
    """Return a sentence that reads on without its answer; None where taking it out would leave no sentence.

    A phrase goes with its preposition, a number from before its noun, a reason with what leads to it, and who is asked
    for gives way to somebody unnamed.
    """
    before, answer, after = sentence[: span[0]], sentence[span[0] : span[1]], sentence[span[1] :]
    led = _PREPOSITION.search(before.rstrip())
    shortened: str | None
    if _WHY_OR_HOW.search(question):
        shortened = _without_reason(before, answer, after)
    elif _NUMBER.fullmatch(answer) and re.match(r" [a-z]{3}", after) and not (led and _YEAR.fullmatch(answer)):
        kept = _ABOUT.sub("", before.rstrip()).rstrip()
        shortened = f"{kept}{after}" if kept else after.strip().capitalize()
    elif led and led.start() > 12 and (not after or after[0] in " ,.;:)"):
        shortened = before[: led.start()] + after
    elif _WHO.search(question) and answer[:1].isupper() and not led and re.match(r" [a-z]", after) and len(after) > 25:
        somebody = chance.choice(_SOMEBODY)
        shortened = f"{before}{somebody if before else somebody.capitalize()}{after}"
    else:
        return None
    if shortened is None or answer in shortened:
        return None
    return re.sub(r"\s+", " ", shortened).replace(" ,", ",")


def _without_reason(before: str, answer: str, after: str) -> str | None:
    """Return a sentence without a reason or means, and without the word that leads to it; None where it is no part by itself."""
    led = _LED_TO_REASON.search(before.rstrip())
    if not (led or _OPENS_REASON.match(answer)) or (after and after[0] not in ",.;)"):
        return None
    kept = before[: led.start()] if led else before.rstrip()
    if kept.strip():
        return kept.rstrip(" ,;") + after
    rest = after.lstrip(" ,;.")
    return rest[:1].upper() + rest[1:] if len(rest) > 25 else None


def about_another(question: str, sentence: str, others: Sequence[str], chance: random.Random) -> str | None:
    """Return a question that a sentence does not answer any more; None where nothing of it can be exchanged.

    Exchanges a figure or a name that the sentence holds too for one from `others`, or a word for its
    opposite.
    """
    edits: list[tuple[int, int, str]] = []
    for found in _FIGURE.finditer(question):
        if found.group() in sentence:
            figures = [item for other in others for item in _FIGURE.findall(other) if len(item) == len(found.group())]
            near = [str(int(found.group()) + step) for step in (-3, -2, -1, 1, 2, 10)] if found.group().isdigit() else []
            edits += [(*found.span(), item) for item in {*figures, *near} if item not in sentence]
    elsewhere = [name for other in others for name in _NAME.findall(other) if name not in _NOT_NAMES and name not in sentence]
    for found in _NAME.finditer(question):
        name = found.group()
        if found.start() > 0 and name in sentence and name not in _NOT_NAMES:
            alike = [other for other in elsewhere if other.count(" ") == name.count(" ") and other not in question]
            edits += [(*found.span(), other) for other in (alike or elsewhere)[:6] if other not in question]
    for found in re.finditer(r"[a-z']+", question):
        if found.group() in _OPPOSITES:
            edits += [(*found.span(), _OPPOSITES[found.group()])] * 2
    if not edits:
        return None
    start, end, put = chance.choice(sorted(edits))
    return question[:start] + put + question[end:]
