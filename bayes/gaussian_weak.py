r"""The weak prior of Gaussian components in PyMC: one variable for all covariances, the shared scale integrated out.

Its density is the one that ``models/priors/gaussian_weak.py`` derives. Variances are the variable themselves. Correlated
features have the lower triangular $B$ with $\Sigma^{-1} = B^T B$, by the logarithms of the squares $u_i = B_{ii}^2$ of its
diagonal and by what is below it.

**The Jacobian.** $|dP / dB| = 2^d \prod_i B_{ii}^i$ for $P = B^T B$ (Muirhead 1982, theorem 2.1.9, with the order of the
features reversed), $dB_{ii} = du_i / 2 B_{ii}$ and $|d\Sigma / dP| = |\Sigma|^{d + 1}$. With $|\Sigma| = \prod_i u_i^{-1}$
the density of the variable is that of $\Sigma$ times $\prod_i u_i^{(i - 1) / 2 - (d + 1) + 1}$, one from $du_i = u_i \,
d \log u_i$.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor.tensor as pt
from scipy import special

from models import Array, Model, SharedScale

from .engine import SharedScaleDensity
from .together import together


def variances(prior: SharedScale, model: Model, dims: Any) -> Any:
    """Add the variances, of which those of one feature, or all of *spherical* ones, share a scale."""
    k, d = model.components, model.dimension
    alike = 1 if model.covariance == "tied" else k
    shape: tuple[int, ...] = (k, d) if model.covariance == "diagonal" and d > 1 else (k,)
    if model.covariance == "tied":
        shape = ()

    def log_density(value: Any) -> Any:
        rows = value.reshape((alike, -1))
        spread, resolution = pt.as_tensor(prior.spread).reshape((-1,)), pt.as_tensor(prior.resolution).reshape((-1,))
        precisions = (1 / rows).sum(axis=0)
        each = (
            special.gammaln(0.5 * (alike + 1))
            - (alike + 1) * special.gammaln(0.5)
            - 0.5 * pt.log(spread)
            - 1.5 * pt.log(rows).sum(axis=0)
            - 0.5 * (alike + 1) * pt.log(1 / spread + precisions)
            - 0.5 * resolution * precisions
        )
        return each.sum() - prior.log_constant

    def draw(rng: np.random.Generator) -> Array:
        variances = np.diagonal(prior.sample(k, rng).covariances, axis1=1, axis2=2)
        return np.asarray(variances if len(shape) == 2 else variances[:, 0] if shape else variances[0, 0])

    return together("variances", shape, log_density, draw, dims=dims, positive=True)


def factors(prior: SharedScale, model: Model, of_scale: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """Add ``factor``: log u and what is below the diagonal of B; return u, shape ``(k, d)``, and the latter.

    ``of_scale`` is what the integral over the scale left, as a function of the two. There is one row when *tied*.
    """
    tied, d = model.covariance == "tied", model.dimension
    alike = 1 if tied else model.components

    def parts(value: Any) -> tuple[Any, Any]:
        rows = value.reshape((alike, -1))
        return pt.exp(rows[:, :d]), rows[:, d:]

    def log_density(value: Any) -> Any:
        constant = special.multigammaln(0.5 * (alike + 1) * d, d) - (alike + 1) * special.multigammaln(0.5 * d, d)
        logs = value.reshape((alike, -1))[:, :d]
        # (d + ½) of the density of Σ, and the Jacobian, both in log |Σ| = −Σ log u.
        powers = (d + 0.5) + 0.5 * np.arange(d) - d
        return constant + of_scale(*parts(value)) + (powers * logs).sum() - prior.log_constant

    def draw(rng: np.random.Generator) -> Array:
        rows = coordinates(prior.sample(model.components, rng).covariances)
        return rows[0] if tied else rows

    shape = (d * (d + 1) // 2,) if tied else (alike, d * (d + 1) // 2)
    return parts(together("factor", shape, log_density, draw, dims=("entry",) if tied else ("component", "entry")))


def coordinates(covariances: Array) -> Array:
    """Return log u and what is below the diagonal of B for each covariance, shape ``(..., d (d + 1) / 2)``."""
    d = covariances.shape[-1]
    factor = np.linalg.inv(np.linalg.cholesky(covariances))
    rows, columns = np.tril_indices(d, -1)
    logs = 2 * np.log(np.diagonal(factor, axis1=-2, axis2=-1))
    return np.concatenate([logs, factor[..., rows, columns]], axis=-1)


def textbook_of_scale(prior: SharedScale, whitening: Any) -> Any:
    """Return the terms of A + Σ P and of R as the formula reads, from the factors B ``(k, d, d)``."""
    alike, d, _ = whitening.type.shape
    precisions = (pt.swapaxes(whitening, 1, 2) @ whitening).sum(axis=0)
    inverse = d * np.linalg.inv(prior.spread)
    log_total = pt.linalg.slogdet(inverse + precisions)[1]
    of_data = 0.5 * d * np.linalg.slogdet(inverse)[1] - 0.5 * (prior.resolution * precisions).sum()
    return of_data - 0.5 * (alike + 1) * d * log_total


def fused_of_scale(prior: SharedScale, whitening: Any) -> Any:
    """Return the same terms by the operation that has their gradient."""
    return SharedScaleDensity().make_node(whitening, prior.spread, prior.resolution).outputs[0]
