"""One pass over the data for Gaussian components; one and two dimensions have loops of their own."""

from __future__ import annotations

import numpy as np

from .arithmetic import BLOCK, LOG2_E, LOG_2, LOWEST, Array, log_sums, normalise, whole_vectors
from .averaging import BELOW_ALL, share_out, sum_up
from .compiling import compiled, inlined


@inlined
def _linear_joint(
    x: Array, start: int, size: int, offsets: Array, means: Array, factors: Array, joint: Array, largest: Array
) -> None:
    """Fill the log-joint as :func:`_gaussian_joint` does, in one dimension, where everything stays in registers."""
    x0 = x[0, start : start + size]
    for j in range(len(offsets)):
        offset, m0, f00 = offsets[j], means[j, 0], factors[j, 0, 0]
        for i in range(size):
            z0 = f00 * (x0[i] - m0)
            value = offset - z0 * z0
            joint[j, i] = value
            largest[i] = max(largest[i], value)


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
    """Add up the moments as :func:`_gaussian_moments` does, in one dimension."""
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
def _planar_joint(
    x: Array, start: int, size: int, offsets: Array, means: Array, factors: Array, joint: Array, largest: Array
) -> None:
    """Fill the log-joint as :func:`_gaussian_joint` does, in two dimensions, where everything stays in registers."""
    x0, x1 = x[0, start : start + size], x[1, start : start + size]
    for j in range(len(offsets)):
        offset, m0, m1 = offsets[j], means[j, 0], means[j, 1]
        f00, f10, f11 = factors[j, 0, 0], factors[j, 1, 0], factors[j, 1, 1]
        for i in range(size):
            r0, r1 = x0[i] - m0, x1[i] - m1
            z0, z1 = f00 * r0, f10 * r0 + f11 * r1
            value = offset - z0 * z0 - z1 * z1
            joint[j, i] = value
            largest[i] = max(largest[i], value)


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
    """Add up the moments as :func:`_gaussian_moments` does, in two dimensions."""
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
def _gaussian_joint(
    x: Array,
    start: int,
    size: int,
    offsets: Array,
    means: Array,
    factors: Array,
    residuals: Array,
    whitened: Array,
    joint: Array,
    largest: Array,
) -> None:
    """Fill a block of log-joints, shape ``(k, size)``, from the whitened residuals, four features to a store.

    Raises ``largest``, shape ``(size,)``, to the largest of each observation.
    """
    k, d = means.shape
    for j in range(k):
        for i in range(size):
            joint[j, i] = offsets[j]
        for f in range(d):
            row = x[f, start : start + size]
            for i in range(size):
                residuals[f, i] = row[i] - means[j, f]
            for i in range(size):
                whitened[i] = factors[j, f, f] * residuals[f, i]
            for g in range(0, f - 3, 4):
                a0, a1, a2, a3 = factors[j, f, g], factors[j, f, g + 1], factors[j, f, g + 2], factors[j, f, g + 3]
                for i in range(size):
                    pair = a0 * residuals[g, i] + a1 * residuals[g + 1, i]
                    whitened[i] += pair + a2 * residuals[g + 2, i] + a3 * residuals[g + 3, i]
            for g in range(f - f % 4, f):
                for i in range(size):
                    whitened[i] += factors[j, f, g] * residuals[g, i]
            for i in range(size):
                joint[j, i] -= whitened[i] * whitened[i]
        for i in range(size):
            largest[i] = max(largest[i], joint[j, i])


@inlined
def _gaussian_moments(
    x: Array,
    start: int,
    size: int,
    means: Array,
    joint: Array,
    total: Array,
    residuals: Array,
    weighted: Array,
    counts: Array,
    first: Array,
    second: Array,
) -> None:
    """Add what a block contributes to the statistics, whose second moments are lower triangles, four to a pass.

    The weighted responsibilities are ``joint`` times ``total``, as :func:`normalise` leaves them.
    """
    k, d = means.shape
    for j in range(k):
        for i in range(size):
            joint[j, i] *= total[i]
        count = 0.0
        for i in range(size):
            count += joint[j, i]
        counts[j] += count
        for f in range(d):
            row = x[f, start : start + size]
            for i in range(size):
                residuals[f, i] = row[i] - means[j, f]
                weighted[i] = joint[j, i] * residuals[f, i]
            moment = 0.0
            for i in range(size):
                moment += weighted[i]
            first[j, f] += moment
            for g in range(0, f - 2, 4):
                s0 = s1 = s2 = s3 = 0.0
                for i in range(size):
                    s0 += weighted[i] * residuals[g, i]
                    s1 += weighted[i] * residuals[g + 1, i]
                    s2 += weighted[i] * residuals[g + 2, i]
                    s3 += weighted[i] * residuals[g + 3, i]
                second[j, f, g] += s0
                second[j, f, g + 1] += s1
                second[j, f, g + 2] += s2
                second[j, f, g + 3] += s3
            for g in range(f + 1 - (f + 1) % 4, f + 1):
                moment = 0.0
                for i in range(size):
                    moment += weighted[i] * residuals[g, i]
                second[j, f, g] += moment


@inlined
def inlined_gaussian_pass(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`gaussian_pass` returns, compiled anew into each function that needs it."""
    whole_vectors()
    d, n = x.shape
    k = len(constants)
    log_likelihood = 0.0
    counts, first, second = np.zeros(k), np.zeros((k, d)), np.zeros((k, d, d))
    joint, residuals = np.empty((k, BLOCK)), np.empty((d, BLOCK))
    whitened, largest, total = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    factors, offsets = whitening * np.sqrt(0.5 * LOG2_E), constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        if d == 1:
            _linear_joint(x, start, size, offsets, means, factors, joint, largest)
        elif d == 2:
            _planar_joint(x, start, size, offsets, means, factors, joint, largest)
        else:
            _gaussian_joint(x, start, size, offsets, means, factors, residuals, whitened, joint, largest)
        log_likelihood += normalise(joint, weights[start : start + size], largest, total, size)
        if d == 1:
            _linear_moments(x, start, size, means, joint, total, counts, first, second)
        elif d == 2:
            _planar_moments(x, start, size, means, joint, total, counts, first, second)
        else:
            _gaussian_moments(x, start, size, means, joint, total, residuals, whitened, counts, first, second)
    for j in range(k):
        for f in range(d):
            for g in range(f):
                second[j, g, f] = second[j, f, g]
    return log_likelihood * LOG_2, counts, first, second


@compiled
def gaussian_pass(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """Log-likelihood, Σγ, Σγ(x−μ) and Σγ(x−μ)(x−μ)ᵀ of Gaussian components.

    ``x`` has shape ``(d, n)``. Component j has the log-joint ``constants[j] − ½|whitening[j] (x − means[j])|²``, where
    ``whitening`` holds inverse Cholesky factors of the covariances, shape ``(k, d, d)``, lower triangular.
    """
    return inlined_gaussian_pass(x, weights, constants, means, whitening)


@inlined
def gaussian_gradient_pass(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`gaussian_value_and_gradient` returns, compiled anew into each function that needs it."""
    log_likelihood, counts, first, second = inlined_gaussian_pass(x, weights, constants, means, whitening)
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


@compiled
def gaussian_value_and_gradient(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """The log-likelihood of Gaussian components and, by Fisher's identity, its gradient."""
    return gaussian_gradient_pass(x, weights, constants, means, whitening)


@compiled
def gaussian_pointwise(x: Array, constants: Array, means: Array, whitening: Array) -> Array:
    """The log-density of each observation, shape ``(n,)``, with the arguments of :func:`gaussian_pass`."""
    whole_vectors()
    d, n = x.shape
    k = len(constants)
    log_density = np.empty(n)
    joint, residuals, whitened = np.empty((k, BLOCK)), np.empty((d, BLOCK)), np.empty(BLOCK)
    largest, total = np.empty(BLOCK), np.empty(BLOCK)
    factors, offsets = whitening * np.sqrt(0.5 * LOG2_E), constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        _gaussian_joint(x, start, size, offsets, means, factors, residuals, whitened, joint, largest)
        log_sums(joint, largest, total, log_density[start : start + size])
    return log_density


@compiled
def gaussian_log_density(x: Array, constants: Array, means: Array, whitening: Array) -> Array:
    """The log-density under each component of each draw, shape ``(draws, k, n)``.

    ``x`` has shape ``(d, n)``; each draw has the arguments of :func:`gaussian_pass`, along the first axis of each.
    """
    whole_vectors()
    d, n = x.shape
    draws, k = constants.shape
    found = np.empty((draws, k, n))
    joint, residuals, whitened = np.empty((k, BLOCK)), np.empty((d, BLOCK)), np.empty(BLOCK)
    largest = np.empty(BLOCK)
    factors = whitening * np.sqrt(0.5)
    for s in range(draws):
        for start in range(0, n, BLOCK):
            size = min(BLOCK, n - start)
            if d == 1:
                _linear_joint(x, start, size, constants[s], means[s], factors[s], joint, largest)
            elif d == 2:
                _planar_joint(x, start, size, constants[s], means[s], factors[s], joint, largest)
            else:
                _gaussian_joint(x, start, size, constants[s], means[s], factors[s], residuals, whitened, joint, largest)
            found[s, :, start : start + size] = joint[:, :size]
    return found


@compiled
def gaussian_average(x: Array, constants: Array, means: Array, whitening: Array) -> tuple[Array, Array, Array]:
    """E[γ], shape ``(k, n)``, log E[p(x)] and the sd of log p(x), both of shape ``(n,)``, over draws.

    ``x`` has shape ``(d, n)``; each draw has the arguments of :func:`gaussian_pass`, along the first axis of each.
    """
    whole_vectors()
    d, n = x.shape
    draws, k = constants.shape
    shares, log_density, spread = np.zeros((k, n)), np.empty(n), np.empty(n)
    joint, residuals, whitened = np.empty((k, BLOCK)), np.empty((d, BLOCK)), np.empty(BLOCK)
    largest, total, heights = np.empty(BLOCK), np.empty(BLOCK), np.empty((draws, BLOCK))
    factors, offsets = whitening * np.sqrt(0.5 * LOG2_E), constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        here = shares[:, start : start + size]
        for s in range(draws):
            largest[:] = BELOW_ALL
            if d == 1:
                _linear_joint(x, start, size, offsets[s], means[s], factors[s], joint, largest)
            elif d == 2:
                _planar_joint(x, start, size, offsets[s], means[s], factors[s], joint, largest)
            else:
                _gaussian_joint(x, start, size, offsets[s], means[s], factors[s], residuals, whitened, joint, largest)
            share_out(joint, largest, total, heights[s], here, size)
        sum_up(heights[:, :size], largest, total, log_density[start : start + size], spread[start : start + size])
    return shares / draws, log_density, spread
