"""Parts of files, in which rows lie that are more than memory holds: how each is read, and what is asked of it.

A part is read where it is summed: in a thread, in another process or on another machine. It may itself be large, and is read
in *batches* of rows; what it yields is small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .data import Data
from .given_numbers import EXPOSURE

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


def numbered(part: Part) -> Iterator[tuple[int, Array, Array, Array | None]]:
    """The number of the first row of each batch, its values, its weights and its exposures."""
    at = part.first
    for batch in part.batches():
        values, weights, exposure = Batch(*batch)
        yield at, values, np.broadcast_to(1.0, len(values)) if weights is None else weights, exposure
        at += len(values)


def seen(part: Part, header: Header) -> Iterator[Data]:
    """The batches as data, without the rows of weight zero; one of nothing else is left out."""
    for _, values, weights, exposure in numbered(part):
        if (weights > 0).any():
            yield header.data(values, weights, exposure)


def over_batches(function: Callable[[Data], Any], header: Header, part: Part) -> Any:
    """The sum of what a function says of each batch, ``None`` where no row was seen."""
    total = None
    for data in seen(part, header):
        one = function(data)
        total = one if total is None else total + one
    return total


def first_of(condition: Callable[[Array], NDArray[np.bool_]], part: Part) -> tuple[int, Array] | None:
    """The number among all rows, from zero, and the values of the first row of a part that meets a condition."""
    for at, values, weights, _ in numbered(part):
        found = np.flatnonzero(condition(values) & (weights > 0))
        if found.size:
            return at + int(found[0]), values[found[0]]
    return None


def every_of(nth: int, header: Header, part: Part) -> Data:
    """Every n-th of all rows, as far as they lie in this part."""
    chosen = []
    for at, values, weights, exposure in numbered(part):
        rows = slice(-at % nth, None, nth)
        chosen.append(header.data(values[rows], weights[rows], None if exposure is None else exposure[rows]))
    return joined(chosen)


def joined(several: Sequence[Data]) -> Data:
    """The rows of all of them, in order."""
    values, weights = (np.concatenate([getattr(each, array) for each in several]) for array in ("values", "weights"))
    exposures = [each.exposure for each in several if each.exposure is not None]
    exposure = np.concatenate(exposures) if exposures else None
    return replace(several[0], values=values, weights=weights, exposure=exposure, numbers=None)
