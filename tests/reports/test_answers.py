"""Three answers: words that are true where they stand, figures that no axes change, and a front sentence for all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from em import Status, fit
from models import Data, Gaussian, Mixture, Model, as_text
from reports.checking.codes import FitCode
from reports.commands.arguments import as_options
from reports.comparing.departures import Departure, _error_of_width, departures
from reports.comparing.sensitivity import _power_scaling, _weights, prior_sensitivity
from reports.judging.advice import advice
from reports.judging.answer import Answer
from reports.judging.codes import ALL_CODES, Code
from reports.judging.comparison import Comparison
from reports.judging.difference import Difference, block_of, is_shifted, is_unlike
from reports.judging.front import front
from reports.judging.verdict import Verdict, verdict
from tests.doubles import invented

from .changes import setting

FITS, MISFIT = Answer("fits", "."), Answer("misfit", ".", ("overdispersed",), (".",), (".",))
PRECISE, VAGUE = Answer("precise", "."), Answer("imprecise", ".", ("imprecise",), (".",), (".",))
ROBUST = Answer("robust", ".")


@pytest.fixture(scope="module")
def plane() -> Comparison:
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(size=(200, 2)) * [1, 3], rng.normal(size=(300, 2)) + np.array([8, 0])])
    data = Data.of(x)
    return invented(data, Model.of(data, "gaussian", 2), draws=1000)


@pytest.mark.parametrize(
    ("status", "of_fit", "of_precision", "said"),
    [
        ("agree", FITS, PRECISE, "EM and Bayes agree, and the model fits."),
        ("agree", MISFIT, PRECISE, "EM and Bayes agree, but the model does not fit (overdispersed)."),
        ("differ", FITS, PRECISE, "EM and Bayes differ, but the model fits."),
        (
            "differ",
            MISFIT,
            VAGUE,
            "EM and Bayes differ, and the model does not fit (overdispersed); the data say little about some parameters.",
        ),
    ],
)
def test_the_front_sentence_answers_all_in_a_breath(
    status: str, of_fit: Answer, of_precision: Answer, said: str
) -> None:
    assert front(status, of_fit, of_precision, ROBUST) == said


def test_codes_of_all_answers_are_listed_and_can_be_asked_for() -> None:
    found = Verdict("agree", ".", (), MISFIT, VAGUE, ROBUST)
    assert found.codes == ("agree", "overdispersed", "imprecise")
    assert set(found.codes) - {"agree"} <= set(ALL_CODES)
    assert set(FitCode) <= set(ALL_CODES)


def test_healthy_data_have_every_answer_on_the_terminal(plane: Comparison) -> None:
    shown = as_text(plane.in_words(as_options))
    for words in (
        "EM and Bayes agree, and the model fits.",
        "Do EM and Bayes agree? [agree]",
        "Does the model fit? [fits]",
        "How much do the data say? [precise]",
        "How much does the prior say? [robust]",
    ):
        assert words in shown
    assert "What to do" not in shown


@pytest.mark.parametrize(
    ("parameter", "structure", "block"),
    [
        ("weights[2]", "full", "weights"),
        ("means[1,eruptions]", "full", "means[1]"),
        ("means[2]", "full", "means[2]"),
        ("variances[1]", "full", "covariances[1]"),
        ("covariances[2,a,b]", "full", "covariances[2]"),
        ("covariances[a,b]", "tied", "covariances"),
        ("covariances[0,1]", "tied", "covariances"),
        ("rates[3]", "full", "rates[3]"),
    ],
)
def test_a_parameter_belongs_to_a_block(parameter: str, structure: str, block: str) -> None:
    assert block_of(parameter, Model("gaussian", 2, 2, structure)) == block


def test_every_parameter_has_its_block(plane: Comparison) -> None:
    blocks = {departure.block for departure in plane.departures}
    assert {block_of(str(name), plane.model) for name in plane.parameters.index} == blocks


def test_departures_are_the_same_in_other_axes_and_units(plane: Comparison) -> None:
    matrix, offset = np.array([[0.6, -0.8], [80.0, 60.0]]), np.array([1e4, -3.0])

    def moved(mixture: Mixture) -> Mixture:
        assert isinstance(mixture.components, Gaussian)
        return Mixture(mixture.weights, mixture.components.affine(np.zeros(2), matrix, offset))

    data = Data.of(plane.data.values @ matrix.T + offset)
    estimate = fit(data, "gaussian", 2, start=moved(plane.mle.mixture), starts=1)
    ours = departures(plane.mle, plane.posterior.mixture, 1000.0)
    theirs = departures(estimate, moved(plane.posterior.mixture), 1000.0)
    for first, second in zip(ours, theirs, strict=True):
        assert (first.block, first.size) == (second.block, second.size)
        for name in ("widest", "narrowest", "spread"):
            # Two runs of EM stop within 10⁻⁸ nats of their limit, 10⁻⁴ standard errors.
            assert getattr(first, name) == pytest.approx(getattr(second, name), rel=1e-3)
        assert first.shift == pytest.approx(second.shift, abs=3e-3)


def departed(**changes: float) -> Departure:
    return replace(Departure("means[1]", 4, 0.0, 0.02, 1.0, 1.0, 0.1, 0.02), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "shifted", "unlike"),
    [
        ({}, False, False),
        ({"shift": 0.99}, False, False),
        ({"shift": 1.01}, True, False),
        ({"widest": 1.51}, False, True),
        ({"narrowest": 0.66}, False, True),
        ({"spread": 40.0}, False, False),
    ],
)
def test_half_a_deviation_in_each_of_four_directions_and_half_as_wide_again(
    changes: dict[str, float], shifted: bool, unlike: bool
) -> None:
    """Half a deviation in each of four directions has the length one; a wide interval is no difference."""
    assert is_shifted(departed(**changes)) is shifted
    assert is_unlike(departed(**changes)) is unlike


def with_departures(comparison: Comparison, *found: Departure) -> Comparison:
    return setting(departures=found)(comparison)


def test_a_figure_near_its_threshold_decides_nothing_unless_another_does(plane: Comparison) -> None:
    near, far = departed(shift=1.03), departed(shift=2.0)
    close = with_departures(plane, near)
    assert Difference(close).is_near
    found = verdict(close)
    assert found.status == "undecided"
    # Within half of three errors: four times as many draws.
    block, times = Difference(close).nearest
    assert block == "means[1]"
    assert times == pytest.approx(4.0)
    assert "4000 would decide (max_draws=4000)" in found.sentence
    assert verdict(with_departures(plane, near, far)).status == "differ"
    assert verdict(with_departures(plane, departed())).status == "agree"


def test_values_that_occur_many_times_are_spoken_of_where_there_are_some(plane: Comparison) -> None:
    def running(data: Data) -> Comparison:
        other = replace(plane, data=data)
        object.__setattr__(other, "basins", replace(plane.basins, statuses={Status.COLLAPSED: plane.basins.runs}))
        return other

    repeated = np.concatenate([plane.data.values, plane.data.values[:1]])
    assert running(plane.data).basins.collapsed == 1
    assert "many times" not in advice(Code.DEGENERATE, running(plane.data))
    assert "many times" in advice(Code.DEGENERATE, running(Data.of(repeated)))


def test_the_pull_of_a_prior_is_the_slope_of_the_mean(plane: Comparison) -> None:
    """Under p(θ)^(1 + ε) the draws have the weights p(θ)^ε: the mean's slope in ε, by differences of weighted means."""
    found = prior_sensitivity(plane.mle, plane.posterior, 1000.0).table
    height = plane.prior.log_mode_density(plane.posterior.mixture).ravel()
    for name in ("variances[1]", "covariances[1,x1,x1]"):
        if name not in plane.posterior.scalars:
            continue
        drawn = np.log(plane.posterior.scalars[name].ravel())
        means = [np.average(drawn, weights=np.exp(epsilon * (height - height.max()))) for epsilon in (1e-3, -1e-3)]
        # Central differences err by the square of their step; n and n − 1 differ by one in two thousand.
        assert found["pull"][name] == pytest.approx((means[0] - means[1]) / 2e-3 / drawn.std(), rel=2e-3, abs=1e-4)


def test_draws_weighted_alike_are_the_draws_themselves(plane: Comparison) -> None:
    sensitivity = prior_sensitivity(plane.mle, plane.posterior, 1000.0)
    assert [other.name for other in sensitivity.alternatives] == ["conjugate", "twice as wide", "half as wide"]
    for other in sensitivity.alternatives[1:]:
        assert other.pareto_k < 0.7
        for ours, theirs in zip(plane.departures, other.departures, strict=True):
            assert theirs.widest == pytest.approx(ours.widest, rel=0.05)


def test_the_error_of_a_width_is_the_spread_of_repetitions() -> None:
    """The logarithm of a rate that may be next to zero has a long tail, and its standard deviation an error to match."""
    rng = np.random.default_rng(8)
    for draw, bell in ((rng.standard_normal, True), (lambda size: np.log(rng.gamma(0.7, size=size)), False)):
        widths, errors = [], []
        for _ in range(300):
            along = draw(size=1000)
            widths.append(np.log(along.std()))
            errors.append(_error_of_width(along - along.mean(), np.ones(1000), 1000.0))
        # A standard deviation of three hundred has an error of 4 %; that of a kurtosis leaves as much again.
        assert np.std(widths) == pytest.approx(np.mean(errors), rel=0.15)
        assert (np.mean(errors) < 1.1 / np.sqrt(2000)) == bell


def test_draws_that_repeat_one_place_have_no_sensitivity_and_weights_that_nobody_believes() -> None:
    log_likelihood = np.where(np.arange(800).reshape(2, 400) % 2, -10.0, -12.0)
    draws = {"rates[1]": np.random.default_rng(0).normal(size=(2, 400))}
    found = _power_scaling(draws, np.random.default_rng(1).normal(size=(2, 400)), log_likelihood)
    assert np.isnan(found["likelihood"]["rates[1]"])
    assert np.isfinite(found["prior"]["rates[1]"])
    log_weights, k = _weights(log_likelihood.ravel())
    assert np.exp(log_weights).sum() == pytest.approx(1)
    assert np.isinf(k)
