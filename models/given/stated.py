"""The pieces of an estimate under the suite's own names, whatever its owner calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array
from .features import assembled
from .numbers import digits_of, numbers, only
from .words import divided, is_beside, own_word, unknown

_TEXTS = ("structure", "family", "mixing", "components_axis")
_NUMBERS = ("log_likelihood", "components")
# As many as a double has.
ALL_DIGITS = 17
_AXES = {"first": False, "last": True}


@dataclass(frozen=True)
class Stated:
    """What somebody states: ``pieces`` of numbers by their own names, and what is said beside them.

    ``called`` is the owner's word for each piece. ``components_last`` says on which axis the components lie, ``None`` when
    nobody does; ``is_sure`` that it cannot be otherwise.
    """

    pieces: dict[str, Array]
    called: dict[str, str]
    structure: str | None = None
    family: str | None = None
    mixing: str | None = None
    components: int | None = None
    log_likelihood: float | None = None
    components_last: bool | None = None
    is_sure: bool = False
    notes: tuple[str, ...] = ()

    @property
    def digits(self) -> int:
        """How many significant digits the numbers were written with: the fewest of any piece whose numbers differ.

        Where none differ, as of one component, a weight of one tells nothing.
        """
        told = [digits_of(piece) for piece in self.pieces.values() if np.ptp(piece) > 0]
        of_components = [digits_of(piece) for name, piece in self.pieces.items() if name != "weights"]
        return min(told or of_components, default=ALL_DIGITS)

    def take(self, *names: str) -> dict[str, Array]:
        """Return the pieces of these names, as far as they are stated."""
        return {name: self.pieces[name] for name in names if name in self.pieces}


def stated(given: Mapping[str, Any], columns: tuple[str, ...] | None = None, **known: Any) -> Stated:
    """Sort what a dictionary or a table holds; ``columns`` are the names of the features, where the data have any.

    Raises
    ------
    ValueError
        Names the word that is unknown or stands there twice, or the numbers that are none.
    """
    named: dict[str, tuple[str, Any]] = {}
    parts: dict[str, dict[str, Array]] = {}
    called: dict[str, str] = {}
    for word, value in given.items():
        own, part = _meaning(word, value)
        if own is None:
            continue
        if own in named or (part is None and own in parts):
            raise _twice(called[own], word)
        called.setdefault(own, word)
        if part is None:
            named[own] = word, value
        else:
            parts.setdefault(own, {})[part] = numbers(word, value)
    beside = {own: _beside(own, *named.pop(own)) for own in (*_TEXTS, *_NUMBERS) if own in named}
    pieces = {own: numbers(word, value) for own, (word, value) in named.items()} | assembled(parts, columns)
    if parts:
        known |= {"components_last": False, "is_sure": True}
    if "components_axis" in beside:
        known |= {"components_last": _AXES[beside.pop("components_axis")], "is_sure": True}
    return Stated(pieces, called, **{**beside, **known})


def _meaning(word: str, value: Any) -> tuple[str | None, str | None]:
    """The piece that a word stands for, and the features that it is of; neither where there is nothing to read."""
    own, part = own_word(word), divided(word)
    if value is None or (isinstance(value, Mapping) and not value):  # R's NULL
        return None, None
    if isinstance(value, str) and own in ("covariances", None):
        return ("structure" if own else None), None  # what the suite's own functions call covariance; else a remark
    if own == "components" and np.size(value) > 1:  # the number of each component, in a table
        return None, None
    if own is not None:
        return own, None
    if part is not None:
        return part
    if is_beside(word):
        return None, None
    raise unknown(word)


def _twice(one: str, other: str) -> ValueError:
    return ValueError(f"the estimate has {one!r} and {other!r}, which are one piece: leave one of them out.")


def _beside(own: str, word: str, value: Any) -> Any:
    said = only(value)
    if own == "components" and isinstance(said, (int, float)) and said == int(said) > 0:
        return int(said)
    if own == "log_likelihood" and isinstance(said, (int, float)):
        return float(said)
    if own == "components_axis" and said in _AXES:
        return said
    if own in ("structure", "family", "mixing") and isinstance(said, str):
        return said
    wanted = {
        "components": "a whole number from 1 on",
        "log_likelihood": "a number",
        "components_axis": "'first' or 'last'",
    }
    raise ValueError(f"the estimate's {word} must be {wanted.get(own, 'a word')}, got {value!r}.")
