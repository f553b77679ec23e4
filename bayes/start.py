"""Where the chains start: spread out over the data, each by itself, and not from any estimate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models import Array, Data, Mixture, Model, aligned

CANDIDATES = 40
# Weights about equal, and never quite: among clusters of the same size the log-density would have no slope in them at equal
# ones, and what learns the scale of a coordinate from its slope has nowhere to begin.
CONCENTRATION = 10.0
# In the coordinates that are sampled, in the frame of the data, where these are of the size of one.
NUDGES = (0.01, 0.1)
# From a quarter of an even share of the data to twice as wide, where components are not taken to be as wide as each other.
WIDTHS = (0.25, 2.0)


def chosen_start(starts: Mixture | None, data: Data, model: Model, rng: np.random.Generator) -> Mixture:
    """Return one of the starts that were given, or look for one."""
    return spread_out_start(data, model, rng) if starts is None else starts[rng.integers(len(starts.weights))]


def sloping(x: Array, slope: Callable[[Array], Array], rng: np.random.Generator) -> Array:
    """Return a place in unconstrained coordinates, moved in those in which the log-density has no slope at all.

    What learns the scale of a coordinate from its slope has nowhere to begin there. A single component has no slope in its
    mean at the mean of the data, which may well be one of the rows; and so has the middle one of three by symmetry.
    """
    return np.asarray(x + rng.uniform(*NUDGES, size=x.shape) * (slope(x) == 0))


def spread_out_start(data: Data, model: Model, rng: np.random.Generator) -> Mixture:
    """Return the likeliest of a few random mixtures, each with random observations for centres.

    A chain from a single random start finds a false mode and stays there about once in twenty times; a handful of
    candidates makes that rare, and keeps the chains independent of each other and of EM.
    """
    random = (candidate(data, model, rng, alike=number % 2 == 0) for number in range(CANDIDATES))
    candidates = [aligned(candidate, data) for candidate in random]
    return max(candidates, key=lambda mixture: mixture.expectation(data).log_likelihood)


def candidate(data: Data, model: Model, rng: np.random.Generator, alike: bool) -> Mixture:
    """Return a random mixture with observations for centres, whose components are ``alike`` in width or are not."""
    k = model.components
    rows = rng.choice(len(data.values), size=k, replace=len(data.values) < k, p=data.weights / data.size)
    points = model.family_of_components.places(data)[rows]
    widths = np.ones(k) if alike else np.exp(rng.uniform(*np.log(WIDTHS), size=k))
    components = model.family_of_components.around(points, data, widths).structured(model.covariance)
    weights = np.full(k, 1 / k) if model.mixing == "equal" else rng.dirichlet(np.full(k, CONCENTRATION))
    return Mixture(weights, components)
