"""One pass over the data for Gaussian components; one and two dimensions have loops of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arithmetic import BLOCK, LOG2_E, LOG_2, LOWEST, Array, copy_into, find_largest, log_sums, normalise, whole_vectors
from .averaging import BELOW_ALL, share_out, sum_up
from .compiling import compiled, inlined, pasted
from .gaussian_panels import copy_rows, panel_joint, panels_pass
from .vectors import ROWS, aligned, panel, put

# So many features have loops of their own.
FEW = 2
ROOT_HALF_LOG2_E = float(np.sqrt(0.5 * LOG2_E))


@inlined
def _linear_joint(x: Array, start: int, size: int, offsets: Array, means: Array, factors: Array, joint: Array) -> None:
    """Fill the log-joint as :func:`_fill_joint` does, in one dimension, where everything stays in registers."""
    x0 = x[0, start : start + size]
    for j in range(len(offsets)):
        offset, m0, f00 = offsets[j], means[j, 0], factors[j, 0, 0]
        for i in range(size):
            z0 = f00 * (x0[i] - m0)
            joint[j, i] = offset - z0 * z0


@inlined
def _linear_moments(
    x: Array,
    start: int,
    size: int,
    means: Array,
    joint: Array,
    total: Array,
    counts: Array,
    first: Array,
    second: Array,
) -> None:
    """Add up the moments of a block in one dimension, as :func:`_planar_moments` does in two."""
    x0 = x[0, start : start + size]
    for j in range(len(counts)):
        m0 = means[j, 0]
        count = s0 = s00 = 0.0
        for i in range(size):
            share, r0 = joint[j, i] * total[i], x0[i] - m0
            count += share
            s0 += share * r0
            s00 += share * r0 * r0
        counts[j] += count
        first[j, 0] += s0
        second[j, 0, 0] += s00


@inlined
def _planar_joint(x: Array, start: int, size: int, offsets: Array, means: Array, factors: Array, joint: Array) -> None:
    """Fill the log-joint as :func:`_fill_joint` does, in two dimensions, where everything stays in registers."""
    x0, x1 = x[0, start : start + size], x[1, start : start + size]
    for j in range(len(offsets)):
        offset, m0, m1 = offsets[j], means[j, 0], means[j, 1]
        f00, f10, f11 = factors[j, 0, 0], factors[j, 1, 0], factors[j, 1, 1]
        for i in range(size):
            r0, r1 = x0[i] - m0, x1[i] - m1
            z0, z1 = f00 * r0, f10 * r0 + f11 * r1
            joint[j, i] = offset - z0 * z0 - z1 * z1


@inlined
def _planar_moments(
    x: Array,
    start: int,
    size: int,
    means: Array,
    joint: Array,
    total: Array,
    counts: Array,
    first: Array,
    second: Array,
) -> None:
    """Add what a block contributes to the statistics, whose second moments are lower triangles.

    The weighted responsibilities are ``joint`` times ``total``, as :func:`normalise` leaves them.
    """
    x0, x1 = x[0, start : start + size], x[1, start : start + size]
    for j in range(len(counts)):
        m0, m1 = means[j, 0], means[j, 1]
        count = s0 = s1 = s00 = s10 = s11 = 0.0
        for i in range(size):
            share = joint[j, i] * total[i]
            r0, r1 = x0[i] - m0, x1[i] - m1
            w0, w1 = share * r0, share * r1
            count += share
            s0 += w0
            s1 += w1
            s00 += w0 * r0
            s10 += w1 * r0
            s11 += w1 * r1
        counts[j] += count
        first[j, 0] += s0
        first[j, 1] += s1
        second[j, 0, 0] += s00
        second[j, 1, 0] += s10
        second[j, 1, 1] += s11


@inlined
def _fill_joint(
    x: Array,
    start: int,
    size: int,
    offsets: Array,
    means: Array,
    factors: Array,
    rows: Array,
    residuals: Array,
    joint: Array,
) -> None:
    """Fill a block of log-joints, shape ``(k, size)`` and some columns more, from the whitened residuals."""
    k, d = means.shape
    if d == 1:
        _linear_joint(x, start, size, offsets, means, factors, joint)
    elif d == 2:
        _planar_joint(x, start, size, offsets, means, factors, joint)
    else:
        for i in range(0, copy_rows(x, start, size, rows), ROWS):
            for j in range(k):
                whole = panel_joint(rows, i, d, j, offsets, means, factors, residuals, panel(-np.inf))
                put(joint, (j, i), whole)


@pasted
def _loops_pass(
    x: Array, weights: Array, offsets: Array, means: Array, factors: Array, counts: Array, first: Array, second: Array
) -> float:
    """Add up the statistics in one or two dimensions as :func:`panels_pass` does in more."""
    (d, n), k, log_likelihood = x.shape, len(offsets), 0.0
    joint, largest, total = np.empty((k, BLOCK)), np.empty(BLOCK), np.empty(BLOCK)
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        if d == 1:
            _linear_joint(x, start, size, offsets, means, factors, joint)
        else:
            _planar_joint(x, start, size, offsets, means, factors, joint)
        find_largest(joint, size, LOWEST, largest)
        log_likelihood += normalise(joint, weights[start : start + size], largest, total, size)
        if d == 1:
            _linear_moments(x, start, size, means, joint, total, counts, first, second)
        else:
            _planar_moments(x, start, size, means, joint, total, counts, first, second)
    return log_likelihood


@pasted
def _fused_pass(
    add_up: Any, x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`gaussian_pass` returns, from the loops ``add_up``."""
    whole_vectors()
    k, d = means.shape
    counts, first, second = np.zeros(k), np.zeros((k, d)), np.zeros((k, d, d))
    factors, offsets = np.empty((k, d, d)), np.empty(k)
    for j in range(k):
        offsets[j] = constants[j] * LOG2_E
        for f in range(d):
            for g in range(d):
                factors[j, f, g] = whitening[j, f, g] * ROOT_HALF_LOG2_E
    log_likelihood = add_up(x, weights, offsets, means, factors, counts, first, second)
    for j in range(k):
        for f in range(d):
            for g in range(f):
                second[j, g, f] = second[j, f, g]
    return log_likelihood * LOG_2, counts, first, second


def _pass_of_few(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`gaussian_pass` returns, of one or two features."""
    found: tuple[float, Array, Array, Array] = _fused_pass(_loops_pass, x, weights, constants, means, whitening)
    return found


def _pass_of_many(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`gaussian_pass` returns, of three and more features."""
    found: tuple[float, Array, Array, Array] = _fused_pass(panels_pass, x, weights, constants, means, whitening)
    return found


# Apart, because the panels take longer to compile than all else, and data of one or two features never need them.
_few, _many = compiled(_pass_of_few), compiled(_pass_of_many)
gaussian_pass_of_few, gaussian_pass_of_many = pasted(_pass_of_few), pasted(_pass_of_many)


def gaussian_pass(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """Log-likelihood, Σγ, Σγ(x−μ) and Σγ(x−μ)(x−μ)ᵀ of Gaussian components.

    ``x`` has shape ``(d, n)``. Component j has the log-joint ``constants[j] − ½|whitening[j] (x − means[j])|²``, where
    ``whitening`` holds inverse Cholesky factors of the covariances, shape ``(k, d, d)``, lower triangular.
    """
    return (_few if len(x) <= FEW else _many)(x, weights, constants, means, whitening)


@pasted
def _loops_or_panels(
    x: Array, weights: Array, offsets: Array, means: Array, factors: Array, counts: Array, first: Array, second: Array
) -> float:
    """Add up the statistics of any number of features."""
    if means.shape[1] <= FEW:
        log_likelihood = _loops_pass(x, weights, offsets, means, factors, counts, first, second)
    else:
        log_likelihood = panels_pass(x, weights, offsets, means, factors, counts, first, second)
    return log_likelihood


def _value_and_gradient(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """The log-likelihood of Gaussian components and, by Fisher's identity, its gradient."""
    log_likelihood, counts, first, second = _fused_pass(_loops_or_panels, x, weights, constants, means, whitening)
    of_means, of_whitening = np.zeros(means.shape), np.zeros(whitening.shape)
    k, d = means.shape
    for j in range(k):
        for f in range(d):
            whitened = 0.0
            for g in range(f + 1):
                whitened += whitening[j, f, g] * first[j, g]
            for g in range(f + 1):
                of_means[j, g] += whitening[j, f, g] * whitened
                for h in range(f + 1):
                    of_whitening[j, f, g] -= whitening[j, f, h] * second[j, h, g]
    return log_likelihood, counts, of_means, of_whitening


gaussian_value_and_gradient, gaussian_gradient_pass = compiled(_value_and_gradient), pasted(_value_and_gradient)


@compiled
def gaussian_pointwise(x: Array, constants: Array, means: Array, whitening: Array) -> Array:
    """The log-density of each observation, shape ``(n,)``, with the arguments of :func:`gaussian_pass`."""
    whole_vectors()
    (d, n), k = x.shape, len(constants)
    log_density, largest, total = np.empty(n), np.empty(BLOCK), np.empty(BLOCK)
    rows, residuals, joint = aligned(d, BLOCK), aligned(d, ROWS), aligned(k, BLOCK)
    factors, offsets = whitening * np.sqrt(0.5 * LOG2_E), constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        _fill_joint(x, start, size, offsets, means, factors, rows, residuals, joint)
        find_largest(joint, size, LOWEST, largest)
        log_sums(joint, largest, total, log_density[start : start + size])
    return log_density


@compiled
def gaussian_log_density(x: Array, constants: Array, means: Array, whitening: Array) -> Array:
    """The log-density under each component of each draw, shape ``(draws, k, n)``.

    ``x`` has shape ``(d, n)``; each draw has the arguments of :func:`gaussian_pass`, along the first axis of each.
    """
    whole_vectors()
    (d, n), (draws, k) = x.shape, constants.shape
    found = np.empty((draws, k, n))
    rows, residuals, joint = aligned(d, BLOCK), aligned(d, ROWS), aligned(k, BLOCK)
    factors = whitening * np.sqrt(0.5)
    for s in range(draws):
        for start in range(0, n, BLOCK):
            size = min(BLOCK, n - start)
            _fill_joint(x, start, size, constants[s], means[s], factors[s], rows, residuals, joint)
            copy_into(found[s, :, start : start + size], joint[:, :size])
    return found


@compiled
def gaussian_average(x: Array, constants: Array, means: Array, whitening: Array) -> tuple[Array, Array, Array]:
    """E[γ], shape ``(k, n)``, log E[p(x)] and the sd of log p(x), both of shape ``(n,)``, over draws.

    ``x`` has shape ``(d, n)``; each draw has the arguments of :func:`gaussian_pass`, along the first axis of each.
    """
    whole_vectors()
    (d, n), (draws, k) = x.shape, constants.shape
    shares, log_density, spread = np.zeros((k, n)), np.empty(n), np.empty(n)
    largest, total, heights = np.empty(BLOCK), np.empty(BLOCK), np.empty((draws, BLOCK))
    rows, residuals, joint = aligned(d, BLOCK), aligned(d, ROWS), aligned(k, BLOCK)
    factors, offsets = whitening * np.sqrt(0.5 * LOG2_E), constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        here = shares[:, start : start + size]
        for s in range(draws):
            _fill_joint(x, start, size, offsets[s], means[s], factors[s], rows, residuals, joint)
            find_largest(joint, size, BELOW_ALL, largest)
            share_out(joint, largest, total, heights[s], here, size)
        sum_up(heights[:, :size], largest, total, log_density[start : start + size], spread[start : start + size])
    return shares / draws, log_density, spread
