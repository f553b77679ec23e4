r"""The operations on mixtures of products of Poissons.

A component has the log-joint $a_{ik} = \log \pi_k - e_i \Lambda_k + \sum_j x_{ij} \eta_{kj}$ with
$\Lambda_k = \sum_j \lambda_{kj}$ and $\eta_{kj} = \log \lambda_{kj}$, its base left out, and

$$\frac{\partial \ell}{\partial \log \pi_k} = \sum_i \gamma_{ik} , \qquad
  \frac{\partial \ell}{\partial \Lambda_k} = - \sum_i \gamma_{ik} e_i , \qquad
  \frac{\partial \ell}{\partial \eta_{kj}} = \sum_i \gamma_{ik} x_{ij} .$$

The exposures, one where there are none, are the last row of the array whose other rows are the columns of counts.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numba import carray, types

from models import kernels
from models.kernels.arithmetic import LOWEST
from models.kernels.poisson_product import product_gradient_pass, product_pass, product_pointwise

from . import addresses
from .addresses import DOUBLES, addressed, fill
from .operations import Total
from .pointwise import Pointwise, distinct, shared
from .private import compiled_by_numba, external_function
from .version import version_of

VERSION = version_of(__file__, addresses.__file__, *kernels.FILES)
SYMBOL = "emvsbayes_poisson_product"
# (x, weights, log_weights, totals, log_rates, n, d, k) → the log-likelihood; the last three arguments take its gradient.
SIGNATURE = types.double(*[DOUBLES] * 5, *[types.intp] * 3, *[DOUBLES] * 3)


def _value_and_gradient(
    x: Any, weights: Any, log_weights: Any, totals: Any, log_rates: Any
) -> tuple[float, Any, Any, Any]:
    found = product_pass(x[:-1], weights, x[-1], np.zeros(len(weights)), log_weights, totals, log_rates)
    return found[0], found[1], -found[2], found[3]


def _pointwise(x: Any, log_weights: Any, totals: Any, log_rates: Any) -> Any:
    return product_pointwise(x[:-1], x[-1], np.zeros(x.shape[1]), log_weights, totals, log_rates)


class ProductTotal(Total):
    """x ``(d + 1, n)``, weights ``(n,)``, log_weights ``(k,)``, totals ``(k,)``, log_rates ``(k, d)``."""

    kernel = staticmethod(_value_and_gradient)
    gradients = (pt.dvector, pt.dvector, pt.dmatrix)


class ProductPointwise(Pointwise):
    """x ``(d + 1, n)``, log_weights ``(k,)``, totals ``(k,)``, log_rates ``(k, d)``."""

    kernel = staticmethod(_pointwise)
    total = ProductTotal()


def product_log_probability(value: Any, weights: Any, rates: Any, exposure: Any = None) -> Any:
    """Return the log-probability of each row of counts, shape ``(n,)``, under a mixture of products of Poissons."""
    parameters = product_parameters(shared(weights, 1), shared(rates, 2))
    if exposure is None:
        rows, index, multiplicities = distinct(value)
        exposed = pt.ones((rows.shape[0],))
    else:
        rows = value.astype("float64")
        exposed = pt.zeros((rows.shape[0],)) + exposure
        index, multiplicities = pt.arange(rows.shape[0]), pt.ones((rows.shape[0],))
    base = rows.sum(axis=1) * pt.log(exposed) - pt.gammaln(rows + 1).sum(axis=1)
    return ProductPointwise()(pt.concatenate([rows.T, exposed[None]]), index, multiplicities, base, *parameters)


def product_parameters(weights: Any, rates: Any) -> tuple[Any, Any, Any]:
    """Return what the operations take: the logarithms of the weights, sums of the rates, and their logarithms.

    At a rate of zero a very low number stands in place of log 0, as on EM's side.
    """
    return pt.log(weights), rates.sum(axis=1), pt.maximum(pt.log(rates), pt.constant(LOWEST, dtype="float64"))


@cache
def provide() -> Any:
    """Compile the kernel, or find it on disk, and make it known by its name for as long as the process lives."""

    def run(  # type: ignore[no-untyped-def]
        x, weights, log_weights, totals, log_rates, n, d, k, of_weights, of_totals, of_rates
    ):
        both = carray(x, (d + 1, n))
        found = product_gradient_pass(
            both[:d],
            carray(weights, (n,)),
            both[d],
            np.zeros(n),
            carray(log_weights, (k,)),
            carray(totals, (k,)),
            carray(log_rates, (k, d)),
        )
        fill(of_weights, found[1])
        fill(of_totals, -found[2])
        fill(of_rates, found[3])
        return found[0]

    return addressed(SYMBOL, SIGNATURE, run, VERSION)


@compiled_by_numba(ProductTotal, VERSION)
def _total_in_numba() -> Any:
    total = external_function(SYMBOL, SIGNATURE)

    def run(x, weights, log_weights, totals, log_rates):  # type: ignore[no-untyped-def]
        n, k, d = x.shape[1], len(totals), log_rates.shape[1]
        of_weights, of_totals, of_rates = np.empty(k), np.empty(k), np.empty((k, d))
        log_likelihood = total(
            np.ascontiguousarray(x).ctypes,
            np.ascontiguousarray(weights).ctypes,
            np.ascontiguousarray(log_weights).ctypes,
            np.ascontiguousarray(totals).ctypes,
            np.ascontiguousarray(log_rates).ctypes,
            n,
            d,
            k,
            of_weights.ctypes,
            of_totals.ctypes,
            of_rates.ctypes,
        )
        return np.asarray(log_likelihood), of_weights, of_totals, of_rates

    provide()
    return run


@compiled_by_numba(ProductPointwise, VERSION)
def _pointwise_in_numba() -> Any:
    def run(x, index, multiplicities, offsets, log_weights, totals, log_rates):  # type: ignore[no-untyped-def]
        whole = np.ascontiguousarray(x)
        found = product_pointwise(whole[:-1], whole[-1], np.zeros(x.shape[1]), log_weights, totals, log_rates)
        return (found + offsets)[index]

    return run
