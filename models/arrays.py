"""Arrays of numbers: their type, and the shape that observations have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def as_rows(x: Array, dimension: int) -> Array:
    """Observations of shape ``(n,)``, of one feature, or ``(n, d)``, as rows of shape ``(n, d)``.

    Raises
    ------
    ValueError
        When ``x`` has another shape, which NumPy would stretch to fit.
    """
    array = np.asarray(x, dtype=np.float64)
    rows = array[:, None] if array.ndim == 1 and dimension == 1 else array
    if rows.ndim != 2 or rows.shape[1] != dimension:
        wanted = "(n,) or (n, 1)" if dimension == 1 else f"(n, {dimension})"
        raise ValueError(f"x must have shape {wanted}, got an array of shape {array.shape}.")
    return rows
