"""Find what question sets expect in the documents as the index holds them, and refuse what isn't there.

A gold text that doesn't stand in its document would otherwise be scored as the engine's miss.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from qa.collection import file_of
from qa.errors import BadInput
from qa.questions.records import Expected, Fault, Gold, Judged, Question, QuestionFile, QuestionSet, chosen, counted, short
from qa.store import Store

_TEXTS_HELD = 2000


class StoredTexts(Mapping[str, str]):
    """Give the documents' texts by path, as a generation holds them; the last used stay in memory."""

    def __init__(self, store: Store) -> None:
        self._numbers = {entry.document.path: entry.number for entry in store.entries}
        self._text = lru_cache(_TEXTS_HELD)(store.catalog.text)

    def __getitem__(self, path: str) -> str:
        return self._text(self._numbers[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


def places(text: str, wanted: str, *, parts: bool = True) -> list[tuple[int, int]]:
    """Return where a text stands in another, in order.

    Whole words and figures before `parts` of them ("13" is not in "2013", nor in "13,000" or "13.5"), and as
    written before with other white space, because lines break where they please.
    """
    exact = re.escape(wanted)
    loose = r"\s+".join(re.escape(word) for word in wanted.split())
    before = r"(?<!\w)(?<!\d[.,])" if wanted[:1].isdecimal() else r"(?<!\w)"
    after = r"(?!\w)(?![.,]\d)" if wanted[-1:].isdecimal() else r"(?!\w)"
    for pattern in (f"{before}{exact}{after}", f"{before}{loose}{after}", *([exact] if parts else [])):
        found = [match.span() for match in re.finditer(pattern, text)]
        if found:
            return found
    return []


def places_in(documents: Mapping[str, str], wanted: str) -> list[tuple[str, int, int]]:
    """Return every place of a text in documents; parts of words only where no document has it as whole words."""
    for parts in (False, True):
        found = [(path, *span) for path, text in documents.items() for span in places(text, wanted, parts=parts)]
        if found:
            return found
    return []


def _trimmed(document: str, text: str, start: int, end: int) -> Gold:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return Gold(document, start, end, text[start:end])


def _aliases(path: str) -> set[str]:
    """Return the bare ids by which BEIR and TREC may name a document; it is one's document if only it has that name.

    A record's id is its own: what looks like a folder or an ending in it is neither.
    """
    if file_of(path) != path:
        return {path.partition("#")[2]}
    pure = PurePosixPath(path)
    return {pure.name, pure.stem, str(pure.with_suffix("")), path.rpartition("#")[2]}


class Resolver:
    """Find what question files expect in the documents' texts, given by path."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._documents = documents
        self._contexts: dict[tuple[str, str], tuple[str, int] | None] = {}
        self._aliases: dict[str, str | None] = {}
        for path in documents:
            for alias in _aliases(path):
                self._aliases[alias] = None if alias in self._aliases else path

    def path(self, name: str) -> str | None:
        """Return the path of the document of a name or bare id; None if it is not indexed, or not one alone."""
        return name if name in self._documents else self._aliases.get(name)

    def golds(self, question: Question) -> tuple[Gold, ...]:
        """Return where a question's answers stand, each once; raises Fault for the first that stands nowhere."""
        found: dict[tuple[str, int, int], Gold] = {}
        for expected in question.expected:
            for gold in self._resolve(question.place, question.about, expected):
                found.setdefault((gold.document, gold.start, gold.end), gold)
        return tuple(found.values())

    def _resolve(self, place: str, about: str | None, expected: Expected) -> Iterable[Gold]:
        where = f"{place}: {expected.name}"
        if expected.context is not None:
            return [self._in_context(where, about or "", expected)]
        if expected.document is None:
            return self._anywhere(where, expected.text or "")
        if expected.text is None and expected.start is None:
            path = self.path(expected.document)
            return [Gold(path or expected.document, 0, 0, "", expected.grade, whole=True)] if expected.grade > 0 else []
        text = self._documents.get(expected.document)
        if text is None:
            raise Fault(f"{where}.doc: {short(expected.document)} is not in the index; run: qa show")
        if expected.start is None:
            found = places(text, (expected.text or "").strip())
            if not found:
                raise Fault(f"{where}.text: {short(expected.text or '')} does not stand in {expected.document}")
            return [_trimmed(expected.document, text, *found[0])]
        return [self._at(where, text, expected, expected.document)]

    def _at(self, where: str, text: str, expected: Expected, document: str) -> Gold:
        start = expected.start or 0
        end = expected.end if expected.end is not None else start + len(expected.text or "")
        if not 0 <= start < end <= len(text):
            raise Fault(f"{where}.start: {start} to {end} is no stretch of {document}, which has {len(text):,} characters")
        gold = _trimmed(document, text, start, end)
        if not gold.text:
            raise Fault(f"{where}.start: {start} to {end} of {document} is nothing but white space")
        if expected.text is not None and expected.text.strip() != gold.text:
            raise Fault(f"{where}.text: {short(expected.text)} does not stand at {start} of {document}, {short(gold.text)} does")
        return gold

    def _anywhere(self, where: str, wanted: str) -> list[Gold]:
        found = places_in(self._documents, wanted.strip())
        golds = [_trimmed(path, self._documents[path], start, end) for path, start, end in found]
        if not golds:
            raise Fault(f"{where}: {short(wanted)} stands in no indexed document")
        return golds

    def _in_context(self, where: str, about: str, expected: Expected) -> Gold:
        """Place an answer whose offset is in a paragraph (SQuAD) in the document that holds the paragraph."""
        context = expected.context or ""
        within = self._at(where, context, expected, "the context")
        key = (about, context)
        if key not in self._contexts:
            self._contexts[key] = self._paragraph(about, context.strip())
        found = self._contexts[key]
        if found is None:
            raise Fault(f"{where}: its context stands in no indexed document: {short(context)}")
        path, offset = found
        shift = offset - (len(context) - len(context.lstrip()))
        return Gold(path, within.start + shift, within.end + shift, within.text)

    def _paragraph(self, about: str, context: str) -> tuple[str, int] | None:
        likely = self.path(about)
        for path in ([likely] if likely else []) + [path for path in self._documents if path != likely]:
            offset = self._documents[path].find(context)
            if offset >= 0:
                return path, offset
        return None


def resolve(file: QuestionFile, documents: Mapping[str, str]) -> tuple[list[Judged], list[str]]:
    """Find every question's answers in the documents; return those that have no fault, and the faults."""
    resolver = Resolver(documents)
    judged, faults = [], []
    for question in file.questions:
        try:
            judged.append(Judged(question, resolver.golds(question)))
        except Fault as fault:
            faults.append(str(fault))
    return judged, faults


def question_set(
    file: QuestionFile, documents: Mapping[str, str], about: Sequence[str] = (), limit: int | None = None
) -> QuestionSet:
    """Resolve the chosen questions of a file for scoring.

    Raises BadInput with the first fault, and for a set of which nothing is left to ask.
    """
    _refuse(file.path, file.faults)
    asked = chosen(file.questions, about, limit)
    if not asked:
        why = f"none of its {len(file.questions):,} questions matches --about" if file.questions else "holds no questions"
        raise BadInput(f"{file.path}: {why}" + (f"; {file.drafts:,} are drafts, accept some first" if file.drafts else ""))
    judged, faults = resolve(QuestionFile(file.path, asked), documents)
    _refuse(file.path, faults)
    return QuestionSet(file.path, tuple(judged), _notes(file, judged, len(asked), documents))


def _refuse(path: str, faults: Sequence[str]) -> None:
    if faults:
        more = f" (and {len(faults) - 1:,} more: qa questions check {path})" if len(faults) > 1 else ""
        raise BadInput(faults[0] + more)


def _notes(file: QuestionFile, judged: Sequence[Judged], asked: int, documents: Mapping[str, str]) -> tuple[str, ...]:
    """Say what was counted apart; raises BadInput if no judged document is indexed."""
    named = {gold.document for item in judged for gold in item.golds if gold.whole}
    missing = sorted(name for name in named if name not in documents)
    if missing and len(missing) == len(named):
        raise BadInput(f"{file.path}: none of its {len(named):,} judged documents is in the index ({short(missing[0])}…)")
    notes = (
        (len(file.questions) - asked, "question", "not asked"),
        (file.drafts, "draft", "not counted"),
        (file.unjudged, "question", "without judgements not counted"),
        (len(missing), "judged document", f"not in the index, counted as not found ({', '.join(missing[:3])})"),
    )
    return tuple(f"{counted(number, noun)} {what}" for number, noun, what in notes if number)
