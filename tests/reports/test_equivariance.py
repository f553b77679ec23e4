"""For data A x + b a comparison says the same, draws the transformed draws, and weighs the same evidence."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from bayes import evidence, pareto_k, sample
from em import fit
from models import Array, Data, NormalInverseWishart
from reports import choose
from reports.judging.comparison import Comparison, compare
from tests.em.test_equivariance import ROWS

# A matrix that mixes the features and turns one of them, units, and an origin (in units).
TURNED = np.array([[0.3, 2.0], [-1.5, 0.7]])
UNITS = [(1e-9, 0.0), (1e9, 0.0), (1.0, 1e7), (-1e-12, 0.0)]


@cache
def compared(scale: float, shift: float) -> Comparison:
    return compare(scale * (ROWS[:, 0] + shift), "gaussian", 2, draws=600, tune=400, chains=2, starts=6, seed=2)


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "shift"), UNITS)
def test_a_comparison_says_the_same(scale: float, shift: float) -> None:
    ours, theirs = compared(1.0, 0.0), compared(scale, shift)
    assert theirs.verdict.status == ours.verdict.status
    assert theirs.verdict.codes == ours.verdict.codes
    frame, its_frame = ours.model.frame(ours.data), theirs.model.frame(theirs.data)
    draws = frame.of_mixture(ours.posterior.mixture).ascending()
    others = its_frame.of_mixture(theirs.posterior.mixture).ascending()
    for name, array in draws.arrays().items():
        # Chains that rounding has driven apart are two samples: five standard errors of a difference, at an effective
        # size of a quarter of the 1200 draws or more.
        error = 5 * array.std(axis=(0, 1)) * np.sqrt(2 / 300)
        assert (np.abs(others.arrays()[name].mean(axis=(0, 1)) - array.mean(axis=(0, 1))) <= error).all()
    for one, other in zip(ours.distances, theirs.distances, strict=True):
        assert other.name == one.name
        # EM's distance moves with the mean over the draws, by a small share of what a typical draw is away.
        assert abs(other.em - one.em) <= 0.5 * one.median
    in_nats = len(ROWS) * np.log(abs(scale))
    weighed, weighed_theirs = evidence(ours.posterior), evidence(theirs.posterior)
    error = 5 * np.hypot(weighed.standard_error, weighed_theirs.standard_error)
    assert weighed_theirs.log_evidence + in_nats == pytest.approx(weighed.log_evidence, abs=error)


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "shift"), [(1e-9, 0.0), (1.0, 1e7)])
def test_a_choice_says_the_same(scale: float, shift: float) -> None:
    """Densities are per unit: each criterion moves by the logarithm of it for each observation, and none by more."""
    settings = {"draws": 300, "tune": 300, "chains": 2, "starts": 5, "seed": 3}
    ours, theirs = (
        choose(x, "gaussian", components=(1, 2), **settings)  # type: ignore[arg-type]
        for x in (ROWS[:, 0], scale * (ROWS[:, 0] + shift))
    )
    assert theirs.agreement == ours.agreement
    in_nats = len(ROWS) * np.log(scale)
    table, other = ours.table, theirs.table
    # Where EM stops leaves 1e-8 nats, and the digits that a shift of 1e7 spreads takes away some 1e-6 of a spread.
    for name, factor in (("log_likelihood", 1.0), ("aic", -2.0), ("bic", -2.0), ("icl", -2.0)):
        np.testing.assert_allclose(other[name] + factor * in_nats, table[name], atol=1e-3)
    # Of 600 draws the score is known to some tenths of a nat, and the evidence to as much.
    for name in ("loo", "log_evidence"):
        np.testing.assert_allclose(other[name] + in_nats, table[name], atol=1.0)


def k_of(x: Array, structure: str) -> float:
    data = Data.of(x)
    found = fit(data, "gaussian", 2, covariance=structure, starts=6)
    prior = found.model.prior(data)
    return pareto_k(data, found.model, prior, found.mixture, np.random.default_rng(0))


@pytest.mark.slow
@pytest.mark.parametrize("structure", ["full", "spherical"])
def test_so_does_its_pareto_k(structure: str) -> None:
    """Whatever matrix the structure allows: the draws are the same ones, up to where EM stops."""
    rotation = np.array([[0.6, -0.8], [0.8, 0.6]])
    matrix = 1e-6 * (TURNED if structure == "full" else rotation)
    assert k_of(ROWS @ matrix.T + 1e-3, structure) == pytest.approx(k_of(ROWS, structure), abs=0.02)


@pytest.mark.slow
def test_draws_are_kept_as_the_data_were_written() -> None:
    """The variables of the posterior are those of PyMC's model of these data, and belong to one another."""
    posterior = sample(1e3 + ROWS @ TURNED.T, "gaussian", 2, prior="conjugate", draws=200, tune=200, chains=2, seed=1)
    kept = posterior.tree["posterior"]
    assert kept["means"].mean() > 900
    prior = posterior.prior.components
    assert isinstance(prior, NormalInverseWishart)
    factor = np.linalg.cholesky(prior.scale)
    below, diagonal = kept["bartlett_below"].to_numpy(), np.sqrt(kept["bartlett_diagonal"].to_numpy())
    bartlett = diagonal[..., None] * np.eye(2)
    bartlett[..., 1, 0] = below[..., 0]
    factors = factor @ np.linalg.inv(bartlett)
    # The covariance is L B⁻¹ (L B⁻¹)ᵀ (bayes/bartlett.py).
    expected = factors @ np.swapaxes(factors, -1, -2)
    np.testing.assert_allclose(kept["covariances"].to_numpy(), expected, rtol=1e-8, atol=1e-10)
