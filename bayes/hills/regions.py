"""Which hills are one region: chains that begin on one of them end on the other, and the other way round."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from models import Array

# A chain that has a fiftieth of its draws elsewhere has been there, and not only looked over the pass.
VISITED = 0.02
# A hill that holds less of the draws of its own chains than this does not keep them.
KEPT = 0.5


def regions(visits: Array) -> NDArray[np.intp]:
    """Return the number of each hill's region, shape ``(H,)``.

    ``visits``, shape ``(H, H)``, has a row for the chains that began on a hill: the share of their draws on each. Hills
    whose chains visit each other are one region. A hill whose chains leave it for another, and are mostly there, is a
    shoulder of that one.
    """
    visited = visits >= VISITED
    mutual = visited & visited.T
    for hill, row in enumerate(visits):
        if row[hill] < KEPT:
            mutual[hill, int(np.argmax(row))] = True
    return np.asarray(connected_components(mutual, directed=False)[1])
