"""What is said of the time that the chains will take: a gradient's, by how many are usual; small data are not timed."""

from __future__ import annotations

import time
from typing import Any, cast

import numpy as np
import pytest

from bayes.duration import GRADIENTS_AT_FIRST, GRADIENTS_OF_TRANSITION, expected_seconds
from bayes.engine import Sampling
from bayes.sampler import PosteriorSampler
from models import Data, Model

GRADIENT_SECONDS = 0.02


def busy(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass


class Slow:
    """A sampler whose gradient takes a time that is known."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def unconstrained(self, mixture: Any, prior: Any) -> np.ndarray:
        return np.zeros(self.model.free_parameters)

    def log_density(self, data: Data, prior: Any) -> Any:
        def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
            busy(GRADIENT_SECONDS)
            return 0.0, x

        return value_and_gradient


def expected(rows: int, chains: int, cores: int) -> float:
    data = Data.of(np.random.default_rng(0).normal(size=(rows, 2)))
    model = Model.of(data, "gaussian", 3)
    sampling = Sampling(1000, 1000, chains, cores, seed=0)
    sampler = cast(PosteriorSampler, Slow(model))
    return expected_seconds(sampler, data, model.chosen_prior(None, data), sampling, None)


@pytest.mark.parametrize(("chains", "cores", "rounds"), [(4, 4, 1), (4, 2, 2), (3, 2, 2), (1, 2, 1)])
def test_it_is_the_time_of_a_gradient_by_their_number_in_each_round_of_chains(
    chains: int, cores: int, rounds: int
) -> None:
    of_chain = GRADIENTS_AT_FIRST + GRADIENTS_OF_TRANSITION * 2000
    found = expected(rows=20_000, chains=chains, cores=cores) / (rounds * of_chain)
    # It is at work at least as long as it is asked for; what its last look at the clock takes is far less than that.
    assert GRADIENT_SECONDS <= found < 2 * GRADIENT_SECONDS


def test_small_data_are_not_timed() -> None:
    assert expected(rows=100, chains=4, cores=2) == 0.0
