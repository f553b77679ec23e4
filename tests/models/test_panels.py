"""The pass over rows of many features, which leaves out what no sum would notice, against SciPy's densities of all."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from models import Array
from models.kernels.gaussian import gaussian_log_density, gaussian_pass, gaussian_pointwise

# How far the centres lie apart, in standard deviations: most components count in most rows, in some, or in no other's.
APART = {"one heap": 0.5, "overlapping": 4.0, "beside": 6.0, "apart": 30.0, "far apart": 300.0}


def problem(d: int, k: int, apart: float, seed: int = 0) -> tuple[Array, Array, Array, Array]:
    """Rows that fill no whole number of blocks, some seen twice and some never, centres and covariances."""
    rng = np.random.default_rng(seed)
    centres = apart / np.sqrt(2 * d) * rng.normal(size=(k, d))
    x = centres[rng.integers(0, k, 1037)] + rng.normal(size=(1037, d))
    root = np.eye(d) + 0.5 / np.sqrt(d) * rng.normal(size=(k, d, d))
    return x, rng.integers(0, 3, len(x)).astype(float), centres + 0.1, root @ np.swapaxes(root, 1, 2)


def of_kernel(x: Array, means: Array, covariances: Array) -> tuple[Array, Array, Array, Array]:
    """What the kernels take: features by rows, constants, means and whitening."""
    k, d = means.shape
    whitening = np.linalg.inv(np.linalg.cholesky(covariances))
    logs = np.log(np.diagonal(whitening, axis1=1, axis2=2)).sum(axis=1)
    return np.ascontiguousarray(x.T), logs - np.log(k) - 0.5 * d * np.log(2 * np.pi), means, whitening


def joint_of_scipy(x: Array, means: Array, covariances: Array) -> Array:
    each = [stats.multivariate_normal(m, c).logpdf(x) for m, c in zip(means, covariances, strict=True)]
    return np.asarray(np.transpose(each) - np.log(len(means)))


def assert_is_that_of_scipy(x: Array, seen: Array, means: Array, covariances: Array, rounding: float = 1e-11) -> None:
    """Hold the pass to sums whose rounding is that of as many terms of the same size, of matrices of moderate condition."""
    joint = joint_of_scipy(x, means, covariances)
    largest = special.logsumexp(joint, axis=1)
    shares = seen[:, None] * np.exp(joint - largest[:, None])
    given = of_kernel(x, means, covariances)
    log_likelihood, counts, first, second = gaussian_pass(given[0], seen, *given[1:])
    assert log_likelihood == pytest.approx(seen @ largest, rel=1e-12)
    for j, mean in enumerate(means):
        residuals = x - mean
        # Of a responsibility e^a the relative error is that of a, which is a sum of squares.
        error = rounding * (1 + np.abs(joint[:, j]))
        assert abs(counts[j] - shares[:, j].sum()) <= shares[:, j] @ error
        sizes = np.abs(residuals) * (shares[:, j] * error)[:, None]
        assert np.all(np.abs(first[j] - shares[:, j] @ residuals) <= sizes.sum(axis=0))
        expected = (residuals * shares[:, j, None]).T @ residuals
        assert np.all(np.abs(second[j] - expected) <= sizes.T @ np.abs(residuals))


@pytest.mark.parametrize("apart", APART.values(), ids=APART)
@pytest.mark.parametrize(("d", "k"), [(3, 4), (4, 1), (8, 3), (15, 5), (16, 5), (20, 10), (33, 3), (50, 4), (100, 3)])
def test_statistics_of_many_features_are_those_of_all_rows_and_components(d: int, k: int, apart: float) -> None:
    assert_is_that_of_scipy(*problem(d, k, apart))


@pytest.mark.parametrize("d", [3, 16, 40])
@pytest.mark.parametrize("away", [1e2, 1e4, 1e8])
def test_rows_that_are_far_from_everything_count(d: int, away: float) -> None:
    x, seen, means, covariances = problem(d, 4, 30.0)
    x[[5, 700]] = away * np.sign(x[[5, 700]])
    seen[[5, 700]] = 1.0
    assert_is_that_of_scipy(x, seen, means, covariances)


@pytest.mark.parametrize("d", [3, 16, 40])
@pytest.mark.parametrize("away", [10.0, 20.0, 28.0])
def test_a_component_of_next_to_nothing_has_the_statistics_of_next_to_nothing(d: int, away: float) -> None:
    # Its largest responsibilities are about e^−20, e^−140 and e^−310: beside those of others nothing, for itself everything.
    rng = np.random.default_rng(1)
    x, seen = rng.normal(size=(600, d)), np.ones(600)
    means = np.zeros((3, d))
    means[1, 0], means[2, 0] = 1.0, away
    assert_is_that_of_scipy(x, seen, means, np.repeat(np.eye(d)[None], 3, axis=0))


def test_a_row_of_no_weight_and_no_rows_at_all_count_nothing() -> None:
    x, seen, means, covariances = problem(20, 3, 4.0)
    given = of_kernel(x, means, covariances)
    doubled = of_kernel(np.repeat(x, 2, axis=0), means, covariances)
    weights = np.repeat(seen, 2)
    weights[1::2] = 0.0
    once, with_nothing = gaussian_pass(given[0], seen, *given[1:]), gaussian_pass(doubled[0], weights, *doubled[1:])
    for one, other in zip(map(np.asarray, once), map(np.asarray, with_nothing), strict=True):
        # Other panels, so that sums are taken in another order.
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10 * np.abs(one).max())
    assert gaussian_pass(given[0], np.zeros(len(x)), *given[1:])[0] == 0.0


@pytest.mark.parametrize("d", [3, 5, 16, 40])
def test_log_densities_of_many_features_are_scipys(d: int) -> None:
    x, _, means, covariances = problem(d, 3, 4.0)
    features, constants, _, whitening = of_kernel(x, means, covariances)
    joint = joint_of_scipy(x, means, covariances)
    found = gaussian_log_density(features, constants[None], means[None], whitening[None])
    # A sum of d squares.
    np.testing.assert_allclose(found[0], joint.T, rtol=1e-11)
    pointwise = gaussian_pointwise(features, constants, means, whitening)
    np.testing.assert_allclose(pointwise, special.logsumexp(joint, axis=1), rtol=1e-11)
