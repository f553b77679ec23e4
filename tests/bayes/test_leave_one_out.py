"""The leave-one-out score against ArviZ on every observation, and against the exact posterior of all others."""

from __future__ import annotations

from importlib import import_module

import arviz as az
import numpy as np
import pytest
from arviz_stats.base import array_stats

from bayes import Posterior, bayesian_criteria, exact_posterior, leave_one_out, require_draws_for_scores, sample
from bayes.pareto_smoothing import leave_one_out_of_rows
from models import UnfeasibleError
from tests.bayes.drawn import drawn
from tests.bayes.small import TWO_POISSON, posterior_of


def test_a_count_seen_often_is_as_many_observations() -> None:
    posterior = posterior_of(TWO_POISSON)
    found = leave_one_out(posterior)
    expected = az.loo(posterior.tree, pointwise=True)
    assert len(found.pointwise) == 12
    assert found.weights.sum() == 24
    # ArviZ takes the effective sample size from the draws as sampled, with switched labels: it shifts the smoothed tail.
    assert found.elpd == pytest.approx(expected.elpd, abs=0.02)
    # √(n V) with the sample variance (Vehtari, Gelman and Gabry 2017); older releases of ArviZ divide by n, not n − 1.
    of_arviz = np.sqrt(24 * np.var(np.asarray(expected.elpd_i), ddof=1))
    assert found.standard_error == pytest.approx(of_arviz, rel=0.01)
    assert found.worst_pareto_k < 0.7


def test_rows_together_are_what_arviz_makes_of_each_by_itself() -> None:
    rng = np.random.default_rng(7)
    for draws, efficiency in ((40, 1.0), (400, 0.5), (1000, 1.3)):
        # Tails from light to so heavy that there is no mean, and one of which the lower quarter is a single value.
        log_likelihood = -np.abs(rng.standard_t(5, size=(draws, 60))) * np.linspace(0.05, 4, 60) - 3
        log_likelihood[:, 7] = np.where(np.arange(draws) < 2, -9.0, -3.0)
        found, shape = leave_one_out_of_rows(log_likelihood, efficiency)
        expected = np.array([array_stats.loo(row[None], r_eff=efficiency)[:2] for row in log_likelihood.T], dtype=float)
        # Sums of at most a thousand terms, in another order; the fit magnifies what its tail errs by.
        np.testing.assert_allclose(found, expected[:, 0], rtol=1e-12)
        np.testing.assert_allclose(shape, expected[:, 1], rtol=1e-10)
        assert np.isnan(shape[7])
        assert np.nanmax(shape) > 1


def test_a_row_whose_weights_are_all_the_same_has_no_tail_and_the_others_have_theirs() -> None:
    log_likelihood = np.random.default_rng(3).normal(size=(200, 3))
    log_likelihood[:, 1] = -2.5
    found, shape = leave_one_out_of_rows(log_likelihood, 1.0)
    assert found[1] == pytest.approx(-2.5)
    assert np.isinf(shape).tolist() == [False, True, False]


def test_it_leaves_out_one_observation_and_not_all_that_are_equal() -> None:
    counts, times = np.array([0, 1, 2, 3, 5, 8, 9, 12]), np.full(8, 5)
    exact = exact_posterior(counts, "poisson", 2, weights=times)
    found = [leave_one_out(drawn(exact, 1000, seed)) for seed in range(4)]
    pointwise = np.array([one.pointwise for one in found])
    # Four repetitions tell the Monte Carlo error of their mean; Student's t with three degrees of freedom exceeds 9
    # once in 350.
    error = pointwise.std(axis=0, ddof=1) / 2
    assert (abs(pointwise.mean(axis=0) - exact.leave_one_out) < 9 * error).all()
    without = [
        exact_posterior(np.delete(counts, i), "poisson", 2, weights=times[1:], prior=exact.prior) for i in range(8)
    ]
    of_all_equal = (exact.evidence - np.array([one.evidence for one in without])) / 5
    assert (abs(pointwise.mean(axis=0) - of_all_equal) > 9 * error).any(), "the test could not tell the two apart"


def test_a_difference_is_of_the_same_observations() -> None:
    counts, times = np.array([0, 1, 2, 9, 11, 12]), np.array([5, 4, 2, 3, 5, 1])
    scores = [leave_one_out(drawn(exact_posterior(counts, "poisson", k, weights=times), 500, 0)) for k in (1, 2)]
    difference, error = scores[1].difference(scores[0])
    assert difference == pytest.approx(scores[1].elpd - scores[0].elpd)
    each = np.repeat(scores[1].pointwise - scores[0].pointwise, times)
    assert error == pytest.approx(np.sqrt(20) * each.std(ddof=1))
    assert difference > 2 * error, "two clumps of counts are not one Poisson"


def test_an_observation_that_stands_alone_is_told_by_its_pareto_k() -> None:
    exact = exact_posterior([-1.0, -0.5, 0.0, 0.4, 0.9, 30.0], "gaussian", 1)
    assert leave_one_out(drawn(exact, 500, 0)).worst_pareto_k > 0.7


def test_criteria_choose_the_number_of_components() -> None:
    counts = np.random.default_rng(4).poisson(np.repeat([2.0, 15.0], 30))
    found = [bayesian_criteria(drawn(exact_posterior(counts, "poisson", k), 500, 0), seed=1) for k in (1, 2)]
    assert [one.components for one in found] == [1, 2]
    assert found[1].evidence.log_evidence - found[0].evidence.log_evidence > 10
    assert found[1].leave_one_out.elpd - found[0].leave_one_out.elpd > 10


def few_draws(draws: int, chains: int) -> Posterior:
    return sample(TWO_POISSON.x, "poisson", 2, draws=draws, tune=100, chains=chains)


def test_so_few_draws_as_are_allowed_are_enough_and_fewer_are_refused() -> None:
    for draws, chains in ((25, 1), (4, 7), (13, 2)):
        require_draws_for_scores(draws, chains)
        score = leave_one_out(few_draws(draws, chains))
        assert np.isfinite(score.elpd)
    with pytest.raises(UnfeasibleError, match=r"at least 25 in all .* got 12 x 2"):
        require_draws_for_scores(12, 2)


def test_however_many_rows_there_are_enough_draws_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    # The module, whose name in the package is that of its function.
    monkeypatch.setattr(import_module("bayes.leave_one_out"), "MOST_VALUES", 1)
    score = leave_one_out(few_draws(200, 2))
    assert np.isfinite(score.elpd)
