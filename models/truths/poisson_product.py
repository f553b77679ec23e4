r"""Rows of counts that are no mixture of products of Poissons, each about the rates of one.

All rows up to those that have next to no probability are the points, as of one column. Of many columns they are too many,
which a sentence says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..memory import require_memory
from ..poisson_product import PoissonProduct
from .poisson_counts import CountLaw, NegativeBinomialLaw, UnchangedLaw, ZeroInflatedLaw
from .truth import Departure

_BYTES = 64


class ProductDeparture(CountLaw, Departure[PoissonProduct]):
    """A departure whose columns are independent given the component."""

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
class PoissonProductCounts(UnchangedLaw, ProductDeparture):
    """Products of Poissons after all, of more or fewer components than are fitted."""

    def sample(self, components: PoissonProduct, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        return components.sample(labels, rng)

    def statement(self) -> str:
        return "a product of Poissons"


@dataclass(frozen=True)
class NegativeBinomialColumns(NegativeBinomialLaw, ProductDeparture):
    r"""Counts whose rate varies from one cell to the next: $\lambda$ times a Gamma variate of mean 1 and this ``shape``."""

    def sample(self, components: PoissonProduct, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        rates = components.rates[labels]
        return rng.poisson(rates * rng.standard_gamma(self.shape, rates.shape) / self.shape).astype(np.float64)

    def statement(self) -> str:
        return f"a product of negative binomials with variance m + m²/{self.shape:g} about each mean m"


@dataclass(frozen=True)
class ZeroInflatedColumns(ZeroInflatedLaw, ProductDeparture):
    """Counts of which the share ``zeros``, cell by cell, is set to zero (Lambert 1992)."""

    def sample(self, components: PoissonProduct, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        counts = components.sample(labels, rng)
        return np.asarray(counts * (rng.random(counts.shape) >= self.zeros))

    def statement(self) -> str:
        return f"a product of Poissons, but for {self.zeros:.3g} of all counts, which are zero"
