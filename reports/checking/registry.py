"""Which figures each family has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models import Array, Data, Mixture, Model
from models.exposed import averaged

from . import gaussian, poisson, poisson_product
from .figure import Statistics

_STATISTICS: dict[str, Statistics] = {
    "gaussian": gaussian.figures,
    "poisson": poisson.figures,
    "poisson-product": poisson_product.figures,
}
_CUMULATIVE: dict[str, Callable[..., Array]] = {
    "gaussian": gaussian.cumulative,
    "poisson": poisson.cumulative,
    "poisson-product": poisson_product.cumulative,
}
_ENDS: dict[str, Callable[..., tuple[Array, Array]]] = {
    "gaussian": gaussian.ends,
    "poisson": poisson.ends,
    "poisson-product": poisson_product.ends,
}


def statistics_of(model: Model) -> Statistics:
    """Return the figures of the model's family."""
    return _STATISTICS[model.family]


def cumulative_of(model: Model) -> Callable[..., Array]:
    """Return the distribution function of one feature, by places, mixture and, of counts, the exposures if there are any."""
    return _CUMULATIVE[model.family]


def ends_of(model: Model) -> Callable[..., tuple[Array, Array]]:
    """Return what gives F at the upper and the lower end of each recorded value, by the step of the record."""
    return _ENDS[model.family]


def ends_among(data: Data, model: Model, places: Array, step: float, mixture: Mixture) -> tuple[Array, Array]:
    """Return F of the data's observations, whatever their exposures, at the two ends of each recorded value."""
    ends = ends_of(model)
    if not data.is_exposed:
        return ends(places, step, mixture)
    upper, lower = averaged(data, lambda exposure: np.stack(ends(places, step, mixture, exposure)))
    return upper, lower
