"""The way to the unconstrained space is taken by all chains at once, each in its own thread."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bayes.build import point
from bayes.engine import Unconstrained
from tests.bayes.problems import Problem


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_do_not_get_in_each_others_way() -> None:
    problem, rng = Problem("poisson", 3), np.random.default_rng(0)
    convert = Unconstrained(problem.build("fused"))
    points = [point(problem.prior.sample(rng), problem.model, problem.prior) for _ in range(400)]
    expected = [convert(values) for values in points]
    with ThreadPoolExecutor(4) as threads:
        np.testing.assert_array_equal(list(threads.map(convert, points)), expected)
