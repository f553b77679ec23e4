"""EM's kernels as compiled operations call them: by address.

What is linked into other compiled code is optimised there once more, and relaxed sums come out in another order than in the
kernel by itself. The process that compiles an operation would run the one, those that find it on disk the other, and the
draws of the same seed would differ. A kernel that is called by its address exists once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import binding
from numba import carray, cfunc, types
from pytensor.link.numba.cache import CACHED_SRC_FUNCTIONS

from models import kernel
from models.kernel import RELAXED, gaussian_gradient_pass, poisson_gradient_pass

from .version import version_of

VERSION = version_of(__file__, kernel.__file__)
_DOUBLES = types.CPointer(types.double)
_GAUSSIAN = types.double(*[_DOUBLES] * 5, *[types.intp] * 3, *[_DOUBLES] * 3)
_POISSON = types.double(*[_DOUBLES] * 4, *[types.intp] * 2, *[_DOUBLES] * 2)

gaussian_total: Any = types.ExternalFunction("emvsbayes_gaussian", _GAUSSIAN)
"""(x, weights, constants, means, whitening, n, d, k) → the log-likelihood; the last three arguments take its gradient."""
poisson_total: Any = types.ExternalFunction("emvsbayes_poisson", _POISSON)
"""(x, weights, constants, log_rates, n, k) → the log-likelihood; the last two arguments take its gradient."""


@cache
def provide_gaussian() -> Any:
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
        carray(of_constants, (k,))[:] = found[1]
        carray(of_means, (k, d))[:] = found[2]
        carray(of_whitening, (k, d, d))[:] = found[3]
        return found[0]

    return _provide(gaussian_total, run)


@cache
def provide_poisson() -> Any:
    """The same for counts."""

    def run(x, weights, constants, log_rates, n, k, of_constants, of_log_rates):  # type: ignore[no-untyped-def]
        found = poisson_gradient_pass(
            carray(x, (n,)), carray(weights, (n,)), carray(constants, (k,)), carray(log_rates, (k,))
        )
        carray(of_constants, (k,))[:] = found[1]
        carray(of_log_rates, (k,))[:] = found[2]
        return found[0]

    return _provide(poisson_total, run)


def _provide(name: Any, run: Callable[..., Any]) -> Any:
    # Numba itself looks whether this file has changed, and not the one that the kernels come from.
    CACHED_SRC_FUNCTIONS[run] = f"{name.symbol}_{VERSION}"
    compiled = cfunc(name.sig, cache=True, fastmath=RELAXED, error_model="numpy")(run)
    binding.add_symbol(name.symbol, compiled.address)
    return compiled
