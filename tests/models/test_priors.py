"""Priors are the sums of SciPy's densities that they claim to be, and draws follow them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from models import Data, Gamma, Gammas, Model, NormalInverseWishart, Prior
from tests.cases import CASES

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def normal_inverse_wishart(prior, components):
    """The log-density, factor by factor: the covariances by structure, and each mean given its covariance."""
    degrees, scale = prior.degrees_of_freedom, prior.scale
    variances = np.diagonal(components.covariances, axis1=1, axis2=2)
    wishart, half = stats.invwishart, degrees / 2
    spread = {
        "full": lambda: sum(wishart(degrees, scale).logpdf(c) for c in components.covariances),
        "tied": lambda: wishart(degrees, scale).logpdf(components.covariances[0]),
        "diagonal": lambda: stats.invgamma(half, scale=scale / 2).logpdf(variances).sum(),
        "spherical": lambda: stats.invgamma(half, scale=scale / 2).logpdf(variances[:, 0]).sum(),
    }[prior.structure]()
    pairs = zip(components.means, components.covariances, strict=True)
    return spread + sum(stats.multivariate_normal(prior.location, c / prior.strength).logpdf(m) for m, c in pairs)


def gamma(prior, components):
    return stats.gamma(prior.shape, scale=1 / prior.rate).logpdf(components.rates).sum()


def gammas(prior, components):
    return stats.gamma(prior.shape, scale=1 / prior.rates).logpdf(components.rates).sum()


COMPONENT_PRIORS = {"gaussian": normal_inverse_wishart, "poisson": gamma, "poisson-product": gammas}


def informative(case):
    """A prior with no default left in it, and with moments."""
    d = case.data.dimension
    if case.family == "poisson":
        return Prior(Gamma(3.5, 0.4), case.model, concentration=2.5)
    if case.family == "poisson-product":
        return Prior(Gammas(3.5, np.array([0.4, 0.7, 0.2])), case.model, concentration=2.5)
    full = 2.0 * np.eye(d) + 0.5
    scale = {"diagonal": np.arange(1.0, d + 1), "spherical": np.asarray(1.7)}.get(case.covariance, full)
    components = NormalInverseWishart(np.arange(1.0, d + 1), 0.3, d + 9.5, scale, case.covariance)
    return Prior(components, case.model, concentration=2.5)


@each_case
@pytest.mark.parametrize(
    "make", [lambda case: case.model.prior(case.data, "conjugate"), informative], ids=["conjugate", "informative"]
)
def test_log_density_is_the_sum_of_scipys(case, make):
    prior = make(case)
    for mixture in (case.mixture, prior.sample(np.random.default_rng(0))):
        of_weights = stats.dirichlet(np.full(3, prior.concentration)).logpdf(mixture.weights)
        expected = of_weights + COMPONENT_PRIORS[case.family](prior.components, mixture.components)
        # Rounding: determinants and traces of matrices of order ten.
        assert float(prior.log_density(mixture)) == pytest.approx(expected, rel=1e-10)


@each_case
def test_weights_that_are_fixed_have_no_prior(case):
    free, fixed = informative(case), replace(informative(case), model=case.model_with("equal"))
    mixture = fixed.sample(np.random.default_rng(0))
    assert mixture.weights.tolist() == [1 / 3] * 3
    of_weights = stats.dirichlet([2.5] * 3).logpdf(mixture.weights)
    assert float(fixed.log_density(mixture) + of_weights) == pytest.approx(float(free.log_density(mixture)), rel=1e-12)
    assert fixed.parameters()["weights"] is None
    assert "fixed" in fixed.statement()


@each_case
def test_a_flat_dirichlet_allows_a_weight_of_zero(case):
    prior = case.model.prior(case.data)
    emptied = replace(case.mixture, weights=np.array([0.0, 0.4, 0.6]))
    assert float(prior.log_density(emptied)) == pytest.approx(float(prior.log_density(case.mixture)), rel=1e-12)


@each_case
def test_leading_axes_are_draws(case):
    prior, rng = informative(case), np.random.default_rng(0)
    mixtures = [prior.sample(rng) for _ in range(4)]
    weights = np.stack([mixture.weights for mixture in mixtures]).reshape(2, 2, 3)
    arrays = [np.stack(arrays) for arrays in zip(*(m.components.arrays().values() for m in mixtures), strict=True)]
    components = type(mixtures[0].components)(*(array.reshape(2, 2, *array.shape[1:]) for array in arrays))
    together = prior.log_density(replace(mixtures[0], weights=weights, components=components))
    expected = [float(prior.log_density(mixture)) for mixture in mixtures]
    assert together.ravel() == pytest.approx(expected, rel=1e-12)
    assert together.shape == (2, 2)


def p_values(prior, draws):
    """Kolmogorov–Smirnov tests of marginals that are known in closed form, one draw's first component each."""
    if isinstance(prior, Gamma):
        return [stats.kstest([c.rates[0] for c in draws], stats.gamma(prior.shape, scale=1 / prior.rate).cdf).pvalue]
    if isinstance(prior, Gammas):
        of_columns = [stats.gamma(prior.shape, scale=1 / rate).cdf for rate in prior.rates]
        return [stats.kstest([c.rates[0, j] for c in draws], cdf).pvalue for j, cdf in enumerate(of_columns)]
    d, degrees = len(prior.location), prior.degrees_of_freedom
    # A block of an inverse Wishart has d − 1 degrees of freedom fewer, and a variance of one is inverse gamma.
    degrees -= d - 1 if prior.structure in ("full", "tied") else 0
    scales = np.diag(prior.scale) if prior.structure in ("full", "tied") else np.broadcast_to(prior.scale, d)
    tests = []
    for feature, (scale, location) in enumerate(zip(scales, prior.location, strict=True)):
        variances = [c.covariances[0, feature, feature] for c in draws]
        means = [c.means[0, feature] for c in draws]
        width = np.sqrt(scale / degrees / prior.strength)
        tests.append(stats.kstest(variances, stats.invgamma(degrees / 2, scale=scale / 2).cdf).pvalue)
        tests.append(stats.kstest(means, stats.t(degrees, location, width).cdf).pvalue)
        standardised = [(c.means[0, feature] - location) / np.sqrt(c.covariances[0, feature, feature]) for c in draws]
        tests.append(stats.kstest(standardised, stats.norm(0, prior.strength**-0.5).cdf).pvalue)
    return tests


@each_case
def test_draws_follow_the_prior(case):
    prior, rng = informative(case), np.random.default_rng(5)
    draws = [prior.sample(rng) for _ in range(600)]
    # Under the null one test in 20 000 falls below; up to ten are made for each of the cases, with one seed.
    assert min(p_values(prior.components, [draw.components for draw in draws])) > 5e-5
    weights = np.array([draw.weights for draw in draws])
    assert stats.kstest(weights[:, 1], stats.beta(2.5, 5).cdf).pvalue > 5e-5
    for name, array in draws[0].arrays().items():
        assert array.shape == case.mixture.arrays()[name].shape
    if case.covariance in ("full", "tied"):
        covariances = np.array([draw.components.covariances[0] for draw in draws])
        expected = prior.components.scale / (prior.components.degrees_of_freedom - case.data.dimension - 1)
        standard_errors = covariances.std(axis=0) / np.sqrt(len(draws))
        assert np.all(np.abs(covariances.mean(axis=0) - expected) < 4.5 * standard_errors)


@each_case
def test_drawn_covariances_have_the_structure(case):
    if case.covariance:
        components = informative(case).sample(np.random.default_rng(0)).components
        covariances = components.structured(case.covariance).covariances
        assert components.covariances == pytest.approx(covariances, rel=1e-14, abs=0)
        same = np.array_equal(components.covariances[0], components.covariances[1])
        assert same == (case.covariance == "tied")


def test_the_conjugate_prior_scales_with_the_data():
    """Fraley and Raftery (2007): strength 0.01, d + 2 degrees of freedom, an even share of the data's covariance."""
    x = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [2.0, 8.0]])
    data = Data.of(x)
    covariance = np.cov(x.T, ddof=0)
    # k^(2/d) with two components and two features is 2.
    expected = {
        "full": covariance / 2,
        "tied": covariance / 2,
        "diagonal": np.diag(covariance) / 2,
        "spherical": np.trace(covariance) / 4,
    }
    for structure, scale in expected.items():
        prior = gaussian_prior(data, structure)
        assert prior.scale == pytest.approx(scale, rel=1e-14)
        assert (prior.location.tolist(), prior.strength, prior.degrees_of_freedom) == ([1, 3], 0.01, 4)
    assert gaussian_prior(Data.of(x[:, 1]), "full").scale == pytest.approx(np.array([[covariance[1, 1] / 4]]))


def gaussian_prior(data, structure):
    return Model("gaussian", 2, data.dimension, structure).prior(data, "conjugate").components


def test_the_conjugate_prior_of_rates_has_the_mean_of_the_data():
    prior = Model("poisson", 2).prior(Data.of([1, 2, 6], weights=[1, 1, 2]), "conjugate")
    assert (prior.components, prior.concentration) == (Gamma(1.0, 4 / 15), 1)


@each_case
def test_the_parameters_are_plain_numbers_and_the_statement_is_a_sentence(case):
    prior = informative(case)
    parameters = prior.parameters()
    assert parameters["weights"] == {"name": "Dirichlet", "concentration": 2.5}
    for name, value in parameters["components"].items():
        assert isinstance(value, (str, float, list)), name
        if name != "name":
            assert value == np.asarray(getattr(prior.components, name)).tolist()
    assert prior.statement().count("$") % 2 == 0
    assert prior.statement().endswith(".")


@each_case
def test_a_prior_comes_back_from_its_parameters(case):
    prior = case.model.prior(case.data, "conjugate")
    assert Prior.of(prior.parameters(), case.model).parameters() == prior.parameters()
    for name in prior.parameters()["components"]:
        spoilt = {**prior.parameters()["components"], name: "nothing"}
        with pytest.raises(ValueError, match=f"the prior's {name} must"):
            Prior.of({**prior.parameters(), "components": spoilt}, case.model)


@each_case
def test_many_draws_at_once_are_those_of_one_by_one(case):
    prior = case.model.prior(case.data)
    rng = np.random.default_rng(12)
    together = case.model.scalars(prior.sample(rng, (40, 50)), case.data.columns)
    single = [case.model.scalars(prior.sample(rng), case.data.columns) for _ in range(500)]
    for name, draws in together.items():
        assert draws.shape == (40, 50)
        # The same distribution: in a hundred comparisons of two samples none is as far apart as one in a million.
        assert stats.ks_2samp(draws.ravel(), [each[name] for each in single]).pvalue > 1e-6
