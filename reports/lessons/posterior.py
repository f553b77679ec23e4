"""What the scripts show of a posterior: some of its draws, and the three points MLE, MAP and posterior mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bayes import Posterior, sample
from em import fit
from models import Data, Gaussian, Mixture

from ..comparing.density import thinned
from .lesson import draws, parameters

if TYPE_CHECKING:
    from ..running.progress import Progress

DRAWS, TUNE, CHAINS = 500, 500, 2
SHOWN = 150
STARTS = 10


def sampled(
    data: Data, rng: np.random.Generator, progress: Progress, covariance: str = "full", mixing: str = "free"
) -> Posterior:
    """Return the posterior of two Gaussians on the line."""
    step = progress.stage("NUTS", CHAINS * (DRAWS + TUNE))
    return sample(
        data,
        "gaussian",
        2,
        covariance=covariance,
        mixing=mixing,
        draws=DRAWS,
        tune=TUNE,
        chains=CHAINS,
        seed=rng,
        on_draw=step,
    )


def summary(posterior: Posterior, mle: Mixture, rng: np.random.Generator) -> dict[str, Any]:
    """Return evenly spaced draws of the posterior, the MLE given, the MAP under the same prior, and the posterior mean."""
    model = posterior.model
    mode = fit(
        posterior.data,
        **model.specification,
        estimate="map",
        prior=posterior.prior,
        starts=STARTS,
        seed=rng,
    )
    # Chains lie one after the other, and a reader who watches the first draws should see them all.
    shown = thinned(posterior.mixture, SHOWN)
    return {
        "draws": draws(shown[rng.permutation(len(shown.weights))]),
        "mle": parameters(mle),
        "map": parameters(mode.mixture),
        "mean": parameters(mean(posterior.mixture)),
    }


def mean(mixture: Mixture) -> Mixture:
    """Return every parameter averaged over all draws."""
    flat = mixture.flatten()
    averages = {name: array.mean(axis=0) for name, array in flat.components.arrays().items()}
    return Mixture(flat.weights.mean(axis=0), Gaussian(**averages))
