"""The distribution of a single count about the rate of a Poisson one, whatever stands beside it in its row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy

from ..arrays import Array
from .checks import require_above, require_share

# No more probability than this lies beyond the last count.
BEYOND = 1e-15


class CountLaw(ABC):
    """A distribution of counts that is known by its probabilities."""

    @abstractmethod
    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        """log p(x | λ) for rates and counts of shapes that broadcast, in nats."""

    @abstractmethod
    def last(self, rate: float) -> float:
        """The count beyond which there is next to no probability at this rate."""


class UnchangedLaw(CountLaw):
    """The Poisson distribution itself, for truths of more or fewer components than are fitted."""

    kind: ClassVar[str] = "mixture"

    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        return np.asarray(scipy.stats.poisson.logpmf(counts, rates))

    def last(self, rate: float) -> float:
        return float(scipy.stats.poisson.isf(BEYOND, rate))


@dataclass(frozen=True)
class NegativeBinomialLaw(CountLaw):
    r"""A Poisson count whose rate varies: $\lambda$ times a Gamma variate of mean 1 and this ``shape``.

    The variance about a mean $\lambda$ is $\lambda + \lambda^2 / \mathrm{shape}$ (Greenwood and Yule 1920).
    """

    shape: float = 5.0

    kind: ClassVar[str] = "negative-binomial"

    def __post_init__(self) -> None:
        require_above("shape", self.shape, 0)

    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        return np.asarray(scipy.stats.nbinom.logpmf(counts, self.shape, self.shape / (self.shape + rates)))

    def last(self, rate: float) -> float:
        return float(scipy.stats.nbinom.isf(BEYOND, self.shape, self.shape / (self.shape + rate)))


@dataclass(frozen=True)
class ZeroInflatedLaw(CountLaw):
    """A Poisson count that is set to zero with the probability ``zeros`` (Lambert 1992)."""

    zeros: float = 0.1

    kind: ClassVar[str] = "zero-inflated"

    def __post_init__(self) -> None:
        require_share("zeros", self.zeros)

    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        kept = np.log1p(-self.zeros) + scipy.stats.poisson.logpmf(counts, rates)
        with np.errstate(divide="ignore"):
            return np.asarray(np.logaddexp(kept, np.log(np.where(counts == 0, self.zeros, 0.0))))

    def last(self, rate: float) -> float:
        return float(scipy.stats.poisson.isf(BEYOND, rate))
