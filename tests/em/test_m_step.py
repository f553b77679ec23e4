"""Every M-step maximises Q: by automatic differentiation, by a numerical maximiser, and by hand where that is short."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from em import MStep, e_step
from models import (
    Data,
    Gamma,
    Gammas,
    Gaussian,
    GaussianStatistics,
    Mixture,
    Model,
    NormalInverseWishart,
    Poisson,
    Prior,
)
from tests import oracles
from tests.cases import CASES
from tests.em import complete_data
from tests.known import known

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_mixing = pytest.mark.parametrize("mixing", ["free", "equal"])
each_estimate = pytest.mark.parametrize("estimate", ["mle", "map"])


def prior_of(case, model):
    """A prior strong enough to move every parameter, so that each of its terms counts."""
    if case.family == "poisson":
        return Prior(Gamma(3.0, 0.7), model, concentration=2.5)
    if case.family == "poisson-product":
        return Prior(Gammas(3.0, np.array([0.7, 0.4, 1.1])), model, concentration=2.5)
    d = case.data.dimension
    full = 2 * np.eye(d) + 0.5
    scale = {"diagonal": np.arange(1.0, d + 1), "spherical": np.asarray(1.7)}.get(case.covariance, full)
    return Prior(NormalInverseWishart(np.arange(1.0, d + 1), 4.0, d + 3.0, scale, case.covariance), model, 2.5)


def problem(case, mixing, estimate):
    """The M-step, what it starts from, and the inputs of the independent Q: SciPy's responsibilities among them."""
    weights = np.random.default_rng(1).uniform(0.2, 3, size=len(case.data.values))
    data = replace(case.data, weights=weights)
    model = case.model_with(mixing)
    prior = prior_of(case, model)
    mixture = replace(case.mixture, weights=np.full(3, 1 / 3)) if mixing == "equal" else case.mixture
    shares = oracles.responsibilities(mixture, data.values, data.exposure) * weights[:, None]
    m_step = MStep(model, data, prior if estimate == "map" else None)
    return data, mixture, m_step, complete_data.inputs(data, shares, prior, estimate == "map")


@each_case
@each_mixing
@each_estimate
def test_the_gradient_of_q_vanishes_at_the_update(case, mixing, estimate):
    data, mixture, m_step, inputs = problem(case, mixing, estimate)
    updated = m_step(e_step(data, mixture).statistics)
    gradient = complete_data.gradient(case.family, case.covariance)
    before = gradient(*inputs, *complete_data.parameters_of(mixture, case.covariance).values())
    after = gradient(*inputs, *complete_data.parameters_of(updated, case.covariance).values())
    if mixing == "free":
        # Lagrange: on the simplex the gradient is the multiplier, the same for all: n + k(α − 1).
        pseudo_counts = 3 * 1.5 if estimate == "map" else 0
        assert after[0] == pytest.approx(np.full(3, data.size + pseudo_counts), rel=1e-10)
        assert updated.weights.sum() == pytest.approx(1, rel=1e-14)
    else:
        assert updated.weights.tolist() == [1 / 3] * 3
    for was, now in zip(before[1:], after[1:], strict=True):
        # Rounding of sums that cancel, measured by what they were a step before.
        assert np.abs(now).max() < 1e-10 * np.abs(was).max()


@each_case
@each_mixing
@each_estimate
def test_a_numerical_maximiser_of_q_finds_the_update(case, mixing, estimate):
    data, mixture, m_step, inputs = problem(case, mixing, estimate)
    updated = m_step(e_step(data, mixture).statistics)
    expected = complete_data.parameters_of(updated, case.covariance)
    function = complete_data.unconstrained(case.family, case.covariance)
    fixed = 3 if mixing == "equal" else 0
    ends = np.cumsum([value.size for value in expected.values()])

    def parts(vector):
        pieces = np.split(np.concatenate([np.zeros(fixed), vector]), ends[:-1])
        return {name: piece.reshape(expected[name].shape) for name, piece in zip(expected, pieces, strict=True)}

    def falling(vector):
        value, *gradients = function(*inputs, *parts(vector).values())
        return float(value), np.concatenate([gradient.ravel() for gradient in gradients])[fixed:]

    # Some way off, and not at a root of zero, where the gradient by it vanishes.
    start = np.random.default_rng(2).normal(size=ends[-1] - fixed)
    found = optimize.minimize(falling, start, jac=True, method="BFGS", options={"gtol": 1e-6, "maxiter": 2000})
    reached = complete_data.constrain(parts(found.x), case.covariance)
    for name, value in expected.items():
        # The gradient at the end is 1e-6 or less, and Q curves by one or more in every direction that matters.
        assert reached[name] == pytest.approx(value, abs=2e-6), name


@each_estimate
def test_an_update_by_hand_for_counts(estimate):
    """Two components, and responsibilities of one and nought: two observations of zero, and one that is large."""
    mixture = Mixture(np.array([0.5, 0.5]), Poisson(np.array([1e-100, 1e5])))
    data = Data.of([0, 0, 99_990])
    model = Model("poisson", 2)
    prior = Prior(Gamma(3.0, 0.5), model, concentration=2.0) if estimate == "map" else None
    updated = MStep(model, data, prior)(e_step(data, mixture).statistics)
    weights, rates = {
        "mle": ([2 / 3, 1 / 3], [0, 99_990]),
        "map": ([3 / 5, 2 / 5], [2 / 2.5, 99_992 / 1.5]),
    }[estimate]
    assert updated.weights == pytest.approx(np.array(weights), rel=1e-14)
    assert known(updated.components, Poisson).rates == pytest.approx(np.array(rates), rel=1e-14, abs=1e-90)


@each_case
def test_one_component_takes_the_mean_and_covariance_of_the_data(case):
    weights = np.random.default_rng(0).uniform(0.5, 2, size=len(case.data.values))
    data = replace(case.data, weights=weights)
    model = Model.of(data, case.family, 1, case.covariance)
    one = Mixture(np.ones(1), case.mixture.components.take(np.array([1])))
    updated = MStep(model, data)(e_step(data, one).statistics)
    parameters = complete_data.parameters_of(updated, case.covariance)
    mean = np.average(data.values, axis=0, weights=weights)
    rate = mean / (1 if data.exposure is None else np.average(data.exposure, weights=weights))
    covariance = np.cov(data.values.T, aweights=weights, ddof=0).reshape(data.dimension, -1)
    expected = {
        "weights": np.ones(1),
        "rates": rate[None] if data.dimension > 1 else rate,
        "means": mean[None],
        "spread": {
            "full": covariance[None],
            "tied": covariance,
            "diagonal": np.diag(covariance)[None],
            "spherical": np.array([np.trace(covariance) / data.dimension]),
        }.get(case.covariance),
    }
    for name, value in parameters.items():
        assert value == pytest.approx(expected[name], rel=1e-12), name


@each_case
def test_covariances_keep_their_structure(case):
    data, mixture, m_step, _ = problem(case, "free", "map")
    for step in (m_step, replace(m_step, prior=None)):
        components = step(e_step(data, mixture).statistics).components
        if case.covariance:
            assert np.array_equal(components.covariances, np.swapaxes(components.covariances, 1, 2))
            within = components.structured(case.covariance).covariances
            assert components.covariances == pytest.approx(within, rel=1e-14, abs=0)


@each_case
@each_mixing
def test_under_a_prior_an_empty_component_falls_back_on_it(case, mixing):
    """With N = 0 the update is the prior's own mode, whose gradient vanishes without any data."""
    data, mixture, m_step, _ = problem(case, mixing, "map")
    order = np.array([0, 1, 2])
    statistics = e_step(data, replace(mixture, weights=np.array([0.5, 0.5, 0.0]))).statistics
    updated = m_step(statistics)
    assert m_step.collapse(updated, statistics) is None
    assert np.isfinite(float(m_step.prior.log_density(updated)))
    given, last = m_step.prior.components, updated.components.take(order[2:])
    if case.family == "poisson":
        assert last.rates == pytest.approx(np.array([(given.shape - 1) / given.rate]), rel=1e-12)
        return
    if case.family == "poisson-product":
        assert last.rates[0] == pytest.approx((given.shape - 1) / given.rates, rel=1e-12)
        return
    d, nu = data.dimension, given.degrees_of_freedom
    assert last.means[0] == pytest.approx(given.location, rel=1e-12)
    # Modes of |Σ|^(−(ν+d+2)/2) exp(−tr(ΨΣ⁻¹)/2), the normal's own factor included.
    expected = {
        "full": lambda: given.scale / (nu + d + 2),
        "diagonal": lambda: np.diag(given.scale) / (nu + 3),
        "spherical": lambda: given.scale * np.eye(d) / (nu + d + 2),
    }.get(case.covariance)
    if expected:
        assert last.covariances[0] == pytest.approx(expected(), rel=1e-12)


@pytest.mark.parametrize("case", [case for case in CASES if case.covariance and case.data.dimension == 2], ids=str)
def test_the_floor_is_the_exact_constrained_maximiser(case, monkeypatch):
    """With the floor raised until it binds for some components: SciPy finds no better covariance above it."""
    data, mixture, m_step, _ = problem(case, "free", "mle")
    statistics = known(e_step(data, mixture).statistics, GaussianStatistics)
    # The floor is in coordinates in which the data have unit spread, so that no unit has a part in it.
    into = Gaussian.frame(data, case.covariance).matrix
    eigenvalues = np.linalg.eigvalsh(into @ m_step(statistics).components.covariances @ into.T)
    floor = float(np.sqrt(eigenvalues.min() * eigenvalues.max()))
    monkeypatch.setattr("em.gaussian.FLOOR", floor)
    lifted = into @ m_step(statistics).components.covariances @ into.T
    assert np.linalg.eigvalsh(lifted).min() == pytest.approx(floor, rel=1e-9)

    scatter = into @ statistics.scatter @ into.T
    counts = statistics.counts
    if case.covariance == "tied":
        scatter, counts, lifted = scatter.sum(axis=0)[None], counts.sum()[None], lifted[:1]
    for s, n, covariance in zip(scatter, counts, lifted, strict=True):

        def falling(free, s=s, n=n):
            """−Q/N of the covariance with these free parameters, all of them at the floor or above it."""
            at = above_the_floor(case.covariance, free, floor)
            return np.linalg.slogdet(at)[1] + np.trace(np.linalg.solve(at, s / n))

        starts = np.random.default_rng(0).normal(size=(5, 3))
        found = min(
            (optimize.minimize(falling, start, method="Nelder-Mead", options=NELDER_MEAD) for start in starts),
            key=value,
        )
        best = above_the_floor(case.covariance, found.x, floor)
        # Nelder–Mead stops when the parameters, whose squares count, are known to 1e-9.
        assert covariance == pytest.approx(best, rel=1e-5, abs=1e-6)


NELDER_MEAD: Any = {"xatol": 1e-9, "fatol": 1e-14, "maxiter": 5000, "maxfev": 5000}


def value(result):
    return result.fun


def above_the_floor(structure, free, floor):
    """A covariance in coordinates of unit spread from three numbers without bounds."""
    above = floor + np.square(free[:2])
    if structure == "diagonal":
        return np.diag(above)
    if structure == "spherical":
        return np.diag(above[[0, 0]])
    rotation = np.array([[np.cos(free[2]), -np.sin(free[2])], [np.sin(free[2]), np.cos(free[2])]])
    return rotation @ np.diag(above) @ rotation.T
