"""The fused pass against the same sums in long double: digits, narrow components, and data far from the origin."""

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from em import MStep, e_step, fit
from models import Data, Gaussian, GaussianStatistics, Mixture, Model, Poisson, PoissonStatistics
from tests.known import known

LONG = np.longdouble
pytestmark = pytest.mark.skipif(bool(np.finfo(LONG).eps > 1e-18), reason="long double is no longer than double here")


def gaussian_in_long_double(x, mixture):
    """Log-likelihood, counts, and the M-step's covariances, by elimination without LAPACK (which knows only doubles)."""
    x, means = x.astype(LONG), mixture.components.means.astype(LONG)
    joint = []
    for weight, mean, covariance in zip(mixture.weights, means, mixture.components.covariances, strict=True):
        factor = cholesky(covariance.astype(LONG))
        residuals, whitened = (x - mean).T, list[NDArray[np.longdouble]]()
        for i in range(len(factor)):
            whitened.append((residuals[i] - sum(factor[i, j] * whitened[j] for j in range(i))) / factor[i, i])
        constant = (
            np.log(LONG(weight)) - np.log(np.diag(factor)).sum() - LONG(len(factor)) / 2 * np.log(2 * LONG(np.pi))
        )
        joint.append(constant - sum(z * z for z in whitened) / 2)
    responsibilities, log_likelihood = normalised(np.array(joint))
    counts = responsibilities.sum(axis=1)
    updated = (responsibilities @ x) / counts[:, None]
    covariances = [
        ((x - mean).T * row) @ (x - mean) / count
        for row, count, mean in zip(responsibilities, counts, updated, strict=True)
    ]
    return log_likelihood, counts, np.array(covariances)


def cholesky(matrix):
    factor = np.zeros_like(matrix)
    for i in range(len(matrix)):
        for j in range(i + 1):
            rest = matrix[i, j] - (factor[i, :j] * factor[j, :j]).sum()
            factor[i, j] = np.sqrt(rest) if i == j else rest / factor[j, j]
    return factor


def normalised(joint):
    largest = joint.max(axis=0)
    powers = np.exp(joint - largest)
    totals = powers.sum(axis=0)
    return powers / totals, (largest + np.log(totals)).sum()


def clusters(widths, offset=0.0, n=4000, d=2, seed=0):
    """Clusters within a unit or so of one another, each as wide as told, and the mixture they are drawn from."""
    rng = np.random.default_rng(seed)
    k = len(widths)
    means = offset + rng.normal(size=(k, d))
    shapes = rng.normal(size=(k, d, d)) / 8 + np.eye(d)  # none so flat that it meets the floor
    covariances = shapes @ np.swapaxes(shapes, 1, 2) * np.square(widths)[:, None, None]
    mixture = Mixture(np.full(k, 1 / k), Gaussian(means, covariances))
    return mixture.sample(n, rng)[0], mixture


@pytest.mark.parametrize("d", [1, 2, 3, 6])
@pytest.mark.parametrize("widths", [(1.0, 0.7, 0.4), (1.0, 1e-2, 1e-5)], ids=["even", "narrow"])
@pytest.mark.parametrize("offset", [0.0, 1e8], ids=["at the origin", "far away"])
def test_the_pass_keeps_its_digits(d, widths, offset):
    if offset and min(widths) < 1e-3:
        widths = (1.0, 1e-1, 1e-2)  # doubles near 1e8 are 1.5e-8 apart: no narrower cluster can be written down
    x, mixture = clusters(widths, offset, d=d)
    data = Data.of(x)
    log_likelihood, counts, covariances = gaussian_in_long_double(x, mixture)
    expectation = e_step(data, mixture)
    # A sum of 4000 terms, each with a few roundings of its own.
    assert expectation.log_likelihood == pytest.approx(float(log_likelihood), rel=1e-12)
    np.testing.assert_allclose(expectation.statistics.counts, counts.astype(float), rtol=1e-9)
    updated = MStep(Model.of(data, "gaussian", 3, "full"), data)(expectation.statistics)
    found = known(updated.components, Gaussian).covariances
    scale = np.abs(covariances).max(axis=(1, 2), keepdims=True).astype(float)
    np.testing.assert_allclose(found / scale, covariances.astype(float) / scale, rtol=0, atol=1e-8)


def test_counts_keep_their_digits():
    rng = np.random.default_rng(1)
    rates, weights = np.array([1e-3, 4.0, 1e3]), np.array([0.3, 0.5, 0.2])
    x = rng.poisson(rates[rng.choice(3, p=weights, size=5000)]).astype(float)
    exact = x.astype(LONG)
    log_factorials = special.gammaln(x + 1).astype(LONG)
    joint = np.log(weights.astype(LONG))[:, None] + exact * np.log(rates.astype(LONG))[:, None] - rates[:, None]
    responsibilities, log_likelihood = normalised(joint - log_factorials)
    expectation = e_step(Data.of(x), Mixture(weights, Poisson(rates)))
    assert expectation.log_likelihood == pytest.approx(float(log_likelihood), rel=1e-12)
    np.testing.assert_allclose(expectation.statistics.counts, responsibilities.sum(axis=1).astype(float), rtol=1e-12)
    sums = known(expectation.statistics, PoissonStatistics).sums
    np.testing.assert_allclose(sums, (responsibilities @ exact).astype(float), rtol=1e-12)


@pytest.mark.parametrize(
    ("copied", "most"),
    # 38 MB of data, of which a copy or an array of responsibilities (57 MB) would show; or one copy, and then no other.
    [(2**25, 32 * 2**20), (2**28, 32 * 2**20 + 1.5 * 40_000_000)],
    ids=["large data", "one copy"],
)
def test_a_fit_takes_little_memory_beside_its_data(copied, most, monkeypatch):
    monkeypatch.setattr("models.data.MOST_COPIED_BYTES", copied)
    rng = np.random.default_rng(0)
    centres = rng.normal(scale=6, size=(3, 2))
    x = centres[rng.integers(0, 3, 2_500_000)] + rng.normal(size=(2_500_000, 2))
    fit(x[:1000], "gaussian", 3, starts=1, max_steps=2)  # what is compiled takes memory as well
    tracemalloc.start()
    try:
        fit(x, "gaussian", 3, starts=1, max_steps=2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most


def test_one_and_two_threads_give_the_same_bits(monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    x, mixture = clusters((1.0, 0.7, 0.4), n=300_000)
    data, results = Data.of(x), []
    for threads in (1, 2, 3):
        pool = ThreadPoolExecutor(threads)
        monkeypatch.setattr("models.chunks._threads", lambda pool=pool: pool)
        expectation = e_step(data, mixture)
        results.append((expectation.log_likelihood, known(expectation.statistics, GaussianStatistics).second.tobytes()))
    assert len(set(results)) == 1
