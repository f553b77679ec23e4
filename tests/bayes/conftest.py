"""Posteriors that several tests look at are sampled once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from bayes import Posterior, sample
from models import Array, Data, Gamma, Model, NormalInverseWishart, Prior, scenario
from tests.bayes.problems import LIKELIHOODS


@pytest.fixture(scope="session", params=LIKELIHOODS)
def likelihood(request: pytest.FixtureRequest) -> str:
    """Each way to write the likelihood in PyMC."""
    return str(request.param)
