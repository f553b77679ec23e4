"""Rates that somebody states, as Poisson components."""

from __future__ import annotations

import numpy as np

from ..poisson import Poisson
from .reading import Reading
from .stated import Stated

PIECES = ("rates",)


def readings(stated: Stated, components: int | None, dimension: int | None) -> list[Reading]:
    """The one reading of rates, shape ``(k,)``, or ``(k, 1)`` as of one feature.

    Raises
    ------
    ValueError
        When a rate is negative, or when there are rates of several features.
    """
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
    return [Reading(Poisson(np.ravel(rates)), None)]
