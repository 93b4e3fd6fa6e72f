"""Words, stems, sentences, lines and code units of a text."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

import sentencex
import Stemmer

from qa.blocks import BULLETS, ITEM_MARK, blocks
from qa.records import Span

# Scripts written without blanks between words: each character counts as a word, so that a question
# finds them without a dictionary.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
_ACCENT = "\u0300-\u036f"
"""Accents that stand by themselves after their letter, as files from a Mac often have them; `fold` drops them."""
_LETTER, _LETTER_OF_NO_NUMBER = (rf"(?![{_UNSPACED}])[^\W{without}_][{_ACCENT}]*" for without in ("", r"\d"))
_RARE_CHARACTER = re.compile(rf"[{_UNSPACED}{_ACCENT}]")
_WORD = re.compile(rf"[{_UNSPACED}]|(?:{_LETTER})+(?:['’](?:{_LETTER_OF_NO_NUMBER})+)?")
# The same where no such character stands: 1,000 characters in 0.03 ms instead of 0.07.
_SPACED_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_LINE_END = re.compile(r"\r\n?|\n")
# The splitter cuts after these; joined again, because a title never ends a sentence and the rest
# seldom does.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'])(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|Cllr|Gen|Col|Capt|Lt|Sgt|St|Fig|Figs|No|Nos|Vol|pp?|cf|vs|v|viz|approx|ca|"
    r"[Ee]\.g|[Ii]\.e|al|[A-Z])\.\s*$|^\s*(?:(?:§\s*)?\d{1,3}[A-Z]?(?:\.\d{1,3}){0,4}|[ivx]{2,5})\.\s*$"
)
# These may end a sentence too, but hardly before a figure or a small letter.
_SHORTENED = re.compile(
    r"\b(?<![.’'-])(?:[Pp]aras?|[Ss]ch|[Cc]hs?|[Ss]ects?|[Tt]el|[Mm]ax|[Mm]in|[Tt]emp|[Aa]pprox|[Aa]vg|[Ee]st|[Ww]t|"
    r"Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.\s*$"
)
_FIGURE = re.compile(r"[£$€+(]?\d|[a-z]")
# The splitter takes some words for abbreviations wherever a name follows: "me." for Maine, "ill." for Illinois. They end their
# sentence where a word follows, as it does not in "no. 5", "fig. A" and "art. IV"; an initial does only where no name can.
_STOP = r"\.[”\"’')\]]*\s+[“\"‘'(\[]*"
_UNABBREVIATED = re.compile(
    r"(?:\b(?<![.’'-])(?:me|[Mm]ay|[Aa]rt|ill|no|[Oo]k|arc|con|ref|pa|id|mar|fig|miss|ore|etc)|(?<=\d )(?:min|sec|hr|mm|mo)"
    r"|\b(?<![.’'-])(?!(?:MRS?|MS|DR|ST|NOS?|RE|FIGS?|REV|PROF|HON|CLLR|VS|GEN|COL|CAPT|LT|SGT|VOL)\.)[A-Z]{2,})"
    rf"(?={_STOP}(?!(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)\b)[A-Z][a-z])"
    rf"|\b(?<![.’'-])(?:Ltd|Inc|Corp|Co|Bros|Jr|Sr|Esq|Rd|Ave|St|al|[A-Z])(?={_STOP}(?:Mrs?|Ms|Mx|Miss)\b)"
    rf"|\b(?<![.’'-])(?:No|al|(?<!^)(?<![\r\n])[A-Z])(?={_STOP}(?:The|This|That|These|Those|It|They|There|However)\b)"
    rf"|\bNo(?={_STOP}(?:He|She|We|You|But)\b)"
)
# The splitter takes a sentence that begins with these for an item and goes on to its line's end; it need not see them.
_OPENING = re.compile(rf"\((?=(?:\d{{1,2}}|[A-Za-z]{{1,5}})\)\s)|[{BULLETS}](?=\s)|(?<=[\r\n])[^\S\r\n]*\d{{1,3}}(?=[.)]\s)")
_CLAUSE_END = re.compile(r"[;:,–—)\]](?=\s)")
_BLANK = re.compile(r"\s+")
# The splitter's time grows with the square of a stretch full of quotation marks or backticks, so it
# sees no more than this at once.
_WINDOW = 10_000
_OVERLAP = 1_000

# "fee¹" is the fee with a footnote; "km²" and "CO₂" are what they say.
_NOTE_MARK = re.compile(r"(?<=[^\W\d_]{3})[¹²³⁰⁴-⁹]+$")

STEM_CHARACTERS = 100
"""Longest stem; the word index drops words of over 65,530 bytes without a word."""

STOP_WORDS = frozenset(
    "a about after again all also am an and any are as at be because been before being both but by can could did do "
    "does doing done down during each else ever few for from further get give given had has have having he her here "
    "hers him his how i if in into is it its itself just let may me might more most much must my no nor not of off "
    "often on once only or other our out over own please said same say says shall she should so some such tell than "
    "that the their them then there these they this those through to too under until up upon us very was we were what "
    "when where whether which while who whom whose why will with within without would yes you your".split()
)
"""Words of a question that carry no subject; they are neither searched for nor counted as covered."""

_ASKING = re.compile(
    r"\b(?:how (?:many|much|long|far|large|big|fast|hard)"
    r"|(?:what|which) (?:(?:kind|type|sort|name|number|amount)s? of|year|date|day|month|decade|century|percentage|number|amount)"
    r"|(?:what|who) (?:is|was|are|were) the (?:name|term|word)s? (?:of|for|given to|used for))\b",
    re.IGNORECASE,
)
"""Words that say what kind of thing is asked for: whoever asks how many wants a figure, and no sentence that says "many".

Who asks how wide may well want one that says "3.5 metres wide".
"""

_stemmer = Stemmer.Stemmer("english")


def fold(text: str) -> str:
    """Return a text without case and accents, for comparing words; its offsets are not the text's."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    if decomposed.isascii():
        return decomposed
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """Return the words of a text in order, as written."""
    return (_WORD if _RARE_CHARACTER.search(text) else _SPACED_WORD).findall(text)


def stem(word: str) -> str:
    """Return a word's stem: case, accents, a footnote's mark, a possessive and an English ending removed (Porter 2).

    Never empty, never with white space in it, at most STEM_CHARACTERS long.
    """
    return _stem(word[:STEM_CHARACTERS])


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    if word.isascii() and word.isalpha() and word.islower():  # most are, and it takes half the time
        return str(_stemmer.stemWord(word))
    folded = fold(_NOTE_MARK.sub("", word)).replace("’", "'")
    # Some letters fold to several words (U+FDFA) or to a blank (U+037A); a stem is one word.
    base = "".join(folded.removesuffix("'s").replace("'", "").split()) or word
    return str(_stemmer.stemWord(base[:STEM_CHARACTERS]))


def stems(text: str) -> list[str]:
    """Return the stems of all words of a text, in order."""
    return list(_stems(text))


@lru_cache(maxsize=256)
def _stems(text: str) -> tuple[str, ...]:
    """Return what `stems` does; a question asks several times for those of its passages and sentences."""
    found = words(text)
    if len(max(found, key=len, default="")) > STEM_CHARACTERS:
        found = [word[:STEM_CHARACTERS] for word in found]
    return tuple(map(_stem, found))


def is_stop_word(word: str) -> bool:
    """Tell whether a word carries no subject of its own."""
    folded = word.casefold().replace("’", "'")
    return folded in STOP_WORDS or folded.partition("'")[0] in STOP_WORDS


def content_words(text: str) -> list[str]:
    """Return the words of a question that it is about: stop words, repetitions and what only says how it asks left out."""
    for asked in (_ASKING.sub(" ", text), text):
        seen: dict[str, str] = {}
        for word in words(asked):
            if not is_stop_word(word):
                seen.setdefault(stem(word), word)
        if seen:
            break
    return list(seen.values())


def utf16_offset(text: str, offset: int) -> int:
    """Convert an offset in code points to one in UTF-16 code units, as browsers count."""
    return offset + sum(character > "\uffff" for character in text[:offset])


class Lines:
    """Number the lines of a text; LF, CR LF and a lone CR end one."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def number(self, offset: int) -> int:
        """Return the 1-based number of the line that holds an offset."""
        return bisect_right(self._starts, offset)

    def start(self, number: int) -> int:
        """Return where a 1-based line begins; past the last line, where the last begins."""
        return self._starts[min(number, len(self._starts)) - 1]

    def __len__(self) -> int:
        return len(self._starts)


def line_breaks(text: str) -> int:
    """Count the line ends in a text."""
    return sum(1 for _ in _LINE_END.finditer(text))


def sentence_span(text: str, start: int, end: int) -> Span:
    """Return a stretch without the white space at its edges and the mark of a list item before it.

    Empty at `start` if nothing else is there.
    """
    piece = text[start:end]
    stripped = piece.strip()
    if not stripped:
        return Span(start, start)
    first = start + len(piece) - len(piece.lstrip())
    last = first + len(stripped)
    before = first
    while before > 0 and text[before - 1] in " \t":
        before -= 1
    mark = ITEM_MARK.match(stripped) if before == 0 or text[before - 1] in "\r\n" else None
    return Span(first + mark.end(), last) if mark and mark.end() < len(stripped) else Span(first, last)


def _hidden(found: re.Match[str]) -> str:
    return "_" * len(found.group())


def _sentence_ends(block: str) -> Iterator[int]:
    """Yield where the splitter ends a block's sentences, which it sees a window at a time."""
    start = 0
    while start < len(block):
        window = _OPENING.sub(_hidden, block[start : start + _WINDOW])
        ends = [int(boundary["end_index"]) for boundary in sentencex.get_sentence_boundaries("en", window)]
        if start + len(window) == len(block):
            yield from (start + end for end in ends)
            return
        # Ends near the window's own are found again in the next, which knows what follows them.
        inner = [end for end in ends if end <= len(window) - _OVERLAP]
        yield from (start + end for end in inner)
        start += max(inner[-1] if inner else len(window) - _OVERLAP, len(window) // 2)


def _sentence_tiles(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of one block, tiling it; a cut after an abbreviation is undone."""
    block = text[start:end]
    masked = _UNABBREVIATED.sub(_hidden, block)
    first = 0
    for stop in _sentence_ends(masked):
        if stop <= first or stop >= len(block):
            continue
        before = masked, max(0, stop - 20), stop
        if not _ABBREVIATION.search(*before) and not (_FIGURE.match(masked, stop) and _SHORTENED.search(*before)):
            yield start + first, start + stop
            first = stop
    if first < len(block):
        yield start + first, end


def cut_point(text: str, start: int, limit: int) -> int:
    """Return where to cut an over-long stretch that begins at `start`: at most `limit`.

    After the last clause end in its second half, else after the last white space, else at `limit`.
    """
    window = text[start:limit]
    clauses = [match.end() for match in _CLAUSE_END.finditer(window, len(window) // 2)]
    blanks = [match.end() for match in _BLANK.finditer(window)]
    best = clauses[-1] if clauses else blanks[-1] if blanks else len(window)
    if clauses:  # the blanks after a clause end stay with it
        best = next((end for end in blanks if end > best), best)
    return start + best if best else limit


def sentence_tiles(text: str, start: int, end: int, longest: int) -> list[tuple[int, int]]:
    """Cut a stretch of a text into sentences that tile it, each at most `longest` code points.

    White space belongs to the sentence before it. Sentences never cross a paragraph, list item or
    table row. One that is too long is cut by `cut_point`.
    """
    tiles: list[tuple[int, int]] = []
    for block_start, block_end in blocks(text, start, end):
        for first, last in _sentence_tiles(text, block_start, block_end):
            while last - first > longest:
                cut = cut_point(text, first, first + longest)
                tiles.append((first, cut))
                first = cut
            tiles.append((first, last))
    return tiles
