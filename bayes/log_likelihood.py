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

# So small a share of the way costs a part in ten million by the fourth derivative, a part in a hundred thousand where the
# log-likelihood does not fall like a parabola, and about as much by rounding as the former.
SHARE_OF_WAY, HALF_A_NAT, SHORTENED, MOST_TRIALS = 3e-4, 0.5, 1e-4, 40


@dataclass(frozen=True)
class LogLikelihood:
    """The log-likelihood of all that a PyMC model has observed as a function of a mixture, the priors left out.

    Parameters
    ----------
    built
        The PyMC model, as :func:`bayes.build_model` makes it.
    model, prior
        What it was built from.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import LogLikelihood, build
    >>> from models import Data, Mixture, Model, Poisson
    >>> data, model = Data.of([0, 1, 1, 2, 8, 9]), Model("poisson", 2)
    >>> of_pymc = LogLikelihood(build(data, model, model.prior(data)), model, model.prior(data))
    >>> mixture = Mixture(np.array([0.6, 0.4]), Poisson(np.array([1.0, 9.0])))
    >>> round(of_pymc(mixture), 9) == round(float(mixture.log_density(data.values).sum()), 9)
    True
    """

    built: pm.Model
    model: Model
    prior: Prior

    def __call__(self, mixture: Mixture) -> float:
        """Return the total log-likelihood in nats."""
        return float(self._value(self.coordinates(mixture))[0])

    def with_gradient(self, mixture: Mixture) -> tuple[float, Array]:
        """Return the total log-likelihood and its gradient in the unconstrained coordinates that PyMC samples in."""
        value, gradient = self._function(self.coordinates(mixture))
        return float(value), np.asarray(gradient)

    def gradient(self, mixture: Mixture) -> Array:
        """Return the gradient alone, in the unconstrained coordinates that PyMC samples in."""
        return self.with_gradient(mixture)[1]

    def information(self, mixture: Mixture) -> Array:
        """Return minus the Hessian in the same coordinates, by central differences of the gradient.

        No coordinate moves by a step that its units, or the width of one component, would make too long or too short:
        each moves by a small share of the way on which the log-likelihood falls by half a nat.
        """
        centre = self.coordinates(mixture)
        rows = []
        for j in range(len(centre)):
            step = SHARE_OF_WAY * self._way_down(centre, j)
            ahead, behind = _moved(centre, j, step), _moved(centre, j, -step)
            change = self._function(behind)[1] - self._function(ahead)[1]
            rows.append(change / (ahead[j] - behind[j]))
        return np.asarray((np.array(rows) + np.array(rows).T) / 2)

    def _way_down(self, centre: Array, j: int) -> float:
        """Return how far coordinate j moves, to either side, until the log-likelihood has fallen by about half a nat.

        Where it falls less than that, or rises, a way of the size of the coordinate itself.
        """
        longest = max(1.0, abs(float(centre[j])))
        way, top = longest, float(self._value(centre)[0])
        for _ in range(MOST_TRIALS):
            fall = self._fall(centre, j, way, top)
            if 0.5 * HALF_A_NAT <= fall <= 2 * HALF_A_NAT or (way == longest and fall < HALF_A_NAT):
                break
            # A parabola's fall goes with the square of the way; beyond its bottom the fall is another one.
            ratio = np.sqrt(HALF_A_NAT / fall) if fall > 0 else 2.0
            way = min(longest, way * float(np.clip(np.nan_to_num(ratio), SHORTENED, 2.0)))
        return way

    def _fall(self, centre: Array, j: int, way: float, top: float) -> float:
        behind, ahead = (float(self._value(_moved(centre, j, distance))[0]) for distance in (-way, way))
        fall = top - (behind + ahead) / 2
        return fall if np.isfinite(fall) else np.inf

    def coordinates(self, mixture: Mixture) -> Array:
        """Return the unconstrained coordinates of a mixture, all in one vector."""
        return self._unconstrained(point(mixture, self.model, self.prior))

    def has_inside(self, mixture: Mixture) -> bool:
        """Return whether the mixture lies inside the space of parameters, and not on its edge, as a rate of zero does."""
        return bool(np.isfinite(self.coordinates(mixture)).all())

    @cached_property
    def _unconstrained(self) -> Unconstrained:
        return Unconstrained(self.built)

    @cached_property
    def _value(self) -> Any:
        """The log-likelihood alone, in a third of the time that its gradient takes."""
        return self._evaluated(self._log_likelihood)

    @cached_property
    def _function(self) -> Any:
        """Value and gradient of the log-likelihood, compiled once."""
        gradients: Any = pytensor.grad(self._log_likelihood, self._variables)
        return self._evaluated(self._log_likelihood, pt.join(0, *[part.ravel() for part in gradients]))

    @cached_property
    def _log_likelihood(self) -> Any:
        return self.built.logp(vars=self.built.observed_RVs, jacobian=False)

    @cached_property
    def _variables(self) -> list[Any]:
        return [self.built.rvs_to_values[variable] for variable in self.built.free_RVs]

    def _evaluated(self, *outputs: Any) -> Any:
        """Return the function of all coordinates in one vector that computes these outputs."""
        example = self._unconstrained.point(any_point(self.model, self.prior))
        joined_outputs, joined = join_nonshared_inputs(example, list(outputs), self._variables)
        return interpreted([joined], joined_outputs)


def _moved(centre: Array, j: int, distance: float) -> Array:
    place = centre.copy()
    place[j] += distance
    return place
