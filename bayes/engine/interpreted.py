"""Functions of PyTensor graphs that NumPy evaluates, for what is evaluated a few hundred times at most.

Compiling the textbook graph of a multivariate mixture costs a minute, and interpreting it some milliseconds a time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import Mode

INTERPRETED = Mode(linker="py", optimizer="fast_compile")
# Equal parts are made one, and arrays of equal numbers are filled at once: what a sum's gradient writes for that goes by in
# Python, number by number (nine tenths of a gradient at 400 000 rows). With three components in the plane, the whole
# rewriting of value and gradient takes two of three seconds, and saves a hundredth of one in each evaluation.
_FILLED_AT_ONCE = ("local_second_to_alloc", "local_fill_to_alloc")
_AS_WRITTEN: Any = Mode(linker="py", optimizer="merge").including(*_FILLED_AT_ONCE)


def interpreted(inputs: list[Any], outputs: list[Any]) -> Callable[..., Any]:
    """Return the outputs as a function of the inputs; graphs within the graph are not compiled, either."""
    with pytensor.config.change_flags(cxx=""):
        return pytensor.function(inputs, outputs, mode=_stable())  # type: ignore[no-any-return]


@cache
def _stable() -> Any:
    """Return how a graph is evaluated as it is written; PyTensor before 3.3 makes log Σ exp stable by rewriting alone."""
    x = pt.dvector()
    with pytensor.config.change_flags(cxx=""), np.errstate(divide="ignore"):
        total = pytensor.function([x], pt.logsumexp(x), mode=_AS_WRITTEN)([-1e4, -1e4])
    return _AS_WRITTEN if np.isfinite(total) else _AS_WRITTEN.including("stabilize")
