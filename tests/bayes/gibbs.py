"""Posteriors under the weak prior by Gibbs sampling (Diebolt and Robert 1994), with the shared scale as one more unknown.

No code of bayes, and no integral over the scale: given everything else it is Gamma or Wishart, and given it each component
has the conjugate form. Many parallel chains that begin at the mode, so that neither burn-in nor thinning has to be long.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import special, stats

from models import Array, Data, Gaussian, Mixture, Model, Poisson, Prior, SharedRate, SharedScale, concatenated

PARALLEL, BURN_IN, KEPT, EVERY = 20, 100, 60, 3


def gibbs(data: Data, model: Model, prior: Prior, start: Mixture, rng: np.random.Generator) -> Mixture:
    """Return draws with the leading axes ``(chain, draw)``; every chain begins at the same mixture."""
    sweep = {"poisson": poisson_sweep, "gaussian": gaussian_sweep}[model.family]
    x = np.repeat(data.values, data.weights.astype(int), axis=0)
    chains = [list(one_chain(sweep, x, model, prior, start, rng)) for _ in range(PARALLEL)]
    return concatenated([concatenated(chain)[None] for chain in chains])


def one_chain(
    sweep: object, x: Array, model: Model, prior: Prior, start: Mixture, rng: np.random.Generator
) -> Iterator[Mixture]:
    mixture = start
    for step in range(BURN_IN + KEPT * EVERY):
        log_joint = np.log(mixture.weights) + mixture.components.log_density(x)
        shares = special.softmax(log_joint, axis=-1).cumsum(axis=-1)
        labels = (rng.random(len(x))[:, None] > shares[:, :-1]).sum(axis=1)
        counts = np.bincount(labels, minlength=model.components)
        weights = rng.dirichlet(prior.concentration + counts)
        mixture = Mixture(weights, sweep(x, labels, counts, prior.components, mixture.components, rng))  # type: ignore[operator]
        if step >= BURN_IN and (step - BURN_IN) % EVERY == 0:
            yield mixture[None]


def poisson_sweep(
    x: Array, labels: Array, counts: Array, prior: SharedRate, current: Poisson, rng: np.random.Generator
) -> Poisson:
    scale = rng.gamma(len(counts) + 1, 1 / (prior.mean + current.rates.sum()))
    sums = np.array([x[labels == j, 0].sum() for j in range(len(counts))])
    return Poisson(rng.gamma(1 + sums, 1 / (scale + counts)))


def gaussian_sweep(
    x: Array, labels: Array, counts: Array, prior: SharedScale, current: Gaussian, rng: np.random.Generator
) -> Gaussian:
    """Full covariances: B | Σ, then μ | Σ and Σ | μ, B of each component; R adds to the scale of an inverse Wishart."""
    (k, d), certainty = current.means.shape, np.linalg.inv(prior.reach)
    precisions = np.linalg.inv(current.covariances)
    given = np.linalg.inv(d * np.linalg.inv(prior.spread) + precisions.sum(axis=0))
    scale = np.reshape(stats.wishart.rvs((k + 1) * d, given, random_state=rng), (d, d)) + prior.resolution
    means, covariances = np.empty((k, d)), np.empty((k, d, d))
    for j in range(k):
        own = x[labels == j]
        spread = np.linalg.inv(counts[j] * precisions[j] + certainty)
        centre = spread @ (precisions[j] @ own.sum(axis=0) + certainty @ prior.location)
        means[j] = rng.multivariate_normal(centre, spread)
        scatter = (own - means[j]).T @ (own - means[j])
        drawn = stats.invwishart.rvs(d + counts[j], scale + scatter, random_state=rng)
        covariances[j] = np.reshape(drawn, (d, d))
    return Gaussian(means, covariances)
