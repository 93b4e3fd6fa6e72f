"""The report that the sample PDFs hold, each laid out by another program: its words, in order."""

TITLE = "The Harbour of Wick Sound"
AUTHOR = "Ada Fenwick"

OPENING = [
    "The harbour board publishes this report every spring; it is efficient, official and brief.",
    "Its first office stood on the northern quay, where the flour ships used to find a berth.",
]

CHAPTERS = [
    ("Wind and water", "The mean tide at the outer mole is 2.4 metres, which the pilots call a lazy tide."),
    ("Ships and cargo", "In the year of the report 318 ships called, of which forty were carrying salted fish."),
    ("Light and sound", "The fog horn on the eastern mole was replaced by a whistling buoy in the autumn."),
    ("People at work", "Eleven pilots serve the harbour; the youngest of them, Tom Reay, was licensed in May."),
    ("Money", "Harbour dues brought in 48,200 crowns, and dredging alone cost 31,750 crowns."),
    ("The long mole", "The long mole was begun by the engineer Isobel Gunn and finished after nineteen winters."),
]
"""A heading and a sentence each, with fillers after them; each begins a page, the first one page 2."""

FILLER = [
    "Nothing else in this chapter differs from what was reported before, and no figure was corrected.",
    "The committee visited the site twice and was received with great courtesy on both occasions.",
    "Measurements were taken by the usual method, with instruments that had been compared beforehand.",
]

CROSSING = (
    "This sentence is so long that it begins on one page and is finished on another, because the board, "
    "which had much to say about the weather of that unquiet winter, "
    + ", ".join(f"about storm number {number} that was followed by calm number {number}" for number in range(1, 61))
    + ", and about the peace of the spring, never came to an end."
)

TABLE = [("Quay", "Depth", "Cranes"), ("North", "6.5 m", "two"), ("East", "8.0 m", "five"), ("Fish market", "4.2 m", "none")]

BULLETS = [
    "Ropes are to be coiled before sunset.",
    "Lamps are to be trimmed by the watch, and a lamp that was blown out is to be reported.",
    "Dogs stay on board.",
]

COLUMNS = [
    f"Column paragraph {word} speaks of the gulls, which are numerous in every season and whose number nobody has "
    f"counted since the warden of the rock gave up his post; it ends with the word {word}."
    for word in "one two three four five six seven eight".split()
]

HEADER = "Harbour board · Annual report"
