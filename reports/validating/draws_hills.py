"""On which hills of our own posterior somebody's draws lie, and which one they have hardly seen."""

from __future__ import annotations

import numpy as np

from bayes import Posterior, hills_of
from models import Array

from ..comparing.density import thinned

LOOKED_AT = 400
# A hill with less of the mass moves no mean by much, and one with so small a part of what it should have was hardly seen.
HEAVY, HARDLY = 0.05, 0.1


def shares_on_hills(given: Posterior, own: Posterior) -> Array:
    """Return the share of the given draws on each hill of our own posterior, the heaviest first."""
    if not own.hills:
        return np.ones(1)
    numbers = hills_of(own, thinned(given.mixture, LOOKED_AT))
    return np.bincount(numbers, minlength=len(own.hills)) / len(numbers)


def missed_hill(shares: Array, own: Posterior) -> int | None:
    """Return the number of the heaviest hill that holds much of our posterior and hardly any of the draws."""
    for number, hill in enumerate(own.hills):
        if hill.share > HEAVY and shares[number] < HARDLY * hill.share:
            return number
    return None
