"""A follow-up takes from the turns before what it lacks; a question that lacks nothing stays as it is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Engine, build_index
from qa.answer import Answer, AnswerSpan
from qa.follow_ups import Exchange, alone, exchange_of, rewrite
from qa.follow_ups.capitals import capitalised
from qa.follow_ups.phrases import phrases
from tests.benchmarks.follow_ups import CONVERSATIONS, WAYS, Reached, ask_all
from tests.conftest import hostile_texts

CORPUS = Path(__file__).parents[1] / "corpus"


@pytest.mark.parametrize(
    ("before", "answer", "typed", "asked"),
    [
        ("When did Ada Byron move to London?", "", "How old was she?", "How old was Ada Byron?"),
        ("Who built the lighthouse?", "Jan Kowalski", "What was his trade?", "What was Jan Kowalski’s trade?"),
        ("What does the harbour office do?", "", "Who pays for it?", "Who pays for the harbour office?"),
        ("How many towers does Quibblesworth have?", "", "How many bridges?", "How many bridges does Quibblesworth have?"),
        ("How many people lived in Oslo in 1900?", "", "and in 1950?", "How many people lived in Oslo in 1950?"),
        ("How many people lived in Oslo?", "", "And by 1950?", "How many people lived in Oslo by 1950?"),
        ("Was anyone dismissed?", "", "How many foster carers left?", "How many foster carers left?"),
        ("Was anyone dismissed?", "", "How many carers?", "How many carers (anyone dismissed)?"),
        ("Was Ada Byron pleased with the report?", "", "And Jan Kowalski?", "Was Jan Kowalski pleased with the report?"),
        ("When was Fort Caroline destroyed?", "", "what about Fort Rosalie?", "When was Fort Rosalie destroyed?"),
        ("What did the report say about schools?", "", "And about roads?", "What did the report say about roads?"),
        ("Did the council close the library?", "", "Why?", "Why did the council close the library, or why not?"),
        ("Did the council close the library?", "", "Why not?", "Why did the council close the library, or why not?"),
        ("Where did the poet settle in South Carolina?", "", "Who lived there?", "Who lived in South Carolina?"),
        ("Which priorities does the plan set?", "", "Are roads among them?", "Are roads among the priorities?"),
        (
            "Has the bridge been closed?",
            "",
            "When did that happen?",
            "When did that happen (the bridge been closed)?",
        ),
    ],
)
def test_what_is_missing_is_taken_from_the_turn_before(before: str, answer: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before, answer)]) == asked


@pytest.mark.parametrize(
    ("before", "typed", "asked"),
    [
        ("When was Sallow End library destroyed?", "When was it rebuilt?", "When was Sallow End library rebuilt?"),
        ("When was Sallow End library first shut?", "When was it rebuilt?", "When was Sallow End library rebuilt?"),
        ("Is Sallow End library open?", "Who runs it?", "Who runs Sallow End library?"),
        ("When was Lower Mill primary school closed?", "Who ran it?", "Who ran Lower Mill primary school?"),
        ("When was the bridge built?", "Who paid for it?", "Who paid for the bridge?"),
        ("What did the Canal Wharf bridge cost?", "Who paid for it?", "Who paid for the Canal Wharf bridge?"),
        ("What did the Canal Wharf contract cost?", "Who paid for it?", "Who paid for the Canal Wharf contract?"),
        ("When did the Canal Wharf bridge open?", "Who paid for it?", "Who paid for the Canal Wharf bridge?"),
        ("When did Britain declare war?", "Who governed it?", "Who governed Britain?"),
        ("What did Jan Kowalski teach pupils?", "When did he stop?", "When did Jan Kowalski stop?"),
        ("When was Jan Kowalski appointed director?", "When did he stop?", "When did Jan Kowalski stop?"),
    ],
)
def test_a_name_goes_on_until_its_verb(before: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before)]) == asked


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("Dr. Ian J. Frost", "When did Dr. Ian J. Frost start?"),
        ("Prof Frost", "When did Prof Frost start?"),
        ("the Duke of Kent", "When did the Duke of Kent start?"),
        ("Dr", "When did he start (runs the Allotments Panel)?"),
        ("Cllr.", "When did he start (runs the Allotments Panel)?"),
        ("Councillor", "When did he start (runs the Allotments Panel)?"),
        ("five members", "When did he start (runs the Allotments Panel)?"),
        ("Allotments Panel", "When did he start (runs the Allotments Panel)?"),
        ("the BBC", "When did he start (runs the Allotments Panel)?"),
        ("the mayor", "When did he start (the mayor runs the Allotments Panel)?"),
    ],
)
def test_only_a_name_stands_for_a_person(answer: str, asked: str) -> None:
    assert rewrite("When did he start?", [Exchange("Who runs the Allotments Panel?", answer)]) == asked


def test_a_title_is_nobody_and_nobody_else_is_meant() -> None:
    earlier = [Exchange("When did Helen Marlowe retire?", "in 2019"), Exchange("Who succeeded Helen Marlowe?", "Dr")]
    assert rewrite("When did he start?", earlier) == "When did he start (succeeded Helen Marlowe)?"


@pytest.mark.parametrize(
    ("marked", "seen"), [("Dr", "Dr. Ian Frost"), ("Dr.", "Dr. Ian Frost"), ("Professor", "Professor"), ("Sir", "Sir")]
)
def test_a_title_marked_alone_is_completed_from_its_passage(tmp_path: Path, marked: str, seen: str) -> None:
    text = "Helen Marlowe was followed as head of the school by Dr. Ian Frost in May. A Professor, who was not Sir\nEthan, left."
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "school.txt").write_text(text, encoding="utf-8")
    build_index(tmp_path / "corpus", tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        answer = engine.ask("Who followed Helen Marlowe as head of the school?")
    assert isinstance(answer, Answer)
    start = text.index(marked)
    span = AnswerSpan(1, start, start + len(marked))
    assert exchange_of(replace(answer, text=marked, spans=(span,))) == Exchange(answer.question, seen)


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        ("Why did the government send a commissioner to Medway?", "Who was the commissioner?"),
        ("Why did the minister dismiss the director?", "Who was the director?"),
        ("Why did a director speak to the minister?", "Who was the director?"),
        ("When was the commissioner appointed?", "Who was the commissioner?"),
        ("Why did the council build the bridge?", "Who was it (the council build the bridge)?"),
        ("Who chairs the panel?", "Who was it (chairs the panel)?"),
    ],
)
def test_who_it_was_asks_for_an_office_and_not_for_a_body(before: str, asked: str) -> None:
    assert rewrite("Who was it?", [Exchange(before)]) == asked


def test_a_whole_question_takes_no_year_from_the_one_before() -> None:
    assert rewrite("Who is the auditor?", [Exchange("What was the audit fee in 2022/23?")]) == "Who is the auditor?"


@pytest.mark.parametrize(
    ("before", "typed", "asked"),
    [
        ("How much does Brightwater get a month?", "What about VAT?", "How much does Brightwater get a month, VAT?"),
        ("Who chairs the panel?", "What about VAT?", "Who chairs the panel, VAT?"),
        ("When did Britain join NATO?", "What about EFTA?", "When did Britain join EFTA?"),
        ("When did Britain join NATO?", "What about the USA?", "When did the USA join NATO?"),
        ("How much does Brightwater get a month?", "What about Clearwater?", "How much does Clearwater get a month?"),
        ("What does the report say about roads?", "What about VAT?", "What does the report say about VAT?"),
    ],
)
def test_an_abbreviation_takes_no_written_out_name_s_place(before: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before)]) == asked


@pytest.mark.parametrize(
    "question",
    [
        "Who chairs the harbour board?",
        "And when did Ada Byron die?",
        "What is safeguarding?",
        "How did Ada Byron feel when she left?",
        "Did the mayor thank the staff for their work?",
        "Is it true that the library was closed?",
        "What about the police, whom did they help in other towns?",
        "Which of the bridges has one of its towers left?",
        "What did the report say about those who left the town?",
    ],
)
def test_a_new_topic_is_left_alone(question: str) -> None:
    assert rewrite(question, [Exchange("When was Jan Kowalski appointed director of the museum?", "in 1911")]) == question


def test_a_person_is_looked_for_further_back_than_a_thing() -> None:
    earlier = [Exchange("When was Ada Byron born?"), Exchange("How long is the river?")]
    assert rewrite("Where did she live?", earlier) == "Where did Ada Byron live?"
    assert rewrite("Where does it end?", earlier) == "Where does the river end?"


def test_earlier_follow_ups_are_completed_in_turn() -> None:
    asked: list[str] = []

    class Nothing:
        passages = ()

        def __init__(self, question: str) -> None:
            self.question = question

    def ask(question: str) -> Nothing:
        asked.append(question)
        return Nothing(question)

    turns = ["Which rating did the school get in 2013?", "and in 2015?"]
    assert alone("and in 2019?", turns, ask) == "Which rating did the school get in 2019?"  # type: ignore[arg-type]
    assert asked == ["Which rating did the school get in 2013?", "Which rating did the school get in 2015?"]


@given(hostile_texts)
def test_without_earlier_turns_nothing_changes(question: str) -> None:
    assert rewrite(question, []) == question


_small = st.lists(
    st.sampled_from(
        "and what about it they her there that why who which how many of the is did 2013 Ada Byron board ? , in".split()
    ),
    max_size=10,
).map(" ".join)


@given(st.one_of(_small, hostile_texts), st.lists(st.builds(Exchange, st.one_of(_small, hostile_texts), _small), max_size=4))
def test_whatever_is_typed_something_is_asked(question: str, earlier: list[Exchange]) -> None:
    asked = rewrite(question, earlier)
    assert bool(asked.strip()) == bool(question.strip())


@given(st.one_of(_small, hostile_texts))
def test_phrases_stand_where_they_say(text: str) -> None:
    for phrase in phrases(text):
        assert text[phrase.start : phrase.end] == phrase.text != ""


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Reached]]:
    """Hold the conversations in three ways on the shipped corpus."""
    index = tmp_path_factory.mktemp("follow") / "index"
    build_index(CORPUS, index)
    conversations = [json.loads(line) for line in CONVERSATIONS.read_text(encoding="utf-8").splitlines()]
    assert len(conversations) >= 40
    assert sum(conversation["turns"][-1]["kind"] == "new topic" for conversation in conversations) >= 12
    with Engine.open(index) as engine:
        return {name: ask_all(engine, conversations, WAYS[name]) for name in ("as typed", "all turns glued", "rewritten")}


def shown(turns: list[Reached]) -> int:
    """Count the turns whose right passage is shown."""
    return sum(turn.rank is not None for turn in turns)


def test_four_of_five_follow_ups_reach_the_right_passage(reached: dict[str, list[Reached]]) -> None:
    follow_ups = [turn for turn in reached["rewritten"] if not turn.new_topic]
    assert shown(follow_ups) >= 0.8 * len(follow_ups)


def test_new_topics_are_not_bent_by_the_old_one(reached: dict[str, list[Reached]]) -> None:
    assert [turn.asked for turn in reached["rewritten"] if turn.new_topic and turn.asked != turn.typed] == []


def test_rewriting_beats_never_rewriting_and_always_gluing(reached: dict[str, list[Reached]]) -> None:
    rewritten = shown(reached["rewritten"])
    assert rewritten > shown(reached["as typed"])
    assert rewritten > shown(reached["all turns glued"])


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("How many bins were missed in 2022/23?", "How many in 2021/22?", "How many bins were missed in 2021/22?"),
        ("How many carers were there in Holm in 2013?", "how many in Tarn?", "How many carers were there in Tarn in 2013?"),
        ("What rating did the board give in 2019?", "What in March 2013?", "What rating did the board give in March 2013?"),
        ("How many carers were there?", "How many in total left?", "How many in total left?"),
        ("How many carers were there?", "What in the report was wrong?", "What in the report was wrong?"),
    ],
)
def test_how_many_in_another_year_or_place_asks_the_same_of_it(before: str, question: str, expected: str) -> None:
    assert rewrite(question, [Exchange(before)]) == expected


SEEN = """# The Salt Road
Celia Thorne's *Journal of a Salt Road* was printed in 1801. The Greaves Library bought it. Later Mr Poole of the
Hexley works, who made Second Helping known, sold a second copy. Prices rose. Faculty: Arts; Error: E02. A trust, the Board."""


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("who wrote about celia thorne's road", "who wrote about Celia Thorne's road"),
        ("how much did poole get", "how much did Poole get"),
        ("what is second helping", "what is Second Helping"),
        ("what is a second copy", "what is a second copy"),
        ("is the library shut", "is the library shut"),
        ("does the greaves library open", "does the Greaves Library open"),
        ("why did prices rise", "why did prices rise"),
        ("how many arts students left", "how many arts students left"),
        ("what does e02 mean", "what does E02 mean"),
        ("what does the trust own", "what does the trust own"),
        ("did Celia meet mr poole", "did Celia meet mr poole"),
        ("did ms quibble and dr. zed agree", "did Ms Quibble and Dr. Zed agree"),
        ("did i miss mr poole", "did i miss Mr Poole"),
    ],
)
def test_a_name_gets_the_capitals_it_has_in_the_passages(typed: str, named: str) -> None:
    assert capitalised(typed, SEEN) == named


@given(hostile_texts, hostile_texts)
def test_giving_capitals_changes_nothing_else(text: str, seen: str) -> None:
    assert capitalised(text, seen).casefold() == text.casefold()


def test_a_pasted_text_is_not_searched_for_names() -> None:
    assert capitalised("who is poole " * 20, SEEN) == "who is Poole " * 20
    assert capitalised("who is poole " * 21, SEEN) == "who is poole " * 21


def test_names_typed_small_are_known_by_the_passages_that_were_found(tmp_path: Path) -> None:
    text = "In the spring Ada Byron paid 40 pounds for the lamps of the Harbour Theatre. In Quibblesworth nobody paid."
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "lamps.txt").write_text(text, encoding="utf-8")
    build_index(tmp_path / "corpus", tmp_path / "index")
    with Engine.open(tmp_path / "index") as engine:
        earlier = [exchange_of(engine.ask("how much did ada byron pay for the lamps"))]
    assert rewrite("did she complain?", earlier) == "did Ada Byron complain?"
    assert rewrite("and quibblesworth?", earlier) == "how much did Quibblesworth pay for the lamps"
    assert rewrite("who runs the harbour theatre?", earlier) == "who runs the harbour theatre?"


@pytest.mark.parametrize(
    ("before", "answer", "typed", "asked"),
    [
        ("Who was Celia Thorne?", "Journal", "Where is she buried?", "Where is Celia Thorne buried?"),
        ("Who was Thorne?", "Ada Byron", "Where is she buried?", "Where is Thorne buried?"),
        ("Who is the judge?", "Celia Thorne", "Where does she live?", "Where does Celia Thorne live?"),
        ("Who was Celia Thorne's servant?", "Hannah Bligh", "Where is she buried?", "Where is Hannah Bligh buried?"),
        ("When was Celia Thorne's Journal printed?", "1801", "Where is she buried?", "Where is Celia Thorne buried?"),
        (
            "Who printed Celia Thorne's Letters?",
            "Journal",
            "When did she die?",
            "When did she die (printed Celia Thorne's Letters)?",
        ),
        ("Who printed Celia Thorne's Letters?", "Poole", "When did he die?", "When did Poole die?"),
        ("Who founded Second Helping?", "", "When did she start?", "When did she start (founded Second Helping)?"),
        ("how much did dr quibble pay", "", "did he appeal?", "did Dr Quibble appeal?"),
    ],
)
def test_the_person_asked_about_comes_before_what_only_looks_like_one(before: str, answer: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before, answer, SEEN)]) == asked


@pytest.mark.parametrize(
    ("before", "typed", "asked"),
    [
        ("How content were students in Arts and Humanities in 2023?", "And in Engineering?", "{} in Engineering in 2023?"),
        ("How content were students in Arts and Humanities?", "And in Law and Business?", "{} in Law and Business?"),
        ("how content were students in arts and humanities", "and in engineering?", "{} in engineering"),
        ("How content were students in Arts, Languages & Music?", "And in Engineering?", "{} in Engineering?"),
        ("How content were students?", "and in engineering?", "{} in engineering?"),
        ("How content were students?", "And in Engineering?", "{} in Engineering?"),
        ("How content were students of the Arts?", "And Engineering?", "{} of Engineering?"),
    ],
)
def test_what_and_joins_is_replaced_as_a_whole(before: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before)]) == asked.format(f"{before[0]}ow content were students")


@pytest.mark.parametrize(
    ("before", "typed", "asked"),
    [
        ("When was Marks and Spencer founded?", "Who runs it?", "Who runs Marks and Spencer?"),
        ("When did Ada Byron and Jan Kowalski meet?", "Where did they live?", "Where did Ada Byron and Jan Kowalski live?"),
        ("Who lived in Oslo and worked in Bergen?", "And in Rome?", "Who lived in Rome and worked in Bergen?"),
        ("When was Marks and when was Spencer born?", "Where did he live?", "Where did Marks live?"),
    ],
)
def test_a_pronoun_stands_for_all_that_and_joins(before: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before)]) == asked


@pytest.mark.parametrize(
    ("before", "answer", "typed", "asked"),
    [
        ("When will the unit reopen?", "12 June", "Why?", "Why will the unit reopen (12 June)?"),
        ("When will the unit reopen?", "", "Why?", "Why will the unit reopen?"),
        ("Has the bar reopened?", "It has not.", "Why?", "Why has the bar reopened, or why not?"),
        ("Has the bar reopened?", "It has not.", "When?", "When has the bar reopened?"),
        ("When did the bar reopen?", "in 2019", "For how long?", "For how long did the bar reopen?"),
    ],
)
def test_why_claims_nothing_that_the_answer_may_deny(before: str, answer: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before, answer)]) == asked


@pytest.mark.parametrize(
    ("before", "typed", "asked"),
    [
        ("How much was paid to the council?", "Did that help?", "Did that help (paid to the council)?"),
        ("How much did the council pay for lamps?", "Did that help?", "Did that help (the council pay for lamps)?"),
        ("How much rent does a house cost?", "Is that fair?", "Is that fair (rent a house cost)?"),
        ("How fast do wardens reply?", "Is that usual?", "Is that usual (wardens reply fast)?"),
        ("How many meals did cooks make in 2022?", "Was that new?", "Was that new (meals cooks make in 2022)?"),
        ("How many meals did cooks make in 2022?", "How many fans had that?", "How many fans had that (cooks make in 2022)?"),
        ("How many meals did cooks make in May 2022?", "Was that so in 2021?", "Was that so in 2021 (meals cooks make)?"),
        ("Did the 2022 visit help?", "And was that so in 2021?", "was that so in 2021 (the visit help)?"),
        ("When may tenants leave?", "Was that so in 2021?", "Was that so in 2021 (tenants leave)?"),
    ],
)
def test_the_topic_reads_on_and_brings_nothing_that_is_asked_anew(before: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before)]) == asked


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("What did it cost to rebuild the shop?", "What did it cost to rebuild the shop?"),
        ("How long does it take a nurse to reply?", "How long does it take a nurse to reply?"),
        ("Is it safe to open the valve?", "Is it safe to open the valve?"),
        ("What did it cost?", "What did the pump cost?"),
        ("What did it cost to the council?", "What did the pump cost to the council?"),
        ("Is it safe?", "Is the pump safe?"),
        ("Was it moved to Redruth?", "Was the pump moved to Redruth?"),
    ],
)
def test_an_it_that_stands_for_nothing_stays(typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange("When was the pump built?")]) == asked


@pytest.mark.parametrize(
    ("before", "typed", "asked"),
    [
        ("How many left between 2019 and 2022?", "and in 2021?", "How many left in 2021?"),
        ("How many left between 2019 and 2022?", "What about 2021?", "How many left in 2021?"),
        ("How many left between 2010 and 2014?", "and between 2015 and 2018?", "How many left between 2015 and 2018?"),
        ("How many left from April 2010 to March 2014?", "and since 2018?", "How many left since 2018?"),
        ("Between 2010 and 2014, how many left?", "and in 2021?", "In 2021, how many left?"),
        ("How many left between the years 2010 and 2014?", "and in 2021?", "and in 2021?"),
        ("How many left from 2010 to the end of 2014?", "and in 2021?", "and in 2021?"),
        ("How many left before 2010?", "and after 2015?", "How many left after 2015?"),
        ("How many left at the end of 2010?", "and in 2015?", "How many left at the end of 2015?"),
        ("What was the fee in 2019/20?", "and in 2021?", "What was the fee in 2021?"),
        ("What did the 2019/20 report say?", "and in 2021/22?", "What did the 2021/22 report say?"),
        ("What was the fee in 2012–13?", "and in 2013–14?", "What was the fee in 2013–14?"),
        ("What was due on 14/7/2019?", "and in 2021?", "What was due on 14/7/2019 in 2021?"),
        ("What happens at 9:30?", "And at 10:30?", "What happens at 10:30?"),
        ("Who is on duty on Monday?", "and on Tuesday?", "Who is on duty on Tuesday?"),
        ("Who is on duty on Monday morning?", "and on Tuesday?", "Who is on duty on Tuesday morning?"),
        ("Who is on duty on Monday at 9:30?", "and on Tuesday?", "Who is on duty on Tuesday at 9:30?"),
        ("Who is on duty from Monday to Friday?", "What about Sunday?", "Who is on duty on Sunday?"),
    ],
)
def test_a_time_is_replaced_whole_and_with_its_preposition(before: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before)]) == asked


@pytest.mark.parametrize(
    ("before", "typed", "asked"),
    [
        ("How many orders were under £100?", "and under £500?", "How many orders were under £500?"),
        ("Which fines are over £100?", "and under £50?", "Which fines are under £50?"),
        ("Which fines are over £100 a day?", "and over £500?", "Which fines are over £500 a day?"),
        ("Which fines are for speeding over £100?", "and under 5%?", "Which fines are for speeding over £100 under 5%?"),
        ("How much is the grant of £100 a month?", "What about £500?", "How much is the grant of £500 a month?"),
        ("What costs from £100 to £200?", "and from £200 to £300?", "and from £200 to £300?"),
        ("What share is above 50%?", "What about 60%?", "What share is above 60%?"),
        ("Who won the 1,000 m race?", "And 1,500 m?", "Who won the 1,500 m race?"),
        ("Who won the 1500 m race?", "And in 2012?", "Who won the 1500 m race in 2012?"),
        ("How many under 18 were there in 2019?", "and under 16?", "How many under 16 were there in 2019?"),
        ("What does St. John's cost?", "What about St. Mary's?", "What does St. Mary's cost?"),
        ("What is spent in total in Oslo?", "and in Bergen?", "What is spent in total in Bergen?"),
    ],
)
def test_an_amount_or_a_name_is_replaced_whole(before: str, typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange(before)]) == asked


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("How much money is spent on IT?", "How much money is spent on IT?"),
        ("When did HE colleges open?", "When did HE colleges open?"),
        ("What about IT?", "What does Medway Council plan, IT?"),
        ("WHO PAYS FOR IT?", "WHO PAYS FOR Medway Council?"),
    ],
)
def test_a_pronoun_in_capitals_is_an_abbreviation(typed: str, asked: str) -> None:
    assert rewrite(typed, [Exchange("What does Medway Council plan?")]) == asked
