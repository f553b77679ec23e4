"""One pass over the data for Poisson components."""

from __future__ import annotations

import numpy as np

from .arithmetic import BLOCK, LOG2_E, LOG_2, LOWEST, Array, log_sums, normalise, whole_vectors
from .averaging import BELOW_ALL, share_out, sum_up
from .compiling import compiled, inlined


@inlined
def _poisson_joint(
    x: Array,
    log_factorials: Array,
    start: int,
    size: int,
    offsets: Array,
    slopes: Array,
    joint: Array,
    largest: Array,
) -> None:
    """Fill a block of log-joints, shape ``(k, size)``, and raise ``largest``, shape ``(size,)``, to the largest of each."""
    row, of_factorials = x[start : start + size], log_factorials[start : start + size]
    for j in range(len(offsets)):
        offset, slope = offsets[j], slopes[j]
        for i in range(size):
            # The factorial at once: large counts leave little of the difference, and sums of it must not lose that.
            value = offset + (slope * row[i] - of_factorials[i] * LOG2_E)
            joint[j, i] = value
            largest[i] = np.fmax(largest[i], value)


@inlined
def inlined_poisson_pass(
    x: Array, weights: Array, log_factorials: Array, constants: Array, log_rates: Array
) -> tuple[float, Array, Array]:
    """What :func:`poisson_pass` returns, compiled anew into each function that needs it."""
    whole_vectors()
    k, n = len(constants), len(x)
    log_likelihood = 0.0
    counts, sums = np.zeros(k), np.zeros(k)
    joint, largest, total = np.empty((k, BLOCK)), np.empty(BLOCK), np.empty(BLOCK)
    slopes, offsets = log_rates * LOG2_E, constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        _poisson_joint(x, log_factorials, start, size, offsets, slopes, joint, largest)
        log_likelihood += normalise(joint, weights[start : start + size], largest, total, size)
        row = x[start : start + size]
        for j in range(k):
            count, moment = 0.0, 0.0
            for i in range(size):
                share = joint[j, i] * total[i]
                count += share
                moment += share * row[i]
            counts[j] += count
            sums[j] += moment
    return log_likelihood * LOG_2, counts, sums


@compiled
def poisson_pass(
    x: Array, weights: Array, log_factorials: Array, constants: Array, log_rates: Array
) -> tuple[float, Array, Array]:
    """Log-likelihood, Σγ and Σγx of Poisson components.

    ``x`` has shape ``(n,)``. Component j has the log-joint ``constants[j] + x · log_rates[j] − log_factorials``.
    """
    return inlined_poisson_pass(x, weights, log_factorials, constants, log_rates)


@inlined
def poisson_gradient_pass(x: Array, weights: Array, constants: Array, log_rates: Array) -> tuple[float, Array, Array]:
    """What :func:`poisson_value_and_gradient` returns, compiled anew into each function that needs it."""
    return inlined_poisson_pass(x, weights, np.zeros(len(x)), constants, log_rates)


@compiled
def poisson_value_and_gradient(
    x: Array, weights: Array, constants: Array, log_rates: Array
) -> tuple[float, Array, Array]:
    """The log-likelihood of Poisson components without its Σ log x!; the statistics are its gradient."""
    return poisson_gradient_pass(x, weights, constants, log_rates)


@compiled
def poisson_pointwise(x: Array, constants: Array, log_rates: Array) -> Array:
    """The log-probability of each count without its log x!, shape ``(n,)``, with the arguments of :func:`poisson_pass`."""
    whole_vectors()
    n = len(x)
    log_density, joint, none = np.empty(n), np.empty((len(constants), BLOCK)), np.zeros(n)
    largest, total = np.empty(BLOCK), np.empty(BLOCK)
    slopes, offsets = log_rates * LOG2_E, constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        _poisson_joint(x, none, start, size, offsets, slopes, joint, largest)
        log_sums(joint, largest, total, log_density[start : start + size])
    return log_density


@compiled
def poisson_average(x: Array, log_factorials: Array, constants: Array, log_rates: Array) -> tuple[Array, Array, Array]:
    """E[γ], shape ``(k, n)``, log E[p(x)] and the sd of log p(x), both of shape ``(n,)``, over draws.

    Each draw has the arguments of :func:`poisson_pass`, along the first axis of each.
    """
    whole_vectors()
    n, (draws, k) = len(x), constants.shape
    shares, log_density, spread = np.zeros((k, n)), np.empty(n), np.empty(n)
    joint, largest, total = np.empty((k, BLOCK)), np.empty(BLOCK), np.empty(BLOCK)
    heights = np.empty((draws, BLOCK))
    slopes, offsets = log_rates * LOG2_E, constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        here = shares[:, start : start + size]
        for s in range(draws):
            largest[:] = BELOW_ALL
            _poisson_joint(x, log_factorials, start, size, offsets[s], slopes[s], joint, largest)
            share_out(joint, largest, total, heights[s], here, size)
        sum_up(heights[:, :size], largest, total, log_density[start : start + size], spread[start : start + size])
    return shares / draws, log_density, spread
