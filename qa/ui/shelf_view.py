"""A visitor's own documents as HTML: what was read, what was skipped and why, and how to add and remove."""

from qa.ui.markup import Markup, element
from qa.ui.shelf import MOST_BYTES, MOST_FILES, Read

LIMITS = (
    f"At most {MOST_FILES} files of {MOST_BYTES // 1024**2} MB. Only you see them; they are asked apart from the shared"
    " documents and removed when you leave."
)


def shelf_view(read: tuple[Read, ...], trouble: str = "") -> Markup:
    """Return the place to put files, and what became of each that is there."""
    drop = element(
        "label",
        element("span", "Add your own documents: drop files here or choose them", class_="invite"),
        element("input", type="file", multiple=True, class_="files", aria_label="Choose files to add"),
        class_="drop",
    )
    rows = [
        element(
            "li",
            element("span", file.name, class_="name"),
            element(
                "span",
                f"skipped: {file.reason}" if file.reason else _passages(file.passages),
                class_="skipped" if file.reason else "read",
            ),
            element("button", "Remove", type="button", data_remove=number, aria_label=f"Remove {file.name}"),
        )
        for number, file in enumerate(read)
    ]
    listing = element("ul", *rows, class_="shelf", aria_label="Your documents")
    wrong = element("p", trouble, class_="trouble", role="alert") if trouble else Markup()
    return element("div", drop, element("p", LIMITS, class_="limits"), wrong, listing, class_="own")


def _passages(number: int) -> str:
    return f"read, {number:,} passage{'' if number == 1 else 's'}"
