"""An answer as Markdown with footnotes, to paste elsewhere."""

import re

from qa.answer import Answer, Citation
from qa.render import headings, position, provenance, visible

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Only what can begin or end markup; a backslash before every comma would be unreadable.
_MARKS = set("\\`*_[]<>#|~&!$")


def plain(text: str) -> str:
    """Return a text on one line that Markdown shows as it is, links and HTML included."""
    line = " ".join(visible(text).split())
    return _PUNCTUATION.sub(lambda match: ("\\" if match[1] in _MARKS else "") + match[1], line)


def evidence(citation: Citation) -> str:
    """Return a citation's first highlight, word for word."""
    span = citation.highlights[0]
    return citation.quote[span.start - citation.start : span.end - citation.start]


def where(citation: Citation) -> str:
    """Return the file that a citation quotes, with the page, line, slide or row, or else its headings."""
    stands = position(citation) or headings(citation)
    return f"{citation.document}, {stands}" if stands else citation.document


def supporting(answer: Answer) -> list[Citation]:
    """Return the citations worth keeping: the first, and those that would answer by themselves."""
    return [citation for citation in answer.citations if citation.rank == 1 or (citation.confidence or 0) >= answer.threshold]


def _footnote(citation: Citation) -> str:
    parts = [citation.title, provenance(citation), where(citation)]
    return f"[^{citation.rank}]: {'. '.join(plain(part) for part in parts if part)}."


def footnoted(answer: Answer) -> str:
    """Return the question, the answer and its further evidence as quotes, with a footnote for each."""
    good = supporting(answer)
    lines = [f"**{plain(answer.question)}**"]
    lines += [f"> {plain(evidence(citation))}[^{citation.rank}]" for citation in good]
    return "\n\n".join([*lines, "\n".join(map(_footnote, good))]) + "\n"
