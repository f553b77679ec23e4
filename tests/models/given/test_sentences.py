"""What is wrong with an estimate is said in one sentence that names it."""

from __future__ import annotations

import numpy as np
import pytest

from models import Gaussian, Given, Mixture, Poisson

TWO = {"weights": [0.5, 0.5], "means": [0.0, 3.0]}
PLANE = {"weights": [0.4, 0.6], "means": [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]}

WRONG = [
    ({**TWO, "covariances": [[[1.0]], [[-2.0]]]}, "covariances must be positive, got -2 in component 2"),
    ({**TWO, "sds": [1.0, 0.0]}, "sds must be positive, got 0 in component 2"),
    ({**TWO, "sds": [1.0, 2.0, 3.0]}, r"sds have the shape \(3,\), which does not fit 2 components of 1 feature"),
    ({**TWO, "means": [1.0, 2.0, 3.0], "sds": [1.0, 2.0]}, r"means have the shape \(3,\), which does not fit 2 comp"),
    ({**TWO, "sds": [1.0, 2.0], "k": 3}, "k is 3, but it has 2 weights"),
    ({**TWO, "sds": [1.0, 2.0], "variances": [1.0, 4.0]}, "'variances' and 'sds', which say the same"),
    ({**TWO, "sds": [1.0, 2.0], "mean": [1.0, 2.0]}, "'means' and 'mean', which are one piece"),
    ({**TWO, "sds": [1.0, 2.0], "mean_1": [1.0, 2.0]}, "'means' and 'mean_1', which are one piece"),
    ({"weights": [1.0], "mean_1": [1.0], "mean": [2.0], "sd": [1.0]}, "'mean_1' and 'mean', which are one piece"),
    ({**TWO, "sdevs": [1.0, 2.0]}, "'sdevs', which is no piece of a mixture: did you mean 'sds'"),
    ({**TWO, "qqq": [1.0, 2.0]}, "'qqq', which is no piece of a mixture: leave it out"),
    (TWO, "means but no width"),
    ({"weights": [0.5, 0.5], "sds": [1.0, 2.0]}, "no means"),
    ({"means": [0.0, 3.0], "sds": [1.0, 2.0]}, "no weights"),
    ({"weights": [0.5, 0.5]}, "no components"),
    ({**TWO, "rates": [1.0, 2.0]}, "'means' and 'rates', which belong to different families"),
    ({**TWO, "sds": [1.0, 2.0], "family": "poisson"}, "family is 'poisson', but"),
    ({**TWO, "sds": [1.0, "NA"]}, "sds must be numbers"),
    ({**TWO, "sds": [1.0, np.nan]}, "sds hold nan"),
    ({**TWO, "sds": [[1.0], [2.0, 3.0]]}, "sds must be numbers in a rectangular array"),
    ({**TWO, "sds": []}, "sds are empty"),
    ({**TWO, "sds": [1.0, 2.0], "weights": [0.5, 0.2]}, "weights must sum to 1, got 0.5, 0.2 with the sum 0.7"),
    ({**TWO, "sds": [1.0, 2.0], "components_axis": "middle"}, "'first' or 'last'"),
    ({**TWO, "sds": [1.0, 2.0], "structure": "banded"}, "structure of covariance must be one of"),
    (
        {"weights": [0.5, 0.5], "means": [[0.0, 1.0], [2.0, 3.0]], "covariances": [[1.0, 0.5], [0.5, 2.0]]},
        "with covariances as .* or with a .* with covariances as .*structure = 'tied' or 'diagonal'",
    ),
    ({**TWO, "sds": [1.0, 2.0], "structure": "tied"}, "sds are not of the structure that is stated, 'tied'"),
    (
        {**PLANE, "covariances": [np.eye(3), [[1, 0.9, 0], [0.9, 1, 0.9], [0, 0.9, 1]]]},
        "covariances must be positive definite, but the matrix of component 2 has the eigenvalue -0.273",
    ),
    ({**PLANE, "covariances": [np.eye(3), [[1, 0.5, 0], [0.4, 1, 0], [0, 0, 1]]]}, "must be symmetric.*component 2"),
    ({**PLANE, "cholesky": [np.ones((3, 3)), np.eye(3)]}, "cholesky must be triangular"),
    ({**PLANE, "cholesky": [np.zeros((3, 3)), np.eye(3)]}, "cholesky must not be zero on the diagonal"),
    ({"weights": [0.5, 0.5], "rates": [-0.4, 1.0]}, "rates must not be negative, got -0.4: if they are logarithms"),
    ({"weights": [0.5, 0.5], "rates": [[1.0, 2.0], [3.0, 4.0]]}, "with a row for each component or with a column"),
    ({"weights": [0.5, 0.5], "rates": [1.0, 2.0, 3.0]}, "2 weights, but 3 components"),
    ({"mixing": "equal", "weights": [0.3, 0.7], "rates": [1.0, 2.0]}, "mixing is 'equal', but its weights differ"),
    (object(), "is of type object: give a dictionary"),
    ([1.0, 2.0], "is a list, but not of dictionaries"),
    ([{"weight": 1.0, "mean": 2.0}, {"weight": 1.0}], "component 2 .* differs from the first in having 'mean' or not"),
]


@pytest.mark.parametrize(("given", "sentence"), WRONG)
def test_one_sentence_says_what_is_wrong(given, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        Given.of(given)
    assert "\n" not in str(error.value)


def drawn(mixture, n=300):
    return mixture.sample(n, np.random.default_rng(4))[0]


WIDE = Mixture(np.array([0.4, 0.6]), Gaussian(np.array([[0.0], [30.0]]), np.array([[[16.0]], [[9.0]]])))


def test_deviations_given_as_variances_are_doubted_and_so_is_the_reverse():
    x = drawn(WIDE)
    given = {"weights": [0.4, 0.6], "means": [0.0, 30.0]}
    doubt = Given.of({**given, "variances": [4.0, 3.0]}, x).doubt
    assert doubt is not None
    assert "are read as standard deviations: if that is what they are, call them" in doubt
    doubt = Given.of({**given, "sds": [16.0, 9.0]}, x).doubt
    assert doubt is not None
    assert "are read as variances: if that is what they are, call them" in doubt
    doubt = Given.of({**given, "variances": [1 / 16, 1 / 9]}, x).doubt
    assert doubt is not None
    assert "are read as precisions: if that is what they are, call them" in doubt


def test_covariances_given_as_precisions_are_doubted():
    covariances = np.array([[[4.0, 1.0], [1.0, 9.0]], [[0.1, 0.05], [0.05, 0.4]]])
    truth = Mixture(np.array([0.4, 0.6]), Gaussian(np.array([[0.0, 0.0], [30.0, 7.0]]), covariances))
    given = {"weights": truth.weights, "means": truth.components.arrays()["means"], "precisions": covariances}
    doubt = Given.of(given, drawn(truth)).doubt
    assert doubt is not None
    assert "are read as covariances: if that is what they are, call them" in doubt


@pytest.mark.parametrize("seed", range(20))
def test_a_bad_estimate_is_not_doubted(seed):
    rng = np.random.default_rng(seed)
    truth = Mixture(np.array([0.3, 0.7]), Gaussian(rng.normal(0, 5, (2, 1)), rng.uniform(0.2, 20, (2, 1, 1))))
    x = truth.sample(200, rng)[0]
    # An early stop: everything is still near where a start put it.
    variance = float(x.var()) * rng.uniform(0.3, 1.0, 2)
    given = {"weights": [0.5, 0.5], "means": rng.choice(x[:, 0], 2), "variances": variance}
    assert Given.of(given, x).doubt is None


def test_what_is_said_is_a_warning_where_only_the_mixture_is_asked_for():
    with pytest.warns(UserWarning, match=r"sum to 1\.001"):
        Mixture.of({"weights": [0.36, 0.641], "means": [0.0, 3.0], "sds": [1.0, 2.0]})


def test_an_estimate_has_to_fit_the_data():
    with pytest.raises(ValueError, match=r"means have the shape \(2,\), which does not fit 2 components of 2 features"):
        Given.of({**TWO, "sds": [1.0, 2.0]}, np.random.default_rng(0).normal(size=(10, 2)))
    with pytest.raises(ValueError, match="whole numbers"):
        Given.of({"weights": [0.5, 0.5], "rates": [1.0, 2.0]}, np.array([1.0, 2.5, 3.0]))
    with pytest.raises(ValueError, match=r"row 2 \(3\) has no density"):
        Given.of(Mixture(np.array([1.0, 0.0]), Poisson(np.array([0.0, 2.0]))), np.array([0.0, 3.0, 1.0]))
