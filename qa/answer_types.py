"""What a question asks for (a number, a time, a person, this or that year), and whether a text has it."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from qa.text import STOP_WORDS, is_stop_word, stem, stems, words
from qa.years import FOUR_DIGITS, MONTH, agree, years_of

_NUMBER = (
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|"
    r"million|billion|half|dozen|twice|once|several|few)\b"
)
_TIME = (
    r"\b\d{3,4}s?\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|"
    r"wednesday|thursday|friday|saturday|sunday|century|centuries|today|year|years|month|months|week|weeks|weekly|monthly|daily|day|days|decade|decades|"
    r"era|period|spring|summer|autumn|winter)\b"
)
_NAME = r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'’-]+"
_REASON = r"\b(?:because|since|due|so that|in order to|as a result|therefore|reason|reasons|caus\w+|led to|leads? to|to)\b"

_ASKED: Sequence[tuple[re.Pattern[str], re.Pattern[str]]] = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(given, flags))
    for asked, given, flags in (
        (r"\bhow (?:many|much|old|long|far|high|large|big|tall|fast|wide|deep|heavy)\b"
         r"|\bwhat (?:percentage|number|proportion|share|age)\b",
         _NUMBER, re.IGNORECASE),
        # "What happens when it rains?" asks for no time.
        (r"\bwhen(?:['’]s|\?? *$| (?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must)\b)"
         r"|\bhow often\b|\b(?:what|which) (?:year|month|date|day|century|decade)\b", _TIME, re.IGNORECASE),
        (r"\bwho(?:m|se)?\b|\bwhere\b", _NAME, 0),
        (r"\bwhy\b", _REASON, re.IGNORECASE),
    )
)  # fmt: skip

_COUNTED = re.compile(r"\bhow many ((?:[\w'’-]+ ?)+)", re.IGNORECASE)
_YEAR = rf"{FOUR_DIGITS}(?!\d| ?%|[.,]\d)"
_SAYS_WHEN = re.compile(
    rf"\b(?:in|by|since|during|until|till|before|after|from|between|end of|year|ended|{MONTH}),? (?:the )?{_YEAR}"
    rf"|\({_YEAR}|\b{_YEAR}(?:s\b|[-–/]\d\d|: )",
    re.IGNORECASE,
)
"""What makes a number of four digits a year: "in 2013", "June 2013", "(2013)", "2013/14", "2013: 7"."""

COUNT_BEFORE, COUNT_AFTER = 4, 6
"""Words within which a number before, or a figure after, the word for a thing counts it."""


def kind_given(question: str, text: str) -> float:
    """Tell whether a text has what the question's kind asks for (a number, a time, a name, a reason).

    1 if it has, -1 if not, 0 if the question is of no such kind. Names that the question itself
    holds do not count.
    """
    kind, in_question = _asked(question)
    if kind is None:
        return 0.0
    found = (match.group().casefold().removesuffix("'s").removesuffix("’s") for match in _ASKED[kind][1].finditer(text))
    return 1.0 if any(item not in in_question for item in found) else -1.0


@lru_cache(maxsize=32)
def _asked(question: str) -> tuple[int | None, frozenset[str]]:
    """Return which of _ASKED a question is of, the first that it is, and its words; of each question asked 60 times over."""
    kind = next((number for number, (asked, _) in enumerate(_ASKED) if asked.search(question)), None)
    return kind, frozenset(word.casefold() for word in words(question))


def number_missing(question: str, text: str) -> bool:
    """Tell whether a question asks for a number and a text has none that the question does not hold itself."""
    return _asked(question)[0] == 0 and kind_given(question, text) < 0


def time_missing(question: str, text: str) -> bool:
    """Tell whether a question asks when or how often and a text has no time that the question does not hold itself."""
    return _asked(question)[0] == 1 and kind_given(question, text) < 0


def count_missing(question: str, text: str) -> bool:
    """Tell whether a question asks how many of something and a text has no number beside that word.

    "How many foster carers are there?" wants "168 foster carers", "foster carers: 168" or "the number of foster
    carers in Holm and beyond fell to 168": what is counted is the last word before the question goes on.
    """
    found = _COUNTED.search(question)
    run = list(takewhile(lambda word: not is_stop_word(word), words(found.group(1)))) if found else []
    if not run:
        return False
    counted, spoken = stem(run[-1]), words(text)

    def named_number(at: int) -> bool:
        before = [word.casefold() for word in spoken[max(0, at - COUNT_BEFORE) : at]]
        return "of" in before and bool({"number", "numbers", "total"} & set(before))

    numbers = [bool(_ASKED[0][1].search(word)) for word in spoken]
    figures = [word[0].isdigit() for word in spoken]
    return not any(
        stem(word) == counted
        and any(numbers[max(0, at - COUNT_BEFORE) : at] + figures[at + 1 : None if named_number(at) else at + 1 + COUNT_AFTER])
        for at, word in enumerate(spoken)
    )


def figures_missing(question: str, text: str) -> bool:
    """Tell whether a question gives a figure, a year above all, that a text does not hold."""
    figures = {word for word in words(question) if any(character.isdigit() for character in word)}
    return bool(figures and figures.difference(words(text)))


def another_year(question: str, sentence: str, around: str, passage: str) -> bool:
    """Tell whether a sentence is of another year than the question asks for.

    It is if it gives a year, and if it gives none but its title and headings, `around`, do, and none of them, or of its
    `passage` where it gives none, is asked for. On squad2's train and tune articles that is so of the first passages of
    78 unanswerable questions that ask for a year, and of 5 of the 145 answerable ones.
    """
    asked, given, above = years_of(question), years_of(sentence), years_of(around)
    if not asked or any(agree(one, other) for one in asked for other in (*given, *above)):
        return False
    if given and _SAYS_WHEN.search(sentence):
        return True
    # "It employed 1450 staff." gives no year; what year it was stands before it, or above.
    return bool(given or above) and not any(agree(one, other) for one in asked for other in years_of(passage))


def names_of(question: str) -> list[str]:
    """Return the names and numbers of a question: capitalised words but the first, and words with digits."""
    found = words(question)
    return [
        word
        for position, word in enumerate(found)
        if any(character.isdigit() for character in word)
        or (position > 0 and word[0].isupper() and word.casefold() not in STOP_WORDS)
    ]


def names_given(question: str, text: str) -> float:
    """Return the share of the question's names and numbers that a text holds; 1 if it has none."""
    names = {stem(name) for name in names_of(question)}
    return len(names.intersection(stems(text))) / len(names) if names else 1.0


def names_unknown(question: str, unknown: Sequence[str]) -> float:
    """Return the share of the question's names and numbers whose stems are `unknown`, those that occur nowhere; 0 of none."""
    names = {stem(name) for name in names_of(question)}
    return len(names & set(unknown)) / len(names) if names else 0.0
