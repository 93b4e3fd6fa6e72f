"""What a question asks for (a number, a time, a person, this or that year), and whether a text has it."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from qa.identity import person_asked, told_of
from qa.text import STOP_WORDS, fold, is_stop_word, stem, stems, words
from qa.years import FOUR_DIGITS, MONTH, agree, years_beside, years_of

_NUMBER = (
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|"
    r"forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|half|dozens?|twice|once|several|few)\b"
)
_TIME = (
    r"\b\d{3,4}s?\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|"
    r"wednesday|thursday|friday|saturday|sunday|century|centuries|today|year|years|month|months|week|weeks|weekly|monthly|daily|day|days|decade|decades|"
    r"era|period|spring|summer|autumn|winter)\b"
)
_NAME = r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'’-]+"
_REASON = r"\b(?:because|since|due|so that|in order to|as a result|therefore|reason|reasons|caus\w+|led to|leads? to|to)\b"

_SHARE = (
    r"%|\bper ?cent\b|\bpercentage points?\b|\b(?:half|(?:third|quarter|fifth|sixth|seventh|eighth|ninth|tenth)s?|majority)\b"
    rf"|(?:{_NUMBER}) (?:in|of|out of)(?: every| the| those)? (?:{_NUMBER})"
)
# "£8", "8p", "eight pounds", "free"; and a figure that counts nothing, as in a table: not "8 weeks", nor the year 2018.
_MONEY = (
    r"[£$€¥]|\b\d[\d,.]*(?:p|k|m|bn)\b|\b(?:pence|pounds?|euros?|dollars?|cents?|pennies|penny|guineas?|shillings?|free|nothing|million|billion)\b"
    r"|\bno (?:charge|cost|fee)|(?<![\w.,])(?!(?:1[5-9]|20)\d\d(?![\d.,]\d))\d(?:[\d,.]*\d)?"
    rf"(?![\w.,]*\w| ?(?:%|°)|[ -](?!(?:{'|'.join(sorted(STOP_WORDS))})\b)[a-z])"
)
_SUM = (
    r"(?:prices?|salar(?:y|ies)|costs?|fees?|fines?|rents?|wages?|pay|budgets?|revenues?|profits?|turnover|incomes?|deficits?|surplus|debts?"
    r"|bonus|deposits?|charges?|bills?|fares?|subscriptions?|compensation)"
)
# What the sum is of, or when it was, or nothing: "what is the price structure?" and "what was the fine for?" ask for none.
_OF_IT = (
    r"(?=\W*$| (?:of|in|at|to|per|on|before|after|from|during|since|last|this|next|by|when|if"
    r"|a|an|paid|charged|now)\b| for(?!\W*$))"
)
_OWN = r"(?:(?!(?:of|in|on|to|for|by|with|about|between|behind|from|that|who|which|and|or|not|an?)\b)[\w'’&-]+ ){0,6}"
_BUYS = r"(?<!\bin )(?:costs?|pay|paid|earn(?:ed)?|charged?|owed?)"
_DOES = r"(?:do|does|did|will|would|must|should|can|could|has|have|had)(?:n['’]t)?"
_SUBJECT = r"(?:(?:(?:have|has|had|need|needs|needed) to|(?!(?:do|happen|if|when|because|who|that|to|about)\b)[^\s?.,;]+) ){0,10}"
_ASKS_MONEY = (
    rf"\bhow much (?:money\b|{_SUM}\b|(?:is|are|was|were) (?:{_OWN}{_SUM}{_OF_IT}|{_SUBJECT}(?:paid|charged|fined|owed)\b)"
    rf"|{_DOES} {_SUBJECT}(?:{_BUYS}|spen[dt])\b)"
    # Lives and posts are no sums, and what is paid for is a thing.
    rf"|\bwhat {_DOES} (?!.{{0,200}}\b(?:lives|life|jobs?|seat|place|attention|charged? (?:\w+ ){{0,5}}with)\b)"
    rf"(?!.{{0,200}}\bfor\W{{0,9}}$){_SUBJECT}"
    rf"(?:{_BUYS}\b|(?:save|spend)(?=\W*$| (?:last|this|per|each|an?|in|by|during)\b))"
    rf"|\bwhat(?:['’]s| (?:is|was|are|were|will be|would be)) {_OWN}{_SUM}{_OF_IT}"
    rf"|^\W*(?:the )?(?:average |annual |total |new )?{_SUM} (?:of|for|in|per)\b"
    r"(?! living\b)(?!.*\b(?:is|are|was|were|has|have|had|do|does|did|will|would|can|who|what|which|when|where|why|how)\b)"
)
_ASKS_SHARE = r"\b(?:what|which) (?:percentage|per ?cent|proportion|share|fraction)\b"
_ASKS_NUMBER = (
    r"\bhow (?:many|much|old|long|far|high|large|big|tall|fast|wide|deep|heavy)\b|\bwhat (?:number|age)\b"
    rf"|\bwhat(?:['’]s| (?:is|was|are|were)) {_OWN}(?:rates?|height|length|width|depth|weight|distance|speed"
    rf"|temperature|population|pressure){_OF_IT}"
)

_ASKED: Sequence[tuple[str, re.Pattern[str], re.Pattern[str]]] = tuple(
    (kind, re.compile(asked, re.IGNORECASE), re.compile(given, flags))
    for kind, asked, given, flags in (
        ("share", _ASKS_SHARE, _SHARE, re.IGNORECASE),
        ("money", _ASKS_MONEY, _MONEY, re.IGNORECASE),
        ("number", _ASKS_NUMBER, _NUMBER, re.IGNORECASE),
        # "What happens when it rains?" asks for no time.
        ("time",
         r"\bwhen(?:['’]s|\?? *$| (?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must)\b)"
         r"|\bhow often\b|\b(?:what|which) (?:year|month|date|day|century|decade)\b", _TIME, re.IGNORECASE),
        ("name", r"\bwho(?:m|se)?\b|\bwhere\b", _NAME, 0),
        ("reason", r"\bwhy\b", _REASON, re.IGNORECASE),
    )
)  # fmt: skip

_GIVEN = {kind: given for kind, _, given in _ASKED}
_ASKS_WHO = re.compile(r"^\W*who(?:m|se)?\b", re.IGNORECASE)
_COUNTED = re.compile(r"\bhow many ((?:[\w'’-]+ ?)+)", re.IGNORECASE)
_YEAR = rf"{FOUR_DIGITS}(?!\d| ?%|[.,]\d)"
_SAYS_WHEN = re.compile(
    rf"\b(?:in|by|since|during|until|till|before|after|from|between|end of|year|ended|{MONTH}),? (?:the )?{_YEAR}"
    rf"|\({_YEAR}|\b{_YEAR}(?:s\b|[-–/]\d\d|: )",
    re.IGNORECASE,
)
"""What makes a number of four digits a year: "in 2013", "June 2013", "(2013)", "2013/14", "2013: 7"."""

_TELLING = frozenset(("all", "any", "both", "each", "few", "more", "most", "no", "none", "not", "once", "other", "same"))
"""Stop words that answer by themselves."""

OWN_WORDS = 2

_ANYBODY = frozenset(("people", "persons", "individuals"))

COUNT_BEFORE, COUNT_AFTER = 4, 6
"""Words within which a number before, or a figure after, the word for a thing counts it."""


def kind_given(question: str, text: str) -> float:
    """Tell whether a text has what the question's kind asks for (a number, a sum, a share, a time, a name, who one is, a reason).

    1 if it has, -1 if not, 0 if the question is of no such kind. Names that the question itself
    holds do not count.
    """
    if person_asked(question):
        return 1.0 if told_of(question, text) else -1.0
    kind, in_question = _asked(question)
    if kind is None:
        return 0.0
    found = (match.group().casefold().removesuffix("'s").removesuffix("’s") for match in _GIVEN[kind].finditer(text))
    return 1.0 if any(item not in in_question for item in found) else -1.0


@lru_cache(maxsize=32)
def _asked(question: str) -> tuple[str | None, frozenset[str]]:
    """Return which of _ASKED a question is of, the first that it is, and its words; of each question asked 60 times over."""
    kind = next((kind for kind, asked, _ in _ASKED if asked.search(question)), None)
    return kind, frozenset(word.casefold() for word in words(question))


def number_missing(question: str, text: str) -> bool:
    """Tell whether a question asks for a number, a sum or a share and a text has none that the question does not hold itself."""
    return _asked(question)[0] in {"number", "money", "share"} and kind_given(question, text) < 0


def asks_who(question: str) -> bool:
    """Tell whether a question begins by asking who."""
    return bool(_ASKS_WHO.search(question))


def asks_for_a_thing(question: str) -> bool:
    """Tell whether a question is of no kind: neither number nor time, name or reason."""
    return _asked(question)[0] is None


def says_nothing(question: str, text: str) -> bool:
    """Tell whether words marked answer nothing: they are "a" or "it", or the question's own words and no name.

    What chooses between two things that it names is answered by one of them. (On squad2's train and tune articles most names,
    and stretches of more than OWN_WORDS, that are the question's own do answer it: "Which law takes precedence?")
    """
    said = words(text)
    telling = [
        word
        for place, word in enumerate(said)
        if not is_stop_word(word) or word.casefold() in _TELLING or (word[0].isupper() and (place > 0 or word == "May"))
    ]
    if not telling:
        return True
    own = {fold(word).removesuffix("s") for word in words(question)}
    return (
        len(said) <= OWN_WORDS
        and " or " not in question.casefold()
        and text == text.lower()
        and all(fold(word).removesuffix("s") in own for word in telling)
    )


def time_missing(question: str, text: str) -> bool:
    """Tell whether a question asks when or how often and a text has no time that the question does not hold itself."""
    return _asked(question)[0] == "time" and kind_given(question, text) < 0


def count_missing(question: str, text: str) -> bool:
    """Tell whether a question asks how many of something and a text has no number beside that word.

    "How many foster carers are there?" wants "168 foster carers", "foster carers: 168" or "the number of foster
    carers in Holm and beyond fell to 168": what is counted is among the words before the question goes on.
    What a table's row counts stands above it, and people are counted by other words: "eleven died", "312 patients".
    (On squad2's tune articles that is so of the first passages of 27 unanswerable questions and of 2 answerable ones.)
    """
    found = _COUNTED.search(question)
    run = list(takewhile(lambda word: not is_stop_word(word), words(found.group(1)))) if found else []
    if not run or text.lstrip().startswith("|") or not _ANYBODY.isdisjoint(word.casefold() for word in run):
        return False
    counted, spoken = {stem(word) for word in run}, words(_SAYS_WHEN.sub(" ", text))

    def named_number(at: int) -> bool:
        before = [word.casefold() for word in spoken[max(0, at - COUNT_BEFORE) : at]]
        return "of" in before and bool({"number", "numbers", "total"} & set(before))

    numbers = [bool(_GIVEN["number"].search(word)) for word in spoken]
    figures = [word[0].isdigit() for word in spoken]
    return not any(
        stem(word) in counted
        and any(numbers[max(0, at - COUNT_BEFORE) : at] + figures[at + 1 : None if named_number(at) else at + 1 + COUNT_AFTER])
        for at, word in enumerate(spoken)
    )


def figures_missing(question: str, text: str) -> bool:
    """Tell whether a question gives a figure, a year above all, that a text does not hold."""
    figures = {word for word in words(question) if any(character.isdigit() for character in word)}
    return bool(figures and figures.difference(words(text)))


DATED_WITHIN = 10
"""Years from a document's date within which a sentence without a year is taken to be of that date; a history tells of any."""


def another_year(question: str, sentence: str, around: str, passage: str, dated: str = "") -> bool:
    """Tell whether a sentence is of another year than the question asks for.

    It is if it gives a year, and if it gives none but its title and headings, `around`, or its document's date, `dated`, if
    that lies within DATED_WITHIN of what is asked, do, and none of them, or of its `passage` where it gives none, is asked for.
    On squad2's train and tune articles that is so of the first passages of 78 unanswerable questions that ask for a year, and
    of 5 of the 145 answerable ones.
    """
    asked, given, above = years_of(question), years_of(sentence), years_of(around)
    if not given:
        near = [(first - DATED_WITHIN, last + DATED_WITHIN) for first, last in asked]
        above += [own for own in years_of(dated) if any(agree(own, one) for one in near)]
    if not asked or any(agree(one, other) for one in asked for other in (*given, *above, *years_beside(sentence, around, dated))):
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
