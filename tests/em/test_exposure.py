"""EM on counts with exposures, held against brute force, differences, sums of counts and other units."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy import optimize, special, stats

from em import MStep, criteria, e_step, fit
from em.edge import edges_of, limit
from em.information import information
from em.textbook import textbook_climb
from models import Array, Data, Mixture, Model, Poisson
from tests.cases import exposed
from tests.known import known

CASE = exposed()


def exposure_of(data: Data) -> Array:
    assert data.exposure is not None
    return data.exposure


def log_likelihood(u: Array, data: Data) -> float:
    """What SciPy makes of two components with log-odds and log-rates ``u``."""
    weights = np.array([special.expit(u[0]), special.expit(-u[0])])
    means = exposure_of(data)[:, None] * np.exp(u[1:])
    return float(data.weights @ special.logsumexp(stats.poisson(means).logpmf(data.values), axis=1, b=weights))


def test_maximum_is_that_of_a_general_maximiser() -> None:
    found = fit(CASE.data, "poisson", 2, starts=10, tolerance=1e-10)
    rates, weights = known(found.mixture.components, Poisson).rates, found.mixture.weights
    start: Any = np.array([0.0, *np.log(rates * [0.8, 1.3])])
    falls: Any = lambda u: -log_likelihood(u, CASE.data)  # noqa: E731
    best = optimize.minimize(falls, start, method="BFGS", tol=1e-8)
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-6)
    # BFGS by differences is as near to the maximum as the square root of its rounding.
    np.testing.assert_allclose([np.log(weights[0] / weights[1]), *np.log(rates)], best.x, atol=1e-4)


@pytest.mark.parametrize("called", [None, "weak", "conjugate"])
def test_compiled_steps_are_the_textbook_ones_and_climb(called: str | None) -> None:
    model = CASE.model
    m_step = MStep(model, CASE.data, model.prior(CASE.data, called) if called else None)
    log_likelihoods, mixtures, _ = m_step.runs(CASE.data.compress(), CASE.mixture[None], 12)[0]
    visited = textbook_climb(CASE.data, CASE.mixture, m_step, 11)
    # Sums in another order: a few units of rounding of a log-likelihood of some hundred nats.
    np.testing.assert_allclose(log_likelihoods, [value for _, value in visited], rtol=1e-12)
    np.testing.assert_allclose(mixtures[-1].weights, visited[-1][0].weights, rtol=1e-9)
    objective = log_likelihoods + (0 if m_step.prior is None else m_step.prior.log_mode_density(mixtures))
    assert (np.diff(objective) >= -1e-9 * np.abs(objective[1:])).all()


def test_information_is_that_of_differences() -> None:
    found = fit(CASE.data, "poisson", 2, starts=10)
    m_step = MStep(found.model, CASE.data)
    known_information = information(CASE.data, found.mixture, m_step)
    chart, step = known_information.chart, 1e-4

    def gradient(u: Array) -> Array:
        return chart.gradient(u, e_step(CASE.data, chart.at(u)).statistics)

    eye = np.eye(len(chart.scales))
    rows = [(gradient(-step * axis) - gradient(step * axis)) / (2 * step) for axis in eye]
    # Central differences err by the square of the step, relative to numbers of the order of the complete information.
    np.testing.assert_allclose(known_information.observed, rows, atol=1e-5 * np.square(chart.scales).max())


@pytest.mark.parametrize("factor", [2.0, 1e-3, 250.0])
@pytest.mark.parametrize("called", [None, "weak", "conjugate"])
def test_another_unit_of_exposure_changes_the_unit_of_the_rates_alone(factor: float, called: str | None) -> None:
    other = Data.of(CASE.data.values, exposure=factor * exposure_of(CASE.data))
    if called is None:
        fits = [fit(data, "poisson", 2, starts=10, seed=3) for data in (CASE.data, other)]
    else:
        fits = [fit(d, "poisson", 2, starts=10, seed=3, estimate="map", prior=called) for d in (CASE.data, other)]
    rates = [known(found.mixture.components, Poisson).rates for found in fits]
    # EM stops within 1e-9 nats of its limit or so, and a parameter is then known to the square root of that.
    np.testing.assert_allclose(rates[1] * factor, rates[0], rtol=1e-4)
    assert fits[1].log_likelihood == pytest.approx(fits[0].log_likelihood, abs=1e-7)


def test_exposure_is_the_number_of_counts_that_were_added_up() -> None:
    rng = np.random.default_rng(4)
    each = rng.poisson(1.7, size=(40, 6))
    together = fit(Data.of(each.sum(axis=1), exposure=np.full(40, 6.0)), "poisson", 1)
    one_by_one = fit(Data.of(each.ravel()), "poisson", 1)
    rates = [known(found.mixture.components, Poisson).rates[0] for found in (together, one_by_one)]
    assert rates[0] == pytest.approx(rates[1], rel=1e-12)


def test_one_rate_at_two_exposures_is_one_component() -> None:
    rng = np.random.default_rng(1)
    exposure = rng.choice([1.0, 8.0], 400)
    x = rng.poisson(1.5 * exposure)
    bic = partial(_bic, starts=20)
    assert bic(Data.of(x), 2) < bic(Data.of(x), 1) - 100
    exposed_counts = Data.of(x, exposure=exposure)
    assert bic(exposed_counts, 1) < bic(exposed_counts, 2)
    assert bic(exposed_counts, 1) < bic(Data.of(x), 2) - 100


def _bic(data: Data, components: int, starts: int) -> float:
    return criteria(fit(data, "poisson", components, starts=starts)).bic


def test_a_rate_of_zero_has_a_limit_by_the_whole_exposure() -> None:
    data = Data.of([0, 0, 0], exposure=[2.0, 5.0, 3.0])
    mixture = Mixture(np.ones(1), Poisson(np.zeros(1)))
    m_step = MStep(Model("poisson", 1), data)
    (edge,) = edges_of(data, mixture, m_step)
    # The log-likelihood falls by Eλ: it has fallen by ½ χ² where λ is that by E.
    expected = 0.5 * stats.chi2.ppf(0.95, 1) / 10
    assert limit(edge, data, mixture, m_step, 0.95) == pytest.approx(expected, rel=1e-5)
