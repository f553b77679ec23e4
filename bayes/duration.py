"""About how long the chains will take, told before they begin: the time of a gradient, and how many are usual."""

from __future__ import annotations

import time

import numpy as np

from models import Data, Mixture, Prior

from .engine import Sampling
from .sampler import PosteriorSampler
from .start import chosen_start

# Mixtures of three Gaussians in the plane, 50 000 and 200 000 rows, 100 to 2000 transitions a chain: the processor's time
# was that of 0.8 to 1.2 times as many gradients as these two say. Trees are deep before the step size is known.
GRADIENTS_AT_FIRST = 1300
GRADIENTS_OF_TRANSITION = 8
# Nanoseconds of a row, a component and a pair of features are at most so many: below this work nothing takes long.
LEAST_SECONDS, MOST_NANOSECONDS = 10.0, 5.0
TRIALS = 3


def expected_seconds(
    sampler: PosteriorSampler, data: Data, prior: Prior, sampling: Sampling, near: Mixture | None
) -> float:
    """Return about how long the chains will take; zero where that is little enough for nobody to ask.

    ``near`` are mixtures near which they will go, where some are known.
    """
    gradients = sampling.chains * GRADIENTS_AT_FIRST + sampling.transitions * GRADIENTS_OF_TRANSITION
    data = data.compress()
    products = data.rows * sampler.model.components * sampler.model.dimension**2
    if gradients * products * MOST_NANOSECONDS < 1e9 * LEAST_SECONDS:
        return 0.0
    rounds = -(-sampling.chains // sampling.cores)
    return gradients / sampling.chains * rounds * _seconds_of_gradient(sampler, data, prior, near)


def _seconds_of_gradient(sampler: PosteriorSampler, data: Data, prior: Prior, near: Mixture | None) -> float:
    """Measure the processor's time in the frame of the data, as a chain will take it; others may be at work meanwhile."""
    frame = sampler.model.frame(data)
    there = chosen_start(near, data, sampler.model, np.random.default_rng(0))
    log_density = sampler.log_density(frame.of_data(data), frame.of_prior(prior))
    at = sampler.unconstrained(frame.of_mixture(there), frame.of_prior(prior))

    def once() -> float:
        began = time.thread_time()
        log_density(at)
        return time.thread_time() - began

    return min(once() for _ in range(TRIALS))
