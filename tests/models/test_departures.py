"""Departures from a reference: zero there, derivatives as by differences, and lengths that no units or axes change."""

import numpy as np
import pytest
from scipy import linalg

from em import MStep, e_step
from models import Gaussian, Mixture, Poisson
from tests.cases import CASES

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def chart_of(case):
    return MStep(case.model, case.data, None).chart(case.mixture, e_step(case.data, case.mixture).statistics)


@each_case
def test_they_are_zero_at_the_reference(case):
    for departure in case.model.departures(case.mixture, case.mixture).values():
        # The logarithm of a whitened covariance that is the identity but for rounding.
        np.testing.assert_allclose(departure, 0, atol=1e-12)


@each_case
def test_their_derivatives_are_those_by_differences(case):
    chart = chart_of(case)
    along = case.model.departures_along(chart.tangents(), case.mixture)
    for place, unit in enumerate(1e-5 * np.eye(len(chart.scales))):
        above, below = (case.model.departures(chart.at(step), case.mixture) for step in (unit, -unit))
        for name, derivatives in along.items():
            # Central differences of 1e-5 err by its square, and by rounding of 1e-16 / 1e-5.
            np.testing.assert_allclose((above[name] - below[name]) / 2e-5, derivatives[place], atol=1e-7)


def test_of_one_normal_and_of_one_rate_they_are_those_of_a_textbook():
    reference = Gaussian(np.array([[3.0]]), np.array([[[4.0]]]))
    moved = Gaussian(np.array([[4.0]]), np.array([[[9.0]]])).departures(reference, "full")
    assert moved["means[1]"] == pytest.approx([0.5])
    assert moved["covariances[1]"] == pytest.approx([np.log(3 / 2)])
    assert Poisson(np.array([6.0])).departures(Poisson(np.array([2.0])), None)["rates[1]"] == pytest.approx([np.log(3)])


def test_the_length_of_a_covariance_is_that_of_its_matrix_logarithm():
    rng = np.random.default_rng(0)
    first, second = (shape @ shape.T + np.eye(3) for shape in rng.normal(size=(2, 3, 3)))
    zero = np.zeros((1, 3))
    departed = Gaussian(zero, second[None]).departures(Gaussian(zero, first[None]), "full")["covariances[1]"]
    # The affine-invariant distance (Förstner and Moonen 1999): the root of the sum of squared log-eigenvalues.
    eigenvalues = linalg.eigh(second, first, eigvals_only=True)
    assert np.linalg.norm(departed) == pytest.approx(0.5 * np.linalg.norm(np.log(eigenvalues)), rel=1e-10)


@pytest.mark.parametrize("covariance", ["full", "tied"])
def test_lengths_are_the_same_whatever_the_axes(covariance):
    case = next(case for case in CASES if str(case) == f"gaussian-{covariance}-3d")
    rng = np.random.default_rng(1)
    matrix, nothing = rng.normal(size=(3, 3)), np.zeros(3)
    other = chart_of(case).at(0.1 * rng.normal(size=len(chart_of(case).scales)))
    before = case.model.departures(other, case.mixture)
    turned = [
        Mixture(mixture.weights, mixture.components.affine(nothing, matrix, nothing))
        for mixture in (other, case.mixture)
    ]
    after = case.model.departures(*turned)
    for name, departure in before.items():
        # Rounding, times the condition of the matrix.
        assert np.linalg.norm(after[name]) == pytest.approx(np.linalg.norm(departure), rel=1e-8)
