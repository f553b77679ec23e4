"""The density at the observations beside that at observations of the model: the same whatever the axes."""

from __future__ import annotations

import numpy as np

from models import Array, Data, Mixture

from .figure import largest_gap

# So many numbers are drawn at a time.
MOST_NUMBERS = 2**22


def gap_of_levels(data: Data, mixture: Mixture, simulated: int) -> float:
    """Return sup |F_n − F| of the density at the observations, F from so many observations of the mixture.

    These are exposed as the data are, and drawn from a stream of the mixture's own; the chance that they add is of the order
    1 / √simulated.
    """
    levels = np.sort(_levels(data, mixture, simulated))
    own = mixture.log_density(data.values, data.exposure)
    below = np.searchsorted(levels, own) / simulated
    return largest_gap(own, data.weights, below, below)


def _levels(data: Data, mixture: Mixture, simulated: int) -> Array:
    """Return the log-density at observations of the mixture, of which some are drawn at a time: the same, however few."""
    rng, exposure = np.random.default_rng(simulated), data.exposures(simulated)
    labels, found = mixture.sample_labels(simulated, rng), []
    rows = max(1, MOST_NUMBERS // data.dimension)
    for start in range(0, simulated, rows):
        block = slice(start, start + rows)
        exposed = None if exposure is None else exposure[block]
        drawn = mixture.components.sample(labels[block], rng, exposed)
        found.append(mixture.log_density(drawn, exposed))
    return np.concatenate(found)
