"""Which axis of an array of means or scales is that of the components: every layout that its shape allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Array


@dataclass(frozen=True)
class Layout:
    """An array with the components first. ``last`` says that they came last, ``None`` that they have one axis or none.

    ``is_shared`` scales are one for all components.
    """

    array: Array
    last: bool | None = None
    is_shared: bool = False


def layouts_of_means(means: Array, k: int) -> list[Layout]:
    """Means of shape ``(k, d)`` as they may be meant by any of the shapes ``(k,)``, ``(d,)``, ``(k, d)``, ``(d, k)``."""
    if means.ndim < 2:
        if means.size == k:
            return [Layout(means.reshape(k, 1))]
        return [Layout(means.reshape(1, -1))] if k == 1 else []
    if means.ndim > 2:
        return []
    found = [Layout(means, False)] if len(means) == k else []
    return found + ([Layout(means.T, True)] if means.shape[1] == k and means.shape != (1, 1) else [])


def layouts_of_scales(scales: Array, k: int, d: int, may_be_matrices: bool) -> list[Layout]:
    """Scales of shape ``(k, d, d)``, diagonal where only diagonals came, in every layout that the shape allows."""
    shape, found = scales.shape, []
    if scales.size == 1:
        return [Layout(_diagonal(np.full((k, d), scales.item())), is_shared=k > 1)]
    if shape in ((k,), (k, 1)):
        found.append(Layout(_diagonal(np.broadcast_to(scales.reshape(k, 1), (k, d)))))
    elif shape in ((1, k), (d,), (1, d)) and (d == 1 or shape[-1] == d) and (shape != (d,) or k == 1 or d != k):
        rows = scales.reshape(k, 1) if d == 1 else scales.reshape(1, d)
        found.append(Layout(_diagonal(np.broadcast_to(rows, (k, d))), is_shared=d > 1 and k > 1))
    if scales.ndim == 2 and d > 1 and k > 1:
        found += [Layout(_diagonal(scales), False)] if shape == (k, d) else []
        found += [Layout(_diagonal(scales.T), True)] if shape == (d, k) else []
    if not may_be_matrices:
        return found
    if shape in ((d, d), (1, d, d)) and d > 1:
        found.append(Layout(np.broadcast_to(scales.reshape(d, d), (k, d, d)), is_shared=k > 1))
    if shape == (k, d, d) and k > 1:
        found.append(Layout(scales, False))
    if shape == (d, d, k) and (d > 1 or k > 1):
        found.append(Layout(np.moveaxis(scales, -1, 0), True))
    return found


def _diagonal(rows: Array) -> Array:
    return np.asarray(rows[..., None] * np.eye(rows.shape[-1]))
