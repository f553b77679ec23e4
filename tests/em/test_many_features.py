"""The pass over many features, which leaves out what no sum would notice, against all of it in long double and SciPy."""

import numpy as np
import pytest
from scipy import special

from em import MStep, climb, e_step, textbook_e_step
from models import Data, Gaussian, GaussianStatistics, Mixture, Model
from models.kernels.gaussian import gaussian_pass, gaussian_pointwise, gaussian_value_and_gradient
from tests import oracles
from tests.known import known

LONG = np.longdouble
EPSILON = float(np.finfo(float).eps)
# A power below 2⁻⁷⁰⁰, or 1e-211, counts as zero.
OF_ZEROS = 1e-200
in_long_double = pytest.mark.skipif(
    bool(np.finfo(LONG).eps > 1e-18), reason="long double is no longer than double here"
)


def mixture_of(d, k, apart, seed=0):
    """Components whose centres are about so many standard deviations from one another, none of them round."""
    rng = np.random.default_rng(seed + d)
    means = rng.normal(scale=apart / np.sqrt(2 * d), size=(k, d))
    shapes = rng.normal(size=(k, d, d)) / (4 * np.sqrt(d)) + np.eye(d)
    return Mixture(rng.dirichlet(np.full(k, 5.0)), Gaussian(means, shapes @ np.swapaxes(shapes, 1, 2)))


def rows_of(mixture, n, outliers, seed=0):
    """Rows drawn from it in any order; a few lie 10⁴ to 10⁸ standard deviations away."""
    rng = np.random.default_rng(seed)
    x, _ = mixture.sample(n, rng)
    if outliers:
        far = rng.normal(size=(4, x.shape[1]))
        x[:: n // 4][:4] += far / np.linalg.norm(far, axis=1)[:, None] * np.array([[1e4], [1e5], [1e6], [1e8]])
    return x


def arguments(mixture):
    """What the kernel takes of a mixture: constants, means and whitening."""
    components = known(mixture.components, Gaussian)
    whitening = np.linalg.inv(np.linalg.cholesky(components.covariances))
    d = whitening.shape[-1]
    log_determinants = np.log(np.diagonal(whitening, axis1=1, axis2=2)).sum(axis=1)
    return np.log(mixture.weights) + log_determinants - d / 2 * np.log(2 * np.pi), components.means, whitening


def textbook_sums(x, weights, constants, means, whitening):
    """The sums in long double, each beside the sum of its terms' sizes; and ½z² as far as a responsibility depends on it."""
    residuals = (x.T.astype(LONG)[None] - means.astype(LONG)[:, :, None]).transpose(0, 2, 1)
    halves = np.square(residuals @ np.swapaxes(whitening.astype(LONG), 1, 2)).sum(axis=2) / 2
    joint = constants.astype(LONG)[:, None] - halves
    largest = joint.max(axis=0)
    powers = np.exp(joint - largest)
    total = powers.sum(axis=0)
    shares = powers / total * weights
    # Neither a row that a component has to the last digit, nor one that hardly adds to what it has.
    matter = (powers / total < 1 - EPSILON) & (shares > EPSILON / len(x) * shares.sum(axis=1)[:, None])
    half = np.where(matter, halves, 1).max(axis=1).astype(float)
    weighted = residuals * shares[:, :, None]
    sizes, of_shares = np.abs(residuals), np.abs(residuals) * shares[:, :, None]
    found = {
        "log_likelihood": ((largest + np.log(total)) @ weights, np.abs(largest) @ weights),
        "counts": (shares.sum(axis=1), shares.sum(axis=1)),
        "first": (weighted.sum(axis=1), of_shares.sum(axis=1)),
        "second": (np.swapaxes(weighted, 1, 2) @ residuals, np.swapaxes(of_shares, 1, 2) @ sizes),
    }
    return found, half


def assert_sums(x, weights, mixture, compressed=None):
    """The pass finds the sums of these rows, which may be given once more as distinct ones and how often each is there."""
    given = arguments(mixture)
    found = gaussian_pass(np.ascontiguousarray(x.T), weights, *given)
    expected, half = textbook_sums(*(compressed or (x, weights)), *given)
    # Each ½z² has about d roundings of its own size; so has a responsibility, and each sum √n more of its terms' size.
    d, n = x.shape[1], len(x)
    rounding = EPSILON * (d * half + 4 * d + np.sqrt(n))
    for value, (name, (exact, sizes)) in zip(found, expected.items(), strict=True):
        away = np.abs(np.asarray(value) - exact.astype(float))
        share = rounding.max() if name == "log_likelihood" else rounding.reshape(-1, *[1] * (away.ndim - 1))
        assert (away <= share * sizes.astype(float) + OF_ZEROS).all(), name


@in_long_double
@pytest.mark.parametrize("d", [3, 8, 16, 20, 50, 100])
@pytest.mark.parametrize("apart", [2.0, 15.0, 40.0], ids=["overlap", "touch", "apart"])
@pytest.mark.parametrize("outliers", [False, True], ids=["", "outliers"])
def test_the_sums_are_those_over_all_rows_and_components(d, apart, outliers):
    mixture = mixture_of(d, 5, apart)
    n = 1300 if d <= 20 else 500
    weights = np.random.default_rng(1).choice([0.0, 0.5, 1.0, 3.0], size=n)
    assert_sums(rows_of(mixture, n, outliers), weights, mixture)


@in_long_double
@pytest.mark.parametrize("n", [1, 31, 32, 33, 127, 129, 1023, 1024, 1025, 2500])
@pytest.mark.parametrize(("d", "k"), [(3, 1), (5, 4), (17, 1), (24, 7)])
def test_no_row_is_lost_where_panels_and_blocks_end(n, d, k):
    mixture = mixture_of(d, k, 25.0)
    assert_sums(rows_of(mixture, n, outliers=False), np.random.default_rng(2).uniform(0.5, 2, size=n), mixture)


@in_long_double
@pytest.mark.parametrize("bits", [20, 30, 40])
def test_small_responsibilities_are_summed_while_they_can_be_seen(bits):
    """Rows near their centres, of which the other component has 2⁻²⁰ to 2⁻⁴⁰: rounding of the sums is about 2⁻⁴³."""
    rng, means = np.random.default_rng(bits), np.zeros((2, 20))
    means[1, 0] = np.sqrt(2 * bits * np.log(2))
    mixture = Mixture(np.array([0.5, 0.5]), Gaussian(means, np.tile(np.eye(20), (2, 1, 1))))
    x = means[rng.integers(0, 2, size=1500)] + rng.normal(scale=0.02, size=(1500, 20))
    assert_sums(x, np.ones(1500), mixture)


@in_long_double
def test_it_makes_no_difference_whether_blocks_are_sorted():
    """Of the first rows four components of five count, so that the next blocks are not sorted; of the middle ones, one."""
    near = mixture_of(20, 5, 2.0)
    components = known(near.components, Gaussian)
    means = components.means + 20.0 * (np.arange(5) == 4)[:, None]
    mixture = Mixture(near.weights, Gaussian(means, components.covariances))
    distinct = rows_of(mixture, 400, outliers=False)
    last = np.argmax(oracles.log_joint(mixture, distinct), axis=1) == 4
    rng = np.random.default_rng(1)
    parts = [rng.choice(np.flatnonzero(chosen), size=10_000) for chosen in (~last, last, last | ~last)]
    rows = np.concatenate(parts)
    times = np.bincount(rows, minlength=400).astype(float)
    assert_sums(distinct[rows], np.ones(len(rows)), mixture, (distinct, times))


@pytest.mark.parametrize("d", [3, 20, 50])
@pytest.mark.parametrize("apart", [3.0, 30.0])
def test_it_is_the_textbooks_e_step(d, apart):
    mixture = mixture_of(d, 6, apart)
    data = Data.of(rows_of(mixture, 2001, outliers=True))
    fast, textbook = e_step(data, mixture), textbook_e_step(data, mixture)
    # Half the squared distance of the farthest row, 5e15, is rounded as a sum of d terms.
    assert fast.log_likelihood == pytest.approx(textbook.log_likelihood, rel=d * EPSILON * 4)
    ours, theirs = (known(found.statistics, GaussianStatistics) for found in (fast, textbook))
    # Of responsibilities the rounding of log-densities of about d is left.
    np.testing.assert_allclose(ours.counts, theirs.counts, rtol=1e-11)
    scale = np.sqrt(np.diagonal(theirs.second, axis1=1, axis2=2))
    sizes = scale[:, :, None] * scale[:, None, :]
    np.testing.assert_allclose(ours.second / sizes, theirs.second / sizes, rtol=0, atol=1e-11)


def test_em_finds_the_way_back_from_a_start_far_from_all_data():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(400, 20)), rng.normal(size=(400, 20)) + 2.0])
    start = Mixture(
        np.array([0.5, 0.5]), Gaussian(np.stack([np.zeros(20), np.full(20, 7.0)]), np.tile(np.eye(20), (2, 1, 1)))
    )
    data = Data.of(x)
    assert e_step(data, start).statistics.counts.min() < 1e-20
    run = climb(data, start, MStep(Model.of(data, "gaussian", 2, "full"), data), 1e-8, 500)
    assert run.mixture.weights.min() > 0.4


@pytest.mark.parametrize("d", [3, 20])
def test_a_component_of_weight_zero_has_no_part(d):
    mixture = mixture_of(d, 3, 3.0)
    x = rows_of(mixture, 500, outliers=False)
    without = Mixture(np.array([0.4, 0.0, 0.6]), mixture.components)
    statistics = known(e_step(Data.of(x), without).statistics, GaussianStatistics)
    assert statistics.counts[1] == 0
    assert not statistics.second[1].any()
    two = Gaussian(*(array[[0, 2]] for array in mixture.components.arrays().values()))
    of_two = known(e_step(Data.of(x), Mixture(np.array([0.4, 0.6]), two)).statistics, GaussianStatistics)
    np.testing.assert_allclose(statistics.second[[0, 2]], of_two.second, rtol=1e-12, atol=1e-12 * len(x))


@pytest.mark.parametrize("d", [3, 16, 33])
def test_the_gradient_is_that_of_the_log_likelihood(d):
    """By Fisher's identity, against central differences of SciPy's log-densities along directions of all parameters."""
    mixture = mixture_of(d, 3, 4.0)
    x = rows_of(mixture, 300, outliers=False)
    constants, means, whitening = arguments(mixture)
    weights = np.random.default_rng(0).uniform(0.5, 2, size=300)

    def value(constants, means, whitening):
        z = np.einsum("kfg,nkg->nkf", whitening, x[:, None, :] - means)
        return float(special.logsumexp(constants - np.square(z).sum(axis=2) / 2, axis=1) @ weights)

    _, *slopes = gaussian_value_and_gradient(np.ascontiguousarray(x.T), weights, constants, means, whitening)
    rng = np.random.default_rng(1)
    for _ in range(3):
        along = [
            rng.normal(size=constants.shape),
            rng.normal(size=means.shape),
            np.tril(rng.normal(size=whitening.shape)),
        ]
        given = (constants, means, whitening)
        up, down = (value(*(g + step * a for g, a in zip(given, along, strict=True))) for step in (1e-6, -1e-6))
        slope = sum(float((s * a).sum()) for s, a in zip(slopes, along, strict=True))
        # A log-likelihood of 1e4 is rounded to some 1e-11, which a step of 1e-6 makes 1e-5 of the slope.
        assert (up - down) / 2e-6 == pytest.approx(slope, rel=1e-7, abs=1e-4)


@pytest.mark.parametrize("n", [1, 33, 255, 700])
@pytest.mark.parametrize("d", [1, 2, 3, 6, 21])
def test_log_densities_are_scipys_whatever_they_are_asked_for(d, n):
    mixture = mixture_of(d, 3, 6.0)
    x = rows_of(mixture, n, outliers=False) if n > 4 else mixture.sample(n, np.random.default_rng(0))[0]
    # Quadratic forms and logarithms of determinants of d terms.
    np.testing.assert_allclose(
        mixture.components.log_density(x), oracles.log_density(mixture.components, x), rtol=1e-12
    )
    each = gaussian_pointwise(np.ascontiguousarray(x.T), *arguments(mixture))
    of_rows = special.logsumexp(oracles.log_joint(mixture, x), axis=1)
    np.testing.assert_allclose(each, of_rows, rtol=1e-12)
    draws = Mixture(
        np.tile(mixture.weights, (2, 1)), Gaussian(*(np.stack([a, a]) for a in mixture.components.arrays().values()))
    )
    shares, log_density, _ = known(draws.components, Gaussian).averages(Data.of(x), draws.weights)
    np.testing.assert_allclose(shares, oracles.responsibilities(mixture, x), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(log_density, of_rows, rtol=1e-12)
