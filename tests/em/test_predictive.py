"""The plug-in's leave-one-out score against refitting without each observation."""

import numpy as np
import pytest

from em import PredictiveScore, Status, fit, predictive_score
from models import Gaussian, Mixture
from tests.known import known


@pytest.mark.parametrize("family", ["poisson", "gaussian"])
def test_the_score_is_that_of_estimates_that_have_not_seen_the_observation(family):
    rng = np.random.default_rng(5)
    x = rng.poisson(rng.choice([4.0, 20.0], 120)) if family == "poisson" else rng.normal(rng.choice([0.0, 7.0], 120))
    fitted = fit(x, family, 2, starts=10)
    found = known(predictive_score(fitted), PredictiveScore)
    values, counts = np.unique(x, return_counts=True)
    np.testing.assert_array_equal(found.weights, counts)
    refitted = []
    for value in values:
        rest = np.delete(x, np.flatnonzero(x == value)[0])
        without = fit(rest, family, 2, start=fitted.mixture)
        refitted.append(float(without.mixture.log_density(np.array([[value]]))[0]))
    at_the_estimate = fitted.mixture.log_density(values[:, None].astype(float))
    penalty, exact = at_the_estimate - found.pointwise, at_the_estimate - np.array(refitted)
    # What the first order leaves out is smaller by another factor of the influence, which is below a tenth but for the
    # outermost observations.
    assert counts @ penalty == pytest.approx(counts @ exact, rel=0.1)
    # In all about one for each of the 3 (Poisson) or 5 free parameters.
    assert counts @ penalty == pytest.approx(fitted.model.free_parameters, rel=0.4)
    assert np.corrcoef(penalty, exact)[0, 1] > 0.98
    assert found.elpd == pytest.approx(counts @ found.pointwise)


def test_an_estimate_on_one_point_has_no_score():
    x = np.random.default_rng(0).normal(size=30)
    on_a_point = Gaussian(np.array([[x[0]], [0.0]]), np.array([[[1e-9]], [[1.0]]]))
    collapsed = fit(x, "gaussian", 2, start=Mixture(np.array([0.1, 0.9]), on_a_point))
    assert collapsed.status is Status.COLLAPSED
    assert predictive_score(collapsed) is None
