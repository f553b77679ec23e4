"""The comparison itself: one permutation for EM, the answer's rules, and the proof that both sides are one model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bayes import LogLikelihood, build
from em import Status, fit
from models import Data, Gaussian, Mixture, Model, Poisson, scenario
from reports import compare
from reports.comparing.equivalence import EquivalenceError, prove, prove_for
from reports.judging.comparison import Comparison
from reports.judging.difference import LARGEST_SHIFT
from reports.judging.verdict import verdict
from tests.doubles import invented
from tests.known import known


def test_a_comparison_is_the_same_for_the_same_seed() -> None:
    data = scenario("gaussian-two").data
    quick = {"draws": 50, "tune": 100, "chains": 2, "starts": 3, "mixing": "equal"}
    first, second = (compare(data, "gaussian", 2, seed=5, **quick) for _ in range(2))  # type: ignore[arg-type]
    np.testing.assert_array_equal(first.posterior.mixture.weights, second.posterior.mixture.weights)
    pd.testing.assert_frame_equal(first.parameters, second.parameters)
    other = compare(data, "gaussian", 2, seed=6, **quick)  # type: ignore[arg-type]
    assert not np.array_equal(first.posterior.log_likelihood, other.posterior.log_likelihood)


def test_the_first_scenario_agrees_and_recovers_the_truth(poisson_comparison: Comparison) -> None:
    table = poisson_comparison.parameters
    assert poisson_comparison.verdict.agree is not False
    # Six parameters, each within four of its own standard deviations: missed once in ten thousand data sets.
    assert ((table["mle"] - table["truth"]).abs() < 4 * table["sd"]).all()
    assert ((table["mean"] - table["truth"]).abs() < 4 * table["sd"]).all()


def test_labels_of_the_truth_do_not_matter(poisson_comparison: Comparison) -> None:
    truth = poisson_comparison.truth
    assert truth is not None
    assert isinstance(truth.components, Poisson)
    np.testing.assert_array_equal(truth.components.rates, [30, 100, 150])


def test_collapsed_em_gives_no_answer(plane: Comparison) -> None:
    collapsed = replace(plane.mle.climb, status=Status.COLLAPSED, reason="component 1 is empty")
    broken = replace(plane, mle=replace(plane.mle, climb=collapsed))
    assert verdict(broken).agree is None
    assert verdict(broken).codes == ("degenerate", "imprecise")
    assert verdict(broken).fit.status == "unclear"
    assert "component 1 is empty" in verdict(broken).reasons[0].explanation


def moved(plane: Comparison, by: float) -> Comparison:
    """The comparison with all posterior means shifted."""
    components = plane.posterior.mixture.components
    assert isinstance(components, Gaussian)
    mixture = Mixture(plane.posterior.mixture.weights, Gaussian(components.means + by, components.covariances))
    return replace(plane, posterior=replace(plane.posterior, mixture=mixture))


def test_an_estimate_far_out_in_the_posterior_is_a_difference_with_a_reason(plane: Comparison) -> None:
    assert plane.verdict.agree is True
    assert plane.verdict.codes == ("agree",)
    found = verdict(moved(plane, 0.3))
    assert found.agree is False
    assert "means[" in found.sentence
    assert "outside" in found.sentence
    assert found.codes == ("non-normal-posterior",)
    assert known(found.reasons[0].evidence["largest_shift"], float) > LARGEST_SHIFT


def test_an_estimate_that_is_no_maximum_is_not_compared(plane: Comparison) -> None:
    mixture = plane.mle.mixture
    assert isinstance(mixture.components, Gaussian)
    shifted = Mixture(mixture.weights, Gaussian(mixture.components.means + 0.2, mixture.components.covariances))
    found = verdict(replace(plane, mle=replace(plane.mle, mixture=shifted)))
    assert found.agree is None
    assert "em-not-converged" in found.codes


def test_chains_that_disagree_give_no_answer(plane: Comparison) -> None:
    posterior = plane.posterior
    means = posterior.mixture.components.arrays()["means"].copy()
    means[0] += 3.0
    components = Gaussian(means, posterior.mixture.components.arrays()["covariances"])
    stuck = replace(posterior, mixture=Mixture(posterior.mixture.weights, components))
    found = verdict(replace(plane, posterior=stuck))
    assert found.agree is None
    assert "labels-unresolved" in found.codes or "chains-disagree" in found.codes


@pytest.fixture(scope="module")
def plane() -> Comparison:
    """Two well-separated components and enough invented draws to settle R-hat and the effective sample size."""
    truth = Mixture(np.array([0.4, 0.6]), Gaussian(np.array([[0.0, 1.0], [9.0, 9.0]]), np.array([np.eye(2)] * 2)))
    x, _ = truth.sample(1000, np.random.default_rng(1))
    data = Data.of(x, name="plane")
    return invented(data, Model.of(data, "gaussian", 2, "full"), draws=1000)


@pytest.mark.parametrize(
    ("family", "components", "covariance"),
    [("poisson", 2, None), ("gaussian", 2, "full"), ("gaussian", 2, "tied"), ("gaussian", 3, "spherical")],
)
def test_both_sides_are_proved_to_be_one_model(family: str, components: int, covariance: str | None) -> None:
    rng = np.random.default_rng(11)
    x = rng.poisson(rng.choice([3.0, 15.0], 150)) if family == "poisson" else rng.normal(size=(150, 2)) * [1, 5]
    if family == "gaussian":
        x = x + rng.choice([0.0, 8.0], size=(150, 1))
    found = prove_for(fit(x, family, components, covariance=covariance), np.random.default_rng(1))
    assert found.holds
    assert len(found.em) == 6


def test_a_different_model_does_not_pass_for_the_same() -> None:
    """The proof must be able to fail: against a model of other data, and away from the maximum."""
    data = scenario("gaussian-two").data
    fitted = fit(data, "gaussian", 2, mixing="equal")
    model, prior = fitted.model, fitted.model.prior(data)
    other = Data.of(data.values[:, 0] + 1e-6)
    wrong = LogLikelihood(build(other, model, prior, "textbook"), model, prior)
    right = LogLikelihood(build(data, model, prior, "fused"), model, prior)
    points = [prior.sample(np.random.default_rng(3))]
    with pytest.raises(EquivalenceError, match="not the same model"):
        prove(fitted, points, wrong, right)
    textbook = LogLikelihood(build(data, model, prior, "textbook"), model, prior)
    assert prove(fitted, [], textbook, right).holds
    nearly = fitted.mixture.components
    assert isinstance(nearly, Gaussian)
    moved = Mixture(fitted.mixture.weights, Gaussian(nearly.means + np.array([[0.01], [0.0]]), nearly.covariances))
    likelihood = np.append(fitted.climb.log_likelihood, moved.log_likelihood(data.values))
    away = replace(fitted, mixture=moved, climb=replace(fitted.climb, log_likelihood=likelihood))
    with pytest.raises(EquivalenceError, match="Newton step"):
        prove(away, [], textbook, right)


def test_a_data_frame_names_its_features() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 2)), columns=["eruptions", "waiting"])
    fitted = fit(frame, "gaussian", 1)
    assert "means[1,eruptions]" in fitted.parameters
    assert Model.of(fitted.data, "gaussian", 1) == fitted.model


def test_a_rate_of_zero_is_proved_by_its_likelihood_alone() -> None:
    """On the edge the logarithm in which PyMC takes its gradient is not finite; the likelihood is."""
    counts = np.concatenate([np.zeros(40), np.random.default_rng(0).poisson(20, 40)])
    found = fit(counts, "poisson", 2, starts=5)
    assert found.parameters["rates[1]"] == 0
    equivalence = prove_for(found, np.random.default_rng(1))
    assert equivalence.holds
    assert (equivalence.remaining, equivalence.gradient) == (None, None)
