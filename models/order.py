"""The order of components: those that a known label names have their places, and only the others are put in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from .arrays import Array
from .known import Labels


def free_of(fixed: Sequence[int], components: int) -> Labels:
    """The components, from zero, that no label names.

    Parameters
    ----------
    fixed
        The components that a label names.
    components
        How many components there are.

    Returns
    -------
    numpy.ndarray
        The others, in their order, shape ``(free,)``.

    Examples
    --------
    >>> from models import free_of
    >>> free_of((1,), 4).tolist()
    [0, 2, 3]
    """
    return np.setdiff1d(np.arange(components), np.asarray(fixed, dtype=np.intp))


def ascending_order(location: Array, fixed: Sequence[int]) -> Labels:
    """The order, shape ``(..., k)``, in which components ascend by location, the ``fixed`` ones in their places.

    Parameters
    ----------
    location
        The location of each component, shape ``(..., k)``.
    fixed
        The components, from zero, that stay where they are.

    Returns
    -------
    numpy.ndarray
        For each place the old component, shape ``(..., k)``.

    Examples
    --------
    >>> import numpy as np
    >>> from models import ascending_order
    >>> location = np.array([9.0, 5.0, 2.0])
    >>> ascending_order(location, ()).tolist(), ascending_order(location, (0,)).tolist()
    ([2, 1, 0], [0, 2, 1])
    """
    if not fixed:
        return np.argsort(location, axis=-1, kind="stable")
    free = free_of(fixed, location.shape[-1])
    order = np.broadcast_to(np.arange(location.shape[-1]), location.shape).copy()
    order[..., free] = free[np.argsort(location[..., free], axis=-1, kind="stable")]
    return order


def assigned(costs: NDArray[np.floating], fixed: Sequence[int] = ()) -> Labels:
    """The cheapest order, shape ``(k,)``, of labels (columns) in places (rows), those that are ``fixed`` in their own.

    Parameters
    ----------
    costs
        What it costs to put each label in each place, shape ``(k, k)``.
    fixed
        The labels, from zero, that stay in their own places.

    Returns
    -------
    numpy.ndarray
        For each place the label, shape ``(k,)``.

    Examples
    --------
    >>> import numpy as np
    >>> from models import assigned
    >>> costs = np.array([[4.0, 1.0], [2.0, 3.0]])
    >>> assigned(costs).tolist(), assigned(costs, fixed=(0,)).tolist()
    ([1, 0], [0, 1])
    """
    if not fixed:
        return np.asarray(linear_sum_assignment(costs)[1])
    free, order = free_of(fixed, len(costs)), np.arange(len(costs))
    order[free] = free[linear_sum_assignment(costs[np.ix_(free, free)])[1]]
    return order
