"""The likelihood of Gaussians is unbounded: a component that shrinks onto a point is told from an optimum."""

import numpy as np
import pytest

from em import MStep, Status, climb, fit
from models import Data, Gaussian, Mixture, Model, Poisson
from tests import oracles
from tests.known import known

rng = np.random.default_rng(4)
CLOUDS = np.concatenate([rng.normal(-3, 1, size=(40, 2)), rng.normal(3, 1.5, size=(40, 2))])
# Six copies of one observation, on which a component can shrink without losing its weight.
REPEATED = Data.of(np.concatenate([CLOUDS, np.tile([8.0, -4.0], (6, 1))]))
AT_THE_POINT = Gaussian(np.array([[0.0, 0.0], [8.0, -4.0]]), np.array([9 * np.eye(2), 0.01 * np.eye(2)]))


def start_at_the_point(covariance):
    return Mixture(np.array([0.9, 0.1]), AT_THE_POINT.structured(covariance))


@pytest.mark.parametrize("covariance", ["full", "diagonal", "spherical"])
def test_a_component_on_a_repeated_point_collapses(covariance):
    model = Model("gaussian", 2, 2, covariance)
    climbed = climb(REPEATED, start_at_the_point(covariance), MStep(model, REPEATED), 1e-8, 10_000)
    assert climbed.status is Status.COLLAPSED
    assert climbed.reason == "the covariance of component 2 is singular"
    assert np.all(np.diff(climbed.log_likelihood) >= 0)
    # Its likelihood beats that of any interior optimum, and says nothing.
    interior = fit(REPEATED, "gaussian", 2, covariance=covariance)
    assert climbed.log_likelihood[-1] > interior.log_likelihood + 10


def test_a_tied_covariance_cannot_collapse_on_one_point():
    model = Model("gaussian", 2, 2, "tied")
    climbed = climb(REPEATED, start_at_the_point("tied"), MStep(model, REPEATED), 1e-8, 10_000)
    assert climbed.status is Status.CONVERGED


@pytest.mark.parametrize("covariance", ["full", "diagonal", "spherical"])
def test_an_interior_optimum_is_returned_although_starts_collapsed(covariance):
    # From other seeds EM also ends on the six copies and two rows nearly in line with them: an interior maximum that is
    # spurious, which the audit has to name.
    fitted = fit(REPEATED, "gaussian", 3, covariance=covariance, starts=40, seed=1)
    statuses = [start.status for start in fitted.starts]
    assert Status.COLLAPSED in statuses
    assert fitted.status is Status.CONVERGED
    assert max(s.log_likelihood for s in fitted.starts if s.status is Status.COLLAPSED) > fitted.log_likelihood
    assert np.linalg.eigvalsh(known(fitted.mixture.components, Gaussian).covariances).min() > 1e-3
    for start in fitted.starts:
        assert (start.reason is None) == (start.status is not Status.COLLAPSED)


def test_a_collapsed_fit_is_returned_only_when_there_is_no_other():
    fitted = fit(REPEATED, "gaussian", 2, start=start_at_the_point("full"))
    assert fitted.status is Status.COLLAPSED
    assert "collapsed after" in fitted.summary()
    # Four points in general position in the plane: every pair of components has one on a line.
    hopeless = fit([[0.0, 0.0], [1.0, 0.1], [0.2, 1.3], [2.0, 2.5]], "gaussian", 2)
    assert {start.status for start in hopeless.starts} == {Status.COLLAPSED}
    assert hopeless.status is Status.COLLAPSED


def test_a_collapse_is_seen_in_any_unit():
    for unit in (1e-90, 1e-6, 1e6, 1e90):
        data = Data.of(REPEATED.values * np.array([unit, 1 / unit]))
        scale = np.array([unit, 1 / unit])
        start = Mixture(
            np.array([0.9, 0.1]),
            Gaussian(AT_THE_POINT.means * scale, AT_THE_POINT.covariances * np.outer(scale, scale)),
        )
        climbed = climb(data, start, MStep(Model("gaussian", 2, 2, "full"), data), 1e-8, 10_000)
        assert climbed.status is Status.COLLAPSED
        assert np.all(np.isfinite(known(climbed.mixture.components, Gaussian).covariances))


def test_a_narrow_component_far_from_a_point_mass_is_no_collapse():
    """A thousandth of the width of the data, with a hundred observations in it."""
    draws = np.random.default_rng(0)
    x = np.concatenate([draws.normal(0, 1, 100), draws.normal(5, 1e-3, 100)])
    fitted = fit(x, "gaussian", 2)
    assert fitted.status is Status.CONVERGED
    narrow = known(fitted.mixture.components, Gaussian).covariances[1, 0, 0]
    assert narrow == pytest.approx(x[100:].var(), rel=1e-6)


def test_an_emptied_component_is_a_collapse_with_a_reason():
    """Counts less spread than any Poisson, and a component far from all of them."""
    data = Data.of([4, 5, 5, 6] * 5)
    start = Mixture(np.array([0.5, 0.5]), Poisson(np.array([5.0, 1e4])))
    climbed = climb(data, start, MStep(Model("poisson", 2), data), 1e-8, 100)
    assert (climbed.status, climbed.reason) == (Status.COLLAPSED, "component 2 is empty")
    fitted = fit(data, "poisson", 2)
    assert fitted.status is Status.CONVERGED
    one = Mixture(np.ones(1), Poisson(np.array([5.0])))
    assert fitted.log_likelihood == pytest.approx(oracles.log_likelihood(one, data.values), abs=1e-6)


def test_a_rare_component_is_not_empty():
    x = np.concatenate([np.random.default_rng(0).poisson(3, size=5000), [1000]])
    fitted = fit(x, "poisson", 2)
    assert fitted.status is Status.CONVERGED
    assert fitted.mixture.weights[1] == pytest.approx(1 / 5001, rel=1e-9)
    tiny = fit(x, "poisson", 2, weights=np.full(len(x), 1e-3))
    assert tiny.status is Status.CONVERGED
    assert known(tiny.mixture.components, Poisson).rates[1] == pytest.approx(1000, rel=1e-9)


@pytest.mark.parametrize("covariance", ["full", "diagonal", "spherical", "tied"])
def test_under_a_prior_nothing_collapses(covariance):
    fitted = fit(REPEATED, "gaussian", 3, covariance=covariance, estimate="map", starts=20)
    assert {start.status for start in fitted.starts} <= {Status.CONVERGED, Status.OUTRUN}
