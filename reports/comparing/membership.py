"""Which component each observation belongs to by the posterior, and an estimate with the posterior's labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bayes import Posterior
from em import Fit
from models import Array, permutation

from .density import thinned

MEMBERSHIP_DRAWS = 400


def membership(posterior: Posterior) -> Array:
    """Return the posterior probability of each component given the observation, E[γ] over draws, shape ``(rows, k)``."""
    draws = thinned(posterior.mixture, MEMBERSHIP_DRAWS)
    values = posterior.data.values
    return np.asarray(np.mean([draws[i].responsibilities(values) for i in range(len(draws.weights))], axis=0))


def matched(estimate: Fit, reference: Array) -> Fit:
    """Permute the estimate as a whole, so that its labels are the posterior's; what has them keeps its information.

    ``reference`` are the posterior's memberships, shape ``(rows, k)``.
    """
    data, own = estimate.data, estimate.mixture
    order = permutation(own.responsibilities(data.values), reference, data)
    in_order = np.array_equal(order, np.arange(len(order)))
    return estimate if in_order else replace(estimate, mixture=own.relabel(order))
