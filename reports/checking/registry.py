"""Which figures each family has."""

from __future__ import annotations

from collections.abc import Callable

from models import Array, Mixture, Model

from . import gaussian, poisson
from .figure import Statistics

_STATISTICS: dict[str, Statistics] = {"gaussian": gaussian.figures, "poisson": poisson.figures}
_CUMULATIVE: dict[str, Callable[[Array, Mixture], Array]] = {
    "gaussian": gaussian.cumulative,
    "poisson": poisson.cumulative,
}


def statistics_of(model: Model) -> Statistics:
    """Return the figures of the model's family."""
    return _STATISTICS[model.family]


def cumulative_of(model: Model) -> Callable[[Array, Mixture], Array]:
    """Return the distribution function of one feature under the model's family."""
    return _CUMULATIVE[model.family]
