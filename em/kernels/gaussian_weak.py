"""What a scale that nobody sees adds to EM's steps for Gaussian components (em/gaussian_prior.py derives it)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from models.kernels.arithmetic import Array
from models.kernels.compiling import inlined


class Unseen(NamedTuple):
    """The prior of a shared scale B and of the means.

    Given the precisions P of the covariances that are not the same, B has the expectation ``degrees`` (``inverse_spread`` +
    ΣP)⁻¹; ``certainty`` is V⁻¹, the precision of the means. Both matrices have shape ``(d, d)``.
    """

    degrees: float
    inverse_spread: Array
    certainty: Array
    blocks: int


@inlined
def _factorise(matrix: Array) -> None:
    """Put the Cholesky factor in the place of the lower half of a matrix."""
    d = len(matrix)
    for f in range(d):
        for g in range(f + 1):
            entry = matrix[f, g]
            for h in range(g):
                entry -= matrix[f, h] * matrix[g, h]
            matrix[f, g] = entry / matrix[g, g] if g < f else np.sqrt(entry)


@inlined
def _solve(factor: Array, vector: Array) -> None:
    """Put the solution of LLᵀ y = v in the place of v."""
    d = len(factor)
    for f in range(d):
        for g in range(f):
            vector[f] -= factor[f, g] * vector[g]
        vector[f] /= factor[f, f]
    for f in range(d - 1, -1, -1):
        for g in range(f + 1, d):
            vector[f] -= factor[g, f] * vector[g]
        vector[f] /= factor[f, f]


@inlined
def _precision(whitening: Array, f: int, g: int) -> float:
    """One entry of P = WᵀW, where W is lower triangular."""
    entry = 0.0
    for h in range(max(f, g), len(whitening)):
        entry += whitening[h, f] * whitening[h, g]
    return entry


@inlined
def expected_scale(whitening: Array, unseen: Any, matrix: Array, scale: Array) -> None:
    """Fill E[B | Σ]."""
    d = len(matrix)
    for f in range(d):
        for g in range(f + 1):
            matrix[f, g] = unseen.inverse_spread[f, g]
            for j in range(unseen.blocks):
                matrix[f, g] += _precision(whitening[j], f, g)
    _factorise(matrix)
    for g in range(d):
        for f in range(d):
            scale[g, f] = unseen.degrees if f == g else 0.0
        _solve(matrix, scale[g])


@inlined
def pulled_mean(
    count: float,
    first: Array,
    centre: Array,
    whitening: Array,
    location: Array,
    unseen: Any,
    matrix: Array,
    mean: Array,
) -> None:
    """Fill the mean that maximises Q at the present covariance."""
    d = len(mean)
    for f in range(d):
        mean[f] = 0.0
        for g in range(d):
            precision = _precision(whitening, f, g)
            matrix[f, g] = count * precision + unseen.certainty[f, g]
            mean[f] += precision * first[g] + unseen.certainty[f, g] * (location[g] - centre[g])
    _factorise(matrix)
    _solve(matrix, mean)
    for f in range(d):
        mean[f] += centre[f]
