"""Rows in memory and rows in parts: one protocol, the same answers, and one refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from models import CHUNK_ROWS, Array, Batch, ChunkedData, Data, Rows, in_memory, observed, rows_of

# More rows than are taken into memory at once, and hardly two of them alike.
MANY = CHUNK_ROWS + 1001


@dataclass(frozen=True)
class ArrayPart:
    """Some rows of an array, in two batches."""

    values: Array
    weights: Array
    first: int

    def batches(self) -> Iterator[Batch]:
        half = len(self.values) // 2
        yield Batch(self.values[:half], self.weights[:half])
        yield Batch(self.values[half:], self.weights[half:])


def both(rows: int = MANY) -> tuple[Data, ChunkedData]:
    """Rows in memory, and in three parts."""
    rng = np.random.default_rng(0)
    x, weights = rng.normal(5, [1, 2], size=(rows, 2)), rng.integers(1, 4, rows).astype(float)
    cuts = [0, rows // 5, rows // 2, rows]
    parts = [ArrayPart(x[a:b], weights[a:b], a) for a, b in pairwise(cuts)]
    return Data.of(x, weights, ("a", "b"), "points"), ChunkedData(parts, ("a", "b"), "points")


def above(least: float, values: Array) -> NDArray[np.bool_]:
    return np.asarray(values[:, 0] > least)


def test_rows_in_parts_are_rows_and_not_data() -> None:
    whole, chunked = both(100)
    kinds: list[Rows] = [whole, chunked]
    assert all(isinstance(rows, Rows) for rows in kinds)
    assert not isinstance(chunked, Data)
    assert not hasattr(chunked, "values")
    assert not isinstance(whole.values, Rows)


def test_both_give_the_same_answers() -> None:
    whole, chunked = both()
    for name in ("columns", "name", "notes", "rows", "size", "dimension", "smallest_weight", "sha256"):
        assert getattr(whole, name) == getattr(chunked, name)
    for name in ("lowest", "highest"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(chunked, name))
    # Rounding of sums over some ten thousand rows.
    for name in ("mean", "covariance"):
        np.testing.assert_allclose(getattr(whole, name), getattr(chunked, name), rtol=1e-12)
    at_once, in_parts = (rows.total(lambda data: data.weights @ data.values) for rows in (whole, chunked))
    np.testing.assert_allclose(at_once, in_parts, rtol=1e-12)
    for least in (8, 80):
        expected, found = (rows.first(partial(above, least)) for rows in (whole, chunked))
        assert (expected is None) == (least == 80)
        assert (expected and (expected[0], *expected[1])) == (found and (found[0], *found[1]))
    for nth in (0, 1, 7):
        np.testing.assert_array_equal(whole.every(nth).values, chunked.every(nth).values)
        # Rounding of one factor.
        np.testing.assert_allclose(whole.every(nth).weights, chunked.every(nth).weights, rtol=1e-14)


def test_few_rows_in_parts_compress_into_memory() -> None:
    whole, chunked = both(100)
    assert isinstance(chunked.compress(), Data)
    np.testing.assert_allclose(chunked.compress().mean, whole.mean, rtol=1e-14)
    assert both()[1].compress().rows == MANY


def test_each_entry_takes_rows_as_they_are() -> None:
    whole, chunked = both(100)
    assert rows_of(whole) is whole
    assert rows_of(chunked) is chunked
    assert observed(whole) is in_memory(whole) is whole
    assert observed([1, 2, 2]).size == 3
    for rows in (whole, chunked):
        with pytest.raises(ValueError, match="weights must be left out"):
            rows_of(rows, np.ones(100))
