"""Which models fit which data, what their parameters are called, and how many are free."""

from typing import Any

import numpy as np
import pytest

from models import Data, Model
from tests.cases import CASES

rng = np.random.default_rng(0)
COUNTS = Data.of([0, 1, 2, 5, 9, 3])
PLANE = Data.of(rng.normal(size=(20, 2)), columns=("a", "b"))
SUMS = Data.of(np.column_stack([PLANE.values, PLANE.values.sum(axis=1)]), columns=("a", "b", "c"))
FLAT = Data.of(np.column_stack([PLANE.values, np.full(20, 7.0)]), columns=("a", "b", "c"))

BAD = {
    "unknown family": (
        COUNTS,
        ("binomial", 2),
        "family must be one of 'gaussian', 'poisson', 'poisson-product', got 'binomial'",
    ),
    "no family": (COUNTS, (None, 2), "family must be one of 'gaussian', 'poisson', 'poisson-product', got None"),
    "family in capitals": (COUNTS, ("Poisson", 2), "family must be one of"),
    "unknown mixing": (COUNTS, ("poisson", 2, None, "fixed"), "mixing must be one of 'free', 'equal', got 'fixed'"),
    "no components": (COUNTS, ("poisson", 0), "components must be a whole number from 1 on, got 0"),
    "negative components": (COUNTS, ("poisson", -1), "components must be a whole number from 1 on, got -1"),
    "half a component": (COUNTS, ("poisson", 1.5), "components must be a whole number from 1 on, got 1.5"),
    "components as text": (COUNTS, ("poisson", "2"), "components must be a whole number from 1 on, got '2'"),
    "components as truth": (COUNTS, ("poisson", True), "components must be a whole number from 1 on, got True"),
    "unknown covariance": (
        PLANE,
        ("gaussian", 2, "round"),
        "covariance must be one of 'full', 'diagonal', 'spherical', 'tied', got 'round'",
    ),
    "a matrix for a covariance": (PLANE, ("gaussian", 2, np.eye(2)), "covariance must be one of"),
    "covariance of counts": (COUNTS, ("poisson", 2, "full"), "covariance does not apply to family 'poisson'"),
    "more components than observations": (COUNTS, ("poisson", 7), "components = 7 is more than the 6 observations"),
    "constant data": (Data.of([4, 4, 4]), ("poisson", 2), r"the data are constant \(every observation is 4\)"),
    "constant rows": (Data.of([[4, 5]] * 3), ("gaussian", 2), r"the data are constant \(every observation is 4, 5\)"),
    "one observation": (Data.of([4]), ("gaussian", 1), "the data are constant"),
    "as many components as distinct rows": (
        Data.of([1, 1, 2, 2]),
        ("gaussian", 2),
        "components = 2 needs more than 2 distinct observations for family 'gaussian', got 2",
    ),
    "constant column": (FLAT, ("gaussian", 2, "diagonal"), r"column 'c' is constant \(7\)"),
    "dependent columns": (SUMS, ("gaussian", 2, "full"), "columns 'a', 'b', 'c' are linearly dependent"),
    "dependent columns, tied": (SUMS, ("gaussian", 2, "tied"), "columns 'a', 'b', 'c' are linearly dependent"),
    "too small to square": (
        Data.of([1e-170, 2e-170, 5e-170]),
        ("gaussian", 1),
        "column 'x' has a variance whose square double",
    ),
    "too large to square": (
        Data.of([1e200, 2e200, -5e200]),
        ("gaussian", 1),
        "column 'x' has a variance whose square double",
    ),
    "two columns of counts": (
        PLANE,
        ("poisson", 2),
        r"column 'a' holds .* in row 1: family 'poisson-product' \('poisson' in several columns\) takes counts",
    ),
    "fractional counts": (Data.of([1, 2.5], columns=("n",)), ("poisson", 2), "column 'n' holds 2.5 in row 2"),
    "negative counts": (Data.of([-3, 2]), ("poisson", 2), "column 'x' holds -3 in row 1"),
}


@pytest.mark.parametrize(("data", "arguments", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_fitted_is_named_in_one_sentence(data, arguments, message):
    with pytest.raises(ValueError, match=f"^{message}") as error:
        Model.of(data, *arguments)
    assert "\n" not in str(error.value)


def test_dependent_columns_have_no_full_covariance_but_a_diagonal_one():
    assert Model.of(SUMS, "gaussian", 2, "diagonal").dimension == 3


def test_nearly_dependent_columns_are_let_through():
    x = np.column_stack([PLANE.values, PLANE.values.sum(axis=1) + 1e-4 * rng.normal(size=20)])
    assert Model.of(Data.of(x), "gaussian", 2).covariance == "full"


def test_counts_weigh_as_observations():
    assert Model.of(Data.of([3, 4], weights=[2, 1]), "poisson", 3).components == 3
    with pytest.raises(ValueError, match=r"the weights add up to 1\.5, which is less than components = 2"):
        Model.of(Data.of([3, 4], weights=[1, 0.5]), "poisson", 2)


def test_defaults_are_full_covariances_and_free_weights():
    two: Any = np.int64(2)
    assert Model.of(
        PLANE,
        "gaussian",
        two,
    ) == Model("gaussian", 2, 2, "full", "free")
    assert Model.of(COUNTS, "poisson", 2) == Model("poisson", 2, 1, None, "free")


def test_the_weight_of_a_single_component_is_not_free():
    assert not Model.of(COUNTS, "poisson", 1).weights_are_free
    assert not Model.of(COUNTS, "poisson", 2, mixing="equal").weights_are_free
    assert Model.of(COUNTS, "poisson", 2).weights_are_free


@pytest.mark.parametrize("mixing", ["free", "equal"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_scalar_is_a_free_parameter_but_for_one_weight(case, mixing):
    model = case.model_with(mixing)
    names = model.scalars(case.mixture, case.data.columns)
    assert len(names) == model.free_parameters + model.weights_are_free


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_scalars_hold_every_number_of_the_mixture_once(case):
    scalars = [float(value) for value in case.model.scalars(case.mixture, case.data.columns).values()]
    assert len(set(scalars)) == len(scalars)
    held = {float(value) for array in case.mixture.arrays().values() for value in array.ravel()}
    assert set(scalars) == held - {0.0}


NAMES = {
    ("poisson", 1, None): "rates[1] rates[2]",
    ("gaussian", 1, "full"): "means[1] means[2] variances[1] variances[2]",
    ("gaussian", 1, "tied"): "means[1] means[2] variances",
    ("gaussian", 2, "full"): (
        "means[1,a] means[1,b] means[2,a] means[2,b] "
        "covariances[1,a,a] covariances[1,a,b] covariances[1,b,b] "
        "covariances[2,a,a] covariances[2,a,b] covariances[2,b,b]"
    ),
    ("gaussian", 2, "diagonal"): (
        "means[1,a] means[1,b] means[2,a] means[2,b] variances[1,a] variances[1,b] variances[2,a] variances[2,b]"
    ),
    ("gaussian", 2, "spherical"): "means[1,a] means[1,b] means[2,a] means[2,b] variances[1] variances[2]",
    ("gaussian", 2, "tied"): (
        "means[1,a] means[1,b] means[2,a] means[2,b] covariances[a,a] covariances[a,b] covariances[b,b]"
    ),
}


@pytest.mark.parametrize(("model", "names"), NAMES.items(), ids=map(str, NAMES))
def test_scalars_are_called_by_component_and_column(model, names):
    family, dimension, covariance = model
    case = next(c for c in CASES if (c.family, c.data.dimension, c.covariance) == model)
    two = case.mixture.relabel(np.array([0, 1]))
    columns = ("a", "b")[:dimension]
    free = Model(family, 2, dimension, covariance)
    assert list(free.scalars(two, columns)) == ["weights[1]", "weights[2]", *names.split()]
    assert list(Model(family, 2, dimension, covariance, "equal").scalars(two, columns)) == names.split()


def test_scalars_keep_the_leading_axes():
    draws = CASES[0].mixture.components.map(lambda array: np.stack([array, array + 1]))
    scalars = CASES[0].mixture.components.scalars(None, ("x",))
    assert scalars["rates[2]"].shape == ()
    assert draws.scalars(None, ("x",))["rates[2]"].tolist() == [7, 8]
