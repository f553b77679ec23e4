"""The log-likelihood of PyMC's graph, and its gradient, are those of NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest

from bayes import LogLikelihood, build
from models import Array, Data, Gaussian, Mixture, Model
from tests import oracles
from tests.bayes import problems
from tests.bayes.problems import KINDS, PROBLEMS, Problem, derivative

# A sum of a dozen terms, each exact to some 1e-14: anything beyond this is another function.
ROUNDING = 1e-10


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_it_is_that_of_numpy_and_of_scipy(problem: Problem, likelihood: str) -> None:
    log_likelihood = problems.log_likelihood(problem, likelihood)
    rng = np.random.default_rng(1)
    for _ in range(3):
        mixture = problem.prior.sample(rng)
        value = log_likelihood(mixture)
        assert value == pytest.approx(float(mixture.log_likelihood(problem.data.values)), rel=ROUNDING)
        assert value == pytest.approx(oracles.log_likelihood(mixture, problem.data.values), rel=ROUNDING)


@pytest.mark.parametrize(
    "problem",
    [Problem("poisson", 2), Problem("gaussian", 1, 2, "full"), Problem("gaussian", 2, 3, "spherical")],
    ids=str,
)
def test_a_weight_is_a_number_of_repetitions(problem: Problem, likelihood: str) -> None:
    times = np.arange(len(problem.data.values)) % 4
    weights = times.astype(float)
    log_likelihood = LogLikelihood(problem.build(likelihood, weights), problem.model, problem.prior)
    mixture = problem.prior.sample(np.random.default_rng(2))
    repeated = np.repeat(problem.data.values, times, axis=0)
    assert log_likelihood(mixture) == pytest.approx(oracles.log_likelihood(mixture, repeated), rel=ROUNDING)


def test_a_row_that_repeats_is_evaluated_once() -> None:
    problem = Problem("gaussian", 2, 2, "spherical")
    built = problem.build("fused", np.full(len(problem.data.values), 50.0))
    total = built.compile_logp()
    sizes = [
        leaf.data.size for node in total.f.maker.fgraph.apply_nodes for leaf in node.inputs if hasattr(leaf, "data")
    ]
    assert max(sizes) <= problem.data.values.size


@pytest.mark.parametrize("problem", KINDS, ids=str)
def test_its_gradient_is_what_differences_of_numpy_say(problem: Problem, likelihood: str) -> None:
    graph = problems.graph(problem, likelihood)
    vector = graph.centre + np.random.default_rng(3).normal(scale=0.4, size=graph.centre.shape)

    expected = derivative(lambda v: graph.mixture(v).log_likelihood(problem.data.values), vector)
    log_likelihood = problems.log_likelihood(problem, likelihood)
    gradient = log_likelihood.gradient(graph.mixture(vector))
    # Differences lose a third of the digits: 1e-10 of values around 1e2.
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7 * np.abs(expected).max())
    value = oracles.log_likelihood(graph.mixture(vector), problem.data.values)
    assert log_likelihood(graph.mixture(vector)) == pytest.approx(value, rel=ROUNDING)


@pytest.mark.parametrize("problem", [Problem("poisson", 2), Problem("gaussian", 2, 1, "full")], ids=str)
def test_its_information_is_what_second_differences_of_numpy_say(problem: Problem, likelihood: str) -> None:
    graph = problems.graph(problem, likelihood)
    vector = graph.centre + np.random.default_rng(4).normal(scale=0.4, size=graph.centre.shape)

    def value(at: Array) -> Array:
        return graph.mixture(at).log_likelihood(problem.data.values)

    # Differences over h = 1e-4 leave 1e-14/h² of rounding and h² of truncation, both times a few.
    steps = np.diag(np.full(len(vector), 1e-4))
    expected = -np.array(
        [
            [
                (value(vector + a + b) - value(vector + a - b) - value(vector - a + b) + value(vector - a - b)) / 4e-8
                for b in steps
            ]
            for a in steps
        ]
    )
    information = problems.log_likelihood(problem, likelihood).information(graph.mixture(vector))
    np.testing.assert_allclose(information, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_its_information_does_not_depend_on_units_or_on_the_width_of_a_component() -> None:
    """A step that fits one component would pass over a narrow one, and another unit would change every step."""
    x = np.concatenate([np.linspace(-1, 1, 40), 1000 + 1e-4 * np.linspace(-1, 1, 40) ** 3])
    found = []
    for scale in (1.0, 1e-9, 1e9):
        data = Data.of(scale * x)
        model = Model.of(data, "gaussian", 2)
        prior = model.prior(data)
        built = build(data, model, prior)
        halves = data.values[:40], data.values[40:]
        means = np.array([half.mean(axis=0) for half in halves])
        covariances = np.array([half.var(axis=0)[:, None] for half in halves])
        mixture = Mixture(np.array([0.5, 0.5]), Gaussian(means, covariances))
        information = LogLikelihood(built, model, prior).information(mixture)
        # Far apart each half has a Gaussian of its own: N/2 for the logarithm of its variance, N/σ² for its mean. The
        # coordinate of the weights is half their log-odds, of which N π (1 − π) is known.
        expected = np.concatenate([[4 * 20], [20, 20], 40 / covariances[:, 0, 0]])
        # The step costs a part in a million, and rounding some 1e-5: the groups are 1700 standard deviations apart.
        np.testing.assert_allclose(np.diag(information), expected, rtol=1e-4)
        units = np.sqrt(np.abs(np.diag(information)))
        found.append(information / np.outer(units, units))
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-4)
