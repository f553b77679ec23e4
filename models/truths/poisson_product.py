r"""Rows of counts that are no mixture of products of Poissons, each about the rates of one.

In one or two columns all rows up to those that have next to no probability are the points, as of one column; in more a
sample stands in their place.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ..components import Array
from ..memory import require_memory
from ..poisson_product import PoissonProduct
from .checks import require_above, require_share
from .poisson import BEYOND
from .truth import Departure

_BYTES = 64


class ProductDeparture(Departure[PoissonProduct]):
    """A departure whose columns are independent given the component."""

    @abstractmethod
    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        """log p(x | λ) of single counts, for rates and counts of shapes that broadcast, in nats."""

    @abstractmethod
    def last(self, rate: float) -> float:
        """The count beyond which there is next to no probability at this rate."""

    def points(self, components: PoissonProduct) -> tuple[Array, Array]:
        lasts = [int(self.last(float(largest))) for largest in components.rates.max(axis=0)]
        require_memory("the largest of the rates", max(lasts), _BYTES * len(components.rates), power=len(lasts))
        axes = np.meshgrid(*(np.arange(last + 1.0) for last in lasts), indexing="ij")
        counts = np.stack([axis.ravel() for axis in axes], axis=1)
        return counts, np.exp(self.log_density(components, counts))

    def log_density(self, components: PoissonProduct, x: Array) -> Array:
        each = [self.log_probabilities(rates, x).sum(axis=1) for rates in components.rates]
        return np.stack(each, axis=1)


@dataclass(frozen=True)
class PoissonProductCounts(ProductDeparture):
    """Products of Poissons after all, of more or fewer components than are fitted."""

    kind: ClassVar[str] = "mixture"

    def sample(self, components: PoissonProduct, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        return components.sample(labels, rng)

    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        return np.asarray(stats.poisson.logpmf(counts, rates))

    def last(self, rate: float) -> float:
        return float(stats.poisson.isf(BEYOND, rate))

    def statement(self) -> str:
        return "a product of Poissons"


@dataclass(frozen=True)
class NegativeBinomialColumns(ProductDeparture):
    r"""Counts whose rate varies from one cell to the next: $\lambda$ times a Gamma variate of mean 1 and this ``shape``."""

    shape: float = 5.0

    kind: ClassVar[str] = "negative-binomial"

    def __post_init__(self) -> None:
        require_above("shape", self.shape, 0)

    def sample(self, components: PoissonProduct, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        rates = components.rates[labels]
        return rng.poisson(rates * rng.standard_gamma(self.shape, rates.shape) / self.shape).astype(np.float64)

    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        return np.asarray(stats.nbinom.logpmf(counts, self.shape, self.shape / (self.shape + rates)))

    def last(self, rate: float) -> float:
        return float(stats.nbinom.isf(BEYOND, self.shape, self.shape / (self.shape + rate)))

    def statement(self) -> str:
        return f"a product of negative binomials with variance m + m²/{self.shape:g} about each mean m"


@dataclass(frozen=True)
class ZeroInflatedColumns(ProductDeparture):
    """Counts of which the share ``zeros``, cell by cell, is set to zero (Lambert 1992)."""

    zeros: float = 0.1

    kind: ClassVar[str] = "zero-inflated"

    def __post_init__(self) -> None:
        require_share("zeros", self.zeros)

    def sample(self, components: PoissonProduct, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        counts = components.sample(labels, rng)
        return np.asarray(counts * (rng.random(counts.shape) >= self.zeros))

    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        kept = np.log1p(-self.zeros) + stats.poisson.logpmf(counts, rates)
        with np.errstate(divide="ignore"):
            return np.asarray(np.logaddexp(kept, np.log(np.where(counts == 0, self.zeros, 0.0))))

    def last(self, rate: float) -> float:
        return float(stats.poisson.isf(BEYOND, rate))

    def statement(self) -> str:
        return f"a product of Poissons, but for {self.zeros:.3g} of all counts, which are zero"
