"""Fits of scikit-learn, and stand-ins with the attributes of StepMix and pomegranate, which are not installed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

from models import Given
from tests.cases import CASES

STRUCTURES = {"full": "full", "tied": "tied", "diag": "diagonal", "spherical": "spherical"}
X = CASES[3].data.values  # three features and, below, three components: every axis could be another


@pytest.mark.parametrize("kind", STRUCTURES)
@pytest.mark.parametrize("program", [GaussianMixture, BayesianGaussianMixture])
@pytest.mark.parametrize("d", [1, 3])
def test_scikit_learns_fit_has_the_density_that_it_says(program, kind, d):
    x = np.vstack([X, X + 3, X * 2])[:, :d]
    fitted = program(n_components=3, covariance_type=kind, random_state=0, max_iter=300, tol=0.1).fit(x)
    found = Given.of(fitted, x)
    if program is GaussianMixture:  # the other one's scores are expectations over its posterior
        np.testing.assert_allclose(found.mixture.log_density(x), fitted.score_samples(x), rtol=1e-9)
    np.testing.assert_array_equal(found.mixture.arrays()["means"], fitted.means_)
    for j, covariance in enumerate(found.mixture.arrays()["covariances"]):
        own = fitted.covariances_ if kind == "tied" else fitted.covariances_[j]
        np.testing.assert_allclose(covariance, own * np.eye(d) if kind in ("diag", "spherical") else own, rtol=1e-12)
    assert (found.model.covariance, found.model.components) == (STRUCTURES[kind], 3)
    assert ["variational" in note for note in found.notes] == ([] if program is GaussianMixture else [True])
    # Its attributes alone, as somebody would save them.
    np.testing.assert_array_equal(
        Given.of(vars(fitted), x).mixture.arrays()["covariances"], found.mixture.arrays()["covariances"]
    )


def test_scikit_learn_without_a_fit_is_refused():
    with pytest.raises(ValueError, match="GaussianMixture that was not fitted"):
        Given.of(GaussianMixture(2))


class StepMix:
    """The attributes that its reader looks at (stepmix 2.2: ``get_parameters``, ``measurement``, ``weights_``)."""

    def __init__(self, measurement, weights, own):
        self.measurement, self.weights_, self._own, self.n_components = (
            measurement,
            np.array(weights),
            own,
            len(weights),
        )

    def get_parameters(self):
        return {"weights": self.weights_, "measurement": self._own, "measurement_in": 2}


MEANS = np.array([[0.0, 4.0], [1.0, 6.0]])


@pytest.mark.parametrize(
    ("measurement", "covariances", "structure", "expected"),
    [
        ("gaussian_full", np.array([[[2.0, 1.0], [1.0, 3.0]], np.eye(2)]), "full", None),
        ("gaussian_tied", np.array([[2.0, 1.0], [1.0, 3.0]]), "tied", np.array([[[2.0, 1.0], [1.0, 3.0]]] * 2)),
        ("gaussian_diag", np.array([[2.0, 3.0], [4.0, 5.0]]), "diagonal", [np.diag([2.0, 3.0]), np.diag([4.0, 5.0])]),
        ("continuous", np.array([[2.0, 3.0], [4.0, 5.0]]), "diagonal", [np.diag([2.0, 3.0]), np.diag([4.0, 5.0])]),
        ("gaussian_spherical", np.array([2.0, 3.0]), "spherical", [2 * np.eye(2), 3 * np.eye(2)]),
        ("gaussian_unit", None, "spherical", [np.eye(2), np.eye(2)]),
    ],
)
def test_stepmix(measurement, covariances, structure, expected):
    own = {"means": MEANS} if covariances is None else {"means": MEANS, "covariances": covariances}
    for given in (
        StepMix(measurement, [0.3, 0.7], own),
        StepMix({"m": {"model": measurement}}, [0.3, 0.7], {"m": own}),
    ):
        found = Given.of(given)
        np.testing.assert_array_equal(found.mixture.arrays()["means"], MEANS)
        wanted = covariances if expected is None else expected
        np.testing.assert_array_equal(found.mixture.arrays()["covariances"], wanted)
        assert found.model.covariance == structure


def test_stepmix_of_categories_is_no_such_mixture():
    with pytest.raises(ValueError, match="measurement 'binary', which is no such mixture"):
        Given.of(StepMix("binary", [0.3, 0.7], {"pis": MEANS}))


class Tensor:
    """What a torch tensor does on its way to NumPy, in single precision."""

    def __init__(self, values):
        self._values = np.array(values, dtype=np.float32)

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self._values


def normal(means, covs, kind):
    return SimpleNamespace(means=Tensor(means), covs=Tensor(covs), covariance_type=kind)


def test_pomegranate():
    full = [[2.0, 0.5], [0.5, 3.0]], [[1.0, 0.2], [0.2, 1.5]]
    for kind, covs, structure in (
        ("full", full, "full"),
        ("diag", ([1.0, 2.0], [3.0, 4.0]), "diagonal"),
        ("sphere", (1.0, [3.0]), "spherical"),
    ):
        distributions = [normal([0.0, 1.0], covs[0], kind), normal([4.0, 6.0], covs[1], kind)]
        found = Given.of(SimpleNamespace(distributions=distributions, priors=Tensor([0.1, 0.9])), X[:9, :2])
        single = [
            stats.multivariate_normal(np.array(m), np.array(c) if kind == "full" else np.diag(np.ones(2) * np.array(c)))
            for m, c in zip(([0, 1], [4, 6]), covs, strict=True)
        ]
        expected = np.log(0.1 * single[0].pdf(X[:9, :2]) + 0.9 * single[1].pdf(X[:9, :2]))
        # Single precision keeps seven digits, and squared distances are tens at most.
        np.testing.assert_allclose(found.mixture.log_density(X[:9, :2]), expected, rtol=1e-5)
        assert found.model.covariance == structure
        assert found.notes == ()


def test_pomegranate_of_counts():
    distributions = [SimpleNamespace(lambdas=Tensor([1.5])), SimpleNamespace(lambdas=Tensor([4.0]))]
    found = Given.of(SimpleNamespace(distributions=distributions, priors=Tensor([0.25, 0.75])))
    np.testing.assert_array_equal(found.mixture.arrays()["rates"], [1.5, 4.0])
    mixed = [distributions[0], normal([0.0], [[1.0]], "full")]
    with pytest.raises(ValueError, match="of several or other kinds"):
        Given.of(SimpleNamespace(distributions=mixed, priors=Tensor([0.25, 0.75])))
