"""EM's steps for Gaussian components."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.kernels.arithmetic import HALF_LOG_TWO_PI, LOWEST, Array, copy_into
from models.kernels.compiling import compiled, inlined, pasted
from models.kernels.gaussian import FEW, gaussian_pass_of_few, gaussian_pass_of_many

from .gaussian_weak import Unseen, expected_scale, pulled_mean
from .limit import may_be_near
from .weights import mixing_weights

# The structures of covariance by number.
FULL, DIAGONAL, SPHERICAL, TIED = range(4)

Steps = tuple[NDArray[np.int64], Array, Array, Array, Array]


class GaussianUpdate(NamedTuple):
    """What an M-step of Gaussian components needs beside the statistics (em/gaussian.py derives it).

    A component is regular, and the steps go on, while it has more than ``least_count`` observations and its covariance
    is wider than ``floor`` times ``spread`` in every direction, and than the share ``condition`` of the sum of its
    eigenvalues. Both are in units of ``scales``; the three of them have shape ``(d, d)``. ``pseudo_count`` is α − 1 of the
    weights, which stay as they are when ``equal_weights``. Without a prior ``strength``, ``scatter`` and ``observed``
    are zero. A ``ridge`` above zero is added to each variance afterwards, and what then climbs is not the likelihood.
    """

    structure: int
    scales: Array
    spread: Array
    floor: float
    condition: float
    least_count: float
    equal_weights: bool
    pseudo_count: float
    location: Array
    strength: float
    scatter: Array
    observed: float
    ridge: float


@inlined
def _cholesky(matrix: Array, scales: Array, share: float, spread: Array, less: float, factor: Array) -> bool:
    """Fill the Cholesky factor of ``matrix / scales − share · spread − less · I``; say whether it is positive definite."""
    d = len(matrix)
    for f in range(d):
        for g in range(f + 1):
            entry = matrix[f, g] / scales[f, g] - share * spread[f, g]
            for h in range(g):
                entry -= factor[f, h] * factor[g, h]
            if g < f:
                factor[f, g] = entry / factor[g, g]
            elif entry > less:
                factor[f, f] = np.sqrt(entry - less)
            else:
                return False
    return True


@inlined
def _inverse(factor: Array, scales: Array, inverse: Array) -> None:
    """Fill the inverse of a lower triangular matrix whose rows are in units of √ of the diagonal of ``scales``."""
    d = len(factor)
    for g in range(d):
        inverse[g, g] = 1.0 / factor[g, g]
        for f in range(g + 1, d):
            entry = 0.0
            for h in range(g, f):
                entry -= factor[f, h] * inverse[h, g]
            inverse[f, g] = entry / factor[f, f]
    for f in range(d):
        for g in range(f + 1):
            inverse[f, g] /= np.sqrt(scales[g, g])


@inlined
def _gaussian_update(
    counts: Array,
    first: Array,
    second: Array,
    centres: Array,
    whitening: Array,
    update: Any,
    unseen: Any,
    work: Array,
    scatter: Array,
    means: Array,
    covariances: Array,
) -> None:
    """Fill the means and covariances that maximise Q where no floor binds."""
    k, d = centres.shape
    if unseen is not None:
        expected_scale(whitening, unseen, work, scatter)
        for f in range(d):
            for g in range(d):
                scatter[f, g] += update.scatter[f, g]
    for j in range(k):
        if unseen is not None:
            pulled_mean(counts[j], first[j], centres[j], whitening[j], update.location, unseen, work, means[j])
        else:
            for f in range(d):
                towards_prior = update.strength * (update.location[f] - centres[j, f])
                means[j, f] = centres[j, f] + (first[j, f] + towards_prior) / (counts[j] + update.strength)
        for f in range(d):
            shift_f, away_f = means[j, f] - centres[j, f], means[j, f] - update.location[f]
            for g in range(d):
                shift_g, away_g = means[j, g] - centres[j, g], means[j, g] - update.location[g]
                about_mean = second[j, f, g] - first[j, f] * shift_g - shift_f * first[j, g]
                about_mean += counts[j] * shift_f * shift_g
                covariances[j, f, g] = about_mean + update.strength * away_f * away_g
    if update.structure == TIED:
        observed = update.observed
        for j in range(k):
            observed += counts[j]
        for f in range(d):
            for g in range(d):
                total = scatter[f, g]
                for j in range(k):
                    total += covariances[j, f, g]
                ridge = update.ridge if f == g else 0.0
                for j in range(k):
                    covariances[j, f, g] = total / observed + ridge
        return
    for j in range(k):
        mean_square = 0.0
        for f in range(d):
            mean_square += (covariances[j, f, f] + scatter[f, f]) / d
        for f in range(d):
            for g in range(d):
                entry = covariances[j, f, g] + scatter[f, g]
                if update.structure != FULL and f != g:
                    entry = 0.0
                elif update.structure == SPHERICAL:
                    entry = mean_square
                ridge = update.ridge if f == g else 0.0
                covariances[j, f, g] = entry / (counts[j] + update.observed) + ridge


@pasted
def _steps(
    run: Any,
    x: Array,
    seen: Array,
    weights: Array,
    means: Array,
    covariances: Array,
    update: GaussianUpdate,
    unseen: Unseen | None,
    tolerance: float,
) -> Steps:
    """What :func:`gaussian_steps` returns, with the pass ``run``."""
    starts, steps, k, d = means.shape
    visited, log_likelihood = np.zeros(starts, dtype=np.int64), np.empty((starts, steps))
    last_counts, last_first, last_second = np.empty((starts, k)), np.empty((starts, k, d)), np.empty((starts, k, d, d))
    factor, whitening, constants = np.zeros((d, d)), np.zeros((k, d, d)), np.empty(k)
    work, scatter = np.zeros((d, d)), update.scatter.copy()
    counts, first, second = np.zeros(k), np.zeros((k, d)), np.zeros((k, d, d))
    for s in range(starts):
        for step in range(steps):
            if step > 0:
                mixing_weights(counts, update.equal_weights, update.pseudo_count, weights[s, step])
                before, after, covariances_after = means[s, step - 1], means[s, step], covariances[s, step]
                _gaussian_update(
                    counts, first, second, before, whitening, update, unseen, work, scatter, after, covariances_after
                )
            regular = True
            for j in range(k):
                total = 0.0
                for f in range(d):
                    total += covariances[s, step, j, f, f] / update.scales[f, f]
                least, covariance = update.condition * total, covariances[s, step, j]
                regular = regular and _cholesky(covariance, update.scales, update.floor, update.spread, least, factor)
                if regular and _cholesky(covariance, update.scales, 0.0, update.spread, 0.0, factor):
                    _inverse(factor, update.scales, whitening[j])
                    constants[j] = np.log(weights[s, step, j]) if weights[s, step, j] > 0 else LOWEST
                    for f in range(d):
                        constants[j] += np.log(whitening[j, f, f]) - HALF_LOG_TWO_PI
            if not regular:
                break
            found, counts, first, second = run(x, seen, constants, means[s, step], whitening)
            log_likelihood[s, step] = found
            visited[s] += 1
            for j in range(k):
                regular = regular and counts[j] > update.least_count
            if not (regular and np.isfinite(found)):
                break
            if may_be_near(log_likelihood, s, step, tolerance):
                break
        copy_into(last_counts[s], counts)
        copy_into(last_first[s], first)
        copy_into(last_second[s], second)
    return visited, log_likelihood, last_counts, last_first, last_second


@compiled
def _steps_of_few(
    x: Array,
    seen: Array,
    weights: Array,
    means: Array,
    covariances: Array,
    update: GaussianUpdate,
    unseen: Unseen | None,
    tolerance: float,
) -> Steps:
    """What :func:`gaussian_steps` returns, of one or two features."""
    found: Steps = _steps(gaussian_pass_of_few, x, seen, weights, means, covariances, update, unseen, tolerance)
    return found


@compiled
def _steps_of_many(
    x: Array,
    seen: Array,
    weights: Array,
    means: Array,
    covariances: Array,
    update: GaussianUpdate,
    unseen: Unseen | None,
    tolerance: float,
) -> Steps:
    """What :func:`gaussian_steps` returns, of three and more features."""
    found: Steps = _steps(gaussian_pass_of_many, x, seen, weights, means, covariances, update, unseen, tolerance)
    return found


def gaussian_steps(
    x: Array,
    seen: Array,
    weights: Array,
    means: Array,
    covariances: Array,
    update: GaussianUpdate,
    unseen: Unseen | None,
    tolerance: float,
) -> Steps:
    """EM's own steps from many starts without a return to Python, each for as long as its components are regular.

    ``weights``, ``means`` and ``covariances`` have an axis of starts and one of steps; the first mixture of each start is
    given, the others are filled. A run ends early, too, where it may be within ``tolerance`` of its limit, unless that is
    negative. Returns how many mixtures each visited, their log-likelihoods, shape ``(starts, steps)``, and the statistics
    of the last ones: N, Σγ(x−μ) and Σγ(x−μ)(x−μ)ᵀ. ``unseen`` adds to the scatter what is expected of a scale that nobody
    sees; without one its arithmetic is not compiled.
    """
    run = _steps_of_few if means.shape[-1] <= FEW else _steps_of_many
    return run(x, seen, weights, means, covariances, update, unseen, tolerance)
