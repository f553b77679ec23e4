"""What kernels share that look at rows under many draws of a mixture: responsibilities on average, and log-densities."""

from __future__ import annotations

import numpy as np

from .arithmetic import LOG_2, Array, exp2, log2
from .compiling import inlined

# Below every log-joint, also where no component has a density: there the one that is least far from it takes the row.
BELOW_ALL = -float(np.finfo(float).max)


@inlined
def share_out(joint: Array, largest: Array, total: Array, heights: Array, shares: Array, size: int) -> None:
    """Add the responsibilities of one draw to ``shares``, shape ``(k, size)``, and keep its log-densities in ``heights``.

    ``joint`` holds the draw's log-joints to the base 2, and ``largest`` the largest of each row.
    """
    for i in range(size):
        total[i] = 0.0
    for j in range(joint.shape[0]):
        for i in range(size):
            value = exp2(joint[j, i] - largest[i])
            joint[j, i] = value
            total[i] += value
    for i in range(size):
        heights[i] = largest[i] + log2(total[i])
    for i in range(size):
        total[i] = 1.0 / total[i]
    for j in range(joint.shape[0]):
        for i in range(size):
            shares[j, i] += joint[j, i] * total[i]


@inlined
def sum_up(heights: Array, largest: Array, total: Array, log_density: Array, spread: Array) -> None:
    """From log-densities to the base 2, shape ``(draws, rows)``, that of the average density and their sd, in nats."""
    draws, size = heights.shape[0], len(log_density)
    for i in range(size):
        largest[i] = heights[0, i]
        total[i] = 0.0
        spread[i] = 0.0
    for s in range(draws):
        for i in range(size):
            largest[i] = np.fmax(largest[i], heights[s, i])
    for s in range(draws):
        for i in range(size):
            total[i] += exp2(heights[s, i] - largest[i])
    for i in range(size):
        log_density[i] = (largest[i] + log2(total[i] / draws)) * LOG_2
        total[i] = 0.0
    for s in range(draws):
        for i in range(size):
            total[i] += heights[s, i] - largest[i]
    for i in range(size):
        total[i] = largest[i] + total[i] / draws
    for s in range(draws):
        for i in range(size):
            away = heights[s, i] - total[i]
            spread[i] += away * away
    for i in range(size):
        spread[i] = np.sqrt(spread[i] / max(1, draws - 1)) * LOG_2
