"""Each code of the verdict by data that cause it, with its figures computed anew, and beside it data that do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy import special, stats

from em import Status, fit
from models import Data, Gaussian, Mixture, Model, Poisson, Prior
from models.priors import Gamma
from reports.judging.codes import CODES, REASON_CODES
from reports.judging.comparison import Comparison
from reports.judging.difference import Difference
from reports.judging.explanations import weakly_identified
from reports.judging.reason import Reason
from reports.judging.verdict import verdict
from tests.doubles import invented
from tests.known import known

from .gibbs import sampled


def counts(rates: list[float], n: int, weights: list[float] | None = None) -> Data:
    shares = np.array(weights or [1 / len(rates)] * len(rates))
    return Data.of(Mixture(shares, Poisson(np.array(rates))).sample(n, np.random.default_rng(1))[0])


def reason(comparison: Comparison, code: str) -> Reason:
    """The reason of that code, whose sentences have to be sentences."""
    found: dict[str, Reason] = {reason.code: reason for reason in verdict(comparison).reasons}
    assert code in found, tuple(found)
    for text in (found[code].explanation, found[code].advice):
        assert text.endswith(".")
        assert not {"nan", "inf"} & set(text.split())
    return found[code]


@pytest.fixture(scope="module")
def healthy() -> Comparison:
    """Two components that hardly overlap."""
    return sampled(counts([3.0, 15.0], 300), 2)


@pytest.fixture(scope="module")
def overlapping() -> Comparison:
    """Two components that nobody can tell apart by sixty observations."""
    return sampled(counts([4.0, 5.0], 60), 2)


@pytest.fixture(scope="module")
def line() -> Comparison:
    """Two Gaussian components far apart."""
    rng = np.random.default_rng(2)
    data = Data.of(np.concatenate([rng.normal(0, 1, 300), rng.normal(9, 1, 300)]))
    return invented(data, Model.of(data, "gaussian", 2), draws=1000)


def test_every_code_can_be_asked_for() -> None:
    assert ("agree", *REASON_CODES) == CODES


def test_healthy_data_agree(healthy: Comparison, line: Comparison) -> None:
    for comparison in (healthy, line, replace(healthy, settings=replace(healthy.settings, estimate="map"))):
        found = verdict(comparison)
        assert (found.status, found.agree, found.codes) == ("agree", True, ("agree",))
    # Each rate is a block of one direction: its logarithm. Noise alone has a length, which is taken off.
    logs = {name: np.log(draws) for name, draws in healthy.posterior.scalars.items() if name.startswith("rates")}
    for name, draws in logs.items():
        (found_block,) = [block for block in healthy.departures if block.block == name]
        error = healthy.standard_errors.table["standard_error"][name] / healthy.mle.parameters[name]
        variance = (draws.var(ddof=1) + error**2) / 2
        square = (draws.mean() - np.log(healthy.mle.parameters[name])) ** 2 / variance
        noise = draws.var(ddof=1) / variance / healthy.effective_draws
        assert found_block.shift == pytest.approx(np.sqrt(max(square - noise, 0.0)), abs=1e-6)
        assert found_block.widest == pytest.approx(draws.std(ddof=1) / error, rel=1e-6)
    assert "standard deviations (of rates[" in verdict(healthy).sentence


def test_counts_of_distinct_values_agree_as_their_rows_do(healthy: Comparison) -> None:
    few = healthy.data.compress()
    compressed = replace(healthy, data=few, posterior=replace(healthy.posterior, data=few))
    assert verdict(compressed).codes == ("agree",)


@pytest.mark.parametrize(("components", "mixing"), [(1, "free"), (2, "equal")])
def test_one_component_and_fixed_weights_agree(components: int, mixing: str) -> None:
    rng = np.random.default_rng(4)
    data = Data.of(rng.normal(0, 1, 600) + 9.0 * (np.arange(600) % 2) * (components == 2))
    comparison = invented(data, Model.of(data, "gaussian", components, mixing=mixing), draws=1000)
    assert verdict(comparison).codes == ("agree",)


def test_em_that_ran_out_of_steps(healthy: Comparison) -> None:
    start = Mixture(np.array([0.5, 0.5]), Poisson(np.array([5.0, 12.0])))
    stopped = fit(healthy.data, "poisson", 2, starts=1, start=start, acceleration="none", max_steps=2)
    assert stopped.status is Status.OUT_OF_STEPS
    found = reason(replace(healthy, mle=stopped), "em-not-converged")
    # What is left by the quadratic about the stop; a fifth more or less for the third derivatives.
    left = healthy.mle.log_likelihood - stopped.log_likelihood
    assert left > 0.005
    assert found.evidence["nats_left"] == pytest.approx(left, rel=0.2)
    assert verdict(replace(healthy, mle=stopped)).agree is None


def test_a_saddle_is_no_maximum() -> None:
    data = counts([3.0, 15.0], 300)
    comparison = sampled(data, 2)
    mean = float(data.mean[0])
    saddle = replace(comparison.mle, mixture=Mixture(np.array([0.5, 0.5]), Poisson(np.array([mean, mean]))))
    found = reason(replace(comparison, mle=saddle), "em-not-converged")
    assert "still rises" in found.explanation


@pytest.fixture(scope="module")
def two_hills() -> tuple[Comparison, Comparison]:
    """Three groups, of which EM found all; and the same with an end where it split one group and merged two."""
    rng = np.random.default_rng(0)
    data = Data.of(np.concatenate([rng.normal(0, 1, 200), rng.normal(20, 1, 200), rng.normal(24, 1, 200)]))
    best = invented(data, Model.of(data, "gaussian", 3), draws=1000)
    start = Mixture(
        np.array([0.2, 0.2, 0.6]), Gaussian(np.array([[-1.0], [1.0], [22.0]]), np.array([[[1.0]], [[1.0]], [[5.0]]]))
    )
    return best, replace(best, mle=fit(data, "gaussian", 3, starts=1, start=start))


def test_a_lower_hill_than_posterior_draws_lie_on(two_hills: tuple[Comparison, Comparison]) -> None:
    best, stuck = two_hills
    assert stuck.mle.status is Status.CONVERGED
    assert "local-optimum" not in verdict(best).codes
    found = reason(stuck, "local-optimum")
    assert found.evidence["share_that_climbs_higher"] == 1.0
    # What lies between the lower hill and the posterior is no doing of the prior's, nor of the posterior's shape.
    assert not {"prior-dominated", "non-normal-posterior"} & set(verdict(stuck).codes)
    assert found.evidence["nats_higher"] == pytest.approx(best.mle.log_likelihood - stuck.mle.log_likelihood, abs=1e-6)


def test_the_highest_hill_need_not_hold_the_posterior(two_hills: tuple[Comparison, Comparison]) -> None:
    best, stuck = two_hills
    around_the_lower = invented(best.data, best.model, draws=50, mle=stuck.mle).posterior
    found = reason(replace(best, posterior=around_the_lower), "local-optimum")
    assert (found.evidence["share_in_the_reported_basin"], found.evidence["nats_higher"]) == (0.0, 0.0)


def test_a_component_on_a_few_points_close_together(line: Comparison) -> None:
    few = np.array([5.0, 5.0005, 5.001])
    data = Data.of(np.concatenate([np.random.default_rng(3).normal(0, 2, 200), few]))
    start = Mixture(np.array([0.98, 0.02]), Gaussian(np.array([[0.0], [5.0005]]), np.array([[[4.0]], [[few.var()]]])))
    model = Model.of(data, "gaussian", 2)
    comparison = invented(data, model, mle=fit(data, "gaussian", 2, starts=1, start=start))
    found = reason(comparison, "degenerate")
    # What is far from the three points has no share in them, so that their own moments are the component's.
    assert found.evidence["ratio"] == pytest.approx(few.std() / data.values[:-3].std(), rel=0.02)
    assert found.evidence["count"] == pytest.approx(3, abs=0.1)
    assert verdict(comparison).agree is None
    assert "degenerate" not in verdict(line).codes


def test_every_start_collapsed(line: Comparison) -> None:
    climb = replace(line.mle.climb, status=Status.COLLAPSED, reason="component 1 is empty")
    found = reason(replace(line, mle=replace(line.mle, climb=climb)), "degenerate")
    assert found.evidence["collapse"] == "component 1 is empty"


def test_a_posterior_on_a_point_mass_has_no_maximum_to_hold_it(line: Comparison) -> None:
    data = Data.of(np.concatenate([np.random.default_rng(3).normal(0, 1, 170), np.full(30, 1.25)]))
    best = invented(data, Model.of(data, "gaussian", 2), draws=50)
    narrow = Gaussian(np.array([[0.0], [1.25]]), np.array([[[1.0]], [[1e-4]]]))
    on_the_mass = replace(best.mle, mixture=Mixture(np.array([0.85, 0.15]), narrow))
    posterior = invented(data, best.model, draws=50, mle=on_the_mass).posterior
    comparison = replace(best, posterior=posterior)
    found = reason(comparison, "degenerate")
    # Thirty values that are all alike: each step of EM shrinks the component on them, from every draw.
    assert found.evidence["share_of_posterior_draws_that_collapse"] == 1.0
    assert "local-optimum" not in verdict(comparison).codes
    assert "degenerate" not in verdict(line).codes


def split_r_hat(draws: np.ndarray) -> float:
    """The larger of the rank-normalised R-hats of draws and folded draws (Vehtari and others 2021, section 3)."""

    def of_ranks(values: np.ndarray) -> float:
        halves = values.reshape(2 * len(values), -1)
        ranks = stats.rankdata(halves).reshape(halves.shape)
        z = stats.norm.ppf((ranks - 0.375) / (ranks.size + 0.25))
        n = z.shape[1]
        within, between = z.var(axis=1, ddof=1).mean(), z.mean(axis=1).var(ddof=1)
        return float(np.sqrt((n - 1) / n + between / within))

    return max(of_ranks(draws), of_ranks(np.abs(draws - np.median(draws))))


def test_chains_in_different_places(healthy: Comparison) -> None:
    posterior = healthy.posterior
    rates = posterior.mixture.components.arrays()["rates"].copy()
    rates[0] *= 1.2
    mixture = Mixture(posterior.mixture.weights, Poisson(rates))
    log_likelihood = mixture.log_likelihood(healthy.data.values)
    stuck = replace(posterior, mixture=mixture, log_likelihood=log_likelihood)
    comparison = replace(healthy, posterior=stuck)
    found = reason(comparison, "chains-disagree")
    places = np.quantile(healthy.data.values, np.linspace(0.1, 0.9, 9), axis=0, method="inverted_cdf")
    told = [log_likelihood, *np.moveaxis(mixture.log_density(places), -1, 0), *stuck.scalars.values()]
    assert found.evidence["largest_r_hat"] == pytest.approx(max(map(split_r_hat, told)), rel=1e-6)
    assert verdict(comparison).agree is None
    assert verdict(healthy).agree is True


def test_few_draws_and_divergences_are_told_as_such(healthy: Comparison) -> None:
    posterior = healthy.posterior
    few = replace(posterior, mixture=posterior.mixture[:, :50], log_likelihood=posterior.log_likelihood[:, :50])
    said = reason(replace(healthy, posterior=few), "chains-disagree").explanation
    assert "independent ones" in said
    assert "diverged" not in said
    tree = posterior.tree.copy(deep=True)
    known(tree["sample_stats"]["diverging"], xr.DataArray)[0, :3] = True
    said = reason(replace(healthy, posterior=replace(posterior, tree=tree)), "chains-disagree").explanation
    assert "3 of the sampler's steps diverged" in said
    assert "R-hat" not in said


def test_components_that_coincide_have_no_labels(healthy: Comparison) -> None:
    data, rng = counts([5.0], 50), np.random.default_rng(6)
    comparison = sampled(data, 2)
    rates = 5 + 0.15 * rng.normal(size=(4, 1000, 2))
    weights = rng.dirichlet([50, 50], size=(4, 1000))
    mixture = Mixture(weights, Poisson(rates))
    alike = replace(comparison.posterior, mixture=mixture, log_likelihood=mixture.log_likelihood(data.values))
    found = reason(replace(comparison, posterior=alike), "labels-unresolved")
    # With two components an exchange costs Σ (γ₁ − γ₂)(log Q₁ − log Q₂), Q being the average of γ.
    shares = mixture.responsibilities(data.values)
    average = shares.mean(axis=(0, 1))
    costs = (shares[..., 0] - shares[..., 1]) @ np.log(average[:, 0] / average[:, 1])
    unclear = np.mean(costs < np.log(20))
    assert unclear > 0.05
    # One draw in four decides, and its share has a standard error of at most 0.016; and responsibilities are single.
    assert found.evidence["share_of_draws_with_unclear_labels"] == pytest.approx(unclear, abs=0.06)
    assert "labels-unresolved" not in verdict(healthy).codes


def test_overlap_leaves_no_information(overlapping: Comparison, healthy: Comparison) -> None:
    found = reason(overlapping, "weakly-identified")
    # Differences of 1e-5 are off by their square in the map's curvature, and by rounding of 1e-16 / 1e-5.
    assert float(found.evidence["share_of_information_left"]) == pytest.approx(1 - own_rate(overlapping), abs=1e-6)
    ratios = [ratio for block in overlapping.departures for ratio in (block.widest, block.narrowest)]
    assert found.evidence["worst_sd_ratio"] == max(ratios, key=lambda ratio: abs(np.log(ratio)))
    assert overlapping.verdict.agree is False
    # It is read from the likelihood, so that chains which have not settled leave it as it is.
    posterior = overlapping.posterior
    few = replace(posterior, mixture=posterior.mixture[:, :50], log_likelihood=posterior.log_likelihood[:, :50])
    unsettled = verdict(replace(overlapping, posterior=few))
    assert {"chains-disagree", "weakly-identified"} <= set(unsettled.codes)
    assert unsettled.agree is None
    assert 1 - healthy.audit.convergence.rate > 0.1  # type: ignore[union-attr]


@pytest.mark.parametrize(("below", "named"), [(1.9, True), (1.95, False)])
def test_an_optimum_that_is_about_as_good(healthy: Comparison, below: float, named: bool) -> None:
    """Half of 3.84, the 95 % point of chi-squared with one degree of freedom, is 1.92."""
    (first, *_), top = healthy.mle.starts, healthy.mle
    other = Mixture(np.array([0.5, 0.5]), Poisson(np.array([1.0, 30.0])))
    rival = replace(first, mixture=other, objective=float(top.climb.objective[-1]) - below, status=Status.CONVERGED)
    comparison = replace(healthy, mle=replace(top, starts=(*top.starts, rival)))
    # What the posterior and EM agree on needs no explanation.
    assert verdict(comparison).codes == ("agree",)
    found = weakly_identified(comparison, Difference(comparison))
    assert (found is not None) is named
    if found is not None:
        assert found.evidence["nats_to_the_nearest_optimum"] == pytest.approx(below)
        assert found.explanation.startswith("Another optimum of the likelihood lies only 1.9 nats away.")


def own_rate(comparison: Comparison) -> float:
    """The largest eigenvalue of the Jacobian of EM's map, the map written out and differentiated by central differences."""
    mixture, x = comparison.mle.mixture, comparison.data.values
    assert isinstance(mixture.components, Poisson)

    def step(place: np.ndarray) -> np.ndarray:
        joint = np.array([place[0], 1 - place[0]]) * stats.poisson.pmf(x, place[1:])
        shares = joint / joint.sum(axis=1, keepdims=True)
        return np.append(shares[:, 0].mean(), (shares * x).sum(axis=0) / shares.sum(axis=0))

    limit = np.append(mixture.weights[0], mixture.components.rates)
    jacobian = [(step(limit + e) - step(limit - e)) / 2e-5 for e in 1e-5 * np.eye(3)]
    return float(np.abs(np.linalg.eigvals(np.array(jacobian))).max())


def one_rate(x: list[float], prior: Gamma) -> tuple[Comparison, Gamma]:
    """One Poisson component, whose posterior is a Gamma distribution."""
    comparison = sampled(Data.of(np.array(x)), 1, Prior(prior, Model("poisson", 1)))
    return comparison, Gamma(prior.shape + sum(x), prior.rate + len(x))


def test_a_strong_wrong_prior(healthy: Comparison) -> None:
    x = [4.0, 6.0] * 10
    comparison, exact = one_rate(x, Gamma(400.0, 40.0))
    found = reason(comparison, "prior-dominated")
    sd = np.sqrt(exact.shape) / exact.rate
    # A standard deviation from 4000 draws is off by 1.1 %; three times that.
    assert found.evidence["pull"] == pytest.approx(((exact.shape - 1) / exact.rate - 5) / sd, rel=0.035)
    assert found.evidence["shift_of_the_mean"] == pytest.approx((exact.shape / exact.rate - 5) / sd, rel=0.035)
    assert "from 5 to" in found.explanation
    milder, _ = one_rate(x, Gamma(1.0, 0.1))
    assert verdict(milder).reasons == verdict(healthy).reasons == ()
    # Numbers that are all four or six vary less than counts do.
    assert verdict(milder).fit.codes == ("underdispersed",)


def test_data_that_hardly_narrow_the_prior() -> None:
    prior = Gamma(4.0, 1.0)
    comparison, exact = one_rate([3.0, 5.0], prior)
    found = verdict(comparison)
    assert {"imprecise", "prior-sensitive"} <= set(found.codes)
    assert found.fit.status == "unclear"
    # Cov(log λ, (a − 1) log λ − b λ) under the posterior Gamma(A, B): (a − 1) ψ′(A) − b / B.
    variance = special.polygamma(1, exact.shape)
    pull = ((prior.shape - 1) * variance - prior.rate / exact.rate) / np.sqrt(variance)
    # A covariance from 4000 draws has a standard error of 0.016 times the two deviations, of which one is 0.6 or less.
    assert found.prior.evidence["largest_pull"] == pytest.approx(pull, abs=0.04)
    assert found.precision.evidence["largest_spread"] == pytest.approx(np.sqrt(variance), rel=0.05)
    plenty = verdict(one_rate([3.0, 5.0] * 40, prior)[0])
    assert not {"imprecise", "prior-sensitive"} & set(plenty.codes)


def test_a_posterior_that_is_skewed_in_its_logarithm_alone_agrees() -> None:
    """Two events in twenty-four: skewed as a rate, and hardly so as its logarithm, on which it is judged."""
    x = [0.0] * 22 + [1.0] * 2
    comparison, exact = one_rate(x, Gamma(1.0, 0.5))
    found = verdict(comparison)
    assert found.status == "agree"
    assert "imprecise" in found.codes
    away = special.digamma(exact.shape) - np.log(exact.rate) - np.log(2 / 24)
    between = (special.polygamma(1, exact.shape) + 1 / 2) / 2
    # The mean of 4000 draws has a standard error of 0.016 standard deviations.
    assert comparison.departures[0].shift == pytest.approx(away / np.sqrt(between), abs=0.05)


def test_no_event_at_all_is_an_edge_and_no_bell_curve() -> None:
    comparison, exact = one_rate([0.0] * 24, Gamma(1.0, 0.5))
    found = reason(comparison, "non-normal-posterior")
    curve = stats.gamma(exact.shape, scale=1 / exact.rate)
    # Mean and median of 4000 draws, each with a standard error of about 0.016 standard deviations.
    assert found.evidence["largest_asymmetry"] == pytest.approx((curve.mean() - curve.median()) / curve.std(), abs=0.05)
    assert "edge of the range" in found.explanation
