"""The observations, and how often each was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .distinct import SAMPLE_ROWS, distinct_counts, hardly_repeat, runs_of_equal
from .factorials import log_factorials
from .given_numbers import EXPOSURE, column_names, exposure_of, numbers_of, of_frame, require_finite, weights_of
from .known import KNOWN, UNKNOWN, GivenLabels, known_of
from .weighted import Weighted

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Sums over the rows take a block of so many at a time, which of a few features fits the cache.
BLOCK_ROWS = 2**16
# Of larger data no copy that is laid out feature by feature is kept from one pass to the next.
MOST_COPIED_BYTES = 2**28
# A pass over compressed rows takes a fiftieth of the time of one over all 300 columns where one value in a hundred is above
# zero, a fifth where one in five is, and as long where one in two is.
MOST_ABOVE_ZERO = 0.25
# Every smaller whole number is a double.
LARGEST_COUNT = 2.0**53


class Chunk(NamedTuple):
    """Some rows as a pass over them takes them: ``x`` feature by feature, shape ``(d, rows)``, and what stands beside it."""

    x: NDArray[np.float64]
    weights: NDArray[np.float64]
    exposure: NDArray[np.float64] | None

    @property
    def log_base(self) -> NDArray[np.float64]:
        """What of each row of counts' log-probability no parameter changes, Σ x log e − log x!, shape ``(rows,)``."""
        found = -log_factorials(self.x).sum(axis=0)
        return np.asarray(found if self.exposure is None else found + self.x.sum(axis=0) * np.log(self.exposure))


@dataclass(frozen=True)
class Data(Weighted):
    """Observations with their weights, exposures and known labels, in memory.

    Parameters
    ----------
    values
        The observations, shape ``(rows, d)``.
    weights
        How often each row was seen (or any positive observation weight), shape ``(rows,)``.
    columns
        A name for each of the d features.
    name
        What the report calls the data.
    notes
        What is to be said of how they were read, such as which columns were left out; a sentence each.
    exposure
        How long, how large or how much of it was watched for each row's counts, shape ``(rows,)``: a positive number in
        any unit, which is the unit that rates are per. ``None`` is one for every row.
    exposure_column
        A name for the exposure.
    numbers
        The number of each row, from one, among the rows that somebody gave, where some of these were left out.
    known
        The component that each row is known to come from, shape ``(rows,)``, counted from zero, and −1 where nobody knows.
        ``None`` where that is every row.
    labels
        A name for each component that a row can be known to come from, empty where none is; see :func:`known_of`.
    known_column
        A name for the column of the labels.

    Examples
    --------
    >>> from models import Data
    >>> data = Data.of([1, 2, 2, 7], weights=[1, 3, 1, 1])
    >>> data.rows, data.size, data.compress().weights.tolist()
    (4, 6.0, [1.0, 4.0, 1.0])
    """

    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    columns: tuple[str, ...]
    name: str = "data"
    notes: tuple[str, ...] = ()
    exposure: NDArray[np.float64] | None = None
    exposure_column: str = EXPOSURE
    numbers: NDArray[np.intp] | None = None
    known: NDArray[np.intp] | None = None
    labels: tuple[str, ...] = ()
    known_column: str = KNOWN

    @classmethod
    def of(
        cls,
        x: ArrayLike,
        weights: ArrayLike | None = None,
        columns: tuple[str, ...] | None = None,
        name: str = "data",
        exposure: ArrayLike | None = None,
        exposure_column: str | None = None,
        known: GivenLabels | None = None,
        known_column: str | None = None,
    ) -> Data:
        """Check ``x`` of shape ``(n,)`` or ``(n, d)`` and give it weights and exposures (one each unless told).

        A data frame is taken as a file is: columns of text and a row index are left out, which a warning says, and the
        other columns name the features unless ``columns`` does.

        Rows of weight zero are left out, since no likelihood depends on them. An exposure is named by
        ``exposure_column``, or by its own name where it is the column of a data frame. So are the labels of rows whose
        label is known, which :func:`known_of` reads.

        Parameters
        ----------
        x
            Observations of shape ``(n,)`` or ``(n, d)``: an array, a list or a data frame.
        weights
            How often each was seen, shape ``(n,)``.
        columns
            A name for each of the d features.
        name
            What the data are called.
        exposure
            How long each count was watched, shape ``(n,)``, in a unit of the user's own.
        exposure_column
            The name of the exposure.
        known
            The label of each row whose component is known, shape ``(n,)``.
        known_column
            The name of the labels.

        Returns
        -------
        Data
            The rows, checked, with numbers of double precision.

        Raises
        ------
        ValueError
            When ``x`` is not numeric, empty, not finite or of another shape, or when weights, exposures or known labels do
            not fit it.

        Examples
        --------
        >>> from models import Data
        >>> data = Data.of([[1.5, 20.0], [2.5, 30.0], [4.0, 10.0]], columns=("length", "weight"), name="fish")
        >>> data.rows, data.dimension
        (3, 2)
        >>> data.mean
        array([ 2.66666667, 20.        ])
        """
        framed = of_frame(x)
        x, own_names, notes = (x, None, ()) if framed is None else framed
        values = numbers_of("x", x)
        if values.ndim not in (1, 2):
            raise ValueError(f"x must have shape (n,) or (n, d), got an array of shape {values.shape}.")
        if values.size == 0:
            raise ValueError("x is empty: give at least one observation.")
        values = values.reshape(values.shape[0], -1)
        names = columns or own_names or column_names(values.shape[1])
        if len(names) != values.shape[1]:
            raise ValueError(f"columns must name each of the {values.shape[1]} features, got {len(names)} names.")
        if len(set(names)) != len(names):
            raise ValueError(f"columns must differ from one another, got {', '.join(map(repr, names))}.")
        for name_of_column, column in zip(names, values.T, strict=True):
            require_finite(f"column {name_of_column!r}" if values.shape[1] > 1 or columns else "x", column)
        exposed, called = exposure_of(exposure, len(values), exposure_column)
        # A one for each row that takes the memory of one.
        seen = np.broadcast_to(1.0, len(values)) if weights is None else weights_of(weights, len(values))
        of_labels = known_of(known, len(values), known_column)
        whole = cls(values, seen, tuple(names), name, notes, exposed, called, None, *of_labels)
        if weights is None:
            return whole
        if (whole.weights > 0).all():
            # Arrays of its own, as those without the rows of weight zero would be.
            return replace(whole, values=values.copy(), weights=whole.weights.copy())
        return replace(whole.take(whole.weights > 0), notes=notes)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.values)

    @cached_property
    def row_numbers(self) -> NDArray[np.intp]:
        """The number of each row, from one, among the rows that somebody gave, shape ``(rows,)``."""
        return np.arange(1, self.rows + 1) if self.numbers is None else self.numbers

    @property
    def dimension(self) -> int:
        """The number of features d."""
        return int(self.values.shape[1])

    def exposures(self, size: int) -> NDArray[np.float64] | None:
        """The exposures of so many observations, which are shared out as in the data, for as many as there are exactly."""
        return None if self.exposure is None else np.asarray(self.exposure[self._shared_out(size)])

    def known_among(self, drawn: NDArray[np.intp]) -> NDArray[np.intp] | None:
        """The labels drawn for so many observations where they are to be known, as many as in the data, and −1 elsewhere."""
        if self.known is None:
            return None
        return np.asarray(np.where(self.known[self._shared_out(len(drawn))] == UNKNOWN, UNKNOWN, drawn))

    def _shared_out(self, size: int) -> NDArray[np.intp]:
        """The row that each of so many observations takes after; each row's share is that which it has of the data."""
        seen = np.cumsum(self.weights)
        return np.asarray(np.searchsorted(seen, (np.arange(size) + 0.5) * (seen[-1] / size)))

    @property
    def fixed(self) -> tuple[int, ...]:
        """The components, from zero, that a label names, so that they have their places."""
        return tuple(place for place, label in enumerate(self.labels) if label)

    @property
    def unlabelled(self) -> Data:
        """These rows without their known labels."""
        return self if self.known is None else replace(self, known=None, labels=())

    @property
    def by_label(self) -> tuple[tuple[int, Data], ...]:
        """The rows without a known label, under −1, and those of each under its component; all without labels."""
        return ((UNKNOWN, self),) if self.known is None else self._by_label

    @cached_property
    def _by_label(self) -> tuple[tuple[int, Data], ...]:
        known = np.asarray(self.known)
        return tuple((int(label), self.take(known == label).unlabelled) for label in np.unique(known))

    @cached_property
    def lowest(self) -> NDArray[np.float64]:
        """The smallest value of each feature, shape ``(d,)``."""
        return np.asarray(self.values.min(axis=0))

    @cached_property
    def highest(self) -> NDArray[np.float64]:
        """The largest value of each feature, shape ``(d,)``."""
        return np.asarray(self.values.max(axis=0))

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """The weighted mean of each feature, shape ``(d,)``."""
        # About the first row: a mean far from the origin would lose the digits that the data vary in.
        origin = self.values[0]
        return np.asarray(origin + sum(w @ (x - origin) for x, w in self._blocks()) / self.size)

    @cached_property
    def covariance(self) -> NDArray[np.float64]:
        """The weighted covariance with divisor n, shape ``(d, d)``."""
        centred = ((x - self.mean, w) for x, w in self._blocks())
        return np.asarray(sum((x.T * w) @ x for x, w in centred) / self.size)

    def slices(self, rows: int) -> Iterator[Data]:
        """The data in slices of so many rows, in their order; none of them is a copy."""
        for start in range(0, self.rows, rows):
            yield self.take(slice(start, start + rows))

    @cached_property
    def log_base(self) -> NDArray[np.float64]:
        """What of each row of counts' log-probability no parameter changes, shape ``(rows,)``, as of a :class:`Chunk`."""
        parts = self.slices(BLOCK_ROWS)
        return np.concatenate([Chunk(part.values.T, part.weights, part.exposure).log_base for part in parts])

    def _blocks(self) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """The rows and weights block by block, so that no copy of large data is made."""
        for start in range(0, len(self.values), BLOCK_ROWS):
            yield self.values[start : start + BLOCK_ROWS], self.weights[start : start + BLOCK_ROWS]

    def chunk(self, start: int, rows: int) -> Chunk:
        """So many rows from one on, as a pass over them takes them.

        Copies of data that are not large are kept for the next pass.
        """
        if start not in self._chunks:
            chosen = slice(start, start + rows)
            exposure = None if self.exposure is None else np.ascontiguousarray(self.exposure[chosen])
            x, weights = np.ascontiguousarray(self.values[chosen].T), np.ascontiguousarray(self.weights[chosen])
            chunk = Chunk(x, weights, exposure)
            if self.values.nbytes > MOST_COPIED_BYTES:
                return chunk
            self._chunks[start] = chunk
        return self._chunks[start]

    @cached_property
    def few_above_zero(self) -> csr_array | None:
        """The values above zero as compressed sparse rows, where they are few; ``None`` elsewhere."""
        if np.count_nonzero(self.values) > MOST_ABOVE_ZERO * self.values.size:
            return None
        from scipy.sparse import csr_array

        return csr_array(self.values)

    @cached_property
    def _chunks(self) -> dict[int, Chunk]:
        return {}

    @cached_property
    def sha256(self) -> str:
        """The hash of values, weights, exposures and known labels as little-endian doubles, rows in the order given."""
        digest = hashlib.sha256()
        digest.update(repr(self.values.shape).encode())
        for array in (self.values, self.weights, self.exposure, self.known):
            if array is not None:
                digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()

    def take(self, rows: slice | NDArray[np.intp] | NDArray[np.bool_]) -> Data:
        """These rows, each with all that belongs to it, as an array takes them, without what was said of all rows."""
        exposure, numbers = None if self.exposure is None else self.exposure[rows], self.row_numbers[rows]
        chosen = replace(self, values=self.values[rows], weights=self.weights[rows], exposure=exposure, numbers=numbers)
        return replace(chosen, known=None if self.known is None else self.known[rows], notes=())

    def total[Sum](self, function: Callable[[Data], Sum]) -> Sum:
        """The result of a function that adds up over the rows, for all of them."""
        return function(self)

    def first(
        self, condition: Callable[[NDArray[np.float64]], NDArray[np.bool_]]
    ) -> tuple[int, NDArray[np.float64]] | None:
        """The number, from zero, and the values of the first row that meets a condition on ``(rows, d)`` values."""
        found = np.flatnonzero(condition(self.values))
        return (int(found[0]), self.values[found[0]]) if found.size else None

    def every(self, nth: int) -> Data:
        """Every n-th row, with weights that add up to as much as before; all of them when ``nth`` is below two."""
        if nth < 2:
            return self
        chosen = self.take(slice(None, None, nth))
        return replace(chosen, weights=chosen.weights * (self.size / chosen.weights.sum()))

    def compress(self) -> Data:
        """The distinct rows in ascending order, each with the sum of its weights; no likelihood changes.

        Rows that were exposed differently, or have another known label, are distinct.

        Where hardly a row repeats among a sample of many, sorting them all would cost more than it saves: the data come
        back as they are.
        """
        return self._few_distinct or self

    @cached_property
    def _few_distinct(self) -> Data | None:
        # Not the data themselves: they would then hold on to themselves, and stay in memory until cycles are looked for.
        sample = self.take(slice(None, None, max(1, self.rows // SAMPLE_ROWS)))
        return None if hardly_repeat(sample._keys) else self.distinct()

    def distinct(self) -> Data:
        """The distinct rows in ascending order, each with the sum of its weights, however many there are."""
        if self.dimension == 1 and not self.is_exposed and self.known is None:
            tabulated = distinct_counts(self.values[:, 0], self.weights)
            if tabulated is not None:
                counts, weights = tabulated
                return Data(counts[:, None], weights, self.columns, self.name)
        order, firsts = runs_of_equal(self._keys)
        weights = np.add.reduceat(self.weights[order], firsts)
        return replace(self.take(order[firsts]), weights=weights)

    def places_in(self, compressed: Data) -> NDArray[np.intp]:
        """Which of the distinct rows of the same data each row is, shape ``(rows,)``; where none repeats they may be all."""
        places = {tuple(row): i for i, row in enumerate(compressed._keys)}
        return np.array([places[tuple(row)] for row in self._keys])

    def grouped(self) -> tuple[Data, NDArray[np.intp]]:
        """The distinct rows in ascending order, and of each row which of them it is, shape ``(rows,)``."""
        order, firsts = runs_of_equal(self._keys)
        index = np.empty(self.rows, dtype=np.intp)
        index[order] = np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, self.rows)))
        return self.take(order[firsts]), index

    @property
    def _keys(self) -> NDArray[np.float64]:
        """All that a likelihood knows of a row, shape ``(rows, d)`` and a column more for each of exposure and label."""
        beside = [each for each in (self.exposure, self.known) if each is not None]
        return np.column_stack([self.values, *beside]) if beside else self.values
