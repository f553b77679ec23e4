r"""A share of replicates, and how far its Monte Carlo error reaches.

The usual error of a share $p$ of $R$ replicates, $\sqrt{p (1 - p) / R}$, is zero where all of them are alike, as if ten
replicates could show that something never happens. Wilson's interval (1927) holds every share that a test at its level would
not reject, and has a length at 0 and at 1, too:

$$ \frac{p + z^2 / 2R}{1 + z^2 / R} \pm \frac{z}{1 + z^2 / R} \sqrt{\frac{p (1 - p)}{R} + \frac{z^2}{4 R^2}} . $$

Half its length over $z$ is the Monte Carlo error, so that the errors of the tables and the bars of the figures say the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from models import Array

Z = float(special.ndtri(0.975))


def wilson(share: ArrayLike, count: ArrayLike) -> tuple[Array, Array]:
    """Return the ends of the 95 % interval of a share (Wilson 1927), which has a length also when the share is one."""
    share, count = np.asarray(share, dtype=np.float64), np.asarray(count, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
        half = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return centre - half, centre + half


def proportion(count: int, total: int) -> tuple[float, float]:
    """Return the share that ``count`` of ``total`` is, and its Monte Carlo error; NaN when there is no replicate."""
    if total == 0:
        return np.nan, np.nan
    low, high = wilson(count / total, total)
    return count / total, float(high - low) / (2 * Z)
