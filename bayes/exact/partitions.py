"""All ways to divide observations among components whose names do not matter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models import Array

# 20 observations in two components, 12 in three.
MOST_ALLOCATIONS = 2**20


def partitions(n: int, components: int) -> tuple[NDArray[np.int8], Array]:
    """Return the label of each observation, shape ``(S, n)``, in every partition, and the log of how many ways to name it.

    A partition into b parts stands for K!/(K − b)! allocations. Its labels are numbered in the order in which they
    first occur (a restricted growth string, Knuth 2011, section 7.2.1.5).

    Raises
    ------
    ValueError
        When there are more than ``MOST_ALLOCATIONS`` allocations.
    """
    if n * np.log(components) > np.log(MOST_ALLOCATIONS):
        raise ValueError(
            f"the exact posterior would need {components}^{n} allocations of {n} observations to {components} "
            f"components, more than {MOST_ALLOCATIONS}: take fewer of either."
        )
    labels, parts = np.zeros((1, n), dtype=np.int8), np.ones(1, dtype=np.int64)
    for i in range(1, n):
        choices = np.minimum(parts + 1, components)
        source = np.repeat(np.arange(len(labels)), choices)
        label = np.arange(len(source)) - np.repeat(np.cumsum(choices) - choices, choices)
        labels, parts = labels[source], np.maximum(parts[source], label + 1)
        labels[:, i] = label
    return labels, special.gammaln(components + 1) - special.gammaln(components - parts + 1)
