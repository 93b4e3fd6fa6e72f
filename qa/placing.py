"""Say where a citation stands, as its readers would look for it."""

from qa.answer import Citation, Place

RECOGNISED = "recognised from an image; compare the words with the page"


def place(citation: Citation | Place) -> str:
    """Return where a citation stands: path and line, as editors open it; or path and page, slide, row or message, if any."""
    if citation.locator is None and citation.lined:
        return f"{citation.document}:{citation.line}"
    return ", ".join(part for part in (citation.document, position(citation)) if part)


def position(citation: Citation | Place) -> str:
    """Return where in its document a citation stands: line 31, page 7, slide 3 (Costs), sheet Budget, row 12.

    Nothing where the file has no such parts. Of recognised text it says that it is, wherever the place is told.
    """
    locator = citation.locator
    if locator is None:
        return f"line {citation.line}" if citation.lined else ""
    if locator.kind == "row":
        return f"sheet {locator.name}, row {locator.number:,}" if locator.name else f"row {locator.number:,}"
    told = f"{locator.kind} {locator.number:,}"
    if isinstance(citation, Citation) and citation.recognised:
        return f"{told}, {RECOGNISED}"
    return f"{told} ({locator.name})" if locator.name else told


def headings(citation: Citation) -> str:
    """Return the headings that a citation stands under, the outermost first: under Fees › Winter; nothing under none."""
    heading = [part for part in citation.heading if part != citation.title]
    return f"under {' › '.join(heading)}" if heading else ""
