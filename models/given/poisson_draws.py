"""Draws of rates, as Poisson components with one leading axis."""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..model import Model
from ..poisson import Poisson
from .reading import Reading


def draws(pieces: dict[str, Array], called: dict[str, str], model: Model) -> list[Reading]:
    """The one reading of rates, which have one leading axis.

    Raises
    ------
    ValueError
        When they are of another number of components, negative, or not finite.
    """
    if "rates" not in pieces:
        raise ValueError("the posterior has no rates; say with names which variable they are.")
    rates, name = pieces["rates"], called["rates"]
    if rates[0].size != model.components:
        raise ValueError(
            f"the posterior's {name} have the shape {rates.shape[1:]} in each draw: one for each of {model.components} "
            "components is wanted."
        )
    bad = ~np.isfinite(rates) | (rates < 0)
    if bad.any():
        raise ValueError(
            f"the posterior's {name} must be rates from 0 on, got {rates[bad][0]:g} in draw "
            f"{int(np.argwhere(bad)[0, 0]) + 1} in all: if they are logarithms, give their exponentials."
        )
    return [Reading(Poisson(rates.reshape(len(rates), -1)), None)]
