"""Weights as people give them, against division by hand."""

import numpy as np
import pytest

from models.given.weights import normalised


def test_rounded_weights_are_divided_by_their_sum_and_it_is_said():
    found, (note,) = normalised(np.array([0.36, 0.641]))
    np.testing.assert_allclose(found, [0.36 / 1.001, 0.641 / 1.001], rtol=1e-15)
    assert "1.001" in note


def test_percentages_are_recognised():
    found, (note,) = normalised(np.array([36.0, 64.0]))
    np.testing.assert_allclose(found, [0.36, 0.64], rtol=1e-15)
    assert "percentages" in note


def test_single_precision_is_not_worth_a_word():
    weights = np.array([0.1, 0.2, 0.7], dtype=np.float32).astype(float)
    found, notes = normalised(weights)
    assert found.sum() == pytest.approx(1, abs=1e-15)
    assert notes == ()


@pytest.mark.parametrize("weights", [[0.5, 0.4], [0.3601, 0.6502], [-0.1, 1.1], [np.nan, 1.0], [3.0, 4.0]])
def test_what_is_no_rounding_is_refused(weights):
    with pytest.raises(ValueError, match="weights must"):
        normalised(np.array(weights))
