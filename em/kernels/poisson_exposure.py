"""EM's steps for Poisson components whose counts have exposures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.kernels.arithmetic import LOWEST, Array, copy_into
from models.kernels.compiling import compiled, inlined
from models.kernels.poisson_exposure import inlined_exposed_pass

from .limit import may_be_near
from .poisson import PoissonUpdate, next_rates
from .weights import mixing_weights


@inlined
def _exposed_poisson_run(
    x: Array,
    exposure: Array,
    seen: Array,
    base: Array,
    weights: Array,
    rates: Array,
    update: PoissonUpdate,
    tolerance: float,
    log_likelihood: Array,
) -> tuple[int, Array, Array, Array]:
    """Fill in one run: how many mixtures it visits, and N, Σγx and Σγe of the last."""
    steps, k = rates.shape
    log_weights, log_rates = np.empty(k), np.empty(k)
    counts, sums, exposures = np.zeros(k), np.zeros(k), np.zeros(k)
    visited = 0
    for step in range(steps):
        if step > 0:
            mixing_weights(counts, update.equal_weights, update.pseudo_count, weights[step])
            next_rates(sums, exposures, rates[step - 1], update, rates[step])
        for j in range(k):
            log_rates[j] = np.log(rates[step, j]) if rates[step, j] > 0 else LOWEST
            log_weights[j] = np.log(weights[step, j]) if weights[step, j] > 0 else LOWEST
        log_likelihood[step], counts, sums, exposures = inlined_exposed_pass(
            x, exposure, seen, base, log_weights, log_rates, rates[step]
        )
        visited += 1
        if not (np.isfinite(log_likelihood[step]) and counts.min() > update.least_count):
            break
        if may_be_near(log_likelihood, step, tolerance):
            break
    return visited, counts, sums, exposures


@compiled
def exposed_poisson_steps(
    x: Array,
    exposure: Array,
    seen: Array,
    base: Array,
    weights: Array,
    rates: Array,
    update: PoissonUpdate,
    tolerance: float,
) -> tuple[NDArray[np.int64], Array, Array, Array, Array]:
    """Take EM's own steps as :func:`poisson_steps` does: how many, the log-likelihoods, and N, Σγx and Σγe of the last."""
    starts, steps, k = rates.shape
    visited, log_likelihood = np.zeros(starts, dtype=np.int64), np.empty((starts, steps))
    counts, sums, exposures = np.zeros((starts, k)), np.zeros((starts, k)), np.zeros((starts, k))
    for s in range(starts):
        found = _exposed_poisson_run(
            x, exposure, seen, base, weights[s], rates[s], update, tolerance, log_likelihood[s]
        )
        visited[s] = found[0]
        copy_into(counts[s], found[1])
        copy_into(sums[s], found[2])
        copy_into(exposures[s], found[3])
    return visited, log_likelihood, counts, sums, exposures
