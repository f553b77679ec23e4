"""A study around the user's own estimate, where nobody knows the truth.

**Parametric bootstrap** (Efron 1979): the maximum-likelihood estimate takes the place of the truth, and data sets of the
same size are drawn from it. What the study then says of bias and coverage holds where the truth is like the estimate.
Exposures are drawn from those of the data.
"""

from __future__ import annotations

from typing import Any

from em import Fit, Status, fit
from models import Data, Model, require_no_labels, require_whole_weights
from models.exposed import Exposures

from .subject import Subject

STARTS = 100


def own_subject(data: Data, model: Model, title: str, seed: int) -> Subject:
    """Return the subject whose truth is the maximum-likelihood estimate on these data, at their own size.

    Raises
    ------
    ValueError
        When EM finds no interior maximum, so that there is no truth to simulate from, when weights are fractions, or when
        labels are known.
    """
    require_whole_weights(data)
    return fitted_subject(fit(data, **model.specification, starts=STARTS, seed=seed), title)


def fitted_subject(found: Fit, title: str) -> Subject:
    """Return the subject whose truth is an estimate that is already there, at the size of its data.

    Raises
    ------
    ValueError
        When it is no interior maximum of the likelihood, or when labels are known.
    """
    data, model = found.data, found.model
    require_no_labels(data.labels, "a study")
    if found.prior is not None:
        raise ValueError(
            "the truth must be a maximum-likelihood estimate, got a mode under a prior: use estimate='mle'."
        )
    if found.status is not Status.CONVERGED:
        raise ValueError(
            f"EM found no maximum on {data.name!r} ({found.climb.reason or found.status}), so that there is no truth to "
            "simulate from: take fewer components or another covariance."
        )
    settings: dict[str, Any] = {"sizes": (int(data.size),)}
    truth, exposures = found.mixture.ascending(), Exposures.among(data)
    return Subject(data.name, title, truth, model, data.columns, settings, data, exposures)
