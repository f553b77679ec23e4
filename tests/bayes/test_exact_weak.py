"""The exact posterior of counts under the weak prior: against enumeration, and quadrature of the textbook density."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import integrate, special, stats

from bayes import exact_posterior
from bayes.exact.poisson_scale import over_scales
from models import Mixture, Poisson, SharedRate

COUNTS = np.array([0, 5, 2, 2, 9, 0, 7])
# The worst of what a step of .4 leaves, as the module says.
QUADRATURE = 1e-7


@pytest.mark.parametrize("components", [1, 2])
@pytest.mark.parametrize("mixing", ["free", "equal"])
def test_evidence_is_the_sum_over_all_allocations(components: int, mixing: str) -> None:
    """An integral over the scale, of SciPy's; given it each rate is exponential, and integrates to a ratio."""
    found, n = exact_posterior(COUNTS, "poisson", components, mixing=mixing), len(COUNTS)
    members = np.array(list(product(range(components), repeat=n)))[:, None] == np.arange(components)[:, None]
    sizes, sums = members.sum(axis=2), members @ COUNTS
    # Uniform weights: every division into sizes is as probable as any other.
    log_labels = special.gammaln(components) + special.gammaln(1 + sizes).sum(axis=1) - special.gammaln(components + n)
    labels = np.exp(log_labels) if mixing == "free" else float(components) ** -n

    def density(scale: float) -> float:
        logs = np.log(scale) + special.gammaln(1 + sums) - (1 + sums) * np.log(scale + sizes)
        of_counts = np.exp(logs.sum(axis=1) - special.gammaln(COUNTS + 1).sum())
        return float(stats.expon(scale=1 / COUNTS.mean()).pdf(scale) * (labels * of_counts).sum())

    total = integrate.quad(density, 0, np.inf, epsabs=0, epsrel=1e-9, limit=200)[0]
    assert found.prior.called == "weak"
    assert found.evidence == pytest.approx(np.log(total), abs=QUADRATURE)


def test_it_is_what_quadrature_of_likelihood_times_prior_says() -> None:
    """Two rates on a grid of logarithms, equal weights: the density of the prior with the scale integrated out."""
    posterior = exact_posterior(COUNTS, "poisson", 2, mixing="equal")
    logs = np.arange(-14, 17, 0.06)
    first, second = (grid.ravel() for grid in np.meshgrid(np.exp(logs), np.exp(logs), indexing="ij"))
    mixture = Mixture(np.full((first.size, 2), 0.5), Poisson(np.stack([first, second], axis=1)))
    log_joint = mixture.log_likelihood(COUNTS[:, None].astype(float)) + posterior.prior.log_density(mixture)
    mass = np.exp(log_joint) * first * second * 0.06**2
    # Sums over even nodes of smooth functions that vanish at both ends; at e⁻¹⁴ they do so to e⁻¹⁴.
    assert posterior.evidence == pytest.approx(np.log(mass.sum()), abs=1e-5)
    lower, upper = np.minimum(first, second), np.maximum(first, second)
    mass /= mass.sum()
    for name, values in (("rates[1]", lower), ("rates[2]", upper)):
        marginal = posterior.marginals[name]
        # Minimum and maximum have a kink on the diagonal, which costs the square of the spacing; the tail of the mean beyond
        # a rate r holds 1/r.
        assert marginal.mean == pytest.approx(mass @ values, rel=1e-3)
        for t in (1.0, 2.5, 6.0):
            # A step at t between nodes 6 % apart.
            assert marginal.distribution(t) == pytest.approx(mass @ (values < t), abs=0.04)
    density = np.exp(mixture.log_density(np.array([[3.0]]))[:, 0])
    assert posterior.log_density([3])[0] == pytest.approx(np.log(mass @ density), abs=1e-5)
    # The variance of the smaller rate is there, that of the larger is not: a component may be empty.
    expected = np.sqrt(mass @ np.square(lower - mass @ lower))
    assert posterior.marginals["rates[1]"].sd == pytest.approx(expected, rel=1e-3)
    assert posterior.marginals["rates[2]"].sd == np.inf


def test_draws_are_of_the_marginals() -> None:
    posterior = exact_posterior(COUNTS, "poisson", 2)
    draws = posterior.sample(400, np.random.default_rng(2))
    for name, values in posterior.model.scalars(draws, posterior.data.columns).items():
        distribution = np.vectorize(posterior.marginals[name].distribution)
        # Four tests at a level of one in ten thousand.
        assert stats.kstest(values, distribution).pvalue > 1e-4, name
        slope = (distribution(3.1) - distribution(2.9)) / 0.2 if name.startswith("rates") else None
        # Central differences: a step of a tenth beside a width of three.
        assert slope is None or posterior.marginals[name].density(3.0) == pytest.approx(slope, rel=0.01)


def test_rates_that_are_apart_have_a_variance() -> None:
    x = np.repeat([2, 30], 20)
    found = exact_posterior(x, "poisson", 2).marginals["rates[2]"]
    # The labels are known: a Gamma posterior, whose shape and rate the scale moves by a thousandth.
    assert found.sd == pytest.approx(np.sqrt(601) / 20, rel=0.01)


def test_nodes_give_the_integral_of_what_is_known() -> None:
    """∫ p(b) b² e^(−sb) db, the posterior's own form where labels are known, in closed form."""
    prior = SharedRate(2.5)
    for rates in (1.0, 40.0, 1e4):

        class Node:
            def __init__(self, scale: float, log_weight: float, rates: float = rates) -> None:
                self.log_mass = log_weight + 2 * np.log(scale) - rates * scale

        found = special.logsumexp([node.log_mass for node in over_scales(prior, Node)])
        expected = np.log(2.5 * special.gamma(3) / (2.5 + rates) ** 3)
        assert found == pytest.approx(expected, abs=QUADRATURE)


def test_gaussians_keep_the_conjugate_prior() -> None:
    assert exact_posterior([1.0, 2.0, 9.0], "gaussian", 1).prior.called == "conjugate"
    with pytest.raises(
        ValueError, match=r"^prior must be 'conjugate' for an exact posterior of family 'gaussian', got 'weak'"
    ):
        exact_posterior([1.0, 2.0, 9.0], "gaussian", 1, prior="weak")
