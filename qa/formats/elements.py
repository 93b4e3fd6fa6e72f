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
_CLOSED = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STRETCH_WORDS = 20

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
    if element.get("role") in _ASIDE or (tag_of(element) == "a" and "".join(element.itertext()).strip() in _ANCHORS):
        return True
    if tag_of(element) not in ("html", "body") and not _UNSEEN.isdisjoint((element.get("class") or "").lower().split()):
        return True
    if tag_of(element) == "div" and element.get("title") in ("header", "footer"):  # as LibreOffice writes those of pages
        return True
    return _is_banner(element) or _is_closed(element)


def _is_closed(element: Any) -> bool:
    """Tell whether an element is hidden as pages hide what they may show later."""
    unseen = _CLOSED.search(element.get("style") or "") is not None
    return unseen or element.get("hidden") is not None or element.get("aria-hidden") == "true"


def _is_panel(element: Any) -> bool:
    """Tell whether an element is a tab's, or stands directly below a heading that is pressed to unfold it."""
    if element.get("role") == "tabpanel" or (element.get("role") == "region" and element.get("aria-labelledby")):
        return True
    title = element.getprevious()
    if tag_of(element) not in BLOCKS or title is None or tag_of(title) not in _TITLES or (title.tail or "").strip():
        return False
    buttons = [part for part in title.iter("*") if tag_of(part) == "button" or part.get("role") == "button"]
    return any(button.get("aria-expanded") or not is_skipped(button) for button in buttons)


def unfold(root: Any) -> None:
    """Show in a page what stands under a toggle, which its reader can open; not what pops up, as menus do."""
    toggles = [part for part in root.iter("*") if tag_of(part) not in ("input", "select") and not part.get("aria-haspopup")]
    named = {name for toggle in toggles for name in (toggle.get("aria-controls") or "").split()}
    for element in root.iter("*"):
        if _is_closed(element) and (element.get("id") in named or _is_panel(element)):
            element.set("style", _CLOSED.sub("", element.get("style") or ""))
            element.attrib.pop("hidden", None)
            element.attrib.pop("aria-hidden", None)


def count_hidden(element: Any) -> int:
    """Count the longer stretches of an element's text that are hidden; tables, whose hidden rows are read, have none."""
    if is_skipped(element) or (is_hidden(element) and not _is_closed(element)):
        return 0
    if _is_closed(element):
        return int(len(words_of(element).split()) >= _STRETCH_WORDS)
    return 0 if tag_of(element) == "table" else sum(map(count_hidden, element))


def main_of(root: Any) -> Any | None:
    """Return what has a page's main text; None where it marks nothing as that, or several.

    The only article may be a card that leads to another page: it must have the page's title, or half of its words.
    """
    mains = [element for element in root.iter() if tag_of(element) == "main" or element.get("role") == "main"]
    articles = [element for element in root.iter() if tag_of(element) == "article"]
    if mains or len(articles) != 1:
        return mains[0] if len(mains) == 1 else None
    titles, own = (
        sum(not is_hidden(title) and bool(words_of(title).strip()) for title in part.iter("h1")) for part in (root, articles[0])
    )
    body = root.find("body")
    words, inside = (len(words_of(part).split()) for part in (root if body is None else body, articles[0]))
    return articles[0] if 0 < own == titles or 2 * inside >= words else None


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
