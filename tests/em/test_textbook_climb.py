"""The loop of fifteen lines is the oracle of the fast one: the same mixtures and the same log-likelihoods, step by step."""

import numpy as np
import pytest

from em import MStep, climb, textbook_climb
from tests.cases import CASES

STEPS = 12


@pytest.mark.parametrize("case", CASES, ids=str)
def test_plain_em_visits_what_the_textbook_visits(case):
    m_step = MStep(case.model, case.data)
    found = climb(case.data, case.mixture, m_step, tolerance=1e-300, max_steps=STEPS, keep_path=True)
    expected = textbook_climb(case.data, case.mixture, m_step, STEPS)[: len(found.path)]
    assert len(found.path) > 3
    # Rounding: each step multiplies an error by less than one, and a pass over n rows errs by a few √n units in the last
    # place of sums of the size of Σ|log p|.
    size = np.abs(case.mixture.log_density(case.data.values, case.data.exposure)) @ case.data.weights
    for mixture, log_likelihood, (own, exact) in zip(found.path, found.log_likelihood, expected, strict=True):
        assert log_likelihood == pytest.approx(exact, abs=1e-12 * (1 + size))
        for name, array in mixture.arrays().items():
            np.testing.assert_allclose(array, own.arrays()[name], rtol=1e-7, atol=1e-7 * np.abs(array).max())
