"""The place of each observation in the fitted mixture, as a probability: uniform where the model is right.

In one dimension it is the probability below it (of counts, below and half of its own: the mid-p place); in more, the
probability that lies where the density is lower, which is the same whatever the axes.
"""

from __future__ import annotations

import numpy as np

from em import record_of, step_of
from models import Array, Data, Mixture, Model

from .gaussian import MOST_ROWS
from .registry import ends_among, ends_of

SIMULATED = 20_000


def upper_ends(mixture: Mixture, data: Data, model: Model) -> tuple[Array, Array]:
    """Return F where the distribution function of the data has just jumped, and the jumps' sizes.

    Counts jump at themselves, and what was rounded half a step later. Of several features F is that of the density, and of
    very many rows some are looked at, as where the model is checked.
    """
    if model.dimension > 1:
        return pit(mixture, data.every(max(1, data.rows // MOST_ROWS)), model)
    values, counts = record_of(data, 0)
    return ends_among(data, model, values, step_of(values, counts) or 0.0, mixture)[0], counts


def pit(mixture: Mixture, data: Data, model: Model) -> tuple[Array, Array]:
    """Return the place of each distinct row, shape ``(rows,)``, and how often it was seen."""
    x = data.values
    if model.dimension == 1:
        # Exact values have both ends at themselves; the middle of a count's is the mid-p place.
        upper, lower = ends_of(model)(x[:, 0], 0.0, mixture, *([] if data.exposure is None else [data.exposure]))
        return (upper + lower) / 2, data.weights
    drawn = mixture.sample(SIMULATED, np.random.default_rng(SIMULATED))[0]
    levels = np.sort(mixture.log_density(drawn))
    return (np.searchsorted(levels, mixture.log_density(x)) + 0.5) / (SIMULATED + 1), data.weights
