"""Distances between distributions against quadrature and closed forms, and the yardstick against a draw that it measures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from models import Data, Gaussian, Mixture, Model, Poisson
from reports.comparing.function_space import Distance, density_distances, kolmogorov, nodes_for

from .gibbs import sampled


def normal(mean: float, deviation: float, draws: int | None = None) -> Mixture:
    """One Gaussian component; with draws, as many times the same."""
    shape = () if draws is None else (draws,)
    return Mixture(
        np.ones((*shape, 1)), Gaussian(np.full((*shape, 1, 1), mean), np.full((*shape, 1, 1, 1), deviation**2))
    )


def test_two_normal_distributions_in_one_dimension() -> None:
    em, draws = normal(0.3, 1.4), normal(0.0, 1.0, 3)
    data = Data.of(np.array([-5.0, 5.0]))
    model = Model("gaussian", 1)
    nodes = nodes_for(data, model, draws, np.random.default_rng(0))
    found = {d.name: d for d in [*density_distances(em, draws, nodes, data), kolmogorov(em, draws, data, model)]}
    p, q = stats.norm(0.3, 1.4), stats.norm(0, 1)
    apart = integrate.quad(lambda x: abs(p.pdf(x) - q.pdf(x)), -10, 10, limit=200)[0]
    places = np.linspace(-10, 10, 200_001)
    # 2000 even nodes over twice the range: the rule is exact but for the kinks, each worth a step squared, 1e-4.
    assert found["L1"].em == pytest.approx(apart, abs=2e-4)
    affinity = np.sqrt(2 * 1.4 / (1 + 1.4**2)) * np.exp(-0.25 * 0.3**2 / (1 + 1.4**2))
    assert found["Hellinger"].em == pytest.approx(np.sqrt(1 - affinity), abs=1e-5)
    # The largest difference is read at a node, and the sum to it is off by half a step's mass, 0.005 · 0.4.
    assert found["Kolmogorov"].em == pytest.approx(np.abs(p.cdf(places) - q.cdf(places)).max(), abs=2.1e-3)
    difference = np.abs(p.pdf(places) - q.pdf(places)).max() / q.pdf(0)
    assert found["supremum"].em == pytest.approx(difference, abs=1e-4)
    for distance in found.values():
        np.testing.assert_allclose(distance.draws, 0, atol=1e-12)
        assert distance.share_beyond == 0


def test_counts_are_summed_over_all_that_matter() -> None:
    em = Mixture(np.ones(1), Poisson(np.array([4.0])))
    draws = Mixture(np.ones((2, 1)), Poisson(np.full((2, 1), 3.0)))
    data, model = Data.of(np.array([0.0, 20.0])), Model("poisson", 1)
    nodes = nodes_for(data, model, draws, np.random.default_rng(0))
    found = {d.name: d.em for d in [*density_distances(em, draws, nodes, data), kolmogorov(em, draws, data, model)]}
    x = np.arange(100)
    p, q = stats.poisson.pmf(x, 4), stats.poisson.pmf(x, 3)
    # All but 1e-12 of the probability lies below 30, and the sums are exact.
    assert found["L1"] == pytest.approx(np.abs(p - q).sum(), abs=1e-9)
    assert found["Hellinger"] == pytest.approx(np.sqrt(1 - np.exp(-0.5 * (2 - np.sqrt(3)) ** 2)), abs=1e-9)
    assert found["Kolmogorov"] == pytest.approx(np.abs(np.cumsum(p - q)).max(), abs=1e-9)


def test_several_dimensions_are_sampled_within_their_error() -> None:
    shift, covariance = np.array([0.6, 0.0]), np.array([[1.0, 0.5], [0.5, 2.0]])
    em = Mixture(np.ones(1), Gaussian(shift[None], covariance[None]))
    draws = Mixture(np.ones((20, 1)), Gaussian(np.zeros((20, 1, 2)), np.tile(covariance, (20, 1, 1, 1))))
    data = Data.of(np.random.default_rng(0).normal(size=(10, 2)))
    nodes = nodes_for(data, Model("gaussian", 1, 2, "full"), draws, np.random.default_rng(1))
    found = {d.name: d.em for d in density_distances(em, draws, nodes, data)}
    length = np.sqrt(shift @ np.linalg.solve(covariance, shift))
    # Two normals of one covariance: as far as two in one dimension, Mahalanobis' distance apart. Of 2000 nodes a mean of
    # |p/q − 1|, which has a deviation below one, has an error of 0.022; four of these.
    assert found["L1"] == pytest.approx(2 * (2 * stats.norm.cdf(length / 2) - 1), abs=0.09)
    assert found["Hellinger"] == pytest.approx(np.sqrt(1 - np.exp(-(length**2) / 8)), rel=0.1)


def test_of_two_features_the_worse_one_counts() -> None:
    em = Mixture(np.ones(1), Gaussian(np.array([[0.0, 1.0]]), np.eye(2)[None]))
    draws = Mixture(np.ones((2, 1)), Gaussian(np.zeros((2, 1, 2)), np.tile(np.eye(2), (2, 1, 1, 1))))
    found = kolmogorov(em, draws, Data.of(np.array([[-5.0, -5.0], [5.0, 5.0]])), Model("gaussian", 1, 2, "full"))
    assert found.em == pytest.approx(2 * stats.norm.cdf(0.5) - 1, abs=2.1e-3)


def test_a_posterior_draw_is_as_far_as_any_other() -> None:
    """The yardstick: with a draw in EM's place, the share of draws beyond it is uniform."""
    rng = np.random.default_rng(3)
    data = Data.of(rng.poisson([[3.0], [15.0]], size=(2, 150)).ravel())
    comparison = sampled(data, 2)
    draws = comparison.posterior.mixture.flatten()[::20]
    nodes = nodes_for(data, comparison.model, draws, rng)
    tried = [comparison.posterior.mixture.flatten()[7 + 20 * i] for i in range(150)]
    shares: dict[str, list[float]] = {}
    for one in tried:
        found: list[Distance] = [
            *density_distances(one, draws, nodes, data),
            kolmogorov(one, draws, data, comparison.model),
        ]
        for distance in found:
            shares.setdefault(distance.name, []).append(distance.share_beyond)
    # Two hundred draws are a yardstick with an error of 0.035 itself; a p-value of 1e-4 is missed once in 10 000 / 4.
    for name, values in shares.items():
        assert stats.kstest(values, "uniform").pvalue > 1e-4, name
