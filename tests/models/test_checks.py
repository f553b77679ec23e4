"""What every entry point asks of weights, prior and shapes, in one place each."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import bayes
import em
import reports
from models import Data, Gamma, Gaussian, Mixture, Model, NormalInverseWishart, Poisson, Prior
from tests.known import known

COUNTS = Data.of([1, 2, 3, 4, 9.0])
TWO = Model("poisson", 2)
ONE_D = Model("gaussian", 2, 1, "full")


def choose(x, family, components, **others):
    return reports.choose(x, family, [components], **others)


def fit_map(x, family, components, **others):
    return em.fit(x, family, components, estimate="map", **others)


ENTRIES: dict[str, Callable[..., Any]] = {
    "fit": fit_map,
    "sample": bayes.sample,
    "exact_posterior": bayes.exact_posterior,
    "build_model": bayes.build_model,
    "compare": reports.compare,
    "choose": choose,
}
each_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())


@each_entry
def test_weights_beside_data_raise(entry):
    with pytest.raises(ValueError, match=r"^weights must be left out when x is Data"):
        entry(COUNTS, "poisson", 2, weights=[1] * 5)


PRIORS = {
    "another family": (ONE_D.prior(COUNTS), "^prior must be one of this model, with family 'poisson'"),
    "impossible": (Prior(Gamma(-1.0, 2.0), TWO), "^the prior's shape and rate must be positive, got -1 and 2"),
    "not finite": (Prior(Gamma(np.nan, 2.0), TWO), "^the prior's shape must be finite"),
    "components of another family": (
        Prior(ONE_D.prior(COUNTS).components, TWO),
        "^the prior's name must be 'shared rate' or 'Gamma' for family 'poisson', got 'shared scale'",
    ),
    "no concentration": (replace(TWO.prior(COUNTS), concentration=0.0), "^the prior's concentration must be positive"),
    "no prior": (Gamma(1.0, 2.0), "^prior must be a Prior, .*, or a name, got Gamma"),
}


@each_entry
@pytest.mark.parametrize(("prior", "message"), PRIORS.values(), ids=PRIORS.keys())
def test_a_prior_that_does_not_fit_is_named(entry, prior, message):
    with pytest.raises(ValueError, match=message):
        entry(COUNTS, "poisson", 2, prior=prior)


@pytest.mark.parametrize("name", [name for name in ENTRIES if name != "choose"])
def test_a_prior_of_another_k_is_named(name):
    """``choose`` takes one prior for every k."""
    with pytest.raises(ValueError, match="with components 2, got one with components 3"):
        ENTRIES[name](COUNTS, "poisson", 2, prior=Model("poisson", 3).prior(COUNTS))


@pytest.mark.parametrize("estimate", ["banana", ["mle"], None])
def test_compare_knows_its_estimates_before_it_works(estimate):
    with pytest.raises(ValueError, match=r"^estimate must be one of 'mle', 'map'"):
        reports.compare(COUNTS, "poisson", 2, estimate=estimate)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3, 1), ()], ids=str)
def test_a_log_density_of_the_wrong_shape_raises(shape):
    line = Poisson(np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match=r"^x must have shape \(n,\) or \(n, 1\)"):
        Mixture(np.array([0.5, 0.5]), line).log_density(np.ones(shape))
    space = Gaussian(np.zeros((2, 3)), np.array([np.eye(3)] * 2))
    with pytest.raises(ValueError, match=r"^x must have shape \(n, 3\)"):
        Mixture(np.array([0.5, 0.5]), space).log_density(np.ones(shape))


def test_the_statement_is_of_the_prior_that_was_used():
    usual = ONE_D.prior(COUNTS, "conjugate")
    assert "the data's own covariance" in usual.statement_about(COUNTS)
    components = known(usual.components, NormalInverseWishart)
    other = replace(usual, components=replace(components, location=np.array([77.0])))
    assert "data" not in other.statement_about(COUNTS)
    assert "m = 77" in other.statement_about(COUNTS)
    assert "mean of the data" not in Prior(Gamma(2.0, 3.0), TWO).statement_about(COUNTS)


@pytest.mark.parametrize("estimate", ["mle", "map"])
@pytest.mark.parametrize("x", [[0.0] * 20, [4.0] * 20, [3.0]], ids=["zeros", "fours", "one"])
def test_constant_counts_are_one_poisson(x, estimate):
    found = em.fit(x, "poisson", 1, estimate=estimate, prior="conjugate" if estimate == "map" else None)
    rate = known(found.prior.components, Gamma).rate if found.prior else 0.0
    # The mode of Gamma(1 + Σx, b + n), which is that of the likelihood without a prior.
    assert found.parameters["rates[1]"] == pytest.approx(sum(x) / (len(x) + rate), abs=1e-300)
    assert (found.status, found.steps, len(found.starts)) == (em.Status.CONVERGED, 1, 1)
    assert np.isfinite(bayes.exact_posterior(x, "poisson", 1).evidence)
