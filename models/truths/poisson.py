r"""Counts that are no mixture of Poisson distributions, each about the rates of one.

Every one of them gives the count $x$ a probability $p(x \mid \lambda_k)$ in closed form. All counts up to one that has next
to no probability are its points, so that a sum over them is the expectation itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy
from numpy.typing import NDArray

from ..arrays import Array
from ..memory import require_memory
from ..poisson import Poisson
from .checks import require_above, require_share
from .poisson_counts import BEYOND, CountLaw, NegativeBinomialLaw, UnchangedLaw, ZeroInflatedLaw
from .truth import Departure

_BYTES = 64


class CountDeparture(CountLaw, Departure[Poisson]):
    """A departure that is known by its probabilities."""

    def points(self, components: Poisson) -> tuple[Array, Array]:
        last = self.last(float(components.rates.max()))
        require_memory("the largest of the rates", int(last), _BYTES * len(components.rates))
        counts = np.arange(last + 1)[:, None]
        return counts, np.exp(self.log_probabilities(components.rates, counts))

    def log_density(self, components: Poisson, x: Array) -> Array:
        return self.log_probabilities(components.rates, np.reshape(x, (-1, 1)))


@dataclass(frozen=True)
class PoissonCounts(UnchangedLaw, CountDeparture):
    """Poisson counts after all, of more or fewer components than are fitted."""

    def sample(self, components: Poisson, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        return components.sample(labels, rng)

    def statement(self) -> str:
        return "Poisson"


@dataclass(frozen=True)
class NegativeBinomial(NegativeBinomialLaw, CountDeparture):
    r"""Poisson counts whose rate varies from one to the next: $\lambda$ times a Gamma variate of mean 1 and this ``shape``.

    The variance about a mean $\lambda$ is $\lambda + \lambda^2 / \mathrm{shape}$ (Greenwood and Yule 1920).
    """

    def sample(self, components: Poisson, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        varied = components.rates[labels] * rng.standard_gamma(self.shape, len(labels)) / self.shape
        return rng.poisson(varied).astype(np.float64)[:, None]

    def statement(self) -> str:
        return f"negative binomial with variance m + m²/{self.shape:g} about its mean m"


@dataclass(frozen=True)
class ZeroInflated(ZeroInflatedLaw, CountDeparture):
    """Poisson counts of which the share ``zeros`` is set to zero (Lambert 1992)."""

    def sample(self, components: Poisson, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        return components.sample(labels, rng) * (rng.random((len(labels), 1)) >= self.zeros)

    def statement(self) -> str:
        return f"Poisson, but for {self.zeros:.3g} of all counts, which are zero"


@dataclass(frozen=True)
class HeapedCounts(CountDeparture):
    """Poisson counts of which a ``share`` is rounded to the nearest multiple of ``step``, halves to the even one."""

    step: float = 5.0
    share: float = 0.3

    kind: ClassVar[str] = "heaped"

    def __post_init__(self) -> None:
        require_share("share", self.share)
        if self.step < 2 or self.step != round(self.step):
            raise ValueError(f"step must be a whole number from 2 on, got {self.step!r}.")

    def sample(self, components: Poisson, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        exact = components.sample(labels, rng)
        return np.where(rng.random((len(labels), 1)) < self.share, self._rounded(exact), exact)

    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        # Whatever is rounded to a multiple lies less than a step from it.
        around = counts[..., None] + np.arange(-self.step, self.step + 1)
        comes_here = (self._rounded(around) == counts[..., None]) & (around >= 0)
        whole = np.where(comes_here, scipy.stats.poisson.pmf(around, np.asarray(rates)[..., None]), 0.0).sum(axis=-1)
        exact = scipy.stats.poisson.pmf(counts, rates)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log((1 - self.share) * exact + self.share * whole))

    def last(self, rate: float) -> float:
        return float(scipy.stats.poisson.isf(BEYOND, rate)) + self.step

    def statement(self) -> str:
        return f"Poisson, but {self.share:.3g} of all counts are rounded to a multiple of {self.step:g}"

    def _rounded(self, counts: Array) -> Array:
        return np.asarray(self.step * np.round(counts / self.step))


@dataclass(frozen=True)
class ContaminatedCounts(CountDeparture):
    """Poisson counts of which a ``share`` comes from ``factor`` times the rate."""

    share: float = 0.02
    factor: float = 4.0

    kind: ClassVar[str] = "contaminated"

    def __post_init__(self) -> None:
        require_share("share", self.share)
        require_above("factor", self.factor, 0)

    def sample(self, components: Poisson, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        factors = np.where(rng.random(len(labels)) < self.share, self.factor, 1.0)
        return rng.poisson(components.rates[labels] * factors).astype(np.float64)[:, None]

    def log_probabilities(self, rates: Array, counts: Array) -> Array:
        kept = np.log1p(-self.share) + scipy.stats.poisson.logpmf(counts, rates)
        raised = np.log(self.share) + scipy.stats.poisson.logpmf(counts, self.factor * rates)
        return np.asarray(np.logaddexp(kept, raised))

    def last(self, rate: float) -> float:
        return float(scipy.stats.poisson.isf(BEYOND, rate * max(1, self.factor)))

    def statement(self) -> str:
        return f"Poisson, but {self.share:.3g} of all counts come from {self.factor:g} times the rate"
