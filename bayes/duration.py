"""About how long the chains will take, known before anything is fitted: the time of a gradient, by how many are usual."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from models import CHUNK_ROWS, Data, Model

from .engine import Sampling
from .start import candidate

# Mixtures of three Gaussians in the plane, 50 000 and 200 000 rows, 100 to 2000 transitions a chain: the processor's time
# was that of 0.8 to 1.2 times as many gradients as these two say. Trees are deep before the step size is known.
GRADIENTS_AT_FIRST = 1300
GRADIENTS_OF_TRANSITION = 8
# Nanoseconds of a row, a component and a pair of features are at most so many: below this work nothing takes long.
LEAST_SECONDS, MOST_NANOSECONDS = 10.0, 5.0
TRIALS = 3


def expected_seconds(data: Data, model: Model, sampling: Sampling) -> float:
    """Return about how long the chains will take on this machine; zero where that is little enough for nobody to ask.

    Parameters
    ----------
    data, model
        What the posterior is of.
    sampling
        How much is sampled, and on how many cores.

    Returns
    -------
    float
        The seconds until every chain has the draws asked for; chains that have not settled go on.

    Examples
    --------
    >>> from bayes import Sampling, expected_seconds
    >>> from models import Data, Model
    >>> data = Data.of([0, 1, 1, 2, 8, 9])
    >>> expected_seconds(data, Model("poisson", 2), Sampling(draws=1000, tune=1000, chains=4, cores=2, seed=0))
    0.0
    """
    gradients = sampling.chains * GRADIENTS_AT_FIRST + sampling.transitions * GRADIENTS_OF_TRANSITION
    data = data.compress()
    products = data.rows * model.components * model.dimension**2
    if gradients * products * MOST_NANOSECONDS < 1e9 * LEAST_SECONDS:
        return 0.0
    rounds = -(-sampling.chains // sampling.cores)
    return gradients / sampling.chains * rounds * _seconds_of_gradient(data, model)


def _seconds_of_gradient(data: Data, model: Model) -> float:
    """Measure a pass over so many of the rows as one thread takes: a gradient is one over all of them."""
    part = data.take(slice(CHUNK_ROWS))
    # A gradient goes over counts of zero as over others, where a pass of EM leaves them out if they are many.
    part = replace(part, values=np.where(part.values == 0, 1.0, part.values))
    there = candidate(part, model, np.random.default_rng(0), alike=True)

    def once() -> float:
        began = time.thread_time()
        there.expectation(part)
        return time.thread_time() - began

    return min(once() for _ in range(TRIALS)) * data.rows / part.rows
