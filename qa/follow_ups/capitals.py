"""Give back the capitals that a question was typed without, as the passages that it found write its names."""

import re
from collections.abc import Sequence

from qa.follow_ups.phrases import NOT_PEOPLE, PLACES, Word, words_of
from qa.text import is_stop_word

_LONGEST = 6
"""Words of the longest name that is looked for: Department for Levelling Up."""
_MOST = 60
"""Words of a question; what is longer was pasted, and 2,000 words took 7 s."""
_JOINTS = frozenset("of for and the in on to".split())
_TITLED = re.compile(r"\b(mr|mrs|ms|mx|dr|prof|cllr)(\.?\s+)([a-z])")
"""The titles that are no other word, as `miss` and `lady` are; the word behind one is a name, whatever the passages say."""
_POSSESSIVE = re.compile(r"['’]s?$")


def capitalised(text: str, seen: str) -> str:
    """Return a question with the capitals that its names have in `seen`; one that has names in capitals stays as it is."""
    words = words_of(text)
    if len(words) > _MOST or any(word.capital and not word.text.isupper() for word in words[1:]):
        return text
    capitals = {_bare(word) for word in words_of(seen) if word.capital}
    pieces, done, number = [], 0, 0
    while number < len(words):
        sizes = range(min(_LONGEST, len(words) - number), 0, -1) if _bare(words[number]) in capitals else ()
        name = next((found for size in sizes if (found := _name(words[number : number + size], seen))), [])
        for word, written in zip(words[number:], name, strict=False):
            pieces += [text[done : word.start], written]
            done = word.start + len(_POSSESSIVE.sub("", word.text))
        number += len(name) or 1
    named = "".join([*pieces, text[done:]])
    return _TITLED.sub(lambda found: found[1].capitalize() + found[2] + found[3].upper(), named)


def _bare(word: Word) -> str:
    return _POSSESSIVE.sub("", word.lower)


def _name(words: Sequence[Word], seen: str) -> list[str]:
    """Return the words as `seen` writes them where it never writes them small, else none.

    One word alone has to have its capital behind a small letter, or a number in it: any word has one where a
    sentence, a heading or a cell begins. A library is not a name where the Greaves Library is.
    """
    if is_stop_word(words[0].text) or is_stop_word(words[-1].text):
        return []
    pattern = r"(?<!\w)" + r"\s+".join(re.escape(_POSSESSIVE.sub("", word.text)) for word in words) + r"(?!\w)"
    places = list(re.finditer(pattern, seen, re.IGNORECASE))
    forms = [place.group().split() for place in places]
    if any(part[0].islower() and part not in _JOINTS for form in forms for part in form):
        return []
    if len(words) > 1:
        return forms[0] if forms else []
    if words[0].lower in NOT_PEOPLE | PLACES:
        return []
    within = (place for place in places if re.search(r"[a-z],? $", seen[: place.start()][-3:]) or re.search(r"\d", place.group()))
    return next(([place.group()] for place in within), [])
