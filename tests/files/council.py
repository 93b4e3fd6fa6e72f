"""A council's action plan, each laid out by another program: tables whose cells take several lines, numbered paragraphs."""

BEFORE = "The board has agreed a plan for the harbour, which all who use it are to carry out together over the next three years."
AFTER = "The plan is to be read again each spring, and what is done by then is to be crossed out by the clerk in red ink."

PLAN = [
    ["Action", "Lead officer", "Due", "Progress so far"],
    [
        "Hire twelve more lightkeepers, so that no lamp on the outer mole goes without one for a night",
        "Head of Lamps, Ada Fenwick",
        "March 2024",
        "Nine of the twelve are hired; three remain to be found before the autumn storms",
    ],
    ["Count the buoys", "Pilot master", "Monthly", "28 were counted in May"],
    [
        "Train the pilots to read the new charts and see to it that they do so at least once every four weeks",
        "Tom Reay",
        "June 2024",
        "Not begun, because the teacher was withdrawn",
    ],
]

FACTS = [
    ["Report to:", "Harbour board"],
    ["Written by:", "Isobel Gunn, engineer of the long mole, who also sits on the committee for dredging and soundings"],
    ["Ward:", "All"],
]

NUMBERED = [
    ("1.", 0, "Powers"),
    ("1.1", 1, "The board may close the harbour."),
    ("1.2", 1, "It must tell beforehand:"),
    ("(a)", 2, "all masters of ships;"),
    ("(b)", 2, "the pilots; and"),
    ("(i)", 3, "their apprentices."),
    ("2.", 0, "Costs"),
    ("2.1", 1, "The cost is borne by the dues."),
]
"""Each paragraph's number as it is shown, its level in the list, and its words; those of level 0 are headings."""

NOTED = ("The ferry leaves at 06:40", "Set in 2019 by the board.", " every day.")
"""A paragraph around the mark of its footnote."""


def rows(table: list[list[str]]) -> list[str]:
    """Return the rows of a table below its header as they are to be read."""
    return ["; ".join(f"{name}: {cell}" for name, cell in zip(table[0], row, strict=True)) for row in table[1:]]
