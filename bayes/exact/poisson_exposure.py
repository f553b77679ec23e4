r"""The states of a Poisson mixture with one or two components whose counts have exposures.

Given the allocation, a component whose observations have the events $S$ and the exposure $E$ has the density

$$\int \mathrm{Gamma}(\lambda \mid a, b) \prod_{i} \frac{(e_i \lambda)^{x_i} e^{-e_i \lambda}}{x_i!} \, d\lambda
  = \prod_i \frac{e_i^{x_i}}{x_i!} \; \frac{b^a}{\Gamma(a)} \, \frac{\Gamma(a + S)}{(b + E)^{a + S}} ,$$

and its rate the posterior $\mathrm{Gamma}(a + S, b + E)$. The allocation enters by $(N_1, S_1, E_1)$. Exposures may be any
numbers, so that no table of sums has them all: the states are how many of each distinct row belong to the first component,
$\prod_g (w_g + 1)$ of them, each standing for $\prod_g \binom{w_g}{m_g}$ allocations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from models import Array, Data, Gamma, Model, Prior, SharedRate

from .poisson_rates import GammaGivenStates
from .poisson_scale import RARELY_EMPTY, over_scales
from .states import States, log_allocation, probable

MOST_STATES = 2**17


@dataclass(frozen=True)
class Allocations:
    """All states: ``sizes``, ``sums`` and ``exposures`` of the components, shape ``(S, k)``, and their allocations.

    ``log_ways`` is the logarithm of how many allocations each state is, times the probability of one of them.
    """

    log_ways: Array
    sizes: Array
    sums: Array
    exposures: Array

    def given(self, shape: float, scale: float, log_weight: float) -> GivenScale:
        """Return the logarithms of their terms at this b."""
        each = special.gammaln(shape + self.sums) - (shape + self.sums) * np.log(scale + self.exposures)
        constant = shape * np.log(scale) - special.gammaln(shape)
        log_terms = log_weight + self.log_ways + (constant + each).sum(axis=1)
        return GivenScale(float(special.logsumexp(log_terms)), scale, log_terms)


@dataclass(frozen=True)
class GivenScale:
    """The logarithms of the terms of all states at one b, and of their sum."""

    log_mass: float
    scale: float
    log_terms: Array


def exposed_states(data: Data, model: Model, prior: Prior) -> States:
    """Return all states of the labels, and of the scale where it is unknown; ``data`` are compressed.

    Raises
    ------
    ValueError
        When there are too many states.
    """
    given, allocations = prior.components, _allocations(data, model, prior)
    if isinstance(given, SharedRate):
        shape, found = 1.0, over_scales(given, lambda scale, weight: allocations.given(1.0, scale, weight))
    else:
        assert isinstance(given, Gamma)
        shape, found = given.shape, [allocations.given(given.shape, given.rate, 0.0)]
    log_sum, kept, probabilities = probable(np.concatenate([each.log_terms for each in found]))
    at, state = np.divmod(kept, len(allocations.sizes))
    sizes, scales = allocations.sizes[state], np.array([each.scale for each in found])[at, None]
    has_empty = probabilities @ (sizes == 0).any(axis=1)
    has_variance = isinstance(given, Gamma) or has_empty < RARELY_EMPTY
    of_rates = GammaGivenStates(shape + allocations.sums[state], scales + allocations.exposures[state], has_variance)
    return States(log_sum + float(data.weights @ data.log_base), probabilities, sizes, of_rates)


def _allocations(data: Data, model: Model, prior: Prior) -> Allocations:
    assert data.exposure is not None
    of_rows = np.stack([np.ones(data.rows), data.values[:, 0], data.exposure])
    total = of_rows @ data.weights
    log_ways, first = np.zeros(1), total[:, None]
    if model.components == 2:
        if np.log1p(data.weights).sum() > np.log(MOST_STATES):
            raise ValueError(
                f"the {data.size:g} counts with exposures can be shared out between two components in more than "
                f"{MOST_STATES} different ways: take fewer observations."
            )
        log_ways, first = _shared_out(of_rows, data.weights)
    members = np.stack([first, total[:, None] - first][: model.components], axis=2)
    # Runs of one exposure, whose events ascend: what is summed over states goes from one to the next.
    order = np.lexsort([first[1], first[2]])
    sizes, sums, exposures = np.maximum(members[:, order], 0.0)
    return Allocations(log_ways[order] + log_allocation(sizes, model, prior), sizes, sums, exposures)


def _shared_out(of_rows: Array, weights: Array) -> tuple[Array, Array]:
    """Return how many allocations each state is, in logarithms, and size, events and exposure of the first component."""
    log_ways, first = np.zeros(1), np.zeros((3, 1))
    for row, times in zip(of_rows.T, weights, strict=True):
        taken = np.arange(times + 1)
        ways = special.gammaln(times + 1) - special.gammaln(taken + 1) - special.gammaln(times - taken + 1)
        log_ways = np.add.outer(log_ways, ways).ravel()
        first = (first[:, :, None] + np.multiply.outer(row, taken)[:, None, :]).reshape(3, -1)
    return log_ways, first
