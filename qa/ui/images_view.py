"""A PDF's page beside the answer as HTML: its image, boxes on the very words, and the way to the pages around it."""

from collections.abc import Sequence
from urllib.parse import urlencode

from qa.answer import Citation
from qa.records import Area, Document
from qa.ui.markup import Markup, element

PATH = "page"
"""Where pages' images are fetched: `page/DOCUMENT/NUMBER`."""

_PIXELS = 1600
"""Width asked for: twice what the pane is wide on most screens, for those of twice the usual resolution."""


def pages_view(document: Document, citations: Sequence[Citation], current: Citation | None, shelf: str) -> Markup:
    """Return the pages of a document, open where the evidence looked at stands, else at the first.

    The boxes of all citations are there, but only the open page's are shown and its image fetched.
    """
    page = current.page if current and current.page else 1
    pages = document.coverage.pages or 0
    query: dict[str, str | int] = {"width": _PIXELS}
    if shelf:
        query["shelf"] = shelf
    boxes = [
        _box(area, citation.rank, page, current=citation is current, first=number == 0)
        for citation in citations
        for number, area in enumerate(citation.boxes)
    ]
    image = element(
        "img", src=f"{PATH}/{document.id}/{page}?{urlencode(query)}", alt=f"Page {page} as it looks; its words are under Text"
    )
    sheet = element("div", image, *boxes, class_="sheet")
    return element(
        "div",
        element(
            "div",
            _turn("‹", "Previous page", -1, out=page <= 1),
            element("span", f"Page {page:,} of {pages:,}", class_="at", role="status"),
            _turn("›", "Next page", 1, out=page >= pages),
            class_="turning",
            role="group",
            aria_label="Pages",
        ),
        element("p", "", class_="note", role="alert", hidden=True),
        element("div", sheet, class_="desktop", tabindex=0, role="region", aria_label="The page as it looks"),
        class_="pages",
        data_images=f"{PATH}/{document.id}/",
        data_query=urlencode(query),
        data_page=page,
        data_evidence=page if current else None,
        data_pages=pages,
    )


def _turn(sign: str, label: str, step: int, *, out: bool) -> Markup:
    return element("button", sign, type="button", aria_label=label, disabled=out, data_page_step=step)


def _box(area: Area, rank: int, page: int, *, current: bool, first: bool) -> Markup:
    left, top, width, height = (
        f"{100 * value:.3f}%" for value in (area.left, area.top, area.right - area.left, area.bottom - area.top)
    )
    return element(
        "span",
        class_="box current" if current else "box",
        style=f"left:{left};top:{top};width:{width};height:{height}",
        hidden=area.page != page,
        aria_hidden="true",
        data_on=area.page,
        data_rank=rank if first else None,
    )
