"""Turns of a conversation as HTML: pure functions from records to escaped markup."""

from collections.abc import Iterable, Sequence

from rich.text import Text

from qa.answer import Abstention, Answer, Citation, Searched
from qa.catalog import Entry
from qa.globs import only_path
from qa.render import UNSURE, confidence_word, headings, joined, position, provenance, quotation, said, scope_line
from qa.spelling import put_right
from qa.ui.choosing import document_line
from qa.ui.keeping import judging_view, keeping_view, saved_view
from qa.ui.markup import Markup, element, join
from qa.ui.turns import Turn

LISTED = 50
"""Documents named on the start page."""

_LONG = 600
"""Characters from which a question scrolls in place; the page's script knows the same number."""

_LARGE = 140
"""Characters that an answer may have to be set large."""

NAMED = 3
"""Chosen documents named in the scope of an answer."""

_WHY = {
    "nothing found": "Nothing was found.",
    "below threshold": "The nearest passage is not close enough to count as an answer.",
    "no words to search for": "The question has no words to search for; name what it is about.",
    "empty index": "The index is empty; run: qa index FOLDER",
}


def trouble_view(message: str, what: str = "Something needs mending") -> Markup:
    """Return what is wrong and its remedy."""
    # Errors begin small, so that they can follow a path; a path stays as it is.
    shown = message[0].upper() + message[1:] if message.startswith(("the ", "there ")) else message
    return element("div", element("p", what, class_="what"), element("p", shown), class_="trouble", role="alert")


def scope_words(searched: Searched, own: bool = False) -> str:
    """Return how much was searched, and within which documents and dates."""
    filters = searched.filters
    chosen = [only_path(glob) or glob for glob in filters.get("source", ())]
    parts = [f"in {', '.join(chosen)}" if len(chosen) <= NAMED else f"in {len(chosen):,} chosen documents"] if chosen else []
    for word, name in (("from", "since"), ("to", "until")):
        if filters.get(name):
            parts.append(f"{word} {filters[name]}")
    whose = " Only your own documents." if own else ""
    return scope_line(searched) + whose + (f" Asked only {' '.join(parts)}." if parts else "")


def sure(confidence: float, threshold: float) -> Markup:
    """Return how sure an answer is in words, with the number on hover."""
    number = f"confidence {confidence:.2f}; an answer needs {threshold:.2f}"
    return element("span", f"{confidence_word(confidence)} confidence".capitalize(), class_="sure", title=number)


def quote_view(quote: Text) -> Markup:
    """Return a quotation with its highlights marked."""
    pieces, done = [], 0
    for span in quote.spans:
        pieces += [quote.plain[done : span.start], element("mark", quote.plain[span.start : span.end])]
        done = span.end
    return element("blockquote", *pieces, quote.plain[done:])


def place_words(citation: Citation) -> str:
    """Return where a citation stands in its document: page or line, then headings, as far as there are any."""
    return ", ".join(part for part in (position(citation), headings(citation)) if part)


def source_words(citation: Citation) -> Markup:
    """Return who published a citation's document and when, or what it retells."""
    return element("span", provenance(citation), class_="from retold" if citation.retold else "from")


def _attributed(citation: Citation) -> list[Markup | str]:
    """Return whose words an answer is: who published them or what they retell, and where nobody is named the title."""
    named = citation.retold or citation.author or citation.publisher
    if named:
        return [source_words(citation)]
    return [citation.title, ", ", source_words(citation)] if provenance(citation) else [citation.title]


def citation_view(turn: Turn, citation: Citation, threshold: float, *, whole: bool) -> Markup:
    """Return a citation: its quote, and where it comes from as a button that opens the source."""
    opener = element(
        "button",
        element("span", str(citation.rank), class_="number"),
        element("span", citation.title, class_="title"),
        type="button",
        class_="open",
        data_open=True,
        data_turn=turn.number,
        data_rank=citation.rank,
        data_document=citation.document,
        aria_label=f"Citation {citation.rank}: open {citation.title} at the evidence",
    )
    details = [source_words(citation)] if provenance(citation) else []
    details.append(element("span", place_words(citation) or citation.document, class_="place", title=citation.document))
    if citation.confidence is not None:
        details.append(sure(citation.confidence, threshold))
    if citation.also_in:
        places = "; ".join(f"{copy.document} {position(copy)}".strip() for copy in citation.also_in)
        details.append(element("span", f"also in {places}", class_="place"))
    return element(
        "li",
        quote_view(quotation(joined(citation), whole=whole)),
        opener,
        element("p", *details, class_="details"),
        class_="citation",
    )


def _citations(turn: Turn, citations: Iterable[Citation], threshold: float) -> Markup:
    shown = [citation_view(turn, citation, threshold, whole=citation.rank == 1) for citation in citations]
    return element("ol", *shown, class_="citations")


def _folded(label: str, *content: str) -> Markup:
    return element("details", element("summary", label), *content, class_="folded")


def answer_view(turn: Turn, answer: Answer) -> Markup:
    """Return an answer: its words large, where they come from, and the evidence."""
    first = answer.citations[answer.spans[0].citation - 1]
    number = element(
        "button",
        str(first.rank),
        type="button",
        class_="reference",
        data_open=True,
        data_turn=turn.number,
        data_rank=first.rank,
        data_document=first.document,
        aria_label=f"Open citation {first.rank}",
    )
    good = [citation for citation in answer.citations if (citation.confidence or 0) >= answer.threshold]
    rest = [citation for citation in answer.citations if citation not in good]
    less = (
        _folded(
            f"{len(rest)} less likely {'passage' if len(rest) == 1 else 'passages'}", _citations(turn, rest, answer.threshold)
        )
        if rest
        else Markup()
    )
    unsure = confidence_word(answer.confidence) == "low"
    large = ["unsure"] if unsure else ["long"] if len(answer.text) > _LARGE else []
    *items, last = [element("q", piece) for piece in said(answer)]
    words = element("p", last, number, class_=" ".join(["said", *large]))
    if items:
        words = element(
            "ul",
            *(element("li", item) for item in items),
            element("li", last, number),
            class_=" ".join(["said", "items", *(large or ["long"])]),
        )
    return join(
        element("p", UNSURE, class_="warned") if unsure else Markup(),
        words,
        element("p", "— ", *_attributed(first), class_="attribution"),
        element(
            "p",
            sure(answer.confidence, answer.threshold),
            element("span", scope_words(answer.searched, turn.choice.own)),
            class_="how",
        ),
        unknown_view(answer, answer.suggestions) if answer.suggestions else Markup(),
        _citations(turn, good, answer.threshold),
        less,
        keeping_view(turn, answer),
        judging_view(turn, answer),
    )


def unknown_view(result: Answer | Abstention, words: Iterable[str]) -> Markup:
    """Return which words occur nowhere, each with what it may have been meant for as a button that asks so."""
    pieces: list[str] = []
    for word in words:
        pieces += [", ", element("em", word)]
        meant = result.suggestions.get(word)
        if meant:
            asked = put_right(result.question, word, meant)
            button = element("button", meant, type="button", class_="again", data_again=asked, title=f"Ask: {asked}")
            pieces += [" (did you mean ", button, "?)"]
    return element("p", "These words occur nowhere in them: ", *pieces[1:], ".", class_="why unknown")


def abstention_view(turn: Turn, result: Abstention) -> Markup:
    """Return an abstention: why, what was searched, and what came nearest, folded."""
    number = f"confidence {result.confidence:.2f}; an answer needs {result.threshold:.2f}"
    lines = [
        element("p", "Your sources don’t answer this.", class_="refused"),
        element("p", element("span", _WHY[result.reason], title=number), class_="why"),
    ]
    if result.unknown_words:
        lines.append(unknown_view(result, result.unknown_words))
    lines.append(element("p", scope_words(result.searched, turn.choice.own), class_="why searched"))
    if result.nearest:
        nearest = _citations(turn, result.nearest, result.threshold)
        lines.append(_folded(f"What came nearest ({len(result.nearest)})", nearest))
    if turn.choice.own:  # which an upload has put in scope, perhaps unnoticed
        lines.append(element("p", element("button", "Ask the shared documents", type="button", class_="again", data_shared=True)))
    return join(*lines, keeping_view(turn, result), judging_view(turn, result))


def rewritten_view(turn: Turn) -> Markup:
    """Return how a follow-up was understood, to be corrected and asked again."""
    # An area, not an input: a long question is shown whole.
    field = element("textarea", turn.asked, rows=1, class_="asked", aria_label="The question as it was understood")
    again = element("button", "Ask this", type="button", class_="again", data_again=True)
    typed = element("button", "Ask as typed", type="button", class_="again", data_again=turn.question)
    alone = element(
        "button", "Always as typed", type="button", class_="again", data_again=turn.question, data_alone=True,
        title="Ask this one and all further questions as they are typed; it can be switched on again under “Asking …”",
    )  # fmt: skip
    return element("div", element("span", "Understood as"), field, again, typed, alone, class_="rewritten")


def turn_view(turn: Turn) -> Markup:
    """Return a question with its answer, its abstention, or what is wrong."""
    if isinstance(turn.result, Answer):
        kind, body = "answered", answer_view(turn, turn.result)
    elif isinstance(turn.result, Abstention):
        kind, body = "abstained", abstention_view(turn, turn.result)
    else:
        kind, body = "troubled", trouble_view(turn.trouble, "This was not answered")
    long = len(turn.question) > _LONG
    question = element("h2", turn.question, class_="question long" if long else "question", tabindex=0 if long else -1)
    understood = rewritten_view(turn) if turn.asked else Markup()
    return element(
        "article",
        question,
        understood,
        body,
        class_=f"turn {kind}",
        data_number=turn.number,
        data_own=turn.choice.own,
        data_asked=turn.result.question if turn.result else None,
        data_saved=saved_view(turn) if turn.result else None,
    )


def conversation_view(turns: Iterable[Turn]) -> Markup:
    """Return all turns, the oldest first."""
    return element("div", *map(turn_view, turns), class_="turns")


def welcome_view(entries: Sequence[Entry]) -> Markup:
    """Return the start page: what can be asked about."""
    passages = sum(entry.passages for entry in entries)
    buttons = [
        element("li", element("button", document_line(entry), type="button", data_open=True, data_document=entry.document.path))
        for entry in entries[:LISTED]
    ]
    more = element("p", f"and {len(entries) - LISTED:,} more", class_="place") if len(entries) > LISTED else Markup()
    counted = f"{len(entries):,} {'document' if len(entries) == 1 else 'documents'}, {passages:,} passages"
    return element(
        "div",
        element("p", "What do you want to know?", class_="invitation"),
        element(
            "p",
            "Every answer is a quotation from the documents below, with the place it stands."
            " Where they don’t answer, the page says so.",
            class_="promise",
        ),
        element("h2", counted, class_="counted"),
        element("ul", *buttons, class_="documents"),
        more,
        element("p", element("button", "Add your own documents", type="button", data_mine=True), class_="invited"),
        class_="welcome",
    )
