"""The exact posterior against enumeration, quadrature of the textbook density, and closed forms."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, special, stats

from bayes.exact import ExactPosterior, exact_posterior
from bayes.exact.sums import ways
from models import Array, Data, Gamma, Mixture, Model, NormalInverseWishart, Poisson, Prior
from tests.bayes import exact
from tests.bayes.small import NUMBERS, PLANE, SMALL, TWO_POISSON, Small
from tests.known import known

STRUCTURES = ("full", "diagonal", "spherical", "tied")


def solved(small: Small) -> ExactPosterior:
    return exact_posterior(
        small.data, small.family, small.components, covariance=small.covariance, mixing=small.mixing, prior=small.prior
    )


# ---------------------------------------------------------------------------------------------------------------------
# Counting


def exactly(values: NDArray[Any], times: NDArray[Any]) -> dict[tuple[int, int], int]:
    """How many choices have each number and sum, counted in whole numbers of any size."""
    found = {(0, 0): 1}
    for value, m in zip(values.tolist(), times.tolist(), strict=True):
        new: dict[tuple[int, int], int] = {}
        for (chosen, total), number in found.items():
            for j in range(m + 1):
                at = chosen + j, total + j * value
                new[at] = new.get(at, 0) + math.comb(m, j) * number
        found = new
    return found


@pytest.mark.parametrize("rates", [(3.0, 12.0), (6.0, 6.0)])
def test_ways_are_counted_to_the_bound_that_is_stated(rates: tuple[float, float]) -> None:
    rng = np.random.default_rng(0)
    values, times = np.unique(rng.poisson(np.repeat(rates, 35)), return_counts=True)
    counted, n = ways(values, times), int(times.sum())
    expected = {at: number for at, number in exactly(values, times).items() if at[0] <= n // 2}
    largest = max(expected.values())
    assert largest > 2**56, "too few for anything to be rounded"
    assert np.isfinite(counted.log_ways).sum() == len(expected)
    # Of the relative error as stated, and the rounding of a logarithm of some 45 and of what makes it up.
    bound = (n + 3 * len(values)) * 2.0**-53 + 4 * 45 * 2.0**-53
    for (chosen, total), number in expected.items():
        found = counted.log_ways[chosen, total - counted.lowest[chosen]]
        assert abs(found - math.log(number)) < bound


def test_ways_neither_overflow_nor_vanish() -> None:
    # Of 1200 observations the lower half is one way out of 10^360 to choose so many.
    values, times = np.array([1, 2, 30]), np.array([420, 180, 600])
    counted = ways(values, times)
    assert counted.lowest[600] == 780
    assert counted.log_ways[600, 0] == pytest.approx(0, abs=1e-12)
    # By Vandermonde's identity all ways to choose N add up to a binomial coefficient.
    for chosen in (1, 300, 600):
        expected = math.log(math.comb(1200, chosen))
        assert special.logsumexp(counted.log_ways[chosen]) == pytest.approx(expected, abs=1e-11)


def test_a_table_that_is_too_large_is_refused_in_one_sentence() -> None:
    with pytest.raises(
        ValueError, match=r"exact posterior needs a table of .* fewer observations or smaller counts\.$"
    ):
        exact_posterior(np.arange(0, 600_000, 100), "poisson", 2)


# ---------------------------------------------------------------------------------------------------------------------
# Against enumeration


@pytest.mark.parametrize("small", SMALL, ids=str)
def test_its_draws_and_predictive_density_are_those_of_enumeration(small: Small) -> None:
    posterior, expected = solved(small), small.expectations()
    for place in small.places:
        found = np.exp(posterior.log_density(np.array([place])))[0]
        assert found == pytest.approx(expected[f"density[{list(place)}]"], rel=1e-9)
    draws = posterior.sample(20_000, np.random.default_rng(0))
    for name, values in exact.quantities(draws, np.array(small.places)).items():
        if name in expected:
            # Independent draws: four standard errors, and one name in thirty may ask for five.
            assert abs(values.mean() - expected[name]) < 5 * values.std() / np.sqrt(len(values)), name


def test_named_parameters_are_those_of_enumeration() -> None:
    summary, expected = solved(TWO_POISSON).summary, TWO_POISSON.expectations()
    assert summary.loc["rates[1]", "mean"] == pytest.approx(expected["smallest rate"], rel=1e-9)
    assert summary.loc["weights[1]", "mean"] == pytest.approx(expected["weight of the smallest rate"], rel=1e-9)
    assert summary.loc[["rates[1]", "rates[2]"], "mean"].sum() == pytest.approx(expected["sum of rates"], rel=1e-9)
    assert list(summary.index) == ["weights[1]", "weights[2]", "rates[1]", "rates[2]"]


def allocations_evidence(x: Array, model: Model, prior: Prior) -> float:
    """log p(x) as a chain of predictive densities, for each of all allocations: no normalising constant occurs in it."""
    n, k = len(x), model.components
    terms = []
    for labels in np.ndindex(*(k,) * n):
        log_density, sizes = 0.0, np.zeros(k)
        for i, label in enumerate(labels):
            shape = prior.concentration + sizes
            log_density += np.log(shape[label] / shape.sum() if model.weights_are_free else 1 / k)
            members = [m for m in range(i) if labels[m] == label]
            log_density += next_log_density(x, i, members, list(range(i)), list(labels[:i]), prior)
            sizes[label] += 1
        terms.append(log_density)
    return float(special.logsumexp(terms))


def next_log_density(x: Array, i: int, members: list[int], before: list[int], labels: list[int], prior: Prior) -> float:
    """The log-density of observation i given those of its component (when tied, of all): Student t or negative binomial."""
    given = prior.components
    own = x[members]
    if isinstance(given, Gamma):
        shape, rate = given.shape + own.sum(), given.rate + len(own)
        return float(stats.nbinom.logpmf(x[i, 0], shape, rate / (1 + rate)))
    assert isinstance(given, NormalInverseWishart)

    def pulled(rows: Array) -> Array:
        """Scatter about the location's compromise with the mean: one observation for each of κ at the location."""
        centre = (given.strength * given.location + rows.sum(axis=0)) / (given.strength + len(rows))
        about = rows - centre
        off = (given.location - centre)[:, None]
        return np.asarray(about.T @ about + given.strength * off @ off.T)

    d, strength = x.shape[1], given.strength + len(own)
    centre = (given.strength * given.location + own.sum(axis=0)) / strength
    spread = (strength + 1) / strength
    if given.structure == "diagonal":
        degrees = given.degrees_of_freedom + len(own)
        scale = np.sqrt((given.scale + np.diag(pulled(own))) * spread / degrees)
        return float(np.sum(stats.t.logpdf(x[i], degrees, centre, scale)))
    if given.structure == "spherical":
        degrees = given.degrees_of_freedom + d * len(own)
        shape = np.eye(d) * (given.scale + np.trace(pulled(own))) * spread / degrees
        return float(stats.multivariate_t.logpdf(x[i], centre, shape, degrees))
    tied = given.structure == "tied"
    everything = [pulled(x[[m for m, label in zip(before, labels, strict=True) if label == j]]) for j in set(labels)]
    scatter = sum(everything, np.zeros((d, d))) if tied else pulled(own)
    degrees = given.degrees_of_freedom + (len(before) if tied else len(own)) - d + 1
    return float(stats.multivariate_t.logpdf(x[i], centre, (given.scale + scatter) * spread / degrees, degrees))


@pytest.mark.parametrize("mixing", ["free", "equal"])
@pytest.mark.parametrize("components", [1, 2, 3])
@pytest.mark.parametrize("structure", STRUCTURES)
def test_gaussian_evidence_is_the_sum_over_all_allocations(structure: str, components: int, mixing: str) -> None:
    small = Small("gaussian", components, PLANE[:5], (), structure, mixing)
    usual = known(small.prior.components, NormalInverseWishart)
    prior = replace(small.prior, components=replace(usual, location=np.array([0.3, -0.2])))
    posterior = exact_posterior(small.data, "gaussian", components, covariance=structure, mixing=mixing, prior=prior)
    expected = allocations_evidence(small.data.values, small.model, prior)
    # Fifteen digits of some −20, a few of them lost in determinants.
    assert posterior.evidence == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize(("components", "mixing"), [(1, "free"), (2, "free"), (2, "equal")])
def test_poisson_evidence_is_the_sum_over_all_allocations(components: int, mixing: str) -> None:
    small = Small(
        "poisson", components, ((0.0,), (5.0,), (2.0,), (2.0,), (9.0,), (0.0,), (7.0,), (2.0,)), (), None, mixing
    )
    posterior = exact_posterior(small.data, "poisson", components, mixing=mixing, prior=small.prior)
    expected = allocations_evidence(small.data.values, small.model, small.prior)
    assert posterior.evidence == pytest.approx(expected, abs=1e-11)


# ---------------------------------------------------------------------------------------------------------------------
# Against quadrature of likelihood times prior


@pytest.fixture(scope="module")
def integral() -> tuple[ExactPosterior, Array, Array, Array]:
    """The textbook density of two rates on a grid, for fixed equal weights, as draws with unequal weights."""
    x = np.array([0, 1, 1, 2, 4, 5, 7, 2, 3, 6])
    posterior = exact_posterior(x, "poisson", 2, mixing="equal", prior="conjugate")
    nodes, widths = np.polynomial.legendre.leggauss(400)
    rates, widths = 20 * (nodes + 1), 20 * widths  # the density at 40 is below 1e-14 of what it is at its peak
    first, second = np.meshgrid(rates, rates, indexing="ij")
    mixture = Mixture(np.full((first.size, 2), 0.5), Poisson(np.stack([first.ravel(), second.ravel()], axis=1)))
    log_joint = mixture.log_likelihood(x[:, None].astype(float)) + posterior.prior.log_density(mixture)
    return posterior, first.ravel(), second.ravel(), np.exp(log_joint) * np.outer(widths, widths).ravel()


def test_it_is_what_quadrature_of_likelihood_times_prior_says(
    integral: tuple[ExactPosterior, Array, Array, Array],
) -> None:
    posterior, first, second, mass = integral
    # Four hundred Gauss–Legendre nodes integrate the smooth functions to rounding; minima have a kink on the diagonal,
    # which costs the accuracy of the square of the spacing.
    assert posterior.evidence == pytest.approx(np.log(mass.sum()), abs=1e-8)
    lower, upper = np.minimum(first, second), np.maximum(first, second)
    for name, values in (("rates[1]", lower), ("rates[2]", upper)):
        marginal, mean = posterior.marginals[name], mass @ values / mass.sum()
        assert marginal.mean == pytest.approx(mean, rel=1e-4)
        assert marginal.sd == pytest.approx(np.sqrt(mass @ (values - mean) ** 2 / mass.sum()), rel=1e-3)
        for t in (1.0, 2.5, 6.0):
            # A step at t between nodes 0.1 apart.
            assert marginal.distribution(t) == pytest.approx(mass @ (values < t) / mass.sum(), abs=0.03)


def test_free_weights_are_what_quadrature_says() -> None:
    x = np.array([0, 1, 3, 8, 6])
    posterior = exact_posterior(x, "poisson", 2, prior="conjugate")
    of_components = posterior.prior.components
    assert isinstance(of_components, Gamma)

    nodes, widths = (np.asarray(values) for values in np.polynomial.legendre.leggauss(40))

    def total(power: int) -> float:
        """Over first < second, with the share of the first to a power."""
        outer = []
        for u, w in zip(nodes, widths, strict=True):
            second = 25 * (u + 1)
            firsts, shares = second * (nodes + 1) / 2, (nodes + 1) / 2
            of_first, of_second = stats.poisson.pmf(x[:, None], firsts), stats.poisson.pmf(x, second)[:, None]
            likelihood = [share * of_first + (1 - share) * of_second for share in shares]
            inner = (np.array(likelihood).prod(axis=1) * (widths / 2 * shares**power)[:, None]).sum(axis=0)
            of_firsts = inner * stats.gamma.pdf(firsts, of_components.shape, scale=1 / of_components.rate)
            own = stats.gamma.pdf(second, of_components.shape, scale=1 / of_components.rate)
            outer.append(25 * w * own * (of_firsts @ widths) * second / 2)
        return math.fsum(outer)

    # Nodes enough in each direction; the tail beyond a rate of 50 holds e^-14 of the prior and less of the posterior.
    assert posterior.evidence == pytest.approx(np.log(2 * total(0)), abs=1e-5)
    assert posterior.marginals["weights[1]"].mean == pytest.approx(total(1) / total(0), rel=1e-5)
    second_moment = posterior.marginals["weights[1]"].sd ** 2 + posterior.marginals["weights[1]"].mean ** 2
    assert second_moment == pytest.approx(total(2) / total(0), rel=1e-5)


# ---------------------------------------------------------------------------------------------------------------------
# Its own consistency


@pytest.fixture(scope="module")
def overlapping() -> ExactPosterior:
    x = np.random.default_rng(1).poisson(np.repeat([4.0, 8.0], 40))
    return exact_posterior(x, "poisson", 2, prior="conjugate")


def test_marginals_are_distributions(overlapping: ExactPosterior) -> None:
    for name, marginal in overlapping.marginals.items():
        low, high = (0.0, 1.0) if name.startswith("weights") else (0.0, marginal.quantile(1 - 1e-9))
        mass = integrate.quad(marginal.density, low, high, limit=200)[0]
        mean = integrate.quad(lambda t, m=marginal: t * m.density(t), low, high, limit=200)[0]
        # What lies beyond the quantile, a billionth, and the integrator's own tolerance of 1e-8.
        assert mass == pytest.approx(1, abs=1e-7)
        assert mean == pytest.approx(marginal.mean, rel=1e-6)
        below = integrate.quad(marginal.density, low, marginal.mean, limit=200)[0]
        assert marginal.distribution(marginal.mean) == pytest.approx(below, abs=1e-7)
        assert marginal.distribution(marginal.quantile(0.3)) == pytest.approx(0.3, abs=1e-8)


def test_draws_are_of_the_marginals(overlapping: ExactPosterior) -> None:
    draws = overlapping.sample(1500, np.random.default_rng(2))
    for name, values in overlapping.model.scalars(draws, overlapping.data.columns).items():
        distribution = np.vectorize(overlapping.marginals[name].distribution)
        # Four tests at a level of one in ten thousand.
        assert stats.kstest(values, distribution).pvalue > 1e-4, name


def test_weights_are_repetitions() -> None:
    counts, times = np.array([0, 5, 2, 9]), np.array([3, 1, 2, 4])
    counted = exact_posterior(counts, "poisson", 2, weights=times)
    repeated = exact_posterior(np.repeat(counts, times), "poisson", 2)
    assert counted.evidence == pytest.approx(repeated.evidence, abs=1e-12)
    assert counted.leave_one_out.shape == (4,)
    np.testing.assert_allclose(np.repeat(counted.leave_one_out, times), repeated.leave_one_out, rtol=1e-10)


@pytest.mark.parametrize("small", [TWO_POISSON, Small("gaussian", 2, NUMBERS[:7], (), "full")], ids=str)
def test_leaving_one_out_is_the_predictive_density_of_the_others(small: Small) -> None:
    posterior, x = solved(small), small.data.values
    for i in (0, 3, 6):
        others = exact_posterior(
            Data.of(np.delete(x, i, axis=0)),
            small.family,
            small.components,
            covariance=small.covariance,
            prior=small.prior,
        )
        assert posterior.leave_one_out[i] == pytest.approx(others.log_density(x[i])[0], abs=1e-10)


def test_responsibilities_are_those_of_its_draws_on_average(overlapping: ExactPosterior) -> None:
    draws = overlapping.sample(20_000, np.random.default_rng(5))
    of_draws = draws.responsibilities(overlapping.data.values)
    found = overlapping.responsibilities
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-9)
    # Independent draws, and a dozen different counts: five standard errors.
    error = of_draws.std(axis=0) / np.sqrt(len(of_draws))
    assert (abs(of_draws.mean(axis=0) - found) < 5 * error).all()
    assert error.max() < 0.003


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"x": [1, 2, 3, 4], "family": "poisson", "components": 3}, "components = 3: .* is there for 1 or 2"),
        ({"x": np.arange(30.0), "family": "gaussian", "components": 2}, r"2\^30 allocations .* fewer of either"),
        ({"x": [1, 2], "weights": [1.5, 2], "family": "poisson", "components": 2}, "weights must be whole numbers"),
    ],
)
def test_what_is_out_of_reach_is_said_in_one_sentence(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        exact_posterior(**arguments)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------------------
# One component


@pytest.mark.parametrize("structure", STRUCTURES)
def test_one_gaussian_is_in_closed_form(structure: str) -> None:
    posterior = exact_posterior(PLANE, "gaussian", 1, covariance=structure)
    draws = posterior.sample(20_000, np.random.default_rng(3))
    scalars = posterior.model.scalars(draws, posterior.data.columns)
    assert list(posterior.summary.index) == list(scalars)
    for name, values in scalars.items():
        marginal = posterior.marginals[name]
        # At most five tests at a level of one in ten thousand.
        assert stats.kstest(values[:1000], np.vectorize(marginal.distribution)).pvalue > 1e-4, name
        assert abs(values.mean() - marginal.mean) < 5 * values.std() / np.sqrt(len(values))
        slope = (marginal.distribution(marginal.mean + 1e-4) - marginal.distribution(marginal.mean - 1e-4)) / 2e-4
        assert marginal.density(marginal.mean) == pytest.approx(slope, rel=1e-5)


def test_one_poisson_is_a_gamma() -> None:
    x = np.array([0, 5, 2, 9])
    posterior = exact_posterior(x, "poisson", 1, prior="conjugate")
    rate = stats.gamma(1 + 16, scale=1 / (4 + 1 / 4))
    row = posterior.summary.loc["rates[1]"]
    assert row["mean"] == pytest.approx(rate.mean(), rel=1e-12)
    assert row["sd"] == pytest.approx(rate.std(), rel=1e-10)
    assert [row["lower"], row["upper"]] == pytest.approx(rate.ppf([0.025, 0.975]).tolist(), rel=1e-8)
    assert list(posterior.summary.index) == ["rates[1]"]
