"""What a question is about: its names, things and times, found by their shape and by the small words around them.

No model of a language is needed for this, only lists of English's small words, which are closed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.text import is_stop_word

PERSON, NAME, THING, TIME = "person", "name", "thing", "time"

_TOKEN = re.compile(
    r"(?:[£$€¥](?=\d))?[^\W_]+(?:(?:[-.&/]|(?<=\d)[,:–](?=\d))[^\W_]+)*(?:(?<=\d)%|['’][^\W_]+|(?<=s)['’](?!\w))?"
)
_DETERMINERS = frozenset("the a an his her its their our my your this that these those some any each every all both".split())
ASKING = frozenset("who whom whose what which when where why how".split())
AUXILIARIES = frozenset(
    "is are was were be been am do does did has have had will would can could shall should may might must "
    "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't won't wouldn't can't couldn't".split()
)
BEING = frozenset("is are was were be been am".split())
_SUPPORTING = frozenset("do does did will would can could shall should may might must don't doesn't didn't won't".split())
PREPOSITIONS = frozenset(
    "in on at of for from to by with about during since until before after under over between among against into".split()
)
NOT_PEOPLE = frozenset(
    "agency army association authority bank board bureau care church city college commission committee company conference "
    "congress corporation council county court department directorate east empire federation forum foundation fund government "
    "group hospital house inspectorate institute kingdom league ministry museum north office organisation organization panel "
    "parliament party republic river road school secretary service services society south state states street system team "
    "towns treaty trust union university visit war west act".split()
)
PLACES = frozenset(
    "academy airport bridge canal castle centre center clinic estate factory farm garden hall harbour hotel hub library market "
    "mill park pier pool railway square station theatre tower community district grammar high infant junior leisure medical "
    "memorial parish primary public secondary shopping sports town village".split()
)
"""What goes on with a name in small letters and is seldom a verb: Sallow End library, Lower Mill primary school."""
PARTICIPLES = frozenset(
    "beaten begun born bought broken brought built burnt caught chosen cut done drawn driven fed flown found given held hit "
    "kept laid led left lent lost made met paid put rebuilt run seen sent set shown shut sold spent split stolen struck sunk "
    "taken taught thrown told torn withdrawn won written".split()
)
_ADVERBS = frozenset(
    "badly eventually finally first formally fully last newly next officially originally partly previously recently".split()
)
_JOINING = frozenset("of for the a an".split())
_JOINED = re.compile(r"[\s\"“”‘’']+|\s+(of|for)(?:\s+(?:the|an?))?\s+")
MONTHS = frozenset(
    "january february march april may june july august september october november december spring summer autumn winter".split()
)
WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_NUMBERED = re.compile(r"\d{1,4}(?:st|nd|rd|th|s)?(?:[-–/]\d\d(?:\d\d)?)*|\d{1,2}(?::\d\d)+|\d{1,2}(?:[:.]\d\d)?[ap]m|" + WEEKDAY)
_TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor cllr councillor councilor sir dame lady lord baroness rev reverend".split()
)
_ROLE = re.compile(
    r"(?:chair|chairman|chairwoman|head|leader|director|manager|minister|secretary|commissioner|adviser|advisor|councillor|"
    r"councilor|officer|president|governor|mayor|author|journalist|reporter|king|queen|emperor|general|founder|member|"
    r"inspector|portfolio holder)"
)


@dataclass(frozen=True)
class Word:
    """Hold one word of a question with its place."""

    start: int
    end: int
    text: str

    @property
    def lower(self) -> str:
        """Return the word without case."""
        return self.text.lower().replace("’", "'")

    @property
    def capital(self) -> bool:
        """Tell whether the word begins with a capital letter."""
        return self.text[0].isupper()

    @property
    def possessive(self) -> bool:
        """Tell whether the word ends as a possessive does."""
        return self.lower.endswith(("'s", "s'"))


@dataclass(frozen=True)
class Phrase:
    """Hold a stretch of a question that names something; `kind` is PERSON, NAME, THING or TIME."""

    start: int
    end: int
    text: str
    kind: str

    @property
    def head(self) -> str:
        """Return the word the phrase is about, without case: the last before `of`, `for` or `in`."""
        core = re.split(r"\s(?:of|for|in)\s", self.text)[0]
        return core.split()[-1].lower().removesuffix("'s").removesuffix("’s")

    @property
    def plural(self) -> bool:
        """Tell whether the phrase names several, as far as its spelling says."""
        irregular = self.head in {"children", "people", "men", "women", "staff", "police", "families"}
        return irregular or (self.kind == THING and self.head.endswith("s") and not self.head.endswith(("ss", "us", "is")))


def words_of(text: str) -> list[Word]:
    """Return the words of a question with their places."""
    return [Word(match.start(), match.end(), match.group()) for match in _TOKEN.finditer(text)]


def is_time(word: Word) -> bool:
    """Tell whether a word is a year, a day, its number, a month or a time of day."""
    return bool(_NUMBERED.fullmatch(word.lower)) or (
        word.lower in MONTHS and (word.capital or word.lower not in ("may", "march"))
    )


def phrases(text: str) -> list[Phrase]:
    """Return the phrases of a question in order: names, things and times; verbs are left out where their place betrays them."""
    words = words_of(text)
    found: list[Phrase] = []
    for first, last in _runs(text, words):
        found += _split(text, words, first, last)
    return found


def _runs(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of words that carry a subject, as half-open ranges; `of` and `for` join two into one."""
    first: int | None = None
    last = 0
    for number, word in enumerate(words):
        carries = is_time(word) or (word.lower not in ASKING | AUXILIARIES and not is_stop_word(word.text))
        if not carries or _opens(words, number):
            continue
        if first is not None:
            between = text[words[last].end : word.start]
            # Dr. Ian J. Frost, St. Mary's
            shortened = between == ". " and (is_title(words[last].text) or re.fullmatch("[A-Z]|St", words[last].text))
            joined = _JOINED.fullmatch(" " if shortened else between)
            if not joined or (joined[1] and is_time(word)):
                yield first, last + 1
                first = None
        first = number if first is None else first
        last = number
    if first is not None:
        yield first, last + 1


def _opens(words: Sequence[Word], number: int) -> bool:
    """Tell whether a word is a preposition before a time or an amount, as one that is no stop word may be: since 2019."""
    following = words[number + 1] if number + 1 < len(words) else words[number]
    return words[number].lower in PREPOSITIONS and (is_time(following) or re.match(r"\W?\d", following.text) is not None)


def _split(text: str, words: Sequence[Word], first: int, last: int) -> Iterator[Phrase]:
    """Yield the phrases of a stretch: without its verb, and times apart where a preposition stands before them."""
    opens = first
    while opens > 1 and words[opens - 1].lower == "and" and words[opens - 2].capital:  # did Ada and Jan meet
        opens -= 2
        while opens > 1 and words[opens - 1].capital:
            opens -= 1
    before = words[opens - 1].lower if opens else ""
    run = [number for number in range(first, last) if words[number].lower not in _JOINING]
    verb = _verb(words, run, before, words[last].lower if last < len(words) else "")
    subject = [number for number in run if verb is None or number < verb]
    while verb is not None and subject and words[subject[-1]].lower in _ADVERBS:  # the library first closed
        subject.pop()
    for part in (subject, [number for number in run if verb is not None and number > verb]):
        if not part:
            continue
        start = words[part[0]].start
        opening = words[part[0] - 1] if part[0] else None
        if part[0] == first and opening and opening.lower in _DETERMINERS and opening.lower in ("the", "a", "an"):
            start = opening.start
        end = words[part[-1]].end
        kind = _kind([words[number] for number in part])
        yield Phrase(start, end, text[start:end], NAME if kind == PERSON and start < words[part[0]].start else kind)


def _verb(words: Sequence[Word], run: Sequence[int], before: str, after: str) -> int | None:
    """Return which word of a stretch is a verb, or None."""
    plain = [number for number in run if not words[number].capital and not is_time(words[number]) and number != run[0]]
    auxiliary = run[0] - 1
    if before in _DETERMINERS and run[0] > 1:
        auxiliary = run[0] - 2
        before = words[auxiliary].lower
    # Whether the stretch begins with a name that owns nothing: Britain declare war, not Britain's war begin.
    opening = [words[number] for number in run if not plain or number < plain[0]]
    named = bool(plain) and all(word.capital and not word.possessive for word in opening)
    if before in _SUPPORTING and plain:
        asked = words[auxiliary - 1].lower if auxiliary else ""
        stretch = _supported(words, plain, named, asked in ("what", "who", "whom"))
        closed = after in ("say", "give", "get", "have", "be", "make") or after in AUXILIARIES
        return None if closed and stretch == run[-1] else stretch
    if before in AUXILIARIES and named:
        return _participle(words, plain)
    if before == "who":
        return run[0]
    irregular = PARTICIPLES if before in AUXILIARIES else frozenset[str]()
    last = plain[-1] if plain else None
    return last if last is not None and (words[last].lower.endswith("ed") or words[last].lower in irregular) else None


def _supported(words: Sequence[Word], plain: Sequence[int], named: bool, object_asked: bool) -> int:
    """Return which of a stretch's `plain` words is the verb that `did` supports.

    It is the last, as in `the hub for care leavers provide`, but after a name, where something may follow the verb: there it
    is the first that does not go on with the name, as in `Britain declare war`. Nothing follows where the object is asked for.
    """
    stretch = plain[0] if named else next(n for n in plain if all(between in plain for between in range(n, plain[-1])))
    follows_name = words[stretch - 1].capital and not words[stretch - 1].possessive
    last = next(number for number in range(stretch, plain[-1] + 1) if number + 1 not in plain)
    if object_asked and words[last].lower not in _ADVERBS and not re.search(r"[^s]s$", words[last].lower):
        return last
    while stretch + 1 in plain and (not follows_name or words[stretch].lower in NOT_PEOPLE | PLACES):
        stretch += 1
    return stretch


def _participle(words: Sequence[Word], plain: Sequence[int]) -> int | None:
    """Return which of the `plain` words after a name is the verb: the first shaped like one, else what no name goes on with."""
    shaped = (number for number in plain if re.search(r"..ed$", words[number].lower) or words[number].lower in PARTICIPLES)
    other = (number for number in plain if words[number].lower not in NOT_PEOPLE | PLACES | _ADVERBS)
    return next(shaped, next(other, None))


def _kind(words: Sequence[Word]) -> str:
    if all(is_time(word) for word in words):
        return TIME
    joint = next((number for number, word in enumerate(words) if number and word.start - words[number - 1].end > 2), 0)
    if joint:  # several joined by `of` are what the first is, a person aside
        return NAME if _kind(words[:joint]) in (NAME, PERSON) else THING
    capitals = [word for word in words if word.capital]
    if len(capitals) == len(words):
        if all(is_title(word.text) for word in words):
            return THING
        titled = is_title(words[0].text)
        bare = [word.lower.removesuffix("'s") for word in words]
        if titled or (2 <= len(words) <= 4 and not NOT_PEOPLE & set(bare) and not any(word.possessive for word in words[:-1])):
            return PERSON
        return NAME
    return THING


def is_title(text: str) -> bool:
    """Tell whether a text is nothing but titles, which name nobody: Dr, Professor Sir."""
    words = words_of(text)
    return bool(words) and all(word.capital and word.lower in _TITLES for word in words)


def is_person(phrase: Phrase) -> bool:
    """Tell whether a phrase may name somebody: not a body (the Allotments Panel) or an abbreviation (the BBC)."""
    if phrase.kind != NAME or is_role(phrase):  # the Head of Service
        return phrase.kind in (PERSON, NAME)
    bodies = not NOT_PEOPLE.isdisjoint(word.lower.removesuffix("'s") for word in words_of(phrase.text))
    return not bodies and not phrase.text.removeprefix("the ").isupper()


def is_role(phrase: Phrase) -> bool:
    """Tell whether a phrase names a person by an office."""
    return phrase.kind != TIME and re.fullmatch(_ROLE, phrase.head) is not None
