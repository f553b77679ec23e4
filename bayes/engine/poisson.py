r"""The operations on Poisson mixtures.

A Poisson component has the log-joint $a_{ik} = c_k + x_i \eta_k$ with $c_k = \log \pi_k - \lambda_k$ and
$\eta_k = \log \lambda_k$, the factorials left out, and $\partial \ell / \partial \eta_k = \sum_i \gamma_{ik} x_i$.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numba import carray, types

from models import kernels
from models.kernels.arithmetic import LOWEST
from models.kernels.poisson import poisson_gradient_pass, poisson_pointwise, poisson_value_and_gradient

from . import addresses
from .addresses import DOUBLES, addressed, fill
from .operations import Total
from .pointwise import Pointwise, distinct, shared
from .private import compiled_by_numba, external_function
from .version import version_of

VERSION = version_of(__file__, addresses.__file__, *kernels.FILES)
SYMBOL = "emvsbayes_poisson"
# (x, weights, constants, log_rates, n, k) → the log-likelihood; the last two arguments take its gradient.
SIGNATURE = types.double(*[DOUBLES] * 4, *[types.intp] * 2, *[DOUBLES] * 2)


class PoissonTotal(Total):
    """x ``(n,)``, weights ``(n,)``, constants ``(k,)``, log_rates ``(k,)``; the statistics are the gradient."""

    kernel = staticmethod(poisson_value_and_gradient)
    gradients = (pt.dvector, pt.dvector)


class PoissonPointwise(Pointwise):
    """x ``(n,)``, constants ``(k,)``, log_rates ``(k,)``."""

    kernel = staticmethod(poisson_pointwise)
    total = PoissonTotal()


def poisson_log_probability(value: Any, weights: Any, rates: Any) -> Any:
    """Return the log-probability of each count, shape ``(n,)``, under a mixture of Poissons."""
    weights, rates = shared(weights, 1), shared(rates, 1)
    x, index, multiplicities = distinct(value)
    return PoissonPointwise()(x, index, multiplicities, -pt.gammaln(x + 1), *poisson_parameters(weights, rates))


def poisson_parameters(weights: Any, rates: Any) -> tuple[Any, Any]:
    """Return what the operations on Poissons take: constants and log-rates.

    No count is seen at a rate of zero but zero itself, whose log-joint has no logarithm of the rate in it. In doubles
    0 log 0 is not a number, hence a very low one in place of log 0, as on EM's side.
    """
    return pt.log(weights) - rates, pt.maximum(pt.log(rates), pt.constant(LOWEST, dtype="float64"))


@cache
def provide() -> Any:
    """Compile the kernel, or find it on disk, and make it known by its name for as long as the process lives."""

    def run(x, weights, constants, log_rates, n, k, of_constants, of_log_rates):  # type: ignore[no-untyped-def]
        found = poisson_gradient_pass(
            carray(x, (n,)), carray(weights, (n,)), carray(constants, (k,)), carray(log_rates, (k,))
        )
        fill(of_constants, found[1])
        fill(of_log_rates, found[2])
        return found[0]

    return addressed(SYMBOL, SIGNATURE, run, VERSION)


@compiled_by_numba(PoissonTotal, VERSION)
def _total_in_numba() -> Any:
    total = external_function(SYMBOL, SIGNATURE)

    def run(x, weights, constants, log_rates):  # type: ignore[no-untyped-def]
        n, k = len(x), len(constants)
        of_constants, of_log_rates = np.empty(k), np.empty(k)
        log_likelihood = total(
            np.ascontiguousarray(x).ctypes,
            np.ascontiguousarray(weights).ctypes,
            np.ascontiguousarray(constants).ctypes,
            np.ascontiguousarray(log_rates).ctypes,
            n,
            k,
            of_constants.ctypes,
            of_log_rates.ctypes,
        )
        return np.asarray(log_likelihood), of_constants, of_log_rates

    provide()
    return run


@compiled_by_numba(PoissonPointwise, VERSION)
def _pointwise_in_numba() -> Any:
    def run(x, index, multiplicities, offsets, constants, log_rates):  # type: ignore[no-untyped-def]
        return (poisson_pointwise(x, constants, log_rates) + offsets)[index]

    return run
