"""Degenerate solutions are flagged and healthy ones are not; each measure against what it approximates."""

from dataclasses import replace

import numpy as np
import pytest

from em import MStep, climb, fit
from em.degeneracy import DEEP, degeneracy
from em.standard_errors import information_of, standard_errors
from models import Data, Gaussian, Mixture, scenario
from tests.known import known

RNG = np.random.default_rng(4)


def measured(fitted):
    return degeneracy(fitted, information_of(fitted))


def codes(found):
    return [finding.code for finding in found.findings]


@pytest.mark.parametrize("name", ["poisson-three", "gaussian-five", "gaussian-two"])
def test_the_scenarios_are_healthy(name):
    s = scenario(name)
    model = s.model
    fitted = fit(s.data, model.family, model.components, covariance=model.covariance, mixing=model.mixing, starts=20)
    assert codes(measured(fitted)) == []


def test_two_close_observations_make_a_spurious_optimum():
    """The example of McLachlan and Peel: a component on a pair, among a hundred observations from one normal."""
    x = RNG.normal(size=100)
    pair = np.sort(x)[np.argmin(np.diff(np.sort(x)))]
    start = Mixture(np.array([0.02, 0.98]), Gaussian(np.array([[pair], [0.0]]), np.array([[[1e-6]], [[1.0]]])))
    fitted = fit(x, "gaussian", 2, start=start)
    assert fitted.status == "converged"
    found = measured(fitted)
    assert {"ratio", "count"} <= set(codes(found))
    smaller, larger = (fitted.parameters[f"variances[{j}]"] for j in order(fitted))
    assert found.deviation_ratio == pytest.approx(np.sqrt(smaller / larger))
    assert found.counts.min() < 4


def order(fitted):
    return (1, 2) if fitted.parameters["variances[1]"] < fitted.parameters["variances[2]"] else (2, 1)


def test_one_observation_that_makes_up_a_component():
    x = np.concatenate([RNG.normal(size=60), [8.0, 8.9]])
    found = measured(fit(x, "gaussian", 2))
    assert "count" in codes(found)
    assert found.largest_share == pytest.approx(0.5, abs=1e-3)


def test_the_influence_is_the_effect_of_deletion():
    case = scenario("poisson-three")
    fitted = fit(case.data, "poisson", 3, starts=10, tolerance=1e-12)
    found = measured(fitted)
    values = case.data.values
    row = int(np.flatnonzero((values == found.influential).all(axis=1))[0])
    without = Data.of(np.delete(values, row, axis=0))
    moved = climb(without.compress(), fitted.mixture, MStep(fitted.model, without), 1e-12, 10_000).mixture
    names = ["weights[1]", "weights[2]", "rates[1]", "rates[2]", "rates[3]"]
    there = fitted.model.scalars(moved, case.data.columns)
    change = np.array([there[name] - fitted.parameters[name] for name in names])
    covariance = standard_errors(fitted).covariance.loc[names, names].to_numpy()
    # First order in one of some hundred and fifty observations of a component, whose score is a few deviations out.
    assert found.influence == pytest.approx(change @ np.linalg.solve(covariance, change), rel=0.1)


def test_the_deviation_ratio_is_hathaways_in_any_coordinates():
    """Half as wide along one axis; a linear map of the data changes no ratio."""
    means, covariances = np.array([[0.0, 0.0], [10.0, 3.0]]), np.array([np.eye(2), np.diag([0.25, 1.0])])
    linear = np.array([[3.0, 1.0], [0.0, 0.1]])
    for A in (np.eye(2), linear):
        mixture = Mixture(np.array([0.5, 0.5]), Gaussian(means @ A.T, A @ covariances @ A.T))
        data = Data.of(mixture.sample(50, np.random.default_rng(0))[0])
        fitted = fit(data, "gaussian", 2, starts=1, max_steps=3)
        assert measured(replace(fitted, mixture=mixture)).deviation_ratio == pytest.approx(0.5)


def test_the_barrier_is_the_fall_before_the_singularity():
    """Three observations and a narrow component on two of them: the whole way is one line of arithmetic."""
    s = scenario("gaussian-five")
    healthy = fit(s.data, "gaussian", 5, starts=10)
    assert measured(healthy).barrier == DEEP
    x = np.concatenate([np.linspace(-3, 3, 41), [10.0, 10.01]])
    spurious = fit(x, "gaussian", 2)
    found = measured(spurious)
    # Drawn together about one of two, the other is lost to the wide component, which gives it a density lower by
    # exp(-10²/2σ²)/σ against 1/(0.005 √2π): at its best c the fall is the least of that and of 12-fold narrowness.
    narrow = known(spurious.mixture.components, Gaussian)
    j = int(np.argmin(narrow.covariances[:, 0, 0]))
    at = float(spurious.mixture.log_likelihood(x[:, None]))
    falls = []
    for c in np.geomspace(1, 1e-8, 2000):
        means, covariances = narrow.means.copy(), narrow.covariances.copy()
        centre = min(x, key=lambda value: abs(value - means[j, 0]))
        means[j] = centre + c * (means[j] - centre)
        covariances[j] = c**2 * covariances[j]
        falls.append(
            at - float(Mixture(spurious.mixture.weights, Gaussian(means, covariances)).log_likelihood(x[:, None]))
        )
    # The grid of c has a ratio of e^¼, and the log-likelihood rises by one nat for each factor of e.
    assert found.barrier == pytest.approx(max(falls), abs=0.3)


@pytest.mark.parametrize(("n", "expected"), [(300, []), (15, ["ratio"])])
def test_a_narrow_group_of_many_observations_is_no_accident(n, expected):
    """Deviations of 1 and .02: three hundred observations that close together are a group, fifteen may be chance."""
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(size=n), rng.normal(5, 0.02, n)])
    fitted = fit(x, "gaussian", 2, starts=20)
    assert fitted.status == "converged"
    found = measured(fitted)
    assert found.deviation_ratio < 0.05
    assert codes(found) == expected


@pytest.mark.parametrize(("family", "covariance"), [("poisson", None), ("gaussian", "tied")])
def test_a_bounded_likelihood_has_no_barrier(family, covariance):
    x = RNG.poisson([[3.0], [20.0]], size=(2, 40)).ravel()
    assert measured(fit(x, family, 2, covariance=covariance, starts=5)).barrier is None


def test_a_collapse_is_measured_as_far_as_it_goes():
    x = np.array([0.0, 0.0, 0.0, 0.0, 5.0, 5.1, 5.3, 4.2])
    start = Mixture(np.array([0.5, 0.5]), Gaussian(np.array([[0.0], [5.0]]), np.array([[[1e-3]], [[1.0]]])))
    found = measured(fit(x, "gaussian", 2, start=start))
    assert codes(found) == ["ratio"]
    assert found.influential is None


def test_an_outlier_is_named():
    """An outlier carries the whole variance of the component that takes it in."""
    x = np.concatenate([np.linspace(-1, 1, 30), [40.0]])
    found = measured(fit(x, "gaussian", 1))
    assert codes(found) == ["influence"]
    assert found.influential == pytest.approx([40.0])
    assert "Without the observation 40 the estimate" in found.findings[0].sentence
    # In closed form (y² − 1)²/2n + y²/n for the score of a mean and a variance, at y standard deviations.
    y = (40.0 - x.mean()) / x.std()
    assert found.influence == pytest.approx(((y**2 - 1) ** 2 / 2 + y**2) / 31)


def test_an_objective_that_is_flat_to_the_last_digit_ends_the_ascent() -> None:
    """At counts of 1e15 seen 1e9 times no step of the chart changes a digit of the gradient."""
    found = fit(
        np.array([0.0, 1e15]), "poisson", 4, mixing="equal", weights=np.array([1.0, 1e9]), starts=4, max_steps=300
    )
    np.testing.assert_allclose(found.mixture.arrays()["rates"], [0.0, 1e15, 1e15, 1e15])
