"""Estimates on the edge: recognised, without a standard error, and with a limit from the profile likelihood."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from em import MStep, audit, fit, standard_errors
from em.edge import edges_of, on_the_edge
from models import Mixture, Poisson
from tests.known import known

RNG = np.random.default_rng(6)
# Hardly a one, so that the zeros have a component to themselves.
INFLATED = np.concatenate([np.zeros(200), np.maximum(RNG.poisson(5.0, 100), 2)])
# Nats: half of the 95 % quantile of χ²₁.
FALL = 0.5 * stats.chi2.ppf(0.95, 1)


def profile(rate):
    """The highest log-likelihood of two components of which one has this rate, by another optimiser."""

    def fall(place):
        weight, other = special.expit(place[0]), np.exp(place[1])
        density = (1 - weight) * stats.poisson.pmf(INFLATED, rate) + weight * stats.poisson.pmf(INFLATED, other)
        return -np.log(density).sum()

    return -optimize.minimize(fall, [-0.7, 1.6], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11}).fun


def test_a_rate_of_zero_has_a_limit_and_no_standard_error():
    fitted = fit(INFLATED, "poisson", 2, starts=10)
    assert fitted.parameters["rates[1]"] == 0
    assert (np.diff(fitted.climb.objective) >= -1e-9).all()
    assert fitted.log_likelihood == pytest.approx(fitted.mixture.log_likelihood(INFLATED[:, None]), rel=1e-12)
    found = standard_errors(fitted)
    row = found.table.loc["rates[1]"]
    assert np.isnan(row.standard_error)
    assert (row.lower, row.scale, found.on_the_edge) == (0, "profile", ("rates[1]",))
    # The profile is known to a millionth of a nat, of a slope of about a hundred for each unit.
    expected = optimize.brentq(lambda rate: profile(0.0) - profile(rate) - FALL, 1e-4, 0.2)
    assert row.upper == pytest.approx(expected, rel=1e-4)
    assert np.isfinite(found.table.drop(index="rates[1]")["standard_error"]).all()
    assert "rates[1]" in known(found.problem, str)
    assert "profile" in known(found.problem, str)


def test_a_rate_that_no_data_can_tell_from_zero_lies_on_the_edge():
    fitted = fit(INFLATED, "poisson", 2, starts=10)
    rates = known(fitted.mixture.components, Poisson).rates
    # A likelihood that is a ten-thousandth of a nat lower than at zero.
    near = Mixture(fitted.mixture.weights, Poisson(np.array([5e-7, rates[1]])))
    started = fit(INFLATED, "poisson", 2, start=near, max_steps=1, acceleration="none")
    assert started.parameters["rates[1]"] > 0
    assert standard_errors(started).on_the_edge == ("rates[1]",)


def test_a_small_rate_that_the_data_know_does_not():
    x = np.concatenate([np.zeros(400), np.ones(40), RNG.poisson(15.0, 100)])
    found = standard_errors(fit(x, "poisson", 2, starts=10))
    assert found.on_the_edge == ()
    assert np.isfinite(found.table["standard_error"]).all()


def test_all_counts_zero_have_the_limit_of_one_exponential():
    found = standard_errors(fit(np.zeros(20), "poisson", 1)).table.loc["rates[1]"]
    # The log-likelihood is −20λ.
    assert (found.estimate, found.lower) == (0, 0)
    assert found.upper == pytest.approx(FALL / 20, rel=1e-5)


def test_the_audit_names_the_boundary():
    summary = audit(fit(INFLATED, "poisson", 2, starts=10)).summary()
    assert "On the boundary: rates[1]" in summary
    assert "No sign of a degenerate" not in summary
    healthy = audit(fit(np.concatenate([RNG.poisson(3.0, 200), RNG.poisson(20.0, 200)]), "poisson", 2, starts=10))
    assert "boundary" not in healthy.summary()
    assert "No sign of a degenerate" in healthy.summary()


def test_parameters_are_on_the_edge_together_or_not_at_all():
    """One event that counts for next to nothing: each of the rates may be zero, but not all of them."""
    fitted = fit([0.0, 1.0], "poisson", 3, weights=[3, 1e-9], seed=0, starts=4)
    m_step = MStep(fitted.model, fitted.data)
    edge = on_the_edge(fitted.mixture, edges_of(fitted.data, fitted.mixture, m_step))
    assert np.isfinite(edge.log_likelihood(fitted.data.values)).all()
    assert audit(fitted).to_dict()
