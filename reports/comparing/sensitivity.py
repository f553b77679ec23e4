r"""How much the answer depends on the prior: by power-scaling, by the prior's own pull, and under other priors.

- **Power-scaling** (Kallioinen and others 2024): how much each posterior changes when the prior, or the likelihood, is
  raised to a power near one. A posterior that changes with the prior is sensitive to it; one that does not change with the
  likelihood was not taught by the data.
- **The pull** $\mathrm{Cov}(\theta, \log p(\theta)) / \mathrm{sd}(\theta)$: by how many posterior standard deviations the
  prior moves the mean, to first order, since raised to a power it moves the mean by that covariance times the change
  of it. It is that of each parameter on its natural scale: the logarithm of what is positive, the log-odds of a share.
- **Other priors**: the same draws, weighted by the ratio of the two densities (Pareto-smoothed), give EM's departures as
  they would be under a prior of twice or half the width, and under the other of ``weak`` and ``conjugate``. Where Pareto k
  is above .7 the weights do not bear it, and that posterior is sampled anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base import array_stats
from arviz_stats.psense import psense
from scipy import special

from bayes import LARGEST_PARETO_K, Posterior
from em import Fit, Scale, scales_of
from models import Array, Mixture, Prior

from .departures import Blocks, Departure, departures
from .function_space import selection_of
from .matching import matched

WIDER = {"twice as wide": 2.0, "half as wide": 0.5}
# Evenly spaced draws of all chains: enough for a covariance.
MOST_DRAWS = 4000
# What ArviZ says of weights whose largest are one number: the draws of one place, repeated.
ALIKE = "All tail values are the same"


@dataclass(frozen=True)
class Alternative:
    """What EM's departures would be under another prior, and the Pareto k of the weights that say so.

    ``sampled`` says that a posterior of its own says so, because weights would not bear it.
    """

    name: str
    pareto_k: float
    departures: tuple[Departure, ...]
    sampled: bool = False

    @property
    def is_reliable(self) -> bool:
        """Whether the departures can be trusted to be those under the other prior."""
        return self.sampled or self.pareto_k <= LARGEST_PARETO_K


@dataclass(frozen=True)
class PriorSensitivity:
    """``table`` has for each parameter its pull and how sensitive it is to prior and likelihood by power-scaling."""

    table: pd.DataFrame
    alternatives: tuple[Alternative, ...]

    @property
    def largest_pull(self) -> tuple[str, float]:
        """The parameter that the prior moves most, and by how many posterior standard deviations."""
        name = str(self.table["pull"].abs().fillna(0.0).idxmax())
        return name, float(self.table["pull"][name])


def prior_sensitivity(
    estimate: Fit, posterior: Posterior, effective: float, sampled: Mapping[str, Posterior] | None = None
) -> PriorSensitivity:
    """Measure how much the posterior, worth so many draws, and its distance from an estimate depend on the prior.

    ``sampled`` are posteriors under other priors, for those of which weights do not bear it.
    """
    prior = posterior.prior
    every = max(1, int(np.ceil(posterior.log_likelihood.size / MOST_DRAWS)))
    mixture: Mixture = posterior.mixture[:, ::every]
    log_prior = prior.log_mode_density(mixture)
    scalars = {name: draws[:, ::every] for name, draws in posterior.scalars.items()}
    named = {
        name: _natural(draws, scale) for scale, (name, draws) in zip(scales_of(estimate), scalars.items(), strict=True)
    }
    table = pd.DataFrame(
        {
            "pull": {name: _pull(draws, log_prior) for name, draws in named.items()},
            **_power_scaling(named, log_prior, posterior.log_likelihood[:, ::every]),
        },
        index=list(named),
    )
    flat, anew = mixture.flatten(), sampled or {}
    blocks = Blocks.of(estimate, flat)
    found = []
    for name, other in other_priors(posterior).items():
        log_weights, k = _weights(other.log_density(flat) - prior.log_density(flat))
        measured = _anew(estimate, anew[name]) if name in anew else blocks.departures(np.exp(log_weights), effective)
        found.append(Alternative(name, k, measured, name in anew))
    return PriorSensitivity(table.rename_axis("parameter"), tuple(found))


def _natural(draws: Array, scale: Scale) -> Array:
    """Return draws on the scale of their parameter, or as they are where one lies on the edge of it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = scale.forward(draws)
    return moved if np.isfinite(moved).all() else draws


def other_priors(posterior: Posterior) -> dict[str, Prior]:
    """Return the other prior that has a name, and the posterior's own twice and half as wide, by name."""
    called = "conjugate" if posterior.prior.called == "weak" else "weak"
    wider = {name: posterior.prior.widened(factor) for name, factor in WIDER.items()}
    return {called: posterior.model.prior(posterior.data, called), **wider}


def _anew(estimate: Fit, sampled: Posterior) -> tuple[Departure, ...]:
    """Return the departures from a posterior of its own, whose labels the estimate is given."""
    effective = max(1.0, float(sampled.summary["ess_bulk"].min()))
    data = selection_of(sampled.data)
    return departures(matched(estimate, sampled.predict_proba(data), data), sampled.mixture, effective)


def _pull(draws: Array, log_prior: Array) -> float:
    flat, height = draws.ravel(), log_prior.ravel()
    there = np.isfinite(flat) & np.isfinite(height)
    if there.sum() < 2 or not (spread := float(flat[there].std())) > 0:
        return float("nan")
    return float(np.cov(flat[there], height[there])[0, 1] / spread)


def _power_scaling(named: Mapping[str, Array], log_prior: Array, log_likelihood: Array) -> dict[str, pd.Series]:
    """Return the sensitivity of each parameter to prior and to likelihood."""
    dims = ("chain", "draw")
    # One array of all parameters, since ArviZ takes long for each variable.
    posterior = xr.Dataset({"parameters": ((*dims, "place"), np.stack(list(named.values()), axis=-1))})
    tree = xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "log_prior": xr.Dataset({"log_prior": (dims, log_prior)}),
            "log_likelihood": xr.Dataset({"log_likelihood": (dims, log_likelihood)}),
        }
    )
    found = {}
    for group in ("prior", "likelihood"):
        # Of a posterior that hardly moves nothing can be told, and is: NaN.
        with np.errstate(divide="ignore", invalid="ignore"):
            found[group] = pd.Series(_unless_alike(tree, group), index=list(named))
    return found


def _unless_alike(tree: xr.DataTree, group: str) -> Array:
    """Return the sensitivity of each parameter; NaN where the largest weights are those of one draw, repeated."""
    try:
        found: Any = psense(tree, group=group)
    except ValueError as error:
        if ALIKE not in str(error):
            raise
        return np.full(tree["posterior"].sizes["place"], np.nan)
    return np.asarray(found["parameters"], dtype=np.float64)


def _weights(log_ratios: Array) -> tuple[Array, float]:
    """Return Pareto-smoothed log-weights that sum to one, and their Pareto k."""
    try:
        log_weights, k = array_stats.psislw(-(log_ratios - log_ratios.max()))
    except ValueError as error:
        if ALIKE not in str(error):
            raise
        # Nothing is left to smooth, and such weights are not to be believed.
        return np.asarray(log_ratios - special.logsumexp(log_ratios)), np.inf
    return np.asarray(log_weights), float(k)
