"""Which family has an exact posterior under which priors, and its states."""

from __future__ import annotations

from collections.abc import Callable

from models import (
    AnyPrior,
    ComponentPrior,
    Data,
    Gamma,
    Gammas,
    Model,
    NormalInverseWishart,
    Prior,
    SharedRate,
    require_no_labels,
)

from . import gaussian, poisson, poisson_product
from .states import States

states_of_family: dict[str, Callable[[Data, Model, Prior], States]] = {
    "gaussian": gaussian.states,
    "poisson": poisson.states,
    "poisson-product": poisson_product.states,
}
# The first is taken where none is given.
solved_priors: dict[str, tuple[type[ComponentPrior], ...]] = {
    "gaussian": (NormalInverseWishart,),
    "poisson": (SharedRate, Gamma),
    "poisson-product": (Gammas,),
}


def exact_prior(model: Model, given: AnyPrior | None, data: Data) -> Prior:
    """Return the prior that was given, or else the first under which the model's family has an exact posterior.

    Raises
    ------
    ValueError
        When the prior is none of the model's, or has no exact posterior.
    """
    solved = solved_priors[model.family]
    prior = model.chosen_prior(solved[0].called if given is None else given, data)
    if not isinstance(prior.components, solved):
        names = " or ".join(repr(each.called) for each in solved)
        raise ValueError(
            f"prior must be {names} for an exact posterior of family {model.family!r}, got {prior.called!r}: under that "
            "one it has no closed form."
        )
    return prior


def states_of(data: Data, model: Model, prior: Prior) -> States:
    """Return all states of the labels of a model and a prior that were checked before.

    Raises
    ------
    ValueError
        When there are too many states.
    """
    require_no_labels(data.labels, "an exact posterior, which is a sum over all labels")
    return states_of_family[model.family](data, model, prior)
