"""What a number of a Gaussian prior looks like under each structure of covariance, and how it moves with the data.

It is a matrix for *full* and *tied*, a number for each feature for *diagonal*, and one number for *spherical*.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..gaussian import congruent

# A sentence holds the numbers of a prior of so many features.
MOST_WRITTEN = 3


def shape_of(structure: str, dimension: int) -> tuple[int, ...]:
    """Return the shape that it has."""
    return {"diagonal": (dimension,), "spherical": ()}.get(structure, (dimension, dimension))


def part_of(matrix: Array, structure: str) -> Array:
    """Return what the structure keeps of a matrix: all, the diagonal, or its mean."""
    kept = {"diagonal": np.diag(matrix), "spherical": np.asarray(np.trace(matrix) / len(matrix))}
    return np.array(kept.get(structure, matrix))


def moved(value: Array, matrix: Array, structure: str) -> Array:
    """Return what becomes of it when the data are multiplied by a matrix that leaves the structure what it is."""
    if structure == "diagonal":
        return np.asarray(value * np.square(np.diag(matrix)))
    if structure == "spherical":
        return np.asarray(value * np.square(matrix).sum() / len(matrix))
    return congruent(value, matrix)


def as_matrices(value: Array) -> Array:
    """One matrix for each scale: a matrix itself, or one of order one for each number."""
    return value[None] if np.ndim(value) == 2 else np.reshape(value, (-1, 1, 1))
