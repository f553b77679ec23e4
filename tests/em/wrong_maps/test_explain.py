"""Programs with one mistake are known by where they end, and right ones are never accused."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from em import Mistake, explain, fit
from em.wrong_maps import WHAT_IT_DOES
from models import Data, Gaussian, Given, Mixture, Model, Poisson
from tests.em.wrong_maps.programs import buggy_normal, buggy_plane, buggy_poisson

OF_NORMALS = {
    "weights forgotten": Mistake.WEIGHTS_FORGOTTEN,
    "weights not updated": Mistake.WEIGHTS_NOT_UPDATED,
    "hard": Mistake.HARD_ASSIGNMENTS,
    "k-means": Mistake.HARD_ASSIGNMENTS,
    "one less": Mistake.UNBIASED_COVARIANCE,
    "cov.wt": Mistake.UNBIASED_COVARIANCE,
    "ridge": Mistake.RIDGE,
    "deviation as variance": Mistake.DEVIATION_FOR_VARIANCE,
    "deviation stored": Mistake.DEVIATION_FOR_VARIANCE,
    "pooled": Mistake.POOLED_COVARIANCE,
    "unweighted counts": Mistake.UNWEIGHTED_COUNTS,
}
OF_COUNTS = {
    "weights forgotten": Mistake.WEIGHTS_FORGOTTEN,
    "weights not updated": Mistake.WEIGHTS_NOT_UPDATED,
    "hard": Mistake.HARD_ASSIGNMENTS,
    "k-means": Mistake.HARD_ASSIGNMENTS,
    "wrong axis": Mistake.WRONG_AXIS,
    "unweighted counts": Mistake.UNWEIGHTED_COUNTS,
}
OF_PLANES = {
    "weights forgotten": Mistake.WEIGHTS_FORGOTTEN,
    "k-means": Mistake.HARD_ASSIGNMENTS,
    "one less": Mistake.UNBIASED_COVARIANCE,
    "pooled": Mistake.POOLED_COVARIANCE,
    "diagonal kept": Mistake.DIAGONAL_KEPT,
    "none": None,
}
FEW = 2
MANY = 20


def normals(seed):
    """Two groups that overlap, so that it matters how the observations between them are shared."""
    rng = np.random.default_rng(seed)
    weights = np.array([0.7, 0.3]) + rng.uniform(-0.1, 0.1) * np.array([1, -1])
    means, sds = (
        np.array([0.0, rng.uniform(2.5, 3.5)]),
        np.array([rng.uniform(0.6, 0.9), rng.uniform(1.2, 1.5)]),
    )
    labels = rng.choice(2, 300, p=weights)
    return np.round(rng.normal(means[labels], sds[labels]), 2), weights, means, sds


def counts(seed):
    rng = np.random.default_rng(seed)
    weights = np.array([0.7, 0.3]) + rng.uniform(-0.1, 0.1) * np.array([1, -1])
    rates = np.array([rng.uniform(2, 3), rng.uniform(8, 11)])
    return rng.poisson(rates[rng.choice(2, 400, p=weights)]).astype(float), weights, rates


def explained_normal(bug, seed, digits=17):
    x, weights, means, sds = normals(seed)
    values, seen = np.unique(np.round(x, 1), return_counts=True) if bug == "unweighted counts" else (x, None)
    ends = buggy_normal(values, weights, means, sds, bug, None if seen is None else seen.astype(float))
    pi, mu, variances = (rounded(end, digits) for end in ends)
    mixture = Mixture(pi / pi.sum(), Gaussian(mu[:, None], variances[:, None, None]))
    return explain(mixture, Model("gaussian", 2, 1, "full"), Data.of(values, seen), digits)


def explained_poisson(bug, seed, digits=17):
    x, weights, rates = counts(seed)
    values, seen = np.unique(x, return_counts=True)
    pi, found = (rounded(end, digits) for end in buggy_poisson(values, weights, rates, bug, seen.astype(float)))
    return explain(Mixture(pi / pi.sum(), Poisson(found)), Model("poisson", 2), Data.of(values, seen), digits)


def rounded(numbers, digits):
    return np.array([float(f"{number:.{digits}g}") for number in numbers.flat]).reshape(numbers.shape)


@pytest.mark.parametrize("bug", OF_NORMALS)
def test_a_mistake_with_normals_is_named(bug):
    for seed in range(FEW):
        found = explained_normal(bug, seed)
        assert found.mistake == OF_NORMALS[bug], (seed, found)
        assert found.sentence is not None
        assert WHAT_IT_DOES[found.mistake] in found.sentence


@pytest.mark.parametrize("bug", OF_COUNTS)
def test_a_mistake_with_counts_is_named(bug):
    for seed in range(FEW):
        found = explained_poisson(bug, seed)
        assert found.mistake == OF_COUNTS[bug], (seed, found)


SHAPES = np.array([[[1.0, 0.5], [0.5, 2.0]], [[0.5, -0.2], [-0.2, 1.0]]])
CENTRES = np.array([[0.0, 0.0], [2.5, 1.0]])


def plane(seed):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.multivariate_normal(CENTRES[j], SHAPES[j], 180 - 60 * j) for j in range(2)])


@pytest.mark.parametrize("bug", OF_PLANES)
def test_a_mistake_with_several_features_is_named(bug):
    for seed in range(FEW):
        x = plane(seed)
        pi, mu, sigma = buggy_plane(x, [0.6, 0.4], CENTRES, SHAPES, bug)
        found = explain(Mixture(pi, Gaussian(mu, sigma)), Model("gaussian", 2, 2, "full"), Data.of(x))
        assert found.mistake == OF_PLANES[bug], (seed, found)


def test_the_ridge_of_scikit_learn_is_measured_where_it_matters():
    x = 0.01 * plane(0)  # variances of a ten-thousandth, to which a millionth is added
    fitted = GaussianMixture(n_components=2, tol=1e-12, max_iter=5000, random_state=0).fit(x)
    given = Given.of(fitted, x)
    found = explain(given.mixture, given.model, Data.of(x), given.digits)
    assert (found.mistake, found.detail) == (Mistake.RIDGE, "the ridge is 1e-06")


def test_an_exposure_that_was_left_out_is_named():
    rng = np.random.default_rng(4)
    hours = rng.choice([1.0, 8.0], 400)
    x = rng.poisson(hours * np.where(rng.random(400) < 0.6, 0.7, 2.0))
    weights, rates = buggy_poisson(x, np.array([0.5, 0.5]), np.array([1.0, 9.0]), "none")
    data = Data.of(x, exposure=hours)
    without = Mixture(weights, Poisson(rates))
    assert explain(without, Model("poisson", 2), data).mistake is Mistake.EXPOSURE_FORGOTTEN
    assert explain(fit(data, "poisson", 2).mixture, Model("poisson", 2), data).mistake is None


def test_an_exposure_that_was_left_out_of_many_columns_is_named():
    rng = np.random.default_rng(6)
    hours, labels = rng.choice([1.0, 8.0], 300), rng.random(300) < 0.6
    rates = np.where(labels[:, None], [0.7, 2.0, 1.0], [2.0, 0.7, 1.0])
    x, model = rng.poisson(hours[:, None] * rates), Model("poisson-product", 2, 3)
    data = Data.of(x, exposure=hours)
    assert explain(fit(x, "poisson", 2).mixture, model, data).mistake is Mistake.EXPOSURE_FORGOTTEN
    assert explain(fit(data, "poisson", 2).mixture, model, data).mistake is None


def test_an_early_stop_is_not_accused():
    # The Times deaths (Hasselblad 1969), and flexmix's answer, which stopped 0.21 nats below its top.
    given = Given.of({"weights": [0.494804912237921, 0.505195087762079], "rates": [1.46376471227481, 2.83724291154615]})
    days = [162, 267, 271, 185, 111, 61, 27, 8, 3, 1]
    found = explain(given.mixture, given.model, Data.of(np.arange(10.0), days), given.digits)
    assert found.mistake is None
    assert found.sentence is None
    assert found.right_step > 100 * found.rounding


def test_an_empty_component_is_no_mistake():
    mixture = Mixture(np.array([0.0, 1.0]), Gaussian(np.array([[0.0], [5.0]]), np.ones((2, 1, 1))))
    found = explain(mixture, Model("gaussian", 2, 1, "full"), Data.of(normals(0)[0]))
    assert (found.mistake, found.right_step) == (None, np.inf)


def test_a_variance_taken_for_a_deviation_is_named_where_the_program_ends():
    # Such a program draws narrow groups to a point and lets wide ones merge, unless they are apart and of width one.
    named = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        x = np.concatenate([rng.normal(0, 1, 210), rng.normal(5, 1, 90)])
        try:
            pi, mu, variances = buggy_normal(x, [0.7, 0.3], [0.0, 5.0], [1.0, 1.0], "variance as deviation")
        except ArithmeticError:
            continue
        mixture = Mixture(pi, Gaussian(mu[:, None], variances[:, None, None]))
        named.append(explain(mixture, Model("gaussian", 2, 1, "full"), Data.of(x)).mistake)
    assert len(named) >= 2
    assert set(named) == {Mistake.DEVIATION_FOR_VARIANCE}


def test_the_ridge_is_measured():
    assert explained_normal("ridge", 0).detail == "the ridge is 0.05"


@pytest.mark.slow
@pytest.mark.parametrize("digits", [17, 6])
@pytest.mark.parametrize(("program", "bugs"), [(explained_normal, OF_NORMALS), (explained_poisson, OF_COUNTS)])
def test_nine_tenths_of_all_mistakes_are_named(program, bugs, digits):
    for bug, mistake in bugs.items():
        named = [program(bug, seed, digits).mistake for seed in range(MANY)]
        assert named.count(mistake) >= 0.9 * MANY, (bug, named)
        assert set(named) <= {mistake, None}, (bug, named)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_right_answers_are_never_accused(family):
    for seed in range(30):
        given, data = right_answer(family, seed)
        for digits in range(3, 9):
            arrays = {name: rounded(array, digits) for name, array in given.mixture.arrays().items()}
            weights = arrays.pop("weights")
            mixture = Mixture(weights / weights.sum(), type(given.mixture.components)(**arrays))
            found = explain(mixture, given.model, data, digits)
            assert found.mistake is None, (seed, digits, found)


def right_answer(family, seed):
    """EM's answer, stopped early or late, or scikit-learn's, which stops early, too; and the data."""
    rng, k = np.random.default_rng(seed), 2 + seed % 2
    if family == "poisson":
        data = Data.of(rng.poisson(rng.uniform(0.5, 15, k)[rng.integers(k, size=300)]).astype(float))
        return fit(data, family, k, starts=5, tolerance=(1e-10, 1e-3)[seed % 2]), data
    d, kind = 1 + seed % 3, ("full", "tied", "diag", "spherical")[seed % 4]
    labels = rng.integers(k, size=300)
    x = rng.normal(0, 3, (k, d))[labels] + rng.normal(size=(300, d)) * rng.uniform(0.5, 2, (k, d))[labels]
    return Given.of(GaussianMixture(n_components=k, covariance_type=kind, random_state=seed).fit(x), x), Data.of(x)


def test_a_program_without_a_mistake_is_not_accused():
    for seed in range(3):
        for digits in (3, 5, 8, 17):
            for program in (explained_normal, explained_poisson):
                found = program("none", seed, digits)
                assert found.mistake is None
                # The right step is no longer than what rounding and an end of the loop at 1e-12 explain.
                assert found.right_step <= 2 * found.rounding + 1e-6
