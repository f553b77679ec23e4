"""Somebody else's weights: rounded ones and percentages are divided by their sum, and it is said."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from ..arrays import Array

# Single precision, in which some programs compute, keeps about seven digits of a sum; nobody needs to hear of it.
NOT_WORTH_SAYING = 2e-6
# A sum of k weights, each rounded to a unit u, is off by k u/2 at most (and a little for what doubles make of it).
UNITS_A_WEIGHT = 0.500001
# With one digit a weight, half a unit is so much that it would excuse a forgotten component.
MOST_BY_ROUNDING = 0.03


def normalised(weights: Array) -> tuple[Array, tuple[str, ...]]:
    """Weights of shape ``(k,)`` that sum to one, and what is to be said of it.

    Raises
    ------
    ValueError
        When one is negative or not finite, or when their sum is too far from one to be rounding.
    """
    if not np.isfinite(weights).all() or (weights < 0).any():
        bad = weights[~np.isfinite(weights) | (weights < 0)][0]
        raise ValueError(f"weights must be from 0 to 1, got {bad:g}.")
    total = float(weights.sum())
    by_rounding = UNITS_A_WEIGHT * len(weights) * _last_place(weights)
    for whole, called in ((1.0, ""), (100.0, " are percentages and")):
        if abs(total - whole) <= whole * max(NOT_WORTH_SAYING, min(by_rounding / whole, MOST_BY_ROUNDING)):
            said = called or abs(total - whole) > NOT_WORTH_SAYING
            note = f"the weights{called} sum to {total:.6g}: they are divided by their sum."
            return weights / total, (note,) if said else ()
    raise ValueError(f"weights must sum to 1, got {', '.join(f'{w:g}' for w in weights)} with the sum {total:g}.")


def _last_place(weights: Array) -> float:
    """The unit of the last decimal place that any weight was written with."""
    exponents = [Decimal(repr(float(weight))).normalize().as_tuple().exponent for weight in weights]
    return float(10.0 ** min(0, *(int(exponent) for exponent in exponents)))
