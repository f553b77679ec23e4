"""The Pareto k of the normal approximation: small where the posterior is one, large where it is not."""

from __future__ import annotations

import numpy as np

from bayes import LARGEST_PARETO_K, pareto_k
from models import Data, Mixture, Model, Poisson, Prior
from models.priors import Gamma


def k_of(counts: list[float], prior: Gamma | None = None, seed: int = 0) -> float:
    """The Pareto k of one Poisson component at its maximum, the mean."""
    data, model = Data.of(np.array(counts)), Model("poisson", 1)
    maximum = Mixture(np.ones(1), Poisson(np.array([np.mean(counts)])))
    chosen = model.prior(data) if prior is None else Prior(prior, model)
    return pareto_k(data, model, chosen, maximum, np.random.default_rng(seed))


def test_many_counts_have_a_nearly_normal_posterior() -> None:
    """log r = −z³ / 6√s + …, with s = 1500 events: the ratios vary by √15 / 6√s, less than 2 %."""
    assert k_of([4.0, 5.0, 6.0] * 100) == 0.0


def test_the_same_numbers_for_the_same_seed() -> None:
    assert k_of([4.0, 5.0, 6.0]) == k_of([4.0, 5.0, 6.0])
    assert k_of([4.0, 5.0, 6.0]) != k_of([4.0, 5.0, 6.0], seed=1)


def test_a_single_event_leaves_a_tail_that_the_normal_misses() -> None:
    """In u = log λ the posterior is s·u − (n + b)·exp(u), whose left tail, exp(s·u), is heavier than any normal's."""
    assert k_of([0.0] * 30 + [1.0], Gamma(0.1, 0.01)) > LARGEST_PARETO_K


def test_a_prior_far_away_leaves_the_posterior_where_the_normal_is_not() -> None:
    assert k_of([5.0] * 20, Gamma(4000.0, 400.0)) > LARGEST_PARETO_K


def test_without_a_maximum_it_is_infinite() -> None:
    """Two groups of counts between which both components lie: a saddle, from which the likelihood rises both ways."""
    data, model = Data.of(np.array([1.0, 2.0, 8.0, 9.0] * 5)), Model("poisson", 2)
    saddle = Mixture(np.array([0.5, 0.5]), Poisson(np.array([5.0, 5.0])))
    assert pareto_k(data, model, model.prior(data), saddle, np.random.default_rng(0)) == np.inf


def test_on_an_edge_it_is_infinite() -> None:
    """A rate of zero, whose logarithm no normal distribution is about."""
    data, model = Data.of(np.array([0.0, 0.0, 0.0, 8.0, 9.0])), Model("poisson", 2)
    edge = Mixture(np.array([0.6, 0.4]), Poisson(np.array([0.0, 8.5])))
    assert pareto_k(data, model, model.prior(data), edge, np.random.default_rng(0)) == np.inf
