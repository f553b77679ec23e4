"""Covariances and precisions as scikit-learn writes them: an array of another shape for each structure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import Array

from .checking import array_of_shape

# scikit-learn's names of the structures, and those of this package.
STRUCTURES = {"full": "full", "tied": "tied", "diag": "diagonal", "spherical": "spherical"}


def written(covariances: Array, covariance_type: str) -> Array:
    """Covariances of shape ``(k, d, d)`` in the shape that belongs to the structure."""
    if covariance_type == "full":
        return covariances
    if covariance_type == "tied":
        return np.asarray(covariances[0])
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    return np.array(variances if covariance_type == "diag" else variances[:, 0])


def read(written: NDArray[np.floating[Any]], covariance_type: str, components: int, dimension: int) -> Array:
    """Covariances of shape ``(k, d, d)`` from the shape that belongs to the structure."""
    given = np.asarray(written, dtype=np.float64)
    if covariance_type == "full":
        return given
    if covariance_type == "tied":
        return np.repeat(given[None], components, axis=0)
    variances = given if covariance_type == "diag" else np.repeat(given[:, None], dimension, axis=1)
    return np.asarray(variances[:, None, :] * np.eye(dimension))


def precisions_cholesky(covariances: Array, covariance_type: str) -> Array:
    """The upper triangular U with UUᵀ = Σ⁻¹, from covariances in the shape of the structure, in that same shape."""
    if covariance_type in ("diag", "spherical"):
        return np.asarray(1 / np.sqrt(covariances))
    inverses = np.linalg.inv(np.linalg.cholesky(covariances))
    return np.asarray(np.swapaxes(inverses, -1, -2))


def precisions(factors: Array, covariance_type: str) -> Array:
    """The precisions UUᵀ from their factors, in the shape of the structure."""
    if covariance_type in ("diag", "spherical"):
        return np.square(factors)
    return np.asarray(factors @ np.swapaxes(factors, -1, -2))


def covariances_of_precisions(given: Any, covariance_type: str, components: int, dimension: int) -> Array:
    """Initial covariances, shape ``(k, d, d)``, from the precisions that a user gave.

    Raises
    ------
    ValueError
        When they are of another shape, or not positive definite; in the words of scikit-learn.
    """
    shapes = {
        "full": (components, dimension, dimension),
        "tied": (dimension, dimension),
        "diag": (components, dimension),
        "spherical": (components,),
    }
    name = f"{covariance_type} precision"
    array = array_of_shape(name, given, shapes[covariance_type])
    if covariance_type in ("diag", "spherical"):
        if (array <= 0).any():
            raise ValueError(f"'{name}' should be positive")
        return read(1 / array, covariance_type, components, dimension)
    if not np.allclose(array, np.swapaxes(array, -1, -2)) or (np.linalg.eigvalsh(array) <= 0).any():
        raise ValueError(f"'{name}' should be symmetric, positive-definite")
    return read(np.linalg.inv(array), covariance_type, components, dimension)
