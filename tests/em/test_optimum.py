"""One rule for the same optimum: heights that rounding and tolerance allow, and the same density."""

import numpy as np
import pytest

from em import Place, same_height
from models import Data, Gaussian, Mixture


def place(means, height=-100.0, tolerance=1e-8):
    components = Gaussian(np.array(means, dtype=float)[:, None], np.ones((2, 1, 1)))
    data = Data.of(np.array([-3.0, -1.0, 1.0, 3.0]))
    return Place(Mixture(np.array([0.7, 0.3]), components), height, data, tolerance)


@pytest.mark.parametrize(
    ("objective", "tolerance", "allowed"),
    [(-100.0, 1e-8, 1e-3), (-100.0, 1e-2, 0.1), (-1e15, 1e-8, 8 * np.finfo(float).eps * 1e15)],
    ids=["data", "tolerance", "rounding"],
)
def test_heights_are_the_same_as_far_as_data_tolerance_and_rounding_allow(objective, tolerance, allowed):
    assert same_height(objective, tolerance) == pytest.approx(allowed, rel=1e-9)


def test_a_twin_in_the_mirror_is_as_high_and_another_place():
    here, there = place([-2, 2]), place([2, -2])
    assert here.is_as_high_as(there)
    assert not here.is_same(there)
    assert here.is_same(place([-2, 2], -100.0005))
    assert not here.is_as_high_as(place([-2, 2], -100.002))
    assert here.is_same(place([-2.0001, 2]))
