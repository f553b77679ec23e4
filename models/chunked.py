"""Data larger than memory: their rows pass by batch by batch, and are never all there at the same time.

EM asks for little of the data: an E-step's expected statistics, which add up over any division of the rows; a subsample
of the rows to draw starts from; and in the beginning their number, extremes, mean and covariance. All of these are sums
over *parts* of files. The sums are taken in the order of the parts, so that neither memory grows with the rows nor a bit
changes with the executor.

Where the distinct rows are few, EM needs no pass but the first, and runs on them in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property, lru_cache, partial, reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .chunks import CHUNK_ROWS
from .data import Data
from .given_numbers import EXPOSURE
from .known import Unlabelled
from .overview import Overview, overview_of
from .parallel import in_order, usable_cores
from .parts import Header, Part, Run, Task, every_of, first_of, joined, numbered, over_batches, seen
from .rows import Rows


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
        self._overview: Overview = self._sum(partial(overview_of, self._header)).of_one_unit_if_so()
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
        total: Sum = self._sum(partial(over_batches, function, self._header))
        return total

    def batches(self) -> Iterator[Data]:
        """The rows once more, here and in order, a batch at a time; each keeps its number among all rows."""
        for part in self._parts:
            for at, values, weights, exposure in numbered(part):
                numbers = np.arange(at + 1, at + len(values) + 1)
                yield Data(values, weights, self.columns, self.name, (), exposure, self.exposure_column, numbers)

    def first(self, condition: Callable[[Array], NDArray[np.bool_]]) -> tuple[int, Array] | None:
        distinct = self._overview.distinct
        if distinct is not None and distinct.first(condition) is None:
            return None
        return next(filter(None, self._pass(partial(first_of, condition))), None)

    def every(self, nth: int) -> Data:
        """Every n-th row, in memory, with weights that add up to as much as before."""
        if nth not in self._samples:
            chosen = joined(list(self._pass(partial(every_of, max(1, nth), self._header))))
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
                for data in seen(part, self._header):
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


@lru_cache(maxsize=1)
def _readers() -> ThreadPoolExecutor:
    """Return threads that serve every pass: each new one would keep memory of its own for what it reads."""
    return ThreadPoolExecutor(usable_cores())
