"""Standard deviations, precisions and Cholesky factors as the covariance matrices that they stand for."""

from __future__ import annotations

import numpy as np

from ..arrays import Array

MATRICES = ("covariances", "precisions", "cholesky", "sigmas")
# Single precision keeps seven digits; nobody rounds one half of a matrix and not the other.
SYMMETRY = 1e-5


def covariances_of(kind: str, scales: Array) -> Array:
    """Covariances of shape ``(k, d, d)``, symmetric to the last digit, from scales of that shape.

    Raises
    ------
    ValueError
        Says of which component the matrix is none of its kind, and why.
    """
    if kind in ("sds", "variances"):
        _require_positive(kind, scales)
        return scales**2 if kind == "sds" else scales
    if kind == "cholesky":
        return _of_factors(scales)
    _require_positive_definite(kind, scales)
    symmetric = (scales + np.swapaxes(scales, 1, 2)) / 2
    if kind == "covariances":
        return np.asarray(symmetric)
    inverse = np.linalg.inv(symmetric)
    return np.asarray((inverse + np.swapaxes(inverse, 1, 2)) / 2)


def is_diagonal(scales: Array) -> bool:
    """Whether every number beside the diagonals is zero."""
    return not (scales * (1 - np.eye(scales.shape[-1]))).any()


def other_meanings(kind: str, scales: Array) -> dict[str, Array]:
    """The covariances that the same numbers would stand for under each other name that people mistake for this one."""
    meanings: dict[str, Array] = {}
    if is_diagonal(scales):
        meanings = {"standard deviations": scales**2, "variances": scales}
    if kind in ("covariances", "precisions", "variances"):
        meanings["precisions"] = np.linalg.inv(scales)
    own = {"sds": "standard deviations", "covariances": "variances"}.get(kind, kind)
    if kind == "precisions" and "variances" not in meanings:
        meanings["covariances"] = scales
    return {name: found for name, found in meanings.items() if name != own} if kind != "cholesky" else {}


def _require_positive(kind: str, scales: Array) -> None:
    diagonals = np.diagonal(scales, axis1=1, axis2=2)
    if not (diagonals > 0).all():
        j = int(np.argwhere(diagonals <= 0)[0, 0])
        raise ValueError(f"must be positive, got {diagonals[j].min():g} in component {j + 1}.")


def _require_positive_definite(kind: str, scales: Array) -> None:
    _require_positive(kind, scales)
    widths = np.sqrt(np.diagonal(scales, axis1=1, axis2=2))
    for j, matrix in enumerate(scales / (widths[:, :, None] * widths[:, None, :])):
        skew = np.abs(matrix - matrix.T)
        if skew.max() > SYMMETRY:
            at = np.unravel_index(int(np.argmax(skew)), skew.shape)
            raise ValueError(
                f"must be symmetric, but the matrix of component {j + 1} holds {scales[j][at]:g} on one side of its "
                f"diagonal and {scales[j].T[at]:g} on the other."
            )
        if np.linalg.eigvalsh((matrix + matrix.T) / 2)[0] <= 0:
            smallest = np.linalg.eigvalsh((scales[j] + scales[j].T) / 2)[0]
            raise ValueError(
                f"must be positive definite, but the matrix of component {j + 1} has the eigenvalue {smallest:.3g}."
            )


def _of_factors(factors: Array) -> Array:
    """The covariances LLᵀ of lower triangles as most programs have them, RᵀR of upper ones as R's ``chol`` gives them."""
    if not (np.diagonal(factors, axis1=1, axis2=2) != 0).all():
        raise ValueError("must not be zero on the diagonal.")
    if not np.triu(factors, 1).any():
        return np.asarray(factors @ np.swapaxes(factors, 1, 2))
    if not np.tril(factors, -1).any():
        return np.asarray(np.swapaxes(factors, 1, 2) @ factors)
    raise ValueError("must be triangular matrices.")
