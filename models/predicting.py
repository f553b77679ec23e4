"""New rows under a mixture that was fitted: the words that estimates and posteriors share with the field's programs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import Array
from .data import Data
from .membership import Membership, joined, membership
from .sparse import SparseData, sparse_rows
from .table import table_of_frame

if TYPE_CHECKING:
    from .mixture import Mixture
    from .model import Model


class Predicts(ABC):
    """An estimate or a posterior, which says of new rows where they belong and how dense it is there.

    New rows are an array of shape ``(n,)`` or ``(n, d)``, in the order of the features that were fitted; or a data frame,
    or :class:`Data`, whose columns are found by their names. Of a posterior everything is an average over its draws. Where
    counts were fitted with exposures new ones need theirs: as ``exposure``, in the column of that name, or with the
    ``Data``. A sparse matrix of SciPy's, or :class:`SparseData`, goes by in blocks, each dense for itself.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Mixture, Model, Poisson, Predicts
    >>> class Known(Predicts):
    ...     model, columns = Model("poisson", 2), ("count",)
    ...     mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([2.0, 9.0])))
    >>> Known().predict([1, 5, 12]).tolist(), round(Known().score([1, 5, 12]), 2)
    ([0, 1, 1], -2.8)
    """

    model: Model
    mixture: Mixture

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """A name for each of the d features that were fitted."""

    @property
    def exposure_column(self) -> str | None:
        """The name of the exposure, ``None`` where there was none."""
        return None

    def new_rows(self, x: ArrayLike | Data, exposure: ArrayLike | None = None) -> Data:
        """New rows, checked, with the features in the order in which they were fitted.

        Raises
        ------
        ValueError
            When the rows are none of this model; the message names column and row.
        """
        return new_rows(x, self.columns, self.model, self.exposure_column, exposure)

    def memberships(self, x: ArrayLike | Data | SparseData, exposure: ArrayLike | None = None) -> Membership:
        """The probabilities of the components, the log-density and its posterior spread, of each row.

        Raises
        ------
        ValueError
            When the rows are none of this model; the message names column and row.
        """
        return joined(membership(self.mixture, self.new_rows(*block)) for block in self._blocks(x, exposure))

    def _blocks(
        self, x: ArrayLike | Data | SparseData, exposure: ArrayLike | None
    ) -> Iterator[tuple[Any, ArrayLike | None]]:
        """The rows and their exposures at once, or those of a sparse matrix a block at a time."""
        rows: Any = x
        if hasattr(x, "tocsr"):
            if exposure is None and self.exposure_column is not None:
                raise ValueError(_no_exposure(self.exposure_column))
            rows = sparse_rows(x, None, self.columns, "data", exposure, self.exposure_column)
            exposure = None
        if isinstance(rows, SparseData):
            yield from ((block, None) for block in rows.batches())
        else:
            yield rows, exposure

    def predict(self, x: ArrayLike | Data | SparseData, exposure: ArrayLike | None = None) -> NDArray[np.intp]:
        """The likeliest component of each row, counted from zero as the rows of ``mixture``'s arrays, shape ``(n,)``."""
        return self.memberships(x, exposure).component

    def predict_proba(self, x: ArrayLike | Data | SparseData, exposure: ArrayLike | None = None) -> Array:
        """The probability of each component given each row, shape ``(n, k)``: γ, of a posterior E[γ]."""
        return self.memberships(x, exposure).probabilities

    def score_samples(self, x: ArrayLike | Data | SparseData, exposure: ArrayLike | None = None) -> Array:
        """The log-density of each row in nats, shape ``(n,)``: log p(x), of a posterior log E[p(x)]."""
        return self.memberships(x, exposure).log_density

    def score(self, x: ArrayLike | Data | SparseData, exposure: ArrayLike | None = None) -> float:
        """The *mean* of :meth:`score_samples` over the observations, in nats, as scikit-learn's ``score``."""
        total = size = 0.0
        for block in self._blocks(x, exposure):
            data = self.new_rows(*block)
            total += float(data.weights @ membership(self.mixture, data).log_density)
            size += data.size
        return total / size


def new_rows(
    x: ArrayLike | Data,
    columns: tuple[str, ...],
    model: Model,
    exposure_column: str | None = None,
    exposure: ArrayLike | None = None,
) -> Data:
    """New rows for a model that was fitted to these columns, found by name where they have names.

    Parameters
    ----------
    x
        Rows of shape ``(n,)`` or ``(n, d)``, in the order of the columns; or a data frame or :class:`Data`, whose columns
        are found by their names.
    columns
        The names of the columns that were fitted.
    model
        The model that was fitted.
    exposure_column
        The name of the exposure, ``None`` where there was none.
    exposure
        The exposure of each row, shape ``(n,)``, where it is no column of ``x``.

    Returns
    -------
    Data
        The rows, with the columns in the order in which they were fitted.

    Raises
    ------
    ValueError
        When a column or the exposure is missing, a value is no finite number, or a row cannot have come from this family.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import Model, new_rows
    >>> frame = pd.DataFrame({"weight": [20.0, 30.0], "length": [1.5, 2.5]})
    >>> new_rows(frame, ("length", "weight"), Model("gaussian", 2, dimension=2, covariance="full")).values.tolist()
    [[1.5, 20.0], [2.5, 30.0]]
    """
    if exposure is not None and (isinstance(x, Data) or exposure_column is None):
        reason = "x is Data, which has its own" if isinstance(x, Data) else "none was fitted"
        raise ValueError(f"exposure must be left out: {reason}.")
    data = x if isinstance(x, Data) else _checked(x, columns, exposure_column, exposure)
    if exposure_column is None and data.is_exposed:
        raise ValueError("x has an exposure, and none was fitted: leave it out.")
    if data.columns != columns:
        missing = [column for column in columns if column not in data.columns]
        if missing:
            raise ValueError(
                f"x has no column {missing[0]!r}, which was fitted; it has {', '.join(map(repr, data.columns[:12]))}."
            )
        places = [data.columns.index(column) for column in columns]
        data = replace(data, values=data.values[:, places], columns=columns)
    model.family_of_components.require_possible(data)
    return data


def _checked(x: ArrayLike, columns: tuple[str, ...], exposure_column: str | None, exposure: ArrayLike | None) -> Data:
    """An array whose features are these by their order; of a frame, those with these names."""
    if hasattr(x, "columns") and hasattr(x, "dtypes"):
        table = table_of_frame(x)
        if exposure_column is not None and exposure is None:
            exposure = table.find(exposure_column).numbers
        values = np.column_stack([table.find(column).numbers for column in columns])
        return Data.of(values, None, columns, exposure=exposure, exposure_column=exposure_column)
    if exposure_column is not None and exposure is None:
        raise ValueError(_no_exposure(exposure_column))
    shape = np.shape(x)
    if shape[1:] != (len(columns),) and not (len(shape) == 1 and len(columns) == 1):
        wanted = "(n,) or (n, 1)" if len(columns) == 1 else f"(n, {len(columns)})"
        raise ValueError(f"x must have shape {wanted} for {', '.join(map(repr, columns[:12]))}, got {shape}.")
    return Data.of(x, None, columns, exposure=exposure, exposure_column=exposure_column)


def _no_exposure(column: str) -> str:
    return f"exposure is missing: these counts were fitted with one ({column!r})."
