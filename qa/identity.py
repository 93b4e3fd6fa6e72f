"""Who somebody is: questions that name a person and ask no more, and the words beside the name that tell it."""

import re
from functools import lru_cache

from qa.records import Span
from qa.text import STOP_WORDS, words

TITLE = r"(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof|Professor|Rev|Cllr|Councillor|Sir|Dame|Lord|Lady)\b"
"""What may stand before a person's name."""

PARTICLES = ("van", "von", "der", "den", "de", "da", "di", "du", "del", "la", "le", "bin", "ibn", "al")
"""Words of a name that are written small."""

_ASKS = re.compile(
    rf"^\W*who(?:['’]s| is| was)\s+(?:{TITLE}\.? )?(?P<name>[^\W\d][\w'’-]*(?: [\w'’.-]+){{0,3}})\W*$", re.IGNORECASE
)

_POST = (
    r"(?:(?i:chair(?:man|woman|person)?|chief|executive|director|leader|head|manager|president|minister|secretary|officer|commissioner"
    r"|mayor|king|queen|prince|princess|duke|bishop|governor|treasurer|clerk|editor|author|captain|owner|founder|adviser|advisor|lead"
    r"|member|trustee|warden|inspector|judge|engineer|teacher|headteacher|principal|dean|lecturer|researcher|assistant|deputy"
    r"|spokes(?:man|woman|person)|co-?ordinator|administrator|general|major|colonel|admiral|sergeant|doctor|surgeon|nurse|matron"
    r"|farmer|painter|singer|composer|poet|writer|reporter|lawyer|solicitor|barrister|carer|worker|holder|cousin|brother|sister"
    r"|mother|father|son|daughter|wife|husband|widow|victim|resident|tenant|landlord"
    r"|[a-z]*(?:ologist|ographer|icist|ician|arian|keeper|maker|master))\b)"
)
"""What somebody may be."""

_NO_NAME = re.compile(
    r"^(?!(?:sterling|browning|fleming|harding|keeling|irving|[a-z]*fred|winifred|mildred|mohammed|grable)$)"
    r"(?:\w{2,}ing|\w{4,}(?:ed|able|ible|ful|ally|ely))$"
)
"""What ends as no name does, where people write names small; words as short as "king", "reed" and "kelly" may be one."""

_AT_HAND = r"(?= (?:of|for|at|in|on|to|and|who|with|from)\b|[,;.()]|\W*$)"
_LARGE = r"[^\W\d_a-zß-öø-ÿ]"
"""A letter, but no small Latin one."""
_DETERMINER = rf"(?:(?i:the|an?|its|their|our|his|her)\b|{_LARGE}[\w-]*['’]s\b)"
_BETWEEN = "and|but|said|says|had|has|was|were|is|are|the|an?|by|to|in|on|with|from|that|which|when|where|if"
_WORDS = rf"(?:(?!(?i:{_BETWEEN})\b)[\w'’&/-]+ ){{0,8}}"
_LEADS_ON = (
    "in|on|at|as|with|by|for|to|from|of|and|or|but|nor|told|wrote|added|having|being|however|then|whose|it|he|she|they|we|i"
)
_REST = (
    r"(?:(?! (?i:because|when|after|before|since|until|while|immediately|in (?:\w+ )?\d{4}|on \d)\b)"
    r"(?:\((?:acting|interim|joint|designate|retired)\)|[^,;.()]))*"
)
_COPULA = r"(?:is|was|has been|had been|became|(?:serve|act|work)(?:s|ed) as)(?: (?:now|then|also|still|once))?"
_APPOINTED = r"(?:appointed|named|elected|hired|made|promoted|described|introduced|recruited|engaged|employed)"


@lru_cache(maxsize=32)
def person_asked(question: str) -> str | None:
    """Return the name of which a question asks no more than who that is ("Who is Ada Holm?"), or None.

    "Who is responsible?" and "Who is Chief Executive?" ask for a name instead.
    """
    found = _ASKS.match(question)
    if found is None:
        return None
    name = found["name"].rstrip(".")
    words = name.split()
    if any(word.casefold() in STOP_WORDS and word.casefold() not in PARTICLES for word in words):
        return None
    large = [word[0].isupper() for word in words if word.casefold() not in PARTICLES]
    if any(large) and not all(large):  # "Kublai Khan's uncle" names nobody
        return None
    if not any(large) and any(_NO_NAME.search(word) for word in words):  # "Who is paying rent?", "Who was arrested twice?"
        return None
    if re.search(rf"\b{_POST}$|['’]s\b", name, re.IGNORECASE) or (len(words) == 1 and not any(large)):
        return None
    return name


@lru_cache(maxsize=32)
def _tellings(name: str) -> tuple[re.Pattern[str], ...]:
    """Return what tells who a name is, each with the telling words as `told`; the name is one only where it is written large."""
    spelled = [word if word.casefold() in PARTICLES else f"(?={_LARGE})(?i:{re.escape(word)})" for word in name.split()]
    named = " ".join(spelled)
    if len(spelled) > 1:
        named = rf"(?:{named}|{TITLE}\.? {spelled[-1]})"
    named = rf"\b(?:{TITLE}\.? )?{named}(?!['’\w])(?: \([^)]*\))?"
    posted = rf"(?!(?i:{_LEADS_ON})\b)(?:{_DETERMINER} )?{_WORDS}\b{_POST}{_AT_HAND}{_REST}"
    what = rf"(?:(?:(?i:an?|the|one of) ){_REST}|{posted})"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"{named}(?:,? (?:is|was|has been|had been))?(?: \w+)? {_APPOINTED} (?:as |to be )?(?P<told>{what})",
            rf"{named},? {_COPULA} (?P<told>{what})",
            rf"{named}(?:,? who (?:is|was|has been|had been)) (?P<told>{what})",
            rf"{named}(?:, | \()(?:now |then )?(?P<told>{posted})",
            rf"{named}, (?P<told>{_DETERMINER} {_WORDS}(?:of {_WORDS})?[\w'’-]+),",
            rf"\b(?i:{_APPOINTED}) {named} (?:as|to be) (?P<told>{_REST})",
            rf"\bcall(?:s|ed)? {named} (?P<told>(?i:an?|the) {_REST})",
            rf"\b(?P<told>{_DETERMINER} {_WORDS}{_POST}(?: (?:of|for|at) {_WORDS}[\w'’-]+)?), {named}",
            rf"(?P<told>(?:\b{_LARGE}[\w'’-]+ )*\b{_POST}) {named}",
        )
    )


def told_of(question: str, sentence: str) -> Span | None:
    """Return the words of a sentence that tell who somebody is, where a question asks just that; None if none do."""
    name = person_asked(question)
    # Most sentences of a passage do not hold the name, and nine patterns a sentence take time.
    if name is None or name.split()[-1].casefold() not in sentence.casefold():
        return None
    # A line's end within a sentence parts no words.
    line = re.sub(r"\s", " ", sentence)
    for telling in _tellings(name):
        found = telling.search(line)
        if found and any(word.casefold() not in STOP_WORDS for word in words(found["told"])):
            start, end = found.span("told")
            return Span(start, end - (len(found["told"]) - len(found["told"].rstrip())))
    return None
