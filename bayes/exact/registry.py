"""Which family has which states."""

from __future__ import annotations

from collections.abc import Callable

from models import Data, Model, Prior

from . import gaussian, poisson
from .states import States

states_of_family: dict[str, Callable[[Data, Model, Prior], States]] = {
    "gaussian": gaussian.states,
    "poisson": poisson.states,
}


def states_of(data: Data, model: Model, prior: Prior) -> States:
    """Return all states of the labels of a model that was checked before."""
    return states_of_family[model.family](data, model, prior)
