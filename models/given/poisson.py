"""Rates that somebody states, as Poisson components."""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..poisson import Poisson
from .reading import Reading
from .stated import Stated

PIECES = ("rates", "coefficients")


def readings(stated: Stated, components: int, dimension: int | None) -> list[Reading]:
    """The one reading of rates, shape ``(k,)``, or ``(k, 1)`` as of one feature; coefficients may also be their logarithms.

    Raises
    ------
    ValueError
        When a rate is negative, or when there are rates of several features.
    """
    if "coefficients" not in stated.pieces:
        return [Reading(Poisson(_rates(stated)), None)]
    coefficients = np.ravel(stated.pieces["coefficients"])
    remedy = "call them rates, or give their exponentials as rates"
    found = [Reading(Poisson(np.exp(coefficients)), None, 1, "with logarithms of rates", remedy)]
    if (coefficients >= 0).all():
        found.append(Reading(Poisson(coefficients), None, 1, "with rates", remedy))
    return found


def _rates(stated: Stated) -> Array:
    rates, called = stated.pieces["rates"], stated.called["rates"]
    if rates.ndim > 1 and rates.size != max(rates.shape):
        raise ValueError(
            f"the estimate's {called} have the shape {rates.shape}: a rate for each component is wanted, since counts are "
            "of one feature."
        )
    if (rates < 0).any():
        raise ValueError(
            f"the estimate's {called} must not be negative, got {rates.min():g}: if they are logarithms, as a regression's "
            "coefficients are, give their exponentials."
        )
    return np.ravel(rates)
