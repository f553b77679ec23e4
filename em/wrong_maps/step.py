r"""One step of EM with other responsibilities, or with another M-step, than the right ones.

The right step takes $\gamma_{ik} = \pi_k p(x_i \mid \theta_k) / \sum_j \pi_j p(x_i \mid \theta_j)$ (``em/e_step.py``) and
the $\pi_k = N_k / n$ and $\theta_k$ that maximise $Q$. A wrong one has the same form, with one formula that somebody got
wrong; where it does not move an estimate, EM with this mistake ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import Array, Data, Mixture, Model, Statistics

from ..m_step import MStep
from .mistakes import Mistake

# A component that is left without observations has no next place.
LEAST_COUNT = 1e-9


@dataclass(frozen=True)
class Situation:
    """An estimate of a model, and the data in memory: what a step starts from."""

    mixture: Mixture
    model: Model
    data: Data

    @property
    def responsibilities(self) -> Array:
        """The right ones, shape ``(rows, k)``."""
        return self.mixture.responsibilities(self.data.values, self.data.exposure)

    @property
    def per_exposure(self) -> Array:
        """The rows in units of what they were exposed to, shape ``(rows, d)``: themselves where that is one."""
        data = self.data
        return data.values if data.exposure is None else data.values / data.exposure[:, None]

    @property
    def shares_of_exposure(self) -> Array:
        """What share of all exposure the right responsibilities give each component, shape ``(k,)``."""
        data = self.data
        seen = data.weights if data.exposure is None else data.weights * data.exposure
        exposures = seen @ self.responsibilities
        return np.asarray(exposures / exposures.sum())

    def statistics(self, responsibilities: Array, weights: Array | None = None) -> Statistics | None:
        """What the responsibilities of the rows, each as often as it was seen, say; ``None`` where a component is empty."""
        seen = self.data.weights if weights is None else weights
        found = self.mixture.components.statistics(
            self.data.values, responsibilities * seen[:, None], self.data.exposure
        )
        return found if (found.counts > LEAST_COUNT).all() else None

    def m_step(self, statistics: Statistics) -> Mixture:
        """The right M-step."""
        return MStep(self.model, self.data)(statistics)

    def step(self, responsibilities: Array, weights: Array | None = None) -> Mixture | None:
        """The right M-step after some E-step."""
        statistics = self.statistics(responsibilities, weights)
        return None if statistics is None else self.m_step(statistics)


@dataclass(frozen=True)
class Step:
    """Where one step with a mistake leads; ``detail`` says what of the mistake is a number, such as how large a ridge is."""

    mixture: Mixture
    detail: str = ""


type Steps = Callable[[Situation], Iterator[Step]]


@dataclass(frozen=True)
class WrongMap:
    """A mistake and all the forms of a step with it that make sense for an estimate; none where it cannot be made."""

    mistake: Mistake
    steps: Steps


@dataclass(frozen=True)
class WrongEStep:
    """A mistake in the E-step: the responsibilities that it gives, shape ``(rows, k)``; ``None`` where it cannot be made."""

    mistake: Mistake
    responsibilities: Callable[[Situation], Array | None]

    @property
    def wrong_map(self) -> WrongMap:
        """The map of EM with this E-step and the right M-step."""
        return WrongMap(self.mistake, self._steps)

    def _steps(self, situation: Situation) -> Iterator[Step]:
        responsibilities = self.responsibilities(situation)
        found = None if responsibilities is None else situation.step(responsibilities)
        if found is not None:
            yield Step(found)


def one_each(chosen: NDArray[np.intp], components: int) -> Array:
    """Responsibilities of one for the component that was chosen for each row, and of zero for all others."""
    return np.asarray(np.eye(components)[chosen])
