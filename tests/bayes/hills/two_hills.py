"""Counts from three groups that two components are fitted to, whose exact posterior has two hills."""

from __future__ import annotations

import numpy as np

from models import Data, Mixture, Poisson


def three_groups(seed: int, rates: tuple[float, float, float]) -> Data:
    """Return between 15 and 39 counts from each of three groups."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(15, 40, 3)
    return Data.of(np.concatenate([rng.poisson(rate, size) for rate, size in zip(rates, sizes, strict=True)]))


# Of the first, the hills hold a third and two thirds; of the second one holds a thirtieth, and no chain stays on it.
NEAR_TIED = three_groups(117, (2, 14, 30))
LEFT_BY_CHAINS = three_groups(23, (1, 8, 20))
# The lower rate is below this on one hill, and above on the other, with next to nothing at it.
BETWEEN = 3.8


def optima() -> Mixture:
    """Return two mixtures, one on the slope of each hill: the two lower groups together, or the two higher ones."""
    rates = np.array([[1.3, 14.0], [6.0, 20.0]])
    return Mixture(np.array([[0.3, 0.7], [0.6, 0.4]]), Poisson(rates))
