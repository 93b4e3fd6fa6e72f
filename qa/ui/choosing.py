"""Which documents a question is asked of: those chosen and those of certain dates."""

from dataclasses import dataclass

from qa.render import visible


@dataclass(frozen=True)
class Choice:
    """Limit a question to documents by path and by date; None means all, no paths means none at all."""

    documents: tuple[str, ...] | None = None
    since: str | None = None
    until: str | None = None

    @classmethod
    def of(cls, documents: list[str] | None, since: str, until: str) -> "Choice":
        """Make a choice of what a visitor gave; empty dates are none."""
        return cls(tuple(documents) if documents else None, since.strip() or None, until.strip() or None)


ALL = Choice()


def choice_label(choice: Choice) -> str:
    """Return what the next question is asked of, in words."""
    number = None if choice.documents is None else len(choice.documents)
    counted = "all documents" if number is None else f"{number:,} chosen document{'' if number == 1 else 's'}"
    dates = "".join(f", {word} {visible(date)}" for word, date in (("from", choice.since), ("to", choice.until)) if date)
    return f"Asking {counted}{dates}"
