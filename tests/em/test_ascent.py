"""Acceleration: the charts' gradients are true, and the ascent ends where plain EM ends, with far fewer passes."""

import sys

import numpy as np
import pytest

from em import MStep, Status, climb, e_step, fit
from em.ascent import Ascent, Summit
from em.stretch import Evaluation
from models import Data, Gaussian, Mixture, Model, Poisson, PoissonProduct
from tests import oracles
from tests.cases import CASES
from tests.known import known

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_estimate = pytest.mark.parametrize("estimate", ["mle", "conjugate", "weak"])
each_mixing = pytest.mark.parametrize("mixing", ["free", "equal"])


def chart_about(case, estimate, mixing):
    model = case.model_with(mixing)
    m_step = MStep(model, case.data, None if estimate == "mle" else model.prior(case.data, estimate))
    weights = case.mixture.weights if mixing == "free" else np.full(3, 1 / 3)
    mixture = Mixture(weights, case.mixture.components)
    return m_step, m_step.chart(mixture, e_step(case.data, mixture).statistics)


def objective(m_step, mixture):
    log_prior = float(m_step.prior.log_mode_density(mixture)) if m_step.prior else 0.0
    return float(oracles.log_likelihood(mixture, m_step.data.values, None, m_step.data.exposure)) + log_prior


@each_case
@each_estimate
@each_mixing
def test_the_gradient_in_a_chart_is_that_of_scipys_densities(case, estimate, mixing):
    m_step, chart = chart_about(case, estimate, mixing)
    place = np.random.default_rng(0).normal(scale=0.2, size=len(chart.scales))
    gradient = chart.gradient(place, e_step(case.data, chart.at(place)).statistics)
    for i, found in enumerate(gradient):
        step = np.zeros(len(place))
        step[i] = 1e-5
        difference = objective(m_step, chart.at(place + step)) - objective(m_step, chart.at(place - step))
        # Central differences: 1e-10 of truncation, and the rounding of values of some hundreds, 1e-13, over 2e-5.
        assert found == pytest.approx(difference / 2e-5, rel=1e-6, abs=1e-6)


@each_case
@each_mixing
def test_a_chart_begins_at_its_mixture_and_stays_within_the_model(case, mixing):
    m_step, chart = chart_about(case, "mle", mixing)
    for name, array in chart.at(np.zeros(len(chart.scales))).arrays().items():
        np.testing.assert_allclose(array, chart.mixture.arrays()[name], rtol=1e-13, atol=1e-13)
    moved = chart.at(np.full(len(chart.scales), 0.3))
    structured = moved.components.structured(m_step.model.covariance)
    for name, array in moved.components.arrays().items():
        np.testing.assert_allclose(array, structured.arrays()[name], rtol=1e-13, atol=1e-13)
    assert moved.weights.sum() == pytest.approx(1)


@each_case
@each_mixing
def test_the_place_of_a_mixture_in_a_chart_is_where_the_chart_has_it(case, mixing):
    _, chart = chart_about(case, "mle", mixing)
    place = np.random.default_rng(1).normal(scale=0.3, size=len(chart.scales))
    # A few operations each way, on numbers of which the largest ratio is that of eigenvalues, some tens.
    np.testing.assert_allclose(chart.place_of(chart.at(place)), place, rtol=1e-10, atol=1e-12)


@each_case
def test_components_are_named_by_what_they_are_nearest_to(case):
    _, chart = chart_about(case, "mle", "free")
    for order in ([2, 0, 1], [0, 2, 1], [1, 2, 0]):
        turned = chart.mixture.relabel(np.array(order))
        for name, array in chart.named(turned).arrays().items():
            np.testing.assert_array_equal(array, chart.mixture.arrays()[name])
        # What a label names keeps its place, be it the nearest or not.
        np.testing.assert_array_equal(chart.named(turned, fixed=(0, 1, 2)).weights, turned.weights)


@each_case
def test_a_run_ends_on_the_summit_of_another_where_that_is_its_own(case):
    m_step = MStep(case.model, case.data)
    alone = climb(case.data, case.mixture, m_step, 1e-8, 1000, acceleration="quasi-newton")
    assert alone.status is Status.CONVERGED
    turned = alone.mixture.relabel(np.array([2, 0, 1]))
    summits = [Summit(turned, alone.remaining)]
    found = climb(case.data, case.mixture, m_step, 1e-8, 1000, acceleration="quasi-newton", summits=summits)
    assert found.status is Status.CONVERGED
    assert found.e_steps < alone.e_steps
    assert found.objective[-1] == pytest.approx(alone.objective[-1], rel=1e-12)
    for name, array in found.mixture.arrays().items():
        # The names stay those of the run's own start.
        np.testing.assert_allclose(array, alone.mixture.arrays()[name], rtol=1e-8, atol=1e-8)


def test_a_summit_that_is_not_on_the_hill_of_a_run_changes_nothing():
    case = CASES[0]
    m_step = MStep(case.model, case.data)
    alone = climb(case.data, case.mixture, m_step, 1e-8, 1000, acceleration="quasi-newton")
    rates = known(alone.mixture.components, Poisson).rates
    for factor in (0.8, 5.0):
        moved = Poisson(rates * [1.0, factor, 1.0])
        lower = Summit(Mixture(alone.mixture.weights, moved), 0.0)
        found = climb(case.data, case.mixture, m_step, 1e-8, 1000, acceleration="quasi-newton", summits=[lower])
        assert found.objective.tolist() == alone.objective.tolist()


def test_runs_from_many_starts_share_what_one_of_them_has_proved(monkeypatch):
    x = CASES[0].data.values
    shared = fit(x, "poisson", 3)
    monkeypatch.setattr(sys.modules["em.search"], "_summits", lambda climbs, tolerance: [])
    alone = fit(x, "poisson", 3)
    assert [start.status for start in shared.starts] == [start.status for start in alone.starts]
    # Each of two runs ends within 1e-8 nats of the limit.
    np.testing.assert_allclose(
        [start.objective for start in shared.starts], [start.objective for start in alone.starts], atol=2e-8
    )


@each_case
def test_the_scales_are_the_information_of_data_with_labels(case):
    """When every label is all but known, the second derivative is that of the complete data."""
    centres = np.arange(3)[:, None] * np.array([50.0])
    if case.family == "poisson":
        mixture = Mixture(case.mixture.weights, Poisson(np.array([2.0, 100.0, 900.0])))
    elif case.family == "poisson-product":
        mixture = Mixture(
            case.mixture.weights, PoissonProduct(np.array([2.0, 100.0, 900.0])[:, None] * [1.0, 2.0, 0.5])
        )
    else:
        components = Gaussian(case.mixture.components.means + centres, case.mixture.components.covariances)
        mixture = Mixture(case.mixture.weights, components)
    data = Data.of(mixture.sample(300, np.random.default_rng(1))[0])
    m_step = MStep(Model.of(data, case.family, 3, case.covariance), data)
    optimum = m_step(e_step(data, mixture).statistics)
    optimum = m_step(e_step(data, optimum).statistics)
    chart = m_step.chart(optimum, e_step(data, optimum).statistics)
    first, step = 0, 1e-4
    for i in range(first, len(chart.scales)):
        there = np.zeros(len(chart.scales))
        there[i] = step
        gradients = [chart.gradient(place, e_step(data, chart.at(place)).statistics)[i] for place in (there, -there)]
        # Central differences of the gradient: the fourth derivative is as large as the second, times 1e-8.
        assert (gradients[1] - gradients[0]) / (2 * step) == pytest.approx(chart.scales[i] ** 2, rel=1e-5)


@each_case
@each_estimate
@each_mixing
def test_the_ascent_ends_where_plain_em_ends(case, estimate, mixing):
    m_step, chart = chart_about(case, estimate, mixing)
    plain = climb(case.data, chart.mixture, m_step, 1e-11, 100_000)
    fast = climb(case.data, chart.mixture, m_step, 1e-8, 10_000, acceleration="quasi-newton")
    assert plain.status is fast.status is Status.CONVERGED
    # Both within their tolerance of the same limit.
    assert fast.objective[-1] == pytest.approx(plain.objective[-1], abs=1.1e-8)
    assert fast.remaining <= 1e-8
    assert np.all(np.diff(fast.objective) >= -1e-13 * np.abs(fast.objective[:-1]))
    assert fast.e_steps < max(plain.e_steps, 60)


@pytest.mark.parametrize(("rates", "at_most"), [((4, 7, 11), 60), ((8, 10, 13), 120)])
def test_overlapping_poissons_take_a_hundredth_of_the_passes(rates, at_most):
    rng = np.random.default_rng(0)
    data = Data.of(rng.poisson(np.array(rates)[rng.integers(0, 3, 100_000)])).compress()
    m_step = MStep(Model.of(data, "poisson", 3), data)
    mean, sd = float(data.mean[0]), float(np.sqrt(data.covariance[0, 0]))
    start = Mixture(np.full(3, 1 / 3), Poisson(np.array([mean - sd, mean, mean + sd])))
    fast = climb(data, start, m_step, 1e-8, 10_000, acceleration="quasi-newton")
    assert fast.status is Status.CONVERGED
    assert fast.e_steps <= at_most
    # Where it ends, EM has nothing left to gain; from the same start EM itself is then still far below.
    again = climb(data, fast.mixture, m_step, 1e-8, 2000)
    assert again.objective[-1] == pytest.approx(fast.objective[-1], abs=1e-8)
    plain = climb(data, start, m_step, 1e-8, 10 * at_most)
    assert plain.objective[-1] < fast.objective[-1] - 1e-6


def test_a_saddle_is_left():
    """All components alike: a fixed point of EM, though a saddle of the likelihood."""
    rng = np.random.default_rng(3)
    data = Data.of(rng.poisson(np.array([2, 20])[rng.integers(0, 2, 300)]))
    m_step = MStep(Model.of(data, "poisson", 2), data)
    alike = Mixture(np.array([0.4, 0.6]), Poisson(np.array([1, 1]) * data.mean[0]))
    stuck = climb(data, alike, m_step, 1e-8, 5)
    assert known(stuck.mixture.components, Poisson).rates == pytest.approx(np.repeat(data.mean, 2))
    fast = climb(data, alike, m_step, 1e-8, 1000, acceleration="quasi-newton")
    best = fit(data, "poisson", 2)
    assert fast.objective[-1] == pytest.approx(best.log_likelihood, abs=1e-7)


def test_a_rise_beyond_what_em_is_heading_for_is_another_hill():
    case = CASES[0]
    m_step, _ = chart_about(case, "mle", "free")
    evaluate = Evaluation(case.data, m_step)
    point = evaluate(case.mixture)
    ascent = Ascent(point, m_step.chart(point.mixture, point.expectation.statistics), evaluate)
    assert ascent.run(1e-8, ceiling=point.objective + 1e-3) == []


@pytest.mark.parametrize("name", ["anderson", "", None])
def test_an_unknown_acceleration_is_named(name):
    with pytest.raises(ValueError, match="acceleration must be one of 'quasi-newton', 'none'"):
        fit([1, 2, 3, 9, 8], "poisson", 2, acceleration=name)


def test_the_plain_path_can_be_had_step_by_step():
    case = CASES[2]
    fitted = fit(case.data, "gaussian", 3, start=case.mixture, acceleration="none", keep_path=True)
    mixture = case.mixture
    m_step = MStep(case.model, case.data)
    assert fitted.steps > 20
    assert fitted.steps < fitted.climb.e_steps < 2 * fitted.steps  # a stretch may go beyond the end
    for visited in fitted.climb.path:
        for name, array in visited.arrays().items():
            np.testing.assert_allclose(array, mixture.arrays()[name], rtol=1e-9)
        mixture = m_step(e_step(case.data, mixture).statistics)
