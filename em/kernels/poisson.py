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
    last_counts, last_sums = np.empty((starts, k)), np.empty((starts, k))
    constants, log_rates = np.empty(k), np.empty(k)
    counts, sums = np.zeros(k), np.zeros(k)
    for s in range(starts):
        for step in range(steps):
            if step > 0:
                mixing_weights(counts, update.equal_weights, update.pseudo_count, weights[s, step])
                next_rates(sums, counts, rates[s, step - 1], update, rates[s, step])
            for j in range(k):
                rate, weight = rates[s, step, j], weights[s, step, j]
                log_rates[j] = np.log(rate) if rate > 0 else LOWEST
                constants[j] = (np.log(weight) if weight > 0 else LOWEST) - rate
            found, counts, sums = inlined_poisson_pass(x, seen, log_factorials, constants, log_rates)
            log_likelihood[s, step] = found
            visited[s] += 1
            if not (np.isfinite(found) and counts.min() > update.least_count):
                break
            if may_be_near(log_likelihood, s, step, tolerance):
                break
        copy_into(last_counts[s], counts)
        copy_into(last_sums[s], sums)
    return visited, log_likelihood, last_counts, last_sums
