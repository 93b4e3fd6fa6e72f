"""Tell what a browser shows of a web page's elements, and their own words."""

import re
from typing import Any

from qa.formats.blocks import raised

SKIPPED = frozenset(
    "script style noscript template head svg math iframe object canvas audio video select option button input textarea"
    " nav datalist dialog map del s strike".split()
)
BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
    " header hgroup hr html li main ol p pre section summary table tbody td tfoot th thead tr ul legend caption".split()
)
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
    r"|(?:cookie|gdpr|consent)s?[-_ ]?(?:banner|bar|popup|dialog|overlay))\b",
    re.IGNORECASE,
)

_ANCHORS = ("¶", "#", "🔗")
"""What headings end with on pages of documentation, to be linked to."""


def tag_of(element: Any) -> str:
    """Return an element's name in lower case, without its namespace; "" for what is none."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


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
    named = f"{element.get('id') or ''} {element.get('class') or ''} {element.get('aria-label') or ''}"
    if tag_of(element) == "div" and element.get("title") in ("header", "footer"):  # as LibreOffice writes those of pages
        return True
    if tag_of(element) in _BANNERS and _CONSENT.search(named):
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
            elif tag and tag not in SKIPPED and not is_hidden(child):
                apart = " " if tag in BLOCKS else ""  # paragraphs of a cell don't run into one another
                parts.append(apart)
                gather(child)
                parts.append(apart)
            tail = child.tail or ""
            parts.append(tail if keep else one_blank(tail))

    gather(element)
    told = "".join(parts)
    return raised(told) if tag_of(element) == "sup" else told
