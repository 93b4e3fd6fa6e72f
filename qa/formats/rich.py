"""Read rich text (RTF): its paragraphs."""

import re

from striprtf.striprtf import rtf_to_text

from qa.formats.blocks import Blocks
from qa.formats.parsed import Beat, Parsed, Unreadable, file_date, one_line

_TIME = re.compile(r"\\(?:rev|crea)tim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")


def parse_rtf(data: bytes, beat: Beat) -> Parsed:
    """Read a rich text file; raises Unreadable where it is none."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise Unreadable("corrupt, or no rich text; open it in its own program and save a copy")
    beat()
    blocks = Blocks()
    text_of = data.decode("latin-1")
    text = str(rtf_to_text(text_of, errors="replace"))  # type: ignore[no-untyped-call]
    for line in text.split("\n"):
        blocks.paragraph(" | ".join(line.strip("|").split("|")) if line.count("|") > 1 else line)
    return blocks.parsed(_metadata(text_of))


def _metadata(text: str) -> dict[str, str]:
    """Return title, author and the date of the last change, where the file tells them."""
    found = {name: match[1] for name in ("title", "author") if (match := re.search(rf"\\{name} ([^{{}}]*)}}", text))}
    told = {name: one_line(str(rtf_to_text(f"{{\\rtf1 {value}}}", errors="replace"))) for name, value in found.items()}  # type: ignore[no-untyped-call]
    for name in ("revtim", "creatim"):
        if match := _TIME.search(text, text.find(f"\\{name}\\")):
            year, month, day = (int(part) for part in match.groups())
            told.setdefault("date", file_date(f"{year:04}-{month:02}-{day:02}"))
    return told
