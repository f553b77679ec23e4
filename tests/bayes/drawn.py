"""A posterior of independent draws from the exact one: what a sampler without fault would return."""

from __future__ import annotations

import numpy as np
import xarray as xr

from bayes import ExactPosterior, Posterior, total_log_likelihood
from models import Mixture


def drawn(exact: ExactPosterior, draws: int, seed: int) -> Posterior:
    flat = exact.sample(4 * draws, np.random.default_rng(seed))
    components = flat.components.map(lambda array: array.reshape(4, draws, *array.shape[1:]))
    mixture = Mixture(flat.weights.reshape(4, draws, -1), components)
    return Posterior(
        exact.data, exact.model, exact.prior, xr.DataTree(), mixture, total_log_likelihood(mixture, exact.data)
    )
