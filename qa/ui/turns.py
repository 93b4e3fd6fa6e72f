"""One question of a conversation and what came of it."""

from dataclasses import dataclass

from qa.answer import Abstention, Answer
from qa.ui.choosing import ALL, Choice


@dataclass(frozen=True)
class Turn:
    """Hold one question and what came of it: a result, or else what is wrong.

    `asked` is the question as it was searched for, where that is not as it was typed; `verdict` is what
    the visitor said of the answer, None where nobody asks.
    """

    number: int
    question: str
    result: Answer | Abstention | None
    trouble: str = ""
    asked: str = ""
    choice: Choice = ALL
    verdict: str | None = None
