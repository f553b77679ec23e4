"""Poisson components: counts with a rate of their own in each component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from .arrays import Array, as_rows
from .chunks import sum_over_chunks
from .components import Components, Statistics
from .data import LARGEST_COUNT, Chunk, Data
from .frame import Frame
from .kernels.arithmetic import log_or_lowest
from .kernels.poisson import poisson_average, poisson_pass
from .kernels.poisson_exposure import exposed_poisson_average, exposed_poisson_pass
from .rows import Rows


@dataclass(frozen=True)
class PoissonStatistics(Statistics):
    """The sums N = Σγ, Σγx and, where the counts have exposures, Σγe of each component, each of shape ``(k,)``.

    These are ``counts``, ``sums`` and ``of_exposure``, which is ``None`` where every exposure is one.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Poisson
    >>> one = Poisson(np.array([2.0]))
    >>> found = one.statistics(np.array([[1.0], [5.0]]), np.ones((2, 1)), exposure=np.array([1.0, 3.0]))
    >>> found.counts.tolist(), found.sums.tolist(), found.exposures.tolist()
    ([2.0], [6.0], [4.0])
    """

    counts: Array
    sums: Array
    of_exposure: Array | None = None

    @property
    def exposures(self) -> Array:
        """Σγe, which is N where every exposure is one."""
        return self.counts if self.of_exposure is None else self.of_exposure

    def __add__(self, other: PoissonStatistics) -> PoissonStatistics:
        exposed = self.of_exposure is not None or other.of_exposure is not None
        of_exposure = self.exposures + other.exposures if exposed else None
        return PoissonStatistics(self.counts + other.counts, self.sums + other.sums, of_exposure)


@dataclass(frozen=True)
class Poisson(Components):
    r"""k Poisson distributions with ``rates`` of shape ``(..., k)``, each per unit of exposure.

    A count with the exposure e has the mean e λ, hence $\log p(x) = x \log \lambda - e \lambda + (x \log e - \log x!)$, of
    which no parameter changes the bracket, the *base*.

    Parameters
    ----------
    rates
        The rates λ, shape ``(..., k)``, per unit of exposure.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Poisson
    >>> two = Poisson(np.array([2.0, 9.0]))
    >>> two.log_density(np.array([[0.0], [5.0]])).round(3)
    array([[-2.   , -9.   ],
           [-3.322, -2.801]])
    """

    rates: Array

    name: ClassVar[str] = "poisson"
    counts: ClassVar[bool] = True
    takes_exposure: ClassVar[bool] = True

    def log_density(self, x: Array, exposure: Array | None = None) -> Array:
        counts, rates = as_rows(x, 1)[:, 0], self.rates[..., None]
        means = rates if exposure is None else rates * exposure
        return np.swapaxes(special.xlogy(counts, means) - means - special.gammaln(counts + 1), -1, -2)

    def sample(self, labels: NDArray[np.intp], rng: np.random.Generator, exposure: Array | None = None) -> Array:
        rates = np.take_along_axis(self.rates, labels, axis=-1)
        return rng.poisson(rates if exposure is None else rates * exposure).astype(np.float64)[..., None]

    def statistics(self, x: Array, responsibilities: Array, exposure: Array | None = None) -> PoissonStatistics:
        of_exposure = None if exposure is None else responsibilities.T @ exposure
        return PoissonStatistics(responsibilities.sum(axis=0), responsibilities.T @ x[:, 0], of_exposure)

    def expectation(self, data: Data, weights: Array) -> tuple[float, PoissonStatistics]:
        log_weights, log_rates = log_or_lowest(weights), log_or_lowest(self.rates)
        constants = log_weights - self.rates

        def run(chunk: Chunk) -> tuple[Any, ...]:
            x, base = chunk.x[0], chunk.log_base
            if chunk.exposure is None:
                return poisson_pass(x, chunk.weights, -base, constants, log_rates)
            return exposed_poisson_pass(x, chunk.exposure, chunk.weights, base, log_weights, log_rates, self.rates)

        log_likelihood, *statistics = sum_over_chunks(data, len(weights), run)
        return log_likelihood, PoissonStatistics(*statistics)

    def averages(self, data: Data, weights: Array) -> tuple[Array, Array, Array]:
        counts, base = np.ascontiguousarray(data.values[:, 0]), data.log_base
        log_weights, log_rates = log_or_lowest(weights), log_or_lowest(self.rates)
        if data.exposure is None:
            shares, *others = poisson_average(counts, -base, log_weights - self.rates, log_rates)
        else:
            exposure = np.ascontiguousarray(data.exposure)
            shares, *others = exposed_poisson_average(counts, exposure, base, log_weights, log_rates, self.rates)
        return shares.T, others[0], others[1]

    def location(self) -> Array:
        return self.rates

    def marginal(self, feature: int) -> Poisson:
        return self

    def size_of_terms(self, x: Array, exposure: Array | None = None) -> Array:
        """The size of the terms, x |log λ| + e λ + log x! + x |log e|, with what rounding does to the logarithms."""
        counts, rates = x.reshape(-1, 1), np.maximum(self.rates, np.finfo(float).tiny)
        if exposure is None:
            return np.asarray((counts + rates) * (1 + np.abs(np.log(rates))) + special.gammaln(counts + 1))
        means, logarithms = exposure[:, None] * rates, np.abs(np.log(rates)) + np.abs(np.log(exposure))[:, None]
        return np.asarray((counts + means) * (1 + logarithms) + special.gammaln(counts + 1))

    def scalars(self, covariance: str | None, columns: tuple[str, ...]) -> dict[str, Array]:
        return {f"rates[{k + 1}]": self.rates[..., k] for k in range(self.rates.shape[-1])}

    def departures(self, reference: Poisson, covariance: str | None) -> dict[str, Array]:
        """log λ less that of the reference."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return _blocks(np.log(self.rates) - np.log(reference.rates))

    def departures_along(self, reference: Poisson, covariance: str | None) -> dict[str, Array]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return _blocks(self.rates / reference.rates)

    @classmethod
    def check(cls, data: Rows, components: int, covariance: str | None) -> None:
        if data.dimension != 1:
            raise ValueError(
                f"family 'poisson' takes one column of counts, got {data.dimension} columns "
                f"({', '.join(map(repr, data.columns))}): choose one."
            )
        cls.require_possible(data)

    @classmethod
    def require_possible(cls, data: Rows) -> None:
        bad = data.first(_is_no_count)
        if bad is not None:
            row, values = bad
            raise ValueError(
                f"column {data.columns[0]!r} holds {values[0]:g} in row {row + 1}: family 'poisson' takes "
                "counts, which are whole numbers from 0 on; measurements are for family 'gaussian'."
            )
        if data.highest[0] > LARGEST_COUNT:
            raise ValueError(
                f"column {data.columns[0]!r} holds {data.highest[0]:g}: counts beyond 2**53 have no neighbours among "
                "doubles."
            )

    @classmethod
    def free_parameters(cls, components: int, dimension: int, covariance: str | None) -> int:
        return components

    @classmethod
    def around(cls, points: Array, data: Rows, widths: Array | float = 1.0) -> Self:
        # A rate of zero forbids every positive count, so that no E-step could ever leave it.
        return cls(np.maximum(points[:, 0], 0.1 * mean_rate(data) / len(points)))

    @classmethod
    def frame(cls, data: Data, covariance: str | None) -> Frame:
        """Return the identity: counts have neither unit nor origin to choose."""
        return Frame.identity(1)

    @classmethod
    def places(cls, data: Data) -> Array:
        """The counts; with exposures the rates, each drawn to the mean as if ⅜ events had been seen at that rate before.

        The rate of a row that was hardly exposed would be nothing but noise.
        """
        if data.exposure is None:
            return data.values
        return np.asarray((data.values + 3 / 8) / (data.exposure + 3 / 8 / mean_rate(data))[:, None])

    @classmethod
    def coordinates(cls, data: Data, covariance: str | None) -> Array:
        """The variance-stabilising square root (Anscombe 1948) of the counts, or of the rates."""
        return np.asarray(2 * np.sqrt(data.values + 3 / 8 if data.exposure is None else cls.places(data)))


def _is_no_count(values: Array) -> NDArray[np.bool_]:
    return np.asarray((values[:, 0] < 0) | (values[:, 0] != np.floor(values[:, 0])))


def mean_rate(data: Rows) -> float:
    """All events by all of the exposure, above zero however few they are: a mean about some row could lose it in rounding.

    Where every count is zero it is what one event would have made it.

    Parameters
    ----------
    data
        Counts in one column.

    Returns
    -------
    float
        The events for each unit of exposure.

    Examples
    --------
    >>> from models import Data, mean_rate
    >>> mean_rate(Data.of([1, 2, 6], exposure=[1.0, 1.0, 4.0]))
    1.5
    """
    return float((data.total(_sum) or 1.0) / data.total_exposure)


def _sum(data: Data) -> float:
    return float(data.weights @ data.values[:, 0])


def _blocks(of_rates: Array) -> dict[str, Array]:
    return {f"rates[{j + 1}]": of_rates[..., j, None] for j in range(of_rates.shape[-1])}
