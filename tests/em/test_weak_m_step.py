"""The M-step under the weak prior: it maximises Q, in which the scale that nobody sees has its expectation."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from em import MStep, e_step, fit
from models import Mixture, Prior
from tests import oracles
from tests.cases import CASES
from tests.em import complete_data
from tests.known import known

# Every structure, and one dimension.
CHOSEN = [CASES[i] for i in (0, 1, 2, 5, 8, 11, 14)]


def log_prior(prior, scale, components):
    """The expectation of log p(θ | b) where b has the expectation ``scale``, with the measure of the mode."""
    if components.name == "poisson":
        return stats.expon(scale=1 / scale).logpdf(components.rates).sum()
    d = components.means.shape[1]
    whole = [np.reshape(value * np.eye(d) if np.ndim(value) < 2 else value, (d, d)) for value in (prior.reach, scale)]
    own = components.covariances[: 1 if prior.structure == "tied" else None]
    # Every variance of its own is a matrix of order one.
    features = {"diagonal": range(d), "spherical": range(1)}.get(prior.structure, [slice(None)])
    log_density = stats.multivariate_normal(prior.location, whole[0]).logpdf(components.means).sum()
    for matrix in own:
        for f in features:
            block, psi = np.atleast_2d(matrix[f, f]), np.atleast_2d(whole[1][f, f])
            log_density += stats.invwishart(len(block), psi).logpdf(block)
            log_density += 0.5 * (len(block) + 1) * np.linalg.slogdet(block)[1]
    return log_density


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_the_update_maximises_q(case):
    """Weights and rates; the means at the covariances of before, and the covariances after them (Meng and Rubin 1993)."""
    seen = np.random.default_rng(1).uniform(0.2, 3, size=len(case.data.values))
    data = replace(case.data, weights=seen)
    prior = replace(case.model.prior(data, "weak"), concentration=2.5)
    shares = oracles.responsibilities(case.mixture, data.values, data.exposure) * seen[:, None]
    before = case.mixture.components
    scale = prior.components.expected_scale(before.rates if case.family == "poisson" else before.covariances)
    updated = MStep(case.model, data, prior)(e_step(data, case.mixture).statistics, case.mixture)
    old, reached = (complete_data.free_of(mixture, case.covariance) for mixture in (case.mixture, updated))

    for name in reached:
        others = reached | {"spread": old["spread"]} if name == "means" else reached

        def falling(vector, name=name, others=others):
            free = others | {name: vector.reshape(others[name].shape)}
            parameters = complete_data.constrain(free, case.covariance)
            mixture = Mixture(parameters["weights"], complete_data.components_of(parameters, case.covariance))
            of_data = (shares * oracles.log_joint(mixture, data.values, data.exposure)).sum()
            of_weights = 1.5 * np.log(mixture.weights).sum()
            return -float(of_data + of_weights + log_prior(prior.components, scale, mixture.components))

        top = reached[name].ravel()
        beside = top + np.random.default_rng(2).normal(scale=0.1, size=top.size)
        slope, slope_beside = (np.abs(optimize.approx_fprime(at, falling, 1e-6)).max() for at in (top, beside))
        # One-sided differences err by half the step times the curvature; beside the top the slope is 0.1 times that.
        assert slope < 1e-4 * slope_beside, name
        assert falling(top) < falling(beside), name


@pytest.mark.parametrize("case", CASES, ids=str)
def test_steps_are_compiled(case):
    """A stretch goes by without a return to Python; that its steps are those of the M-step is tested in test_loop."""
    m_step = MStep(case.model, case.data, case.model.prior(case.data, "weak"))
    log_likelihood, visited, _ = m_step.runs(case.data, case.mixture[None], 6)[0]
    assert len(log_likelihood) == len(visited.weights) == 6


STARTS = 8


@pytest.mark.parametrize("case", [CASES[0], CASES[1]], ids=str)
def test_no_random_start_of_an_optimiser_ends_higher(case):
    """BFGS from draws of the prior: its best end is EM's mode, and it is reached more than once."""
    found = fit(case.data, case.family, 2, covariance=case.covariance, estimate="map", prior="weak", starts=20)
    model = found.model

    def falling(vector, shapes):
        ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes.values()])
        parts = np.split(vector, ends[:-1])
        free = {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
        parameters = complete_data.constrain(free, case.covariance)
        mixture = Mixture(parameters["weights"], complete_data.components_of(parameters, case.covariance))
        with np.errstate(all="ignore"):
            height = known(found.prior, Prior).log_mode_density(mixture)
            objective = oracles.log_likelihood(mixture, case.data.values, None, case.data.exposure) + height
        return -float(objective) if np.isfinite(objective) else 1e300

    rng, heights = np.random.default_rng(4), []
    for _ in range(STARTS):
        start = complete_data.free_of(model.prior(case.data, "weak").sample(rng), case.covariance)
        shapes = {name: np.shape(value) for name, value in start.items()}
        begun = np.concatenate([np.ravel(value) for value in start.values()])
        ended = optimize.minimize(falling, begun, args=(shapes,), method="BFGS", options={"gtol": 1e-4})
        heights.append(-ended.fun)
    # Forward differences of values of some hundreds leave gradients of 1e-5.
    near = np.abs(np.array(heights) - found.climb.objective[-1]) < 1e-4
    assert near.sum() > 1
    assert max(heights) < found.climb.objective[-1] + 1e-4
