"""The density at the observations beside that at observations of the model: the same whatever the axes."""

from __future__ import annotations

import numpy as np

from models import Data, Mixture

from .figure import largest_gap


def gap_of_levels(data: Data, mixture: Mixture, simulated: int) -> float:
    """Return sup |F_n − F| of the density at the observations, F from so many observations of the mixture.

    These are drawn from a stream of the mixture's own; the chance that they add is of the order 1 / √simulated.
    """
    drawn = mixture.sample(simulated, np.random.default_rng(simulated))[0]
    levels = np.sort(mixture.log_density(drawn))
    own = mixture.log_density(data.values, data.exposure)
    below = np.searchsorted(levels, own) / simulated
    return largest_gap(own, data.weights, below, below)
