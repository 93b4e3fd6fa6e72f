"""Tell what a browser shows of a web page: in which encoding, of which elements, and their own words."""

import codecs
import re
from typing import Any

from qa.formats.blocks import raised

_SKIPPED = frozenset(
    "script style noscript template head svg math iframe object canvas audio video select option button input textarea"
    " nav datalist dialog map del s strike".split()
)
BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
    " header hgroup hr html li main ol p pre section summary table tbody td tfoot th thead tr ul legend caption".split()
)
_TITLES = frozenset("h1 h2 h3 h4 h5 h6 summary".split())
_BLANKS = re.compile(r"\s+")
_ASIDE = frozenset("navigation search dialog alertdialog menu menubar toolbar".split())
"""What a page says of itself to read aloud: what is not its text."""

_UNSEEN = frozenset(
    "visually-hidden visuallyhidden sr-only screen-reader-text screenreader-only skip-link skip-links skiplink govuk-skip-link"
    " govuk-visually-hidden element-invisible assistive-text".split()
)
"""Classes that everybody gives to words for screen readers alone, and to links past the menu."""

_BANNERS = frozenset("div section aside dialog form".split())
_CONSENT = re.compile(
    r"\b(?:(?:cookie|gdpr)s?[-_ ]?(?:consent|notice|message|law)"
    r"|(?:cookie|gdpr|consent)s?[-_ ]?(?P<banner>banner|bar|popup|dialog|overlay))\b",
    re.IGNORECASE,
)

_PRESSED = frozenset("button form input".split())

_DECLARED = re.compile(rb"(?:charset|<\?xml[^>]{0,200}?encoding)\s*=\s*[\"']?\s*(?!utf-?16)([\w.:-]+)", re.IGNORECASE)
"""What a page says of its encoding; that it is UTF-16 it cannot say in letters of one byte."""

_READ_AS = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"} | {
    "gb2312": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932"
}  # fmt: skip
"""The larger encodings that the Encoding Standard has browsers read under the names of smaller ones."""

_ANCHORS = ("¶", "#", "🔗")
"""What headings end with on pages of documentation, to be linked to."""


def tag_of(element: Any) -> str:
    """Return an element's name in lower case, without its namespace; "" for what is none."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def encoding_named(name: str) -> str:
    """Return the encoding that browsers read under a name; raises LookupError where it names none."""
    found = codecs.lookup(name).name
    return _READ_AS.get(found, found)


def as_utf8(data: bytes) -> bytes:
    """Return a page in UTF-8, whether its bytes are that already, or another encoding by its mark or its own word.

    One that names none, or none that is known, is Windows-1252.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode()
    try:
        data.decode("utf-8")
        return data
    except UnicodeDecodeError:
        declared = _DECLARED.search(data, 0, 4096)
    try:
        return data.decode(encoding_named(declared[1].decode("ascii")) if declared else "cp1252", "replace").encode()
    except (LookupError, UnicodeError):
        return data.decode("cp1252", "replace").encode()


def is_skipped(element: Any) -> bool:
    """Tell whether an element is no text by its kind; a heading's first button, that has all its words, is."""
    if tag_of(element) != "button":
        return tag_of(element) in _SKIPPED
    if any(tag_of(inner) in _TITLES for inner in element.iterdescendants()):
        return False
    title = next((parent for parent in element.iterancestors() if tag_of(parent) in _TITLES), None)
    if title is None or next(title.iter("button")) is not element:
        return True
    return any(map(str.isalnum, "".join(title.xpath(".//text()[not(ancestor::button)]"))))


def _is_banner(element: Any) -> bool:
    """Tell whether an element asks for consent to cookies; a section with a heading and nothing to press tells of them."""
    named = f"{element.get('id') or ''} {element.get('class') or ''} {element.get('aria-label') or ''}"
    found = _CONSENT.search(named) if tag_of(element) in _BANNERS else None
    if found is None or found["banner"] or tag_of(element) not in ("section", "aside"):
        return found is not None
    inner = {tag_of(part) for part in element.iterdescendants()}
    return inner.isdisjoint(("h1", "h2", "h3")) or not inner.isdisjoint(_PRESSED)


def one_blank(text: str) -> str:
    """Return a text with one blank for any white space, as a browser shows it."""
    return _BLANKS.sub(" ", text)


def is_hidden(element: Any) -> bool:
    """Tell whether a browser does not show an element, or shows it as something beside the text."""
    style = "".join((element.get("style") or "").lower().split())
    if element.get("role") in _ASIDE or (tag_of(element) == "a" and "".join(element.itertext()).strip() in _ANCHORS):
        return True
    if tag_of(element) not in ("html", "body") and not _UNSEEN.isdisjoint((element.get("class") or "").lower().split()):
        return True
    if tag_of(element) == "div" and element.get("title") in ("header", "footer"):  # as LibreOffice writes those of pages
        return True
    if _is_banner(element):
        return True
    unseen = "display:none" in style or "visibility:hidden" in style
    return element.get("hidden") is not None or unseen or element.get("aria-hidden") == "true"


def words_of(element: Any, *, keep: bool = False) -> str:
    """Return an element's own words, its white space as a browser shows it; `keep` keeps line ends."""
    parts: list[str] = []

    def gather(node: Any) -> None:
        text = node.text or ""
        parts.append(text if keep else one_blank(text))
        for child in node:
            tag = tag_of(child)
            if tag == "br":
                parts.append("\n")
            elif tag == "sup" and not len(child):
                parts.append(raised(child.text or ""))
            elif tag == "sup" and not is_hidden(child):
                parts.append(raised(words_of(child)))
            elif tag and not is_skipped(child) and not is_hidden(child):
                apart = " " if tag in BLOCKS else ""  # paragraphs of a cell don't run into one another
                parts.append(apart)
                gather(child)
                parts.append(apart)
            tail = child.tail or ""
            parts.append(tail if keep else one_blank(tail))

    gather(element)
    told = "".join(parts)
    return raised(told) if tag_of(element) == "sup" else told
