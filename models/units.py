"""What rates are per: a unit of the exposure, by the name of its column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .rows import Rows

# Words for a unit, the last of a name such as *person_years*; their plurals end in s.
_WORDS = re.compile(
    r"(?:.*[\s_-])?(?:second|minute|hour|day|night|week|month|quarter|season|year|decade|metre|meter|kilometre|kilometer|mile"
    r"|hectare|acre|litre|liter|gram|kilogram|plot|trap|site|visit|trial|session|page|word|read|cell|person|patient|animal"
    r"|household|vehicle|car|trip)s?",
    re.IGNORECASE,
)
_ABBREVIATIONS = re.compile(r"s|sec|min|h|hr|d|yr|m|km|k?m[2²3³]|ha|m?l|k?g|[kmg]b", re.IGNORECASE)


def unit_of(column: str) -> str:
    """One unit of an exposure: *hour* of the column *hours*, and *unit of effort* of what names no unit."""
    if _WORDS.fullmatch(column):
        return re.sub("s$", "", column, flags=re.IGNORECASE).replace("_", " ")
    return column if _ABBREVIATIONS.fullmatch(column) else f"unit of {column}"


def per_unit(data: Rows) -> str:
    """What rates are per, *per hour* with exposures in the column *hours*; nothing where every exposure is one."""
    return f"per {unit_of(data.exposure_column)}" if data.is_exposed else ""


def units_in_words(data: Rows) -> Iterator[str]:
    """Yield what the rates of a table of parameters are per; nothing where every exposure is one."""
    if data.is_exposed:
        yield f"Rates are {per_unit(data)}."
