"""The words marked are checked against those written out here."""

from qa.extractor import Evidence, Weighed
from qa.records import Reading, Span
from qa.spans import WORDS_FROM, answer_span, answer_spans, words_of_kind


def test_the_words_marked_are_judged_by_what_is_asked_for() -> None:
    def kind(question: str, text: str, start: int, end: int) -> float:
        return words_of_kind(
            question, Weighed(0, Span(0, len(text)), text, frozenset(), 0.0, 0.0, Reading(1.0, Span(start, end), 1.0))
        )

    text = "Ada Voss left the mill in 1990."
    assert kind("Who left the mill?", text, 0, 8) == 1  # a name may come first
    assert kind("Who left the mill?", text, 18, 22) == -1
    assert kind("When did she leave?", text, 26, 30) == 1
    assert kind("How many left?", text, 0, 8) == -1
    assert kind("What did she leave?", text, 18, 22) == 0
    assert words_of_kind("Who left?", Weighed(0, Span(0, len(text)), text, frozenset(), 0.0, 0.0)) == 0


def test_the_sentence_stays_whole_where_its_words_are_doubtful() -> None:
    reading = Reading(3.0, Span(4, 8), 5.0)
    chosen = Evidence(Weighed(0, Span(100, 116), "The mill closed.", frozenset(), 0.0, 0.0, reading), 1.0)
    assert answer_spans("What closed?", chosen, WORDS_FROM) == (Span(104, 108),)
    assert answer_spans("What closed?", chosen, WORDS_FROM - 0.01) == (Span(100, 116),)


def test_the_answer_is_the_readers_words_only_where_words_are_asked_for() -> None:
    sentence = Weighed(0, Span(100, 116), "The mill closed.", frozenset(), 0.0, 0.0, Reading(3.0, Span(4, 8), 5.0))
    assert answer_span("What closed?", sentence) == Span(104, 108)
    assert answer_span("How many mills closed?", sentence) == Span(100, 116)  # the words hold no number
    assert answer_span("What is a mill?", sentence) == Span(100, 116)
    assert answer_span("What is the building that closed first?", sentence) == Span(104, 108)
    counted = Weighed(0, Span(100, 117), "The 3 mills closed.", frozenset(), 0.0, 0.0, Reading(3.0, Span(4, 5), 5.0))
    assert answer_span("How many mills closed?", counted) == Span(104, 105)
    assert answer_span("Why did it close?", sentence) == Span(100, 116)
    assert answer_span("Did it close?", sentence) == Span(100, 116)
    assert answer_span("What closed?", Weighed(0, Span(100, 116), "The mill closed.", frozenset(), 0.0, 0.0)) == Span(100, 116)


def test_words_that_answer_nothing_leave_the_sentence_whole_and_a_query_marks_the_cell_it_names() -> None:
    def answer(question: str, text: str, marked: str, headers: tuple[str, ...] = ()) -> str:
        start = text.index(marked)
        reading = Reading(3.0, Span(start, start + len(marked)), 5.0)
        span = answer_span(question, Weighed(0, Span(100, 100 + len(text)), text, frozenset(), 0.0, 0.0, reading), headers)
        return text[span.start - 100 : span.end - 100]

    assert answer("What do guests say of charges?", "Charges stay.", "Charges") == "Charges"  # a name, for all that is known
    assert answer("What do guests say of charges?", "Their charges stay.", "charges") == "Their charges stay."
    assert answer("What does E04 mean?", "E04\tSpring torn\tMend it", "Spring") == "Spring torn"
    assert answer("Who mends springs?", "E04\tAda of Holm\tMend it", "Ada") == "Ada"  # a name is asked for
    assert answer("Who kept the carts in 2020?", "Year: 2020; Carts: 44; Keeper: Ada Voss", "Ada Voss") == "Ada Voss"
    assert answer("How many carts did Ada Voss keep?", "Year: 2020; Carts: 44; Keeper: Ada Voss", "2020") == "44"
    whole = "Voss of Holm leaks for three days."
    assert answer("How much oil leaks?", whole, "three days") == whole
    assert answer("How much time is it leaking?", whole, "three days") == "three days"
    assert answer("How long does it leak?", whole, "three days") == "three days"
    assert answer("How much oil leaks?", "It leaks 2 litres in three days.", "2 litres in three days") == "2 litres in three days"
    assert answer("How many carts came?", "They came on 3 May 1999.", "3 May 1999") == "They came on 3 May 1999."
    assert answer("How many carts came?", "In all 1999 came.", "1999") == "1999"
    assert answer("Who came?", "She came in 1999 with 212 carters.", "1999") == "She came in 1999 with 212 carters."
    assert answer("Who came?", "She came in 1999 with 212 carters.", "212 carters") == "212 carters"
    assert answer("Who led before Mr Voss?", "Ada Voss led it.", "Ada Voss") == "Ada Voss led it."
    assert answer("Who leads it?", "It is led by Ada\nVoss of Holm.", "Ada") == "Ada\nVoss"  # over a line's end
    fares = "Class: Gym; Adult: £9.00; Child: n/a; Senior: –"  # what stands beside a gap is no answer
    assert answer("How much is the gym for a child?", fares, "£9.00") == "n/a"
    assert answer("How much is the gym for a senior?", fares, "£9.00") == fares
    assert answer("How much is the gym for an adult?", fares, "£9.00") == "£9.00"
    empty = "| Gym | £9.00 |  | £4.50 |"
    assert answer("How much is the gym for a child?", empty, "£9.00", ("Class", "Adult", "Child", "Senior")) == empty
    row = "Measure: Toll; 2021: 8.5; 2022: 9%"
    assert answer("toll 2021", row, "8.5") == "8.5"
    assert answer("cost of toll 2022", row, "8.5") == row  # a share is no sum
    assert answer("why the toll 2021", row, "8.5") == row
    assert answer("is the toll 2021 high", row, "8.5") == row


def test_who_somebody_is_is_told_by_what_stands_beside_the_name_and_never_by_another_name() -> None:
    def chosen(text: str, marked: str) -> Weighed:
        start = text.index(marked)
        reading = Reading(3.0, Span(start, start + len(marked)), 5.0)
        return Weighed(0, Span(100, 100 + len(text)), text, frozenset(), 0.0, 0.0, reading)

    told = chosen("Bea Moss met Ada Holm, the harbour's\nchief pilot, in May.", "Bea Moss")
    span = answer_span("who is ada holm", told)
    assert told.text[span.start - 100 : span.end - 100] == "the harbour's\nchief pilot"
    assert words_of_kind("Who is Ada Holm?", told) == 1
    assert words_of_kind("Who met Ada Holm?", told) == 1
    untold = chosen("Bea Moss met Ada Holm in May.", "Bea Moss")
    assert answer_span("Who is Ada Holm?", untold) == untold.span
    assert words_of_kind("Who is Ada Holm?", untold) == -1
