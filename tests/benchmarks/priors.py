"""How far each prior pulls what the data determine, and how often the intervals under the weak one hold the truth.

The pull of a parameter is how far its posterior mean lies, because of the prior, from where it would be without one: in
posterior standard deviations, on the natural scale (logarithms of variances and rates). Without a prior means the
posterior that is flat on these scales, whose draws are those under the weak prior, weighted by its inverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bayes import compiled_model
from em import fit, standard_errors
from models import Array, Data, Gaussian, Mixture, Model, Poisson, Prior

from .table import Row

DISTANCES = (4, 8, 20, 40, 100, 200)
# What the prior may cost at most; in five dimensions a third.
BARS = {1: 0.25, 2: 0.25, 5: 1 / 3}
ROWS, SETS = 400, 60
DRAWS: dict[str, Any] = {"draws": 1000, "tune": 500, "chains": 2}


def priors(repetitions: int, largest: int) -> Iterator[Row]:
    """Pulls of the weak and of the conjugate prior, and coverage under the weak one beside Wald's."""
    rng = np.random.default_rng(16)
    for d, bar in BARS.items():
        for distance in DISTANCES:
            x = rng.normal(size=(ROWS, d)) + distance * (np.arange(ROWS) % 2)[:, None] / np.sqrt(d)
            yield _pulled(f"two groups {distance} sd apart, d = {d}", Data.of(x), "gaussian", bar)
    unequal = np.concatenate([rng.normal(0, 1, 300), rng.normal(3, 0.04, 300)])
    yield _pulled("300 of sd 1 beside 300 of sd 0.04", Data.of(unequal), "gaussian", 0.25)
    rare = np.concatenate([rng.poisson(2, 1990), rng.poisson(106, 10)])
    yield _pulled("rates of 2, and 0.5 % of 106", Data.of(rare), "poisson", 0.25)
    for distance in (8, 20):
        yield _covered(distance, rng)


def _pulled(case: str, data: Data, family: str, bar: float) -> Row:
    """The largest pull on any parameter, under both priors."""
    model = Model.of(data, family, 2)
    weak, conjugate = (_drawn(data, model, called) for called in ("weak", "conjugate"))
    free = _free_of_the_prior(weak, model.prior(data, "weak"))
    own, other = _natural(weak), _natural(conjugate)
    expected = free @ own
    ours, theirs = (np.abs((draws.mean(axis=0) - expected) / draws.std(axis=0)).max() for draws in (own, other))
    size = 1 / np.square(free).sum()
    note = f"{len(own)} draws know it to {1 / np.sqrt(size / 3):.2f}"
    return Row(
        f"pull: {case}", "conjugate prior", ours, theirs, ours, bar, at_most=True, unit="posterior sd", note=note
    )


def _drawn(data: Data, model: Model, called: str) -> Mixture:
    """Draws with one leading axis, in ascending order of location."""
    return compiled_model(model, called).sample(data, seed=1, **DRAWS).mixture.ascending().flatten()


def _natural(mixture: Mixture) -> Array:
    """Log-rates, or means and logarithms of variances, shape ``(draws, parameters)``."""
    components = mixture.components
    if isinstance(components, Poisson):
        return np.log(components.rates)
    assert isinstance(components, Gaussian)
    variances = np.diagonal(components.covariances, axis1=-2, axis2=-1)
    return np.concatenate([part.reshape(len(variances), -1) for part in (components.means, np.log(variances))], axis=1)


def _free_of_the_prior(mixture: Mixture, prior: Prior) -> Array:
    """The weights of draws that make a flat posterior of them; that of the weights is flat as it is."""
    # A covariance has the invariant measure already.
    log_flat = -np.log(mixture.components.rates).sum(axis=-1) if isinstance(mixture.components, Poisson) else 0.0
    log_ratio = log_flat - prior.log_mode_density(mixture)
    weights = np.exp(log_ratio - log_ratio.max())
    return np.asarray(weights / weights.sum())


def _covered(distance: float, rng: np.random.Generator) -> Row:
    """How often 95 % intervals hold the variances of two groups of 250, credible and Wald's."""
    model = Model("gaussian", 2)
    credible, wald = [], []
    for _ in range(SETS):
        x = rng.normal(size=500) + distance * (np.arange(500) % 2)
        data = Data.of(x)
        drawn = _drawn(data, model, "weak").components.covariances.reshape(-1, 2)  # type: ignore[attr-defined]
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        credible.append((low < 1) & (high > 1))
        table = standard_errors(fit(data, "gaussian", 2, starts=5)).table.loc[["variances[1]", "variances[2]"]]
        wald.append((table["lower"] < 1) & (table["upper"] > 1))
    ours, theirs = float(np.mean(credible)), float(np.mean(wald))
    error = np.sqrt(0.95 * 0.05 / (2 * SETS))
    return Row(
        f"coverage of variances, {distance} sd apart, n = 500",
        "Wald's intervals",
        ours,
        theirs,
        abs(ours - 0.95) / error,
        3,
        at_most=True,
        unit="share",
        note=f"{SETS} data sets: ratio is the distance from 0.95 in Monte Carlo errors of {error:.3f}",
    )
