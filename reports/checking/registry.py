"""Which figures each family has."""

from __future__ import annotations

from collections.abc import Callable

from models import Array, Mixture, Model

from . import gaussian, poisson, poisson_product
from .figure import Statistics

_STATISTICS: dict[str, Statistics] = {
    "gaussian": gaussian.figures,
    "poisson": poisson.figures,
    "poisson-product": poisson_product.figures,
}
_CUMULATIVE: dict[str, Callable[[Array, Mixture], Array]] = {
    "gaussian": gaussian.cumulative,
    "poisson": poisson.cumulative,
    "poisson-product": poisson_product.cumulative,
}
_ENDS: dict[str, Callable[[Array, float, Mixture], tuple[Array, Array]]] = {
    "gaussian": gaussian.ends,
    "poisson": poisson.ends,
    "poisson-product": poisson_product.ends,
}


def statistics_of(model: Model) -> Statistics:
    """Return the figures of the model's family."""
    return _STATISTICS[model.family]


def cumulative_of(model: Model) -> Callable[[Array, Mixture], Array]:
    """Return the distribution function of one feature under the model's family."""
    return _CUMULATIVE[model.family]


def ends_of(model: Model) -> Callable[[Array, float, Mixture], tuple[Array, Array]]:
    """Return what gives F at the upper and the lower end of each recorded value, by the step of the record."""
    return _ENDS[model.family]
