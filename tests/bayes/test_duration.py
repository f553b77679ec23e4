"""What is expected of the time that the chains will take: a pass's, by how many are usual; small data are not timed."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bayes import Sampling, expected_seconds
from bayes.duration import GRADIENTS_AT_FIRST, GRADIENTS_OF_TRANSITION
from models import CHUNK_ROWS, Data, Model

PASS_SECONDS = 0.02


def busy(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Passes that take a time that is known, and the rows of each."""
    rows: list[int] = []

    def expectation(part: Data) -> None:
        rows.append(part.rows)
        busy(PASS_SECONDS)

    def candidate(*_: Any, **__: Any) -> SimpleNamespace:
        return SimpleNamespace(expectation=expectation)

    monkeypatch.setattr("bayes.duration.candidate", candidate)
    return rows


def expected(rows: int, chains: int, cores: int) -> float:
    data = Data.of(np.random.default_rng(0).normal(size=(rows, 2)))
    return expected_seconds(data, Model.of(data, "gaussian", 3), Sampling(1000, 1000, chains, cores, seed=0))


@pytest.mark.parametrize(("chains", "cores", "rounds"), [(4, 4, 1), (4, 2, 2), (3, 2, 2), (1, 2, 1)])
def test_it_is_the_time_of_a_pass_by_their_number_in_each_round_of_chains(
    passes: list[int], chains: int, cores: int, rounds: int
) -> None:
    of_chain = GRADIENTS_AT_FIRST + GRADIENTS_OF_TRANSITION * 2000
    found = expected(rows=20_000, chains=chains, cores=cores) / (rounds * of_chain)
    # It is at work at least as long as it is asked for; what its last look at the clock takes is far less than that.
    assert PASS_SECONDS <= found < 2 * PASS_SECONDS


def test_of_many_rows_a_pass_over_some_stands_for_all(passes: list[int]) -> None:
    of_chain = GRADIENTS_AT_FIRST + GRADIENTS_OF_TRANSITION * 2000
    found = expected(rows=4 * CHUNK_ROWS, chains=1, cores=1) / of_chain
    assert set(passes) == {CHUNK_ROWS}
    assert 4 * PASS_SECONDS <= found < 8 * PASS_SECONDS


def test_small_data_are_not_timed(passes: list[int]) -> None:
    assert expected(rows=100, chains=4, cores=2) == 0.0
    assert not passes


@pytest.mark.parametrize(("family", "columns", "components"), [("gaussian", 2, 3), ("poisson-product", 30, 2)])
def test_every_family_has_a_pass_to_time(family: str, columns: int, components: int) -> None:
    drawn = np.random.default_rng(0).normal(50.0, 5.0, size=(20_000, columns))
    model = Model.of(data := Data.of(drawn if family == "gaussian" else drawn.round()), family, components)
    assert expected_seconds(data, model, Sampling(1000, 1000, 4, 2, seed=0)) > 0


def test_counts_of_zero_are_timed_as_nuts_goes_over_them(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.random.default_rng(0).poisson(0.02, size=(2000, 100))
    data = Data.of(counts)
    assert data.few_above_zero is not None
    monkeypatch.setattr("models.poisson_product.sparse_product_pass", pytest.fail)
    assert expected_seconds(data, Model.of(data, "poisson-product", 2), Sampling(1000, 1000, 4, 2, seed=0)) > 0
