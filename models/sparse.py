"""Rows of which most entries are zero, in memory as compressed sparse rows and never all of them dense.

:class:`SparseData` are :class:`~models.rows.Rows`. A pass over them goes by blocks, which look like ``Data``: a family that
knows what to do with zeros takes a block's ``matrix``, and whatever else takes its ``values``, which are made dense for this
block alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import add
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .data import Data
from .factorials import log_factorials
from .given_numbers import EXPOSURE
from .known import Unlabelled
from .memory import UnfeasibleError, require_memory
from .parallel import in_order
from .weighted import Weighted

if TYPE_CHECKING:
    from scipy import sparse

# Matrices that take no more dense are made dense: nothing that takes data in memory then has to know of them.
DENSE_BYTES = 2**26
# What needs all rows dense takes hours of them by then, and several times as much memory.
MOST_DENSE_BYTES = 2**30
# A block takes about so many bytes dense.
BLOCK_BYTES = 2**24


@dataclass(frozen=True, eq=False)
class SparseData(Unlabelled, Weighted):
    """Observations with their weights and exposures, as a ``matrix`` of compressed sparse rows, shape ``(rows, d)``.

    All else is as in :class:`Data`. :func:`sparse_rows` makes it from a matrix that is too large to be dense.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> from models import SparseData
    >>> data = SparseData(sparse.csr_array([[0.0, 3.0], [1.0, 0.0]]), np.array([1.0, 3.0]), ("a", "b"))
    >>> data.mean.tolist(), data.dense().values.tolist()
    ([0.75, 0.75], [[0.0, 3.0], [1.0, 0.0]])
    """

    matrix: sparse.csr_array
    weights: NDArray[np.float64]
    columns: tuple[str, ...]
    name: str = "data"
    notes: tuple[str, ...] = ()
    exposure: NDArray[np.float64] | None = None
    exposure_column: str = EXPOSURE

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self.matrix.shape[0])

    @property
    def dimension(self) -> int:
        """The number of features d."""
        return int(self.matrix.shape[1])

    @cached_property
    def lowest(self) -> NDArray[np.float64]:
        """The smallest value of each feature, shape ``(d,)``."""
        return np.asarray(self.matrix.min(axis=0).toarray()).ravel()

    @cached_property
    def highest(self) -> NDArray[np.float64]:
        """The largest value of each feature, shape ``(d,)``."""
        return np.asarray(self.matrix.max(axis=0).toarray()).ravel()

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """The weighted mean of each feature, shape ``(d,)``."""
        return np.asarray(self.weights @ self.matrix / self.size)

    @cached_property
    def covariance(self) -> NDArray[np.float64]:
        """The weighted covariance with divisor n, shape ``(d, d)``."""
        squares = (self.matrix.T.multiply(self.weights)) @ self.matrix
        return np.asarray(squares.toarray() / self.size - np.outer(self.mean, self.mean))

    @cached_property
    def log_base(self) -> NDArray[np.float64]:
        """What of each row of counts' log-probability no parameter changes, Σ x log e − log x!, shape ``(rows,)``."""
        found = np.asarray(self.with_values(-log_factorials(self.matrix.data)).sum(axis=1))
        return found if self.exposure is None else found + self.matrix.sum(axis=1) * np.log(self.exposure)

    @cached_property
    def sha256(self) -> str:
        """The hash of values, weights and exposures as little-endian doubles, that of the same rows as dense data."""
        digest = hashlib.sha256(repr(self.matrix.shape).encode())
        for block in self._blocks:
            digest.update(np.ascontiguousarray(block.values, dtype="<f8").tobytes())
        for array in (self.weights, self.exposure):
            if array is not None:
                digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()

    @property
    def values(self) -> NDArray[np.float64]:
        """The observations, shape ``(rows, d)``, made dense: of a block."""
        return np.asarray(self.matrix.toarray())

    def take(self, rows: slice | NDArray[np.intp]) -> SparseData:
        """These rows, each with its weight and exposure, without what was said of all."""
        exposure = None if self.exposure is None else self.exposure[rows]
        return replace(self, matrix=self.matrix[rows], weights=self.weights[rows], notes=(), exposure=exposure)

    def total[Sum](self, function: Callable[[Data], Sum]) -> Sum:
        """The result of a function that adds up over the rows, for all of them."""
        each = in_order(lambda block: function(cast(Data, block)), self._blocks, None)
        return reduce(cast(Any, add), each)

    def first(
        self, condition: Callable[[NDArray[np.float64]], NDArray[np.bool_]]
    ) -> tuple[int, NDArray[np.float64]] | None:
        """The number, from zero, and the values of the first row that meets a condition on ``(rows, d)`` values."""
        before = 0
        for block in self._blocks:
            values = block.values
            found = np.flatnonzero(condition(values))
            if found.size:
                return before + int(found[0]), values[found[0]]
            before += block.rows
        return None

    def every(self, nth: int) -> Data:
        """Every n-th row, dense, with weights that add up to as much as before; all of them below two."""
        chosen = self.take(slice(None, None, max(nth, 1)))
        return replace(chosen.dense(), weights=chosen.weights * (self.size / chosen.weights.sum()))

    def compress(self) -> SparseData:
        """The rows as they are: hardly one repeats."""
        return self

    def dense(self) -> Data:
        """Make all rows dense.

        Raises
        ------
        UnfeasibleError
            A ``ValueError``: they are more than anything but EM can work on, or than memory holds.
        """
        if 8 * self.rows * self.dimension > MOST_DENSE_BYTES:
            most = MOST_DENSE_BYTES // (8 * self.dimension)
            raise UnfeasibleError(
                f"{self.name} has {self.rows:,} rows of {self.dimension:,} columns, which take "
                f"{8e-9 * self.rows * self.dimension:.3g} GB when zeros are written out: EM for several "
                f"columns of counts (fit) and predictions (predict) do without that, and all else takes at most {most:,} "
                f"rows of so many columns. Pick columns, or take one row in {-(-self.rows // most)}."
            )
        require_memory("the number of rows", self.rows, 8.0 * self.dimension)
        beside = (self.columns, self.name, self.notes, self.exposure, self.exposure_column)
        return Data(self.values, self.weights, *beside)

    def batches(self) -> Iterator[Data]:
        """The rows in order, a block at a time made dense; each keeps its number among all rows."""
        before = 0
        for block in self._blocks:
            yield replace(block.dense(), numbers=np.arange(before + 1, before + block.rows + 1))
            before += block.rows

    def with_values(self, values: NDArray[np.float64]) -> sparse.csr_array:
        """The matrix with other entries in place of those that are not zero."""
        return type(self.matrix)((values, self.matrix.indices, self.matrix.indptr), shape=self.matrix.shape)

    @cached_property
    def _blocks(self) -> list[SparseData]:
        return list(self._parts(max(1, BLOCK_BYTES // (8 * self.dimension))))

    def _parts(self, rows: int) -> Iterator[SparseData]:
        for start in range(0, self.rows, rows):
            yield self.take(slice(start, start + rows))


def sparse_rows(
    matrix: Any,
    weights: ArrayLike | None = None,
    columns: tuple[str, ...] | None = None,
    name: str = "data",
    exposure: ArrayLike | None = None,
    exposure_column: str | None = None,
) -> SparseData | Data:
    """Check a sparse matrix of SciPy's, shape ``(n, d)``, as :meth:`Data.of` does; a small one becomes dense data.

    Parameters
    ----------
    matrix
        The observations, shape ``(n, d)``: any sparse matrix or array of SciPy's.
    weights
        How often each was seen, shape ``(n,)``.
    columns
        A name for each of the d features.
    name
        What the data are called.
    exposure
        How long each row was watched, shape ``(n,)``, in a unit of the user's own.
    exposure_column
        The name of the exposure.

    Returns
    -------
    SparseData or Data
        The rows; dense ones where they take little memory.

    Raises
    ------
    ValueError
        As for :meth:`Data.of`.

    Examples
    --------
    >>> from scipy import sparse
    >>> from models import sparse_rows
    >>> rows = sparse_rows(sparse.csr_array([[0, 3, 0], [1, 0, 0]]), columns=("a", "b", "c"))
    >>> rows.rows, rows.dimension
    (2, 3)
    """
    from scipy import sparse

    rows, dimension = matrix.shape
    if 8 * rows * dimension <= DENSE_BYTES:
        return Data.of(matrix.toarray(), weights, columns, name, exposure, exposure_column)
    # What is beside the matrix is checked as it is for data of one column.
    beside = Data.of(np.zeros(rows), weights, None, name, exposure, exposure_column)
    found = sparse.csr_array(matrix, dtype=np.float64)
    if weights is not None:
        found = found[np.asarray(weights) > 0]
    found.sum_duplicates()
    found.eliminate_zeros()
    bad = np.flatnonzero(~np.isfinite(found.data))
    if bad.size:
        row = int(np.searchsorted(found.indptr, bad[0], side="right"))
        raise ValueError(
            f"x holds {found.data[bad[0]]} in row {row} ({bad.size} such values in all): remove or replace them."
        )
    names = columns or tuple(f"x{j + 1}" for j in range(dimension))
    if len(names) != dimension:
        raise ValueError(f"columns must name each of the {dimension} features, got {len(names)} names.")
    return SparseData(
        found, np.ascontiguousarray(beside.weights), tuple(names), name, (), beside.exposure, beside.exposure_column
    )
