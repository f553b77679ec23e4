r"""Data larger than memory: their rows pass by batch by batch, and are never all there at the same time.

EM asks for little of the data: an E-step's expected statistics, which add up over any division of the rows; a subsample
of the rows to draw starts from; and in the beginning their number, extremes, mean and covariance. All of these are sums
over *parts* of files, which are read where they are summed: in a thread, in another process or on another machine. A
part may itself be large, and is read in *batches* of rows. What it yields is small, and the sums are taken in the order
of the parts, so that neither memory grows with the rows nor a bit changes with the executor.

**The mean and the covariance** take one pass. With sizes $n_1$, $n_2$, means $m_1$, $m_2$ and scatters
$S_j = \sum (x - m_j)(x - m_j)^T$ of two parts, those of both together are, with $\delta = m_2 - m_1$ and $n = n_1 + n_2$,

$$m = m_1 + \frac{n_2}{n} \, \delta , \qquad S = S_1 + S_2 + \frac{n_1 n_2}{n} \, \delta \delta^T$$

(Chan, Golub and LeVeque 1983, equation 2.1), where nothing cancels.

**Where values repeat,** as counts do, a likelihood depends on the distinct rows and how often each was seen. The same pass
gathers these while they are few; EM then needs no other pass, and runs on them in memory.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial, reduce
from operator import add
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .chunks import CHUNK_ROWS
from .data import LARGEST_COUNT, Data
from .given_numbers import EXPOSURE, require_exposures
from .known import Unlabelled
from .parallel import in_order
from .rows import Rows

# The most distinct rows that count as few: a table of some megabytes, which costs less than another pass over the data.
MOST_DISTINCT = 2**17
# How many rows are read at a time: small beside any memory, large beside the cost of asking for them.
BATCH_ROWS = 2**18


class Batch(NamedTuple):
    """Values of shape ``(rows, d)``, how often each row was seen (``None``: once), and its exposure (``None``: one).

    Examples
    --------
    >>> import numpy as np
    >>> from models import Batch
    >>> batch = Batch(np.array([[1.5], [2.0]]), weights=np.array([3.0, 1.0]))
    >>> float(batch.weights.sum()), batch.exposure is None
    (4.0, True)
    """

    values: Array
    weights: Array | None = None
    exposure: Array | None = None


class Part(Protocol):
    """Some of the rows, small enough to send to another process, and read there.

    ``first`` is how many rows of the file lie before it, and ``batches`` yields its rows, a :class:`Batch` at a time.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Batch, ChunkedData, Part
    >>> class Squares(Part):
    ...     first = 0
    ...     def batches(self):
    ...         yield Batch(np.array([[0.0], [1.0]]))
    ...         yield Batch(np.array([[4.0], [9.0]]))
    >>> ChunkedData([Squares()], ("x",)).mean.tolist()
    [3.5]
    """

    @property
    def first(self) -> int:
        """How many rows of the file lie before this part."""

    def batches(self) -> Iterator[Batch]:
        """The rows, batch by batch."""


type Task = Callable[[Part], Any]
type Run = Callable[[Task, Sequence[Part]], Iterator[Any]]


class ChunkedData(Unlabelled):
    """Data whose rows are read part by part in each pass over them; one pass is made at once, to check every value.

    Parameters
    ----------
    parts
        All rows, in order.
    columns
        A name for each of the d features.
    name
        What the report calls the data.
    executor
        Where the parts are read and summed: as many threads as there are cores unless given. It gets functions, parts
        and mixtures, all of which can be sent to other processes. No result depends on it.
    run
        In place of an executor: what yields the results of a task on every part, in their order.
    on_part
        Called after each part in every pass, with the number of the pass and how many parts there are.
    notes
        What is to be said of how they were read.
    exposure_column
        A name for the exposure, where the batches have one.
    counts_column
        The name of the column of counts where the weights are one, and hence whole numbers.

    Raises
    ------
    ValueError
        When there are no rows, or one of them holds a value that is not finite, a weight below zero, a count that is not
        whole, or an exposure that is not above zero.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Batch, ChunkedData
    >>> class Hundred:
    ...     def __init__(self, first):
    ...         self.first = first
    ...     def batches(self):
    ...         yield Batch(np.arange(self.first, self.first + 100.0)[:, None])
    >>> data = ChunkedData([Hundred(0), Hundred(100)], columns=("x",))
    >>> data, float(data.mean[0])
    (ChunkedData(200 rows of x in 2 parts), 99.5)
    """

    def __init__(
        self,
        parts: Sequence[Part],
        columns: tuple[str, ...],
        name: str = "data",
        *,
        executor: Executor | None = None,
        run: Run | None = None,
        on_part: Callable[[int, int], None] | None = None,
        notes: tuple[str, ...] = (),
        exposure_column: str = EXPOSURE,
        counts_column: str | None = None,
    ) -> None:
        self.columns, self.name, self.notes = columns, name, notes
        self.exposure_column = exposure_column
        self._header = Header(columns, name, exposure_column, counts_column=counts_column)
        self._parts = tuple(parts)
        self._run = run or partial(in_order, executor=executor or _readers())
        self._on_part = on_part
        self._passes = 0
        self._overview: Overview = self._sum(partial(_overview, self._header)).of_one_unit_if_so()
        self._header = replace(self._header, exposed=self.is_exposed)

    def __repr__(self) -> str:
        return f"ChunkedData({self.rows} rows of {', '.join(self.columns)} in {len(self._parts)} parts)"

    @property
    def rows(self) -> int:
        return self._overview.rows

    @property
    def size(self) -> float:
        return self._overview.size

    @property
    def dimension(self) -> int:
        return len(self.columns)

    @property
    def is_exposed(self) -> bool:
        return self._overview.exposures != (1.0, 1.0)

    @property
    def total_exposure(self) -> float:
        return self._overview.total_exposure

    @property
    def lowest(self) -> Array:
        return self._overview.lowest

    @property
    def highest(self) -> Array:
        return self._overview.highest

    @property
    def smallest_weight(self) -> float:
        return self._overview.smallest_weight

    @property
    def mean(self) -> Array:
        return self._overview.mean

    @property
    def covariance(self) -> Array:
        return np.asarray(self._overview.scatter / self._overview.size)

    def total[Sum](self, function: Callable[[Data], Sum]) -> Sum:
        """The sum of the results of a function for each batch of rows, in the order of the rows."""
        total: Sum = self._sum(partial(_over_batches, function, self._header))
        return total

    def batches(self) -> Iterator[Data]:
        """The rows once more, here and in order, a batch at a time; each keeps its number among all rows."""
        for part in self._parts:
            for at, values, weights, exposure in _numbered(part):
                numbers = np.arange(at + 1, at + len(values) + 1)
                yield Data(values, weights, self.columns, self.name, (), exposure, self.exposure_column, numbers)

    def first(self, condition: Callable[[Array], NDArray[np.bool_]]) -> tuple[int, Array] | None:
        distinct = self._overview.distinct
        if distinct is not None and distinct.first(condition) is None:
            return None
        return next(filter(None, self._pass(partial(_first, condition))), None)

    def every(self, nth: int) -> Data:
        """Every n-th row, in memory, with weights that add up to as much as before."""
        if nth not in self._samples:
            chosen = _joined(list(self._pass(partial(_every, max(1, nth), self._header))))
            self._samples[nth] = replace(chosen, weights=chosen.weights * (self.size / chosen.weights.sum()))
        return self._samples[nth]

    def compress(self) -> Rows:
        """The distinct rows, in memory, where these are few; all rows where they are; else the data themselves."""
        if self._overview.distinct is not None:
            return self._overview.distinct
        return self.every(1) if self.rows <= CHUNK_ROWS else self

    @cached_property
    def sha256(self) -> str:
        """The hash that the same rows would have in memory; it takes a pass for each array, here and in order."""
        digest = hashlib.sha256(repr((self.rows, self.dimension)).encode())
        for array in ("values", "weights", *(["exposure"] if self.is_exposed else [])):
            for part in self._parts:
                for data in _seen(part, self._header):
                    digest.update(np.ascontiguousarray(getattr(data, array), dtype="<f8").tobytes())
        return digest.hexdigest()

    @cached_property
    def _samples(self) -> dict[int, Data]:
        return {}

    def _pass(self, task: Task) -> Iterator[Any]:
        """What a task says of each part, in order."""
        self._passes += 1
        for result in self._run(task, self._parts):
            if self._on_part is not None:
                self._on_part(self._passes, len(self._parts))
            yield result

    def _sum(self, task: Task) -> Any:
        sums = [result for result in self._pass(task) if result is not None]
        if not sums:
            raise ValueError(f"{self.name} holds no rows of data.")
        return reduce(add, sums)


@dataclass(frozen=True)
class Header:
    """What is the same of all batches: names, and whether exposures count, which are otherwise one."""

    columns: tuple[str, ...]
    name: str
    exposure_column: str = EXPOSURE
    exposed: bool = True
    counts_column: str | None = None

    def data(self, values: Array, weights: Array, exposure: Array | None) -> Data:
        """The rows of a batch that were seen."""
        used = exposure if self.exposed else None
        whole = Data(values, weights, self.columns, self.name, (), used, self.exposure_column)
        return whole if (weights > 0).all() else whole.take(weights > 0)


@dataclass(frozen=True)
class Overview:
    """What one pass says of some rows; those of two sets of rows add up.

    ``exposures`` are the least and the largest, and ``distinct`` is ``None`` when the distinct rows are many.
    """

    rows: int
    size: float
    smallest_weight: float
    lowest: Array
    highest: Array
    mean: Array
    scatter: Array
    exposures: tuple[float, float]
    total_exposure: float
    distinct: Data | None

    @classmethod
    def of(cls, data: Data) -> Overview:
        """Return the overview of data in memory."""
        distinct = data.compress()
        few = distinct is not data and distinct.rows <= MOST_DISTINCT
        scatter = data.covariance * data.size
        exposed = (1.0, 1.0) if data.exposure is None else (float(data.exposure.min()), float(data.exposure.max()))
        return cls(
            data.rows,
            data.size,
            data.smallest_weight,
            data.lowest,
            data.highest,
            data.mean,
            scatter,
            exposed,
            data.total_exposure,
            distinct if few else None,
        )

    def __add__(self, other: Overview) -> Overview:
        size, change = self.size + other.size, other.mean - self.mean
        return Overview(
            self.rows + other.rows,
            size,
            min(self.smallest_weight, other.smallest_weight),
            np.minimum(self.lowest, other.lowest),
            np.maximum(self.highest, other.highest),
            self.mean + other.size / size * change,
            self.scatter + other.scatter + self.size * other.size / size * np.outer(change, change),
            (min(self.exposures[0], other.exposures[0]), max(self.exposures[1], other.exposures[1])),
            self.total_exposure + other.total_exposure,
            _together(self.distinct, other.distinct),
        )

    def of_one_unit_if_so(self) -> Overview:
        """The same; where every exposure is one, without them."""
        if self.distinct is None or self.exposures != (1.0, 1.0):
            return self
        return replace(self, distinct=replace(self.distinct, exposure=None))


@lru_cache(maxsize=1)
def _readers() -> ThreadPoolExecutor:
    """Return threads that serve every pass: each new one would keep memory of its own for what it reads."""
    return ThreadPoolExecutor(os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count())


def _together(one: Data | None, other: Data | None) -> Data | None:
    if one is None or other is None:
        return None
    both = _joined([one, other]).distinct()
    return both if both.rows <= MOST_DISTINCT else None


def _joined(several: Sequence[Data]) -> Data:
    """The rows of all of them, in order."""
    values, weights = (np.concatenate([getattr(each, array) for each in several]) for array in ("values", "weights"))
    exposures = [each.exposure for each in several if each.exposure is not None]
    exposure = np.concatenate(exposures) if exposures else None
    return replace(several[0], values=values, weights=weights, exposure=exposure, numbers=None)


def _numbered(part: Part) -> Iterator[tuple[int, Array, Array, Array | None]]:
    """The number of the first row of each batch, its values, its weights and its exposures."""
    at = part.first
    for batch in part.batches():
        values, weights, exposure = Batch(*batch)
        yield at, values, np.broadcast_to(1.0, len(values)) if weights is None else weights, exposure
        at += len(values)


def _seen(part: Part, header: Header) -> Iterator[Data]:
    """The batches as data, without the rows of weight zero; one of nothing else is left out."""
    for _, values, weights, exposure in _numbered(part):
        if (weights > 0).any():
            yield header.data(values, weights, exposure)


def _overview(header: Header, part: Part) -> Overview | None:
    for at, values, weights, exposure in _numbered(part):
        for column, numbers in zip(header.columns, values.T, strict=True):
            _require(np.isfinite(numbers), f"column {column!r}", numbers, at)
        _require(np.isfinite(weights) & (weights >= 0), "the column of counts or weights", weights, at)
        if header.counts_column is not None:
            _require_whole(weights, header.counts_column, at)
        if exposure is not None:
            require_exposures(f"exposure column {header.exposure_column!r}", exposure, at)
    found: Overview | None = _over_batches(Overview.of, header, part)
    return found


def _require(usable: NDArray[np.bool_], what: str, numbers: Array, at: int) -> None:
    if not usable.all():
        row = int(np.flatnonzero(~usable)[0])
        raise ValueError(f"{what} holds {numbers[row]:g} in row {at + row + 1}: remove or replace it.")


def _require_whole(counts: Array, column: str, at: int) -> None:
    bad = np.flatnonzero((counts != np.floor(counts)) | (counts > LARGEST_COUNT))
    if bad.size:
        raise ValueError(
            f"counts column {column!r} holds {counts[bad[0]]:g} in row {at + bad[0] + 1}; "
            "a count is a whole number from 0 to 2**53."
        )


def _over_batches(function: Callable[[Data], Any], header: Header, part: Part) -> Any:
    total = None
    for data in _seen(part, header):
        one = function(data)
        total = one if total is None else total + one
    return total


def _first(condition: Callable[[Array], NDArray[np.bool_]], part: Part) -> tuple[int, Array] | None:
    for at, values, weights, _ in _numbered(part):
        found = np.flatnonzero(condition(values) & (weights > 0))
        if found.size:
            return at + int(found[0]), values[found[0]]
    return None


def _every(nth: int, header: Header, part: Part) -> Data:
    """Every n-th of all rows, as far as they lie in this part."""
    chosen = []
    for at, values, weights, exposure in _numbered(part):
        rows = slice(-at % nth, None, nth)
        chosen.append(header.data(values[rows], weights[rows], None if exposure is None else exposure[rows]))
    return _joined(chosen)
