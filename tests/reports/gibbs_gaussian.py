"""Posteriors of one-dimensional Gaussian mixtures by Gibbs sampling (Diebolt and Robert 1994): no code of bayes at all.

In many short chains at a time, started from the quantiles of the data, and put one after the other as four.
"""

from __future__ import annotations

import numpy as np

from models import Array, Data, NormalInverseWishart, Prior

PARALLEL, BURN_IN, KEPT, EVERY = 200, 200, 20, 5


def gaussian_draws(
    data: Data, components: int, prior: Prior, rng: np.random.Generator, starts: Array | None = None
) -> dict[str, Array]:
    """Weights, means and sds of shape ``(4, 1000, k)``; all chains begin at the means ``starts``, shape ``(k,)``."""
    given, k, x = prior.components, components, data.values[:, 0]
    assert isinstance(given, NormalInverseWishart)
    scale = given.scale.item()
    levels = np.quantile(x, (np.arange(k) + 0.5) / k) if starts is None else starts
    means = np.broadcast_to(levels, (PARALLEL, k))
    variances, weights = np.full((PARALLEL, k), x.var() / k**2), np.full((PARALLEL, k), 1 / k)
    kept = []
    for step in range(BURN_IN + KEPT * EVERY):
        log_joint = np.log(weights / np.sqrt(variances))[:, None] - (x[:, None] - means[:, None]) ** 2 / (
            2 * variances[:, None]
        )
        joint = np.exp(log_joint - log_joint.max(axis=-1, keepdims=True))
        below = np.cumsum(joint, axis=-1)
        labels = (rng.random((PARALLEL, len(x), 1)) * below[..., -1:] >= below[..., :-1]).sum(axis=-1)
        members = (labels[..., None] == np.arange(k)).astype(float)
        counts = members.sum(axis=1)
        sums = np.einsum("pnk,n->pk", members, x)
        centres = sums / np.maximum(counts, 1)
        scatter = (members * (x[:, None] - centres[:, None]) ** 2).sum(axis=1)
        strength = given.strength + counts
        pull = given.strength * counts / strength * (centres - given.location[0]) ** 2
        shape = (given.degrees_of_freedom + counts) / 2
        variances = (scale + scatter + pull) / 2 / rng.gamma(shape)
        location = (given.strength * given.location[0] + sums) / strength
        means = rng.normal(location, np.sqrt(variances / strength))
        weights = rng.gamma(prior.concentration + counts)
        weights = weights / weights.sum(axis=1, keepdims=True)
        if step >= BURN_IN and (step - BURN_IN) % EVERY == 0:
            kept.append((weights, means, np.sqrt(variances)))
    parts = (np.array(part).transpose(1, 0, 2).reshape(4, -1, k) for part in zip(*kept, strict=True))
    return dict(zip(("weights", "means", "sds"), parts, strict=True))
