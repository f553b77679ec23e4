"""EM's steps for Poisson components whose counts have exposures."""

from __future__ import annotations

import numpy as np

from models.kernels.arithmetic import LOWEST, Array
from models.kernels.compiling import compiled
from models.kernels.poisson_exposure import inlined_exposed_pass

from .poisson import PoissonUpdate, next_rates
from .weights import mixing_weights


@compiled
def exposed_poisson_steps(
    x: Array, exposure: Array, seen: Array, base: Array, weights: Array, rates: Array, update: PoissonUpdate
) -> tuple[Array, Array, Array, Array]:
    """Take EM's own steps as :func:`poisson_steps` does: the log-likelihoods, and N, Σγx and Σγe of the last."""
    steps, k = rates.shape
    log_likelihood, log_weights, log_rates = np.empty(steps), np.empty(k), np.empty(k)
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
    return log_likelihood[:visited], counts, sums, exposures
