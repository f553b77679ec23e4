"""Vectors in kernels do what NumPy does with as many numbers."""

import numpy as np
import pytest

from models.kernels.arithmetic import whole_vectors
from models.kernels.compiling import compiled
from models.kernels.vectors import (
    CACHE_LINE,
    ROWS,
    WIDTH,
    add_sums,
    aligned,
    larger,
    panel,
    panel_at,
    powers,
    put,
    reaches,
    total,
    vector,
    vector_at,
)


@compiled
def combined(x, number, place):
    whole_vectors()
    first, second = panel_at(x, (0, 0)), panel_at(x, (1, 0))
    put(place, (0, 0), first + second * number - first * second)
    put(place, (1, 0), larger(first, second) + panel(1.0))
    put(place, (2, 0), powers(first))
    return total(first), reaches(first, second), reaches(first, first + 1.0)


@compiled
def summed(x, sums):
    a, b = vector_at(x, (0, 0)), vector_at(x, (1, 0))
    add_sums(sums, (1, 1), a, b, a * b, vector(2.0))


def test_panels_are_added_multiplied_and_compared_number_by_number():
    x = np.random.default_rng(0).normal(size=(2, ROWS))
    place = np.zeros((3, ROWS))
    sum_of_all, any_reaches, one_more = combined(x, 3.0, place)
    np.testing.assert_allclose(place[0], x[0] + 3 * x[1] - x[0] * x[1], rtol=0, atol=1e-14)
    np.testing.assert_array_equal(place[1], np.maximum(x[0], x[1]) + 1)
    assert sum_of_all == pytest.approx(x[0].sum(), abs=1e-13)
    assert any_reaches
    assert not one_more


def test_powers_have_all_digits_and_are_zero_where_they_count_as_zero():
    exponents = -np.concatenate([[0, 0.5, 1, 699.9, 700.1, 1e10], np.geomspace(1e-9, 650, ROWS - 6)])
    place = np.zeros((3, ROWS))
    combined(np.stack([exponents, exponents]), 1.0, place)
    expected = np.where(exponents > -700, np.exp2(exponents), 0)
    # The polynomial of degree eleven is evaluated in a few roundings.
    np.testing.assert_allclose(place[2], expected, rtol=4 * np.finfo(float).eps, atol=0)


def test_what_is_no_number_is_not_below_a_floor():
    x = np.zeros((2, ROWS))
    x[0, 3], x[1] = np.nan, 5.0
    assert combined(x, 1.0, np.zeros((3, ROWS)))[1]
    x[0, 3] = 4.0
    assert not combined(x, 1.0, np.zeros((3, ROWS)))[1]


def test_four_sums_are_added_to_four_places():
    x, sums = np.random.default_rng(0).normal(size=(2, WIDTH)), np.ones((3, 6))
    summed(x, sums)
    expected = np.ones((3, 6))
    expected[1, 1:5] += [x[0].sum(), x[1].sum(), (x[0] * x[1]).sum(), 2 * WIDTH]
    np.testing.assert_allclose(sums, expected, rtol=1e-13)


def test_rows_begin_where_a_cache_line_does():
    @compiled
    def made(rows, columns):
        return aligned(rows, columns)

    for rows in range(1, 9):
        found = made(rows, ROWS)
        assert found.shape == (rows, ROWS)
        assert found.ctypes.data % CACHE_LINE == 0
        assert not found.any()
