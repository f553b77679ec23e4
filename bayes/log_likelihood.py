"""PyMC's own log-likelihood and its gradient at any mixture, to hold against EM's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pymc.pytensorf import join_nonshared_inputs

from models import Array, Mixture, Model, Prior

from .build import any_point, point
from .engine import Unconstrained, interpreted


@dataclass(frozen=True)
class LogLikelihood:
    """The log-likelihood of a PyMC model's ``x`` as a function of a mixture, the priors left out."""

    built: pm.Model
    model: Model
    prior: Prior

    def __call__(self, mixture: Mixture) -> float:
        """The total log-likelihood in nats."""
        return self.with_gradient(mixture)[0]

    def with_gradient(self, mixture: Mixture) -> tuple[float, Array]:
        """The total log-likelihood and its gradient in the unconstrained coordinates that PyMC samples in."""
        value, gradient = self._function(self.coordinates(mixture))
        return float(value), np.asarray(gradient)

    def gradient(self, mixture: Mixture) -> Array:
        """That gradient alone."""
        return self.with_gradient(mixture)[1]

    def information(self, mixture: Mixture) -> Array:
        """Minus the Hessian in the same coordinates, by central differences of the gradient."""
        centre = self.coordinates(mixture)
        # The step balances truncation, of order step², against the gradient's rounding: eps^(1/3).
        steps = np.cbrt(np.finfo(float).eps) * np.maximum(1, np.abs(centre))
        rows = []
        for j, step in enumerate(steps):
            ahead, behind = centre.copy(), centre.copy()
            ahead[j] += step
            behind[j] -= step
            rows.append((self._function(behind)[1] - self._function(ahead)[1]) / (2 * step))
        return np.asarray((np.array(rows) + np.array(rows).T) / 2)

    def coordinates(self, mixture: Mixture) -> Array:
        """The unconstrained coordinates of a mixture, all in one vector."""
        return self._unconstrained(point(mixture, self.model, self.prior))

    def has_inside(self, mixture: Mixture) -> bool:
        """Whether the mixture lies inside the space of parameters, and not on its edge, as a rate of zero does."""
        return bool(np.isfinite(self.coordinates(mixture)).all())

    @cached_property
    def _unconstrained(self) -> Unconstrained:
        return Unconstrained(self.built)

    @cached_property
    def _function(self) -> Any:
        """Value and gradient of the log-likelihood alone, compiled once."""
        variables = [self.built.rvs_to_values[variable] for variable in self.built.free_RVs]
        value = self.built.logp(vars=[self.built["x"]], jacobian=False)
        gradients: Any = pytensor.grad(value, variables)
        gradient = pt.join(0, *[part.ravel() for part in gradients])
        example = self._unconstrained.point(any_point(self.model, self.prior))
        outputs, joined = join_nonshared_inputs(example, [value, gradient], variables)
        return interpreted([joined], outputs)


def newton_gain(gradient: Array, information: Array) -> float:
    """How much a function would rise by one Newton step, ½ gᵀI⁻¹g: zero at a maximum, whatever the scale of its arguments.

    Infinite where the information is not positive definite: that is no maximum.
    """
    values, vectors = np.linalg.eigh(information)
    if values[0] <= 0:
        return np.inf
    return float(0.5 * np.sum(np.square(vectors.T @ gradient) / values))
