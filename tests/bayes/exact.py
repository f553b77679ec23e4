"""Posteriors of small data, exactly: every allocation of the observations to the components, or every sum of them.

Given the allocation z all priors here are conjugate, so that p(z | x) and every expectation given z are in closed form.
All quantities are the same under any labels.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy import special, stats

from models import Array, Gamma, Gaussian, Mixture, Model, NormalInverseWishart, Poisson, Prior


def quantities(mixture: Mixture, places: Array) -> dict[str, Array]:
    """What the expectations below are of, for draws with leading axes ``(chain, draw)``."""
    weights, components = mixture.weights, mixture.components
    density = np.exp(mixture.log_density(places))
    found = {f"density[{place}]": density[..., i] for i, place in enumerate(places.tolist())}
    if isinstance(components, Poisson):
        rates = components.rates
        smallest = np.argmin(rates, axis=-1)[..., None]
        found["sum of rates"] = rates.sum(axis=-1)
        found["product of rates"] = rates.prod(axis=-1)
        found["smallest rate"] = rates.min(axis=-1)
        found["weight of the smallest rate"] = np.take_along_axis(weights, smallest, axis=-1)[..., 0]
        return found | {"mean": (weights * rates).sum(axis=-1)}
    assert isinstance(components, Gaussian)
    means, covariances = components.means, components.covariances
    for f in range(means.shape[-1]):
        found[f"sum of means[{f}]"] = means[..., f].sum(axis=-1)
        found[f"product of means[{f}]"] = means[..., f].prod(axis=-1)
        found[f"mean[{f}]"] = (weights * means[..., f]).sum(axis=-1)
        for g in range(f + 1):
            found[f"sum of covariances[{f},{g}]"] = covariances[..., f, g].sum(axis=-1)
    return found


def poisson(x: Array, model: Model, prior: Prior, places: Array) -> dict[str, float]:
    """The posterior of one or two Poisson components: it depends on n₁ and s₁ = Σx over those of the first alone."""
    assert isinstance(prior.components, Gamma)
    a, b, n, total = prior.components.shape, prior.components.rate, len(x), int(x.sum())

    ways = np.zeros((n + 1, total + 1))
    ways[0, 0] = 1
    for count in x.ravel().astype(int):
        ways[1:, count:] += ways[:-1, : total + 1 - count].copy()
    if model.components == 1:
        ways[:n] = 0  # there is no other component
    n1, s1 = (index.astype(float) for index in np.nonzero(ways))
    sizes, sums = np.stack([n1, n - n1])[: model.components], np.stack([s1, total - s1])[: model.components]

    shapes, inverse_scales = a + sums, b + sizes
    marginal = special.gammaln(shapes) - shapes * np.log(inverse_scales)
    shares, log_share = shares_given(sizes, model, prior)
    probabilities = special.softmax(np.log(ways[ways > 0]) + marginal.sum(axis=0) + log_share)

    # The predictive distribution of a count under Gamma(shape, rate) is negative binomial.
    success = inverse_scales / (1 + inverse_scales)
    found = {
        f"density[{[y]}]": (shares * stats.nbinom.pmf(y, shapes, success)).sum(axis=0) for y in places[:, 0].tolist()
    }
    means = shapes / inverse_scales
    if model.components == 2:
        # P(λ₁ < λ₂) is an incomplete beta function, and E[λ₁; λ₁ < λ₂] the same with one more in the shape of λ₁.
        cut = inverse_scales / inverse_scales.sum(axis=0)
        smaller = special.betainc(shapes, shapes[::-1], cut)
        found["smallest rate"] = (means * special.betainc(shapes + 1, shapes[::-1], cut)).sum(axis=0)
        found["weight of the smallest rate"] = (shares * smaller).sum(axis=0)
        found["product of rates"] = means.prod(axis=0)
    found["sum of rates"] = means.sum(axis=0)
    found["mean"] = (shares * means).sum(axis=0)
    return {name: float(probabilities @ value) for name, value in found.items()}


def gaussian(x: Array, model: Model, prior: Prior, places: Array) -> dict[str, float]:
    """The posterior of Gaussians with full or tied covariances, by all kⁿ allocations (Murphy 2007, sections 8 and 9)."""
    of_components = prior.components
    assert isinstance(of_components, NormalInverseWishart)
    assert of_components.structure in ("full", "tied")
    location, strength, scale = of_components.location, of_components.strength, of_components.scale
    (n, d), k, tied = x.shape, model.components, of_components.structure == "tied"

    allocations = np.array(list(product(range(k), repeat=n)))
    members = (allocations[None] == np.arange(k)[:, None, None]).astype(float)
    sizes = members.sum(axis=2)
    centres = (members @ x) / np.maximum(sizes, 1)[..., None]
    residuals = x - centres[:, :, None, :]
    scatter = np.einsum("kzn,kzni,kznj->kzij", members, residuals, residuals)
    shifts = centres - location
    pull = (strength * sizes / (strength + sizes))[..., None, None] * shifts[..., :, None] * shifts[..., None, :]

    strengths = strength + sizes
    means = (strength * location + sizes[..., None] * centres) / strengths[..., None]
    degrees = of_components.degrees_of_freedom + (np.full_like(sizes, n) if tied else sizes)
    added = scatter + pull
    scales = scale + (np.broadcast_to(added.sum(axis=0), added.shape) if tied else added)
    # Of a component without observations this is zero, up to a constant.
    each = special.multigammaln(degrees / 2, d) - 0.5 * degrees * np.linalg.slogdet(scales)[1]
    each += 0.5 * of_components.degrees_of_freedom * np.linalg.slogdet(scale)[1]
    marginal = (each[0] if tied else each.sum(axis=0)) - 0.5 * d * np.log(strengths).sum(axis=0)
    shares, log_share = shares_given(sizes, model, prior)
    probabilities = special.softmax(marginal + log_share)

    found: dict[str, Array] = {}
    spread = scales * ((strengths + 1) / (strengths * (degrees - d + 1)))[..., None, None]
    for place in places:
        density = np.exp(log_t(place - means, spread, degrees - d + 1))
        found[f"density[{place.tolist()}]"] = (shares * density).sum(axis=0)
    expected = scales / (degrees - d - 1)[..., None, None]
    for f in range(d):
        found[f"sum of means[{f}]"] = means[..., f].sum(axis=0)
        if k == 1 or not tied:
            found[f"product of means[{f}]"] = means[..., f].prod(axis=0)
        found[f"mean[{f}]"] = (shares * means[..., f]).sum(axis=0)
        for g in range(f + 1):
            found[f"sum of covariances[{f},{g}]"] = expected[..., f, g].sum(axis=0)
    return {name: float(probabilities @ value) for name, value in found.items()}


def shares_given(sizes: Array, model: Model, prior: Prior) -> tuple[Array, Array]:
    """E[π | z] of each component, and log p(z) up to a constant, from the sizes ``(k, ...)``."""
    if not model.weights_are_free:
        return np.full_like(sizes, 1 / model.components), np.zeros_like(sizes[0])
    shapes = prior.concentration + sizes
    return shapes / shapes.sum(axis=0), special.gammaln(shapes).sum(axis=0)


def log_t(residuals: Array, spread: Array, degrees: Array) -> Array:
    """The log-density of a multivariate t distribution with scale matrix ``spread``, shape ``(..., d, d)``."""
    d = residuals.shape[-1]
    square = (residuals * np.linalg.solve(spread, residuals[..., None])[..., 0]).sum(axis=-1)
    constant = special.gammaln((degrees + d) / 2) - special.gammaln(degrees / 2) - 0.5 * d * np.log(degrees * np.pi)
    return np.asarray(constant - 0.5 * np.linalg.slogdet(spread)[1] - 0.5 * (degrees + d) * np.log1p(square / degrees))
