"""Find the day that a document's opening names as its own.

A wrong date is worse than none. So a day counts only where it stands alone on a line, or after a word that says whose it is at
the beginning of a line or sentence, and where nothing after it makes it part of a story or of a span of time.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from qa.formats.parsed import file_date
from qa.records import Heading

OPENING_CHARACTERS = 600
"""How much of a text, from its title on, is looked at for its day."""

_FURTHER_CHARACTERS = 100_000
_LINES = 12
_LINE_CHARACTERS = 120
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? (?:day of |of )?{_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?, \d{{4}}"
    r"|\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}/\d{1,2}/\d{4})(?!\d)"
)
_DATE = rf"(?:{_DAY}|{_MONTH},? \d{{4}}(?!\d))"
_FIRST = (
    r"(?:first )?published|publication date|date published|date of publication|issued|issue date|date of issue|release date|date"
    r"|dated(?: this)?|report date|date of (?:this )?(?:report|letter|judge?ment|decision)|(?:judge?ment )?handed down"
    r"|(?:press|news|media) release"
)
_LATER = (
    r"(?:page )?(?:last )?(?:updated|revised|modified)|(?:approved|adopted|agreed) by [^.;:]{1,60}?"
    r"|(?:version|issue|edition|revision|rev\.?) [\w.]{1,8}"
)
_TAIL = r"(?:,? (?:at )?\d{1,2}[:.]\d\d\b.*|,? (?:by|at|in) .{1,80}| (?-i:[A-Z(]).*)?[\s.;)\]]*"
_SAID = re.compile(rf"(?:(?P<first>{_FIRST})|{_LATER})[:,]?(?: [–-])?(?: on)? \(?(?P<day>{_DATE}){_TAIL}", re.IGNORECASE)
_ALONE = re.compile(_DATE, re.IGNORECASE)
_SIGNED = re.compile(rf"(?P<who>[^.;,]{{1,60}}), (?P<day>{_DAY})[.\s]*", re.IGNORECASE)
_WHOLE_DAY = re.compile(_DAY, re.IGNORECASE)
_MEETING = re.compile(
    r"(?:(?:draft |confirmed |unconfirmed )?(?:minutes\b|notes of (?:a|the) meeting\b)"
    r"|meeting(?= (?:held |on |of (?:the |\d)))|held\b)"
    rf"(?P<of>.{{0,120}}?)(?P<day>{_DATE})(?! ?(?:[-–/]|to\b|and\b|until\b)).{{0,120}}",
    re.IGNORECASE,
)
_HELD = re.compile(r"(?:\bheld (?:.* )?on|\bmeeting (?:on|of)|[,:(]| [–-]) ?$|^ (?:on|of) $", re.IGNORECASE)
_OTHER_MEETING = re.compile(rf"\b(?:last|previous|next|inquiry|inquest)\b|\b{_MONTH}|\d{{4}}", re.IGNORECASE)
_SENTENCES = re.compile(r"(?<=[.;]) +(?=[A-Z])")
_COLUMNS = re.compile(r" +(?:[|·•]|[–—](?! *\d)) +")
_SMALL_WORDS = {"of", "and", "the", "for", "in", "between", "version", "issue", "document", "no.", "ref"}
_OF_SOMETHING_ELSE = re.compile(
    r"\b(?:due|born|died|ended|ending|valid|force|effective|deadline|closing|expires|birth|period|review|incident|accident|death"
    r"|fire|flood|crash|explosion|attack|murder|battle|from|until|till|since|before|after|between)\b"
    r"|(?::|,|\b(?:on|of|to|by|in|at|and|the|for))$",
    re.IGNORECASE,
)


def stated_date(text: str, body: int, headings: Sequence[Heading]) -> str:
    """Return the day or month that a text's opening names as its own; empty where it names none, or several.

    That of its publication, or one that follows "Date", is taken before the others. A kind of line that comes again further on
    with another day, as in a diary or in a year's minutes, tells no day of the whole.
    """
    lines, end = _opening(text, body, headings)
    of_meeting = any(re.search(r"\b(?:minutes|meeting)\b", line, re.IGNORECASE) for line, _ in lines)
    found = [(kind, day) for kind, day in _said(lines) if of_meeting or kind != "meeting"]
    first = [day for kind, day in found if kind == "first"]
    day = _only(first or [day for _, day in found])
    kinds = {kind for kind, other in found if other and day.startswith(other)}
    further = _further_on(text[end : end + _FURTHER_CHARACTERS]) if day else ()
    return "" if any(kind in kinds and not day.startswith(other) for kind, other in further) else day


def _opening(text: str, body: int, headings: Sequence[Heading]) -> tuple[list[tuple[str, bool]], int]:
    """Return the first lines up to a heading below other words, each with whether it is a heading; and where they end."""
    marked = {heading.start: heading for heading in headings if heading.start < body + OPENING_CHARACTERS}
    lines: list[tuple[str, bool]] = []
    position = body
    for line in text[body : body + OPENING_CHARACTERS].splitlines(keepends=True):
        is_heading = any(position <= start < position + len(line) for start in marked)
        if len([told for told, _ in lines if told]) == _LINES or (is_heading and any(told and not head for told, head in lines)):
            break
        lines.append((_plain(line), is_heading))
        position += len(line)
    return lines, position


def _plain(line: str) -> str:
    """Return a line without marks of Markdown and with single blanks."""
    return " ".join(re.sub(r"[*_`]|^\s*[#>]+", "", line).replace("\t", " | ").split())


def _said(lines: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, str]]:
    """Yield how each day in the first lines is named, and the day."""
    before, block = "", ""
    for (line, is_heading), (following, _) in pairwise([*lines, ("", False)]):
        if not line:
            continue
        block = f"{block} {line}" if block else line
        if not is_heading and _ALONE.fullmatch(line):
            labelled = _SAID.fullmatch(f"{before} {line}")
            if labelled:
                yield "first" if labelled["first"] else "later", _iso(line)
            elif not _OF_SOMETHING_ELSE.search(before) and len(before) < _LINE_CHARACTERS:
                yield "alone", _iso(line)
        yield from _named(line)
        if block != line and not following:
            yield from _named(block)  # a day may stand on two lines
        before, block = line, block if following else ""


def _named(line: str) -> Iterator[tuple[str, str]]:
    """Yield the days in a line that stand after a word which says that they are the document's."""
    meeting = _MEETING.fullmatch(line)
    if meeting and _HELD.search(meeting["of"]) and not _OTHER_MEETING.search(meeting["of"]):
        yield "meeting", _iso(meeting["day"])
    parts = _COLUMNS.split(line)
    if len(parts) > 1 and all(_WHOLE_DAY.fullmatch(part) or _is_name(part.removeprefix("By ")) for part in parts):
        yield from (("signed", _iso(part)) for part in parts if _WHOLE_DAY.fullmatch(part))
    sentences = [sentence for part in parts for sentence in _SENTENCES.split(part)]
    by_somebody = any(sentence.startswith("By ") for sentence in sentences)
    for sentence in sentences:
        signed = _SIGNED.fullmatch(sentence)
        if signed and by_somebody and _is_name(signed["who"].removeprefix("By ")):
            yield "signed", _iso(signed["day"])
        starts = [0] if sentence[:1].isupper() else []
        starts += [comma.end() for comma in re.finditer(", ", sentence) if _is_name(sentence[: comma.start()])]
        for said in filter(None, (_SAID.fullmatch(sentence[start:]) for start in starts)):
            yield "first" if said["first"] else "later", _iso(said["day"])


def _is_name(words: str) -> bool:
    """Tell whether words are a name, as of a publisher or a series, and no sentence."""
    return bool(words) and all(not word[0].islower() or word.lower() in _SMALL_WORDS for word in words.split())


def _further_on(text: str) -> Iterator[tuple[str, str]]:
    """Yield what short lines below the opening name a day, and the day."""
    for match in re.finditer(rf"^.{{4,{_LINE_CHARACTERS}}}$", text, re.MULTILINE):
        if _ALONE.search(match[0]):
            line = _plain(match[0])
            if _ALONE.fullmatch(line):
                yield "alone", _iso(line)
            else:
                yield from _named(line)


def _iso(day: str) -> str:
    """Return a written day or month as 2023-07-14 or 2023-07, of 3/4/2023, which may be two, the year; empty if it is none."""
    numbers = re.findall(r"\d+", day)
    month = re.search(_MONTH, re.sub(r"^\w+day", "", day), re.IGNORECASE)
    if month:
        told = f"{numbers[-1]}-{_MONTHS.index(month[0][:3].lower()) + 1:02}"
        return file_date(f"{told}-{int(numbers[0]):02}" if len(numbers) > 1 else told)
    if "-" in day:
        return file_date("-".join(numbers))
    first, second, year = map(int, numbers)
    if "/" in day and first != second and max(first, second) < 13:
        return file_date(f"{year}")
    first, second = (second, first) if "/" in day and second > 12 else (first, second)
    return file_date(f"{year}-{second:02}-{first:02}")


def _only(days: Sequence[str]) -> str:
    """Return the one day that all of some name, the more precisely told; empty where there are none or two."""
    longest = max(days, key=len, default="")
    return longest if all(day and longest.startswith(day) for day in days) else ""
