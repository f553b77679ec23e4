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
# Only equal parts are made one. With three components in the plane, the rewriting of value and gradient takes two of three
# seconds, and saves a hundredth of one in each evaluation.
_AS_WRITTEN = Mode(linker="py", optimizer="merge")


def interpreted(inputs: list[Any], outputs: list[Any]) -> Callable[..., Any]:
    """Return the outputs as a function of the inputs; graphs within the graph are not compiled, either."""
    with pytensor.config.change_flags(cxx=""):
        return pytensor.function(inputs, outputs, mode=_stable())  # type: ignore[no-any-return]


@cache
def _stable() -> Mode:
    """Return how a graph is evaluated as it is written; PyTensor before 3.3 makes log Σ exp stable by rewriting alone."""
    x = pt.dvector()
    with pytensor.config.change_flags(cxx=""), np.errstate(divide="ignore"):
        total = pytensor.function([x], pt.logsumexp(x), mode=_AS_WRITTEN)([-1e4, -1e4])
    return _AS_WRITTEN if np.isfinite(total) else _AS_WRITTEN.including("stabilize")
