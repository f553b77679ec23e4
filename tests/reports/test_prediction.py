"""The held-out scores of both sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from em import Status
from reports.judging.comparison import Comparison


def test_both_sides_predict_alike_where_they_agree(poisson_comparison: Comparison) -> None:
    found = poisson_comparison.prediction
    assert found.em is not None
    assert found.difference is not None
    assert found.standard_error is not None
    assert found.difference == pytest.approx(found.em - found.posterior)
    # Two nearly equal densities: the scores differ by much less than one for each parameter, and within chance.
    assert abs(found.difference) < 1
    assert abs(found.difference) < 4 * found.standard_error
    assert found.worst_pareto_k < 0.7
    # Unseen observations score less than those that the estimate was fitted to, by about one nat a parameter (Akaike).
    penalty = poisson_comparison.em.log_likelihood - found.em
    assert penalty == pytest.approx(poisson_comparison.model.free_parameters - 1, rel=0.5)


def test_an_estimate_that_is_no_maximum_has_no_score(poisson_comparison: Comparison) -> None:
    collapsed = replace(poisson_comparison.mle.climb, status=Status.COLLAPSED, reason="component 1 is empty")
    broken = replace(poisson_comparison, mle=replace(poisson_comparison.mle, climb=collapsed))
    found = broken.prediction
    assert found.em is found.difference is found.standard_error is None
    assert np.isfinite(found.posterior)
