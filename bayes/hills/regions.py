"""Which hills are one region: chains go to and fro between them, or slip off one onto another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from models import Array

# A chain that has a fiftieth of its draws elsewhere has been there, and not only looked over the pass.
VISITED = 0.02


def regions(visits: Array, mixed: NDArray[np.bool_], rough: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the number of each hill's region, shape ``(H,)``.

    ``visits``, shape ``(H, H)``, has a row for the chains that began on a hill: the share of their draws on each. ``mixed``,
    of the same shape, says between which two chains go to and fro as often as it takes; these are one region. ``rough``,
    shape ``(H,)``, says of which hills importance sampling does not know the mass: such a one whose chains do not stay is a
    shoulder of the hill that they slip off to.
    """
    one = mixed.copy()
    for hill in np.flatnonzero(rough & (np.diagonal(visits) < VISITED)):
        one[hill, int(np.argmax(visits[hill]))] = True
    return np.asarray(connected_components(one, directed=False)[1])
