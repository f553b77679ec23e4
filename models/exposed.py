r"""The distribution of counts that were exposed differently, as a histogram of them shows it.

A mixture says how a count is distributed at its own exposure. A histogram of all counts shows the average over the
exposures that there are, $\frac1n \sum_i p(x \mid e_i)$, and so does what is drawn over it or held against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .components import Array
from .data import Data
from .mixture import Mixture

# The average over so many quantiles of the exposures is that over all of them, as far as can be seen.
MOST_EXPOSURES = 40


def averaged(data: Data, at: Callable[[Array | float | None], Array]) -> Array:
    """Return the average of what is there at each exposure over those of the data; without exposures what is there."""
    if data.exposure is None:
        return at(None)
    return np.asarray(sum(share * at(exposure) for exposure, share in _exposures(data)))


def density_among(data: Data, mixture: Mixture, places: Array) -> Array:
    """Return the density of an observation of the data at each place, shape ``(..., n)``."""

    def at(exposure: Array | float | None) -> Array:
        return np.exp(mixture.log_density(places, None if exposure is None else np.full(len(places), exposure)))

    return averaged(data, at)


def _exposures(data: Data) -> Iterator[tuple[float, float]]:
    """Yield the distinct exposures with their shares of the observations; of many the middles of equal shares."""
    assert data.exposure is not None
    distinct, place = np.unique(data.exposure, return_inverse=True)
    shares = np.bincount(place, data.weights) / data.size
    if len(distinct) > MOST_EXPOSURES:
        levels = (np.arange(MOST_EXPOSURES) + 0.5) / MOST_EXPOSURES
        places = np.searchsorted(np.cumsum(shares), levels).clip(max=len(distinct) - 1)
        distinct, shares = distinct[places], np.full(MOST_EXPOSURES, 1 / MOST_EXPOSURES)
    yield from zip(distinct.tolist(), shares.tolist(), strict=True)
