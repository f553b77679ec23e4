"""Whether the model fits: right models do, and each kind of wrong one is caught and called by its name."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from em import fit, sandwich
from models import Array, Data, Gaussian, Mixture, Poisson
from reports.checking.figure import Key, normal_of_rare
from reports.checking.model_fit import ModelFit, model_fit
from reports.checking.pit import pit
from reports.checking.registry import cumulative_of, statistics_of
from reports.checking.tied import tied


def checked(x: Array, family: str, components: int) -> ModelFit:
    """The replicates come from the estimate, whose posterior hardly differs from it at these sizes."""
    estimate = fit(x, family, components, starts=20)
    return model_fit(estimate, estimate.mixture[None], seed=1)


def groups(rng: np.random.Generator, n: int = 1000) -> Array:
    return np.where(rng.random(n) < 0.4, 0.0, 1.0)


def heaped(x: Array, rng: np.random.Generator) -> Array:
    return np.where(rng.random(len(x)) < 0.3, 5 * np.round(x / 5), np.round(x))


RIGHT = {
    "counts": (lambda rng: rng.poisson(3 + 17 * groups(rng)), "poisson"),
    "line": (lambda rng: rng.normal(5 * groups(rng), 1), "gaussian"),
    "rounded": (lambda rng: np.round(rng.normal(5 * groups(rng), 1), 1), "gaussian"),
    "plane": (lambda rng: rng.normal(size=(1000, 2)) + 5 * groups(rng)[:, None], "gaussian"),
}
WRONG = {
    "negative binomial": (
        lambda rng: rng.negative_binomial(5, 5 / (8 + 17 * groups(rng))),
        "poisson",
        "overdispersed",
    ),
    "zeros": (
        lambda rng: np.where(rng.random(1000) < 0.1, 0, rng.poisson(5 + 15 * groups(rng))),
        "poisson",
        "excess-zeros",
    ),
    "three rates": (lambda rng: rng.poisson(rng.choice([3, 15, 40], 1000)), "poisson", "too-few-components"),
    "binomial": (lambda rng: rng.binomial(20, 0.3 + 0.55 * groups(rng)), "poisson", "underdispersed"),
    "heaped counts": (lambda rng: heaped(rng.poisson(10 + 30 * groups(rng)), rng), "poisson", "tied-values"),
    "three groups": (lambda rng: rng.normal(rng.choice([0, 5, 10], 1000), 1), "gaussian", "too-few-components"),
    "t3": (lambda rng: 8 * groups(rng) + rng.standard_t(3, 1000), "gaussian", "heavy-tails"),
    "lognormal": (lambda rng: 6 * groups(rng) + rng.lognormal(0, 0.5, 1000), "gaussian", "skewed"),
    "heaped": (lambda rng: heaped(60 + 10 * rng.normal(5 * groups(rng), 1), rng), "gaussian", "tied-values"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_model_fits(name: str) -> None:
    make, family = RIGHT[name]
    found = checked(make(np.random.default_rng(7)), family, 2)
    assert (found.status, found.codes) == ("fits", ())


# The others of each family are as quick to say and as long to wait for.
QUICK = ("negative binomial", "zeros", "binomial", "three groups", "heaped")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in WRONG]
)
def test_a_wrong_model_is_called_by_its_name(name: str) -> None:
    make, family, code = WRONG[name]
    found = checked(make(np.random.default_rng(8)).astype(float), family, 2)
    assert found.status == "misfit"
    assert code in found.codes
    if code == "tied-values":
        assert found.tied is not None
        return
    worst = found.worst
    assert worst is not None
    assert not worst.lower <= worst.observed <= worst.upper


def test_a_misfit_too_small_to_matter_fits() -> None:
    """Four in a thousand of a hundred thousand are zeros that are no counts: seen by every check, felt by nobody."""
    rng = np.random.default_rng(3)
    x = np.where(rng.random(100_000) < 0.004, 0, rng.poisson(5 + 15 * groups(rng, 100_000)))
    found = checked(x, "poisson", 2)
    assert any(check.code for check in found.checks)
    assert (found.status, found.codes) == ("fits", ())
    assert found.error < 0.01


def test_features_that_hang_together_are_seen_where_each_by_itself_is_right() -> None:
    x = np.random.default_rng(14).multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], 20_000)
    estimate = fit(x, "gaussian", 1, covariance="diagonal")
    found = model_fit(estimate, estimate.mixture[None], seed=1)
    assert found.status == "misfit"
    assert found.error > 0.05


def test_a_right_model_of_many_rows_fits_and_its_ranges_are_those_of_as_many() -> None:
    rng = np.random.default_rng(15)
    plane = checked(rng.normal(size=(60_000, 2)), "gaussian", 1)
    counts = checked(rng.poisson(3 + 17 * groups(rng, 60_000)).astype(float), "poisson", 2)
    for found in (plane, counts):
        assert (found.status, found.codes) == ("fits", ())
        for check in found.checks:
            if check.key.kind in ("dispersion", "zeros", "kurtosis", "penalty"):
                # Seven ranges of 95 %, each of which is allowed to be missed by half its length.
                half = (check.upper - check.lower) / 2
                assert check.lower - half < check.observed < check.upper + half
                assert half < 0.05


def test_counts_that_are_all_alike_are_no_crash() -> None:
    found = checked(np.full(50, 3.0), "poisson", 1)
    assert found.codes == ("underdispersed",)
    assert np.isnan(found.factor)


def test_too_few_observations_show_nothing() -> None:
    found = checked(np.arange(10.0), "poisson", 1)
    assert found.status == "unclear"
    assert found.problem is not None


def test_figures_of_counts_are_those_of_textbooks() -> None:
    x = np.array([0.0, 0, 1, 2, 2, 5, 7, 11, 3, 4, 4, 2])
    mixture = Mixture(np.array([1.0]), Poisson(np.array([3.5])))
    found = statistics_of(fit(x, "poisson", 1).model)(Data.of(x).compress(), mixture)
    assert found[Key("dispersion", 0)].shown == pytest.approx(np.square(x - 3.5).mean() / 3.5)
    assert found[Key("zeros")].shown == pytest.approx(2 / 12)
    assert found[Key("largest")].value == pytest.approx(normal_of_rare(12 * stats.poisson.sf(10, 3.5)))
    places = np.unique(x)
    ours = np.searchsorted(np.sort(x), places, side="right") / 12
    before = np.searchsorted(np.sort(x), places, side="left") / 12
    gap = max(
        np.abs(ours - stats.poisson.cdf(places, 3.5)).max(), np.abs(before - stats.poisson.cdf(places - 1, 3.5)).max()
    )
    assert found[Key("distribution")].shown == pytest.approx(gap)


def test_figures_of_one_normal_are_those_of_textbooks() -> None:
    x = np.random.default_rng(5).gamma(4.0, size=300)
    estimate = fit(x, "gaussian", 1)
    found = statistics_of(estimate.model)(estimate.data, estimate.mixture)
    assert found[Key("skewness", 0)].shown == pytest.approx(abs(stats.skew(x)), rel=1e-6)
    assert found[Key("kurtosis", 0)].shown == pytest.approx(stats.kurtosis(x, fisher=False) / 3, rel=1e-6)
    assert found[Key("largest")].shown == pytest.approx(np.abs(stats.zscore(x)).max(), rel=1e-6)
    assert found[Key("distribution")].shown == pytest.approx(
        stats.kstest(x, stats.norm(x.mean(), x.std()).cdf).statistic
    )


def test_figures_are_the_same_in_other_axes() -> None:
    rng = np.random.default_rng(6)
    x, matrix = rng.normal(size=(400, 2)) ** 3, np.array([[2.0, 1.0], [0.3, -1.0]])
    first, second = (fit(values, "gaussian", 1) for values in (x, x @ matrix.T + 7))
    one, other = (statistics_of(f.model)(f.data, f.mixture) for f in (first, second))
    for kind in ("skewness", "kurtosis"):
        assert one[Key(kind, 0)].shown == pytest.approx(other[Key(kind, 0)].shown, rel=1e-6)
    assert one[Key("largest")].shown == pytest.approx(other[Key("largest")].shown, rel=1e-6)


def test_a_rare_event_is_a_normal_value() -> None:
    # Of n observations the largest has the distribution function F(x)ⁿ: at its median half a normal value is below.
    assert normal_of_rare(float(np.log(2))) == pytest.approx(0, abs=1e-12)
    assert normal_of_rare(1e-4) == pytest.approx(stats.norm.isf(1 - np.exp(-1e-4)), rel=1e-6)
    assert normal_of_rare(1e-40) == pytest.approx(stats.norm.isf(1e-40))


@pytest.mark.parametrize(("x", "family"), [(np.arange(0.0, 12), "poisson"), (np.linspace(-3, 9, 40), "gaussian")])
def test_distribution_functions_add_up_from_the_densities(x: Array, family: str) -> None:
    estimate = fit(np.concatenate([x, x[:5]]), family, 1)
    cumulative = cumulative_of(estimate.model)
    fine = np.arange(0.0, 30) if family == "poisson" else np.linspace(-30, 20, 200_001)
    density = np.exp(estimate.mixture.log_density(fine[:, None]))
    width = 1.0 if family == "poisson" else fine[1] - fine[0]
    # A sum is exact for counts; the midpoints of a fine grid err by its spacing.
    np.testing.assert_allclose(cumulative(fine, estimate.mixture), np.cumsum(density) * width, atol=1e-4)


def test_places_are_uniform_where_the_model_is_right() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(2000, 2)) @ np.array([[1.0, 0.5], [0.0, 2.0]])
    estimate = fit(x, "gaussian", 1)
    levels, _ = pit(estimate.mixture, estimate.data, estimate.model)
    # The rows are the model's own: Kolmogorov's p-value falls below a thousandth in one of a thousand data sets.
    assert stats.kstest(levels, "uniform").pvalue > 0.001


def test_round_numbers_are_found_wherever_they_lie_and_smooth_misfits_are_none() -> None:
    rng = np.random.default_rng(10)
    x = heaped(60 + 10 * rng.normal(size=800), rng)
    for shift in (0, 2):
        found = tied(fit(x + shift, "gaussian", 1))
        assert found is not None
        assert found.times > 1.5
        assert f"such as {np.sort(x[x % 5 == 0])[0] % 5 + shift:g}"[-1:] in found.sentence
    assert tied(fit(np.round(60 + 10 * rng.standard_t(3, 800)), "gaussian", 1)) is None
    assert tied(fit(rng.poisson(rng.choice([3, 15, 40], 1000)), "poisson", 2)) is None


def test_minutes_that_were_seconds_are_no_round_numbers() -> None:
    x = np.round(np.round(60 * np.random.default_rng(16).normal(4, 0.4, 300)) / 60, 3)
    assert tied(fit(x, "gaussian", 1)) is None


def test_the_sandwich_of_one_rate_is_the_sample_variance() -> None:
    x = np.random.default_rng(11).negative_binomial(3, 0.3, size=500).astype(float)
    found = sandwich(fit(x, "poisson", 1))
    assert found is not None
    assert found.standard_errors[0] == pytest.approx(x.std() / np.sqrt(500), rel=1e-6)
    assert found.factors[0] == pytest.approx(np.sqrt(x.var() / x.mean()), rel=1e-6)
    assert found.penalty == pytest.approx(x.var() / x.mean(), rel=1e-6)


def test_the_sandwich_of_one_normal_is_that_of_its_moments() -> None:
    x = np.random.default_rng(12).gamma(2.0, size=400)
    estimate = fit(x, "gaussian", 1)
    found = sandwich(estimate)
    assert found is not None
    named = dict(zip(found.names, found.standard_errors, strict=True))
    fourth = np.mean((x - x.mean()) ** 4)
    assert named["means[1]"] == pytest.approx(x.std() / 20, rel=1e-6)
    assert named["variances[1]"] == pytest.approx(np.sqrt((fourth - x.var() ** 2) / 400), rel=1e-6)
    assert isinstance(estimate.mixture.components, Gaussian)
