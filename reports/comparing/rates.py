r"""Counts with exposures as rates: how the exposure is shared out among the rates x/e at which events were seen.

In a histogram of counts a row that was watched for long lies far out because of that alone. As a rate it does not. Each row
has its exposure for its area, so that an hour counts as an hour whoever was watched in it, and the mean of the histogram is
$\sum_i x_i / \sum_i e_i$, the rate over all. Where a mixture gives a row at the exposure e the rates $a \le x/e < b$, the
counts are $\lceil ae \rceil \le x < \lceil be \rceil$, and the share of the exposure that it leads to expect there is

$$ \frac{\sum_i e_i \, [F_i(\lceil b e_i \rceil - 1) - F_i(\lceil a e_i \rceil - 1)]}{\sum_i e_i} , $$

with $F_i$ the distribution function of a count at the exposure $e_i$. It has the same spikes as the data where few rates are
possible.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special

from models import Array, Data, Mixture
from models.exposed import averaged

LEAST_BINS, MOST_BINS = 8, 60
# Of the exposure beyond the last bin: a moment's watch may have any rate.
BEYOND = 0.001
# By as much less than a whole count a count begins, so that rounding takes none to another bin.
_NUDGE = 1e-9


def rates(data: Data, feature: int) -> Array:
    """Return x/e of every row, shape ``(rows,)``."""
    assert data.exposure is not None
    return np.asarray(data.values[:, feature] / data.exposure)


def rate_edges(data: Data, feature: int, around: float = 0.0) -> Array:
    """Return the edges of bins of one width, about 1.5 √n of them; on each side so many times their range is added."""
    found = rates(data, feature)
    low, high = float(found.min()), _last(data, found)
    bins = int(np.clip(1.5 * np.sqrt(data.size), LEAST_BINS, MOST_BINS))
    width = (high - low) / (bins - 1) or max(high, 1.0) / bins
    more = round(around * bins)
    edges = low + width * (np.arange(-more, bins + more + 1) - 0.5)
    return np.asarray(edges[edges > -width])


def rate_heights(data: Data, feature: int, edges: Array) -> Array:
    """Return the share of the exposure in each bin over its width, shape ``(bins,)``."""
    assert data.exposure is not None
    found = (data.values[:, feature] + _NUDGE) / data.exposure
    shares = np.histogram(found, edges, weights=data.weights * data.exposure / data.total_exposure)[0]
    return np.asarray(shares / np.diff(edges))


def expected_heights(data: Data, mixture: Mixture, edges: Array) -> Array:
    """Return what a mixture of one feature leads to expect of :func:`rate_heights`, shape ``(..., bins)``."""
    assert data.exposure is not None
    # Its shares are then those of the exposure.
    watched = replace(data, weights=data.weights * data.exposure)

    def below(exposure: Array | float | None) -> Array:
        assert isinstance(exposure, float)
        last = np.ceil(edges * exposure - _NUDGE) - 1
        means = exposure * mixture.components.location()
        each = np.where(last >= 0, special.pdtr(np.maximum(last, 0), means[..., None]), 0.0)
        return np.asarray((mixture.weights[..., None] * each).sum(axis=-2))

    return np.asarray(np.diff(averaged(watched, below)) / np.diff(edges))


def _last(data: Data, found: Array) -> float:
    assert data.exposure is not None
    watched = data.weights * data.exposure
    return float(np.quantile(found, 1 - BEYOND, weights=watched, method="inverted_cdf"))
