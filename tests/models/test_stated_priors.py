"""A prior that somebody states by its parameters: the one with just these, or one sentence that says what does not fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from models import Data, Gaussian, Model, NormalInverseWishart, Poisson, Prior, SharedRate, SharedScale
from tests.cases import CASES, Case
from tests.effort import EFFORT
from tests.known import known
from tests.stated import stated_priors

COUNTS = Data.of([1, 2, 3, 4, 9.0], name="counts")
TWO = Model("poisson", 2)
PLANE = Model("gaussian", 2, 2, "full")
ONE = Model("poisson", 1)
WEIGHTS = {"name": "Dirichlet", "concentration": 2.0}
RATE = {"name": "shared rate", "mean": 3.0}
EYE = [[1.0, 0.0], [0.0, 1.0]]
SCALE = {
    "name": "shared scale", "location": [0, 0], "spread": EYE, "reach": EYE, "resolution": EYE, "structure": "full",
}  # fmt: skip
WISHART = {
    "name": "normal-inverse-Wishart", "location": [0, 0], "strength": 1, "degrees_of_freedom": 4, "scale": EYE,
    "structure": "full",
}  # fmt: skip


@settings(max_examples=100 * EFFORT, deadline=None)
@given(stated_priors())
def test_a_prior_is_the_one_with_just_the_numbers_that_are_stated(stated: tuple[Model, dict[str, Any]]) -> None:
    model, parameters = stated
    found = model.chosen_prior(parameters, COUNTS)
    assert found.parameters() == parameters
    assert found.model == model
    assert Prior.of(found.parameters(), model).parameters() == parameters


@pytest.mark.parametrize("called", ["weak", "conjugate"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_parameters_of_the_default_give_the_default_to_the_last_digit(case: Case, called: str) -> None:
    usual = case.model.prior(case.data, called)
    stated = case.model.chosen_prior(usual.parameters(), case.data)
    assert stated.is_scaled_from(case.data)
    assert stated.log_density(case.mixture) == usual.log_density(case.mixture)
    assert stated.log_mode_density(case.mixture) == usual.log_mode_density(case.mixture)
    mine, theirs = (each.sample(np.random.default_rng(3)).arrays() for each in (usual, stated))
    for name, array in mine.items():
        np.testing.assert_array_equal(array, theirs[name])


def test_each_number_is_where_it_belongs() -> None:
    """By hand: numbers of any kind that Python, NumPy, JSON and TOML have."""
    prior = Prior.of({"weights": {**WEIGHTS, "concentration": 2}, "components": {**RATE, "mean": np.float64(3)}}, TWO)
    assert (prior.concentration, prior.components) == (2.0, SharedRate(3.0))
    wishart = known(Prior.of({"weights": WEIGHTS, "components": WISHART}, PLANE).components, NormalInverseWishart)
    assert (wishart.strength, wishart.degrees_of_freedom, wishart.scale.tolist()) == (1.0, 4.0, EYE)
    numpy = {**SCALE, "location": np.arange(2), "spread": 3 * np.eye(2), "reach": ((2, 1), (1, 2))}
    scale = known(Prior.of({"weights": WEIGHTS, "components": numpy}, PLANE).components, SharedScale)
    assert scale.location.tolist() == [0, 1]
    assert scale.spread.tolist() == [[3, 0], [0, 3]]
    assert scale.reach.tolist() == [[2, 1], [1, 2]]


def test_weights_may_be_left_out_where_they_are_fixed() -> None:
    for model in (ONE, replace(TWO, mixing="equal")):
        assert Prior.of({"components": RATE}, model) == Prior.of({"weights": None, "components": RATE}, model)


def test_what_is_positive_definite_does_not_depend_on_the_units_of_the_columns() -> None:
    """A variance of 10⁻³⁰ beside one of 10³⁰, correlated by a half: the smallest eigenvalue is lost in rounding."""
    units = np.diag([1e-15, 1e15])
    scale = units @ np.array([[1.0, 0.5], [0.5, 1.0]]) @ units
    prior = Prior.of({"weights": WEIGHTS, "components": {**WISHART, "scale": scale.tolist()}}, PLANE)
    np.testing.assert_array_equal(known(prior.components, NormalInverseWishart).scale, scale)


def of(components: Any, model: Model = TWO, weights: Any = WEIGHTS) -> tuple[Any, Model]:
    return {"weights": weights, "components": components}, model


SPOILT = {
    "a list": (
        ([WEIGHTS, RATE], TWO),
        "prior must be a Prior, its parameters {'weights': {…}, 'components': {…}}, or a name",
    ),
    "no parts": (({}, TWO), "the prior must have components, and has none."),
    "an unknown part": (({"prior": RATE}, TWO), "the prior has the parts weights and components, got 'prior'."),
    "a part that is no table": (of(3.0), "the prior's components must be a table of names and numbers, got 3.0."),
    "no weights": (of(RATE, weights=None), "the prior must have weights, those of the model being free"),
    "weights of one": (of(RATE, ONE), "the prior has weights, and those of the model are fixed: leave them out."),
    "equal weights": (
        of(RATE, replace(TWO, mixing="equal")),
        "the prior has weights, and those of the model are fixed",
    ),
    "another family": (
        of(SCALE),
        "the prior's name must be 'shared rate' or 'Gamma' for family 'poisson', got 'shared scale', a prior of family "
        "'gaussian'.",
    ),
    "no such prior": (of({**RATE, "name": "flat"}), "for family 'poisson', got 'flat'."),
    "no name": (of({"mean": 3.0}), "the prior's name must be 'shared rate' or 'Gamma' for family 'poisson', got None."),
    "an unknown key": (of({**RATE, "maen": 1}), "'shared rate' must have name, mean: this one has no 'maen'."),
    "a key too few": (of({"name": "Gamma", "rate": 1}), "'Gamma' must have name, shape, rate: this one lacks shape."),
    "other weights": (
        of(RATE, weights={**WEIGHTS, "name": "beta"}),
        "the prior's name must be 'Dirichlet', got 'beta'.",
    ),
    "a negative mean": (of({**RATE, "mean": -3.0}), "the prior's mean must be positive, got -3.0."),
    "a concentration of zero": (
        of(RATE, weights={**WEIGHTS, "concentration": 0}),
        "the prior's concentration must be positive, got 0.0.",
    ),
    "text": (of({**RATE, "mean": "3.0"}), "the prior's mean must hold numbers, got '3.0'."),
    "a truth value": (of({**RATE, "mean": True}), "the prior's mean must hold numbers, got True."),
    "not finite": (of({**RATE, "mean": float("inf")}), "the prior's mean must be finite, got inf."),
    "beyond a double": (of({**RATE, "mean": 10**400}), "the prior's mean must be one number, got 1000"),
    "a list for a number": (of({**RATE, "mean": [3.0, 4.0]}), "must be one number, got a list of 2: [3.0, 4.0]."),
    "wrong d": (
        of({**SCALE, "location": [0, 0, 0]}, PLANE),
        "the prior's location must be a list of 2, got a list of 3: [0, 0, 0].",
    ),
    "a number for a matrix": (
        of({**WISHART, "scale": 2.0}, PLANE),
        "the prior's scale must be 2 × 2 numbers, a list for each row, got one number: 2.0.",
    ),
    "ragged": (of({**WISHART, "scale": [[1, 0], [1]]}, PLANE), "must be 2 × 2 numbers, a list for each row, got [[1"),
    "another structure": (
        of(SCALE, replace(PLANE, covariance="tied")),
        "the prior's structure must be 'tied', got 'full'.",
    ),
    "a negative variance": (
        of({**SCALE, "reach": [[1.0, 0.0], [0.0, -1.0]]}, PLANE),
        "the prior's reach must be a positive definite matrix, got [[1.0, 0.0], [0.0, -1.0]].",
    ),
    "a correlation of two": (
        of({**SCALE, "spread": [[1, 2], [2, 1]]}, PLANE),
        "the prior's spread must be a positive definite matrix",
    ),
    "not symmetric": (
        of({**WISHART, "scale": [[1, 0.5], [0, 1]]}, PLANE),
        "the prior's scale must be a symmetric matrix, got [[1.0, 0.5], [0.0, 1.0]].",
    ),
    "degrees too few": (
        of({**WISHART, "degrees_of_freedom": 1}, PLANE),
        "the prior's degrees_of_freedom must be more than d − 1 = 1, got 1.",
    ),
    "negative variances": (
        of(
            {**SCALE, "structure": "diagonal", "spread": [1, 1], "reach": [1, -2], "resolution": [1, 1]},
            replace(PLANE, covariance="diagonal"),
        ),
        "the prior's reach must be positive, got [1.0, -2.0].",
    ),
    "no strength": (of({**WISHART, "strength": 0}, PLANE), "the prior's strength must be positive, got 0.0."),
}


@pytest.mark.parametrize(("stated", "sentence"), SPOILT.values(), ids=SPOILT.keys())
def test_what_does_not_fit_gets_one_sentence(stated: tuple[Any, Model], sentence: str) -> None:
    parameters, model = stated
    with pytest.raises(ValueError, match=r".*") as caught:
        model.chosen_prior(parameters, COUNTS)
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250


def test_a_stated_prior_is_itself_and_not_of_the_data() -> None:
    x = Data.of(np.array([[0.0, 1.0], [2.0, 3.0], [5.0, 1.0], [4.0, 0.5]]))
    prior = Prior.of({"weights": WEIGHTS, "components": {**SCALE, "location": [77, 0]}}, PLANE)
    assert not prior.is_scaled_from(x)
    assert prior.statement_about(x) == prior.statement()
    assert "m = (77, 0)" in prior.statement()
    assert PLANE.prior(x).is_scaled_from(x)


def test_its_words_name_every_parameter() -> None:
    """What each number is, is said for each kind of prior and structure, by the names that the parameters have."""
    for case in CASES:
        for called in ("weak", "conjugate"):
            components = case.model.prior(case.data, called).components
            assert {"name", *components.meanings} == set(components.parameters())


def test_densities_under_stated_numbers_are_scipys() -> None:
    """Independent of how the parameters were read: an exponential rate, and a normal mean about its location."""
    exponential = Prior.of({"components": {"name": "Gamma", "shape": 1, "rate": 0.25}}, ONE)
    rates = Poisson(np.array([3.0]))
    assert exponential.components.log_density(rates) == pytest.approx(stats.expon(scale=4).logpdf(3.0), rel=1e-12)
    wishart = Prior.of({"weights": WEIGHTS, "components": {**WISHART, "location": [1, 2], "strength": 4}}, PLANE)
    components = Gaussian(np.array([[0.0, 1.0], [2.0, 2.0]]), np.array([np.eye(2), 2 * np.eye(2)]))
    expected = sum(
        stats.multivariate_normal([1, 2], covariance / 4).logpdf(mean)
        + stats.invwishart(4, np.eye(2)).logpdf(covariance)
        for mean, covariance in zip(components.means, components.covariances, strict=True)
    )
    assert float(wishart.components.log_density(components)) == pytest.approx(expected, rel=1e-12)
