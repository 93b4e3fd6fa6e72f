"""Amounts as they are written, each with its currency and its unit: £3.1m, 168, 20 per cent, 5kg, 9:30 aside."""

CURRENCY = "[£$€¥]"
_UNIT = r"(?: ?%| per ?cent\b| (?:hundred|thousand|million|billion|trillion)\b|[A-Za-zµ]{1,3}[²³]?(?!\w))?"
NUMBER = rf"(?>\d(?:[\d,.]*\d)?){_UNIT}(?!\w|[.,:/]\d)"
"""A number with its unit. £3.1m without its m is another sum, and "9" of 9:30 and "14" of 14/07/2019 are no numbers at all."""

AMOUNT = rf"(?<![\w.,/])(?<!\d:){CURRENCY}?{NUMBER}"
