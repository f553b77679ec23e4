"""A frame takes units and origin from the data: whatever they were, the same rows come out of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Array, Data, Frame, Gaussian, Mixture, Model

ROWS = np.random.default_rng(0).standard_t(4, size=(60, 3)) @ np.array([[1, 0.5, 0], [0, 2, 1], [0, 0, 1.5]])
STRUCTURES = ("full", "tied", "diagonal", "spherical")


def changed_units(structure: str, d: int, scale: float, seed: int) -> Array:
    """A matrix that leaves models of this structure what they are."""
    rng = np.random.default_rng(seed)
    if structure == "diagonal":
        return np.asarray(scale * np.diag(rng.choice([-1, 1], d) * 10 ** rng.uniform(-3, 3, d)))
    rotation = np.linalg.qr(rng.normal(size=(d, d)))[0]
    if structure == "spherical":
        return np.asarray(scale * rotation)
    return np.asarray(
        scale * rotation @ np.diag(10 ** rng.uniform(-1, 1, d)) @ np.linalg.qr(rng.normal(size=(d, d)))[0]
    )


@given(
    structure=st.sampled_from(STRUCTURES),
    d=st.integers(1, 3),
    exponent=st.floats(-12, 12),
    shift=st.floats(-9, 9),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=60)
def test_the_same_rows_come_out_of_it(structure: str, d: int, exponent: float, shift: float, seed: int) -> None:
    x = ROWS[:, :d]
    matrix = changed_units(structure, d, 10**exponent, seed)
    moved = x @ matrix.T
    # So many spreads away, to either side.
    away = np.sign(shift) * 10 ** abs(shift) * np.sqrt(moved.var(axis=0))
    ours, theirs = Data.of(x), Data.of(moved + away)
    found = Gaussian.frame(theirs, structure).of_rows(theirs.values)
    # Rounding at that distance, in spreads, times what the condition of W makes of it: at most a hundred or so.
    digits = 1e3 * np.finfo(float).eps * max(1, 10 ** abs(shift))
    np.testing.assert_allclose(found, Gaussian.frame(ours, structure).of_rows(x), atol=digits)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_in_the_frame_the_data_have_unit_spread(structure: str) -> None:
    framed = Gaussian.frame(Data.of(ROWS), structure).of_data(Data.of(ROWS))
    np.testing.assert_allclose(framed.mean, 0, atol=1e-12)
    if structure in ("full", "tied"):
        np.testing.assert_allclose(framed.covariance, np.eye(3), atol=1e-12)
    else:
        assert np.diag(framed.covariance).mean() == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_mixture_and_its_prior_are_the_same_in_it(structure: str) -> None:
    """Densities change by the volume alone, that of the data and that of the parameters, and the way back leads back."""
    data = Data.of(1e3 + ROWS)
    model = Model.of(data, "gaussian", 2, structure)
    frame, prior = model.frame(data), model.prior(data)
    its_prior, framed = frame.of_prior(prior), frame.of_data(data)
    first, second = (prior.sample(np.random.default_rng(seed)) for seed in (1, 2))
    for mixture in (first, second):
        inside = frame.of_mixture(mixture)
        expected = mixture.log_density(data.values) - frame.log_volume
        np.testing.assert_allclose(inside.log_density(framed.values), expected, rtol=1e-8)
        back = frame.back(inside).arrays()
        for name, array in mixture.arrays().items():
            np.testing.assert_allclose(back[name], array, rtol=1e-9, atol=1e-9)
    # The volume is the same for all parameters, and leaves no trace in a difference.
    there = [float(its_prior.log_density(frame.of_mixture(mixture))) for mixture in (first, second)]
    here = [float(prior.log_density(mixture)) for mixture in (first, second)]
    assert there[0] - there[1] == pytest.approx(here[0] - here[1], rel=1e-9)


def test_counts_stay_as_they_are() -> None:
    data = Data.of([1, 2, 3, 9])
    model = Model.of(data, "poisson", 2)
    mixture = model.prior(data).sample(np.random.default_rng(0))
    frame = model.frame(data)
    assert frame.of_data(data) is data
    assert frame.of_mixture(mixture) is mixture
    assert frame.log_volume == 0


def test_equal_rows_stay_equal() -> None:
    rows = np.repeat(ROWS, 3, axis=0)
    framed = Frame.whitening(Data.of(rows)).of_rows(rows)
    assert len(np.unique(framed, axis=0)) == len(ROWS)


def test_a_mixture_of_draws_is_moved_draw_by_draw() -> None:
    data = Data.of(ROWS)
    model = Model.of(data, "gaussian", 2)
    frame, drawn = model.frame(data), model.prior(data).sample(np.random.default_rng(0), (2, 3))
    assert isinstance(drawn, Mixture)
    one = frame.of_mixture(drawn[1, 2]).arrays()
    for name, array in frame.of_mixture(drawn).arrays().items():
        np.testing.assert_allclose(array[1, 2], one[name], rtol=1e-12)


def test_rows_on_a_line_have_a_frame_all_the_same() -> None:
    data = Data.of(np.outer([0.12573022, 0.64042265, 0.3], [1.0, 2.0, -1.0]))
    frame = Frame.by_scale(data)
    # A rotation in one unit: WWᵀ is a multiple of the identity, to rounding.
    square = frame.matrix @ frame.matrix.T
    np.testing.assert_allclose(square, square[0, 0] * np.eye(3), atol=1e-12 * square[0, 0])
    # All of the spread lies along the first axis.
    assert np.abs(frame.of_rows(data.values)[:, 1:]).max() < 1e-12
