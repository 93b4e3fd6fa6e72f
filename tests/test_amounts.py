"""Amounts are found whole, and nothing that only looks like one."""

import re

import pytest

from qa.amounts import AMOUNT


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("It cost £3.1m, then £950k and €1,200.50.", ["£3.1m", "£950k", "€1,200.50"]),
        ("2.5 million, 20 per cent, 7 %, 5%", ["2.5 million", "20 per cent", "7 %", "5%"]),
        ("5kg on 30m² at 9am, the 12th", ["5kg", "30m²", "9am", "12th"]),
        ("9:30, 14/07/2019, 1/3, A4, 3x4, 12abcd", []),
        ("168.", ["168"]),
    ],
)
def test_an_amount_has_its_currency_and_its_unit(text: str, amounts: list[str]) -> None:
    assert [found.group() for found in re.finditer(AMOUNT, text)] == amounts
