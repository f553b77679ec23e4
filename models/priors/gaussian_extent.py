"""What a prior takes from measurements beside mean and covariance: how far they reach, and how finely they were written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import linalg

from ..arrays import Array
from ..data import Data
from ..rows import Rows

# Gaps within so many roundings of the largest value are arithmetic's.
ROUNDINGS = 16
MOST_ROWS = 100_000


def farthest(data: Rows, spread: Array) -> Array:
    """The largest squared distance of a row from the mean, in units of the spread: for *diagonal* of each feature."""
    largest: _Largest = data.total(partial(_farthest, data.mean, spread))
    return largest.value


def steps_of(data: Rows) -> Array:
    """The smallest gap between distinct values of each column in which any repeats, else zero; of many rows a sample's."""
    rows = data.compress()
    if isinstance(rows, Data) and rows.rows <= MOST_ROWS:
        return np.array([_step(column, rows.weights) for column in rows.values.T])
    sample = rows.every(-(-rows.rows // MOST_ROWS))
    return np.array([_step(column, np.ones(sample.rows)) for column in sample.values.T])


@dataclass(frozen=True)
class _Largest:
    """A number of which the larger one counts when two are added."""

    value: Array

    def __add__(self, other: _Largest) -> _Largest:
        return _Largest(np.maximum(self.value, other.value))


def _farthest(mean: Array, spread: Array, data: Data) -> _Largest:
    centred = data.values - mean
    if np.ndim(spread) == 2:
        whitened = linalg.solve_triangular(np.linalg.cholesky(spread), centred.T, lower=True)
        return _Largest(np.asarray(np.square(whitened).sum(axis=0).max() / len(mean)))
    squares = np.square(centred) / spread
    of_all = squares.max(axis=0) if np.ndim(spread) else squares.sum(axis=1).max() / len(mean)
    return _Largest(np.asarray(of_all))


def _step(column: Array, seen: Array) -> float:
    values, places = np.unique(column, return_inverse=True)
    gaps = np.diff(values)
    gaps = gaps[gaps > ROUNDINGS * np.finfo(float).eps * np.abs(values).max()]
    repeated = np.bincount(places, seen).max() > 1
    return float(gaps.min()) if repeated and gaps.size else 0.0
