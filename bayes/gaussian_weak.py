r"""The weak prior of Gaussian components in PyMC: one potential, with the shared scale integrated out.

The covariances have no prior of their own, so that their variables are flat, and the potential is the density that
``models/priors/gaussian_weak.py`` derives. A variance is a variable itself. Correlated features have the lower triangular
$B$ with $\Sigma^{-1} = B^T B$, by the squares $u_i = B_{ii}^2$ of its diagonal and by what is below it.

**The Jacobian.** $|dP / dB| = 2^d \prod_i B_{ii}^i$ for $P = B^T B$ (Muirhead 1982, theorem 2.1.9, with the order of the
features reversed), $dB_{ii} = du_i / 2 B_{ii}$ and $|d\Sigma / dP| = |\Sigma|^{d + 1}$. With $|\Sigma| = \prod_i u_i^{-1}$
the density of the variables is that of $\Sigma$ times $\prod_i u_i^{(i - 1) / 2 - (d + 1)}$.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from scipy import special

from models import SharedScale

from .engine import SharedScaleDensity

POTENTIAL = "shared_scale"


def variances(prior: SharedScale, alike: int, dims: Any) -> Any:
    """Add the variances and the potential of those that share a scale, ``alike`` of them for each scale."""
    own = pm.HalfFlat("variances", dims=dims)
    rows = own.reshape((alike, -1))
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
    pm.Potential(POTENTIAL, each.sum() - prior.log_constant)
    return own


def factor_variables(dims: tuple[str, ...]) -> tuple[Any, Any]:
    """Add the squared diagonal of B and what is below it, which have these leading dims."""
    diagonal = pm.HalfFlat("factor_diagonal", dims=(*dims, "feature"))
    return diagonal, pm.Flat("factor_below", dims=(*dims, "pair"))


def add_potential(prior: SharedScale, diagonal: Any, of_scale: Any, alike: int, d: int) -> None:
    """Add the density of so many covariances: B² on the diagonal ``(k, d)``, and what the integral over the scale left."""
    constant = special.multigammaln(0.5 * (alike + 1) * d, d) - (alike + 1) * special.multigammaln(0.5 * d, d)
    # (d + ½) of the density of Σ, and the Jacobian, both in log |Σ| = −Σ log u.
    powers = (d + 0.5) + 0.5 * np.arange(d) - (d + 1)
    pm.Potential(POTENTIAL, constant + of_scale + (powers * pt.log(diagonal)).sum() - prior.log_constant)


def textbook_of_scale(prior: SharedScale, whitening: Any, alike: int, d: int) -> Any:
    """Return the terms of A + Σ P and of R as the formula reads, from the factors B ``(k, d, d)``."""
    precisions = (pt.swapaxes(whitening, 1, 2) @ whitening).sum(axis=0)
    inverse = d * np.linalg.inv(prior.spread)
    log_total = pt.linalg.slogdet(inverse + precisions)[1]
    of_data = 0.5 * d * np.linalg.slogdet(inverse)[1] - 0.5 * (prior.resolution * precisions).sum()
    return of_data - 0.5 * (alike + 1) * d * log_total


def fused_of_scale(prior: SharedScale, whitening: Any) -> Any:
    """Return the same terms by the operation that has their gradient."""
    return SharedScaleDensity().make_node(whitening, prior.spread, prior.resolution).outputs[0]
