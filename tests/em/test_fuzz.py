"""Any numbers at all end in an estimate whose invariants hold, or in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from em import Fit, Status, audit, fit
from models import Array
from tests.effort import EFFORT

STRUCTURES = st.sampled_from(["full", "diagonal", "spherical", "tied"])
# Rounding in a sum of a few terms; a likelihood that falls by more has fallen.
ROUNDING = 1e-9


@st.composite
def clouds(draw: st.DrawFn) -> Array:
    """A few rows at any magnitude: spread out, repeated, constant in a column, dependent, or with one far outlier."""
    n, d = draw(st.integers(1, 14)), draw(st.integers(1, 3))
    x = np.random.default_rng(draw(st.integers(0, 2**32))).normal(size=(n, d))
    if draw(st.booleans()):
        x = np.round(x, draw(st.integers(0, 2)))
    x = x * 10.0 ** draw(st.integers(-300, 300) | st.integers(-8, 8))
    if draw(st.booleans()):
        x = x + draw(st.sampled_from([1.0, -1e3, 1e8, 1e15, 1e-300, 1e300]))
    column = draw(st.integers(0, d - 1))
    blemish = draw(st.sampled_from(["none", "constant", "dependent", "outlier", "tiny", "doubled"]))
    if blemish == "constant":
        x[:, column] = x[0, column]
    elif blemish == "dependent":
        x[:, column] = 2 * x[:, 0]
    elif blemish == "outlier":
        x[-1, column] = draw(st.floats(allow_nan=False, allow_infinity=False))
    elif blemish == "tiny":
        x[:, column] *= 10.0 ** draw(st.integers(-300, 0))
    elif blemish == "doubled":
        x = np.repeat(x, 2, axis=0)
    return x


@st.composite
def counts(draw: st.DrawFn) -> Array:
    """A few counts of any size, most of them zero, all alike, or one of them far out."""
    most = draw(st.sampled_from([1, 3, 100, 10**6, 2**53]))
    x = np.array(draw(st.lists(st.integers(0, most), min_size=1, max_size=14)), dtype=float)
    if draw(st.booleans()):
        x[-1] = draw(st.sampled_from([0.0, 1.0, 1e6, 1e15, 1e300, 1.5, -1.0]))
    return x


@st.composite
def problems(draw: st.DrawFn) -> tuple[Array, dict[str, Any]]:
    """Data and the other arguments of ``fit``."""
    family = draw(st.sampled_from(["gaussian", "poisson"]))
    x = draw(clouds() if family == "gaussian" else counts())
    arguments: dict[str, Any] = {
        "family": family,
        "components": draw(st.integers(1, 4)),
        "mixing": draw(st.sampled_from(["free", "equal"])),
        "estimate": draw(st.sampled_from(["mle", "map"])),
        "seed": draw(st.integers(0, 99)),
        "starts": 4,
        "max_steps": 300,
    }
    if family == "gaussian":
        arguments["covariance"] = draw(STRUCTURES)
    if draw(st.booleans()):
        weight = st.integers(0, 3) | st.sampled_from([1e-300, 1e-9, 0.5, 1e9, 1e300])
        arguments["weights"] = np.array(draw(st.lists(weight, min_size=len(x), max_size=len(x))), dtype=float)
    return x, arguments


def holds(found: Fit) -> None:
    """Weights that sum to one, covariances that are positive definite, a likelihood that is finite and never fell."""
    arrays = found.mixture.arrays()
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert (arrays["weights"] >= 0).all()
    assert abs(arrays["weights"].sum() - 1) <= 1e-9
    assert np.isfinite(found.climb.log_likelihood).all()
    # The last step of a collapse led onto a likelihood that no double holds: it is what the status tells of.
    climbed = found.climb.objective[: -1 if found.status is Status.COLLAPSED else None]
    gains = np.diff(climbed)
    assert (gains >= -ROUNDING * np.abs(climbed[1:]) - _cancelled(found)).all()
    if "rates" in arrays:
        assert (arrays["rates"] >= 0).all()
    elif found.status is not Status.COLLAPSED:
        for covariance in arrays["covariances"]:
            np.linalg.cholesky(covariance)


def _cancelled(found: Fit) -> float:
    """A few units in the last place of what the log-likelihood is the sum of.

    Of counts x log λ and log x! cancel; of any data so do the terms of a log-density near zero. A mean far from the origin
    is off by a unit in its last place, which costs half the square of that in standard deviations.
    """
    x, seen, unit = found.data.values, found.data.weights, 8 * np.finfo(float).eps
    if found.model.family == "poisson":
        return float(unit * (seen * (1 + x[:, 0] * np.log1p(x[:, 0]))).sum())
    covariances = found.mixture.arrays()["covariances"]
    deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    correlations = covariances / (deviations[:, :, None] * deviations[:, None, :])
    # Rounding leaves an eigenvalue of zero somewhere about the last digit of one, on either side.
    smallest = np.maximum(np.linalg.eigvalsh(correlations)[:, 0].min(), np.finfo(float).eps)
    # The factor of a covariance errs by a unit in the last place over its smallest eigenvalue.
    return float(seen.sum() * (unit + np.square(unit * np.abs(x / deviations[:, None, :]).max())) / smallest)


def check(problem: tuple[Array, dict[str, Any]]) -> None:
    x, arguments = problem
    try:
        found = fit(x, **arguments)
    except ValueError as error:
        assert type(error) is ValueError  # noqa: PT017
        assert str(error).isprintable()  # noqa: PT017
        assert str(error).endswith(".")  # noqa: PT017
        return
    holds(found)
    audit(found).to_dict()


@settings(derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_any_numbers_give_an_estimate_or_a_sentence(problem: tuple[Array, dict[str, Any]]) -> None:
    check(problem)


@pytest.mark.slow
@settings(deadline=None, max_examples=2000 * EFFORT, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_many_numbers_give_an_estimate_or_a_sentence(problem: tuple[Array, dict[str, Any]]) -> None:
    check(problem)
