"""Tell whether a passage holds an answer."""

from qa.answer import Hit, Place
from qa.questions.records import Gold


def places_of(hit: Hit) -> tuple[Place, ...]:
    """Return where a hit's passage stands, and then its copies."""
    return (Place(hit.document, hit.start, hit.end, hit.line), *hit.also_in)


def holds(place: Place, gold: Gold) -> bool:
    """Tell whether a passage's place holds an answer whole, or is in the document that is one."""
    return place.document == gold.document and (gold.whole or (place.start <= gold.start and gold.end <= place.end))
