"""Truths around the user's own estimate, where nobody knows the truth.

**Posterior calibration** (Säilynoja and others 2025): the truths are draws from the posterior of the user's data, so that
the sampler is tried where these data are, and not all over a vague prior.
"""

from __future__ import annotations

import numpy as np

from bayes import compiled_model, summarise
from models import Mixture, Prior

from ..subject import Subject
from .replicate import EFFORTS, thinned, unsettled
from .truths import FromPosterior

CHAINS, LEAST_DRAWS = 4, 500


def posterior_truths(about: Subject, prior: Prior, replications: int, seed: int) -> FromPosterior:
    """Draw as many truths from the posterior of the subject's data, nearly independent.

    Raises
    ------
    ValueError
        When the chains do not settle, so that there is no posterior to draw from.
    """
    compiled = compiled_model(about.model, prior.called, about.reference.is_exposed)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    reason: str | None = None
    for effort in EFFORTS:
        draws = max(LEAST_DRAWS, replications) * effort
        found = compiled.sample_unlabelled(
            about.reference, prior=prior, draws=draws, tune=LEAST_DRAWS * effort, chains=CHAINS, seed=rng
        )
        scalars = about.model.scalars(found.mixture.ascending(), about.columns)
        reason = unsettled(summarise({**scalars, "log_likelihood": found.log_likelihood}), replications)
        if reason is None:
            return FromPosterior(about.reference, _some(found.mixture, replications))
    raise ValueError(
        f"the chains on {about.name!r} do not settle ({reason}), so that there is no posterior to draw truths from: take "
        "fewer components, or fewer replications."
    )


def _some(draws: Mixture, number: int) -> Mixture:
    flat = draws.flatten()
    return flat[thinned(np.arange(len(flat.weights), dtype=np.float64), number).astype(np.intp)]
