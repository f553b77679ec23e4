"""The weak priors are what their hierarchy says, with the shared scale integrated out."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from models import Array, Data, Gaussian, Model, Poisson, PoissonProduct, Prior, SharedRate, SharedScale
from models.priors.gaussian_scale import log_normaliser
from tests.cases import CASES
from tests.known import known

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def weak(case):
    return case.model.prior(case.data, "weak")


def features(prior, components):
    """S₀, R and the covariances that share each scale, one by one."""
    if prior.structure in ("full", "tied"):
        covariances = components.covariances[:1] if prior.structure == "tied" else components.covariances
        return [(prior.spread, prior.resolution, covariances)]
    variances = np.diagonal(components.covariances, axis1=1, axis2=2)
    if prior.structure == "spherical":
        return [(prior.spread.reshape(1, 1), prior.resolution.reshape(1, 1), variances[:, :1, None])]
    return [
        (prior.spread[f].reshape(1, 1), prior.resolution[f].reshape(1, 1), variances[:, f, None, None])
        for f in range(variances.shape[1])
    ]


def by_the_candidates_formula(spread, resolution, covariances, scale):
    """log p(Σ) = log p(B) + log p(Σ | B) − log p(B | Σ) at any B (Besag 1989), of SciPy's densities."""
    d, k = len(spread), len(covariances)
    precisions = np.array([np.linalg.inv(covariance) for covariance in covariances])
    given = np.linalg.inv(d * np.linalg.inv(spread) + precisions.sum(axis=0))
    joint = stats.wishart(d, spread / d).logpdf(scale) + sum(stats.invwishart(d, scale).logpdf(c) for c in covariances)
    tilt = -0.5 * sum(np.trace(resolution @ precision) for precision in precisions)
    return joint - stats.wishart((k + 1) * d, given).logpdf(scale) + tilt


@each_case
@pytest.mark.parametrize("factor", [0.3, 2.0])
def test_the_shared_scale_is_integrated_out(case, factor):
    prior = weak(case).components
    if case.family == "poisson":
        rates, b = case.mixture.components.rates, factor / prior.mean
        joint = stats.expon(scale=1 / prior.mean).logpdf(b) + stats.expon(scale=1 / b).logpdf(rates).sum()
        expected = joint - stats.gamma(len(rates) + 1, scale=1 / (prior.mean + rates.sum())).logpdf(b)
    elif case.family == "poisson-product":
        columns = zip(case.mixture.components.rates.T, prior.means, strict=True)
        expected = sum(SharedRate(mean).log_density(Poisson(rates)) for rates, mean in columns)
    else:
        reach = prior.reach if np.ndim(prior.reach) == 2 else prior.reach * np.eye(len(prior.location))
        expected = stats.multivariate_normal(prior.location, reach).logpdf(case.mixture.components.means).sum()
        for spread, resolution, covariances in features(prior, case.mixture.components):
            expected += by_the_candidates_formula(spread, resolution, covariances, factor * spread)
        expected -= prior.log_constant
    # Rounding: determinants of matrices of order ten.
    assert float(prior.log_density(case.mixture.components)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("shares", "components"), [((0.04,), 2), ((1e-9,), 3), ((0.02, 0.3), 2), ((1e-9, 1e-9), 4)])
def test_the_constant_of_the_resolution_is_its_expectation(shares, components):
    d, rng = len(shares), np.random.default_rng(3)
    scales = np.reshape(stats.wishart.rvs(d, np.eye(d) / d, 200_000, random_state=rng), (-1, d, d))
    ratio = np.linalg.slogdet(scales)[1] - np.linalg.slogdet(scales + np.diag(shares))[1]
    kept = np.exp(0.5 * components * d * ratio)
    # Five Monte Carlo errors, and those of the quadrature, which the module says.
    allowed = 5 * kept.std() / np.sqrt(len(kept)) + 2e-4
    assert np.exp(log_normaliser(shares, components)) == pytest.approx(kept.mean(), abs=allowed)


def test_the_density_of_one_dimension_integrates_to_one():
    """The constant, by quadrature over two log-variances, where values repeat and R matters."""
    data = Data.of(np.round(np.random.default_rng(0).normal(size=200), 1))
    prior = known(Model("gaussian", 2).prior(data, "weak").components, SharedScale)
    assert prior.log_constant < -0.01
    grid = np.linspace(-18, 30, 700)
    first, second = np.meshgrid(grid, grid, indexing="ij")
    variances = np.exp(np.stack([first, second], axis=-1))[..., None, None]
    log_density = prior._covariance_log_density(variances) + first + second
    total = np.exp(log_density).sum() * (grid[1] - grid[0]) ** 2
    # What is cut off: a tail of σ² beyond e³⁰ holds about e⁻¹⁵ of the mass.
    assert total == pytest.approx(1, abs=1e-4)


@each_case
def test_expected_scale_is_the_mean_of_the_scale_given_the_rest(case):
    prior = weak(case).components
    if case.family == "poisson":
        rates = case.mixture.components.rates
        conditional = [
            integrate.quad(lambda b, r=r: b**r * b ** len(rates) * np.exp(-b * (prior.mean + rates.sum())), 0, np.inf)[
                0
            ]
            for r in (0, 1)
        ]
        assert prior.expected_scale(rates) == pytest.approx(conditional[1] / conditional[0], rel=1e-7)
        return
    if case.family == "poisson-product":
        rates = case.mixture.components.rates
        columns = zip(rates.T, prior.means, strict=True)
        expected = [SharedRate(mean).expected_scale(column) for column, mean in columns]
        assert prior.expected_scales(rates) == pytest.approx(np.array(expected), rel=1e-12)
        return
    found = prior.expected_scale(case.mixture.components.covariances)
    assert np.shape(found) == np.shape(prior.spread)
    of_scales = [found] if np.ndim(found) == 2 else np.reshape(found, (-1, 1, 1))
    for each, (spread, resolution, covariances) in zip(
        of_scales, features(prior, case.mixture.components), strict=True
    ):
        d, k = len(spread), len(covariances)
        given = np.linalg.inv(d * np.linalg.inv(spread) + sum(np.linalg.inv(c) for c in covariances))
        assert each == pytest.approx(stats.wishart((k + 1) * d, given).mean() + resolution, rel=1e-9)


@each_case
def test_equivariant(case):
    """In other units the density is the same but for one constant, whatever the mixture: the Jacobian."""
    if case.covariance is None:
        return
    prior, rng = weak(case), np.random.default_rng(1)
    d = case.data.dimension
    matrix = {"diagonal": np.diag(rng.uniform(1, 9, d)), "spherical": 3.0 * np.eye(d)}.get(
        case.covariance, rng.normal(size=(d, d)) + 3 * np.eye(d)
    )
    offset = rng.normal(size=d)
    moved_data = Data.of((case.data.values - offset) @ matrix.T, case.data.weights)
    expected = replace(prior, components=prior.components.affine(offset, matrix, np.zeros(d)))
    if not np.array_equal(prior.components.resolution, prior.components.resolution * 0):
        mixtures = [case.mixture, prior.sample(rng)]
        moved = [mixture.affine(offset, matrix, np.zeros(d)) for mixture in mixtures]
        change = [float(prior.log_density(a) - expected.log_density(b)) for a, b in zip(mixtures, moved, strict=True)]
        assert change[0] == pytest.approx(change[1], abs=1e-8)
    again = case.model.prior(moved_data, "weak").components
    assert again.spread == pytest.approx(expected.components.spread, rel=1e-9)
    assert again.reach == pytest.approx(expected.components.reach, rel=1e-9)


def pareto(mean: float) -> Callable[[Array], Array]:
    """Return P(λ ≤ t) = 1 − E exp(−bt) = t / (x̄ + t)."""
    return lambda rates: rates / (mean + rates)


@each_case
def test_many_draws_follow_the_hierarchy(case):
    """The marginal of one component: half-Cauchy standard deviations, Pareto rates; normal means."""
    prior, rng = weak(case), np.random.default_rng(7)
    drawn = prior.sample(rng, (3000,)).components
    if isinstance(drawn, Poisson):
        mean = prior.components.mean
        # P(λ > t) = E exp(−bt) = x̄ / (x̄ + t).
        assert stats.kstest(drawn.rates[:, 0], lambda t: t / (mean + t)).pvalue > 1e-4
        return
    if isinstance(drawn, PoissonProduct):
        for j, mean in enumerate(prior.components.means):
            assert stats.kstest(drawn.rates[:, 0, j], pareto(mean)).pvalue > 1e-4
        return
    assert isinstance(drawn, Gaussian)
    d, structure = case.data.dimension, case.covariance
    first = np.asarray(prior.components.spread).reshape(-1)[0]
    # A variance of an inverse Wishart with d degrees of freedom is B₁₁/χ²(1); B₁₁ is S₀₁₁ χ²(d)/d.
    degrees = d if structure in ("full", "tied") else 1
    ratio = drawn.covariances[:, 0, 0, 0] / first
    # R shifts variances by shares of 10⁻⁹, or by a rounding step, which these data do not have.
    assert stats.kstest(ratio, stats.f(degrees, 1).cdf).pvalue > 1e-4
    reach = np.asarray(prior.components.reach).reshape(-1)[0]
    assert (
        stats.kstest(drawn.means[:, 0, 0], stats.norm(prior.components.location[0], np.sqrt(reach)).cdf).pvalue > 1e-4
    )


@each_case
def test_a_weak_prior_comes_back_from_its_parameters(case):
    prior = weak(case)
    assert Prior.of(prior.parameters(), case.model).is_like(prior)
    for name in prior.parameters()["components"]:
        spoilt = {**prior.parameters()["components"], name: "nothing"}
        with pytest.raises(ValueError, match="the prior"):
            Prior.of({**prior.parameters(), "components": spoilt}, case.model)
    assert prior.statement().count("$") % 2 == 0
    assert prior.statement().endswith(".")
    assert not prior.is_like(case.model.prior(case.data, "conjugate"))
    assert prior.called == "weak"


def test_rounded_columns_have_a_resolution_of_one_step():
    x = np.column_stack([np.repeat([1.0, 1.5, 3.0, 7.0], 3), np.random.default_rng(0).normal(size=12)])
    data = Data.of(x)
    diagonal = Model("gaussian", 2, 2, "diagonal").prior(data, "weak").components
    assert isinstance(diagonal, SharedScale)
    assert diagonal.resolution == pytest.approx(1e-9 * diagonal.spread + np.array([0.25, 0.0]), rel=1e-12)
    counted = Data.of([1.0, 1.5, 3.0, 7.0], weights=[3, 3, 3, 3])
    of_counted = known(Model("gaussian", 2).prior(counted, "weak").components, SharedScale)
    assert of_counted.resolution == pytest.approx(0.25, rel=1e-6)


def test_the_reach_is_the_farthest_observation():
    data = Data.of([-1.0, 0.0, 1.0, 8.0])
    prior = known(Model("gaussian", 2).prior(data, "weak").components, SharedScale)
    assert prior.reach.item() == pytest.approx((8 - 2) ** 2)
    assert prior.log_measure(Gaussian(np.zeros((2, 1)), np.full((2, 1, 1), 4.0))) == pytest.approx(2 * np.log(4))


def test_the_weak_prior_of_rates_has_the_mean_of_the_data():
    assert Model("poisson", 2).prior(Data.of([1, 2, 6], weights=[1, 1, 2]), "weak").components == SharedRate(15 / 4)
    with pytest.raises(ValueError, match=r"^prior must be one of 'weak', 'conjugate', got 'flat'"):
        Model("poisson", 2).prior(Data.of([1, 2, 6]), "flat")
