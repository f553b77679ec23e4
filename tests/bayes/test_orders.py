"""The cheapest orders, against a table of all."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from bayes.orders import _beam, cheapest
from models import Array


def all_costs(costs: Array) -> Array:
    """Return the cost of every order, ascending, for each table."""
    places = range(costs.shape[-1])
    orders = np.array(list(permutations(places)))
    each = [costs[:, place][:, orders[:, place]] for place in places]
    return np.asarray(np.sort(np.sum(each, axis=0), axis=1))


def costs_of(orders: NDArray[np.intp], costs: Array) -> Array:
    rows = np.arange(len(costs))[:, None]
    each = [costs[rows, place, orders[..., place]] for place in range(costs.shape[-1])]
    return np.asarray(np.sort(np.sum(each, axis=0), axis=1))


def apart(labels: int, rng: np.random.Generator) -> Array:
    """Return squared distances of shuffled places from labels ten apart."""
    at = 10.0 * np.arange(labels) + rng.normal(size=(20, labels))
    return np.asarray(np.square(rng.permuted(at, axis=1)[..., None] - 10.0 * np.arange(labels)))


@pytest.mark.parametrize("labels", [3, 6])
def test_of_few_labels_all_orders_are_looked_at(labels: int) -> None:
    costs = np.random.default_rng(labels).exponential(size=(20, labels, labels))
    orders = cheapest(costs, 24)
    assert orders.shape == (20, min(24, len(list(permutations(range(labels))))), labels)
    np.testing.assert_allclose(costs_of(orders, costs), all_costs(costs)[:, : orders.shape[1]])


def test_of_more_labels_that_lie_apart_the_beam_loses_none_that_count() -> None:
    costs = apart(7, np.random.default_rng(1))
    orders = cheapest(costs, 24)
    assert np.array_equal(np.sort(orders, axis=-1), np.broadcast_to(np.arange(7), orders.shape))
    assert all(len({tuple(order) for order in each}) == 24 for each in orders.tolist())
    # The first, and the six exchanges of two neighbours, are the cheapest seven; the others cost hundreds.
    np.testing.assert_allclose(costs_of(orders, costs)[:, :7], all_costs(costs)[:, :7])


def test_the_beam_is_all_orders_where_it_is_as_wide() -> None:
    costs = np.random.default_rng(2).exponential(size=(10, 5, 5))
    np.testing.assert_allclose(costs_of(_beam(costs, 120), costs), all_costs(costs))


@pytest.mark.parametrize("spacing", [1.0, 2.0])
def test_of_labels_that_overlap_the_beam_keeps_the_cheapest(spacing: float) -> None:
    places = spacing * np.arange(7)
    at = np.random.default_rng(3).permuted(np.tile(places, (50, 1)), axis=1)
    at += np.random.default_rng(4).normal(size=at.shape)
    costs = np.square(at[..., None] - places)
    np.testing.assert_allclose(costs_of(cheapest(costs, 24), costs), all_costs(costs)[:, :24])
