r"""Whether rounding explains how far an estimate is from the top of its hill, parameter by parameter.

Numbers with $m$ significant digits are off by half a unit of the last at most, $\tfrac12 \, 10^{e + 1 - m}$ with $e$ the
exponent of the largest number of their kind: smaller ones may have as many decimals and not as many digits. A variance that
was given as a standard deviation is off by twice as much of itself. What was rounded may also have stopped a tenth of a
standard error before its top.
"""

from __future__ import annotations

import numpy as np

from models import Array, Mixture

from .own_hill import OwnHill

# In standard errors: no program is asked for more.
CLOSE = 0.1
# What a standard deviation, precision or Cholesky factor loses becomes more on the way to a covariance.
ON_THE_WAY = 2.0
SLACK = 2.0


def is_explained_by_rounding(hill: OwnHill, digits: int) -> bool:
    """Whether every parameter is as near to its value at the top as numbers of so many digits may be."""
    table = hill.table
    units = hill.top.model.scalars(half_units(hill.estimate, digits), hill.top.data.columns)
    allowed = np.array([float(unit) for unit in units.values()]) * SLACK
    errors = np.nan_to_num(table["standard_error"].to_numpy())
    return bool((np.abs((table["given"] - table["top"]).to_numpy()) <= allowed + CLOSE * errors).all())


def half_units(mixture: Mixture, digits: int) -> Mixture:
    """A mixture that holds half a unit of the last digit in place of every parameter."""
    arrays = mixture.components.arrays()
    halves = {name: _half_unit(np.abs(array).max(axis=0), digits) for name, array in arrays.items()}
    if "covariances" in halves:
        of_variances = np.diagonal(halves["covariances"])
        halves["covariances"] = ON_THE_WAY * np.sqrt(np.outer(of_variances, of_variances))
    components = type(mixture.components)(
        **{name: np.broadcast_to(half, arrays[name].shape) for name, half in halves.items()}
    )
    weights = np.broadcast_to(_half_unit(mixture.weights.max(), digits), mixture.weights.shape)
    return Mixture(weights, components)


def _half_unit(largest: Array | float, digits: int) -> Array:
    exponent = np.floor(np.log10(np.maximum(largest, np.finfo(float).tiny)))
    return np.asarray(0.5 * 10.0 ** (exponent + 1 - digits))
