"""The words marked move to their counterpart in the sentence, and only where one alone is meant."""

import pytest

from qa.counterparts import not_given_up, not_the_one_named, of_the_clause_asked
from qa.records import Span

ACT = "It starts on 1 May 1998, save for Part 3, which starts on 1 June 1999."
TANKS = "The tank of the KP-20 takes 3.8 litres, that of the KP-30 5.5."
PUMP = "The pump is guaranteed for three years from that day, for the piston five."


def at(sentence: str, marked: str) -> Span:
    """Return where words stand in a sentence."""
    start = sentence.index(marked)
    return Span(start, start + len(marked))


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "meant"),
    [
        ("When did Part 3 start?", ACT, "1 May 1998", "1 June 1999"),
        ("When did Part 2 start?", ACT, "1 May 1998", "1 May 1998"),  # though Part 3 is a part
        ("How much does the KP-30 tank hold?", TANKS, "3.8 litres", "5.5"),
        ("How much does the KP-20 tank hold?", TANKS, "3.8 litres", "3.8 litres"),
        ("How much does the tank hold?", TANKS, "3.8 litres", "3.8 litres"),
        ("How long is the warranty of the piston?", PUMP, "three years", "five"),
        ("How long is the warranty of the pump?", PUMP, "three years", "three years"),
        ("How long are the pump and piston guaranteed?", PUMP, "three years", "three years"),  # both clauses are meant
        ("How many years is the piston guaranteed?", PUMP.replace("five", "five years"), "three years", "three years"),
        ("How long has the piston?", PUMP.replace("five", "five years"), "three years", "five years"),
        ("What has the piston?", PUMP.replace("five", "£5"), "three years", "three years"),  # a sum is no term
        ("How long has the piston?", PUMP.replace("five", "five bolts"), "three years", "three years"),
        ("How long has the piston?", "It runs for three years, the piston five or six.", "three years", "three years"),  # which?
        ("When did the carts go?", "On 2 May, the carts went with those of 1967.", "2 May", "2 May"),  # one clause
        (
            "When were carts banned?",
            "Carts were banned in 1850, and mules in 1870.",
            "1870",
            "1870",
        ),  # back
        ("How much did the inn cost?", "The bridge cost £1.2bn, while the inn cost £900k.", "£1.2bn", "£900k"),
        ("How heavy is the inn sign?", "The bell weighs 5kg, the inn sign 7kg.", "5kg", "7kg"),
        ("How heavy is the inn sign?", "The bell weighs 5kg, the inn sign hangs 7m up.", "5kg", "5kg"),  # another unit
        ("Who kept the inn?", "Ada Voss had mills, and Bern Holt the inn.", "Ada Voss", "Ada Voss"),  # a name
    ],
)
def test_the_value_of_the_later_clause_is_meant_where_the_question_names_it(
    question: str, sentence: str, marked: str, meant: str
) -> None:
    found = of_the_clause_asked(question, sentence, at(sentence, marked))
    assert sentence[found.start : found.end] == meant


MOVED = "Please move the fair to Monday 2 June instead of the 25 May."


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "meant"),
    [
        ("When is the fair?", MOVED, "25 May", "Monday 2 June"),
        ("When is the fair?", MOVED, "2 June", "2 June"),
        ("When was the fair originally?", MOVED, "25 May", "25 May"),
        ("When is the fair not?", MOVED, "25 May", "25 May"),
        ("When is the fair?", MOVED.replace(".", " at the mill or on 7 July."), "25 May", "25 May"),  # which of two?
        ("What does it cost?", "It costs £7, not £5, for 3 days.", "£5", "£7"),
        ("What does it cost?", "It costs £7, if not £5.", "£5", "£5"),
        ("What does it cost?", "It takes 7 days, not £5.", "£5", "£5"),  # of another kind
        ("How many went?", "No longer 12 carts go but 15.", "12 carts", "15"),
        ("Who leads it?", "Ada Voss rather than Bern Holt leads it.", "Bern Holt", "Ada Voss"),
        ("Who leads it?", "Ada Voss and Bern Holt lead it.", "Bern Holt", "Bern Holt"),
        ("What is sold?", "They sell barley, not oats.", "oats", "oats"),  # neither time, figure nor name
    ],
)
def test_what_was_given_up_gives_way_to_what_took_its_place(question: str, sentence: str, marked: str, meant: str) -> None:
    found = not_given_up(question, sentence, at(sentence, marked))
    assert sentence[found.start : found.end] == meant


CLERK = "The clerk is Ada Voss; in her absence, Bern Holt."


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "meant"),
    [
        ("Who stands in for Ada Voss?", CLERK, "clerk", "Bern Holt"),
        ("Who stands in for Mrs Voss?", CLERK, "Ada Voss", "Bern Holt"),
        ("Who stands in for Ada Voss's clerk?", CLERK, "Ada Voss; in her absence, Bern Holt", "Bern Holt"),
        ("Who stands in for Bern?", CLERK, "Bern", "Bern"),  # another Bern, for all that is known
        ("Who stands in for the clerk?", CLERK, "Ada Voss", "Ada Voss"),
        ("Who is Voss?", CLERK, "Ada Voss", "Ada Voss"),
        ("Who is clerk, Voss or Holt?", CLERK, "Ada Voss", "Ada Voss"),
        ("Who is the sister of Paul Voss?", CLERK, "Ada Voss", "Ada Voss"),
        ("Who leads with Paul Voss?", CLERK, "Ada Voss", "Ada Voss"),  # a namesake
        ("What is led by Voss?", CLERK, "Ada Voss", "Ada Voss"),
        ("Who was clerk before Mr Voss?", "Mr Paul Voss, clerk of Holm", "Mr Paul Voss", None),
        ("Who was clerk before Ada Voss?", CLERK.replace("Holt", "Holt or Carl Lund"), "Ada Voss", None),
        ("Who stands in for Ada Voss?", CLERK.replace("Holt", "Holt or Carl Lund"), "clerk", "clerk"),
    ],
)
def test_who_is_asked_for_is_not_the_one_whom_the_question_names(
    question: str, sentence: str, marked: str, meant: str | None
) -> None:
    found = not_the_one_named(question, sentence, at(sentence, marked))
    assert (found and sentence[found.start : found.end]) == meant
