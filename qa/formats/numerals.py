"""Numbers of lists as their writers set them: 3, c, iii."""

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
          (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_LARGEST = 4000


def numeral(number: int, kind: str) -> str:
    """Return a number of a list as a kind shows it, by Word's names of kinds; figures where the kind is not known."""
    if kind in ("lowerLetter", "upperLetter") and 0 < number < _LARGEST:
        told = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    elif kind in ("lowerRoman", "upperRoman") and 0 < number < _LARGEST:
        told = ""
        for value, letters in _ROMAN:
            count, number = divmod(number, value)
            told += letters * count
    elif kind == "decimalZero":
        told = f"{number:02}"
    else:
        told = str(number)
    return told.upper() if kind.startswith("upper") else told
