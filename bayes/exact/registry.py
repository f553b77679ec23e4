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
    """Return all states of the labels of a model that was checked before.

    Raises
    ------
    ValueError
        When the prior is not the conjugate one, or when there are too many states.
    """
    if not prior.components.is_conjugate:
        raise ValueError("prior must be 'conjugate' for an exact posterior: under another one it has no closed form.")
    return states_of_family[model.family](data, model, prior)
