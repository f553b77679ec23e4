"""One pass over the data for components that are products of Poissons: many columns of counts, dense or sparse.

A block of dense rows is copied, so that the products with all columns run over memory that is in the cache, whatever the
order in which the counts lie. Four columns go by at a time: one load of a sum, and one store, then serve four products. Of
sparse rows only the counts that are not zero go by.

In both, component j has the log-joint ``log_weights[j] − exposures · totals[j] + Σ x · log_rates[j] − shifts``, where
``totals`` are the sums of the rates, and ``shifts`` what no parameter changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arithmetic import BLOCK, LOG2_E, LOG_2, LOWEST, Array, copy_into, find_largest, log_sums, normalise, whole_vectors
from .compiling import compiled, inlined


@inlined
def _begin(
    exposures: Array, shifts: Array, start: int, size: int, log_weights: Array, totals: Array, joint: Array
) -> None:
    """Fill a block of log-joints, to the base 2, with what does not depend on the counts, shape ``(k, size)``."""
    of_exposures, of_shifts = exposures[start : start + size], shifts[start : start + size]
    for j in range(len(totals)):
        row, offset, total = joint[j], log_weights[j] * LOG2_E, totals[j] * LOG2_E
        for i in range(size):
            row[i] = offset - (of_exposures[i] * total + of_shifts[i] * LOG2_E)


@inlined
def _add_products(columns: Array, size: int, slopes: Array, joint: Array) -> None:
    """Add Σ x · log λ to a block of log-joints, whose counts are ``columns``, shape ``(d, size)``."""
    k, d = slopes.shape
    for j in range(k):
        row, f = joint[j], 0
        while f + 4 <= d:
            first, second, third, fourth = columns[f], columns[f + 1], columns[f + 2], columns[f + 3]
            a, b, c, e = slopes[j, f], slopes[j, f + 1], slopes[j, f + 2], slopes[j, f + 3]
            for i in range(size):
                row[i] += (a * first[i] + b * second[i]) + (c * third[i] + e * fourth[i])
            f += 4
        while f < d:
            last, slope = columns[f], slopes[j, f]
            for i in range(size):
                row[i] += slope * last[i]
            f += 1


@inlined
def _add_counts(
    exposures: Array, start: int, size: int, total: Array, joint: Array, counts: Array, exposed: Array
) -> None:
    """Make a block the weighted responsibilities, and add Σγ and Σγe of each component."""
    of_exposures = exposures[start : start + size]
    for j in range(joint.shape[0]):
        row, count, exposure = joint[j], 0.0, 0.0
        for i in range(size):
            row[i] *= total[i]
        for i in range(size):
            count += row[i]
            exposure += row[i] * of_exposures[i]
        counts[j] += count
        exposed[j] += exposure


@inlined
def _add_sums(columns: Array, shares: Array, size: int, sums: Array) -> None:
    """Add Σγx of a block, whose weighted responsibilities are ``shares``, shape ``(k, size)``."""
    k, d = sums.shape
    for j in range(k):
        share, f = shares[j], 0
        while f + 4 <= d:
            first, second, third, fourth = columns[f], columns[f + 1], columns[f + 2], columns[f + 3]
            a, b, c, e = 0.0, 0.0, 0.0, 0.0
            for i in range(size):
                a += share[i] * first[i]
                b += share[i] * second[i]
                c += share[i] * third[i]
                e += share[i] * fourth[i]
            sums[j, f] += a
            sums[j, f + 1] += b
            sums[j, f + 2] += c
            sums[j, f + 3] += e
            f += 4
        while f < d:
            last, whole = columns[f], 0.0
            for i in range(size):
                whole += share[i] * last[i]
            sums[j, f] += whole
            f += 1


@inlined
def product_gradient_pass(
    x: Array, weights: Array, exposures: Array, shifts: Array, log_weights: Array, totals: Array, log_rates: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`product_pass` returns, compiled anew into each function that needs it."""
    whole_vectors()
    (d, n), k = x.shape, len(totals)
    log_likelihood = 0.0
    counts, exposed, sums = np.zeros(k), np.zeros(k), np.zeros((k, d))
    columns, joint = np.empty((d, BLOCK)), np.empty((k, BLOCK))
    largest, total = np.empty(BLOCK), np.empty(BLOCK)
    slopes = log_rates * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        copy_into(columns, x[:, start : start + size])
        _begin(exposures, shifts, start, size, log_weights, totals, joint)
        _add_products(columns, size, slopes, joint)
        find_largest(joint, size, LOWEST, largest)
        log_likelihood += normalise(joint, weights[start : start + size], largest, total, size)
        _add_counts(exposures, start, size, total, joint, counts, exposed)
        _add_sums(columns, joint, size, sums)
    return log_likelihood * LOG_2, counts, exposed, sums


@compiled
def product_pass(
    x: Array, weights: Array, exposures: Array, shifts: Array, log_weights: Array, totals: Array, log_rates: Array
) -> tuple[float, Array, Array, Array]:
    """Log-likelihood, Σγ, Σγe and Σγx of products of Poissons, for counts ``x`` of shape ``(d, n)``."""
    return product_gradient_pass(x, weights, exposures, shifts, log_weights, totals, log_rates)


@compiled
def product_pointwise(
    x: Array, exposures: Array, shifts: Array, log_weights: Array, totals: Array, log_rates: Array
) -> Array:
    """The log-probability of each row, shape ``(n,)``, with the arguments of :func:`product_pass`."""
    whole_vectors()
    (d, n), k = x.shape, len(totals)
    log_density, columns, joint = np.empty(n), np.empty((d, BLOCK)), np.empty((k, BLOCK))
    largest, total = np.empty(BLOCK), np.empty(BLOCK)
    slopes = log_rates * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        copy_into(columns, x[:, start : start + size])
        _begin(exposures, shifts, start, size, log_weights, totals, joint)
        _add_products(columns, size, slopes, joint)
        find_largest(joint, size, LOWEST, largest)
        log_sums(joint, largest, total, log_density[start : start + size])
    return log_density


@compiled
def sparse_product_pass(
    x: Array,
    columns: NDArray[np.int32],
    begins: NDArray[np.signedinteger[Any]],
    weights: Array,
    exposures: Array,
    shifts: Array,
    log_weights: Array,
    totals: Array,
    log_rates: Array,
) -> tuple[float, Array, Array, Array]:
    """Log-likelihood, Σγ, Σγe and Σγx of products of Poissons, for compressed sparse rows of counts.

    Row i holds the counts ``x[begins[i]:begins[i + 1]]`` in these ``columns``, and zero in all others.
    """
    (k, d), n = log_rates.shape, len(weights)
    log_likelihood = 0.0
    counts, exposed, sums = np.zeros(k), np.zeros(k), np.zeros((d, k))
    joint, largest, total, of_row = np.empty((k, BLOCK)), np.empty(BLOCK), np.empty(BLOCK), np.empty(k)
    slopes = np.ascontiguousarray(log_rates.T) * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        _begin(exposures, shifts, start, size, log_weights, totals, joint)
        for i in range(size):
            of_row[:] = 0.0
            for place in range(begins[start + i], begins[start + i + 1]):
                count, slope = x[place], slopes[columns[place]]
                for j in range(k):
                    of_row[j] += count * slope[j]
            for j in range(k):
                joint[j, i] += of_row[j]
        find_largest(joint, size, LOWEST, largest)
        log_likelihood += normalise(joint, weights[start : start + size], largest, total, size)
        _add_counts(exposures, start, size, total, joint, counts, exposed)
        for i in range(size):
            for j in range(k):
                of_row[j] = joint[j, i]
            for place in range(begins[start + i], begins[start + i + 1]):
                count, moment = x[place], sums[columns[place]]
                for j in range(k):
                    moment[j] += count * of_row[j]
    return log_likelihood * LOG_2, counts, exposed, np.ascontiguousarray(sums.T)
