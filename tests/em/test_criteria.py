"""Information criteria against scikit-learn's and against the definition of each."""

import numpy as np
import pytest
from scipy import stats
from sklearn.mixture import GaussianMixture

from em import criteria, fit
from models import Gaussian
from tests.known import known


def test_aic_and_bic_are_those_of_scikit_learn_at_the_same_estimate():
    x = np.random.default_rng(0).normal(size=(200, 2)) + np.repeat([[0, 0], [4, 4]], 100, axis=0)
    fitted = fit(x, "gaussian", 2, starts=10)
    found, components = criteria(fitted), known(fitted.mixture.components, Gaussian)
    model = GaussianMixture(2)
    model.weights_, model.means_, model.covariances_ = fitted.mixture.weights, components.means, components.covariances
    model.precisions_cholesky_ = np.array([np.linalg.cholesky(np.linalg.inv(c)) for c in components.covariances])
    # Rounding.
    assert found.aic == pytest.approx(model.aic(x), rel=1e-10)
    assert found.bic == pytest.approx(model.bic(x), rel=1e-10)
    entropy = stats.entropy(model.predict_proba(x), axis=1).sum()
    assert found.icl == pytest.approx(found.bic + 2 * entropy, rel=1e-10)
    assert found.icl > found.bic


def test_weights_count_observations():
    counts, seen = np.array([0, 1, 2, 7, 9]), [5, 3, 4, 6, 2]
    once = criteria(fit(np.repeat(counts, seen), "poisson", 2, starts=10))
    counted = criteria(fit(counts, "poisson", 2, weights=seen, starts=10))
    for name in ("aic", "bic", "icl"):
        # What EM leaves to climb.
        assert getattr(once, name) == pytest.approx(getattr(counted, name), abs=1e-6)


def test_one_component_has_no_entropy_and_a_mode_under_a_prior_no_criteria():
    x = np.random.default_rng(1).normal(size=50)
    found = criteria(fit(x, "gaussian", 1))
    assert found.icl == pytest.approx(found.bic, abs=1e-9)
    with pytest.raises(ValueError, match="fitted must be a maximum-likelihood estimate"):
        criteria(fit(x, "gaussian", 1, estimate="map"))
