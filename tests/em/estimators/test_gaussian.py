"""``GaussianMixture`` against scikit-learn's, and what it has beside that."""

import warnings
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as Theirs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from em import Status, fit, standard_errors
from em.estimators import GaussianMixture, mixture
from em.estimators.gaussian_ridge import RidgedMStep
from em.stretch import Evaluation
from models import Data, Gaussian, Mixture, Model
from tests import oracles

TYPES = ("full", "tied", "diag", "spherical")
ATTRIBUTES = ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_", "lower_bounds_")
ROWS = 300


@pytest.fixture(scope="module")
def x():
    rng = np.random.default_rng(1)
    apart = rng.normal(size=(ROWS, 2)) * [[1, 0.3]] + np.repeat([[0, 0], [2, 1], [6, -1]], ROWS // 3, axis=0)
    return rng.permutation(apart)


@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("init_params", ["k-means++", "random", "random_from_data"])
def test_the_numbers_are_those_of_scikit_learn(x, covariance_type, init_params):
    given: dict[str, Any] = {
        "covariance_type": covariance_type,
        "init_params": init_params,
        "random_state": 3,
        "n_init": 2,
        "max_iter": 400,
    }
    ours, theirs = GaussianMixture(3, **given).fit(x), Theirs(3, **given).fit(x)
    assert ours.n_iter_ == theirs.n_iter_ == len(ours.lower_bounds_)
    for name in ATTRIBUTES:
        # From a few rows scikit-learn's weights do not sum to one, which moves the first bound and nothing else.
        skipped = 1 if name == "lower_bounds_" and init_params != "random" else 0
        # Rounding is carried on by up to 400 steps, none of which is far from contracting it.
        np.testing.assert_allclose(
            getattr(ours, name)[skipped:], getattr(theirs, name)[skipped:], rtol=1e-9, atol=1e-11, err_msg=name
        )
    np.testing.assert_allclose(ours.score_samples(x), theirs.score_samples(x), rtol=1e-9)
    for drawn, expected in zip(ours.sample(7), theirs.sample(7), strict=True):
        np.testing.assert_allclose(drawn, expected, rtol=1e-9)
    assert ours.bic(x) == pytest.approx(theirs.bic(x), rel=1e-12)
    assert ours.aic(x) == pytest.approx(theirs.aic(x), rel=1e-12)


def test_k_means_and_a_ridge_that_matters_are_those_of_scikit_learn(x):
    given: dict[str, Any] = {"reg_covar": 0.3, "random_state": 0, "tol": 1e-6, "max_iter": 400}
    ours, theirs = GaussianMixture(3, **given).fit(x), Theirs(3, **given).fit(x)
    for name in ATTRIBUTES:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-8, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_compiled_steps_with_a_ridge_are_those_in_python(x, covariance_type):
    structure = "diagonal" if covariance_type == "diag" else covariance_type
    data = Data.of(x)
    m_step = RidgedMStep(Model("gaussian", 3, 2, structure), data, ridge=0.1)
    mixture = Mixture(np.full(3, 1 / 3), Gaussian.around(x[:3], data).structured(structure))
    stretch = Evaluation(data, m_step).stretch(mixture, 4)
    for visited, log_likelihood in zip(stretch.mixtures(), stretch.log_likelihood, strict=True):
        for name, array in mixture.arrays().items():
            np.testing.assert_allclose(visited.arrays()[name], array, rtol=1e-10, err_msg=name)
        point = Evaluation(data, m_step)(mixture)
        assert log_likelihood == pytest.approx(point.objective, rel=1e-12)
        mixture = m_step(point.expectation.statistics)


def test_the_log_likelihood_is_that_of_the_estimate_and_the_bound_that_of_the_step_before(x):
    found = GaussianMixture(3, random_state=0, max_iter=2, tol=0)
    with pytest.warns(ConvergenceWarning):
        found.fit(x)
    mixture = Mixture(
        np.asarray(found.weights_, float),
        Gaussian(np.asarray(found.means_, float), np.asarray(found.covariances_, float)),
    )
    assert found.log_likelihood_ == pytest.approx(oracles.log_likelihood(mixture, x), rel=1e-12)
    assert found.lower_bound_ < found.log_likelihood_ / ROWS
    assert (found.status_, found.converged_) == (Status.OUT_OF_STEPS, False)


def test_without_a_ridge_no_step_falls_and_with_one_some_do(x):
    found = GaussianMixture(3, reg_covar=0, tol=1e-9, max_iter=500, random_state=0).fit(x)
    assert np.diff(found.lower_bounds_).min() >= -1e-12
    ridged = GaussianMixture(3, reg_covar=1, tol=1e-9, max_iter=500, random_state=0).fit(x)
    assert np.diff(ridged.lower_bounds_).min() < -1e-3


def test_a_component_on_a_single_row_has_collapsed_whatever_the_ridge_and_the_units():
    rng = np.random.default_rng(0)
    few = np.concatenate([rng.normal(size=(40, 2)), [[9.0, 9.0]]])
    for unit in (1e-4, 1, 1e4):
        start: dict[str, Any] = {"means_init": unit * np.array([[0, 0], [9, 9]]), "random_state": 0}
        found = GaussianMixture(2, reg_covar=1e-6 * unit**2, **start).fit(unit * few)
        assert (found.status_, found.converged_) == (Status.COLLAPSED, True)
        assert GaussianMixture(1).fit(unit * few).status_ is Status.CONVERGED
    with pytest.raises(ValueError, match="ill-defined empirical covariance"):
        GaussianMixture(2, reg_covar=0, **start).fit(unit * few)


def test_a_weight_stands_for_that_many_rows(x):
    # Starts of k-means draw other rows, so that both begin where they are told to.
    weights = np.random.default_rng(0).integers(0, 4, len(x))
    given: dict[str, Any] = {
        "means_init": x[:3],
        "precisions_init": np.repeat(np.eye(2)[None], 3, axis=0),
        "weights_init": [0.2, 0.3, 0.5],
    }
    weighted = GaussianMixture(3, **given).fit(x, sample_weight=weights)
    repeated = GaussianMixture(3, **given).fit(np.repeat(x, weights, axis=0))
    assert weighted.n_iter_ == repeated.n_iter_
    for name in ATTRIBUTES:
        np.testing.assert_allclose(
            getattr(weighted, name), getattr(repeated, name), rtol=1e-9, atol=1e-11, err_msg=name
        )
    assert weighted.score(x, sample_weight=weights) == pytest.approx(repeated.score(np.repeat(x, weights, axis=0)))
    assert weighted.bic(x, sample_weight=weights) == pytest.approx(repeated.bic(np.repeat(x, weights, axis=0)))
    for name, errors in repeated.standard_errors_.items():
        np.testing.assert_allclose(weighted.standard_errors_[name], errors, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("init_params", ["kmeans", "k-means++", "random", "random_from_data"])
def test_rows_without_weight_are_not_there(x, init_params):
    weights = np.ones(len(x))
    weights[::3] = 0
    given: dict[str, Any] = {"init_params": init_params, "random_state": 0}
    weighted = GaussianMixture(2, **given).fit(x, sample_weight=weights)
    fewer = GaussianMixture(2, **given).fit(x[weights > 0], sample_weight=np.ones(int(weights.sum())))
    np.testing.assert_array_equal(weighted.means_, fewer.means_)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_standard_errors_stand_beside_the_users_components(x, covariance_type):
    # In descending order of the means, where the package has them ascending.
    structure = "diagonal" if covariance_type == "diag" else covariance_type
    found = GaussianMixture(
        3, covariance_type=covariance_type, means_init=[[6, -1], [2, 1], [0, 0]], random_state=0
    ).fit(x)
    assert found.means_[0, 0] > found.means_[2, 0]
    table = standard_errors(fit(x, "gaussian", 3, covariance=structure, starts=8)).table["standard_error"]
    errors = found.standard_errors_
    assert errors["weights"].shape == found.weights_.shape
    assert errors["means"].shape == found.means_.shape
    assert errors["covariances"].shape == found.covariances_.shape
    assert errors["weights"][::-1] == pytest.approx(table[[f"weights[{k}]" for k in (1, 2, 3)]].to_numpy(), rel=1e-3)
    assert errors["means"][::-1, 1] == pytest.approx(table[[f"means[{k},x2]" for k in (1, 2, 3)]].to_numpy(), rel=1e-3)
    first = {
        "full": (lambda array: array[2, 1, 0], "covariances[1,x1,x2]"),
        "tied": (lambda array: array[1, 0], "covariances[x1,x2]"),
        "diag": (lambda array: array[2, 1], "variances[1,x2]"),
        "spherical": (lambda array: array[2], "variances[1]"),
    }
    taken, name = first[covariance_type]
    assert taken(errors["covariances"]) == pytest.approx(table[name], rel=1e-3)


def test_an_audit_names_a_higher_optimum(x):
    lesser = GaussianMixture(3, means_init=np.array([[0, 0], [0, 0.1], [0, -0.1]]), random_state=0).fit(x)
    found = lesser.audit(starts=12)
    assert found.atlas.runs == 13
    best = fit(x, "gaussian", 3, starts=12)
    assert found.fitted.log_likelihood >= lesser.log_likelihood_ - 1e-6
    assert found.atlas.optima[0].log_likelihood == pytest.approx(best.log_likelihood, abs=1e-6)


def test_a_comparison_shows_the_estimate_beside_that_of_em(x, monkeypatch):
    asked: dict[str, Any] = {}
    monkeypatch.setattr(mixture, "compare", lambda *given, **options: asked.update(options, data=given[0]))
    found = GaussianMixture(2, covariance_type="diag", random_state=0).fit(x)
    found.compare(draws=10)
    assert asked["covariance"] == "diagonal"
    assert (asked["family"], asked["components"], asked["draws"]) == ("gaussian", 2, 10)
    np.testing.assert_array_equal(asked["given"].components.means, found.means_)
    np.testing.assert_array_equal(asked["data"].values, x)


@pytest.mark.slow
def test_a_comparison_of_an_estimate(x):
    found = GaussianMixture(2, random_state=0).fit(x[::3]).compare(starts=8, draws=200, tune=200, chains=2)
    assert found.verdict


def test_single_precision_in_and_out(x):
    found = GaussianMixture(3, random_state=0).fit(x.astype(np.float32))
    assert {getattr(found, name).dtype for name in ATTRIBUTES[:-1]} == {np.dtype(np.float32)}
    assert found.predict_proba(x.astype(np.float32)).dtype == np.float32
    assert found.transform(x).dtype == np.float64


def test_a_warm_start_goes_on_from_where_it_was(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        at_once = GaussianMixture(3, init_params="random", random_state=0, max_iter=6, tol=0).fit(x)
        in_turns = (
            GaussianMixture(3, init_params="random", random_state=0, max_iter=3, tol=0, warm_start=True).fit(x).fit(x)
        )
    np.testing.assert_allclose(in_turns.means_, at_once.means_, rtol=1e-10)
    assert in_turns.lower_bounds_ == pytest.approx(at_once.lower_bounds_[3:], rel=1e-12)


def test_memberships_come_in_the_container_that_was_asked_for(x):
    import pandas as pd

    named = pd.DataFrame(x, columns=["long", "wide"])
    found = GaussianMixture(2, random_state=0).set_output(transform="pandas").fit(named)
    memberships = found.transform(named)
    assert list(memberships.columns) == ["gaussianmixture0", "gaussianmixture1"]
    np.testing.assert_allclose(memberships.sum(axis=1), 1)
    assert found.audit(starts=2).fitted.data.columns == ("long", "wide")


def test_weights_are_routed_through_a_pipeline(x):
    weights = np.random.default_rng(0).uniform(0.5, 2, len(x))
    with sklearn.config_context(enable_metadata_routing=True):
        mixture = GaussianMixture(2, random_state=0).set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=True)
        routed = make_pipeline(scaler, mixture).fit(x, sample_weight=weights)[-1]
    scaled = StandardScaler().fit(x, sample_weight=weights).transform(x)
    direct = GaussianMixture(2, random_state=0).fit(scaled, sample_weight=weights)
    np.testing.assert_array_equal(routed.means_, direct.means_)
    assert abs(routed.means_ - GaussianMixture(2, random_state=0).fit(scaled).means_).max() > 1e-6


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"n_components": 0}, "n_components must be a whole number from 1 on, got 0"),
        ({"tol": -1}, "tol must be a number from 0 on, got -1"),
        ({"reg_covar": "x"}, "reg_covar must be a number from 0 on, got 'x'"),
        (
            {"covariance_type": "diagonal"},
            "covariance_type must be one of 'full', 'tied', 'diag', 'spherical', got 'diagonal'",
        ),
        ({"init_params": "quantiles"}, "init_params must be one of"),
        ({"warm_start": 1}, "warm_start must be True or False, got 1"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(x, parameters, named):
    with pytest.raises(ValueError, match=named):
        GaussianMixture(**parameters).fit(x)


def test_progress_is_printed_as_often_as_asked(x, capsys):
    GaussianMixture(2, verbose=2, verbose_interval=2, init_params="random", tol=1e-6, max_iter=500, random_state=0).fit(
        x
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Initialization 0"
    assert lines[1].startswith("  Iteration 2\t time lapse ")
    assert lines[-1].startswith("Initialization converged. time lapse ")
    GaussianMixture(2, random_state=0).fit(x)
    assert capsys.readouterr().out == ""
