"""One mixture, stated in every form of plain dictionaries, is read as itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import Gaussian, Given, Mixture, Poisson
from tests.cases import CASES, Case

GAUSSIANS = [case for case in CASES if case.covariance]


def same(found: Mixture, expected: Mixture) -> None:
    for name, array in expected.arrays().items():
        # A square and its root, or an inverse and its own, lose some units in the last place times the condition.
        np.testing.assert_allclose(found.arrays()[name], array, rtol=1e-10, atol=1e-12)


def scales(case: Case) -> dict[str, Any]:
    """Every name for how wide the components are, with the array of that name."""
    covariances = case.mixture.components.arrays()["covariances"]
    found: dict[str, Any] = {
        "covariances": covariances,
        "precisions": np.linalg.inv(covariances),
        "cholesky": np.linalg.cholesky(covariances),
    }
    upper = {"chol": np.swapaxes(np.linalg.cholesky(covariances), 1, 2)}
    diagonals = np.diagonal(covariances, axis1=1, axis2=2)
    if case.data.dimension == 1 or case.covariance in ("diagonal", "spherical"):
        found |= {"variances": diagonals, "sds": np.sqrt(diagonals), "stds": np.sqrt(diagonals)}
    if case.covariance == "spherical":
        found |= {"variance": diagonals[:, 0], "sd": np.sqrt(diagonals[:, 0])}
    if case.covariance == "tied":
        found |= {"covariance": covariances[0], "precision": np.linalg.inv(covariances[0])}
    return found | upper


@pytest.mark.parametrize("case", GAUSSIANS, ids=str)
def test_every_name_of_a_width_gives_the_same_mixture(case):
    means = case.mixture.components.arrays()["means"]
    for name, scale in scales(case).items():
        given = {"weights": case.mixture.weights, "means": means, name: scale}
        found = Given.of(given, case.data)
        same(found.mixture, case.mixture)
        assert found.doubt is None, name
        assert (found.model.components, found.model.dimension) == (3, case.data.dimension)
        stated = {"tied"} if case.covariance == "tied" else {"full", case.covariance}
        # Inverting a tied covariance for each component may round each in its own way only where they differ.
        assert found.model.covariance in (stated if case.data.dimension == 1 else {case.covariance}), name


@pytest.mark.parametrize("case", GAUSSIANS, ids=str)
def test_components_on_the_last_axis_are_recognised(case):
    arrays = case.mixture.components.arrays()
    means, covariances = arrays["means"].T, np.moveaxis(arrays["covariances"], 0, -1)
    same(Mixture.of({"pi": case.mixture.weights, "mu": means, "cov": covariances}, case.data), case.mixture)


def test_as_many_components_as_features_are_settled_by_symmetry():
    (case,) = [case for case in CASES if str(case) == "gaussian-full-3d"]
    arrays = case.mixture.components.arrays()
    for last in (False, True):
        means = arrays["means"].T if last else arrays["means"]
        covariances = np.moveaxis(arrays["covariances"], 0, -1) if last else arrays["covariances"]
        same(Mixture.of({"weights": case.mixture.weights, "means": means, "covariances": covariances}), case.mixture)


@pytest.mark.parametrize("name", ["gaussian-diagonal-3d", "gaussian-tied-3d"])
def test_where_symmetry_is_silent_the_data_decide_and_it_is_said(name):
    (case,) = [case for case in CASES if str(case) == name]
    means = case.mixture.components.arrays()["means"]
    covariances = case.mixture.components.arrays()["covariances"]
    widths = {"covariances": covariances[0]} if case.covariance == "tied" else {"variances": diagonals(covariances)}
    other = {"covariances": covariances[0]} if case.covariance == "tied" else {"variances": diagonals(covariances).T}
    first = Given.of({"weights": case.mixture.weights, "means": means, **widths}, case.data)
    last = Given.of({"weights": case.mixture.weights, "means": means.T, **other}, case.data)
    same(first.mixture, case.mixture)
    same(last.mixture, case.mixture)
    assert "row for each component" in first.notes[0]
    assert "nats lower" in last.notes[0]


def diagonals(covariances):
    return np.diagonal(covariances, axis1=1, axis2=2)


def test_without_data_one_sentence_asks_and_the_answer_settles_it():
    given = {"weights": [0.5, 0.5], "means": [[0.0, 4.0], [1.0, 6.0]], "variances": [[1.0, 2.0], [3.0, 4.0]]}
    with pytest.raises(ValueError, match=r"row for each component or with a column.*components_axis") as error:
        Mixture.of(given)
    assert str(error.value).count(". ") == 0
    first = Mixture.of({**given, "components_axis": "first"})
    last = Mixture.of({**given, "components_axis": "last"})
    np.testing.assert_array_equal(first.components.arrays()["means"], [[0, 4], [1, 6]])
    np.testing.assert_array_equal(last.components.arrays()["means"], [[0, 1], [4, 6]])
    np.testing.assert_array_equal(diagonals(last.components.arrays()["covariances"]), [[1, 3], [2, 4]])


def test_where_both_fit_the_data_one_sentence_asks():
    x = np.random.default_rng(0).normal(size=(40, 2))
    given = {"weights": [0.5, 0.5], "means": [[0.0, 0.1], [0.11, 0.0]], "variances": [[1.0, 1.1], [1.0, 1.0]]}
    with pytest.raises(ValueError, match="nats apart"):
        Mixture.of(given, x)


def test_sigma_is_a_deviation_or_a_variance_as_the_data_say():
    rng = np.random.default_rng(1)
    truth = Mixture(np.array([0.4, 0.6]), Gaussian(np.array([[0.0], [30.0]]), np.array([[[16.0]], [[9.0]]])))
    x = truth.sample(300, rng)[0]
    given = {"weights": [0.4, 0.6], "means": [0.0, 30.0]}
    same(Mixture.of({**given, "sds": [4.0, 3.0]}, x), truth)
    for values, word in (([4.0, 3.0], "standard deviations"), ([16.0, 9.0], "variances")):
        found = Given.of({**given, "sigma": values}, x)
        same(found.mixture, truth)
        assert f"as {word}" in found.notes[0]
    with pytest.raises(ValueError, match="with sigma as standard deviations or with sigma as variances"):
        Given.of({**given, "sigma": [4.0, 3.0]})


def test_one_number_is_the_width_of_all():
    found = Given.of({"weights": [0.5, 0.5], "means": [0.0, 3.0], "sd": 2.0})
    assert found.model.covariance == "tied"
    np.testing.assert_array_equal(found.mixture.components.arrays()["covariances"].ravel(), [4, 4])
    found = Given.of({"weights": [0.5, 0.5], "means": [[0.0, 3.0, 1.0], [1.0, 1.0, 1.0]], "sd": 2.0})
    assert found.model.covariance == "spherical"


def test_equal_covariances_of_few_digits_are_not_called_tied():
    rounded = Given.of({"weights": [0.5, 0.5], "means": [0.0, 3.0], "sds": [0.5, 0.5]})
    assert (rounded.model.covariance, "tied" in rounded.notes[0]) == ("full", True)
    exact = Given.of({"weights": [0.5, 0.5], "means": [0.0, 3.0], "sds": [0.512347, 0.512347]})
    assert (exact.model.covariance, exact.notes) == ("tied", ())
    stated = Given.of({"weights": [0.5, 0.5], "means": [0.0, 3.0], "sds": [0.5, 0.5], "covariance_type": "tied"})
    assert (stated.model.covariance, stated.notes) == ("tied", ())


def test_a_structure_goes_by_the_suites_own_name_as_well_and_remarks_are_no_pieces():
    given = {"weights": [0.5, 0.5], "means": [0.0, 3.0], "sds": [0.5, 0.5], "covariance": "tied", "what": "my best try"}
    assert Given.of(given).model.covariance == "tied"


def test_one_component_needs_no_weight():
    found = Given.of({"means": [2.0], "variances": [3.0]})
    np.testing.assert_array_equal(found.mixture.weights, [1.0])
    several = Given.of({"weights": [1.0], "means": [2.0, 5.0], "variances": [3.0, 1.0]})
    assert (several.model.components, several.model.dimension, several.model.covariance) == (1, 2, "diagonal")


def test_equal_weights_may_be_stated_in_a_word():
    found = Given.of({"mixing": "equal", "components": 2, "rates": [1.0, 4.0]})
    assert found.model.mixing == "equal"
    np.testing.assert_array_equal(found.mixture.weights, [0.5, 0.5])


def test_rates_are_read_with_what_their_program_claims():
    found = Given.of({"prior": [0.25, 0.75], "lambda": [[1.5], [4.0]], "logLik": [-12.5]})
    same(found.mixture, Mixture(np.array([0.25, 0.75]), Poisson(np.array([1.5, 4.0]))))
    assert found.log_likelihood == -12.5
    assert found.model.family == "poisson"


def test_a_mixture_is_its_own_estimate():
    for case in CASES:
        same(Mixture.of(case.mixture, case.data), case.mixture)
        same(Given.of(case.mixture.arrays(), case.data).mixture, case.mixture)


def test_digits_are_those_that_the_numbers_were_written_with():
    given = {"weights": [0.5, 0.5], "means": [1.0, 12.345], "sds": [0.98700, 1.23]}
    assert Given.of(given).digits == 3
    assert Given.of({**given, "weights": [1 / 3, 2 / 3], "means": [0.1 + 0.2, np.pi], "sds": [2 / 7, 1.5]}).digits >= 15
