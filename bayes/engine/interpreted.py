"""Functions of PyTensor graphs that NumPy evaluates, for what is evaluated a few hundred times at most.

Compiling the textbook graph of a multivariate mixture costs a minute, and interpreting it some milliseconds a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytensor
from pytensor.compile.mode import Mode

INTERPRETED = Mode(linker="py", optimizer="fast_compile")
# Only equal parts are made one. With three components in the plane, the rewriting of value and gradient takes two of three
# seconds, and saves a hundredth of one in each evaluation.
_AS_WRITTEN = Mode(linker="py", optimizer="merge")


def interpreted(inputs: list[Any], outputs: list[Any]) -> Callable[..., Any]:
    """Return the outputs as a function of the inputs; graphs within the graph are not compiled, either."""
    with pytensor.config.change_flags(cxx=""):
        return pytensor.function(inputs, outputs, mode=_AS_WRITTEN)  # type: ignore[no-any-return]
