"""Sentences that say nothing themselves: that ask, tell what was asked, or head a message."""

import re

_ASKS = re.compile(r"\?\W*$")
_ASKING = r"(?:who|whom|whose|what|when|where|why|how|which|whether|if)\b"
_TELLS_WHAT_IS_ASKED = re.compile(
    rf"\b(?:(?:ask|wonder|enquire|inquire)(?:s|e?d)|queried|questioned)\s+(?:(?!for\b|to\b|that\b|of\b)[\w'’-]+\s+){{0,2}}{_ASKING}"
    rf"(?!.*\b(?:repl(?:y|ies|ied)|answer(?:s|ed)|respond(?:s|ed)|said|told|explained|because)\b)"
    rf"|\bquestions? (?:of|as to|about) {_ASKING}",
    re.IGNORECASE | re.DOTALL,
)
"""Unless the reply is told in the same sentence."""
_HEADS_A_MESSAGE = re.compile(r"^(?:> ?)*[*_]{0,2}(?:From|To|Cc|Bcc|Sent|Date|Subject):")
_OF_ASKING = re.compile(r"\b(?:ask|wonder|enquir|inquir|quer(?:y|ie)|question)", re.IGNORECASE)
_OF_MESSAGES = re.compile(
    r"\b(?:e-?mail|mail|message|letter|memo|subject|addressed|copied|wrote|writ|sen[dt]|cc\b)", re.IGNORECASE
)


def asks(sentence: str) -> bool:
    """Tell whether a sentence is a question."""
    return bool(_ASKS.search(sentence))


def only_asks(question: str, sentence: str) -> bool:
    """Tell whether a sentence asks, or tells what was asked, which answers who asks for that alone."""
    return asks(sentence) or bool(_TELLS_WHAT_IS_ASKED.search(sentence) and not _OF_ASKING.search(question))


def only_heads(question: str, sentence: str) -> bool:
    """Tell whether a sentence is a line above a message, which says nothing but to who asks about messages."""
    return bool(_HEADS_A_MESSAGE.search(sentence) and not _OF_MESSAGES.search(question))
