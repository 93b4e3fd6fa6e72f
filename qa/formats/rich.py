"""Read rich text (RTF): its paragraphs."""

from striprtf.striprtf import rtf_to_text

from qa.formats.blocks import Blocks
from qa.formats.parsed import Beat, Parsed, Unreadable


def parse_rtf(data: bytes, beat: Beat) -> Parsed:
    """Read a rich text file; raises Unreadable where it is none."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise Unreadable("corrupt, or no rich text; open it in its own program and save a copy")
    beat()
    blocks = Blocks()
    text = str(rtf_to_text(data.decode("latin-1"), errors="replace"))  # type: ignore[no-untyped-call]
    for line in text.split("\n"):
        blocks.paragraph(" | ".join(line.strip("|").split("|")) if line.count("|") > 1 else line)
    return blocks.parsed({})
