"""The years that questions ask for and texts give."""

import pytest

from qa.years import agree, years_of


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
