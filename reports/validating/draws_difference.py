r"""Where two posteriors of one model differ by more than Monte Carlo error: means and standard deviations.

With means $a, b$ and their Monte Carlo errors $s_a, s_b$, $z = (a - b) / \sqrt{s_a^2 + s_b^2}$ is about standard normal when
both sample the same posterior, and so it is with standard deviations (Vehtari and others 2021, section 4). Of m such
figures none is beyond the $1 - \alpha / 2m$ quantile, but for a probability of $\alpha$ (Bonferroni). Quantities that no
label changes come first; the parameters are held against each other only where labels are clear.

A posterior of several hills knows the share of each up to an error, which moves means and standard deviations, too: that of
a mean by $(m_h - m)$ for each unit of the share, that of a standard deviation $s$ by $((m_h - m)^2 + s_h^2 - s^2) / 2 s$.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from arviz_stats.base import array_stats
from scipy import stats

from bayes import LARGEST_UNCLEAR, Posterior, unclear_labels
from models import Array, permutation

# Of a hundred right posteriors one is to be accused.
FALSE_ALARMS = 0.01
INVARIANT, PARAMETER = "label-invariant", "parameter"


@dataclass(frozen=True)
class PosteriorDifference:
    """Two posteriors side by side.

    ``table`` has a row for each quantity: its ``kind``, mean and sd of both, and how far ``apart`` the means and the
    standard deviations are in their Monte Carlo errors. ``limit`` is what Monte Carlo error does not reach.
    """

    table: pd.DataFrame
    limit: float

    @property
    def apart(self) -> pd.Series:
        """The larger of the two distances of each quantity, in Monte Carlo errors."""
        return self.table[["means_apart", "sds_apart"]].abs().max(axis=1)

    @property
    def differing(self) -> list[str]:
        """The quantities that differ, those that no label changes first, and the farthest of each kind first."""
        beyond = self.apart[self.apart > self.limit].sort_values(ascending=False)
        return sorted(map(str, beyond.index), key=lambda name: self.table.loc[name, "kind"] != INVARIANT)

    @property
    def parameters_are_compared(self) -> bool:
        """Whether labels were clear enough for the parameters to be held against each other."""
        return bool((self.table["kind"] == PARAMETER).any())


def posterior_difference(given: Posterior, own: Posterior) -> PosteriorDifference:
    """Hold the draws of another sampler against our own of the same model and data."""
    kinds = {INVARIANT: (given.label_invariant_scalars, own.label_invariant_scalars)}
    if max(unclear_labels(each.mixture, each.data) for each in (given, own)) <= LARGEST_UNCLEAR:
        kinds[PARAMETER] = given.scalars, _scalars_as(given, own)
    tables = []
    for kind, (theirs, ours) in kinds.items():
        one, other = _moments(theirs), _moments(ours)
        other["mean_error"] = np.hypot(other["mean_error"], _of_shares(ours, own, "mean"))
        other["sd_error"] = np.hypot(other["sd_error"], _of_shares(ours, own, "sd"))
        table = pd.DataFrame({"kind": kind, "given_mean": one["mean"], "own_mean": other["mean"]})
        table["means_apart"] = _apart(one, other, "mean")
        table["given_sd"], table["own_sd"] = one["sd"], other["sd"]
        table["sds_apart"] = _apart(one, other, "sd")
        tables.append(table)
    whole = pd.concat(tables).rename_axis("quantity")
    limit = float(stats.norm.isf(FALSE_ALARMS / (2 * 2 * len(whole))))
    return PosteriorDifference(whole, limit)


def _scalars_as(given: Posterior, own: Posterior) -> dict[str, Array]:
    """Return our parameters under the labels of theirs."""
    order = permutation(own.predict_proba(own.data), given.predict_proba(own.data), own.data)
    mixture = own.mixture.relabel(np.broadcast_to(order, own.mixture.weights.shape))
    return own.model.scalars(mixture, own.data.columns)


def _moments(scalars: dict[str, Array]) -> pd.DataFrame:
    draws = np.array(list(scalars.values()))
    columns = {
        "mean": draws.mean(axis=(1, 2)),
        "mean_error": array_stats.mcse(draws, method="mean"),
        "sd": draws.std(axis=(1, 2)),
        # Quantity by quantity: this one takes its own mean of all that it is given.
        "sd_error": [float(array_stats.mcse(each, method="sd")) for each in draws],
    }
    return pd.DataFrame(columns, index=list(scalars))


def _of_shares(scalars: dict[str, Array], posterior: Posterior, moment: str) -> Array:
    """Return the error that the shares of the hills bring to a moment of each quantity; none where there is one hill."""
    if posterior.owner is None:
        return np.zeros(len(scalars))
    draws = np.array(list(scalars.values()))
    mean, variance, squares = draws.mean(axis=(1, 2)), draws.var(axis=(1, 2)), np.zeros(len(draws))
    for number, hill in enumerate(posterior.hills):
        here = draws[..., posterior.owner == number]
        if here.shape[-1] == 0:
            continue
        away = here.mean(axis=(1, 2)) - mean
        if moment == "sd":
            away = (away**2 + here.var(axis=(1, 2)) - variance) / (2 * np.sqrt(variance))
        squares = squares + (away * hill.share_error) ** 2
    return np.asarray(np.sqrt(squares))


def _apart(one: pd.DataFrame, other: pd.DataFrame, moment: str) -> pd.Series:
    error = np.hypot(one[f"{moment}_error"], other[f"{moment}_error"])
    return (one[moment] - other[moment]) / error
