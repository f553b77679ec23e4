"""EM's steps for Poisson components whose counts have exposures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.kernels.arithmetic import LOWEST, Array, copy_into
from models.kernels.compiling import compiled
from models.kernels.poisson_exposure import inlined_exposed_pass

from .limit import may_be_near
from .poisson import PoissonUpdate, next_rates
from .weights import mixing_weights


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
    last_counts, last_sums, last_exposures = np.empty((starts, k)), np.empty((starts, k)), np.empty((starts, k))
    log_weights, log_rates = np.empty(k), np.empty(k)
    counts, sums, exposures = np.zeros(k), np.zeros(k), np.zeros(k)
    for s in range(starts):
        for step in range(steps):
            if step > 0:
                mixing_weights(counts, update.equal_weights, update.pseudo_count, weights[s, step])
                next_rates(sums, exposures, rates[s, step - 1], update, rates[s, step])
            for j in range(k):
                rate, weight = rates[s, step, j], weights[s, step, j]
                log_rates[j] = np.log(rate) if rate > 0 else LOWEST
                log_weights[j] = np.log(weight) if weight > 0 else LOWEST
            found, counts, sums, exposures = inlined_exposed_pass(
                x, exposure, seen, base, log_weights, log_rates, rates[s, step]
            )
            log_likelihood[s, step] = found
            visited[s] += 1
            if not (np.isfinite(found) and counts.min() > update.least_count):
                break
            if may_be_near(log_likelihood, s, step, tolerance):
                break
        copy_into(last_counts[s], counts)
        copy_into(last_sums[s], sums)
        copy_into(last_exposures[s], exposures)
    return visited, log_likelihood, last_counts, last_sums, last_exposures
