r"""The scale B that Gaussian components share under the weak prior: the constant of the density, and draws.

Both come from $B \sim \mathrm{Wishart}(d, S_0 / d)$, of which each draw counts as much as the resolution $R$ leaves of it,
$(|B| / |B + R|)^{K d / 2}$; see :mod:`models.priors.gaussian_weak`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy
from scipy import linalg, special

from ..arrays import Array

# A quadrature of so many points, whose error in log Z is a hundredth of a nat at worst, where data are coarsely rounded.
POINTS = 2**13
ROOT_OF_2_PI = np.sqrt(2 * np.pi)
# Scales are drawn in rounds of so many more than are wanted.
SPARE, MOST_ROUNDS = 100, 50


def shares_of(resolution: Array, spread: Array) -> Array:
    """R in units of the spread: the eigenvalues of S₀⁻¹R, or the ratios."""
    if np.ndim(spread) == 2:
        return np.asarray(linalg.eigh(resolution, spread, eigvals_only=True))
    return np.ravel(resolution / spread)


@lru_cache(maxsize=256)
def log_normaliser(shares: tuple[float, ...], components: int) -> float:
    """log Z for R with these eigenvalues in units of the spread."""
    if len(shares) == 1:
        return _log_constant_of_one(shares[0], components)
    d = len(shares)
    rows, columns = np.tril_indices(d, -1)
    uniform = scipy.stats.qmc.Sobol(d + len(rows), rng=0).random(POINTS)
    # Bartlett (1933): a Wishart's lower triangular factor has roots of chi-squares on its diagonal, normals below.
    factors = np.zeros((POINTS, d, d))
    factors[:, np.arange(d), np.arange(d)] = np.sqrt(special.chdtri(np.arange(d, 0, -1.0), 1 - uniform[:, :d]))
    factors[:, rows, columns] = special.ndtri(uniform[:, d:])
    scales = factors @ np.swapaxes(factors, 1, 2) / d
    log_ratio = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1) - d * np.log(d)
    log_ratio -= np.linalg.slogdet(scales + np.diag(shares))[1]
    return float(special.logsumexp(0.5 * components * d * log_ratio) - np.log(POINTS))


def _log_constant_of_one(share: float, components: int) -> float:
    """log Z in one dimension, where B = S₀ z²: an integral over log z, in which the integrand is smooth."""

    def integrand(log_z: float) -> float:
        z = np.exp(log_z)
        return float(2 * z * np.exp(-(z**2) / 2) / ROOT_OF_2_PI * (1 + share / z**2) ** (-0.5 * components))

    return float(
        np.log(scipy.integrate.quad(integrand, -30, 4, limit=200, epsabs=1e-13, points=[0.5 * np.log(share)])[0])
    )


def draws_of_covariances(
    count: int, components: int, spread: Array, resolution: Array, rng: np.random.Generator
) -> Array:
    """Covariances ``(count, components, d, d)`` of which each row shares a scale that is drawn first."""
    d = len(spread)
    scales = _scales(count, components, spread, resolution, rng)
    factors = np.linalg.cholesky(scales + resolution)
    normal = np.reshape(
        scipy.stats.wishart.rvs(d, np.eye(d), count * components, random_state=rng), (count, components, d, d)
    )
    drawn = factors[:, None] @ np.linalg.inv(normal) @ np.swapaxes(factors, 1, 2)[:, None]
    return np.asarray((drawn + np.swapaxes(drawn, -1, -2)) / 2)


def _scales(count: int, components: int, spread: Array, resolution: Array, rng: np.random.Generator) -> Array:
    """Draw B, shape ``(count, d, d)``, by rejection.

    Where data are so coarse that hardly any is kept, those of the last round are drawn anew by their weights.
    """
    d, size = len(spread), count + SPARE
    kept = np.empty((0, d, d))
    for _ in range(MOST_ROUNDS):
        drawn = np.reshape(scipy.stats.wishart.rvs(d, spread / d, size, random_state=rng), (-1, d, d))
        log_share = 0.5 * components * d * (np.linalg.slogdet(drawn)[1] - np.linalg.slogdet(drawn + resolution)[1])
        kept = np.concatenate([kept, drawn[np.log(rng.random(size)) < log_share]])
        if len(kept) >= count:
            return kept[:count]
    return np.asarray(drawn[rng.choice(size, count, p=special.softmax(log_share))])
