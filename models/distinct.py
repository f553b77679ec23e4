"""Which rows of an array are equal: found by sorting, or for small whole numbers by counting, many times as fast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .factorials import LARGEST_TABULATED

# How many rows tell whether sorting all of them would save anything.
SAMPLE_ROWS = 1000


def hardly_repeat(sample: Array) -> bool:
    """Whether so many rows are sampled, shape ``(rows, d)``, and hardly one repeats that sorting all would save nothing."""
    return len(sample) >= SAMPLE_ROWS and len(np.unique(sample, axis=0)) > 0.9 * len(sample)


def runs_of_equal(rows: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order in which rows of shape ``(rows, d)`` ascend, and where in it each run of equal rows begins."""
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    return order, np.flatnonzero(np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1)))


def distinct_counts(values: Array, weights: Array) -> tuple[Array, Array] | None:
    """The distinct values, ascending, with the sums of their weights; ``None`` where some are no small whole numbers."""
    if values.min() < 0 or values.max() > LARGEST_TABULATED:
        return None
    numbers = values.astype(np.intp)
    if not np.array_equal(numbers, values):
        return None
    table = np.bincount(numbers, weights)
    seen = np.flatnonzero(table)
    return seen.astype(np.float64), table[seen]
