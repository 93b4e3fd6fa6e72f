"""Read rich text (RTF): its paragraphs, tables as rows, footnotes after the paragraphs that refer to them."""

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from qa.coverage import Coverage
from qa.formats.blocks import Blocks
from qa.formats.parsed import Beat, Parsed, Unreadable, file_date, one_line

_TIME = re.compile(r"\\(?:rev|crea)tim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_TOKEN = re.compile(r"\\[\\{}]|[{}]")
_LEADING = re.compile(r"(?:\s|\\\*|\\[a-z]+-?\d* ?)*")
_UNSEEN = re.compile(r"\\(?:deleted|v)(?![a-z0-9])")
_NOTE = re.compile(r"\\footnote(?![a-z])")
_NOTES_MARK = re.compile(r"\\chftn(?![a-z])")
_TABLE = re.compile(r"\\(trowd|nestcell|cell|nestrow|row)(?![a-z])")
_BEGINS, _CELL, _ENDS, _REFERS = "\ue001", "\ue002", "\ue003", "\ue004"
_MARKS = {"trowd": _BEGINS, "cell": _CELL, "row": _ENDS}
_PLACED = re.compile(f"{_BEGINS}[^{_ENDS}]*{_ENDS}")
_MOST_DEEP = 1_000


def parse_rtf(data: bytes, beat: Beat) -> Parsed:
    """Read a rich text file; raises Unreadable where it is none."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise Unreadable("corrupt, or no rich text; open it in its own program and save a copy")
    beat()
    source = data.decode("latin-1")
    seen, notes, cut = _shown(source)
    beat()
    blocks = Blocks()
    text = _text(_TABLE.sub(_marked, seen))
    told = [" ".join(_text(f"{_preamble(source)}{note}}}").split()) for note in notes]
    rows: list[list[str]] = []
    end = 0

    def add(lines: str) -> None:
        for line in lines.split("\n"):
            blocks.paragraph(line.replace(_REFERS, ""))
            for _ in range(line.count(_REFERS)):
                blocks.paragraph(told.pop(0) if told else "")

    def add_table() -> None:
        if rows:
            blocks.table([[cell.replace(_REFERS, "") for cell in row] for row in rows])
            for _ in range(sum(cell.count(_REFERS) for row in rows for cell in row)):
                blocks.paragraph(told.pop(0) if told else "")
            rows.clear()

    for match in _PLACED.finditer(text):
        if text[end : match.start()].strip():
            add_table()
            add(text[end : match.start()])
        rows.append([" ".join(cell.split()) for cell in match[0].strip(_BEGINS + _ENDS).split(_CELL)[:-1]])
        end = match.end()
    add_table()
    add(re.sub(f"[{_BEGINS}{_CELL}{_ENDS}]", " ", text[end:]))
    left = (f"stretches of hidden or deleted words not read: {cut:,}",) if cut else ()
    return blocks.parsed(_metadata(source), Coverage(notes=left))


def _text(source: str) -> str:
    return str(rtf_to_text(source, errors="replace"))  # type: ignore[no-untyped-call]


def _marked(match: re.Match[str]) -> str:
    """Return a mark for where a row or a cell begins or ends; tables in cells are read as their words."""
    mark = _MARKS.get(match[1])
    return _character(mark) if mark else "\\tab "


def _character(mark: str) -> str:
    """Return how a mark is written, in a group of its own, since a text says how much stands for old programs after each."""
    return f"{{\\uc0\\u{ord(mark)} }}"


def _preamble(source: str) -> str:
    """Return what a note needs to be read alone: the code page and the fonts' own."""
    end = source.find("\\fonttbl")
    close = next((end_ for start, end_ in _groups(source[: end + 20_000]) if start < end < end_), None) if end > 0 else None
    return source[: close or source.find("\\", 6)] if close else "{\\rtf1\\ansi "


def _groups(source: str) -> Iterator[tuple[int, int]]:
    """Yield where each group begins and ends, inner ones first."""
    opened: list[int] = []
    for match in _TOKEN.finditer(source):
        if match[0] == "{":
            opened.append(match.start())
            if len(opened) > _MOST_DEEP:
                raise Unreadable("nested too deeply; open it in its own program and save a copy")
        elif match[0] == "}" and opened:
            yield opened.pop(), match.end()


def _shown(source: str) -> tuple[str, list[str], int]:
    """Return a text without hidden and deleted words, its footnotes apart with a mark for each, and how much was hidden."""
    found: list[tuple[int, int, bool]] = []
    for start, end in _groups(source):
        leading = _LEADING.match(source, start + 1)
        words = leading[0] if leading else ""
        if _UNSEEN.search(words) or _NOTE.search(words):
            found.append((start, end, _NOTE.search(words) is not None))
    parts, notes, cut, at = [], [], 0, 0
    for start, end, note in sorted(found, key=lambda item: (item[0], -item[1])):
        if start < at:
            continue  # within one that is taken out already
        parts.append(source[at:start])
        at = end
        if note:
            parts.append(_character(_REFERS))
            notes.append(_NOTES_MARK.sub("", _NOTE.sub("", source[start:end].replace("{\\*", "{", 1), count=1)))
        else:
            cut += 1
    parts.append(source[at:])
    return "".join(parts), notes, cut


def _metadata(text: str) -> dict[str, str]:
    """Return title, author and the date of the last change, where the file tells them."""
    found = {name: match[1] for name in ("title", "author") if (match := re.search(rf"\\{name} ([^{{}}]*)}}", text))}
    told = {name: one_line(_text(f"{{\\rtf1 {value}}}")) for name, value in found.items()}
    for name in ("revtim", "creatim"):
        if match := _TIME.search(text, text.find(f"\\{name}\\")):
            year, month, day = (int(part) for part in match.groups())
            told.setdefault("date", file_date(f"{year:04}-{month:02}-{day:02}"))
    return told
