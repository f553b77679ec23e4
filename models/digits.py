"""How numbers are written where people read them: to the digits that their standard deviation justifies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Beyond these a power of ten says more than a row of zeros.
MOST_DECIMALS, LARGEST, LARGEST_SD = 6, 1e15, 1e9
# Doubles have no more.
MOST_DIGITS = 15


def decimals(sd: float) -> int | None:
    """How many decimals show two digits of a standard deviation; ``None`` where there is no such number."""
    if not (math.isfinite(sd) and sd > 0):
        return None
    return max(0, 1 - math.floor(math.log10(sd)))


def number(value: float, sd: float, digits: int = 4) -> str:
    """A value to the place of the second digit of its standard deviation; without one, to so many digits.

    Parameters
    ----------
    value
        The number.
    sd
        Its standard deviation; where it is not positive, or not a number, there is none.
    digits
        How many digits it has then.

    Returns
    -------
    str
        The number as text.

    Examples
    --------
    >>> from models import number
    >>> number(54.61489, 0.7)
    '54.61'
    >>> number(54.61489, 7.0)
    '54.6'
    """
    if not math.isfinite(value):
        return "–"
    places = decimals(sd)
    if places is None:
        return plain(value, digits)
    if places <= MOST_DECIMALS and abs(value) < LARGEST and sd < LARGEST_SD:
        # Adding zero turns a rounded −0.00 into 0.00.
        return f"{round(value, places) + 0:.{places}f}"
    return f"{value:.{_digits(value, sd)}g}"


def plain(value: float, digits: int) -> str:
    """A value to so many digits, and to all that stand before the point, with a power of ten where it is tiny or huge.

    Parameters
    ----------
    value
        The number.
    digits
        How many digits it has at least.

    Returns
    -------
    str
        The number as text.

    Examples
    --------
    >>> from models import plain
    >>> plain(1234.5678, 2), plain(0.00012345, 3)
    ('1235', '0.000123')
    """
    if not math.isfinite(value):
        return "–"
    whole = math.floor(math.log10(abs(value))) + 1 if 0 < abs(value) < LARGEST else 1
    return f"{value:.{max(digits, whole)}g}"


def _digits(value: float, sd: float) -> int:
    """How many digits of a value reach to the second of its standard deviation."""
    if not value:
        return 2
    apart = math.floor(math.log10(abs(value))) - math.floor(math.log10(sd))
    return min(MOST_DIGITS, max(2, apart + 2))


def in_digits(table: pd.DataFrame, sd: pd.Series, of_unit: dict[str, int]) -> pd.DataFrame:
    """The table as text: every number of a row to the digits that its ``sd`` justifies.

    Columns named in ``of_unit`` are in units of their own and have so many decimals.

    Parameters
    ----------
    table
        The numbers.
    sd
        The standard deviation of each row.
    of_unit
        How many decimals the columns have that are in units of their own.

    Returns
    -------
    pandas.DataFrame
        The table with text in place of numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import in_digits
    >>> table = pd.DataFrame({"mean": [54.61489, 0.36087], "r_hat": [1.00213, 1.00077]}, index=["mu", "pi"])
    >>> in_digits(table, pd.Series([0.7, 0.03], index=["mu", "pi"]), {"r_hat": 3})
         mean  r_hat
    mu  54.61  1.002
    pi  0.361  1.001
    """
    shown = table.copy().astype(object)
    for column in table.columns:
        if table[column].dtype.kind != "f":
            continue
        if column in of_unit:
            places = of_unit[column]
            shown[column] = [f"{value:.{places}f}" if math.isfinite(value) else "–" for value in table[column]]
        else:
            shown[column] = [number(value, error) for value, error in zip(table[column], sd, strict=True)]
    return shown
