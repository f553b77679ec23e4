from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from em import Nearest, fit, nearest, robust_intervals, sandwich, standard_errors
from models import Gaussian, Mixture, Model, Poisson
from models.truths import departed
from tests.known import known

COUNTS = Mixture(np.array([0.4, 0.6]), Poisson(np.array([3.0, 12.0])))
THREE = Mixture(np.array([0.3, 0.4, 0.3]), Poisson(np.array([30.0, 100.0, 150.0])))
LINE = Mixture(np.array([0.4, 0.6]), Gaussian(np.array([[0.0], [6.0]]), np.array([[[1.0]], [[2.0]]])))


def normals(found: Nearest) -> Gaussian:
    return known(found.mixture.components, Gaussian)


def test_one_component_has_the_moments_of_the_truth() -> None:
    # The maximum of E log f is the mean, and of a normal the variance about it.
    one = Mixture(np.array([1.0]), Gaussian(np.array([[3.0]]), np.array([[[4.0]]])))
    found = nearest(departed(one, "student-t", {"degrees": 5.0}), Model("gaussian", 1, 1, "full"))
    assert normals(found).means[0, 0] == pytest.approx(3, abs=1e-9)
    assert normals(found).covariances[0, 0, 0] == pytest.approx(4 * 5 / 3, rel=1e-8)
    # KL of N(μ, τ²) from a t distribution: entropies in closed form.
    entropy = stats.t(5, 3, 2).entropy()
    assert found.divergence == pytest.approx(0.5 * (1 + np.log(2 * np.pi * 20 / 3)) - entropy, abs=1e-8)
    assert found.runner_up is None


def test_counts_are_nearest_where_a_general_optimiser_finds_it() -> None:
    truth = departed(COUNTS, "negative-binomial", {"shape": 5.0})
    found = nearest(truth, Model("poisson", 2))
    counts = np.arange(400)
    # SciPy's own negative binomial, and a maximiser that knows no EM.
    probabilities = 0.4 * stats.nbinom.pmf(counts, 5, 5 / 8) + 0.6 * stats.nbinom.pmf(counts, 5, 5 / 17)

    def objective(place: np.ndarray) -> float:
        weight, rates = 1 / (1 + np.exp(-place[0])), np.exp(place[1:])
        density = weight * stats.poisson.pmf(counts, rates[0]) + (1 - weight) * stats.poisson.pmf(counts, rates[1])
        return -float(probabilities @ np.log(np.maximum(density, 1e-300)))

    best = optimize.minimize(objective, [0.0, 1.0, 2.5], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-14})
    # Values within 10⁻¹⁴ of a minimum whose curvature is about one lie within 10⁻⁷ of its place.
    np.testing.assert_allclose(np.log(found.mixture.components.location()), best.x[1:], atol=1e-5)
    assert found.mixture.weights[0] == pytest.approx(1 / (1 + np.exp(-best.x[0])), abs=1e-5)
    log_truth = np.log(probabilities, where=np.asarray(probabilities) > 0, out=np.zeros(400))
    assert found.divergence == pytest.approx(best.fun + probabilities @ log_truth, abs=1e-9)


def test_a_truth_of_the_model_is_nearest_to_itself() -> None:
    found = nearest(departed(LINE, "mixture", {}), Model("gaussian", 2, 1, "full"))
    # EM stops 10⁻⁸ nats from its limit, of a million observations 10⁻⁷ standard deviations.
    np.testing.assert_allclose(found.mixture.components.location(), LINE.components.location(), atol=1e-6)
    np.testing.assert_allclose(found.mixture.weights, LINE.weights, atol=1e-6)
    assert found.divergence == pytest.approx(0, abs=1e-9)


def test_large_samples_tend_to_it() -> None:
    truth, model = departed(THREE, "mixture", {}), Model("poisson", 2)
    found = nearest(truth, model)
    values, _ = truth.sample(200_000, np.random.default_rng(2))
    sample = fit(values, **model.specification)
    errors = sandwich(sample)
    assert errors is not None
    expected = [float(value) for value in model.scalars(found.mixture, ("x",)).values()]
    z = (np.array(list(sample.parameters.values())) - expected) / errors.standard_errors
    # Three parameters, each a standard normal to first order.
    assert np.abs(z).max() < 4.5


def test_the_next_optimum_is_said() -> None:
    # Of three groups two go together: the lower ones or the upper ones.
    groups = Mixture(np.array([0.3, 0.4, 0.3]), Poisson(np.array([5.0, 30.0, 80.0])))
    truth, model = departed(groups, "mixture", {}), Model("poisson", 2)
    found, points = nearest(truth, model), truth.points()
    pairs = ([5.0, 50.0], [20.0, 80.0])
    ends = [fit(points, "poisson", 2, start=Mixture(np.array([0.4, 0.6]), Poisson(np.array(pair)))) for pair in pairs]
    heights = sorted(end.log_likelihood for end in ends)
    assert found.runner_up == pytest.approx((heights[1] - heights[0]) / 1e6, rel=1e-6)
    assert known(found.runner_up, float) > 0.01


def test_equal_weights_stay_equal() -> None:
    found = nearest(departed(COUNTS, "zero-inflated", {}), Model("poisson", 2, mixing="equal"))
    assert found.mixture.weights.tolist() == [0.5, 0.5]


def test_without_a_density_there_is_no_divergence() -> None:
    found = nearest(departed(LINE, "heaped", {"step": 1.0}), Model("gaussian", 2, 1, "full"))
    assert found.divergence is None
    # Sheppard (1898): rounding adds step²/12, here to three of ten.
    variance = normals(found).covariances[0, 0, 0]
    assert variance == pytest.approx(1 + 0.3 / 12, abs=1e-3)


def test_robust_intervals_are_those_of_the_sandwich() -> None:
    # The mean of one group has the same error by either; of its variance the sandwich is √((m₄ − m₂²)/n).
    x = stats.t(5).rvs(500, random_state=3)
    found = fit(x, "gaussian", 1)
    robust, model = robust_intervals(found), standard_errors(found).table
    m2, m4 = (np.mean((x - x.mean()) ** power) for power in (2, 4))
    assert robust["standard_error"].to_list() == pytest.approx([np.sqrt(m2 / 500), np.sqrt((m4 - m2**2) / 500)])
    assert robust.loc["means[1]", "lower"] == pytest.approx(model.loc["means[1]", "lower"])
    # Of the variance it is symmetric on the log scale.
    width = 1.959964 * robust["standard_error"]["variances[1]"] / m2
    expected = m2 * np.exp([-width, width])
    ends = [robust[name]["variances[1]"] for name in ("lower", "upper")]
    assert ends == pytest.approx(list(expected), rel=1e-6)
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        robust_intervals(found, 1.0)


def test_on_the_edge_there_is_no_robust_interval() -> None:
    zeros = fit(np.concatenate([np.zeros(50), np.full(50, 20.0), np.full(10, 22.0)]), "poisson", 2)
    assert np.isnan(robust_intervals(zeros)["standard_error"]["rates[1]"])
