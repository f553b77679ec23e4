"""Draws of rates of several columns, as products of Poissons with one leading axis."""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..model import Model
from ..poisson_product import PoissonProduct
from .poisson_product import draws_as_rows
from .reading import Reading


def draws(pieces: dict[str, Array], called: dict[str, str], model: Model) -> list[Reading]:
    """The readings of rates, which have one leading axis, with a row or a column for each component.

    Raises
    ------
    ValueError
        When they are of another shape, negative, or not finite.
    """
    if "rates" not in pieces:
        raise ValueError("the posterior has no rates; say with names which variable they are.")
    rates, name = pieces["rates"], called["rates"]
    found = draws_as_rows(rates, model.components, model.dimension)
    if not found:
        raise ValueError(
            f"the posterior's {name} have the shape {rates.shape[1:]} in each draw: a row of {model.dimension} columns for "
            f"each of {model.components} components is wanted."
        )
    bad = ~np.isfinite(rates) | (rates < 0)
    if bad.any():
        raise ValueError(
            f"the posterior's {name} must be rates from 0 on, got {rates[bad][0]:g} in draw "
            f"{int(np.argwhere(bad)[0, 0]) + 1} in all: if they are logarithms, give their exponentials."
        )
    return [
        Reading(
            PoissonProduct(table),
            None,
            model.dimension,
            f"with a {'column' if last else 'row'} for each component",
            is_expected=not last,
        )
        for last, table in found
    ]
