"""Posteriors of Poisson mixtures by Gibbs sampling (Diebolt and Robert 1994): no code of bayes but labels."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import stats

from bayes import Posterior, relabel, total_log_likelihood
from em import Fit, fit
from models import Data, Mixture, Model, Poisson, Prior
from models.priors import Gamma
from reports.comparing.equivalence import Equivalence
from reports.comparing.side_by_side import Settings, side_by_side
from reports.judging.comparison import Comparison, judged

# Enough parallel chains that neither burn-in nor thinning has to be long.
PARALLEL, BURN_IN, KEPT, EVERY = 200, 300, 20, 10


def sampled(data: Data, components: int, prior: Prior | None = None, estimate: str = "mle", **em: object) -> Comparison:
    """A comparison with a real posterior of 4 × 1000 draws, and EM told what ``em`` says."""
    model = Model.of(data, "poisson", components)
    chosen = prior or model.prior(data, "conjugate")
    mle = fit(data, "poisson", components, **{"starts": 10, **em})  # type: ignore[arg-type]
    mode = fit(data, "poisson", components, starts=10, estimate="map", prior=chosen)
    found = posterior(data, model, chosen)
    return judged(side_by_side(mle, mode, found, nothing_proved(mle), Settings(estimate=estimate)))


def posterior(data: Data, model: Model, prior: Prior) -> Posterior:
    """Draws from the posterior, relabelled."""
    mixture = _draws(data.compress(), model, prior, np.random.default_rng(5))
    log_likelihood = np.array([total_log_likelihood(mixture[chain], data) for chain in range(4)])
    mixture = relabel(mixture, data, log_likelihood)
    diverging = xr.Dataset({"diverging": (("chain", "draw"), np.zeros(log_likelihood.shape, bool))})
    return Posterior(data, model, prior, xr.DataTree.from_dict({"sample_stats": diverging}), mixture, log_likelihood)


def _draws(data: Data, model: Model, prior: Prior, rng: np.random.Generator) -> Mixture:
    gamma, k = prior.components, model.components
    assert isinstance(gamma, Gamma)
    x, seen = data.values[:, 0], data.weights.astype(int)
    quantiles = np.quantile(np.repeat(x, seen), (np.arange(k) + 0.5) / k)
    rates = (quantiles + 0.5) * rng.uniform(0.9, 1.1, (PARALLEL, k))
    weights = np.full((PARALLEL, k), 1 / k)
    kept = []
    for step in range(BURN_IN + KEPT * EVERY):
        joint = weights[:, None, :] * stats.poisson.pmf(x[:, None], rates[:, None, :])
        allocated = rng.multinomial(seen, joint / joint.sum(axis=-1, keepdims=True))
        counts, sums = allocated.sum(axis=1), (allocated * x[:, None]).sum(axis=1)
        rates = rng.gamma(gamma.shape + sums, 1 / (gamma.rate + counts))
        weights = rng.gamma(prior.concentration + counts)
        weights /= weights.sum(axis=1, keepdims=True)
        if step >= BURN_IN and (step - BURN_IN) % EVERY == 0:
            kept.append((weights, rates))
    both = (np.array(part).transpose(1, 0, 2).reshape(4, -1, k) for part in zip(*kept, strict=True))
    of_weights, of_rates = both
    return Mixture(of_weights, Poisson(of_rates))


def nothing_proved(mle: Fit) -> Equivalence:
    """An equivalence that was not looked into."""
    return Equivalence((mle.log_likelihood,), (mle.log_likelihood,), None, None)
