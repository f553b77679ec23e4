"""The rows that a caller gave, checked, and made into what the caller asked needs: in memory, dense, with whole weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .components import Components
from .data import Data
from .known import GivenLabels
from .rows import Rows
from .sparse import SparseData, sparse_rows


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
