r"""The operations on Poisson mixtures whose counts have exposures.

Count i of component k has the log-joint $a_{ik} = \log \pi_k + x_i \eta_k - e_i \lambda_k$, its base left out. By Fisher's
identity the derivatives of the log-likelihood in $\log \pi_k$, $\eta_k$ and $\lambda_k$ are $\sum_i \gamma_{ik}$,
$\sum_i \gamma_{ik} x_i$ and $- \sum_i \gamma_{ik} e_i$. Counts and exposures are two rows of one array.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numba import carray, types

from models import Array, kernels
from models.kernels.arithmetic import LOWEST
from models.kernels.poisson_exposure import exposed_gradient_pass, exposed_pointwise, exposed_value_and_gradient

from . import addresses
from .addresses import DOUBLES, addressed, fill
from .operations import Total
from .pointwise import Pointwise, shared
from .private import compiled_by_numba, external_function
from .version import version_of

VERSION = version_of(__file__, addresses.__file__, *kernels.FILES)
SYMBOL = "emvsbayes_exposed_poisson"
# (x, weights, log_weights, log_rates, rates, n, k) → the log-likelihood; the last three arguments take its gradient.
SIGNATURE = types.double(*[DOUBLES] * 5, *[types.intp] * 2, *[DOUBLES] * 3)


def _value_and_gradient(x: Array, *others: Array) -> tuple[float, Array, Array, Array]:
    return exposed_value_and_gradient(x[0], x[1], *others)


def _pointwise(x: Array, *parameters: Array) -> Array:
    return exposed_pointwise(x[0], x[1], *parameters)


class ExposedPoissonTotal(Total):
    """x ``(2, n)``, weights ``(n,)``, log_weights ``(k,)``, log_rates ``(k,)``, rates ``(k,)``."""

    kernel = staticmethod(_value_and_gradient)
    gradients = (pt.dvector, pt.dvector, pt.dvector)


class ExposedPoissonPointwise(Pointwise):
    """x ``(2, n)``, log_weights ``(k,)``, log_rates ``(k,)``, rates ``(k,)``."""

    kernel = staticmethod(_pointwise)
    total = ExposedPoissonTotal()


def exposed_poisson_log_probability(value: Any, weights: Any, rates: Any, exposure: Any) -> Any:
    """Return the log-probability of each count, shape ``(n,)``, under a mixture of Poissons."""
    weights, rates, x = shared(weights, 1), shared(rates, 1), value.astype("float64")
    exposed = pt.zeros_like(x) + exposure
    base = x * pt.log(exposed) - pt.gammaln(x + 1)
    each, once = pt.arange(x.shape[0]), pt.ones((x.shape[0],))
    parameters = exposed_poisson_parameters(weights, rates)
    return ExposedPoissonPointwise()(pt.stack([x, exposed]), each, once, base, *parameters)


def exposed_poisson_parameters(weights: Any, rates: Any) -> tuple[Any, Any, Any]:
    """Return what the operations take: log-weights, log-rates, with a very low number in place of log 0, and rates."""
    return pt.log(weights), pt.maximum(pt.log(rates), pt.constant(LOWEST, dtype="float64")), rates


@cache
def provide() -> Any:
    """Compile the kernel, or find it on disk, and make it known by its name for as long as the process lives."""

    def run(x, weights, log_weights, log_rates, rates, n, k, of_weights, of_log_rates, of_rates):  # type: ignore[no-untyped-def]
        both = carray(x, (2, n))
        found = exposed_gradient_pass(
            both[0],
            both[1],
            carray(weights, (n,)),
            carray(log_weights, (k,)),
            carray(log_rates, (k,)),
            carray(rates, (k,)),
        )
        fill(of_weights, found[1])
        fill(of_log_rates, found[2])
        fill(of_rates, found[3])
        return found[0]

    return addressed(SYMBOL, SIGNATURE, run, VERSION)


@compiled_by_numba(ExposedPoissonTotal, VERSION)
def _total_in_numba() -> Any:
    total = external_function(SYMBOL, SIGNATURE)

    def run(x, weights, log_weights, log_rates, rates):  # type: ignore[no-untyped-def]
        n, k = x.shape[1], len(log_weights)
        of_weights, of_log_rates, of_rates = np.empty(k), np.empty(k), np.empty(k)
        log_likelihood = total(
            np.ascontiguousarray(x).ctypes,
            np.ascontiguousarray(weights).ctypes,
            np.ascontiguousarray(log_weights).ctypes,
            np.ascontiguousarray(log_rates).ctypes,
            np.ascontiguousarray(rates).ctypes,
            n,
            k,
            of_weights.ctypes,
            of_log_rates.ctypes,
            of_rates.ctypes,
        )
        return np.asarray(log_likelihood), of_weights, of_log_rates, of_rates

    provide()
    return run


@compiled_by_numba(ExposedPoissonPointwise, VERSION)
def _pointwise_in_numba() -> Any:
    def run(x, index, multiplicities, offsets, log_weights, log_rates, rates):  # type: ignore[no-untyped-def]
        found = exposed_pointwise(np.ascontiguousarray(x[0]), np.ascontiguousarray(x[1]), log_weights, log_rates, rates)
        return (found + offsets)[index]

    return run
