"""HTML put together so that nothing becomes markup by accident: what is not Markup is escaped on its way in."""

import html
import re
from urllib.parse import urlsplit

from qa.render import visible

_LONE_RETURN = re.compile(r"\r(?!\n)")


class Markup(str):
    """Mark a text as HTML already; only `escape` and `element` make one out of other text."""

    __slots__ = ()


def escape(text: str) -> Markup:
    """Return a text as HTML that shows it and does nothing; control and direction characters are shown, not obeyed."""
    return Markup(html.escape(visible(_LONE_RETURN.sub("\n", text)), quote=True))


def join(*pieces: str) -> Markup:
    """Return pieces one after the other, those escaped that are not Markup."""
    return Markup("".join(piece if isinstance(piece, Markup) else escape(piece) for piece in pieces))


def element(tag: str, *content: str, **attributes: str | int | bool | None) -> Markup:
    """Return an element; content that is not Markup is escaped, attribute values always are.

    In names `_` stands for `-` and a trailing one is dropped (`class_`, `data_rank`); True gives a bare
    attribute, None and False none.
    """
    given = ""
    for name, value in attributes.items():
        if value is not None and value is not False:
            shown = name.rstrip("_").replace("_", "-")
            given += f" {shown}" if value is True else f' {shown}="{escape(str(value))}"'
    return Markup(f"<{tag}{given}>" if tag in ("input", "img") else f"<{tag}{given}>{join(*content)}</{tag}>")


def is_web_address(url: str) -> bool:
    """Tell whether a URL is http or https with a host, and looks like what it is."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and url == visible(url)
    except ValueError:
        return False


def address(url: str) -> Markup:
    """Return a URL as a link if a browser may be sent there, else as text."""
    if not is_web_address(url):
        return escape(url)
    return element("a", url, href=url, rel="noopener noreferrer", target="_blank")
