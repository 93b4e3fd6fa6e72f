"""The years that questions ask for and texts give."""

import pytest

from qa.years import agree, years_beside, years_of


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("in 2013", [(2013, 2013)]),
        ("2021/22 and 2022–23", [(2021, 2022), (2022, 2023)]),
        ("the 1950s, or 1960's", [(1950, 1959), (1960, 1969)]),
        ("between 1994 and 1999", [(1994, 1999)]),
        ("2020 and 2022", [(2020, 2020), (2022, 2022)]),
        ("from 1763 to 1775 (1763–1775)", [(1763, 1775), (1763, 1775)]),
        ("before 2000, since 2013", [(0, 2000), (2013, 9999)]),
        ("since 2019/20, before the 1990s", [(2019, 9999), (0, 1999)]),
        ("the 2019 to 2023 plan", [(2019, 2023)]),
        ("1999/00 and 1999/2000", [(1999, 2000), (1999, 2000)]),
        ("from 2013", [(2013, 9999)]),
        ("on 2010-12-05", [(2010, 2010)]),
        ("on 14/07/2019, 1.7.2020 and 14-07-2021", [(2019, 2019), (2020, 2020), (2021, 2021)]),
        ("£1200, 1,763, 2013.5, 19000, a2013, 1800% and 1800 %", []),
    ],
)
def test_years_are_stretches_of_years(text: str, years: list[tuple[int, int]]) -> None:
    assert years_of(text) == years


def test_years_of_account_agree_only_with_themselves_and_with_their_single_years() -> None:
    assert agree((2021, 2022), (2021, 2022))
    assert not agree((2021, 2022), (2022, 2023))
    assert agree((2021, 2022), (2022, 2022))
    assert not agree((2013, 2013), (2014, 2014))
    assert agree((1950, 1959), (1955, 1955))


@pytest.mark.parametrize(
    ("text", "around", "years"),
    [
        ("In 2021–22 there were 311; in the year before, 298.", "", [(2020, 2021)]),
        ("It made 7 in 2013 and 9 a year later.", "Report of 2019", [(2014, 2014)]),  # its own year comes first
        ("It made 7, and 5 the previous year.", "Report of 2019", [(2018, 2018)]),
        ("It made 7 in 2013, 5 the previous year and 8 the following year.", "", [(2012, 2012), (2014, 2014)]),
        ("It made 7 in 2013 and 9 in 2015, and 5 the previous year.", "", []),  # previous to which?
        ("It made 7 since 2013, and 5 the previous year.", "", []),
        ("It made 7, and 5 the previous year.", "", []),
        ("In 1960, the year before she died, it closed.", "", []),
        ("In 1960 it closed for a year.", "", []),
    ],
)
def test_a_year_named_by_another_is_told_from_the_only_one_given(text: str, around: str, years: list[tuple[int, int]]) -> None:
    assert years_beside(text, around) == years


@pytest.mark.parametrize(
    ("text", "around", "dated", "years"),
    [
        ("It made 7 last year.", "", "2019", [(2018, 2018)]),
        ("It made 7 this year.", "", "2019", [(2019, 2019)]),
        ("It made 7 last year, and 5 the year before.", "Report of 2012", "2019", [(2018, 2018), (2017, 2017)]),
        ("It made 7, and 5 the previous year.", "", "2019", [(2018, 2018)]),
        ("It made 7, and 5 the previous year.", "Report of 2012", "2019", [(2011, 2011)]),  # the title is nearer than the date
        ("In 2013 it made 7, and 5 the previous year.", "", "2019", [(2012, 2012)]),
        ("It made 7 last year.", "Report of 2012", "", []),  # nobody knows when it was written
    ],
)
def test_last_year_is_that_before_the_documents(text: str, around: str, dated: str, years: list[tuple[int, int]]) -> None:
    assert years_beside(text, around, dated) == years
