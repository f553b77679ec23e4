"""One pass over counts with exposures: what ``poisson.py`` does where every exposure is one, and needs no row of them.

Component j gives row i the log-joint ``log_weights[j] + x[i] · log_rates[j] − exposure[i] · rates[j] + base[i]``, where
``base`` is x log e − log x!, which no parameter changes.
"""

from __future__ import annotations

import numpy as np

from .arithmetic import BLOCK, LOG2_E, LOG_2, LOWEST, Array, log_sums, normalise, whole_vectors
from .averaging import BELOW_ALL, share_out, sum_up
from .compiling import compiled, inlined


@inlined
def _exposed_joint(
    x: Array,
    exposure: Array,
    base: Array,
    start: int,
    size: int,
    offsets: Array,
    slopes: Array,
    falls: Array,
    joint: Array,
    largest: Array,
) -> None:
    """Fill a block of log-joints, shape ``(k, size)``, and raise ``largest``, shape ``(size,)``, to the largest of each."""
    row, of_exposure, of_base = x[start : start + size], exposure[start : start + size], base[start : start + size]
    for j in range(len(offsets)):
        offset, slope, fall = offsets[j], slopes[j], falls[j]
        for i in range(size):
            # The base at once: large counts leave little of the difference, and sums of it must not lose that.
            value = offset + ((slope * row[i] + of_base[i] * LOG2_E) - fall * of_exposure[i])
            joint[j, i] = value
            largest[i] = np.fmax(largest[i], value)


@inlined
def inlined_exposed_pass(
    x: Array, exposure: Array, weights: Array, base: Array, log_weights: Array, log_rates: Array, rates: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`exposed_poisson_pass` returns, compiled anew into each function that needs it."""
    whole_vectors()
    k, n = len(log_weights), len(x)
    log_likelihood = 0.0
    counts, sums, exposures = np.zeros(k), np.zeros(k), np.zeros(k)
    joint, largest, total = np.empty((k, BLOCK)), np.empty(BLOCK), np.empty(BLOCK)
    offsets, slopes, falls = log_weights * LOG2_E, log_rates * LOG2_E, rates * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        _exposed_joint(x, exposure, base, start, size, offsets, slopes, falls, joint, largest)
        log_likelihood += normalise(joint, weights[start : start + size], largest, total, size)
        row, of_exposure = x[start : start + size], exposure[start : start + size]
        for j in range(k):
            count, moment, exposed = 0.0, 0.0, 0.0
            for i in range(size):
                share = joint[j, i] * total[i]
                count += share
                moment += share * row[i]
                exposed += share * of_exposure[i]
            counts[j] += count
            sums[j] += moment
            exposures[j] += exposed
    return log_likelihood * LOG_2, counts, sums, exposures


@compiled
def exposed_poisson_pass(
    x: Array, exposure: Array, weights: Array, base: Array, log_weights: Array, log_rates: Array, rates: Array
) -> tuple[float, Array, Array, Array]:
    """Log-likelihood, Σγ, Σγx and Σγe of Poisson components; ``x``, ``exposure`` and ``base`` have shape ``(n,)``."""
    return inlined_exposed_pass(x, exposure, weights, base, log_weights, log_rates, rates)


@inlined
def exposed_gradient_pass(
    x: Array, exposure: Array, weights: Array, log_weights: Array, log_rates: Array, rates: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`exposed_value_and_gradient` returns, compiled anew into each function that needs it."""
    found = inlined_exposed_pass(x, exposure, weights, np.zeros(len(x)), log_weights, log_rates, rates)
    return found[0], found[1], found[2], -found[3]


@compiled
def exposed_value_and_gradient(
    x: Array, exposure: Array, weights: Array, log_weights: Array, log_rates: Array, rates: Array
) -> tuple[float, Array, Array, Array]:
    """The log-likelihood without its base, and its gradient in ``log_weights``, ``log_rates`` and ``rates``."""
    return exposed_gradient_pass(x, exposure, weights, log_weights, log_rates, rates)


@compiled
def exposed_pointwise(x: Array, exposure: Array, log_weights: Array, log_rates: Array, rates: Array) -> Array:
    """The log-probability of each count without its base, shape ``(n,)``."""
    whole_vectors()
    n = len(x)
    log_density, joint, none = np.empty(n), np.empty((len(log_weights), BLOCK)), np.zeros(n)
    largest, total = np.empty(BLOCK), np.empty(BLOCK)
    offsets, slopes, falls = log_weights * LOG2_E, log_rates * LOG2_E, rates * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        _exposed_joint(x, exposure, none, start, size, offsets, slopes, falls, joint, largest)
        log_sums(joint, largest, total, log_density[start : start + size])
    return log_density


@compiled
def exposed_poisson_average(
    x: Array, exposure: Array, base: Array, log_weights: Array, log_rates: Array, rates: Array
) -> tuple[Array, Array, Array]:
    """E[γ], shape ``(k, n)``, log E[p(x)] and the sd of log p(x), both of shape ``(n,)``, over draws.

    Each draw has the arguments of :func:`exposed_poisson_pass`, along the first axis of each.
    """
    whole_vectors()
    n, (draws, k) = len(x), log_weights.shape
    shares, log_density, spread = np.zeros((k, n)), np.empty(n), np.empty(n)
    joint, largest, total = np.empty((k, BLOCK)), np.empty(BLOCK), np.empty(BLOCK)
    heights = np.empty((draws, BLOCK))
    offsets, slopes, falls = log_weights * LOG2_E, log_rates * LOG2_E, rates * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        here = shares[:, start : start + size]
        for s in range(draws):
            largest[:] = BELOW_ALL
            _exposed_joint(x, exposure, base, start, size, offsets[s], slopes[s], falls[s], joint, largest)
            share_out(joint, largest, total, heights[s], here, size)
        sum_up(heights[:, :size], largest, total, log_density[start : start + size], spread[start : start + size])
    return shares / draws, log_density, spread
