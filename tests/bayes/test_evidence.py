"""Bridge sampling against the exact evidence, and the labellings it takes into account against relabelled mixtures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pytest
import xarray as xr
from scipy import special, stats

from bayes import ExactPosterior, Posterior, evidence, exact_posterior, summarise
from bayes.build import point
from bayes.engine import Unconstrained
from bayes.evidence import Proposal, bridge
from bayes.labellings import Labellings
from bayes.sampler import total_log_likelihood
from models import Array, Data, Gamma, Mixture, Model, Poisson
from tests.bayes.drawn import drawn
from tests.bayes.problems import Problem
from tests.bayes.small import NUMBERS, TWO_POISSON, posterior_of
from tests.known import known


@pytest.mark.parametrize(
    "problem",
    [Problem("poisson", 3), *(Problem("gaussian", 3, 2, structure) for structure in ("full", "tied", "spherical"))],
    ids=str,
)
def test_labellings_are_those_of_relabelled_mixtures(problem: Problem) -> None:
    built = problem.build("fused")
    convert, rng = Unconstrained(built), np.random.default_rng(1)
    mixtures = [problem.prior.sample(rng) for _ in range(2)]
    points = np.array([convert(point(mixture, problem.model, problem.prior)) for mixture in mixtures])
    found = list(Labellings.of(built, 3)(points))
    assert len(found) == 6
    for labelled, order in zip(found, permutations(range(3)), strict=True):
        relabelled = [mixture.relabel(np.array(order)) for mixture in mixtures]
        expected = [convert(point(mixture, problem.model, problem.prior)) for mixture in relabelled]
        # The way to a covariance and back loses a few digits.
        np.testing.assert_allclose(labelled, expected, rtol=1e-9, atol=1e-9)


def test_the_bridge_is_the_ratio_of_two_normalising_constants() -> None:
    rng, constant = np.random.default_rng(2), 800.0
    p, q = stats.norm(1, 1), stats.norm(0, 2)
    x, y = p.rvs((4, 1000), random_state=rng), q.rvs(4000, random_state=rng)
    found = bridge(constant + p.logpdf(x) - q.logpdf(x), constant + p.logpdf(y) - q.logpdf(y))
    assert 0.005 < found.standard_error < 0.05
    assert abs(found.log_evidence - constant) < 4 * found.standard_error


def test_its_standard_error_is_the_spread_of_repetitions() -> None:
    p, q = stats.norm(1, 1), stats.norm(0, 2)
    found = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x, y = p.rvs((4, 100), random_state=rng), q.rvs(400, random_state=rng)
        found.append(bridge(p.logpdf(x) - q.logpdf(x), p.logpdf(y) - q.logpdf(y)))
    spread = np.std([one.log_evidence for one in found])
    # The standard deviation of a hundred has an error of 7 %, and the effective sample size one of some 10 %.
    assert spread == pytest.approx(np.mean([one.standard_error for one in found]), rel=0.3)


EXACT = {
    "modes apart": lambda: exact_posterior(np.random.default_rng(0).poisson(np.repeat([2, 14], 20)), "poisson", 2),
    "modes that overlap": lambda: exact_posterior(np.random.default_rng(0).poisson(5, size=40), "poisson", 2),
    "three Gaussians": lambda: exact_posterior(NUMBERS[:8], "gaussian", 3),
    "one Gaussian": lambda: exact_posterior(np.random.default_rng(0).normal(size=(30, 2)), "gaussian", 1),
}


@pytest.mark.parametrize("name", EXACT)
def test_it_is_the_exact_evidence(name: str) -> None:
    exact: ExactPosterior = EXACT[name]()
    found = evidence(drawn(exact, 500, seed=1), seed=2)
    # A tenth of a nat is far below log 2!, by which one labelling alone would be too low.
    assert found.standard_error < 0.1
    assert abs(found.log_evidence - exact.evidence) < 4 * found.standard_error


def one_labelling(components: int) -> Labellings:
    """Only the names that the draws have."""

    class Unpermuted(Labellings):
        def __call__(self, points: Array) -> Iterator[Array]:
            yield points

    return Unpermuted(components, ())


@pytest.mark.parametrize(("rates", "apart"), [((2, 14), True), ((5, 5), False)])
def test_one_labelling_lacks_the_others_and_no_constant_makes_up_for_overlap(
    rates: tuple[float, float], apart: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = exact_posterior(np.random.default_rng(0).poisson(np.repeat(rates, 20)), "poisson", 2)
    monkeypatch.setattr(Labellings, "of", lambda built, components, fixed: one_labelling(components))
    found = evidence(drawn(exact, 500, seed=1), seed=2)
    lacking = exact.evidence - found.log_evidence
    assert (abs(lacking - np.log(2)) < 4 * found.standard_error) == apart


def test_proposal_is_a_density_with_the_covariance_of_the_draws() -> None:
    rng = np.random.default_rng(3)
    draws = rng.multivariate_normal([1.0, -1.0], [[2.0, 0.8], [0.8, 1.0]], size=5000)
    labellings = Labellings(1, ((2, False, False),))
    proposal = Proposal.of(draws, labellings)
    t = stats.multivariate_t(draws.mean(axis=0), np.cov(draws.T) * 3 / 5, df=5)
    np.testing.assert_allclose(proposal.log_density(draws[:9]), t.logpdf(draws[:9]), rtol=1e-12)
    whitened = np.linalg.solve(np.linalg.cholesky(t.shape), (proposal.sample(4000, rng) - t.loc).T)
    # Each direction by itself is a Student t; two tests at a level of one in ten thousand.
    for values in whitened:
        assert stats.kstest(values, stats.t(5).cdf).pvalue > 1e-4


def seven_rates() -> tuple[Posterior, float]:
    """Return draws of seven rates so far apart that labels are known, and the evidence, both in closed form.

    With labels known the shares have a Dirichlet and the rates Gamma distributions, and the evidence is a product; under all
    7! labellings it is as many times as much.
    """
    rng = np.random.default_rng(0)
    groups = rng.poisson(np.square(9 * np.arange(7) + 6)[:, None] / 4, (7, 12)).astype(float)
    data = Data.of(groups.ravel())
    model = Model.of(data, "poisson", 7)
    prior = model.prior(data, "conjugate")
    gamma, each = known(prior.components, Gamma), prior.concentration
    sums, sizes = groups.sum(axis=1), np.full(7, 12.0)
    rates = rng.gamma(gamma.shape + sums, 1 / (gamma.rate + sizes), (4, 500, 7))
    mixture = Mixture(rng.dirichlet(each + sizes, (4, 500)), Poisson(rates))
    shapes = gamma.shape + sums
    of_rates = gamma.shape * np.log(gamma.rate) - special.gammaln(gamma.shape) + special.gammaln(shapes)
    of_rates -= shapes * np.log(gamma.rate + sizes) + special.gammaln(groups + 1).sum(axis=1)
    of_labels = special.gammaln(7 * each) - special.gammaln(7 * each + sizes.sum())
    of_labels += (special.gammaln(each + sizes) - special.gammaln(each)).sum()
    evidence = float(special.gammaln(8) + of_labels + of_rates.sum())
    log_likelihood = total_log_likelihood(mixture, data)
    return Posterior(data, model, prior, xr.DataTree(), mixture, log_likelihood), evidence


def test_seven_components_have_the_evidence_of_known_labels() -> None:
    posterior, expected = seven_rates()
    found = evidence(posterior, seed=2)
    # One labelling alone would lack log 7!, which is 8.5.
    assert found.standard_error < 0.1
    # Counts that another rate could have made are one in ten thousand, and worth a hundredth of a nat.
    assert abs(found.log_evidence - expected) < 4 * found.standard_error + 0.01


@pytest.mark.slow
def test_the_sampler_passes_the_examination() -> None:
    """NUTS, relabelling and bridge sampling, each graded by the exact posterior of the same data."""
    exact = exact_posterior(TWO_POISSON.data, "poisson", 2, prior=TWO_POISSON.prior)
    posterior = posterior_of(TWO_POISSON)
    found = evidence(posterior, seed=3)
    assert found.standard_error < 0.05
    assert abs(found.log_evidence - exact.evidence) < 4 * found.standard_error
    ascending = posterior.model.scalars(posterior.mixture.ascending(), posterior.data.columns)
    table = summarise(ascending)
    for name, row in exact.summary.iterrows():
        drawn = table.loc[str(name)]
        assert abs(drawn["mean"] - row["mean"]) < 5 * drawn["mcse_mean"], name
        for column in ("lower", "median", "upper"):
            # That many draws are below it as ought to be, within the error of a proportion.
            at = exact.marginals[str(name)].distribution(row[column])
            below = (ascending[str(name)] < row[column]).mean()
            assert abs(below - at) < 5 * np.sqrt(at * (1 - at) / drawn[["ess_bulk", "ess_tail"]].min()), name


def test_of_many_labellings_the_nearest_are_all_that_count() -> None:
    """A hundred and twenty labellings of five components, and the twenty-four that bring a point nearest."""
    problem = Problem("gaussian", 5)
    built, rng = problem.build("fused"), np.random.default_rng(4)
    labellings, p = Labellings.of(built, 5), problem.model.free_parameters
    centre = Unconstrained(built)(point(problem.prior.sample(np.random.default_rng(7)), problem.model, problem.prior))
    proposal = Proposal(centre, np.linalg.cholesky(0.01 * (np.eye(p) + 0.5)), labellings)
    shuffled = list(labellings(proposal.sample(50, rng)))[77]
    each = [proposal._of_one_labelling(labelled) for labelled in labellings(shuffled)]
    assert len(each) == 120
    expected = np.logaddexp.reduce(each) - np.log(120)
    missed = expected - proposal.log_density(shuffled)
    # The others add to a point far out in the tails, where the density falls off slowly, and there a few per cent.
    assert missed.min() + 1e-9 >= 0
    assert missed.max() < 0.1
    assert missed.mean() < 2e-3
