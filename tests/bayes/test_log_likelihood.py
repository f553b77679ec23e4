"""The log-likelihood of PyMC's graph, and its gradient, are those of NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest

from bayes import LogLikelihood, newton_gain
from models import Array, Gaussian, Mixture
from tests import oracles
from tests.bayes.problems import KINDS, PROBLEMS, Graph, Problem, derivative

# A sum of a dozen terms, each exact to some 1e-14: anything beyond this is another function.
ROUNDING = 1e-10


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_it_is_that_of_numpy_and_of_scipy(problem: Problem, likelihood: str) -> None:
    log_likelihood = LogLikelihood(problem.build(likelihood), problem.model, problem.prior)
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
    built = problem.build(likelihood)
    graph = Graph(built, problem.model)
    vector = graph.centre + np.random.default_rng(3).normal(scale=0.4, size=graph.centre.shape)

    expected = derivative(lambda v: graph.mixture(v).log_likelihood(problem.data.values), vector)
    log_likelihood = LogLikelihood(built, problem.model, problem.prior)
    gradient = log_likelihood.gradient(graph.mixture(vector))
    # Differences lose a third of the digits: 1e-10 of values around 1e2.
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7 * np.abs(expected).max())
    value = oracles.log_likelihood(graph.mixture(vector), problem.data.values)
    assert log_likelihood(graph.mixture(vector)) == pytest.approx(value, rel=ROUNDING)


@pytest.mark.parametrize("problem", [Problem("poisson", 2), Problem("gaussian", 2, 1, "full")], ids=str)
def test_its_information_is_what_second_differences_of_numpy_say(problem: Problem, likelihood: str) -> None:
    built = problem.build(likelihood)
    graph = Graph(built, problem.model)
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
    information = LogLikelihood(built, problem.model, problem.prior).information(graph.mixture(vector))
    np.testing.assert_allclose(information, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_newton_gains_nothing_at_a_maximum_and_what_was_lost_beside_it(likelihood: str) -> None:
    problem = Problem("gaussian", 1, 2, "full")
    log_likelihood = LogLikelihood(problem.build(likelihood), problem.model, problem.prior)
    mean, covariance = problem.data.mean, problem.data.covariance

    def gain(mixture: Mixture) -> float:
        return newton_gain(log_likelihood.gradient(mixture), log_likelihood.information(mixture))

    # One Gaussian's maximum is in closed form: the mean and the covariance of the data.
    maximum = Mixture(np.ones(1), Gaussian(mean[None], covariance[None]))
    assert gain(maximum) < 1e-12

    shift = 1e-3 * np.sqrt(np.diag(covariance))
    beside = Mixture(np.ones(1), Gaussian(mean[None] + shift, covariance[None]))
    lost = float(maximum.log_likelihood(problem.data.values) - beside.log_likelihood(problem.data.values))
    # So near the maximum the log-likelihood is a parabola but for a part in a thousand.
    assert gain(beside) == pytest.approx(lost, rel=1e-2)


def test_newton_gains_without_limit_where_there_is_no_maximum(likelihood: str) -> None:
    problem = Problem("gaussian", 2, 1, "full")
    log_likelihood = LogLikelihood(problem.build(likelihood), problem.model, problem.prior)
    # Two equal components are a saddle: the likelihood rises as they part.
    mean, covariance = problem.data.mean, problem.data.covariance
    saddle = Mixture(np.array([0.5, 0.5]), Gaussian(np.array([mean, mean]), np.array([covariance, covariance])))
    gradient, information = log_likelihood.gradient(saddle), log_likelihood.information(saddle)
    assert np.linalg.eigvalsh(information)[0] < -1e-3
    assert newton_gain(gradient, information) == np.inf
