"""Who somebody is, told by words beside the name, and not asked where a post is."""

import pytest

from qa.identity import person_asked, told_of


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who is Ada Holm?", "Ada Holm"),
        ("who was ada holm", "ada holm"),
        ("Who's Cllr Holm?", "Holm"),
        ("Who was Ludwig van der Aa?", "Ludwig van der Aa"),
        ("who is rory paterson", "rory paterson"),
        ("Who is responsible?", None),
        ("Who is Chief Executive?", None),
        ("who is deputy head", None),
        ("Who is in charge?", None),
        ("Who is the chair of the Board?", None),
        ("Who is Ada Holm's successor as chair?", None),
        ("Who was Ada Holm's uncle?", None),
        ("who was ada's uncle", None),
        ("Who was Westmere's main rival?", None),
        ("Who was Holm main rival?", None),
        ("Who appointed Ada Holm?", None),
        ("Who is providing funding?", None),
        ("who is paying rent", None),
        ("who was arrested twice", None),
        ("Who is financially responsible?", None),
        ("who is ada reed", "ada reed"),
        ("who was billy ming", "billy ming"),
        ("who was alfred browning", "alfred browning"),
        ("Who is Ada Fielding?", "Ada Fielding"),
    ],
)
def test_a_person_is_asked_for_only_by_name(question: str, name: str | None) -> None:
    assert person_asked(question) == name


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Ada Holm is the chair of the Harbour Board.", "the chair of the Harbour Board"),
        ("Ada Holm (1871–1940) was an engineer from Westmere, and a writer.", "an engineer from Westmere"),
        ("Ada Holm, who is lead member for schools, spoke first.", "lead member for schools"),
        ("Dr Holm, head of the Fisheries Office since 2019, spoke.", "head of the Fisheries Office"),
        ("The plan was praised by Ada Holm, Westmere's harbour master.", "Westmere's harbour master"),
        ("Ada Holm, the harbour's chief pilot, spoke first.", "the harbour's chief pilot"),
        ("Like Ada Holm, the crew said nothing, and left.", None),
        ("The report of the commissioner, Ada Holm, came late.", "the commissioner"),
        ("The minister dismissed Commissioner Ada Holm in May.", "Commissioner"),
        ("The Board appointed Ada Holm as adviser to the crews.", "adviser to the crews"),
        ("Ada Holm was appointed deputy warden in 2021.", "deputy warden"),
        ("The paper called Ada Holm a tireless reporter.", "a tireless reporter"),
        ("Ada Holm chaired the meeting, and the director of works left.", None),
        ("In the winter, Ada Holm went to sea.", None),
        ("According to Ada Holm, the crews' part in the Board helps everyone.", None),
        ("Bea Holm is the chair of the Board.", None),
        ("Ada Holmes is the chair of the Board.", None),
        ("Ada Holm's brother is the chair of the Board.", None),
        ("The chair spoke, said Ada Holm.", None),
        ("The Board appointed Ada Holm as (interim) director.", "(interim) director"),
        ("Ada Holm is the (acting) chair of the Board (see page 3).", "the (acting) chair of the Board"),
        ("Ada Holm is the, well, nobody knew.", None),
    ],
)
def test_what_stands_beside_the_name_tells_who_that_is(sentence: str, told: str | None) -> None:
    found = told_of("Who is Ada Holm?", sentence)
    assert (sentence[found.start : found.end] if found else None) == told
    assert told_of("who is ada holm", sentence) == found
    assert told_of("Who chairs the Board?", sentence) is None


def test_a_word_that_is_no_name_where_it_stands_tells_nothing() -> None:
    assert told_of("who is long haul", "The long haul is the hardest part of the voyage.") is None


@pytest.mark.parametrize(
    ("question", "sentence", "told"),
    [
        ("Who is Émile Zola?", "Émile Zola was a French novelist.", "a French novelist"),
        ("who is émile zola", "They met Émile Zola, Élise's uncle, and left.", "Élise's uncle"),
        ("who is émile zola", "They read émile zola, the writer.", None),
    ],
)
def test_a_name_may_begin_with_any_large_letter(question: str, sentence: str, told: str | None) -> None:
    found = told_of(question, sentence)
    assert (sentence[found.start : found.end] if found else None) == told
