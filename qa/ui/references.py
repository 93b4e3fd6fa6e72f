"""An answer's sources as HTML, BibTeX and CSL-JSON, for word processors and reference managers.

What is cited is the document that was read. A retold one is cited under its own title, with what it
retells in the note: its sentences are not its source's words.
"""

import json
import re
from pathlib import PurePosixPath
from typing import Any

from qa.answer import Answer, Citation
from qa.render import provenance, visible
from qa.ui.footnotes import evidence, supporting, where
from qa.ui.markup import address, element, is_web_address, join

_TEX = {character: f"\\{character}" for character in "{}$&#_%"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def html_quotations(answer: Answer) -> str:
    """Return the question and each piece of evidence as an HTML figure with its source below."""
    figures = []
    for citation in supporting(answer):
        named = [citation.title, *([provenance(citation)] if provenance(citation) else []), where(citation)]
        source = [element("cite", named[0]), ". ", ". ".join(named[1:]), "."]
        if citation.url:
            source += [" ", address(citation.url)]
        quoted = element("blockquote", element("p", _line(evidence(citation))))
        figures.append(element("figure", quoted, element("figcaption", *source)))
    return join(element("p", element("strong", _line(answer.question))), *figures)


def bibtex(answer: Answer) -> str:
    """Return one BibTeX entry for each document that supports the answer, its quotes in the note."""
    entries = []
    for key, cited in _by_document(answer):
        first = cited[0]
        year, _, rest = (first.date or "").partition("-")
        fields = {
            "title": first.title,
            "author": f"{{{_tex(first.author)}}}" if first.author else None,
            "publisher": first.publisher,
            "year": year or None,
            "month": rest.partition("-")[0].lstrip("0") or None,
            "url": _web(first.url),
            "note": _note(cited),
        }
        # A name in braces of its own is taken whole, not split into first and last.
        lines = [
            f"  {name} = {{{value if name == 'author' else _tex(value)}}}," for name, value in fields.items() if value is not None
        ]
        entries.append("\n".join([f"@misc{{{key},", *lines, "}"]))
    return "\n\n".join(entries) + "\n"


def csl_json(answer: Answer) -> str:
    """Return CSL-JSON, as Zotero and citation processors read it: one item for each document that supports the answer."""
    items = []
    for key, cited in _by_document(answer):
        first = cited[0]
        item: dict[str, Any] = {"id": key, "type": "document", "title": _line(first.title)}
        if first.author:
            item["author"] = [{"literal": _line(first.author)}]
        if first.publisher:
            item["publisher"] = _line(first.publisher)
        if first.date:
            item["issued"] = {"date-parts": [[int(part) for part in first.date.split("-")]]}
        if _web(first.url):
            item["URL"] = _web(first.url)
        item["note"] = _note(cited)
        items.append(item)
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _by_document(answer: Answer) -> list[tuple[str, list[Citation]]]:
    """Return the supporting citations of each document under a key that is unique among them, in order of rank."""
    cited: dict[str, list[Citation]] = {}
    for citation in supporting(answer):
        cited.setdefault(citation.document, []).append(citation)
    keyed: dict[str, list[Citation]] = {}
    for document, citations in cited.items():
        stem = re.sub(r"[^A-Za-z0-9]+", "-", PurePosixPath(document).stem).strip("-").lower() or "document"
        key = stem if stem not in keyed else f"{stem}-{citations[0].rank}"
        keyed[key] = citations
    return list(keyed.items())


def _note(cited: list[Citation]) -> str:
    quotes = "; ".join(f"“{_line(evidence(citation))}” ({_line(where(citation))})" for citation in cited)
    return f"{_line(provenance(cited[0]))}. {quotes}" if cited[0].retold else quotes


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in _line(text))


def _web(url: str | None) -> str | None:
    return url if url and is_web_address(url) else None
