"""The shares of posterior draws that the checks ask about, and how large each may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayes import exchange_costs

from ..comparing.density import thinned

if TYPE_CHECKING:
    from models import Data, Mixture

# A draw whose two closest labels differ by less than log 20 could bear either; a twentieth of such draws is the share at
# which a 95 % interval begins to hold the other component.
CLEAR_LABELS = float(np.log(20))
LARGEST_UNCLEAR = 0.05
# In so many draws that share has a standard error of 0.007.
LABEL_DRAWS = 1000
# The same share of draws on the slope of a singularity, and a 95 % interval begins to hold it.
LARGEST_COLLAPSING = 0.05
# An optimum stands for the posterior when the greater part of it lies on its hill.
SMALLEST_BASIN = 0.5


def unclear_labels(draws: Mixture, data: Data, most: int = LABEL_DRAWS) -> float:
    """Return the share of draws, ``most`` of them looked at, in which some two labels might as well be exchanged."""
    return float(np.mean(exchange_costs(thinned(draws, most), data) < CLEAR_LABELS))
