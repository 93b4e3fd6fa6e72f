"""What a word that occurs nowhere may have been meant for: the nearest word of the documents."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import ascii_lowercase

from qa.catalog import StoredPassage
from qa.store import Store
from qa.text import fold, stem, words

SHORTEST, MIDDLING, LONG, LONGEST = 4, 6, 8, 30
"""Letters that a word must have, from which on one may be replaced, from which on two edits are allowed, and that it may have.

Of 110 short names and words that squad2's documents don't hold, typed in lower case, 54 got another where a letter of four or
five might be replaced (horse: house, Rome: role), and 15 since; of as many in five notes on Medway 20 and 4.
"""

MOST_WORDS = 5
"""Words of a question that are looked for: where more are unknown it is about something else, or in another language."""

_PASSAGES, _ROUNDS, _TRIED, _ENDINGS = 12, 2, 4, 3
"""Passages read at a time, searches for stems not found before, stems whose spellings are looked at, and endings put right."""

_POSSESSIVE = re.compile(r"['’]s?$")


def suggestions(store: Store, question: str, unknown: Sequence[str], documents: Sequence[int] | None = None) -> dict[str, str]:
    """Return for words that occur nowhere the word of the documents that each may have been meant for, where there is one.

    `documents` are the keys of those in scope: only their words are suggested, of those equally near the
    one that is commonest in the whole index. Words that only titles and headings have are not.
    """
    found = {word: _nearest(store, word, _is_name(word, question), documents) for word in unknown[:MOST_WORDS]}
    return {word: near for word, near in found.items() if near}


def put_right(question: str, word: str, meant: str) -> str:
    """Return a question with one word of it replaced, wherever it stands."""
    return re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", lambda _: meant, question, flags=re.IGNORECASE)


def _shared(one: str, other: str) -> int:
    """Count the letters that two words begin with."""
    return next(
        (place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other))
    )


def edits(one: str, other: str) -> int:
    """Count the letters to insert, delete, replace or swap with a neighbour that lie between two words.

    (rapidfuzz counts so too, and takes 23 ms to import, which every first question would pay.)
    """
    # What words near each other share at their ends is most of them, and the rest costs its square.
    alike = _shared(one, other)
    one, other = one[alike:], other[alike:]
    alike = _shared(one[::-1], other[::-1])
    one, other = one[: len(one) - alike], other[: len(other) - alike]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one):
        earlier, before, row = before, row, [place + 1]
        for at, wanted in enumerate(other):
            cost = min(row[at] + 1, before[at + 1] + 1, before[at] + (letter != wanted))
            if place and at and letter == other[at - 1] and one[place - 1] == wanted:
                cost = min(cost, earlier[at - 1] + 1)
            row.append(cost)
    return row[-1]


def _is_name(word: str, question: str) -> bool:
    """Tell whether a word is written as a name is: with a capital, after others and where not all have one."""
    asked = words(question)
    return word[0].isupper() and [word] != asked[:1] and any(other[0].islower() for other in asked)


def _nearest(store: Store, word: str, name: bool, documents: Sequence[int] | None) -> str | None:
    """Return the commonest of the nearest words of the documents, as they write it."""
    bare = _POSSESSIVE.sub("", word)
    typed = fold(bare)
    if not (SHORTEST <= len(typed) <= LONGEST and typed.isalpha()):
        return None
    slips = _stems_of_slips(typed)
    near = dict.fromkeys((found for found, passages in store.lexical.document_frequencies(slips).items() if passages), 1)
    own = stem(typed)
    if not typed.isascii():
        near = _around(store, own, 1, typed, documents)
    found = _best(store, near, typed, 1, name, documents)
    if found is None and len(typed) >= LONG:
        # A slip in the ending and one before it: put right, the first leaves a stem one edit from that of the word meant.
        endings = sorted((slip for slip in slips if len(slip) < len(own) - 1), key=lambda slip: (len(slip), slip))
        near = dict.fromkeys(near, 2) | _around(store, own, 2, typed, documents)
        for ending in endings[:_ENDINGS]:
            near |= _around(store, ending, 1, typed, documents)
        found = _best(store, near, typed, 2, name, documents)
    elif found is None and len(typed) >= MIDDLING:  # its stem may be near although the documents have it in another form
        found = _best(store, _around(store, own, 1, typed, documents), typed, 2, name, documents)
    return found and found + word[len(bare) :]


def _best(
    store: Store, near: Mapping[str, int], typed: str, allowed: int, name: bool, documents: Sequence[int] | None
) -> str | None:
    """Return the first of some stems' words that is near enough: the nearest first, of equal ones the commonest."""
    frequencies = store.lexical.document_frequencies(near)
    order = sorted(near, key=lambda item: (near[item], -frequencies[item], item))[:_TRIED]
    spellings = (_spelling(store, candidate, typed, allowed, name, documents) for candidate in order)
    return next(filter(None, spellings), None)


def _stems_of_slips(typed: str) -> set[str]:
    """Return the stems of all words for which a word can be one slip: one in an ending leaves the whole of it on the stem."""
    cuts = [(typed[:place], typed[place:]) for place in range(1, len(typed) + 1)]
    near = {left[:-1] + right[0] + left[-1] + right[1:] for left, right in cuts if right}
    near |= {left + right[1:] for left, right in cuts if right}
    for letter in ascii_lowercase:
        near |= {left + letter + right[1:] for left, right in cuts} | {left + letter + right for left, right in cuts}
    return {stem(word) for word in near if _is_slip(typed, word)}


def _around(store: Store, base: str, distance: int, typed: str, documents: Sequence[int] | None) -> dict[str, int]:
    """Return the stems within so many edits of one, and how far from what was typed the nearest word of each was: one or two.

    The index tells passages with such stems, not the stems: those of the first are left out of the next search.
    """
    letters = set(base)
    seen: dict[str, int] = {}
    for _ in range(_ROUNDS):
        numbers = store.lexical.with_near(base, distance, seen, _PASSAGES, documents)
        fresh: dict[str, int] = {}
        read = {word for passage in store.verified(numbers) for word in words(fold(passage.text))}
        # Most words lack more of its letters, which is seen in a tenth of the time that a stem takes.
        for word in (word for word in read if len(letters - set(word)) <= distance):
            found = stem(word)
            if found not in seen and len(set(found) - letters) <= distance and edits(base, found) <= distance:
                away = edits(typed, word) if _begins_alike(typed, word) else len(typed)
                fresh[found] = min(away, fresh.get(found, away))
        seen |= fresh
        if not fresh or len(numbers) < _PASSAGES:
            break
    return {found: away for found, away in seen.items() if away <= 2}


def _begins_alike(one: str, other: str) -> bool:
    """Tell whether two words begin with the same letter, or with two that are swapped: a slip seldom takes the first."""
    return one[0] == other[0] or (one[:2] == other[1::-1] and one[2:3] == other[2:3])


def _is_slip(typed: str, meant: str) -> bool:
    """Tell whether one word can be a slip for another near it: a short one is not where a letter is replaced."""
    replaced = len(typed) == len(meant) and sorted(typed) != sorted(meant)
    return len(meant) >= SHORTEST and _begins_alike(typed, meant) and not (replaced and len(typed) < MIDDLING)


def _spelling(store: Store, wanted: str, typed: str, allowed: int, name: bool, documents: Sequence[int] | None) -> str | None:
    """Return the word of this stem that is nearest to the one typed, in the case in which it stands oftenest.

    Unless it only opens sentences, those don't tell. A short word typed as a name is meant for no other kind of word.
    """
    numbers = [number for number, _ in store.lexical.search([wanted], _PASSAGES, documents)]
    counts = Counter(_written(store.verified(numbers), wanted))
    inside = {form.casefold() for form, opening in counts if not opening}
    forms = {form: count for (form, opening), count in counts.items() if not (opening and form.casefold() in inside)}
    if name and len(typed) < LONG:
        forms = {form: count for form, count in forms.items() if form[0].isupper()}
    away = {form: edits(typed, fold(form)) for form in forms if _is_slip(typed, fold(form))}
    near = [form for form in away if away[form] <= allowed]
    return min(near, key=lambda form: (away[form], -forms[form], form), default=None)


def _written(passages: Iterable[StoredPassage], wanted: str) -> Iterator[tuple[str, bool]]:
    """Yield the words of a stem as passages write them, each with whether it opens a sentence."""
    for stored in passages:
        start = stored.passage.start
        for sentence in stored.passage.sentences:
            for place, word in enumerate(words(stored.text[sentence.start - start : sentence.end - start])):
                if (word[0].casefold() == wanted[0] or not word[0].isascii()) and stem(word) == wanted:
                    bare = _POSSESSIVE.sub("", word)
                    if bare.isalpha():
                        yield bare, place == 0
