"""For data A x + b EM tries the same starts, ends in the transformed estimate, and says the same about it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from em import Fit, audit, fit
from models import Array, Data, Gaussian
from tests.models.test_frame import STRUCTURES, changed_units

ROWS = np.concatenate(
    [
        np.random.default_rng(1).normal(size=(70, 2)) @ np.array([[1.0, 0.6], [0.0, 0.8]]),
        np.random.default_rng(2).normal(size=(50, 2)) @ np.array([[2.0, -0.5], [0.0, 0.7]]) + np.array([5.0, 2.0]),
    ]
)
EPSILON = float(np.finfo(float).eps)


def fitted(x: Array, structure: str) -> Fit:
    return fit(x, "gaussian", 2, covariance=structure, starts=7, seed=3)


@given(
    structure=st.sampled_from(STRUCTURES),
    d=st.integers(1, 2),
    exponent=st.floats(-12, 12),
    shift=st.floats(-9, 9),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=20, derandomize=True)
def test_the_estimate_is_the_transformed_one(structure: str, d: int, exponent: float, shift: float, seed: int) -> None:
    x = ROWS[:, :d]
    matrix = changed_units(structure, d, 10**exponent, seed)
    moved = x @ matrix.T
    away = np.sign(shift) * 10 ** abs(shift) * np.sqrt(moved.var(axis=0))
    ours, theirs = fitted(x, structure), fitted(moved + away, structure)
    in_nats = len(x) * np.linalg.slogdet(matrix)[1]
    # Numbers that far from zero have so many digits left; a start is a mean of a hundred of them.
    digits = 1e4 * EPSILON * max(1, 10 ** abs(shift))
    for one, other in zip(ours.starts, theirs.starts, strict=True):
        assert (one.kind, one.status) == (other.kind, other.status)
        # Each is within 1e-8 nats of its limit.
        assert other.objective + in_nats == pytest.approx(one.objective, abs=1e-6 + len(x) * digits)
    frame, its_frame = ours.model.frame(ours.data), theirs.model.frame(theirs.data)
    expected, found = frame.of_mixture(ours.mixture).ascending(), its_frame.of_mixture(theirs.mixture).ascending()
    for name, array in expected.arrays().items():
        # 1e-8 nats are 1e-4 standard errors, a tenth of a spread at most.
        np.testing.assert_allclose(found.arrays()[name], array, atol=1e-4 + digits)
    here, there = audit(ours), audit(theirs)
    assert here.convergence is not None
    assert there.convergence is not None
    assert there.convergence.rate == pytest.approx(here.convergence.rate, abs=1e-4 + digits)
    assert [o.hits for o in there.atlas.optima] == [o.hits for o in here.atlas.optima]
    assert len(there.degeneracy.findings) == len(here.degeneracy.findings)


def test_features_that_nearly_depend_on_one_another_are_no_collapse() -> None:
    """The floor is in their own spread: what is narrow beside the widest direction is not narrow beside the data."""
    matrix = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-5]])
    assert fitted(ROWS @ matrix.T, "full").status == fitted(ROWS, "full").status == "converged"


def test_what_doubles_cannot_hold_is_said_in_one_sentence() -> None:
    with pytest.raises(ValueError, match="varies only in its last digits"):
        fitted(ROWS[:, :1] + 1e14, "full")
    Gaussian.check(Data.of(ROWS[:, :1] + 1e11), 2, "full")
