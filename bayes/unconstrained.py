"""From the free variables of a PyMC model to the unconstrained values that it is sampled in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt

from models import Array

# For what is evaluated a few hundred times at most: compiling the textbook graph of a multivariate mixture costs a minute,
# and interpreting it with NumPy some milliseconds a time.
INTERPRETED = pytensor.compile.mode.Mode(linker="py", optimizer="fast_compile")


def to_unconstrained(built: pm.Model) -> Callable[[dict[str, Array]], Array]:
    """A function from the value of each free variable to all unconstrained values in one vector."""
    inputs = [variable.clone(name=variable.name) for variable in built.free_RVs]
    outputs = []
    for variable, given in zip(built.free_RVs, inputs, strict=True):
        transform = built.rvs_to_transforms[variable]
        outputs.append(given if transform is None else transform.forward(given, *variable.owner.inputs))
    # The transforms take the prior's own parameters, which may depend on other variables.
    replaced: Any = pytensor.graph.clone_replace(outputs, dict(zip(built.free_RVs, inputs, strict=True)))
    function: Any = pytensor.function(inputs, pt.join(0, *[part.ravel() for part in replaced]), mode=INTERPRETED)
    # A PyTensor function keeps its arguments in one place, and chains that start together would mix them up.
    lock = threading.Lock()

    def unconstrained(values: dict[str, Array]) -> Array:
        with lock:
            return np.array(function(**values))

    return unconstrained
