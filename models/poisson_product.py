"""Products of Poissons: many columns of counts, independent of one another given the component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, as_rows
from .chunks import sum_over_slices
from .components import Components, Statistics
from .data import LARGEST_COUNT, Data
from .factorials import log_factorials
from .frame import Frame
from .kernels.arithmetic import LOWEST, log_or_lowest
from .kernels.poisson_product import product_pass, sparse_product_pass
from .rows import Rows
from .sparse import SparseData


@dataclass(frozen=True)
class PoissonProductStatistics(Statistics):
    """The sums N = Σγ, shape ``(k,)``, Σγx, ``(k, d)``, and Σγe, ``(k,)``, of each component; N without exposures.

    These are ``counts``, ``sums`` and ``exposures``.

    Examples
    --------
    >>> import numpy as np
    >>> from models import PoissonProduct
    >>> one = PoissonProduct(np.array([[2.0, 1.0]]))
    >>> found = one.statistics(np.array([[1.0, 0.0], [5.0, 2.0]]), np.ones((2, 1)))
    >>> found.counts.tolist(), found.sums.tolist()
    ([2.0], [[6.0, 2.0]])
    """

    counts: Array
    sums: Array
    exposures: Array

    def __add__(self, other: PoissonProductStatistics) -> PoissonProductStatistics:
        return PoissonProductStatistics(
            self.counts + other.counts, self.sums + other.sums, self.exposures + other.exposures
        )


@dataclass(frozen=True)
class PoissonProduct(Components):
    r"""k products of d Poisson distributions with ``rates`` of shape ``(..., k, d)``, each per unit of exposure.

    The exposure of a row is a size factor: all of its counts have e times the rates of its component for their means.

    Parameters
    ----------
    rates
        The rates λ, shape ``(..., k, d)``, per unit of exposure.

    Examples
    --------
    >>> import numpy as np
    >>> from models import PoissonProduct
    >>> two = PoissonProduct(np.array([[2.0, 1.0], [9.0, 1.0]]))
    >>> two.log_density(np.array([[3.0, 1.0]])).round(3)
    array([[-2.712, -5.2  ]])
    """

    rates: Array

    name: ClassVar[str] = "poisson-product"
    counts: ClassVar[bool] = True
    takes_exposure: ClassVar[bool] = True
    columns_apart: ClassVar[bool] = True
    takes_sparse: ClassVar[bool] = True

    def log_density(self, x: Array, exposure: Array | None = None) -> Array:
        counts, rates = as_rows(x, self.rates.shape[-1]), np.swapaxes(self.rates, -1, -2)
        totals = rates.sum(axis=-2, keepdims=True)
        found = _products(counts, log_or_lowest(self.rates)) - (
            totals if exposure is None else exposure[:, None] * totals
        )
        # Of a count above zero at a rate of zero there is no logarithm, and none are below zero.
        found = np.where((found < 0.5 * LOWEST) | (counts < 0).any(axis=1)[:, None], -np.inf, found)
        base = -log_factorials(counts).sum(axis=1)
        return np.asarray(found + (base if exposure is None else base + counts.sum(axis=1) * np.log(exposure))[:, None])

    def sample(self, labels: NDArray[np.intp], rng: np.random.Generator, exposure: Array | None = None) -> Array:
        rates = np.take_along_axis(self.rates, labels[..., None], axis=-2)
        return rng.poisson(rates if exposure is None else rates * exposure[:, None]).astype(np.float64)

    def statistics(self, x: Array, responsibilities: Array, exposure: Array | None = None) -> PoissonProductStatistics:
        counts = responsibilities.sum(axis=0)
        exposures = counts if exposure is None else responsibilities.T @ exposure
        return PoissonProductStatistics(counts, responsibilities.T @ x, exposures)

    def expectation(self, data: Data, weights: Array) -> tuple[float, PoissonProductStatistics]:
        seen, shifts = data.weights, -data.log_base
        exposure = np.ones(data.rows) if data.exposure is None else data.exposure
        given = log_or_lowest(weights), self.rates.sum(axis=-1), log_or_lowest(self.rates)
        matrix = data.matrix if isinstance(data, SparseData) else data.few_above_zero

        def run(rows: slice) -> tuple[float, Array, Array, Array]:
            of_rows = np.ascontiguousarray(seen[rows]), exposure[rows], shifts[rows]
            if matrix is None:
                return product_pass(data.values.T[:, rows], *of_rows, *given)
            begins = matrix.indptr[rows.start : rows.start + len(of_rows[0]) + 1]
            return sparse_product_pass(matrix.data, matrix.indices, begins, *of_rows, *given)

        work = self.rates.size if matrix is None else len(weights) * (1 + matrix.nnz // data.rows)
        log_likelihood, counts, exposures, sums = sum_over_slices(data.rows, work, run)
        return log_likelihood, PoissonProductStatistics(counts, sums, exposures)

    def location(self) -> Array:
        """The sum of the rates, which is what a row adds up to: a single column may have one rate in all components."""
        return np.asarray(self.rates.sum(axis=-1))

    def marginal(self, feature: int) -> PoissonProduct:
        return PoissonProduct(self.rates[..., [feature]])

    def size_of_terms(self, x: Array, exposure: Array | None = None) -> Array:
        """The size of the terms, Σ x |log λ| + e λ + log x! + x |log e|, with what rounding does to the logarithms."""
        counts, rates = as_rows(x, self.rates.shape[-1]), np.maximum(self.rates.T, np.finfo(float).tiny)
        logs, base = 1 + np.abs(np.log(rates)), log_factorials(counts).sum(axis=1)[:, None]
        if exposure is None:
            return np.asarray(counts @ logs + (rates * logs).sum(axis=0) + base)
        of_exposure, exposed = np.abs(np.log(exposure))[:, None], exposure[:, None]
        of_rates = exposed * ((rates * logs).sum(axis=0) + of_exposure * rates.sum(axis=0))
        return np.asarray(counts @ logs + of_rates + base + of_exposure * counts.sum(axis=1)[:, None])

    def scalars(self, covariance: str | None, columns: tuple[str, ...]) -> dict[str, Array]:
        k, d = self.rates.shape[-2:]
        return {f"rates[{j + 1},{columns[f]}]": self.rates[..., j, f] for j in range(k) for f in range(d)}

    def departures(self, reference: PoissonProduct, covariance: str | None) -> dict[str, Array]:
        """log λ less that of the reference, in the columns in which that has a rate above zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return _blocks(np.log(self.rates) - np.log(reference.rates), reference)

    def departures_along(self, reference: PoissonProduct, covariance: str | None) -> dict[str, Array]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return _blocks(self.rates / reference.rates, reference)

    @classmethod
    def check(cls, data: Rows, components: int, covariance: str | None) -> None:
        bad = data.first(_is_no_count)
        if bad is not None:
            row, values = bad
            column = int(np.flatnonzero((values < 0) | (values != np.floor(values)))[0])
            raise ValueError(
                f"column {data.columns[column]!r} holds {values[column]:g} in row {row + 1}: family {cls.name!r} "
                "('poisson' in several columns) takes counts, which are whole numbers from 0 on; measurements are for "
                "family 'gaussian'."
            )
        largest = int(np.argmax(data.highest))
        if data.highest[largest] > LARGEST_COUNT:
            raise ValueError(
                f"column {data.columns[largest]!r} holds {data.highest[largest]:g}: counts beyond 2**53 have no "
                "neighbours among doubles."
            )

    @classmethod
    def free_parameters(cls, components: int, dimension: int, covariance: str | None) -> int:
        return components * dimension

    @classmethod
    def around(cls, points: Array, data: Rows, widths: Array | float = 1.0) -> Self:
        # Half way to the mean: of one row most counts may be zero, and a rate of zero forbids every positive count.
        return cls((points + mean_rates(data)) / 2)

    def off_the_edge(self, data: Rows) -> PoissonProduct:
        """The rates, none of them below a hundredth of its column's mean.

        Of few rows a rare event may have none in a component, or in all of them, and a rate of zero never leaves it.
        """
        return PoissonProduct(np.maximum(self.rates, 0.01 * data.mean * data.size / data.total_exposure))

    @classmethod
    def places(cls, data: Data) -> Array:
        """The counts; with exposures the rates, each drawn to its column's mean as if ⅜ events had been seen before."""
        if data.exposure is None:
            return data.values
        return np.asarray((data.values + 3 / 8) / (data.exposure[:, None] + 3 / 8 / mean_rates(data)))

    @classmethod
    def frame(cls, data: Data, covariance: str | None) -> Frame:
        """The frame of the counts themselves, which have neither unit nor origin to choose."""
        return Frame.identity(data.dimension)

    @classmethod
    def coordinates(cls, data: Data, covariance: str | None) -> Array:
        """The variance-stabilising square root (Anscombe 1948) of the counts, or of the rates."""
        return np.asarray(2 * np.sqrt(data.values + 3 / 8 if data.exposure is None else cls.places(data)))


def _products(counts: Array, factors: Array) -> Array:
    """Σ_j x_ij f_kj for all draws, shape ``(..., n, k)``: one product of matrices in place of a small one for each draw."""
    found = factors.reshape(-1, factors.shape[-1]) @ counts.T
    return np.swapaxes(found.reshape(*factors.shape[:-1], len(counts)), -1, -2)


def _is_no_count(values: Array) -> NDArray[np.bool_]:
    return np.asarray(((values < 0) | (values != np.floor(values))).any(axis=1))


def mean_rates(data: Rows) -> Array:
    """The events of each column by all of the exposure, shape ``(d,)``, above zero however few they are.

    Where every count of a column is zero it is what one event would have made it.

    Parameters
    ----------
    data
        Counts in several columns.

    Returns
    -------
    numpy.ndarray
        The events for each unit of exposure, shape ``(d,)``.
    """
    sums = data.total(_sums)
    return np.asarray(np.where(sums > 0, sums, 1.0) / data.total_exposure)


def _sums(data: Data) -> Array:
    return np.asarray(data.weights @ (data.matrix if isinstance(data, SparseData) else data.values))


def _blocks(of_rates: Array, reference: PoissonProduct) -> dict[str, Array]:
    seen = reference.rates > 0
    return {f"rates[{j + 1}]": of_rates[..., j, seen[j]] for j in range(len(seen)) if seen[j].any()}
