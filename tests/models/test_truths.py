from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from models import Gaussian, Mixture, Poisson
from models.exposed import Exposures
from models.truths import Lognormal, Truth, departed, truths

COUNTS = Mixture(np.array([0.4, 0.6]), Poisson(np.array([3.0, 12.0])))
LINE = Mixture(np.array([0.4, 0.6]), Gaussian(np.array([[0.0], [6.0]]), np.array([[[1.0]], [[2.0]]])))
PLANE = Mixture(
    np.array([0.4, 0.6]),
    Gaussian(np.array([[0.0, 0.0], [6.0, 1.0]]), np.array([[[1.0, 0.3], [0.3, 1.0]], [[2.0, 0.0], [0.0, 1.0]]])),
)
NUMBERS: dict[tuple[str, str], dict[str, float]] = {("gaussian", "heaped"): {"step": 1.0}}
ALONE = [
    departed(base, kind, NUMBERS.get((base.components.name, kind), {}))
    for base in (COUNTS, LINE)
    for kind in truths[base.components.name]
]
IN_THE_PLANE = [departed(PLANE, kind, {}) for kind in truths["gaussian"] if kind != "heaped"]
DENSE = [truth for truth in (*ALONE, *IN_THE_PLANE) if truth.base is not COUNTS and truth.departure.kind != "heaped"]


def called(truth: Truth) -> str:
    return f"{truth.base.components.name}, {truth.dimension}: {truth.departure.kind}"


@pytest.mark.parametrize("truth", ALONE, ids=called)
def test_a_sample_follows_the_points(truth: Truth) -> None:
    n = 20_000
    values, labels = truth.sample(n, np.random.default_rng(4))
    points = truth.points()
    assert points.size == pytest.approx(1e6)
    # Kolmogorov's limit at one in 10⁵, which ties only make smaller.
    where = np.quantile(points.values[:, 0], np.linspace(0, 1, 200), weights=points.weights, method="inverted_cdf")
    below = [points.weights[points.values[:, 0] <= at].sum() / points.size for at in where]
    found = [(values[:, 0] <= at).mean() for at in where]
    assert np.abs(np.subtract(below, found)).max() < stats.kstwobign.isf(1e-5) / np.sqrt(n)
    # The share of the first component, to five standard deviations of a binomial.
    assert (labels == 0).mean() == pytest.approx(0.4, abs=5 * np.sqrt(0.24 / n))


@pytest.mark.parametrize("truth", IN_THE_PLANE, ids=called)
def test_a_sample_in_the_plane_has_the_moments_of_the_points(truth: Truth) -> None:
    n = 100_000
    values, _ = truth.sample(n, np.random.default_rng(5))
    points = truth.points()
    # Of bounded functions, whose errors are those of a mean whatever the tails; five of them.
    for direction in ([1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -2.0]):
        ours, theirs = (np.tanh(x @ direction - 1) for x in (points.values, values))
        assert points.weights @ ours / points.size == pytest.approx(theirs.mean(), abs=5 * stats.sem(theirs))


@pytest.mark.parametrize("truth", DENSE, ids=called)
def test_points_stand_for_integrals_of_the_density(truth: Truth) -> None:
    points = truth.points()
    log_density = truth.log_density(points.values)
    assert log_density is not None
    assert np.isfinite(log_density).all()
    if truth.dimension > 1:
        # The entropy by points against that of a sample, whose error is that of a mean.
        drawn = truth.log_density(truth.sample(100_000, np.random.default_rng(6))[0])
        assert drawn is not None
        assert points.weights @ log_density / points.size == pytest.approx(drawn.mean(), abs=5 * stats.sem(drawn))
        return

    def integrand(x: float) -> float:
        value = truth.log_density(np.array([[x]]))
        assert value is not None
        return float(np.exp(value[0]) * np.log1p(x**2)) if np.isfinite(value[0]) else 0.0

    ends = [-np.inf, -1.87, -1.0, 0.0, 3.0, 3.4, 6.0, 9.0, np.inf]  # the edges of lognormal groups are among them
    exact = sum(integrate.quad(integrand, a, b, epsabs=1e-10, limit=200)[0] for a, b in pairwise(ends))
    # SciPy's own tolerance, in nine pieces.
    ours = points.weights @ np.log1p(points.values[:, 0] ** 2) / points.size
    assert ours == pytest.approx(exact, abs=1e-7)


def test_counts_have_the_moments_of_the_textbooks() -> None:
    one = Mixture(np.array([1.0]), Poisson(np.array([7.0])))
    moments = {
        "mixture": ({}, 7, 7),
        # Greenwood and Yule (1920); Lambert (1992); a mixture of two rates.
        "negative-binomial": ({"shape": 4.0}, 7, 7 + 49 / 4),
        "zero-inflated": ({"zeros": 0.2}, 0.8 * 7, 0.8 * 7 + 0.2 * 0.8 * 49),
        "contaminated": ({"share": 0.1, "factor": 3.0}, 0.9 * 7 + 0.1 * 21, 8.4 + 0.1 * 0.9 * 14**2),
    }
    for kind, (numbers, mean, variance) in moments.items():
        points = departed(one, kind, numbers).points()
        # What is left out beyond the last count is 10⁻¹⁵.
        assert points.mean[0] == pytest.approx(mean, rel=1e-11), kind
        assert points.covariance[0, 0] == pytest.approx(variance, rel=1e-10), kind


def test_probabilities_of_counts_sum_to_one_and_are_those_of_the_points() -> None:
    for truth in ALONE[: len(truths["poisson"])]:
        points = truth.points()
        log_probabilities = truth.log_density(points.values)
        assert log_probabilities is not None
        np.testing.assert_allclose(1e6 * np.exp(log_probabilities), points.weights, rtol=1e-9)
        assert np.exp(log_probabilities).sum() == pytest.approx(1, abs=1e-12)


def test_counts_with_exposures_are_those_of_as_many_times_the_rates() -> None:
    exposures = Exposures(np.array([0.5, 3.0]), np.array([0.25, 0.75]))
    rng = np.random.default_rng(8)
    for truth in ALONE[: len(truths["poisson"])]:
        points = truth.points(None, exposures)
        assert points.exposure is not None
        log_probabilities = truth.log_density(points.values, points.exposure)
        assert log_probabilities is not None
        share = np.where(points.exposure == 3, 0.75, 0.25)
        np.testing.assert_allclose(1e6 * share * np.exp(log_probabilities), points.weights, rtol=1e-9)
        # The mean of what is drawn at an exposure is that of the points there, to five errors.
        at = points.take(points.exposure == 3)
        drawn, _ = truth.sample(20_000, rng, np.full(20_000, 3.0))
        assert abs(drawn.mean() - at.mean[0]) < 5 * np.sqrt(at.covariance[0, 0] / 20_000), truth.statement()


def test_numbers_have_the_moments_that_their_departure_says() -> None:
    moments: dict[str, tuple[dict[str, float], float, float]] = {
        "mixture": ({}, 0.0, 1.0),
        "student-t": ({"degrees": 5.0}, 0.0, 5 / 3),
        "lognormal": ({"deviation": 0.5}, Lognormal(0.5).skewness, 1.0),
        "contaminated": ({"share": 0.1, "factor": 5.0}, 0.0, 0.9 + 0.1 * 25),
    }
    one = Mixture(np.array([1.0]), Gaussian(np.array([[3.0]]), np.array([[[4.0]]])))
    for kind, (numbers, skewness, variance) in moments.items():
        points = departed(one, kind, numbers).points()
        u = (points.values[:, 0] - 3) / 2
        weights = points.weights / points.size
        assert weights @ u == pytest.approx(0, abs=1e-9), kind
        # The tail of t that is left out holds 10⁻⁹ of the variance.
        assert weights @ u**2 == pytest.approx(variance, rel=1e-8), kind
        if kind != "student-t":
            assert weights @ u**3 == pytest.approx(skewness, abs=1e-9), kind


def test_a_sample_stands_in_for_points_in_many_dimensions() -> None:
    space = Mixture(np.array([1.0]), Gaussian(np.zeros((1, 3)), np.eye(3)[None]))
    points = departed(space, "student-t", {"degrees": 5.0}).points()
    # The mean of 2¹⁹ draws of variance 5/3, to five errors.
    assert np.abs(points.mean).max() < 5 * np.sqrt(5 / 3 / 2**19)
    assert points.size == pytest.approx(1e6)


def test_a_truth_is_said_in_words() -> None:
    one = departed(Mixture(np.array([1.0]), Poisson(np.array([7.0]))), "zero-inflated", {})
    assert one.statement() == "one component, Poisson, but for 0.1 of all counts, which are zero"
    said = [truth.statement() for truth in ALONE]
    assert all(words.startswith("2 components, each ") for words in said)
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("base", "kind", "numbers", "message"),
    [
        (COUNTS, "student-t", {}, "must be one of mixture, negative-binomial"),
        (LINE, "negative-binomial", {}, "must be one of mixture, student-t"),
        (
            COUNTS,
            "negative-binomial",
            {"sape": 1.0},
            "'sape' is no parameter of the truth 'negative-binomial': it has shape",
        ),
        (COUNTS, "mixture", {"shape": 1.0}, "it has none"),
        (COUNTS, "negative-binomial", {"shape": "five"}, "shape of the truth 'negative-binomial' must be a number"),
        (COUNTS, "negative-binomial", {"shape": -1.0}, "shape must be a number above 0"),
        (COUNTS, "zero-inflated", {"zeros": 1.0}, "zeros must be a share between 0 and 1"),
        (COUNTS, "heaped", {"step": 2.5}, "step must be a whole number from 2 on"),
        (LINE, "student-t", {"degrees": 2.0}, "degrees must be a number above 2"),
        (LINE, "heaped", {}, "step is missing"),
        (PLANE, "heaped", {"step": 1.0}, "has one feature"),
        (LINE, "lognormal", {"deviation": 3.0}, "deviation must be at most 2"),
    ],
)
def test_what_cannot_be_a_truth_is_named(base: Mixture, kind: str, numbers: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        departed(base, kind, numbers)
