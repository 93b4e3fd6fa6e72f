"""Lists in a stretch of text: the sentence that leads to one, its items, and whether a question asks for all of them."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from qa.records import Passage, Span
from qa.text import line_breaks

_ASKS_FOR_SEVERAL = re.compile(
    r"^\W*(?:list|name|give|enumerate|what (?:else )?(?:are|were)|who (?:all )?(?:are|were) (?:all )?the"
    r"|what (?:else )?(?:should|must|do|can) (?:I|we|you|they|one|people)(?: (?:have|need) to)?"
    r" (?:bring|take|pack|wear|include|send)"
    r"|(?:which|what) (?:[\w'’-]+ ){0,2}?[\w'’-]*[^\Ws]s"
    r"(?<!\bis)(?<!\bwas)(?<!\bhas)(?<!\bdoes)(?<!\bthis))\b",
    re.IGNORECASE,
)

_ASKS_FOR_STEPS = re.compile(
    r"^\W*(?:(?:please |can you )?(?:tell|show|explain)(?: to)?(?: me| us)? )?"
    r"(?:how (?:do|does|can|could|should|would|must|to|is|are)"
    r"|(?:(?:what|which) (?:is|are) )?(?:the |all )*(?:steps?|procedure|instructions|process) (?:to|for|of|in|when)"
    r"|(?:what|which) steps"
    r"|what (?:do|does|should|must) (?:[\w'’-]+ ){1,2}(?:(?:have|need) to )?do (?:to|if|when|before|after|in|with|about))\b",
    re.IGNORECASE,
)

LEAD_COVERAGE = 0.5

LIST_CHARACTERS = 6000
"""A list longer than this is not quoted: it is a document in items. Thirty recommendations of two lines each are shorter."""

ASIDE_SENTENCES = 3
"""Sentences in paragraphs of their own that may stand between two numbers of a list, as a manual's notes do between steps."""


class Stretch(NamedTuple):
    """Hold passages that follow each other in one section as if they were one, with their text.

    `opens` and `closes` tell whether the section is known to begin and to end with it.
    """

    passage: Passage
    text: str
    opens: bool = False
    closes: bool = False

    def words(self, span: Span) -> str:
        """Return the words between two offsets into the document."""
        return self.text[span.start - self.passage.start : span.end - self.passage.start]

    def before(self, number: int) -> str:
        """Return what stands between a sentence and the one before it: white space, and the mark of an item."""
        spans = self.passage.sentences
        return self.words(Span(spans[number - 1].end if number else self.passage.start, spans[number].start))


class Mark(NamedTuple):
    """Describe what stands before an item: its kind (`1.`, `(a)`, `•`), its number if it is one, and how far it is indented."""

    kind: str
    number: int | None
    indent: int


def _mark(before: str) -> Mark | None:
    shown = before.strip()
    if not shown:
        return None
    number = re.search(r"\d+", shown)
    kind = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "1", shown)) if any(map(str.isalnum, shown)) else "•"
    line = re.split(r"[\r\n]", before)[-1]
    return Mark(kind, int(number.group()) if number else None, len(line) - len(line.lstrip()))


def asks_for_several(question: str) -> bool:
    """Tell whether a question asks for all of a kind: list the …, what are the …, which agencies."""
    return bool(_ASKS_FOR_SEVERAL.search(question))


def asks_for_steps(question: str) -> bool:
    """Tell whether a question asks how something is done: how do you …, how to …, the steps to …."""
    return bool(_ASKS_FOR_STEPS.search(question))


def is_lead(sentence: str) -> bool:
    """Tell whether a sentence leads to what follows it: it ends in a colon or, as in acts, a dash."""
    return sentence.rstrip().endswith((":", "-", "–", "—"))


def _goes_on(levels: list[Mark], mark: Mark) -> bool:
    """Tell whether a mark may stand where numbers of `levels`, outermost first, were counted last, and count it there."""
    if mark.number is None:
        return True
    for at in range(len(levels) - 1, -1, -1):
        known = levels[at]
        # Markdown may number every item 1; a number left out is no end.
        lazy = mark.number == known.number and mark.indent == known.indent
        if known.kind == mark.kind and (lazy or mark.number > (known.number or 0)):
            levels[at:] = [mark]
            return True
    if mark.number > 1 or any(known.kind == mark.kind and known.indent >= mark.indent for known in levels):
        return False
    levels.append(mark)
    return True


def _end(marks: list[Mark | None], stretch: Stretch, first: int, outer: Mark | None = None) -> int:
    """Return the number of the sentence after a list that begins with the `first`; `outer` marks what leads to it, if an item."""
    opening = marks[first]
    if opening is None:
        return first
    levels = [opening] if opening.number is not None else []
    nested = outer is not None and (opening.kind, opening.indent) != (outer.kind, outer.indent)
    end = first + 1
    while end < len(marks):
        mark = marks[end]
        if mark is None:
            if line_breaks(stretch.before(end)) > 1 and not _aside(marks, levels, end):
                break
        else:
            after = outer is not None and nested and mark.kind == outer.kind and mark.indent <= outer.indent
            if after or not _goes_on(levels, mark):
                break
        end += 1
    return end


def _aside(marks: list[Mark | None], levels: list[Mark], at: int) -> bool:
    """Tell whether after a few sentences without a mark the numbers go on where they were left."""
    following = next((mark for mark in marks[at + 1 : at + 1 + ASIDE_SENTENCES] if mark), None)
    return following is not None and any(
        known.kind == following.kind and following.number == (known.number or 0) + 1 for known in levels
    )


def _marks(stretch: Stretch) -> list[Mark | None]:
    return [_mark(stretch.before(number)) for number in range(len(stretch.passage.sentences))]


def lists_around(number: int, stretch: Stretch) -> Iterator[tuple[int, range]]:
    """Yield the number of each sentence that leads to a list a sentence is part of, and the list's sentences; innermost first.

    An item has a mark before it, which its span leaves out; a sentence without one belongs to the item before it
    unless a blank line parts them and the numbers do not go on after it. A list also ends where its numbers begin anew.
    None where the sentence neither leads to a list nor stands in one.
    """
    marks = _marks(stretch)
    for lead in range(min(number, len(marks) - 2), -1, -1):
        if is_lead(stretch.words(stretch.passage.sentences[lead])):
            end = _end(marks, stretch, lead + 1, marks[lead])
            if lead + 1 < end and number < end:
                yield lead, range(lead + 1, end)


def _led_by_none(number: int, stretch: Stretch, numbered: bool) -> range | None:
    """Return the list that a sentence is part of, or stands right before, to which no colon leads: from 1 on if `numbered`.

    One that is not numbered has to open its section, whose heading alone can lead to it.
    """
    marks = _marks(stretch)
    found = None
    for first in range(min(number + 1, len(marks) - 1), -1, -1):
        mark = marks[first]
        begins = mark is not None and (mark.number == 1 if numbered else first == 0 and stretch.opens)
        if begins and number < (end := _end(marks, stretch, first)) and sum(map(bool, marks[first:end])) > 1:
            found = range(first, end)
    return found


def list_asked_for(
    question: str, number: int, stretch: Stretch, covered: Callable[[str], float]
) -> tuple[int | None, range] | None:
    """Return what leads to the list that answers a question, and its sentences; None where the chosen sentence answers by itself.

    A list answers where the sentence that leads to it was chosen, or where all of a kind are asked for, or all steps,
    and what leads to the list holds LEAD_COVERAGE of the question's words (`covered` tells of a text) and no fewer than
    the item that was chosen. Steps are numbered. Where no colon leads to a list its section's heading may, or, to steps, the
    sentence before them.
    None also for a list that may go on where the stretch ends, or is longer than LIST_CHARACTERS: part of it is no answer.
    """
    several, steps = asks_for_several(question), asks_for_steps(question)
    spans = stretch.passage.sentences
    least = max(LEAD_COVERAGE, covered(stretch.words(spans[number])))

    def whole(items: range) -> bool:
        ends = items.stop < len(spans) or stretch.closes
        return ends and spans[items[-1]].end - spans[max(0, items[0] - 1)].start <= LIST_CHARACTERS

    def done_in_steps(items: range) -> bool:
        questions = any(stretch.words(spans[item]).endswith("?") for item in items)
        return any(map(str.isalnum, stretch.before(items[0]))) and not questions

    led = list(lists_around(number, stretch))
    # The whole procedure rather than the choices of one step.
    for lead, items in reversed(led) if steps else led:
        asked = lead == number or several or (steps and done_in_steps(items))
        if asked and (lead == number or covered(stretch.words(spans[lead])) >= least):
            return (lead, items) if whole(items) else None
    if not several and not steps:
        return None
    bare = _led_by_none(number, stretch, numbered=steps)
    if bare is None or (steps and not done_in_steps(bare)):
        return None
    before = bare[0] - 1 if bare[0] and steps else None
    if before is not None and covered(stretch.words(spans[before])) >= least:
        return (before, bare) if whole(bare) else None
    heading = stretch.passage.heading[-1] if stretch.passage.heading else ""
    return (None, bare) if number in bare and covered(heading) >= least and whole(bare) else None


def items_of(numbers: range, stretch: Stretch) -> tuple[Span, ...]:
    """Return the items of a list, each with the sentences that go on in its paragraph."""
    spans = stretch.passage.sentences
    items: list[Span] = []
    for number in numbers:
        if items and not stretch.before(number).strip() and line_breaks(stretch.before(number)) < 2:
            items[-1] = Span(items[-1].start, spans[number].end)
        else:
            items.append(spans[number])
    return tuple(items)
