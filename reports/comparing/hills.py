"""The hills of the posterior beside EM's optima: where the chains are to look, and which hill is the one that EM reports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes import Hill, Posterior
from em import Fit, atlas, basin_shares, fit
from models import AnyPrior, Data, Mixture, Model, concatenated

# An optimum that is lower by more than this would need a hill e¹⁰ times as wide to matter.
NEAR = 10.0
# Enough to see the near optima, and quick beside the chains.
STARTS = 30


@dataclass(frozen=True)
class HillBeside:
    """A hill of the posterior, beside EM: ``is_of_em`` says whether EM from its top ends in the reported optimum.

    ``table`` has the mean and the standard deviation of each parameter over the draws on the hill; it is empty where there
    are none.
    """

    hill: Hill
    is_of_em: bool
    table: pd.DataFrame


def optima_of(*fits: Fit) -> Mixture | None:
    """Return the optima that the starts of these fits found, near the best of each, with one leading axis."""
    found = [optimum.mixture[None] for fit in fits for optimum in atlas(fit).optima if optimum.gap < NEAR]
    return concatenated(found) if found else None


def optima_under(data: Data, model: Model, prior: AnyPrior | None, seed: int) -> Mixture | None:
    """Return the optima that a few starts of EM find under that prior: what a posterior alone is to look at."""
    return optima_of(fit(data, **model.specification, estimate="map", prior=prior, starts=STARTS, seed=seed))


def hills_beside(estimate: Fit, posterior: Posterior) -> tuple[HillBeside, ...]:
    """Return every hill of the posterior, the heaviest first; none where there is one alone."""
    return tuple(
        HillBeside(hill, _is_of(estimate, hill), _table(posterior, number))
        for number, hill in enumerate(posterior.hills)
    )


def _is_of(estimate: Fit, hill: Hill) -> bool:
    return basin_shares(estimate, hill.mode[None]).reported is not None


def _table(posterior: Posterior, number: int) -> pd.DataFrame:
    if posterior.owner is None or posterior.hills[number].draws == 0:
        return pd.DataFrame({"mean": [], "sd": []}, dtype=np.float64)
    here = posterior.owner == number
    rows = {name: (draws[:, here].mean(), draws[:, here].std()) for name, draws in posterior.scalars.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "sd"]).rename_axis("parameter")
