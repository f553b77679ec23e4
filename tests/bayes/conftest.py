"""Posteriors that several tests look at are sampled once."""

from __future__ import annotations

import pytest

from tests.bayes.problems import LIKELIHOODS


@pytest.fixture(scope="session", params=LIKELIHOODS)
def likelihood(request: pytest.FixtureRequest) -> str:
    """Each way to write the likelihood in PyMC."""
    return str(request.param)
