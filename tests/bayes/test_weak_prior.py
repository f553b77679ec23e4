"""The posterior under the weak prior: the density of the graph, posteriors by quadrature, and how little the prior pulls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pymc as pm
import pytest
from pymc.pytensorf import join_nonshared_inputs
from scipy import special, stats

from bayes import build_model, compiled_model, evidence, sample
from bayes.build import build
from bayes.engine import INTERPRETED, interpreted
from bayes.posterior import posterior_mixture
from models import Array, Data, Gaussian, Mixture, Model, Poisson, PoissonProduct, Prior
from tests.cases import CASES, Case
from tests.known import known

# One of each kind of variables: rates, variances, variances of several features, and correlated features.
CHOSEN = [CASES[i] for i in (0, 1, 5, 8, 10, 11, 2, 13, 14)]


def free_parameters(mixture: Mixture, model: Model) -> Array:
    """All that a density is a density of: the weights but the last, rates, or means and the covariances' own entries."""
    parts = [mixture.weights[:-1]]
    if isinstance(mixture.components, Poisson):
        return np.concatenate([*parts, mixture.components.rates])
    if isinstance(mixture.components, PoissonProduct):
        return np.concatenate([*parts, mixture.components.rates.ravel()])
    components = known(mixture.components, Gaussian)
    own = components.covariances[:1] if model.covariance == "tied" else components.covariances
    rows, columns = np.tril_indices(model.dimension)
    entries = {
        "diagonal": np.diagonal(own, axis1=1, axis2=2),
        "spherical": own[:, 0, 0],
    }.get(model.covariance or "full", own[:, rows, columns])
    return np.concatenate([*parts, components.means.ravel(), np.ravel(entries)])


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_the_sampled_density_is_likelihood_times_prior_times_jacobian(case: Case) -> None:
    """Against the SciPy side of models, the Jacobian by central differences of the map to the parameters."""
    model, data = case.model, case.data
    prior = replace(model.prior(data, "weak"), concentration=1.7)
    compiled = compiled_model(model, "weak", data.is_exposed)
    x = compiled.unconstrained(case.mixture, prior) + np.random.default_rng(1).normal(
        scale=0.1, size=model.free_parameters
    )

    def mixture(place: Array) -> Mixture:
        return posterior_mixture(compiled.variables(place[None, None], data, prior), model)[0, 0]

    steps = 1e-5 * np.eye(len(x))
    jacobian = [(free_parameters(mixture(x + h), model) - free_parameters(mixture(x - h), model)) / 2e-5 for h in steps]
    here = mixture(x)
    expected = float(here.log_likelihood(data.values, data.weights, data.exposure) + prior.log_density(here))
    expected += float(np.linalg.slogdet(np.array(jacobian))[1])
    # Central differences: truncation of order step² in each entry of the Jacobian.
    assert compiled.log_density(data, prior)(x)[0] == pytest.approx(expected, rel=1e-8, abs=1e-6)


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_compiled_is_textbook(case: Case) -> None:
    model, data = case.model, case.data
    prior = replace(model.prior(data, "weak"), concentration=1.7)
    built = build(data, model, prior, "textbook")
    (value,), joined = join_nonshared_inputs(built.initial_point(0), [built.logp()], built.value_vars)
    x = np.random.default_rng(11).normal(scale=0.5, size=model.free_parameters)
    log_density = compiled_model(model, "weak", data.is_exposed).log_density(data, prior)
    # Two orders of summation over the rows: rounding alone.
    assert log_density(x)[0] == pytest.approx(float(interpreted([joined], [value])(x)[0]), rel=1e-10)
    ahead, behind = ([log_density(x + sign * row)[0] for row in 1e-5 * np.eye(len(x))] for sign in (1, -1))
    gradient = log_density(x)[1]
    # Central differences: truncation of order step², and rounding of |value|·ε/step.
    np.testing.assert_allclose(
        gradient, (np.array(ahead) - behind) / 2e-5, rtol=1e-5, atol=1e-4 * np.abs(gradient).max()
    )


def test_two_rates_by_quadrature() -> None:
    """A grid of weights and logarithms of rates: moments and evidence that share no code with the sampler."""
    x = np.random.default_rng(4).poisson(np.repeat([3.0, 12.0], 20))
    found = sample(x, "poisson", 2, prior="weak", draws=1500, tune=700, seed=1)
    mean = x.mean()
    shares, logs = (np.arange(80) + 0.5) / 80, np.linspace(-1.5, 3.6, 140)
    rates = np.exp(logs)
    first, second = np.meshgrid(rates, rates, indexing="ij")
    log_prior = np.log(2 * mean) - 3 * np.log(mean + first + second) + np.log(first) + np.log(second)
    values, times = np.unique(x, return_counts=True)
    each = np.asarray(stats.poisson.pmf(values[:, None], rates))
    log_posterior = np.array(
        [
            np.tensordot(times, np.log(p * each[:, :, None] + (1 - p) * each[:, None, :]), axes=1) + log_prior
            for p in shares
        ]
    )
    log_evidence = special.logsumexp(log_posterior) + 2 * np.log(logs[1] - logs[0]) - np.log(80)
    weights = special.softmax(log_posterior)
    smaller = float((weights * np.minimum(first, second)).sum())
    larger = float((weights * np.maximum(first, second)).sum())
    ascending = np.sort(known(found.mixture.components, Poisson).rates, axis=-1).reshape(-1, 2)
    # Five Monte Carlo errors, of effective sizes of about a third of the draws.
    errors = 5 * ascending.std(axis=0) / np.sqrt(len(ascending) / 3)
    assert np.abs(ascending.mean(axis=0) - [smaller, larger]) == pytest.approx(0, abs=errors.max())
    by_bridge = evidence(found, seed=2)
    # The sum over the grid errs by some thousandths, and bridge sampling by its standard error.
    assert by_bridge.log_evidence == pytest.approx(log_evidence, abs=5 * by_bridge.standard_error + 0.01)


def test_one_normal_by_quadrature() -> None:
    x = np.random.default_rng(5).normal(3, 2, size=15)
    found = sample(x, "gaussian", 1, prior="weak", draws=1500, tune=700, seed=1)
    variance = x.var()
    means, logs = np.linspace(x.mean() - 6, x.mean() + 6, 400), np.linspace(-2, 6, 400)
    centre, scale = np.meshgrid(means, np.exp(logs), indexing="ij")
    # β half-normal with the data's deviation and σ = β/|z|: σ²/s² is F(1, 1).
    log_prior = stats.f(1, 1).logpdf(scale / variance) - np.log(variance) + np.log(scale)
    reach = np.square(x - x.mean()).max()
    log_prior = log_prior + stats.norm(x.mean(), np.sqrt(reach)).logpdf(centre)
    log_likelihood = sum(stats.norm(centre, np.sqrt(scale)).logpdf(value) for value in x)
    weights = special.softmax(log_prior + log_likelihood)
    expected = {"means[1]": float((weights * centre).sum()), "variances[1]": float((weights * scale).sum())}
    for name, value in expected.items():
        # The resolution of 10⁻⁹ of the variance is below any error here.
        assert found.summary["mean"][name] == pytest.approx(value, abs=5 * found.summary["mcse_mean"][name])
    log_evidence = special.logsumexp(log_prior + log_likelihood) + np.log((means[1] - means[0]) * (logs[1] - logs[0]))
    by_bridge = evidence(found, seed=2)
    assert by_bridge.log_evidence == pytest.approx(log_evidence, abs=5 * by_bridge.standard_error + 0.01)


@pytest.mark.parametrize(("dimension", "most"), [(1, 0.25), (2, 0.25)])
@pytest.mark.parametrize("distance", [8, 200])
def test_the_prior_pulls_no_scale_by_a_quarter_of_its_deviation(dimension: int, most: float, distance: float) -> None:
    """Two groups of 100: the posterior mean of each log-variance lies at the estimate, as it does under no prior."""
    rng = np.random.default_rng(9)
    x = rng.normal(size=(200, dimension)) + distance * (np.arange(200) % 2)[:, None]
    data, model = Data.of(x), Model("gaussian", 2, dimension, "full")
    drawn = compiled_model(model, "weak").sample(data, draws=1000, tune=500, seed=3).mixture.ascending()
    covariances = known(drawn.components, Gaussian).covariances
    logs = np.log(np.diagonal(covariances, axis1=-2, axis2=-1)).reshape(-1, 2, dimension)
    estimates = np.log(np.array([x[::2].var(axis=0), x[1::2].var(axis=0)]))
    # With a flat prior in log σ² the mean lies 1/N above the estimate, a fourteenth of a deviation, and two thousand draws
    # know it to a thirtieth.
    assert np.abs((logs.mean(axis=0) - estimates) / logs.std(axis=0)).max() < most + 1 / 14 + 3 / 30


def test_few_and_rounded_data_have_no_mass_at_singularities() -> None:
    """Twenty values rounded to tenths of their deviation: no draw has a component narrower than a tenth of the step."""
    x = np.round(np.random.default_rng(2).normal(size=20), 1)
    data, model = Data.of(x), Model("gaussian", 2)
    drawn = compiled_model(model, "weak").sample(data, draws=1500, tune=500, chains=2, seed=3).mixture
    assert known(drawn.components, Gaussian).covariances.min() > 0.01**2


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_pymc_draws_from_the_prior(case: Case) -> None:
    """Against the hierarchy that ``Prior.sample`` draws from, of which the tails are long."""
    draws = 300
    with build_model(case.data, case.family, 3, covariance=case.covariance, prior="weak") as built:
        assert built.potentials == []
        named = case.mixture.components.arrays()
        tree = pm.sample_prior_predictive(
            draws, var_names=["weights", *named], random_seed=3, compile_kwargs={"mode": INTERPRETED}
        )
    shapes = {name: (draws, *array.shape) for name, array in case.mixture.arrays().items()}
    arrays = {name: tree["prior"][name].to_numpy().reshape(shape) for name, shape in shapes.items()}
    weights = arrays.pop("weights")
    found = case.model.scalars(Mixture(weights, type(case.mixture.components)(**arrays)), case.data.columns)
    drawn = case.model.prior(case.data, "weak").sample(np.random.default_rng(2), (2000,))
    for name, expected in case.model.scalars(drawn, case.data.columns).items():
        # Some sixty tests at a level of one in ten thousand, of a fixed seed.
        assert stats.ks_2samp(found[name], expected).pvalue > 1e-4, name


def test_build_model_is_a_plain_model() -> None:
    built = build_model([1.0, 2.0, 9.0, 10.0], "gaussian", 2, prior="weak", likelihood="textbook")
    assert [variable.name for variable in built.free_RVs] == ["weights", "variances", "means"]
    # Of a potential PyMC would warn wherever it predicts.
    assert built.potentials == []


def test_a_prior_is_given_by_name() -> None:
    given: list[Prior] = [
        sample([1, 2, 9, 3], "poisson", 1, prior=name, draws=20, tune=20).prior for name in ("weak", "conjugate")
    ]
    assert [prior.called for prior in given] == ["weak", "conjugate"]
