"""Rates of several columns that somebody states, as products of Poissons."""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..poisson_product import PoissonProduct
from .reading import Reading
from .stated import Stated

PIECES = ("rates",)
_SIDES = {False: "with a row for each component", True: "with a column for each component"}
_REMEDY = "say which axis is that of the components with components_axis = 'first' or 'last'"


def is_of_several_columns(stated: Stated, components: int) -> bool:
    """Whether the rates are a table, or more numbers than there are components of which there is one."""
    rates = stated.pieces.get("rates")
    if rates is None:
        return False
    return rates.size > max(rates.shape, default=1) or (components == 1 and rates.size > 1)


def readings(stated: Stated, components: int, dimension: int | None) -> list[Reading]:
    """The readings of rates with a row or a column for each component.

    Raises
    ------
    ValueError
        When a rate is negative, or when the shape does not fit the components and columns.
    """
    rates, called = stated.pieces["rates"], stated.called["rates"]
    if (rates < 0).any():
        raise ValueError(
            f"the estimate's {called} must not be negative, got {rates.min():g}: if they are logarithms, as a regression's "
            "coefficients are, give their exponentials."
        )
    sides = [stated.components_last] if stated.is_sure else [False, True]
    found = [
        Reading(
            PoissonProduct(table), None, table.shape[1], _SIDES[bool(last)], _REMEDY, stated.components_last is last
        )
        for last in sides
        for table in [np.atleast_2d(rates).T if last else np.atleast_2d(rates)]
        if len(table) == components and dimension in (None, table.shape[1])
    ]
    if not found:
        columns = "" if dimension is None else f" and {dimension} column{'s' * (dimension > 1)}"
        raise ValueError(
            f"the estimate's {called} have the shape {rates.shape}: a row for each of {components} components{columns} is "
            "wanted."
        )
    return found


def draws_as_rows(draws: Array, components: int, dimension: int) -> list[tuple[bool, Array]]:
    """Draws of shape ``(draws, k, d)`` from those with a row or a column for each component, and which of the two."""
    found = [(False, draws)] if draws.shape[1:] == (components, dimension) else []
    if draws.shape[1:] == (dimension, components):
        found.append((True, np.swapaxes(draws, 1, 2)))
    return found
