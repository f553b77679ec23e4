"""A truth outside the model: a mixture of which every component departs from the model's family in one way.

What is known of such data is how to draw them, and the distribution itself: as a sum over points, so that an expectation
under it, such as that of a log-density, can be computed without drawing anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ..arrays import Array
from ..components import Components
from ..data import Data
from ..exposed import Exposures
from ..mixture import Mixture
from .quadrature import LEAST

# A sample in the place of points, where they would be too many. Its error is a tenth of that of five thousand observations.
SAMPLE, SAMPLE_SEED = 2**19, 16
MOST_DIMENSIONS_OF_POINTS = 2
# The points stand for so many observations.
OBSERVATIONS = 1e6


class Departure[Family: Components](ABC):
    """How the components of a truth depart from a family; its own parameters are the fields, all of them numbers.

    ``kind`` is what a user calls it.
    """

    kind: ClassVar[str]

    @abstractmethod
    def sample(self, components: Family, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """Draw an observation from the component that each label names, shape ``(n, d)``."""

    @abstractmethod
    def points(self, components: Family) -> tuple[Array, Array]:
        """Points of shape ``(m, d)``, and the probability that each component gives them, shape ``(m, k)``."""

    @abstractmethod
    def log_density(self, components: Family, x: Array) -> Array | None:
        """The log-density of every row under every component, shape ``(n, k)``, in nats; ``None`` where there is none."""

    @abstractmethod
    def statement(self) -> str:
        """What the components are, in words that follow "each component is"."""

    @property
    def caution(self) -> str | None:
        """A sentence on what no sample size mends, or none."""
        return None

    def require_components(self, components: Family) -> None:  # noqa: B027 - most take any
        """Raise a ``ValueError`` unless components like these can depart in this way."""


@dataclass(frozen=True)
class Truth:
    """What data are drawn from: the weights and components of a ``base``, and the ``departure`` of every component."""

    base: Mixture
    departure: Departure[Any]

    def __post_init__(self) -> None:
        self.departure.require_components(self.base.components)

    @property
    def dimension(self) -> int:
        """The number of features d."""
        return len(self.sample(1, np.random.default_rng(0))[0][0])

    def sample(self, n: int, rng: np.random.Generator, exposure: Array | None = None) -> tuple[Array, NDArray[np.intp]]:
        """Draw n observations, shape ``(n, d)``, and the labels of their components, shape ``(n,)``."""
        labels = np.searchsorted(np.cumsum(self.base.weights)[:-1], rng.random(n), side="right")
        if exposure is None:
            return self.departure.sample(self.base.components, labels, rng), labels
        # Every row has a component of its own: that of its label, with as many times the rates.
        own = self.base.components.map(lambda rates: rates[labels] * exposure.reshape(-1, *[1] * (rates.ndim - 1)))
        return self.departure.sample(own, np.arange(n), rng), labels

    def at(self, exposure: float) -> Truth:
        """The truth of counts that all have this exposure: its rates are as many times as high."""
        base = replace(self.base, components=self.base.components.map(lambda rates: exposure * rates))
        return replace(self, base=base)

    def points(self, columns: tuple[str, ...] | None = None, exposures: Exposures | None = None) -> Data:
        """The distribution as weighted data: a sum over them stands for an expectation under it.

        The probabilities of all counts, the points of a quadrature in one or two dimensions, and a large sample in more.
        With exposures they are those at each of a few, which stand for all.
        """
        if self.dimension > MOST_DIMENSIONS_OF_POINTS:
            rng = np.random.default_rng(SAMPLE_SEED)
            exposure = None if exposures is None else exposures.draw(SAMPLE, rng)
            values, _ = self.sample(SAMPLE, rng, exposure)
            return Data.of(values, np.full(SAMPLE, OBSERVATIONS / SAMPLE), columns, exposure=exposure)
        if exposures is not None:
            parts = [(self.at(value).points(columns), value, share) for value, share in exposures.few()]
            return Data.of(
                np.concatenate([part.values for part, _, _ in parts]),
                np.concatenate([share * part.weights for part, _, share in parts]),
                columns,
                exposure=np.concatenate([np.full(part.rows, value) for part, value, _ in parts]),
            ).distinct()
        values, shares = self.departure.points(self.base.components)
        weights = shares @ self.base.weights
        seen = weights > LEAST
        return Data.of(values[seen], OBSERVATIONS * weights[seen] / weights[seen].sum(), columns).distinct()

    def log_density(self, x: Array, exposure: Array | None = None) -> Array | None:
        """log p(x) of each row, shape ``(n,)``, in nats, or the log-probability of a count; ``None`` where there is none."""
        if exposure is not None:
            found = np.empty(len(x))
            for value in np.unique(exposure):
                found[exposure == value] = self.at(float(value)).log_density(x[exposure == value])
            return found
        of_components = self.departure.log_density(self.base.components, x)
        if of_components is None:
            return None
        return np.asarray(special.logsumexp(of_components, axis=-1, b=self.base.weights))

    def statement(self) -> str:
        """What the truth is, in words."""
        k, of_each = len(self.base.weights), self.departure.statement()
        return f"{k} components, each {of_each}" if k > 1 else f"one component, {of_each}"

    def document(self) -> dict[str, Any]:
        """The truth as plain numbers, lists and words."""
        own = asdict(self.departure)  # type: ignore[call-overload]
        base = {name: np.asarray(array).tolist() for name, array in self.base.arrays().items()}
        return {"kind": self.departure.kind, **own, **base}
