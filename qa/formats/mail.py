"""Read e-mail (EML, MBOX): message by message, sender, date and subject, and the text."""

import email
import email.policy
import email.utils
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage, MIMEPart
from itertools import islice

from qa.coverage import Coverage
from qa.formats.blocks import Blocks
from qa.formats.elements import encoding_named
from qa.formats.parsed import Beat, Parsed, Unreadable, file_date, one_line
from qa.formats.web import parse_html

MESSAGES = 100_000
_FORWARDED = 20
_CONTROLS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""What stands for these in Windows-1252: programs that write it often call it ISO-8859-1."""

_START = re.compile(rb"^From [^\r\n]*\d{4}[^\r\n]*\r?\n(?=[\x21-\x39\x3b-\x7e]+:)", re.MULTILINE)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_STUB_WORDS = 30
_WORD = re.compile(r"(?:https?://|www\.)\S+|(\w+)")
_PARAGRAPH = re.compile(r"\n\s*\n")
_NAMED = r"(?!>)(?:On [^\n]{0,300}(?:(?<![.!?])\n(?!>|[ \t]*\n)[^\n]{0,300}){0,2}|[^\n]{0,300})\bwrote:[ \t]*\n(?:[ \t]*\n){0,3}"
_EARLIER = re.compile(rf"^(?:{_NAMED})?(?:^>(?!From )[^\n]*(?:\n|\Z))+", re.MULTILINE)
"""What a message quotes of an earlier one, below the line that names its writer; ">From " is how some programs keep "From "."""


@dataclass
class _Left:
    """Gather what is not read of messages: the names of attachments, and how many lines are an earlier message's."""

    attached: list[str] = field(default_factory=list)
    quoted: int = 0

    def notes(self) -> tuple[str, ...]:
        """Return what the coverage says of it."""
        attached = f"{len(self.attached):,} attachments not read: {', '.join(self.attached[:20])}" if self.attached else ""
        quoted = f"{self.quoted:,} lines quoted from earlier messages left out" if self.quoted else ""
        return tuple(filter(None, (attached, quoted)))


def _header(message: EmailMessage, name: str) -> str:
    """Return a header's words, decoded; empty where it is missing or cannot be understood."""
    try:
        return one_line(str(message[name] or "").translate(_CONTROLS))
    except (ValueError, LookupError, IndexError, AttributeError):
        return one_line(str(dict(message.raw_items()).get(name, "")))


def _date(message: EmailMessage) -> str:
    """Return the day a message was sent, as its sender's clock had it."""
    try:
        return file_date(email.utils.parsedate_to_datetime(_header(message, "Date")).date().isoformat())
    except (ValueError, TypeError, IndexError):
        return ""


def _bodies(message: MIMEPart, beat: Beat) -> Iterator[tuple[str, MIMEPart]]:
    """Yield what is to be read of a message: of text and HTML that say the same, the text."""
    if message.get_content_type() == "multipart/alternative":
        found = [pair for part in message.iter_parts() for pair in _bodies(part, beat)]
        plain = [pair for pair in found if pair[0] == "text/plain" and _text(pair[1]).strip()]
        others = [pair for pair in found if pair[0] != "text/plain" or pair[1].get_filename()]
        yield from others if _is_stub(plain, others, beat) else plain
    elif message.get_content_type() == "message/rfc822":
        yield "message/rfc822", message
    elif message.is_multipart():
        for part in message.iter_parts():
            yield from _bodies(part, beat)
    else:
        yield message.get_content_type(), message


def _is_stub(plain: Sequence[tuple[str, MIMEPart]], others: Sequence[tuple[str, MIMEPart]], beat: Beat) -> bool:
    """Tell whether a message's text is missing, or only says to look at the HTML, which has at least twice its few words."""
    words = sum(_count_words(_text(part), _STUB_WORDS) for _, part in plain)
    if not plain or words >= _STUB_WORDS:
        return not plain
    pages = (_page_text(part, beat) for kind, part in others if kind == "text/html" and not part.get_filename())
    return any(_count_words(page, 2 * _STUB_WORDS) >= max(2 * words, 1) for page in pages)


def _count_words(text: str, most: int) -> int:
    """Count the words of a text that are no web addresses, as far as asked for."""
    return sum(1 for _ in islice((found for found in _WORD.finditer(text) if found[1]), most))


def _page_text(part: MIMEPart, beat: Beat) -> str:
    """Return the text of a part that is HTML, empty where it cannot be read."""
    try:
        return parse_html(_text(part).encode("utf-8", "replace"), beat).text
    except Unreadable:
        return ""


def _text(part: MIMEPart) -> str:
    """Return a part's text; bytes that are not of the encoding it names are shown as replaced."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(encoding_named(part.get_content_charset() or "utf-8"), "replace")
    except (LookupError, UnicodeError):
        return content.decode("utf-8", "replace")


def _own(text: str) -> tuple[str, int]:
    """Return a text without what it quotes of earlier messages, and how many lines those were; all where nothing else is in it.

    An earlier message is a document of its own: its words are not the sender's, nor of the day of this one.
    """
    text = text.replace("\r\n", "\n")
    own = _EARLIER.sub("\n", text)
    if not own.strip():
        return text, 0
    return own, sum(1 for found in _EARLIER.finditer(text) for line in found[0].splitlines() if line.strip())


def _add(blocks: Blocks, message: EmailMessage, number: int, left: _Left, beat: Beat, *, alone: bool) -> None:
    """Add a message, and what is not read of it to `left`.

    One of many is named by its sender and date too; of one that is `alone` they are the document's author and date.
    """
    beat()
    subject = _header(message, "Subject")
    told = [(name, _header(message, name)) for name in ("From", "To", "Cc", "Date")]
    sent = [subject, *(f"{word} {value}" for word, value in (("from", told[0][1]), ("on", _date(message))) if value)]
    blocks.mark("message", number, subject if alone else ", ".join(filter(None, sent)))
    blocks.heading(subject or f"Message {number}", 1)
    blocks.paragraph("; ".join(f"{name}: {value}" for name, value in told if value))
    _add_bodies(blocks, message, left, beat, 0)


def _add_bodies(blocks: Blocks, message: MIMEPart, left: _Left, beat: Beat, depth: int) -> None:
    """Add a message's text, and the messages sent on with it under their own senders."""
    for kind, part in _bodies(message, beat):
        inner = part.get_payload(0) if kind == "message/rfc822" and part.is_multipart() and depth < _FORWARDED else None
        if isinstance(inner, EmailMessage):
            beat()
            told = [(name, _header(inner, name)) for name in ("Subject", "From", "To", "Date")]
            blocks.paragraph("Forwarded message: " + "; ".join(f"{name}: {value}" for name, value in told if value))
            _add_bodies(blocks, inner, left, beat, depth + 1)
            continue
        if part.get_filename() or kind not in ("text/plain", "text/html"):
            left.attached.append(one_line(part.get_filename() or kind))
        elif kind == "text/html":
            for paragraph in _PARAGRAPH.split(parse_html(_text(part).encode("utf-8", "replace"), beat).text):
                blocks.paragraph(paragraph)
        else:
            own, quoted = _own(_text(part))
            left.quoted += quoted
            for paragraph in _PARAGRAPH.split(own):
                blocks.paragraph(paragraph)


def parse_mail(data: bytes, ending: str, beat: Beat) -> Parsed:
    """Read a message or a mailbox: attachments are named, not read; what plain text quotes of earlier messages is left out."""
    messages = [data]
    if ending == ".mbox":
        starts = [match.span() for match in _START.finditer(data)]
        if not starts:
            raise Unreadable("no message begins in it; export it again as mbox")
        ends = [*(start for start, _ in starts[1:]), len(data)]
        messages = [_QUOTED_FROM.sub(rb"\1", data[body:end]) for (_, body), end in zip(starts, ends, strict=True)]
    if len(messages) > MESSAGES:
        raise Unreadable(f"more than {MESSAGES:,} messages; split it")
    blocks = Blocks()
    left = _Left()
    metadata: dict[str, str] = {}
    for number, content in enumerate(messages, start=1):
        message = email.message_from_bytes(content, policy=email.policy.default)
        if not message.keys():
            raise Unreadable("no message; open it in its own program and save a copy")
        _add(blocks, message, number, left, beat, alone=ending != ".mbox")
        if len(messages) == 1:
            metadata = {"title": _header(message, "Subject"), "author": _header(message, "From"), "date": _date(message)}
    return blocks.parsed(metadata, Coverage(notes=left.notes()))
