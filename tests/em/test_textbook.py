"""Textbook data reach the known optimum with default settings, and scikit-learn agrees what its likelihood is."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from em import Status, fit
from models import Gaussian
from tests.em.textbook import TEXTBOOK
from tests.known import known

SCIKIT_LEARN = {"full": "full", "diagonal": "diag", "spherical": "spherical", "tied": "tied"}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_default_settings_reach_the_published_optimum(name):
    published = TEXTBOOK[name]
    fitted = fit(published.data, published.family, published.components, covariance=published.covariance)
    assert fitted.status is Status.CONVERGED
    assert fitted.log_likelihood == pytest.approx(published.log_likelihood, abs=1e-6)
    for parameter, value in published.parameters.items():
        # As many digits as the source prints.
        assert fitted.parameters[parameter] == pytest.approx(value, rel=1e-3), parameter


@pytest.mark.parametrize("name", [name for name in TEXTBOOK if TEXTBOOK[name].family == "gaussian"])
def test_scikit_learn_starting_at_our_optimum_stays_there_and_gives_it_the_same_likelihood(name):
    published = TEXTBOOK[name]
    x, k = published.data.values, published.components
    fitted = fit(published.data, "gaussian", k, covariance=published.covariance, starts=5)
    components, structure = known(fitted.mixture.components, Gaussian), known(published.covariance, str)
    precisions = np.linalg.inv(components.covariances)
    theirs = GaussianMixture(
        k,
        covariance_type=SCIKIT_LEARN[structure],
        weights_init=fitted.mixture.weights,
        means_init=components.means,
        precisions_init={
            "full": precisions,
            "tied": precisions[0],
            "diagonal": np.diagonal(precisions, axis1=1, axis2=2),
            "spherical": precisions[:, 0, 0],
        }[structure],
        reg_covar=0,
        tol=1e-12,
        max_iter=20_000,
    ).fit(x)
    # Theirs climbs the rest of the way, of which ours claims to have left at most 1e-8.
    assert theirs.score(x) * len(x) == pytest.approx(fitted.log_likelihood, abs=1e-7)
    order = np.argsort(theirs.means_[:, 0])
    assert theirs.weights_[order] == pytest.approx(fitted.mixture.weights, abs=1e-4)


def test_many_local_optima_are_reported_and_the_best_of_them_returned():
    published = TEXTBOOK["iris 3 full"]
    fitted = fit(published.data, "gaussian", 3)
    ends = {round(start.log_likelihood, 3) for start in fitted.starts if start.status is Status.CONVERGED}
    assert len(ends) >= 3
    assert max(ends) == round(fitted.log_likelihood, 3)
