"""EM's steps for Poisson components."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.kernels.arithmetic import LOWEST, Array, copy_into
from models.kernels.compiling import compiled, inlined
from models.kernels.poisson import inlined_poisson_pass

from .limit import may_be_near
from .weights import mixing_weights


class PoissonUpdate(NamedTuple):
    """What an M-step of Poisson components needs beside the statistics: the prior's own events and observations.

    Where a scale is shared the mean of its prior is ``shared_mean``; else that is zero.
    """

    least_count: float
    equal_weights: bool
    pseudo_count: float
    events: float
    least_events: float
    exposure: float
    shared_mean: float


@inlined
def next_rates(sums: Array, exposures: Array, current: Array, update: PoissonUpdate, rates: Array) -> None:
    """Fill in the rates that maximise Q, given Σγx, Σγe and the ``current`` rates, on which a shared scale depends."""
    own = update.exposure
    if update.shared_mean > 0:
        own += (len(current) + 1) / (update.shared_mean + current.sum())
    for j in range(len(current)):
        rates[j] = max(update.events + sums[j], update.least_events) / (own + exposures[j])


@inlined
def _poisson_run(
    x: Array,
    seen: Array,
    log_factorials: Array,
    weights: Array,
    rates: Array,
    update: PoissonUpdate,
    tolerance: float,
    log_likelihood: Array,
) -> tuple[int, Array, Array]:
    """Fill in one run: how many mixtures it visits, and N and Σγx of the last."""
    steps, k = rates.shape
    constants, log_rates = np.empty(k), np.empty(k)
    counts, sums = np.zeros(k), np.zeros(k)
    visited = 0
    for step in range(steps):
        if step > 0:
            mixing_weights(counts, update.equal_weights, update.pseudo_count, weights[step])
            next_rates(sums, counts, rates[step - 1], update, rates[step])
        for j in range(k):
            log_rates[j] = np.log(rates[step, j]) if rates[step, j] > 0 else LOWEST
            constants[j] = (np.log(weights[step, j]) if weights[step, j] > 0 else LOWEST) - rates[step, j]
        log_likelihood[step], counts, sums = inlined_poisson_pass(x, seen, log_factorials, constants, log_rates)
        visited += 1
        if not (np.isfinite(log_likelihood[step]) and counts.min() > update.least_count):
            break
        if may_be_near(log_likelihood, step, tolerance):
            break
    return visited, counts, sums


@compiled
def poisson_steps(
    x: Array,
    seen: Array,
    log_factorials: Array,
    weights: Array,
    rates: Array,
    update: PoissonUpdate,
    tolerance: float,
) -> tuple[NDArray[np.int64], Array, Array, Array]:
    """Take EM's own steps as :func:`gaussian_steps` does: how many, the log-likelihoods, and N and Σγx of the last."""
    starts, steps, k = rates.shape
    visited, log_likelihood = np.zeros(starts, dtype=np.int64), np.empty((starts, steps))
    counts, sums = np.zeros((starts, k)), np.zeros((starts, k))
    for s in range(starts):
        found = _poisson_run(
            x, seen, log_factorials, weights[s], rates[s], update, tolerance, log_likelihood[s]
        )
        visited[s] = found[0]
        copy_into(counts[s], found[1])
        copy_into(sums[s], found[2])
    return visited, log_likelihood, counts, sums
