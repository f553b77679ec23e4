"""Standard errors: closed forms of one component, known answers, intervals, and estimates that have none."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from em import Status, fit, standard_errors
from models import Data, Gamma, Gaussian, Mixture, Poisson, Prior
from tests.known import known

RNG = np.random.default_rng(11)
Z = stats.norm.ppf(0.975)


def errors(found):
    return found.table["standard_error"].to_numpy()


def test_one_poisson():
    x = RNG.poisson(3.0, size=50)
    found = standard_errors(fit(x, "poisson", 1))
    rate = x.mean()
    assert errors(found) == pytest.approx([np.sqrt(rate / 50)])
    row = found.table.loc["rates[1]"]
    half = Z / np.sqrt(50 * rate)
    assert [row.lower, row.upper] == pytest.approx([rate * np.exp(-half), rate * np.exp(half)])
    assert found.problem is None


def test_one_gaussian():
    x = RNG.normal(2.0, 3.0, size=60)
    found = standard_errors(fit(x, "gaussian", 1), level=0.9)
    variance = x.var()
    assert errors(found) == pytest.approx([np.sqrt(variance / 60), variance * np.sqrt(2 / 60)])
    assert found.covariance.loc["means[1]", "variances[1]"] == pytest.approx(0, abs=1e-12)
    z = stats.norm.ppf(0.95)
    mean = found.table.loc["means[1]"]
    assert [mean.lower, mean.upper] == pytest.approx(x.mean() + np.array([-z, z]) * np.sqrt(variance / 60))
    spread = found.table.loc["variances[1]"]
    assert [spread.lower, spread.upper] == pytest.approx(variance * np.exp(np.array([-z, z]) * np.sqrt(2 / 60)))
    assert list(found.table["scale"]) == ["identity", "log"]


@pytest.mark.parametrize("weighted", [False, True])
def test_one_multivariate_gaussian(weighted):
    """Cov(Σ̂_ab, Σ̂_cd) = (Σ_ac Σ_bd + Σ_ad Σ_bc)/n (Anderson 2003, theorem 3.4.4)."""
    x = RNG.normal(size=(40, 3)) @ np.array([[1, 0.5, 0], [0, 2, 1], [0, 0, 0.3]])
    weights = RNG.integers(1, 4, size=40) if weighted else np.ones(40)
    found = standard_errors(fit(x, "gaussian", 1, weights=weights))
    n, sigma = weights.sum(), np.cov(x.T, aweights=weights, ddof=0)
    pairs = np.array([(a, b) for a in range(3) for b in range(a, 3)])
    (a, b), (c, d) = pairs.T[:, :, None], pairs.T[:, None, :]
    expected = (sigma[a, c] * sigma[b, d] + sigma[a, d] * sigma[b, c]) / n
    np.testing.assert_allclose(found.covariance.to_numpy()[:3, :3], sigma / n, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(found.covariance.to_numpy()[3:, 3:], expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.covariance.to_numpy()[:3, 3:], 0, atol=1e-12)


@pytest.mark.parametrize("covariance", ["diagonal", "spherical"])
def test_one_gaussian_of_independent_features(covariance):
    x = RNG.normal(size=(30, 2)) * [1, 5]
    found = standard_errors(fit(x, "gaussian", 1, covariance=covariance))
    variances = x.var(axis=0) if covariance == "diagonal" else x.var(axis=0).mean(keepdims=True)
    degrees = 30 if covariance == "diagonal" else 60
    expected = [*np.sqrt(np.broadcast_to(variances, 2) / 30), *(variances * np.sqrt(2 / degrees))]
    assert errors(found) == pytest.approx(expected)


def test_the_map_of_one_poisson_is_a_gamma_mode():
    """log p(λ | x) = (a − 1 + Σx) log λ − (b + n) λ, whose curvature at the mode is (b + n)/λ."""
    x = RNG.poisson(3.0, size=20)
    fitted = fit(x, "poisson", 1, estimate="map", prior="conjugate")
    exposure = 20 + known(known(fitted.prior, Prior).components, Gamma).rate
    assert errors(standard_errors(fitted)) == pytest.approx([np.sqrt(fitted.parameters["rates[1]"] / exposure)])


def test_far_apart_the_weights_are_binomial():
    x = np.concatenate([RNG.poisson(2.0, size=30), RNG.poisson(400.0, size=70)])
    found = standard_errors(fit(x, "poisson", 2))
    assert errors(found)[:2] == pytest.approx(np.sqrt(0.3 * 0.7 / 100), rel=1e-6)
    assert found.covariance.iloc[0, 1] == pytest.approx(-0.3 * 0.7 / 100, rel=1e-6)
    half = Z / np.sqrt(0.3 * 0.7 * 100)
    row = found.table.loc["weights[1]"]
    odds = 0.3 / 0.7 * np.exp(np.array([-half, half]))
    assert [row.lower, row.upper] == pytest.approx(odds / (1 + odds), rel=1e-6)


def test_the_deaths_of_women():
    """The Times, 1910–1912 (Titterington, Smith and Makov 1985): the expected standard errors are those of a Hessian by
    differences of SciPy's log-likelihood in the parameters themselves."""
    counts = np.array([162, 267, 271, 185, 111, 61, 27, 8, 3, 1])
    fitted = fit(np.arange(10), "poisson", 2, weights=counts, tolerance=1e-12)
    assert fitted.log_likelihood == pytest.approx(-1989.946, abs=5e-4)
    assert list(fitted.parameters.values()) == pytest.approx([0.3599, 0.6401, 1.256, 2.663], abs=5e-4)

    def log_likelihood(place):
        weight, first, second = place
        density = weight * stats.poisson.pmf(np.arange(10), first) + (1 - weight) * stats.poisson.pmf(
            np.arange(10), second
        )
        return counts @ np.log(density)

    names = ["weights[1]", "rates[1]", "rates[2]"]
    at, h = np.array([fitted.parameters[name] for name in names]), 1e-3 * np.eye(3)
    hessian = (
        np.array(
            [
                [
                    log_likelihood(at + a + b)
                    - log_likelihood(at + a - b)
                    - log_likelihood(at - a + b)
                    + log_likelihood(at - a - b)
                    for a in h
                ]
                for b in h
            ]
        )
        / 4e-6
    )
    expected = np.linalg.inv(-hessian)
    found = standard_errors(fitted).covariance.loc[names, names].to_numpy()
    # The smallest eigenvalue of the Hessian is a few hundredths of a percent of the largest: differences of 1e-6 relative
    # error leave some thousandths.
    np.testing.assert_allclose(found, expected, rtol=5e-3)
    assert np.sqrt(np.diag(found)) == pytest.approx([0.195, 0.350, 0.250], abs=1e-3)


def test_what_the_data_do_not_determine_has_no_standard_error():
    """Two components alike: any split between their weights is as good, while the third is known."""
    # Less scattered than a Poisson, so that the two do not gain by parting.
    x = np.concatenate([np.repeat([2, 3, 4], 30), np.repeat([199, 200, 201], 30)])
    fitted = fit(x, "poisson", 2)
    low, high = known(fitted.mixture.components, Poisson).rates
    split = Mixture(np.array([0.2, 0.3, 0.5]), Poisson(np.array([low, low, high])))
    found = standard_errors(replace(fitted, mixture=split, model=replace(fitted.model, components=3)))
    assert "do not determine weights[1], weights[2]" in known(found.problem, str)
    assert np.isnan(found.table.loc[["weights[1]", "weights[2]"], "standard_error"]).all()
    assert np.isnan(known(found.covariance.loc["weights[1]", "rates[3]"], float))
    assert found.table.loc["rates[3]", "standard_error"] == pytest.approx(np.sqrt(high / 90), rel=1e-6)


def test_a_saddle_is_no_maximum():
    x = np.concatenate([RNG.poisson(3.0, size=100), RNG.poisson(20.0, size=100)])
    alike = Mixture(np.array([0.4, 0.6]), Poisson(np.repeat(x.mean(), 2)))
    found = standard_errors(fit(x, "poisson", 2, start=alike, acceleration="none", max_steps=3))
    assert np.isnan(errors(found)).all()
    assert "still rises" in known(found.problem, str)


def test_a_collapse_has_no_standard_errors():
    x = np.array([0.0, 0.0, 0.0, 0.0, 5.0, 5.1, 5.3, 4.2])
    start = Mixture(np.array([0.5, 0.5]), Gaussian(np.array([[0.0], [5.0]]), np.array([[[1e-3]], [[1.0]]])))
    fitted = fit(x, "gaussian", 2, start=start)
    assert fitted.status is Status.COLLAPSED
    found = standard_errors(fitted)
    assert np.isnan(errors(found)).all()
    assert np.isnan(found.table[["lower", "upper"]]).all(axis=None)
    assert "collapsed" in known(found.problem, str)


def test_stopped_too_early_is_said():
    x = np.concatenate([RNG.poisson(3.0, size=100), RNG.poisson(9.0, size=100)])
    found = standard_errors(fit(x, "poisson", 2, starts=1, max_steps=30, acceleration="none", tolerance=1e-12))
    assert "stopped before its limit" in known(found.problem, str)
    assert np.isfinite(errors(found)).all()


def test_a_weight_on_the_edge_has_none():
    """Under a prior an empty component is no collapse: its rate is what the prior says, and its weight zero."""
    fitted = fit(Data.of(RNG.poisson(4.0, size=60)), "poisson", 2, estimate="map")
    edge = Mixture(np.array([0.0, 1.0]), fitted.mixture.components)
    found = standard_errors(replace(fitted, mixture=edge))
    assert found.table.loc[["weights[1]", "weights[2]"], "standard_error"].isna().all()
    assert "On the edge of the range" in known(found.problem, str)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_is_a_share(level):
    fitted = fit([1, 2, 3, 4], "poisson", 1)
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        standard_errors(fitted, level=level)
