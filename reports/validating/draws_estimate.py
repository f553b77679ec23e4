"""A point estimate beside somebody's draws: where it lies in them, and whether one of them has a higher likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bayes import Posterior, match
from models import Mixture

# Sums of the same numbers in another order.
ROUNDING = 1e-8


@dataclass(frozen=True)
class EstimateInDraws:
    """An estimate under the labels of the draws.

    ``table`` has for each parameter the estimate, the mean and sd of the draws, the ``shift`` of the estimate from the
    mean in standard deviations, and whether it is ``inside`` the 95 % interval. Log-likelihoods are in nats:
    ``log_likelihood`` that of the estimate, ``below`` how far the draws lie below it on average, and ``beaten_by`` by how
    much the best of them lies above it, zero where none does.
    """

    table: pd.DataFrame
    log_likelihood: float
    below: float
    beaten_by: float


def estimate_in_draws(estimate: Mixture, posterior: Posterior) -> EstimateInDraws:
    """Return where an estimate, which has no leading axes, lies among draws."""
    data, model = posterior.data, posterior.model
    matched = match(estimate, posterior.predict_proba(data), data)
    own = {name: float(value) for name, value in model.scalars(matched, data.columns).items()}
    table = posterior.summary[["mean", "sd", "lower", "upper"]].copy()
    table.insert(0, "estimate", pd.Series(own))
    table["shift"] = (table["estimate"] - table["mean"]) / table["sd"]
    table["inside"] = (table["estimate"] >= table["lower"]) & (table["estimate"] <= table["upper"])
    height = matched.expectation(data).log_likelihood
    beaten = float(posterior.log_likelihood.max()) - height
    return EstimateInDraws(
        table,
        height,
        float(height - posterior.log_likelihood.mean()),
        beaten if beaten > ROUNDING * abs(height) else 0.0,
    )
