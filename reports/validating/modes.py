"""Whether a given estimate is the mode of a posterior in place of the maximum of the likelihood."""

from __future__ import annotations

from em import Fit, fit
from em.edge import objective_of
from em.m_step import MStep
from models import Data, Given, named_priors

# A mode is named when the estimate is so much nearer to it than to the maximum of the likelihood, in nats.
BY_FAR = 10.0


def mode_of(given: Given, data: Data, below: float, allowed: float) -> str | None:
    """The name of the prior under which the estimate is a mode as far as ``allowed`` nats tell, ``None`` where of none.

    ``below`` is how far the estimate lies below the maximum of the likelihood, in nats.
    """
    depths = {name: _below(_mode(given, data, name), given, data) for name in named_priors}
    nearest = min(depths, key=depths.__getitem__)
    return nearest if depths[nearest] <= min(allowed, below / BY_FAR) else None


def _mode(given: Given, data: Data, prior: str) -> Fit:
    return fit(data, **given.model.specification, estimate="map", prior=prior, start=given.mixture)


def _below(mode: Fit, given: Given, data: Data) -> float:
    m_step = MStep(given.model, data, mode.prior)
    return float(mode.climb.objective[-1]) - objective_of(data.compress(), given.mixture, m_step)
