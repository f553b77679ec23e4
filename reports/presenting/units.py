"""What rates are per: a unit of the exposure, by the name of its column."""

from __future__ import annotations

import re

from models import Data

from .names import shortened

# Words for a unit, the last of a name such as *person_years*; their plurals end in s.
_WORDS = re.compile(
    r"(?:.*[\s_-])?(?:second|minute|hour|day|night|week|month|quarter|season|year|decade|metre|meter|kilometre|kilometer|mile"
    r"|hectare|acre|litre|liter|gram|kilogram|plot|trap|site|visit|trial|session|page|word|read|cell|person|patient|animal"
    r"|household|vehicle|car|trip)s?",
    re.IGNORECASE,
)
_ABBREVIATIONS = re.compile(r"(?:s|sec|min|h|hr|d|yr|m|km|k?m[2²3³]|ha|m?l|k?g|[kmg]b)", re.IGNORECASE)


def unit_of(column: str) -> str:
    """Return one unit of an exposure: *hour* of the column *hours*, and *unit of effort* of what names no unit."""
    name = shortened(column)
    if _WORDS.fullmatch(name):
        return re.sub(r"s$", "", name, flags=re.IGNORECASE).replace("_", " ")
    return name if _ABBREVIATIONS.fullmatch(name) else f"unit of {name}"


def per_unit(column: str) -> str:
    """Return what rates are per: *per hour* with exposures in the column *hours*."""
    return f"per {unit_of(column)}"


def rate_of(data: Data, feature: int) -> str:
    """Return what is seen of one feature: its name, and with exposures *events per hour*."""
    name = shortened(data.columns[feature])
    return f"{name} {per_unit(data.exposure_column)}" if data.is_exposed else name
