r"""What one pass says of rows that lie in parts of files: number, extremes, mean, covariance, and the distinct rows if few.

**The mean and the covariance** take one pass. With sizes $n_1$, $n_2$, means $m_1$, $m_2$ and scatters
$S_j = \sum (x - m_j)(x - m_j)^T$ of two parts, those of both together are, with $\delta = m_2 - m_1$ and $n = n_1 + n_2$,

$$m = m_1 + \frac{n_2}{n} \, \delta , \qquad S = S_1 + S_2 + \frac{n_1 n_2}{n} \, \delta \delta^T$$

(Chan, Golub and LeVeque 1983, equation 2.1), where nothing cancels.

**Where values repeat,** as counts do, a likelihood depends on the distinct rows and how often each was seen. The same pass
gathers these while they are few.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .data import LARGEST_COUNT, Data
from .given_numbers import require_exposures
from .parts import Header, Part, joined, numbered, over_batches

# The most distinct rows that count as few: a table of some megabytes, which costs less than another pass over the data.
MOST_DISTINCT = 2**17


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
        """Return this overview, its distinct rows without exposures where every exposure is one."""
        if self.distinct is None or self.exposures != (1.0, 1.0):
            return self
        return replace(self, distinct=replace(self.distinct, exposure=None))


def _together(one: Data | None, other: Data | None) -> Data | None:
    if one is None or other is None:
        return None
    both = joined([one, other]).distinct()
    return both if both.rows <= MOST_DISTINCT else None


def overview_of(header: Header, part: Part) -> Overview | None:
    """Check every number of a part, and return what is to be known of its rows; ``None`` where it has none.

    Raises
    ------
    ValueError
        Names the column, the row and the number that cannot be.
    """
    for at, values, weights, exposure in numbered(part):
        for column, numbers in zip(header.columns, values.T, strict=True):
            _require(np.isfinite(numbers), f"column {column!r}", numbers, at)
        _require(np.isfinite(weights) & (weights >= 0), "the column of counts or weights", weights, at)
        if header.counts_column is not None:
            _require_whole(weights, header.counts_column, at)
        if exposure is not None:
            require_exposures(f"exposure column {header.exposure_column!r}", exposure, at)
    found: Overview | None = over_batches(Overview.of, header, part)
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
