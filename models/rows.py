"""Rows of data: what EM asks of them, wherever they lie.

An E-step's expected statistics add up over any division of the rows, starts are tried on a subsample, and an M-step needs
to know little more than a mean and a covariance. None of this needs all rows at the same time. Hence there are several kinds
of rows: :class:`Data` are in memory, so are :class:`SparseData` but for their zeros, and :class:`ChunkedData` are read from
parts of files in each pass. EM takes any. Everything else takes data in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from .data import Data


@runtime_checkable
class Rows(Protocol):
    """Observations with their weights, in memory or not.

    Examples
    --------
    >>> from models import Data, Rows
    >>> def sum_of(rows: Rows) -> float:
    ...     return float(rows.total(lambda data: data.weights @ data.values[:, 0]))
    >>> sum_of(Data.of([1, 2, 7], weights=[1, 4, 1]))
    16.0
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """A name for each of the d features."""

    @property
    def name(self) -> str:
        """What the report calls the data."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of how the rows were read; a sentence each."""

    @property
    def rows(self) -> int:
        """The number of rows."""

    @property
    def size(self) -> float:
        """The number of observations n: the sum of the weights."""

    @property
    def dimension(self) -> int:
        """The number of features d."""

    @property
    def is_exposed(self) -> bool:
        """Whether rows were exposed differently, or otherwise than to one unit."""

    @property
    def exposure_column(self) -> str:
        """A name for the exposure."""

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each component that a row can be known to come from, empty where none is."""

    @property
    def known_column(self) -> str:
        """A name for the column of the known labels."""

    @property
    def fixed(self) -> tuple[int, ...]:
        """The components, from zero, that a label names, so that they have their places."""

    @property
    def total_exposure(self) -> float:
        """The exposure of all observations: the number of observations where each has an exposure of one."""

    @property
    def lowest(self) -> NDArray[np.float64]:
        """The smallest value of each feature, shape ``(d,)``."""

    @property
    def highest(self) -> NDArray[np.float64]:
        """The largest value of each feature, shape ``(d,)``."""

    @property
    def smallest_weight(self) -> float:
        """The least that a row counts."""

    @property
    def mean(self) -> NDArray[np.float64]:
        """The weighted mean of each feature, shape ``(d,)``."""

    @property
    def covariance(self) -> NDArray[np.float64]:
        """The weighted covariance with divisor n, shape ``(d, d)``."""

    @property
    def sha256(self) -> str:
        """The hash of values, weights, exposures and known labels as little-endian doubles, rows in the order given."""

    def total[Sum](self, function: Callable[[Data], Sum]) -> Sum:
        """The result of a function that adds up over the rows, for all of them."""

    def first(
        self, condition: Callable[[NDArray[np.float64]], NDArray[np.bool_]]
    ) -> tuple[int, NDArray[np.float64]] | None:
        """The number, from zero, and the values of the first row that meets a condition on ``(rows, d)`` values."""

    def every(self, nth: int) -> Data:
        """Every n-th row, in memory, with weights that add up to as much as before; all of them below two."""

    def compress(self) -> Rows:
        """The distinct rows with the sums of their weights where that saves work, or else the rows as they are."""
