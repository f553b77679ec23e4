"""EM's rate and what is left to climb: against its own steps and against differences of its map."""

import numpy as np
import pytest

from em import MStep, climb, e_step, fit
from em.convergence import Convergence, convergence
from em.information import Information
from em.standard_errors import information_of
from models import Data, Mixture, Poisson
from tests.cases import CASES
from tests.known import known

DEATHS = np.array([162, 267, 271, 185, 111, 61, 27, 8, 3, 1])


def converged(*args, **options):
    fitted = fit(*args, **options)
    return fitted, convergence(fitted, known(information_of(fitted), Information))


@pytest.fixture(scope="module")
def overlapping():
    rng = np.random.default_rng(0)
    return converged(Data.of(rng.poisson(np.array([4, 7, 11])[rng.integers(0, 3, 100_000)])), "poisson", 3, starts=5)


@pytest.mark.parametrize("estimate", ["mle", "map"])
@pytest.mark.parametrize("case", [CASES[0], CASES[2], CASES[5], CASES[8], CASES[11]], ids=str)
def test_the_rates_are_the_eigenvalues_of_ems_map(case, estimate):
    """The Jacobian of one step of EM by central differences in the chart, which is linear to first order."""
    # Under the weak prior means and covariances are maximised in turn, which is another map.
    chosen = {"prior": "conjugate"} if estimate == "map" else {}
    fitted, found = converged(
        case.data,
        case.family,
        3,
        covariance=case.covariance,
        estimate=estimate,
        start=case.mixture,
        tolerance=1e-10,
        **chosen,
    )
    m_step = MStep(fitted.model, fitted.data, fitted.prior)
    chart = known(information_of(fitted), Information).chart
    places = np.array([*np.eye(len(chart.scales)), *-np.eye(len(chart.scales))]) * 1e-4
    moved = [named(fitted, m_step(e_step(fitted.data, chart.at(place)).statistics)) for place in places]
    size = len(chart.scales)
    changes = (np.array(moved[:size]) - np.array(moved[size:])) / 2e-4
    tangents = named(fitted, chart.tangents())
    jacobian = np.linalg.lstsq(tangents, changes.T, rcond=None)[0]
    eigenvalues = np.sort(np.linalg.eigvals(jacobian).real)[::-1]
    # Differences of 1e-4 leave 1e-8 of truncation; what is left to climb moves the eigenvalues by some √1e-10.
    np.testing.assert_allclose(found.rates, eigenvalues, atol=1e-4)


def named(fitted, mixture):
    return np.array(list(fitted.model.scalars(mixture, fitted.data.columns).values()))


def test_the_rate_is_that_of_plain_ems_gains(overlapping):
    fitted, found = overlapping
    assert found.rate > 0.998
    away = Mixture(fitted.mixture.weights, Poisson(fitted.mixture.components.rates * np.array([0.99, 0.99, 0.99])))
    data = fitted.data.compress()
    plain = climb(data, away, MStep(fitted.model, data), 1e-15, 2000)
    gains = np.diff(plain.objective)
    # Over 400 steps the second rate has died out and the gains are still 1e-5 nats, far above rounding, 1e-10.
    seen = (gains[1900:2000].sum() / gains[1500:1600].sum()) ** (1 / 400)
    assert seen == pytest.approx(found.rate**2, abs=3e-5)


def test_the_steps_that_are_left_are_those_that_plain_em_takes():
    """From a point near the limit of a two-component fit with rate .9957, whose other rates die out at once."""
    data = Data.of(np.arange(10), weights=DEATHS)
    limit = fit(data, "poisson", 2, tolerance=1e-13)
    m_step = MStep(limit.model, data)
    point = climb(data, limit.mixture, m_step, 1e-13, 5).mixture
    near = Mixture(point.weights + np.array([0.002, -0.002]), point.components)
    for _ in range(20):
        near = m_step(e_step(data, near).statistics)
    stopped = fit(data, "poisson", 2, start=near, acceleration="none", max_steps=1)
    found = convergence(stopped, known(information_of(stopped), Information))
    left = limit.log_likelihood - stopped.log_likelihood
    # Near the limit the log-likelihood is quadratic up to a share as large as the error, some percent.
    assert found.remaining == pytest.approx(left, rel=0.05)
    predicted = found.steps_to(left / 10)
    plain = climb(data, stopped.mixture, m_step, 1e-15, 1000)
    taken = int(np.argmax(plain.objective >= limit.log_likelihood - left / 10))
    assert predicted == pytest.approx(taken, rel=0.05)
    assert predicted > 100
    assert found.steps_to(2 * left) == 0


def test_the_same_steps_as_the_sum_over_eigenvectors():
    found = Convergence(np.array([0.9, 0.5]), np.array([1e-3, 1e-2]), 0.0, 5.0, {})
    for tolerance in (1e-2, 1e-3, 1e-6, 1e-12):
        steps = found.steps_to(tolerance)
        assert 0.9 ** (2 * steps) * 1e-3 + 0.5 ** (2 * steps) * 1e-2 <= tolerance
        assert 0.9 ** (2 * steps - 2) * 1e-3 + 0.5 ** (2 * steps - 2) * 1e-2 > tolerance


def test_one_component_converges_in_one_step():
    _, found = converged([1.0, 2.0, 5.0, 9.0], "gaussian", 1)
    assert found.rate == pytest.approx(0, abs=1e-12)
    assert found.condition == pytest.approx(1)
    assert found.remaining == pytest.approx(0, abs=1e-12)


def test_a_rate_of_zero_cannot_move_and_hides_no_label():
    """Sixty times nothing, and counts about twenty: every label is known to 20 nats."""
    counts = np.concatenate([np.zeros(60), np.random.default_rng(0).poisson(20, 60)])
    fitted, found = converged(counts, "poisson", 2, starts=5)
    assert fitted.parameters["rates[1]"] == 0
    assert len(found.rates) == 2
    assert found.rate < 1e-6
    assert found.condition == pytest.approx(1, abs=1e-6)
    assert found.alignment["rates[1]"] == 0


def test_the_least_determined_direction_in_words():
    fitted, found = converged(np.arange(10), "poisson", 2, weights=DEATHS)
    assert found.least_determined == "weights[1], rates[1] and rates[2]"
    # Along it the profile: with weight 1 held a little higher, both rates rise.
    assert found.condition > 200
    higher = Mixture(fitted.mixture.weights + np.array([0.05, -0.05]), fitted.mixture.components)
    data, model = fitted.data.compress(), fitted.model
    for _ in range(300):
        mixture = MStep(model, data)(e_step(data, higher).statistics)
        higher = Mixture(higher.weights, mixture.components)
    assert np.all(known(higher.components, Poisson).rates > known(fitted.mixture.components, Poisson).rates)


def test_a_saddle_has_no_limit_to_be_near():
    x = np.concatenate([np.repeat(3, 50), np.repeat(20, 50)])
    alike = Mixture(np.array([0.4, 0.6]), Poisson(np.repeat(x.mean(), 2)))
    fitted = fit(x, "poisson", 2, start=alike, acceleration="none", max_steps=3)
    found = convergence(fitted, known(information_of(fitted), Information))
    assert found.remaining == np.inf
    assert found.steps_to(1e-8) == np.inf
    assert found.rate > 1
    assert found.condition == np.inf
