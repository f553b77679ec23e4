"""The numbers of a piece: lists, arrays and tensors, as an array of doubles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from ..arrays import Array


def numbers(called: str, given: Any) -> Array:
    """The numbers as an array.

    Raises
    ------
    ValueError
        When they are no rectangular array of finite numbers; the sentence names the piece as its owner calls it.
    """
    if hasattr(given, "detach"):  # a tensor that may be on another device, and part of a graph
        given = given.detach().cpu().numpy()
    try:
        found = np.asarray(given)
        if found.dtype.kind not in "iuf":
            raise ValueError
    except ValueError:
        raise ValueError(
            f"the estimate's {called} must be numbers in a rectangular array, got {_shown(given)}."
        ) from None
    if not found.size:
        raise ValueError(f"the estimate's {called} are empty.")
    if not np.isfinite(found).all():
        raise ValueError(f"the estimate's {called} hold {found[~np.isfinite(found)][0]}: every number must be finite.")
    return found.astype(np.float64)


def digits_of(array: Array) -> int:
    """The most significant digits that any of the numbers needs: those which all of them were written with."""
    return max(len(Decimal(repr(float(number))).normalize().as_tuple().digits) for number in array.flat)


def only(given: Any) -> Any:
    """The one value of a list of one, as R writes every value; else what was given."""
    while isinstance(given, (list, tuple, np.ndarray)) and np.shape(given)[:1] == (1,):
        given = given[0]
    return given.item() if isinstance(given, np.generic) else given


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:59]}…"
