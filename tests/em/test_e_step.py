"""The E-step against SciPy, against enumerating every labelling, and against the gradient of the log-likelihood."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from em import e_step, textbook_e_step
from models import Data, Gaussian, Mixture, Poisson, PoissonProduct
from tests import oracles
from tests.cases import CASES
from tests.known import known

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_kernel = pytest.mark.parametrize("step", [e_step, textbook_e_step])


def moments(statistics):
    """The statistics in a form that does not depend on what they were accumulated about."""
    if hasattr(statistics, "sums"):
        return {"counts": statistics.counts, "sums": statistics.sums, "exposures": statistics.exposures}
    return {"counts": statistics.counts, "means": statistics.means, "scatter": statistics.scatter}


def moments_of(data, shares):
    """The moments by definition: Σγ, Σγx/Σγ and Σγ(x−m)(x−m)ᵀ, and Σγe."""
    x = data.values
    counts = shares.sum(axis=0)
    means = shares.T @ x / counts[:, None]
    residuals = x - means[:, None, :]
    sums = shares.T @ x
    return {
        "counts": counts,
        "sums": sums if x.shape[1] > 1 else sums[:, 0],
        "means": means,
        "scatter": np.einsum("nk,kni,knj->kij", shares, residuals, residuals),
        "exposures": counts if data.exposure is None else shares.T @ data.exposure,
    }


def assert_same(statistics, expected, rel, absolute=1e-12):
    for name, value in moments(statistics).items():
        assert value == pytest.approx(expected[name], rel=rel, abs=absolute), name


@each_case
@each_kernel
def test_the_statistics_are_those_under_scipys_responsibilities(case, step):
    weights = np.random.default_rng(0).uniform(0.1, 3, size=len(case.data.values))
    data = replace(case.data, weights=weights)
    x, exposure = data.values, data.exposure
    expectation = step(data, case.mixture)
    # Rounding of sums of 80 terms.
    expected = oracles.log_likelihood(case.mixture, x, weights, exposure)
    assert expectation.log_likelihood == pytest.approx(expected, rel=1e-12)
    shares = oracles.responsibilities(case.mixture, x, exposure) * weights[:, None]
    assert_same(expectation.statistics, moments_of(data, shares), rel=1e-10)


@each_case
@each_kernel
def test_the_expectation_is_a_sum_over_every_labelling(case, step):
    """Σ over all 3⁶ ways to label six observations, each with its joint probability: no responsibilities anywhere."""
    data = case.data.take(slice(6))
    joint = np.exp(oracles.log_joint(case.mixture, data.values, data.exposure))
    labellings = np.array(list(itertools.product(range(3), repeat=6)))
    chances = joint[np.arange(6), labellings].prod(axis=1)
    expected_shares = np.einsum("l,lnk->nk", chances, np.eye(3)[labellings]) / chances.sum()
    expectation = step(data, case.mixture)
    assert expectation.log_likelihood == pytest.approx(np.log(chances.sum()), rel=1e-12)
    assert_same(expectation.statistics, moments_of(data, expected_shares), rel=1e-9)


@each_case
def test_fishers_identity(case):
    """The gradient of the observed log-likelihood is the complete-data score at the expected statistics."""
    data = replace(case.data, weights=np.random.default_rng(0).uniform(0.1, 3, size=len(case.data.values)))
    given = moments(e_step(data, case.mixture).statistics)
    scores = {"weights": given["counts"] / case.mixture.weights, **component_scores(case.mixture.components, given)}
    for name, score in scores.items():
        numerical = np.empty(score.shape)
        for index in np.ndindex(score.shape):
            numerical[index] = derivative(case.mixture, name, index, data)
        # Central differences with a step of 1e-5: truncation and rounding leave about 1e-7 of numbers of order 100.
        assert numerical == pytest.approx(score, rel=1e-6, abs=1e-5), name


def component_scores(components, given):
    if isinstance(components, Poisson):
        return {"rates": given["sums"] / components.rates - given["exposures"]}
    if isinstance(components, PoissonProduct):
        return {"rates": given["sums"] / components.rates - given["exposures"][:, None]}
    precisions = np.linalg.inv(components.covariances)
    shift = given["means"] - components.means
    first = given["counts"][:, None] * shift
    second = given["scatter"] + first[:, :, None] * shift[:, None, :]
    return {
        "means": np.einsum("kij,kj->ki", precisions, first),
        "covariances": 0.5 * (precisions @ second @ precisions - given["counts"][:, None, None] * precisions),
    }


def derivative(mixture, name, index, data):
    """By one entry, with SciPy's densities; a covariance is moved at both of its symmetric entries, by half each."""

    def moved(step):
        arrays = {key: array.copy() for key, array in mixture.arrays().items()}
        if name == "covariances":
            k, i, j = index
            arrays[name][k, i, j] += step / 2
            arrays[name][k, j, i] += step / 2
        else:
            arrays[name][index] += step
        return Mixture(arrays.pop("weights"), type(mixture.components)(**arrays))

    rows = (data.values, data.weights, data.exposure)
    return (oracles.log_likelihood(moved(1e-5), *rows) - oracles.log_likelihood(moved(-1e-5), *rows)) / 2e-5


@each_case
@each_kernel
def test_weights_are_replication(case, step):
    weights = np.random.default_rng(0).integers(1, 5, size=len(case.data.values))
    weighted = step(replace(case.data, weights=weights.astype(float)), case.mixture)
    repeated = step(case.data.take(np.repeat(np.arange(len(weights)), weights)), case.mixture)
    # The same sums in another order.
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-13)
    assert_same(weighted.statistics, moments(repeated.statistics), rel=1e-11)


@each_case
def test_counts_compress(case):
    rows = np.random.default_rng(0).integers(40, size=300)
    data = case.data.take(rows)
    few = data.compress()
    assert len(few.values) <= 40
    whole, compressed = e_step(data, case.mixture), e_step(few, case.mixture)
    assert compressed.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-13)
    assert_same(compressed.statistics, moments(whole.statistics), rel=1e-11)


@each_case
@each_kernel
def test_the_statistics_of_two_parts_add_up(case, step):
    whole = step(case.data, case.mixture)
    first, second = (step(case.data.take(rows), case.mixture) for rows in (slice(30), slice(30, None)))
    assert first.log_likelihood + second.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-13)
    assert_same(first.statistics + second.statistics, moments(whole.statistics), rel=1e-11)


def test_moments_about_different_centres_do_not_add_up():
    case = CASES[1]
    components = known(case.mixture.components, Gaussian)
    moved = Mixture(case.mixture.weights, Gaussian(components.means + 1, components.covariances))
    with pytest.raises(ValueError, match="same centres"):
        e_step(case.data, case.mixture).statistics + e_step(case.data, moved).statistics


@pytest.mark.parametrize("rows", [1, 255, 256, 257, 65_536, 65_537, 200_001])
@pytest.mark.parametrize("case", [CASES[0], CASES[2], CASES[14]], ids=str)
def test_no_row_is_lost_or_counted_twice_in_large_data(case, rows):
    rng = np.random.default_rng(0)
    distinct, exposure = case.data.values, case.data.exposure
    of_row, weights = rng.integers(len(distinct), size=rows), rng.uniform(0.5, 1.5, size=rows)
    expectation = e_step(replace(case.data.take(of_row), weights=weights), case.mixture)
    total = np.bincount(of_row, weights, minlength=len(distinct))
    # Rounding of sums of up to 200 001 terms.
    expected = oracles.log_likelihood(case.mixture, distinct, total, exposure)
    assert expectation.log_likelihood == pytest.approx(expected, rel=1e-11)
    shares = oracles.responsibilities(case.mixture, distinct, exposure) * total[:, None]
    assert_same(expectation.statistics, moments_of(case.data, shares), rel=1e-9, absolute=1e-9)


@each_kernel
def test_densities_of_1e_minus_400_are_ordinary(step):
    components = Gaussian(np.array([[0.0], [1.0]]), np.array([[[1.0]], [[1.0]]]))
    x = np.array([-45.0, 50.0, 1e4, -3e6])
    expectation = step(Data.of(x), Mixture(np.array([0.3, 0.7]), components))
    log_joint = np.log([0.3, 0.7]) - 0.5 * np.log(2 * np.pi) - 0.5 * (x[:, None] - np.array([0, 1])) ** 2
    assert log_joint.max(axis=1).max() < -400 * np.log(10)
    assert expectation.log_likelihood == pytest.approx(special.logsumexp(log_joint, axis=1).sum(), rel=1e-13)
    # Far out, the nearer component takes all.
    assert expectation.statistics.counts == pytest.approx(np.array([2, 2]), abs=1e-15)


@each_kernel
def test_nothing_is_lost_far_from_the_origin(step):
    case = next(case for case in CASES if str(case) == "gaussian-full-2d")
    # Multiples of 1/1024 below 2^27 + 1 are exact, so that shifting loses nothing.
    components = known(case.mixture.components, Gaussian)
    x, means = (np.asarray(np.round(1024 * exact) / 1024) for exact in (case.data.values, components.means))
    at = [
        step(
            Data.of(x + shift),
            Mixture(case.mixture.weights, Gaussian(means + shift, components.covariances)),
        )
        for shift in (0, 2.0**27)
    ]
    assert at[1].log_likelihood == pytest.approx(at[0].log_likelihood, rel=1e-14)
    assert at[1].statistics.scatter == pytest.approx(at[0].statistics.scatter, rel=1e-12)


@each_kernel
def test_a_narrow_component_keeps_its_digits(step):
    x = 1 + 1e-9 * np.array([-1.0, 0, 2])
    mixture = Mixture(np.array([1.0]), Gaussian(np.array([[1.0]]), np.array([[[1e-18]]])))
    statistics = step(Data.of(x), mixture).statistics
    # x itself is rounded to 1e-16, a ten-millionth of the spread.
    assert statistics.scatter.item() == pytest.approx(1e-18 * 14 / 3, rel=1e-6)


@each_kernel
@each_case
def test_a_component_of_weight_zero_gets_nothing(case, step):
    expectation = step(case.data, Mixture(np.array([0.4, 0.0, 0.6]), case.mixture.components))
    assert 0 <= expectation.statistics.counts[1] < 1e-300
    assert expectation.statistics.counts.sum() == pytest.approx(80, rel=1e-14)
    assert np.isfinite(expectation.log_likelihood)


@each_kernel
def test_a_rate_of_zero_takes_zeros_only(step):
    expectation = step(Data.of([0, 0, 3]), Mixture(np.array([0.5, 0.5]), Poisson(np.array([0.0, 3.0]))))
    share = 1 / (1 + np.exp(-3))
    assert expectation.statistics.counts == pytest.approx(np.array([2 * share, 3 - 2 * share]), rel=1e-14)
    assert expectation.statistics.sums == pytest.approx(np.array([0, 3]), abs=1e-14)
    expected = 2 * np.log(0.5 + 0.5 * np.exp(-3)) + np.log(0.5 * np.exp(-3) * 27 / 6)
    assert expectation.log_likelihood == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bits_do_not_depend_on_where_arrays_lie(case):
    rng, filler, found = np.random.default_rng(5), [], set()
    for _ in range(60):
        filler.append([np.empty(size, dtype=np.int8) for size in rng.integers(1, 5000, size=20)])
        exposure = None if case.data.exposure is None else case.data.exposure.copy()
        expectation = e_step(Data.of(case.data.values.copy(), exposure=exposure), case.mixture)
        statistics = [value for value in vars(expectation.statistics).values() if isinstance(value, np.ndarray)]
        found.add((expectation.log_likelihood, *(value.tobytes() for value in statistics)))
    assert len(found) == 1
