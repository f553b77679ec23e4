"""Log-densities from SciPy, which shares no code with ours; ``exposure`` is that of each row, one where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from models import Components, Gaussian, Mixture, Poisson, PoissonProduct

Array = NDArray[np.float64]


def gaussian_log_density(components: Gaussian, x: Array, exposure: Array | None = None) -> Array:
    assert exposure is None
    pairs = zip(components.means, components.covariances, strict=True)
    return np.stack([np.atleast_1d(stats.multivariate_normal(m, c).logpdf(x)) for m, c in pairs], axis=1)


def poisson_log_density(components: Poisson, x: Array, exposure: Array | None = None) -> Array:
    means = components.rates if exposure is None else np.outer(exposure, components.rates)
    return np.asarray(stats.poisson.logpmf(x, means))


def poisson_product_log_density(components: PoissonProduct, x: Array, exposure: Array | None = None) -> Array:
    pairs = zip(x, np.ones(len(x)) if exposure is None else exposure, strict=True)
    each = [[stats.poisson.logpmf(row, e * rates).sum() for rates in components.rates] for row, e in pairs]
    return np.array(each)


LOG_DENSITIES: dict[str, Callable[[Any, Array, Array | None], Array]] = {
    "gaussian": gaussian_log_density,
    "poisson": poisson_log_density,
    "poisson-product": poisson_product_log_density,
}


def log_density(components: Components, x: Array, exposure: Array | None = None) -> Array:
    """The log-density of each observation under each component, shape ``(n, k)``."""
    return LOG_DENSITIES[components.name](components, x, exposure)


def log_joint(mixture: Mixture, x: Array, exposure: Array | None = None) -> Array:
    return np.log(mixture.weights) + log_density(mixture.components, x, exposure)


def log_likelihood(mixture: Mixture, x: Array, weights: Array | None = None, exposure: Array | None = None) -> float:
    of_each = special.logsumexp(log_joint(mixture, x, exposure), axis=1)
    return float(of_each @ (np.ones(len(x)) if weights is None else weights))


def responsibilities(mixture: Mixture, x: Array, exposure: Array | None = None) -> Array:
    return special.softmax(log_joint(mixture, x, exposure), axis=1)
