"""The mode under the weak prior: no optimiser gets higher, no component collapses, and it moves with the data."""

import numpy as np
import pytest
from scipy import optimize, stats

from em import MStep, Status, climb, e_step, fit
from models import Data, Gaussian, Mixture, Model
from tests import oracles
from tests.cases import CASES
from tests.known import known

each_case = pytest.mark.parametrize("case", CASES, ids=str)
# A hundredth of the width of the groups.
COLLAPSED = 0.03
STRUCTURES = ("full", "diagonal", "spherical", "tied")


def mode(data, family, components, covariance=None, **arguments):
    given = {"starts": 5, **arguments}
    return fit(data, family, components, covariance=covariance, estimate="map", prior="weak", **given)


def objective(fitted, mixture):
    data = fitted.data
    log_likelihood = oracles.log_likelihood(mixture, data.values, data.weights, data.exposure)
    return float(log_likelihood + fitted.prior.log_mode_density(mixture))


@each_case
def test_no_optimiser_gets_higher(case):
    """BFGS, on SciPy's densities and numerical derivatives, from beside the mode: it comes back to the same height."""
    fitted = mode(case.data, case.family, 3, case.covariance, start=case.mixture, tolerance=1e-10)
    assert fitted.status is Status.CONVERGED
    m_step = MStep(fitted.model, fitted.data, fitted.prior)
    chart = m_step.chart(fitted.mixture, e_step(fitted.data, fitted.mixture).statistics)
    beside = np.random.default_rng(2).normal(size=len(chart.scales)) / chart.scales

    def falling(place):
        return -objective(fitted, chart.at(place / chart.scales))

    found = optimize.minimize(falling, beside * chart.scales, method="BFGS", options={"gtol": 1e-5})
    assert falling(beside * chart.scales) > falling(0 * beside) + 1e-3
    # Forward differences of values of some hundreds leave gradients of 1e-5 and rises of about their square.
    assert -found.fun == pytest.approx(fitted.climb.objective[-1], abs=1e-5)


@pytest.mark.parametrize("covariance", STRUCTURES)
@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("digits", [0, None])
def test_with_one_component_too_many_no_component_collapses(covariance, dimension, digits):
    """Three components for two groups, rounded and not: no start ends on a component that has collapsed and above."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=(60, dimension)) * 3 + 20 * (rng.random(60) < 0.5)[:, None]
    x = x if digits is None else np.round(x, digits)
    fitted = mode(x, "gaussian", 3, covariance, starts=30)
    assert fitted.status is Status.CONVERGED
    widths = np.sqrt(np.linalg.eigvalsh(fitted.mixture.components.covariances).min(axis=-1))
    assert widths.min() > COLLAPSED
    m_step = MStep(fitted.model, fitted.data, fitted.prior)
    for row in fitted.data.values[:: 1 if dimension == 1 else 4]:
        components = fitted.mixture.components
        means, covariances = components.means.copy(), components.covariances.copy()
        means[0] = row
        covariances[slice(None) if covariance == "tied" else 0] = 1e-4 * np.eye(dimension)
        narrow = Mixture(np.full(3, 1 / 3), type(components)(means, covariances))
        ended = climb(fitted.data, narrow, m_step, 1e-6, 3000, "quasi-newton")
        # Where it ends higher it has found another interior mode, such as one about two neighbours.
        width = np.sqrt(np.linalg.eigvalsh(known(ended.mixture.components, Gaussian).covariances).min())
        assert width > COLLAPSED or ended.objective[-1] < fitted.climb.objective[-1]


@each_case
def test_other_units_move_the_mode_with_the_data(case):
    if case.covariance is None:
        return
    d, rng = case.data.dimension, np.random.default_rng(3)
    matrix = {"diagonal": np.diag([7.0, 0.01, 3.0][:d]), "spherical": 7 * np.eye(d)}.get(
        case.covariance, 5 * np.eye(d) + rng.normal(size=(d, d))
    )
    offset = np.full(d, -3.0)
    start = case.mixture.affine(np.zeros(d), matrix, offset)
    found = mode(case.data, "gaussian", 3, case.covariance, start=case.mixture, tolerance=1e-11)
    moved = mode(case.data.values @ matrix.T + offset, "gaussian", 3, case.covariance, start=start, tolerance=1e-11)
    expected = found.mixture.affine(np.zeros(d), matrix, offset)
    for name, array in expected.arrays().items():
        # 1e-11 nats below the top an estimate is √(2e-11) standard errors away, and the hill is flat to some per cent.
        assert moved.mixture.ascending().arrays()[name] == pytest.approx(
            expected.ascending().arrays()[name], rel=1e-4, abs=1e-4 * np.abs(array).max()
        )


@pytest.mark.parametrize("distance", [4, 20, 200])
def test_the_weak_prior_hardly_moves_what_the_data_determine(distance):
    """Two groups: on the scale of logarithms each standard deviation moves by a fraction of its error, 1/√(2N)."""
    x = np.concatenate(
        [stats.norm.ppf((np.arange(100) + 0.5) / 100), distance + stats.norm.ppf((np.arange(100) + 0.5) / 100)]
    )
    found, mle = mode(x, "gaussian", 2), fit(x, "gaussian", 2, starts=5)
    of_map, of_mle = (known(fitted.mixture.components, Gaussian).covariances for fitted in (found, mle))
    moved = 0.5 * np.log(of_map / of_mle)
    assert np.abs(moved).max() < 0.25 / np.sqrt(2 * 100) * (2 if distance == 4 else 1)


def test_counts_of_two_rates():
    """By hand: at the mode λ = Σγx / (N + E[b | λ])."""
    data = Data.of(np.concatenate([np.full(50, 2), np.full(50, 40)]))
    found = mode(data, "poisson", 2, tolerance=1e-12)
    rates = found.mixture.components.rates
    scale = 3 / (21 + rates.sum())
    # The groups are so far apart that every label is known.
    assert rates == pytest.approx(np.array([100, 2000]) / (50 + scale), rel=1e-7)


def test_one_component_needs_more_than_one_step():
    x = np.random.default_rng(0).normal(size=40)
    found = mode(x, "gaussian", 1, tolerance=1e-12)
    variance = float(found.mixture.components.covariances[0, 0, 0])
    expected = (x.var() * 40 + 2 / (1 / x.var() + 1 / variance) + 1e-9 * x.var()) / 41
    assert found.status is Status.CONVERGED
    assert variance == pytest.approx(expected, rel=1e-6)


def test_counts_that_never_vary_have_a_mode():
    assert fit(np.zeros(9), "poisson", 1, estimate="map", prior="weak").status is Status.CONVERGED


def test_the_m_step_needs_what_the_scale_depends_on():
    case = CASES[1]
    model = Model("gaussian", 3, case.data.dimension, case.covariance)
    m_step = MStep(model, case.data, model.prior(case.data, "weak"))
    with pytest.raises(ValueError, match="current must be there"):
        m_step(e_step(case.data, case.mixture).statistics)
