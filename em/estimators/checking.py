"""Parameters of the estimators, checked when a fit begins, as scikit-learn does."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import check_array

from models import Array


def require_integer(name: str, given: Any, least: int) -> None:
    """Raise a ``ValueError`` that names the parameter unless a whole number from ``least`` on is given."""
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, Integral) or int(given) < least:
        raise ValueError(f"{name} must be a whole number from {least} on, got {given!r}.")


def require_not_negative(name: str, given: Any) -> None:
    """Raise a ``ValueError`` that names the parameter unless a number from zero on is given."""
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, Real) or not float(given) >= 0:
        raise ValueError(f"{name} must be a number from 0 on, got {given!r}.")


def require_truth(name: str, given: Any) -> None:
    """Raise a ``ValueError`` that names the parameter unless it is true or false."""
    if not isinstance(given, (bool, np.bool_)):
        raise ValueError(f"{name} must be True or False, got {given!r}.")


def array_of_shape(name: str, given: Any, shape: tuple[int, ...]) -> Array:
    """Return a parameter as an array of that shape.

    Raises
    ------
    ValueError
        When it has another shape, or holds what is no finite number; in the words of scikit-learn.
    """
    array = check_array(given, dtype=np.float64, ensure_2d=False, allow_nd=True)
    if array.shape != shape:
        raise ValueError(f"The parameter '{name}' should have the shape of {shape}, but got {array.shape}")
    return np.asarray(array)


def weights_of(given: Any, components: int) -> Array:
    """Return initial weights as an array.

    Raises
    ------
    ValueError
        When they are no weights of so many components; in the words of scikit-learn.
    """
    single = getattr(given, "dtype", None) == np.float32
    weights = array_of_shape("weights", given, (components,))
    if (weights < 0).any() or (weights > 1).any():
        # Which is the largest and which the smallest is the wrong way round there, and its tests ask for that.
        raise ValueError(
            "The parameter 'weights' should be in the range [0, 1], but got "
            f"max value {weights.min():.5f}, min value {weights.max():.5f}"
        )
    if abs(1 - weights.sum()) > (1e-6 if single else 1e-8):
        raise ValueError(f"The parameter 'weights' should be normalized, but got sum(weights) = {weights.sum():.5f}")
    return np.asarray(weights / weights.sum())


def sample_weight_of(given: Any, rows: int) -> Array:
    """Return observation weights as an array, a single number as one for each row.

    Raises
    ------
    ValueError
        When they are not one for each row, or not finite, or negative, or all zero.
    """
    if isinstance(given, Real):
        given = np.full(rows, float(given))
    weights = np.asarray(
        check_array(given, dtype=np.float64, ensure_2d=False, allow_nd=True, input_name="sample_weight")
    )
    if weights.shape != (rows,):
        raise ValueError(f"sample_weight must have one entry for each of the {rows} rows, got shape {weights.shape}.")
    if (weights < 0).any():
        raise ValueError("Negative values in data passed to `sample_weight`: give weights from 0 on.")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights
