"""Where in a file a text stands: pages, slides, rows and messages, and rectangles on a page."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Locator:
    """Name a part of a document as its readers do, from `start` to the next one's start.

    `kind` is `page`, `slide`, `row`, `record`, `line` or `message`, `number` is 1-based, `name` a sheet's, a slide's or
    a message's. `boxes` holds where each of the part's characters stands on the page; see `pages`.
    """

    start: int
    kind: str
    number: int
    name: str | None = None
    boxes: bytes = field(default=b"", repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the locator as JSON shows it."""
        return {"kind": self.kind, "number": self.number, "name": self.name}


@dataclass(frozen=True)
class Area:
    """Hold a rectangle on a page, as fractions of the width and height of the page as it is shown."""

    page: int
    left: float
    top: float
    right: float
    bottom: float

    def to_dict(self) -> dict[str, float]:
        """Return the area as JSON shows it."""
        return {name: round(value, 5) for name, value in vars(self).items()}
