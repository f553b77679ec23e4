r"""The operations on Gaussian mixtures.

With $r = x - \mu_k$ and the inverse Cholesky factor $A_k$ of the covariance, a Gaussian component has the log-joint
$a_{ik} = c_k - \frac12 |A_k r|^2$, where $c_k = \log \pi_k + \log |A_k| - \frac d2 \log 2 \pi$, and

$$\frac{\partial \ell}{\partial c_k} = \sum_i \gamma_{ik} , \qquad
  \frac{\partial \ell}{\partial \mu_k} = A_k^T A_k \sum_i \gamma_{ik} r , \qquad
  \frac{\partial \ell}{\partial A_k} = - A_k \sum_i \gamma_{ik} \, r r^T .$$
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numba import carray, types

from models import kernels
from models.kernels.gaussian import gaussian_gradient_pass, gaussian_pointwise, gaussian_value_and_gradient

from . import addresses
from .addresses import DOUBLES, addressed, fill
from .operations import Total
from .pointwise import Pointwise, distinct, shared
from .private import compiled_by_numba, external_function
from .version import version_of

VERSION = version_of(__file__, addresses.__file__, *kernels.FILES)
SYMBOL = "emvsbayes_gaussian"
# (x, weights, constants, means, whitening, n, d, k) → the log-likelihood; the last three arguments take its gradient.
SIGNATURE = types.double(*[DOUBLES] * 5, *[types.intp] * 3, *[DOUBLES] * 3)


class GaussianTotal(Total):
    """x ``(d, n)``, weights ``(n,)``, constants ``(k,)``, means ``(k, d)``, whitening ``(k, d, d)``."""

    kernel = staticmethod(gaussian_value_and_gradient)
    gradients = (pt.dvector, pt.dmatrix, pt.dtensor3)


class GaussianPointwise(Pointwise):
    """x ``(d, n)``, constants ``(k,)``, means ``(k, d)``, whitening ``(k, d, d)``."""

    kernel = staticmethod(gaussian_pointwise)
    total = GaussianTotal()


def gaussian_log_density(value: Any, weights: Any, means: Any, whitening: Any) -> Any:
    """Return the log-density of each row of ``value``, shape ``(n, d)`` or ``(n,)``, under a mixture of Gaussians.

    ``whitening``, shape ``(k, d, d)``, holds inverse Cholesky factors of the covariances.
    """
    weights, means, whitening = shared(weights, 1), shared(means, 2), shared(whitening, 3)
    rows, index, multiplicities = distinct(value)
    x = rows.T if rows.ndim == 2 else rows[None, :]
    offsets = pt.zeros((x.shape[1],))
    return GaussianPointwise()(x, index, multiplicities, offsets, *gaussian_parameters(weights, means, whitening))


def gaussian_parameters(weights: Any, means: Any, whitening: Any) -> tuple[Any, Any, Any]:
    """Return what the operations on Gaussians take: constants, means and whitening."""
    diagonal = pt.diagonal(whitening, axis1=1, axis2=2)
    constants = pt.log(weights) + pt.log(diagonal).sum(axis=1) - 0.5 * means.shape[1] * np.log(2 * np.pi)
    return constants, means, whitening


@cache
def provide() -> Any:
    """Compile the kernel, or find it on disk, and make it known by its name for as long as the process lives."""

    def run(  # type: ignore[no-untyped-def]
        x, weights, constants, means, whitening, n, d, k, of_constants, of_means, of_whitening
    ):
        found = gaussian_gradient_pass(
            carray(x, (d, n)),
            carray(weights, (n,)),
            carray(constants, (k,)),
            carray(means, (k, d)),
            carray(whitening, (k, d, d)),
        )
        fill(of_constants, found[1])
        fill(of_means, found[2])
        fill(of_whitening, found[3])
        return found[0]

    return addressed(SYMBOL, SIGNATURE, run, VERSION)


@compiled_by_numba(GaussianTotal, VERSION)
def _total_in_numba() -> Any:
    total = external_function(SYMBOL, SIGNATURE)

    def run(x, weights, constants, means, whitening):  # type: ignore[no-untyped-def]
        (d, n), k = x.shape, len(constants)
        of_constants, of_means, of_whitening = np.empty(k), np.empty((k, d)), np.empty((k, d, d))
        log_likelihood = total(
            np.ascontiguousarray(x).ctypes,
            np.ascontiguousarray(weights).ctypes,
            np.ascontiguousarray(constants).ctypes,
            np.ascontiguousarray(means).ctypes,
            np.ascontiguousarray(whitening).ctypes,
            n,
            d,
            k,
            of_constants.ctypes,
            of_means.ctypes,
            of_whitening.ctypes,
        )
        return np.asarray(log_likelihood), of_constants, of_means, of_whitening

    provide()
    return run


@compiled_by_numba(GaussianPointwise, VERSION)
def _pointwise_in_numba() -> Any:
    def run(x, index, multiplicities, offsets, constants, means, whitening):  # type: ignore[no-untyped-def]
        return (gaussian_pointwise(x, constants, means, whitening) + offsets)[index]

    return run
