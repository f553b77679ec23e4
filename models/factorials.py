"""Logarithms of factorials of very many counts, of which few are distinct."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

LARGEST_TABULATED = 2**16


def log_factorials(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """log x! of each entry, log Γ(x + 1) of what is no count: whole numbers are looked up where that takes less time."""
    largest = counts.max(initial=0.0)
    # NaN is below nothing, either.
    if largest < min(counts.size, LARGEST_TABULATED) and counts.min(initial=0.0) >= 0:
        whole = counts.astype(np.intp)
        if np.array_equal(whole, counts):
            return np.asarray(special.gammaln(np.arange(1.0, largest + 2.0))[whole])
    return np.asarray(special.gammaln(counts + 1))
