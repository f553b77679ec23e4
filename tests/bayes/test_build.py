"""The PyMC model: its priors are those of ``models``, its variables mean what they say, and all of PyMC takes it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from scipy import special, stats

from bayes import build_model, point
from bayes.engine import INTERPRETED
from models import Array, Gamma, Gaussian, Mixture, Model, NormalInverseWishart, Poisson, Prior
from tests.bayes import problems
from tests.bayes.problems import KINDS, Problem, derivative


def free_entries(mixture: Mixture, model: Model) -> Array:
    """The entries that a density of mixtures is a density of: of a symmetric matrix the lower triangle."""
    components = mixture.components
    weights = mixture.weights[:-1] if model.weights_are_free else np.empty(0)
    if isinstance(components, Poisson):
        return np.concatenate([weights, components.rates])
    assert isinstance(components, Gaussian)
    different = components.covariances[:1] if model.covariance == "tied" else components.covariances
    rows, columns = {
        "full": np.tril_indices(model.dimension),
        "tied": np.tril_indices(model.dimension),
        "diagonal": np.diag_indices(model.dimension),
        "spherical": (np.zeros(1, int), np.zeros(1, int)),
    }[model.covariance or "full"]
    return np.concatenate([weights, components.means.ravel(), different[:, rows, columns].ravel()])


def log_prior_by_scipy(mixture: Mixture, prior: Prior) -> float:
    k, concentration = len(mixture.weights), prior.concentration
    total = stats.dirichlet.logpdf(mixture.weights, np.full(k, concentration)) if prior.model.weights_are_free else 0.0
    components, of_components = mixture.components, prior.components
    if isinstance(components, Poisson):
        assert isinstance(of_components, Gamma)
        return float(
            total + stats.gamma.logpdf(components.rates, of_components.shape, scale=1 / of_components.rate).sum()
        )
    assert isinstance(components, Gaussian)
    assert isinstance(of_components, NormalInverseWishart)
    degrees, scale = of_components.degrees_of_freedom, of_components.scale
    for mean, covariance in zip(components.means, components.covariances, strict=True):
        total += stats.multivariate_normal(of_components.location, covariance / of_components.strength).logpdf(mean)
    different = components.covariances[:1] if of_components.structure == "tied" else components.covariances
    for covariance in different:
        variances = np.diag(covariance)
        total += {
            "full": lambda c=covariance: stats.invwishart.logpdf(c, degrees, scale),
            "tied": lambda c=covariance: stats.invwishart.logpdf(c, degrees, scale),
            "diagonal": lambda v=variances: np.sum(stats.invgamma.logpdf(v, degrees / 2, scale=scale / 2)),
            "spherical": lambda v=variances: stats.invgamma.logpdf(v[0], degrees / 2, scale=scale / 2),
        }[of_components.structure]()
    return float(total)


@pytest.mark.parametrize("problem", KINDS, ids=str)
def test_its_prior_is_that_of_models_and_of_scipy(problem: Problem, likelihood: str) -> None:
    # The density of the vector that NUTS moves in is that of the mixture, times the Jacobian of the way there; how the
    # model parametrises a covariance is its own business.
    graph = problems.graph(problem, likelihood)
    rng = np.random.default_rng(4)
    for _ in range(2):
        vector = graph.centre + rng.normal(scale=0.4, size=graph.centre.shape)
        mixture = graph.mixture(vector)
        jacobian = derivative(lambda v: free_entries(graph.mixture(v), problem.model), vector)
        log_density = graph.log_prior(vector) - np.linalg.slogdet(jacobian)[1]

        # Differences leave 1e-10 of each entry of the Jacobian; its determinant multiplies a dozen of them.
        assert log_density == pytest.approx(log_prior_by_scipy(mixture, problem.prior), abs=1e-7)
        assert log_density == pytest.approx(float(problem.prior.log_density(mixture)), abs=1e-7)


@pytest.mark.parametrize("problem", KINDS, ids=str)
def test_point_is_where_the_model_has_this_mixture(problem: Problem, likelihood: str) -> None:
    built = problems.built(problem, likelihood)
    mixture = problem.prior.sample(np.random.default_rng(5))
    values = point(mixture, problem.model, problem.prior)
    assert set(values) == {variable.name for variable in built.free_RVs}

    fixed = pm.do(built, values)
    expected = {name: array for name, array in mixture.arrays().items() if name in built.named_vars}
    found = pm.draw([fixed[name] for name in expected], mode=INTERPRETED)
    for (name, array), value in zip(expected.items(), found, strict=True):
        # A Cholesky factor, its inverse and back: rounding alone.
        np.testing.assert_allclose(value, array.reshape(value.shape), rtol=1e-10, atol=1e-12, err_msg=name)


@cache
def prior_draws(problem: Problem, likelihood: str) -> Mixture:
    """Draws from the prior by PyMC."""
    draws, k, d = 600, problem.components, problem.dimension
    with problems.built(problem, likelihood) as built:
        names = [name for name in ("weights", "means", "rates", "covariances") if name in built.named_vars]
        tree = pm.sample_prior_predictive(draws, var_names=names, random_seed=6, compile_kwargs={"mode": INTERPRETED})
    shapes = {"rates": (k,), "means": (k, d), "covariances": (k, d, d), "weights": (k,)}
    arrays = {name: tree["prior"][name].to_numpy().reshape(draws, *shapes[name]) for name in names}
    weights = arrays.pop("weights", np.full((draws, k), 1 / k))
    return Mixture(weights, problem.model.family_of_components(**arrays))


# Kolmogorov–Smirnov tests of fixed seeds: a sound sampler would fall below this for one seed in ten thousand.
SMALLEST_P = 1e-4


@pytest.mark.parametrize("problem", KINDS, ids=str)
def test_prior_draws_of_pymc_and_of_models_have_one_distribution(problem: Problem, likelihood: str) -> None:
    rng = np.random.default_rng(7)
    by_models = stack([problem.prior.sample(rng) for _ in range(600)], (600,))
    expected = problem.model.scalars(by_models, problem.data.columns)
    found = problem.model.scalars(prior_draws(problem, likelihood), problem.data.columns)
    for name in expected:
        assert stats.ks_2samp(found[name], expected[name]).pvalue > SMALLEST_P, name


def test_prior_draws_of_covariances_are_inverse_wishart(likelihood: str) -> None:
    problem = Problem("gaussian", 2, 2, "full")
    prior = problem.prior.components
    components = prior_draws(problem, likelihood).components
    assert isinstance(prior, NormalInverseWishart)
    assert isinstance(components, Gaussian)
    degrees, scale, d = prior.degrees_of_freedom, prior.scale, problem.dimension

    for k in range(problem.components):
        covariances = components.covariances[:, k]
        error = covariances.std(axis=0, ddof=1) / np.sqrt(len(covariances))
        np.testing.assert_array_less(np.abs(covariances.mean(axis=0) - scale / (degrees - d - 1)), 4 * error)

        # |Ψ|/|Σ| is a product of independent χ² with ν, ν − 1, … degrees of freedom (Bartlett 1933).
        log_determinants = np.linalg.slogdet(covariances)[1]
        parts = (degrees - np.arange(d)) / 2
        expected = np.linalg.slogdet(scale)[1] - (special.digamma(parts) + np.log(2)).sum()
        error = np.sqrt(special.polygamma(1, parts).sum() / len(covariances))
        assert abs(log_determinants.mean() - expected) < 4 * error

        for j in range(d):
            marginal = stats.invgamma((degrees - d + 1) / 2, scale=scale[j, j] / 2)
            assert stats.kstest(covariances[:, j, j], marginal.cdf).pvalue > SMALLEST_P

        shifts = components.means[:, k] - prior.location
        distances = prior.strength * (shifts * np.linalg.solve(covariances, shifts[..., None])[..., 0]).sum(axis=1)
        assert stats.kstest(distances, stats.chi2(d).cdf).pvalue > SMALLEST_P


# ---------------------------------------------------------------------------------------------------------------------
# All of PyMC takes it


def test_coordinates_have_names(likelihood: str) -> None:
    counts = build_model([3, 0, 8, 2], "poisson", 2, likelihood=likelihood)
    assert dict(counts.coords) == {"component": (1, 2), "observation": (0, 1, 2, 3)}
    assert {name: counts.named_vars_to_dims[name] for name in ("weights", "rates", "x")} == {
        "weights": ("component",),
        "rates": ("component",),
        "x": ("observation",),
    }

    problem = Problem("gaussian", 2, 2, "full")
    plane = problem.build(likelihood)
    assert plane.coords["feature"] == problem.data.columns
    assert plane.named_vars_to_dims["means"] == ("component", "feature")
    assert plane.named_vars_to_dims["covariances"] == ("component", "feature", "other_feature")
    assert plane.named_vars_to_dims["x"] == ("observation", "feature")


@pytest.mark.parametrize(("components", "mixing", "free"), [(2, "free", True), (2, "equal", False), (1, "free", False)])
def test_fixed_weights_are_no_variable(components: int, mixing: str, free: bool, likelihood: str) -> None:
    built = build_model([3, 0, 8, 2], "poisson", components, mixing=mixing, likelihood=likelihood)
    assert ("weights" in built.named_vars) == free


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": [[1.0, np.nan], [0.0, 2.0]], "family": "gaussian"}, "column 'x2' holds nan in row 1"),
        ({"family": "binomial"}, "family must be one of 'gaussian', 'poisson', 'poisson-product', got 'binomial'"),
        ({"components": 0}, "components must be a whole number from 1 on, got 0"),
        ({"mixing": "open"}, "mixing must be one of 'free', 'equal', got 'open'"),
        ({"covariance": "full"}, "covariance does not apply to family 'poisson'"),
        ({"x": [1, 2, -3]}, "holds -3 in row 3"),
        ({"weights": [1, 0.5, 1]}, "weights must be whole numbers here"),
        ({"likelihood": "fast"}, "likelihood must be one of 'fused', 'textbook', got 'fast'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_it_says_which_argument_cannot_be_used(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_model(**{"x": [3, 0, 8], "family": "poisson", "components": 2, **arguments})


def draws_of(problem: Problem, chains: int = 2, draws: int = 10) -> tuple[xr.DataTree, Mixture]:
    """A tree as a sampler would make it, of draws from the prior, and the same as a mixture."""
    rng = np.random.default_rng(8)
    mixtures = [problem.prior.sample(rng) for _ in range(chains * draws)]
    stacked = stack(mixtures, (chains, draws))
    points = [point(one, problem.model, problem.prior) for one in mixtures]
    values = {name: np.array([one[name] for one in points]) for name in points[0]}

    built = problem.build("fused")
    values |= {name: array for name, array in stacked.arrays().items() if name in built.named_vars}
    dims = {name: built.named_vars_to_dims.get(name) or () for name in values}
    coords: dict[str, Any] = {"chain": range(chains), "draw": range(draws), **built.coords}
    variables = {
        name: (("chain", "draw", *dims[name]), array.reshape(chains, draws, *(len(coords[dim]) for dim in dims[name])))
        for name, array in values.items()
    }
    used = {dim: list(coords[dim]) for of_variable, _ in variables.values() for dim in of_variable}
    dataset = xr.Dataset(variables, coords=used)
    return xr.DataTree.from_dict({"posterior": dataset}), stacked


def stack(mixtures: list[Mixture], lead: tuple[int, ...]) -> Mixture:
    arrays = {name: np.array([one.arrays()[name] for one in mixtures]) for name in mixtures[0].arrays()}
    shaped = {name: array.reshape(*lead, *array.shape[1:]) for name, array in arrays.items()}
    return Mixture(shaped.pop("weights"), type(mixtures[0].components)(**shaped))


PREDICTED = [
    Problem("poisson", 2),
    Problem("gaussian", 2, 1, "full", "equal"),
    Problem("gaussian", 3, 2, "full"),
    Problem("gaussian", 2, 3, "tied"),
    Problem("gaussian", 1, 2, "diagonal"),
]


@pytest.mark.parametrize("problem", PREDICTED, ids=str)
def test_its_pointwise_log_likelihood_is_the_log_density_of_each_observation(problem: Problem, likelihood: str) -> None:
    tree, mixture = draws_of(problem)
    with problem.build(likelihood):
        pm.compute_log_likelihood(tree, progressbar=False, compile_kwargs={"mode": INTERPRETED})
    pointwise = tree["log_likelihood"]["x"]
    assert pointwise.dims == ("chain", "draw", "observation")
    # Each is exact to some 1e-14, the largest being some hundreds.
    np.testing.assert_allclose(pointwise, mixture.log_density(problem.data.values), rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("problem", PREDICTED, ids=str)
def test_its_predictions_have_the_moments_of_the_mixture(problem: Problem, likelihood: str) -> None:
    # Many predictions of one mixture: it is what a draw of the posterior is to PyMC.
    tree, mixture = draws_of(problem, chains=1, draws=1)
    tree = xr.DataTree.from_dict(
        {"posterior": tree["posterior"].to_dataset().isel(draw=[0] * 100).assign_coords(draw=range(100))}
    )
    with problem.build(likelihood):
        predicted = pm.sample_posterior_predictive(
            tree, random_seed=9, progressbar=False, compile_kwargs={"mode": INTERPRETED}
        )
    x = predicted["posterior_predictive"]["x"].to_numpy().reshape(-1, problem.dimension)
    assert len(x) == 100 * len(problem.data.values)

    # Of a mixture: E[x] = Σπμ, and its distribution function is the sum of those of the components.
    weights, components = mixture.weights[0, 0], mixture.components.map(lambda array: array[0, 0])
    for feature in range(problem.dimension):
        marginal = components.marginal(feature)
        if isinstance(marginal, Poisson):
            # A Kolmogorov–Smirnov test is conservative on counts, so hold each probability to its binomial error.
            values = np.arange(int(x.max()) + 1)
            expected = np.exp(Mixture(weights, marginal).log_density(values[:, None].astype(float)))
            found = (x[:, :1] == values).mean(axis=0)
            error = np.sqrt(expected * (1 - expected) / len(x))
            assert (np.abs(found - expected) <= 4 * error + 1 / len(x)).all()
        else:
            assert isinstance(marginal, Gaussian)
            spread = np.sqrt(marginal.covariances[:, 0, 0])

            def distribution(at: Array, centres: Array = marginal.means[:, 0], spread: Array = spread) -> Array:
                return np.asarray(stats.norm.cdf(at[:, None], centres, spread) @ weights)

            assert stats.kstest(x[:, feature], distribution).pvalue > SMALLEST_P
    if problem.dimension > 1:
        assert isinstance(components, Gaussian)
        centred = components.means - weights @ components.means
        expected = np.einsum("k,kij->ij", weights, components.covariances + centred[:, :, None] * centred[:, None, :])
        residuals = x - x.mean(axis=0)
        products = residuals[:, :, None] * residuals[:, None, :]
        error = products.std(axis=0) / np.sqrt(len(x))
        np.testing.assert_array_less(np.abs(products.mean(axis=0) - expected), 4 * error)


def test_pymc_samples_it_like_any_other_model(likelihood: str) -> None:
    problem = Problem("poisson", 2)
    with problem.build(likelihood):
        tree = pm.sample(
            20,
            tune=20,
            chains=2,
            random_seed=10,
            progressbar=False,
            compute_convergence_checks=False,
            quiet=True,
            compile_kwargs={"mode": INTERPRETED},
        )
    assert dict(tree["posterior"].sizes) == {"chain": 2, "draw": 20, "component": 2}
    assert set(tree["posterior"].data_vars) == {"weights", "rates"}
    assert (tree["posterior"]["rates"].std("draw") > 0).all()
