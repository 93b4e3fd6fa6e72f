"""The report page's questions: the worst ones with what was expected beside what was got, and all in a table."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from qa.evaluation.asking import Asked, Outcome
from qa.evaluation.verdicts import gold_rank, verdict, worst
from qa.questions.records import Gold
from qa.records import Span
from qa.render import place, visible
from qa.text import Lines

_AROUND = 220
"""Characters of the document shown on each side of an expected answer."""


def safe(text: str) -> str:
    """Return a text as the page may hold it: control and direction characters visible, markup escaped."""
    return escape(visible(text))


def _marked(text: str, offset: int, marks: Sequence[tuple[Span, str]], inner: Sequence[Span] = ()) -> str:
    """Return a stretch of a document, which begins at `offset`, escaped, with marks of a class around spans."""
    opening: dict[int, str] = {}
    closing: dict[int, str] = {}
    for span, name in marks:
        opening[span.start - offset] = f"<mark class={name}>"
        closing[span.end - offset] = "</mark>"
    for words in inner:
        if any(span.start <= words.start and words.end <= span.end and span != words for span, _ in marks):
            opening[words.start - offset] = opening.get(words.start - offset, "") + "<b>"
            closing[words.end - offset] = "</b>" + closing.get(words.end - offset, "")
    parts, position = [], 0
    for edge in sorted({*opening, *closing}):
        parts.append(safe(text[position:edge]) + closing.get(edge, "") + opening.get(edge, ""))
        position = edge
    return "".join(parts) + safe(text[position:])


def _expected(golds: Sequence[Gold], texts: Mapping[str, str]) -> str:
    if not golds:
        return "<p>Nothing: the documents don't answer it.</p>"
    gold = golds[0]
    more = f"<p class=dim>and {len(golds) - 1} more</p>" if len(golds) > 1 else ""
    if gold.whole:
        return f"<p>{safe(gold.document)}</p>{more}"
    text = texts[gold.document]
    start, end = max(0, gold.start - _AROUND), min(len(text), gold.end + _AROUND)
    while 0 < start < gold.start and not text[start - 1].isspace():
        start += 1
    while gold.end < end < len(text) and not text[end].isspace():
        end -= 1
    quote = _marked(text[start:end], start, [(Span(gold.start, gold.end), "gold")])
    ends = ("… " if start else "", " …" if end < len(text) else "")
    line = Lines(text).number(gold.start)
    return f"<p class=dim>{safe(gold.document)}:{line}</p><blockquote>{ends[0]}{quote}{ends[1]}</blockquote>{more}"


def _got(asked: Asked) -> str:
    citation = asked.first
    if citation is None:
        return "<p>Nothing was found.</p>"
    marks = [(span, "got") for span in citation.highlights]
    quote = _marked(citation.quote, citation.start, marks, citation.answer)
    return f"<p class=dim>{safe(place(citation))}</p><blockquote>{quote}</blockquote>"


def _tag(outcome: Outcome) -> str:
    kind = verdict(outcome)
    return f'<span class="tag {kind.split()[0]}">{kind}</span>'


def worst_cases(outcomes: Sequence[Outcome], texts: Mapping[str, str]) -> Iterator[str]:
    """Yield the worst questions, what was expected beside what was got; `texts` gives the documents' by path."""
    cases = worst(outcomes)
    if cases:
        yield f"<h2>The {len(cases)} worst questions</h2><p class=dim>Wrong answers given with most confidence come first.</p>"
    for outcome in cases:
        if outcome.asked is not None:
            question, rank = outcome.judged.question, gold_rank(outcome)
            told = [question.id, f"confidence {outcome.asked.confidence:.2f}"]
            if outcome.judged.answerable:
                told.append(f"answer found at rank {rank}" if rank else "answer not among the first ten")
            yield (
                f"<article><h3>{safe(question.text)}</h3><p>{_tag(outcome)} <span class=dim>{safe(', '.join(told))}</span></p>"
                f"<div class=pair><div><h4>EXPECTED</h4>{_expected(outcome.judged.golds, texts)}</div>"
                f"<div><h4>GOT</h4>{_got(outcome.asked)}</div></div></article>"
            )


def all_questions(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the table of all questions with its search box."""
    heads = "<th>id<th>question<th>expected<th>got<th class=n>rank<th class=n>confidence<th>verdict"
    yield "<h2>All questions</h2>"
    yield "<p><input id=find type=search placeholder='Search questions, answers, verdicts' aria-label=Search></p>"
    yield f"<p class=dim><span id=count>{len(outcomes):,}</span> shown</p>"
    yield f"<div class=scroll><table id=all><thead><tr>{heads}<tbody>"
    for outcome in outcomes:
        asked, question = outcome.asked, outcome.judged.question
        expected = dict.fromkeys(gold.document if gold.whole else gold.text for gold in outcome.judged.golds)
        got = "" if asked is None else asked.text if asked.answered else "(refused)"
        cells = "".join(f"<td>{safe(text)}" for text in (question.id, question.text, " / ".join(expected), got))
        confidence = f"{asked.confidence:.2f}" if asked else ""
        yield f"<tr>{cells}<td class=n>{gold_rank(outcome) or '–'}<td class=n>{confidence}<td>{_tag(outcome)}"
    yield "</table></div>"
