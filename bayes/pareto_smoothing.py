r"""Pareto-smoothed importance sampling of many rows at once.

The largest importance weights of a row are replaced by the quantiles of a generalised Pareto distribution that is fitted
to them (Vehtari, Simpson, Gelman, Yao and Gabry 2024). Its shape $k$ and scale come from the empirical Bayes estimate of
Zhang and Stephens (2009), with a weak prior at $k = \tfrac12$. ArviZ computes the same, row by row; a test holds the two
together.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from models import Array

# Zhang and Stephens (2009), and the prior of Vehtari et al. (2024, appendix G): as good as ten weights of shape ½.
LEAST_POINTS, PRIOR_OF_SCALE = 30, 3
PRIOR_WEIGHTS, PRIOR_SHAPE = 10, 0.5
# Of so many draws, each as good as an independent one, the tail is a fifth; of more it grows with their root.
FEW_DRAWS, SHARE, ROOTS = 225, 0.2, 3
# So many numbers of a block stay in the cache.
BLOCK_VALUES = 250_000


def leave_one_out_of_rows(log_likelihood: Array, efficiency: float) -> tuple[Array, Array]:
    """Return the leave-one-out score of each row and its Pareto k, from log-likelihoods of shape ``(draws, rows)``.

    ``efficiency`` is the number of independent draws that one draw is worth. Where the tail's weights are all the same there
    is nothing to smooth, and k is infinite.
    """
    draws, rows = log_likelihood.shape
    size = tail_size(draws, efficiency)
    block = max(1, BLOCK_VALUES // max(draws, size * _points(size)))
    found = [_of_block(-log_likelihood[:, start : start + block].T, size) for start in range(0, rows, block)]
    scores, shapes = zip(*found, strict=True)
    return np.concatenate(scores), np.concatenate(shapes)


def tail_size(draws: int, efficiency: float) -> int:
    """Return how many of the largest weights are smoothed (Vehtari et al. 2024, appendix H)."""
    many = draws * efficiency > FEW_DRAWS
    return int(ROOTS * np.sqrt(draws / efficiency)) if many else int(SHARE * draws)


def _points(size: int) -> int:
    """How many places of the scale the estimate averages over."""
    return LEAST_POINTS + int(np.sqrt(size))


def _of_block(log_ratios: Array, size: int) -> tuple[Array, Array]:
    """Score and shape of rows ``(rows, draws)`` of log importance ratios."""
    largest = log_ratios.max(axis=1)
    rest, tail = _divided(log_ratios - largest[:, None], size)
    cutoff = np.exp(rest.max(axis=1))
    with np.errstate(all="ignore"):
        shape, scale = fitted(np.exp(tail) - cutoff[:, None])
        smoothed = np.log(_quantiles(shape, scale, cutoff, size))
    alike = np.ptp(tail, axis=1) < np.finfo(float).tiny
    shape = np.where(alike, np.inf, shape)
    smoothed = np.where(np.isfinite(shape)[:, None], np.minimum(smoothed, 0), tail)
    # A draw that is not smoothed has the ratio 1 / p, and contributes 1: its weight times p.
    kept = rest.shape[1] + np.exp(smoothed - tail).sum(axis=1)
    total = np.exp(rest).sum(axis=1) + np.exp(smoothed).sum(axis=1)
    return np.log(kept) - np.log(total) - largest, shape


def _divided(log_weights: Array, size: int) -> tuple[Array, Array]:
    """The smaller log-weights of each row, and the ``size`` largest in ascending order."""
    apart = log_weights.shape[1] - size
    divided = np.partition(log_weights, apart, axis=1)
    return divided[:, :apart], np.sort(divided[:, apart:], axis=1)


def fitted(excess: Array) -> tuple[Array, Array]:
    """Return shape and scale of the generalised Pareto distribution of ascending rows of shape ``(rows, size)``.

    Where the lower quarter is one value, as of no such distribution, both are NaN.
    """
    size = excess.shape[1]
    quarter = excess[:, int(size / 4 + 0.5) - 1]
    places = np.arange(1, _points(size) + 1) - 0.5
    inverse = (1 - np.sqrt(len(places) / places)) / (PRIOR_OF_SCALE * quarter[:, None]) + 1 / excess[:, -1:]
    shapes = np.log1p(-inverse[..., None] * excess[:, None, :]).mean(axis=2)
    profile = size * (np.log(-inverse / shapes) - shapes - 1)
    weights = np.exp(profile - special.logsumexp(profile, axis=1, keepdims=True))
    weights = np.where(weights >= 10 * np.finfo(float).eps, weights, 0)
    at = (inverse * weights).sum(axis=1) / weights.sum(axis=1)
    own = np.log1p(-at[:, None] * excess).mean(axis=1)
    shape = (size * own + PRIOR_WEIGHTS * PRIOR_SHAPE) / (size + PRIOR_WEIGHTS)
    shape = np.where(np.isnan(shape), np.inf, shape)
    flat = quarter <= excess[:, 0]
    return np.where(flat, np.nan, shape), np.where(flat, np.nan, -own / at)


def _quantiles(shape: Array, scale: Array, cutoff: Array, size: int) -> Array:
    """The quantiles of each row's distribution at evenly spaced probabilities, shape ``(rows, size)``."""
    log_survival = np.log1p(-np.arange(0.5, size) / size)
    return np.asarray(cutoff[:, None] + (scale / shape)[:, None] * np.expm1(-shape[:, None] * log_survival))
