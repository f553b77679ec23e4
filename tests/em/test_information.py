"""The observed information against finite differences, closed forms and a direct sum, for every kind of model."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from em import MStep, climb, e_step
from em.information import MOST_NUMBERS, information
from models import Data, Gamma, Gammas, Mixture, NormalInverseWishart, SharedRate, SharedRates, SharedScale
from tests import oracles
from tests.cases import CASES

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_estimate = pytest.mark.parametrize("estimate", ["mle", "conjugate", "weak"])
each_mixing = pytest.mark.parametrize("mixing", ["free", "equal"])


def sharp_prior(model, data, called):
    """Not the default, in which terms vanish."""
    prior = replace(model.prior(data, called), concentration=1.7)
    if isinstance(prior.components, SharedScale | SharedRate | SharedRates):
        return prior
    if isinstance(prior.components, Gamma):
        return replace(prior, components=Gamma(2.5, 0.4))
    if isinstance(prior.components, Gammas):
        return replace(prior, components=Gammas(2.5, np.array([0.4, 0.7, 0.2])))
    assert isinstance(prior.components, NormalInverseWishart)
    return replace(prior, components=replace(prior.components, strength=3.0))


def problem(case, estimate, mixing, at_maximum=False):
    """Data with weights, and a mixture that is not the maximum (unless it is to be)."""
    weights = np.random.default_rng(5).uniform(0.2, 3.0, size=len(case.data.values))
    data = replace(case.data, weights=weights)
    model = replace(case, data=data).model_with(mixing)
    m_step = MStep(model, data, None if estimate == "mle" else sharp_prior(model, data, estimate))
    mixture = Mixture(case.mixture.weights if mixing == "free" else np.full(3, 1 / 3), case.mixture.components)
    if at_maximum:
        mixture = climb(data, mixture, m_step, 1e-12, 10_000, acceleration="quasi-newton").mixture
    return data, m_step, mixture


def central(function, size, step):
    """Derivatives at zero by central differences of the fourth order, one row for each coordinate."""
    derivatives = []
    for unit in np.eye(size) * step:
        near, far = function(unit) - function(-unit), function(2 * unit) - function(-2 * unit)
        derivatives.append((8 * near - far) / (12 * step))
    return np.array(derivatives)


@each_case
@each_estimate
@each_mixing
def test_the_information_is_minus_the_derivative_of_the_gradient(case, estimate, mixing):
    data, m_step, mixture = problem(case, estimate, mixing)
    found = information(data, mixture, m_step)

    def gradient(place):
        return found.chart.gradient(place, e_step(data, found.chart.at(place)).statistics)

    # The gradient itself is held to SciPy's densities elsewhere. Rounding 1e-13 of values of some hundreds over 1e-3.
    differences = -central(gradient, len(found.chart.scales), 1e-3)
    np.testing.assert_allclose(found.observed, differences, rtol=1e-7, atol=1e-7)


@each_case
@each_estimate
def test_the_information_is_the_curvature_of_scipys_densities(case, estimate):
    data, m_step, mixture = problem(case, estimate, "free")
    found = information(data, mixture, m_step)
    rng = np.random.default_rng(0)

    def objective(place):
        there = found.chart.at(place)
        log_prior = float(m_step.prior.log_mode_density(there)) if m_step.prior else 0.0
        return oracles.log_likelihood(there, data.values, data.weights, data.exposure) + log_prior

    for _ in range(3):
        direction = rng.normal(size=len(found.chart.scales))
        direction /= np.linalg.norm(direction)
        h = 5e-3
        near = objective(h * direction) + objective(-h * direction)
        far = objective(2 * h * direction) + objective(-2 * h * direction)
        curvature = -(16 * near - far - 30 * objective(0 * direction)) / (12 * h**2)
        # Rounding of a thousand nats, 1e-13 · 64 / 12h² = 2e-8, and truncation of the order h⁴ of the information.
        assert direction @ found.observed @ direction == pytest.approx(curvature, rel=1e-6, abs=1e-5)


@each_case
@pytest.mark.parametrize("estimate", ["mle", "conjugate"])
@each_mixing
def test_at_a_maximum_the_complete_information_is_the_squared_scales(case, estimate, mixing):
    data, m_step, mixture = problem(case, estimate, mixing, at_maximum=True)
    found = information(data, mixture, m_step)
    # At 1e-12 nats from the limit √(2e-12/share) standard errors remain, and the least share here is above 1e-3; the
    # third derivatives of hundreds of observations are some thousands.
    units = np.outer(found.chart.scales, found.chart.scales)
    np.testing.assert_allclose(found.complete / units, np.eye(len(units)), atol=1e-3)
    assert found.at_a_maximum
    assert found.undetermined.shape == (len(found.chart.scales), 0)
    assert 0 < found.shares[0] <= found.shares[-1] <= 1 + 1e-3


@each_case
def test_missing_information_is_a_covariance(case):
    data, m_step, mixture = problem(case, "mle", "free")
    missing = information(data, mixture, m_step).missing
    assert np.linalg.eigvalsh(missing)[0] >= -1e-10 * np.trace(missing)


@each_case
def test_tangents_are_the_derivatives_of_named_parameters(case):
    data, m_step, mixture = problem(case, "mle", "free")
    chart = information(data, mixture, m_step).chart
    model, size = m_step.model, len(chart.scales)
    tangents = model.scalars(chart.tangents(), data.columns)

    def named(place):
        return np.array(list(model.scalars(chart.at(place), data.columns).values()))

    np.testing.assert_allclose(np.array(list(tangents.values())).T, central(named, size, 1e-3), atol=1e-9)


def test_blocks_add_up(monkeypatch):
    data, m_step, mixture = problem(CASES[2], "mle", "free")
    whole = information(data, mixture, m_step).missing
    # The package has a function of the module's name.
    monkeypatch.setattr(import_module("em.information"), "MOST_NUMBERS", MOST_NUMBERS // 2**12)
    np.testing.assert_allclose(information(data, mixture, m_step).missing, whole, rtol=1e-11, atol=1e-10)


def test_a_row_seen_thrice_is_three_rows():
    case = CASES[0]
    counts = np.random.default_rng(0).integers(1, 4, size=len(case.data.values))
    once = Data.of(case.data.values, weights=counts)
    repeated = Data.of(np.repeat(case.data.values, counts, axis=0))
    found = [information(data, case.mixture, MStep(case.model, data)).observed for data in (once, repeated)]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-11, atol=1e-10)
