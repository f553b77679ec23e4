"""Healthy data in any unit, with a component too many or two, end in a report."""

from __future__ import annotations

import pytest

from tests.benchmarks.simulated import Simulated, simulated


@pytest.mark.slow
@pytest.mark.parametrize("case", list(simulated(24)), ids=lambda case: case.name)
def test_a_comparison_ends_in_a_report(case: Simulated) -> None:
    """None of them is called another model; the whole loop of 200 is ``python -m tests.benchmarks.simulated``."""
    comparison = case.compare(seed=1)
    assert comparison.equivalence.holds
    assert comparison.document()["verdict"]["status"] in ("agree", "differ", "undecided")
