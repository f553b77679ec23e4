"""The way from the free variables of a PyMC model to the unconstrained values that it is sampled in."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
import pymc as pm
import pytensor

from models import Array

from .interpreted import interpreted


class Unconstrained:
    """The unconstrained values of a model's free variables, from the value of each variable."""

    def __init__(self, built: pm.Model) -> None:
        inputs = [variable.clone(name=variable.name) for variable in built.free_RVs]
        outputs = []
        for variable, given in zip(built.free_RVs, inputs, strict=True):
            transform = built.rvs_to_transforms[variable]
            outputs.append(given if transform is None else transform.forward(given, *variable.owner.inputs))
        # The transforms take the prior's own parameters, which may depend on other variables.
        replaced: Any = pytensor.graph.clone_replace(outputs, dict(zip(built.free_RVs, inputs, strict=True)))
        self._function = interpreted(inputs, replaced)
        self._names = [built.rvs_to_values[variable].name for variable in built.free_RVs]
        # A compiled function keeps its arguments in one place, and the chains start in threads of their own.
        self._alone = Lock()

    def point(self, values: dict[str, Array]) -> dict[str, Array]:
        """Return the unconstrained values by PyMC's names for them."""
        with self._alone:
            found = [np.array(part) for part in self._function(**values)]
        return dict(zip(self._names, found, strict=True))

    def __call__(self, values: dict[str, Array]) -> Array:
        """Return the unconstrained values of all variables in one vector."""
        return np.concatenate([part.ravel() for part in self.point(values).values()])
