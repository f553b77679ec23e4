"""A truth outside the model: a mixture of which every component departs from the model's family in one way.

What is known of such data is how to draw them, and the distribution itself: as a sum over points, so that an expectation
under it, such as that of a log-density, can be computed without drawing anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ..components import Array, Components
from ..data import Data
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

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
        """Draw n observations, shape ``(n, d)``, and the labels of their components, shape ``(n,)``."""
        labels = np.searchsorted(np.cumsum(self.base.weights)[:-1], rng.random(n), side="right")
        return self.departure.sample(self.base.components, labels, rng), labels

    def points(self, columns: tuple[str, ...] | None = None) -> Data:
        """The distribution as weighted data: a sum over them stands for an expectation under it.

        The probabilities of all counts, the points of a quadrature in one or two dimensions, and a large sample in more.
        """
        if self.dimension > MOST_DIMENSIONS_OF_POINTS:
            values, _ = self.sample(SAMPLE, np.random.default_rng(SAMPLE_SEED))
            return Data.of(values, np.full(SAMPLE, OBSERVATIONS / SAMPLE), columns)
        values, shares = self.departure.points(self.base.components)
        weights = shares @ self.base.weights
        seen = weights > LEAST
        return Data.of(values[seen], OBSERVATIONS * weights[seen] / weights[seen].sum(), columns).distinct()

    def log_density(self, x: Array) -> Array | None:
        """log p(x) of each row, shape ``(n,)``, in nats, or the log-probability of a count; ``None`` where there is none."""
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
