"""Which hills are one region: chains look over all of them, or importance sampling cannot tell them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from models import Array

# A chain that has a fiftieth of its draws elsewhere has been there, and not only looked over the pass.
VISITED = 0.02
# A hill that holds less of the draws of its own chains than this does not keep them.
KEPT = 0.5


def regions(visits: Array, mixed: NDArray[np.bool_], rough: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the number of each hill's region, shape ``(H,)``.

    ``visits``, shape ``(H, H)``, has a row for the chains that began on a hill: the share of their draws on each. ``mixed``,
    of the same shape, says between which two chains go to and fro as often as it takes; these are one region. ``rough``,
    shape ``(H,)``, says of which hills importance sampling does not know the mass: such a one is one region with any other
    whose chains visit it, and it theirs; when its chains leave it and are mostly elsewhere it is a shoulder of that place.
    """
    visited = visits >= VISITED
    one = mixed | (visited & visited.T & (rough[:, None] | rough[None]))
    for hill in np.flatnonzero(rough & (np.diagonal(visits) < KEPT)):
        one[hill, int(np.argmax(visits[hill]))] = True
    return np.asarray(connected_components(one, directed=False)[1])
