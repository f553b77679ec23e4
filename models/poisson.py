"""Poisson components: counts with a rate of their own in each component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from .chunks import sum_over_chunks
from .components import Array, Components, Statistics, as_rows
from .data import Data
from .frame import Frame
from .kernels.arithmetic import log_or_lowest
from .kernels.poisson import poisson_pass
from .rows import Rows

LARGEST_COUNT = 2.0**53


@dataclass(frozen=True)
class PoissonStatistics(Statistics):
    """For each component N = Σγ and Σγx, both of shape ``(k,)``."""

    counts: Array
    sums: Array

    def __add__(self, other: PoissonStatistics) -> PoissonStatistics:
        return PoissonStatistics(self.counts + other.counts, self.sums + other.sums)


@dataclass(frozen=True)
class Poisson(Components):
    """k Poisson distributions with ``rates`` of shape ``(..., k)``."""

    rates: Array

    name: ClassVar[str] = "poisson"
    counts: ClassVar[bool] = True

    def log_density(self, x: Array) -> Array:
        counts, rates = as_rows(x, 1)[:, 0], self.rates[..., None]
        return np.swapaxes(special.xlogy(counts, rates) - rates - special.gammaln(counts + 1), -1, -2)

    def sample(self, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        return rng.poisson(np.take_along_axis(self.rates, labels, axis=-1)).astype(np.float64)[..., None]

    def statistics(self, x: Array, responsibilities: Array) -> PoissonStatistics:
        return PoissonStatistics(responsibilities.sum(axis=0), responsibilities.T @ x[:, 0])

    def expectation(self, data: Data, weights: Array) -> tuple[float, PoissonStatistics]:
        constants, log_rates = log_or_lowest(weights) - self.rates, log_or_lowest(self.rates)

        def run(x: Array, seen: Array) -> tuple[float, Array, Array]:
            return poisson_pass(x[0], seen, special.gammaln(x[0] + 1), constants, log_rates)

        log_likelihood, counts, sums = sum_over_chunks(data, len(weights), run)
        return log_likelihood, PoissonStatistics(counts, sums)

    def location(self) -> Array:
        return self.rates

    def marginal(self, feature: int) -> Poisson:
        return self

    def size_of_terms(self, x: Array) -> Array:
        """x |log λ| + λ + log x!, and what the rounding of log λ does to the first two."""
        counts, rates = x.reshape(-1, 1), np.maximum(self.rates, np.finfo(float).tiny)
        return np.asarray((counts + rates) * (1 + np.abs(np.log(rates))) + special.gammaln(counts + 1))

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
        bad = data.first(_is_no_count)
        if bad is not None:
            row, values = bad
            raise ValueError(
                f"column {data.columns[0]!r} holds {values[0]:g} in row {row + 1}: family 'poisson' takes "
                "counts, which are whole numbers from 0 on."
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
        return cls(np.maximum(points[:, 0], 0.1 * mean_count(data) / len(points)))

    @classmethod
    def frame(cls, data: Data, covariance: str | None) -> Frame:
        """Return the identity: counts have neither unit nor origin to choose."""
        return Frame.identity(1)

    @classmethod
    def coordinates(cls, data: Data, covariance: str | None) -> Array:
        """The variance-stabilising square root (Anscombe 1948)."""
        return np.asarray(2 * np.sqrt(data.values + 3 / 8))


def _is_no_count(values: Array) -> NDArray[np.bool_]:
    return np.asarray((values[:, 0] < 0) | (values[:, 0] != np.floor(values[:, 0])))


def mean_count(data: Rows) -> float:
    """The mean count, above zero however few counts are: a mean about some row could lose it in rounding.

    Where every count is zero it is what one event would have made it.
    """
    return float((data.total(_sum) or 1.0) / data.size)


def _sum(data: Data) -> float:
    return float(data.weights @ data.values[:, 0])


def _blocks(of_rates: Array) -> dict[str, Array]:
    return {f"rates[{j + 1}]": of_rates[..., j, None] for j in range(of_rates.shape[-1])}
