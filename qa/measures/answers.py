"""Compare answers with gold answers as SQuAD does (Rajpurkar et al. 2016, 2018)."""

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = frozenset(string.punctuation)


def normalised(text: str) -> str:
    """Return an answer as SQuAD compares it: lower case, without punctuation and articles, blanks single.

    The steps and their order are those of SQuAD's evaluate-v2.0.py (Rajpurkar et al. 2018).
    """
    bare = "".join(character for character in text.lower() if character not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def _counted(golds: Iterable[str]) -> list[str]:
    """Return the golds that SQuAD counts; one empty text where there is none, so that silence is right."""
    return [gold for gold in golds if normalised(gold)] or [""]


def exact_match(answer: str, golds: Iterable[str]) -> float:
    """Return 1 if an answer equals any gold once both are normalised; no golds ask for an empty answer."""
    return float(any(normalised(answer) == normalised(gold) for gold in _counted(golds)))


def answer_f1(answer: str, golds: Iterable[str]) -> float:
    """Return the best harmonic mean of precision and recall of words over the golds, as SQuAD counts them."""
    return max(_word_f1(normalised(answer).split(), normalised(gold).split()) for gold in _counted(golds))


def _word_f1(answer: Sequence[str], gold: Sequence[str]) -> float:
    if not answer or not gold:
        return float(answer == gold)
    common = sum((Counter(answer) & Counter(gold)).values())
    return 2 * common / (len(answer) + len(gold))
