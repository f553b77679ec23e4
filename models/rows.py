"""Rows of data: what EM asks of them, wherever they lie.

An E-step's expected statistics add up over any division of the rows, starts are tried on a subsample, and an M-step needs
to know little more than a mean and a covariance. None of this needs all rows at the same time. Hence there are two kinds of
rows: :class:`Data` are in memory, and :class:`ChunkedData` are read from parts of files in each pass. EM takes either.
Everything else takes data in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .components import Components
from .data import Data
from .known import GivenLabels
from .sparse import SparseData, sparse_rows


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


def rows_of(
    x: ArrayLike | Rows,
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    known: GivenLabels | None = None,
) -> Rows:
    """Check the observations that a caller gave: as rows, or as an array, with what stands beside each observation.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``, or rows that are already there.
    weights
        How often each observation was seen, shape ``(n,)``.
    exposure
        How long each count was watched, shape ``(n,)``, in a unit of the user's own.
    known
        The label of each observation whose component is known, shape ``(n,)``.

    Returns
    -------
    Rows
        The rows, in memory or in parts.

    Raises
    ------
    ValueError
        As for :meth:`Data.of`, and when weights, exposures or known labels stand beside rows, which have their own.

    Examples
    --------
    >>> from models import rows_of
    >>> rows_of([1, 2, 2, 7], weights=[1, 3, 1, 1]).size
    6.0
    """
    if not isinstance(x, Rows):
        if hasattr(x, "tocsr"):
            if known is not None:
                raise ValueError("known must be left out for a sparse matrix, whose rows are all of unknown label.")
            return sparse_rows(x, weights, exposure=exposure)
        return Data.of(x, weights, exposure=exposure, known=known)
    for argument, given in (("weights", weights), ("exposure", exposure), ("known", known)):
        if given is not None:
            raise ValueError(f"{argument} must be left out when x is Data, which has its own.")
    return x


def observed(
    x: ArrayLike | Rows,
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    known: GivenLabels | None = None,
) -> Data:
    """Check the observations that a caller gave, for whatever needs all of them in memory.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``, or :class:`Data`.
    weights
        How often each observation was seen, shape ``(n,)``.
    exposure
        How long each count was watched, shape ``(n,)``, in a unit of the user's own.
    known
        The label of each observation whose component is known, shape ``(n,)``.

    Returns
    -------
    Data
        The rows in memory.

    Raises
    ------
    ValueError
        As for :func:`rows_of` and :func:`in_memory`.

    Examples
    --------
    >>> from models import observed
    >>> observed([1, 2, 2, 7]).mean
    array([3.])
    """
    return in_memory(rows_of(x, weights, exposure, known))


def require_whole_weights(data: Data) -> None:
    """Make sure that every row was seen a whole number of times, as a posterior has to know.

    Parameters
    ----------
    data
        The rows.

    Raises
    ------
    ValueError
        When a weight is a fraction.

    Examples
    --------
    >>> from models import Data, require_whole_weights
    >>> require_whole_weights(Data.of([1, 2, 7], weights=[1, 4, 1]))
    >>> require_whole_weights(Data.of([1, 2, 7], weights=[1, 0.5, 1]))
    Traceback (most recent call last):
    ValueError: weights must be whole numbers here, got 0.5 (1 fractions in all): ...
    """
    fractions = np.flatnonzero(data.weights != np.floor(data.weights))
    if fractions.size:
        raise ValueError(
            f"weights must be whole numbers here, got {data.weights[fractions[0]]:g} ({fractions.size} fractions in all): a "
            "fraction is no number of observations, so that what it makes of the likelihood is the probability of no data, "
            "and has no posterior. Say how often each row was seen (counts), or fit by EM alone, which takes any weights."
        )


def taken_by(family: type[Components], rows: Rows) -> Rows:
    """Return rows as EM takes them for a family: sparse ones made dense where it cannot leave out zeros.

    Raises
    ------
    UnfeasibleError
        A ``ValueError``: they are too many to be made dense.
    """
    return rows.dense() if isinstance(rows, SparseData) and not family.takes_sparse else rows


def in_memory(rows: Rows) -> Data:
    """Return rows that are in memory, and refuse those that are not.

    Parameters
    ----------
    rows
        Rows, in memory or in parts.

    Returns
    -------
    Data
        The same rows.

    Raises
    ------
    ValueError
        When the rows are read part by part.

    Examples
    --------
    >>> from models import Data, in_memory
    >>> data = Data.of([1, 2, 2, 7])
    >>> in_memory(data) is data
    True
    """
    if isinstance(rows, Data):
        return rows
    if isinstance(rows, SparseData):
        return rows.dense()
    raise ValueError(
        f"{rows.name} has {rows.rows} rows, which are read part by part and are never all in memory: EM can fit them, "
        "and everything else takes data that fit in memory, such as every hundredth row."
    )
