r"""The cheapest orders of K labels in K places, where the cost of an order is the sum of those of its places.

All K! are looked at where they are few. Of more, places are filled one after the other, and of the orders that have been
begun those are kept whose cost so far, and the least that the places still empty can cost each by itself, is lowest: a
beam (Lowerre 1976) several times as wide as the orders that are wanted. Where components lie apart that bound is the cost
itself, and the beam loses nothing.
"""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from models import Array

# Of six labels; the table of all orders of more would not fit the cache.
MOST_ORDERS = 720
# How many times as many begun orders are kept as finished ones are wanted.
WIDER = 8


def cheapest(costs: Array, most: int) -> NDArray[np.intp]:
    """Return so many orders for each table of costs, shape ``(n, most, K)``: the label in each place.

    ``costs``, shape ``(n, K, K)``, has a row for each place and a column for each label.
    All orders are returned if they are fewer.
    """
    labels = costs.shape[-1]
    most = min(most, factorial(labels))
    return _of_all(costs, most) if factorial(labels) <= MOST_ORDERS else _beam(costs, most)


def _of_all(costs: Array, most: int) -> NDArray[np.intp]:
    places = range(costs.shape[-1])
    orders = np.array(list(permutations(places)), dtype=np.intp)
    of_orders = sum((costs[:, place][:, orders[:, place]] for place in places), np.zeros((len(costs), len(orders))))
    return np.asarray(orders[np.argpartition(of_orders, most - 1, axis=1)[:, :most]])


def _beam(costs: Array, most: int) -> NDArray[np.intp]:
    n, labels = len(costs), costs.shape[-1]
    # Of what the later places cost at least the sum is a bound, whatever the labels that are left.
    later = np.cumsum(costs.min(axis=2)[:, ::-1], axis=1)[:, ::-1]
    later = np.hstack([later[:, 1:], np.zeros((n, 1))])
    orders = np.zeros((n, 1, 0), dtype=np.intp)
    used, so_far = np.zeros((n, 1, labels), dtype=bool), np.zeros((n, 1))
    for place in range(labels):
        wanted = most if place == labels - 1 else WIDER * most
        begun = np.where(used, np.inf, so_far[..., None] + costs[:, None, place]).reshape(n, -1)
        kept = min(wanted, int((~used).sum(axis=(1, 2)).min()))
        chosen = np.argpartition(begun + later[:, place, None], kept - 1, axis=1)[:, :kept]
        parent, label = np.divmod(chosen, labels)
        row = np.arange(n)[:, None]
        orders = np.concatenate([orders[row, parent], label[..., None]], axis=2)
        used = used[row, parent]
        np.put_along_axis(used, label[..., None], True, axis=2)
        so_far = np.take_along_axis(begun, chosen, axis=1)
    return orders
