"""Densities are SciPy's, draws are a loop, and no density is too small."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from models import Gaussian, Mixture, Poisson, PoissonProduct
from tests import oracles
from tests.cases import CASES
from tests.known import known

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def draws_of(case, shape, seed=0):
    """Mixtures drawn from the prior, with these leading axes."""
    rng = np.random.default_rng(seed)
    prior = case.model.prior(case.data, "conjugate")
    drawn = [prior.sample(rng) for _ in range(int(np.prod(shape)))]
    stacked = {
        name: np.reshape([mixture.arrays()[name] for mixture in drawn], (*shape, *array.shape))
        for name, array in drawn[0].arrays().items()
    }
    return Mixture(stacked.pop("weights"), type(case.mixture.components)(**stacked))


@each_case
def test_log_density_is_scipys(case):
    rows = (case.data.values, case.data.exposure)
    # Rounding: a handful of operations on numbers of order ten.
    assert case.mixture.components.log_density(*rows) == pytest.approx(
        oracles.log_density(case.mixture.components, *rows), rel=1e-12, abs=1e-12
    )
    assert case.mixture.log_joint(*rows) == pytest.approx(oracles.log_joint(case.mixture, *rows), rel=1e-12, abs=1e-12)


@each_case
def test_log_likelihood_sums_the_label_out(case):
    x, exposure, weights = case.data.values, case.data.exposure, np.linspace(0.5, 2, len(case.data.values))
    density = np.exp(oracles.log_joint(case.mixture, x, exposure)).sum(axis=1)
    assert np.exp(case.mixture.log_density(x, exposure)) == pytest.approx(density, rel=1e-12)
    assert case.mixture.log_likelihood(x, None, exposure) == pytest.approx(np.log(density).sum(), rel=1e-12)
    assert case.mixture.log_likelihood(x, weights, exposure) == pytest.approx(weights @ np.log(density), rel=1e-12)


@each_case
def test_responsibilities_are_bayes_theorem(case):
    rows = (case.data.values, case.data.exposure)
    joint = np.exp(oracles.log_joint(case.mixture, *rows))
    by_bayes = joint / joint.sum(axis=1, keepdims=True)
    assert case.mixture.responsibilities(*rows) == pytest.approx(by_bayes, rel=1e-11)


@each_case
def test_leading_axes_are_a_loop(case):
    x, mixtures = case.data.values, draws_of(case, (2, 3))
    joint, likelihood = mixtures.log_joint(x), mixtures.log_likelihood(x, case.data.weights)
    shares, location = mixtures.responsibilities(x), mixtures.components.location()
    assert joint.shape == shares.shape == (2, 3, len(x), 3)
    for draw in np.ndindex(2, 3):
        one = mixtures[draw]
        # The same operations, which BLAS may put in another order.
        assert joint[draw] == pytest.approx(oracles.log_joint(one, x), rel=1e-10, abs=1e-10)
        assert likelihood[draw] == pytest.approx(oracles.log_likelihood(one, x), rel=1e-10)
        assert shares[draw] == pytest.approx(oracles.responsibilities(one, x), rel=1e-8, abs=1e-12)
        assert location[draw].tolist() == one.components.location().tolist()


@each_case
@pytest.mark.parametrize("lead", [(0,), (2, 0), (0, 3)])
def test_of_no_draws_there_is_nothing_to_say(case, lead):
    rows, none = (
        (case.data.values, case.data.exposure),
        draws_of(case, (2, 3))[np.zeros(lead, int), np.zeros(lead, int)],
    )
    assert none.weights.shape == (*lead, 3)
    assert none.log_density(*rows).shape == (*lead, case.data.rows)
    assert none.responsibilities(*rows).shape == (*lead, case.data.rows, 3)
    assert none.log_likelihood(case.data.values, None, case.data.exposure).shape == lead


@each_case
def test_flattening_keeps_the_order_of_the_draws(case):
    mixtures = draws_of(case, (2, 3))
    flat = mixtures.flatten()
    assert flat.weights.shape == (6, 3)
    for i, draw in enumerate(np.ndindex(2, 3)):
        for name, array in mixtures[draw].arrays().items():
            assert np.array_equal(flat[i].arrays()[name], array)
    assert np.array_equal(mixtures[1].weights, flat[3:].weights)


@each_case
def test_relabelling_permutes_the_components_of_each_draw(case):
    x, mixtures = case.data.values, draws_of(case, (2, 3))
    order = np.random.default_rng(1).permuted(np.tile([0, 1, 2], (2, 3, 1)), axis=-1)
    relabelled = mixtures.relabel(order)
    assert relabelled.log_joint(x) == pytest.approx(
        np.take_along_axis(mixtures.log_joint(x), order[..., None, :], axis=-1), rel=1e-12
    )
    restored = relabelled.relabel(np.argsort(order, axis=-1))
    for name, array in mixtures.arrays().items():
        assert np.array_equal(restored.arrays()[name], array)


@each_case
def test_ascending_sorts_by_location_and_keeps_the_density(case):
    x, mixtures = case.data.values, draws_of(case, (4,))
    ascending = mixtures.ascending()
    assert np.all(np.diff(ascending.components.location(), axis=-1) > 0)
    assert not np.all(np.diff(mixtures.components.location(), axis=-1) > 0)
    assert ascending.log_density(x) == pytest.approx(mixtures.log_density(x), rel=1e-12)


def test_location_is_the_first_mean_or_the_rate():
    means = np.array([[3.0, 0.0], [1.0, 9.0]])
    assert Gaussian(means, np.array([np.eye(2)] * 2)).location().tolist() == [3, 1]
    assert Poisson(np.array([3.0, 1.0])).location().tolist() == [3, 1]


def test_new_place_j_is_taken_by_old_component_order_j():
    mixture = Mixture(np.array([0.2, 0.3, 0.5]), Poisson(np.array([20.0, 30.0, 50.0]))).relabel(np.array([2, 0, 1]))
    assert (mixture.weights.tolist(), known(mixture.components, Poisson).rates.tolist()) == (
        [0.5, 0.2, 0.3],
        [50, 20, 30],
    )


@pytest.mark.parametrize("case", [case for case in CASES if str(case).endswith("2d")], ids=str)
@pytest.mark.parametrize("feature", [0, 1])
def test_marginal_is_the_joint_density_integrated_over_the_other_feature(case, feature):
    # The trapezoidal rule converges faster than any power of the step for functions as smooth as these.
    others = np.linspace(-20, 20, 2001)
    for value in (-1.5, 0.4, 3.0):
        x = np.roll(np.column_stack([np.full_like(others, value), others]), feature, axis=1)
        integral = integrate.trapezoid(np.exp(oracles.log_joint(case.mixture, x)).sum(axis=1), others)
        marginal = case.mixture.marginal(feature).log_density(np.array([[value]]))
        assert np.exp(marginal) == pytest.approx([integral], rel=1e-10)


@pytest.mark.parametrize("case", [case for case in CASES if case.data.dimension == 1], ids=str)
def test_marginal_of_the_only_feature_is_the_mixture_itself(case):
    x = case.data.values
    assert case.mixture.marginal(0).log_density(x).tolist() == case.mixture.log_density(x).tolist()


def test_densities_of_1e_minus_400_and_far_less_are_ordinary():
    mixture = Mixture(np.array([0.25, 0.75]), Gaussian(np.array([[0.0], [1.0]]), np.array([[[1.0]], [[4.0]]])))
    x = np.array([43.0, -1e3, 1e8, -1e150])[:, None]
    first = np.log(0.25) - 0.5 * np.log(2 * np.pi) - 0.5 * x[:, 0] ** 2
    second = np.log(0.75) - 0.5 * np.log(8 * np.pi) - 0.125 * (x[:, 0] - 1) ** 2
    assert first[0] < np.log(10) * -400
    assert mixture.log_joint(x) == pytest.approx(np.stack([first, second], axis=1), rel=1e-13)
    assert mixture.log_density(x) == pytest.approx(np.logaddexp(first, second), rel=1e-13)
    assert mixture.responsibilities(x) == pytest.approx(np.array([[0, 1]] * 4), abs=1e-30)


@each_case
def test_responsibilities_sum_to_one_however_far_the_data_are(case):
    for distance in (0, 1e3, 1e6, 1e9):
        x = case.data.values + distance
        shares = case.mixture.responsibilities(x)
        assert np.isfinite(case.mixture.log_density(x)).all()
        assert shares.sum(axis=1) == pytest.approx(np.ones(len(x)), rel=1e-14)
        assert ((shares >= 0) & (shares <= 1)).all()


@each_case
def test_a_component_of_weight_zero_is_as_good_as_none(case):
    x, weights = case.data.values, np.array([0.4, 0.0, 0.6])
    mixture = Mixture(weights, case.mixture.components)
    others = Mixture(weights[[0, 2]], case.mixture.components.take(np.array([0, 2])))
    assert mixture.log_density(x) == pytest.approx(oracles.log_joint(others, x).max(axis=1), abs=np.log(2))
    assert mixture.log_density(x) == pytest.approx(special.logsumexp(oracles.log_joint(others, x), axis=1), rel=1e-12)
    assert (mixture.responsibilities(x)[:, 1] == 0).all()


def test_a_rate_of_zero_allows_the_count_zero_only():
    assert Poisson(np.array([0.0])).log_density(np.array([[0.0], [1.0]])).tolist() == [[0], [-np.inf]]


@each_case
def test_samples_follow_the_mixture(case):
    x, labels = case.mixture.sample(4000, np.random.default_rng(1))
    assert x.shape == (4000, case.data.dimension)
    seen = np.bincount(labels, minlength=3)
    assert stats.chisquare(seen, 4000 * case.mixture.weights).pvalue > 1e-4
    for component in range(3):
        assert distribution_test(case.mixture.components, component, x[labels == component]) > 1e-4


def distribution_test(components, component, x):
    """The p-value of the hypothesis that ``x`` was drawn from that component."""
    if isinstance(components, PoissonProduct):
        each = [distribution_test(Poisson(rates), component, x[:, j]) for j, rates in enumerate(components.rates.T)]
        return min(1.0, len(each) * min(each))
    if isinstance(components, Poisson):
        rate = components.rates[component]
        edges = np.unique(stats.poisson.ppf(np.linspace(0.05, 0.95, 10), rate))
        chances = np.diff(stats.poisson.cdf(np.concatenate([[-1], edges, [np.inf]]), rate))
        seen = np.histogram(x, np.concatenate([[-np.inf], edges + 0.5, [np.inf]]))[0]
        return stats.chisquare(seen, len(x) * chances).pvalue
    # Standardised by another root than Cholesky's, so that every direction counts: z is standard normal in each.
    values, vectors = np.linalg.eigh(components.covariances[component])
    z = (x - components.means[component]) @ vectors / np.sqrt(values)
    squares = stats.kstest(np.square(z).sum(axis=1), stats.chi2(z.shape[1]).cdf).pvalue
    return min(squares, *(stats.kstest(column, stats.norm.cdf).pvalue for column in z.T))


@each_case
def test_one_seed_gives_the_same_sample(case):
    first, second, other = (case.mixture.sample(50, np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_structured_components_keep_their_means_and_what_the_structure_allows():
    means = np.array([[0.0, 1.0], [2.0, 3.0]])
    components = Gaussian(means, np.array([[[2.0, 0.5], [0.5, 4.0]], [[1.0, -0.5], [-0.5, 3.0]]]))
    expected = {
        "full": components.covariances.tolist(),
        "diagonal": [[[2, 0], [0, 4]], [[1, 0], [0, 3]]],
        "spherical": [[[3, 0], [0, 3]], [[2, 0], [0, 2]]],
        "tied": [[[1.5, 0], [0, 3.5]]] * 2,
    }
    for structure, covariances in expected.items():
        structured = components.structured(structure)
        assert (structured.means.tolist(), structured.covariances.tolist()) == (means.tolist(), covariances)


def test_arrays_go_by_their_names():
    assert list(CASES[0].mixture.arrays()) == ["weights", "rates"]
    assert list(CASES[1].mixture.arrays()) == ["weights", "means", "covariances"]
