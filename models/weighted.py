"""Rows that count as often as their weights say and are watched as long as their exposures, in memory."""

from __future__ import annotations

from functools import cached_property

from .arrays import Array


class Weighted:
    """What follows from ``weights`` and ``exposure``, both of shape ``(rows,)``; without exposures each is one."""

    weights: Array
    exposure: Array | None

    @cached_property
    def size(self) -> float:
        """The number of observations n: the sum of the weights."""
        return float(self.weights.sum())

    @cached_property
    def smallest_weight(self) -> float:
        """The least that a row counts."""
        return float(self.weights.min())

    @property
    def is_exposed(self) -> bool:
        """Whether rows were exposed differently, or otherwise than to one unit."""
        return self.exposure is not None

    @cached_property
    def total_exposure(self) -> float:
        """The exposure of all observations: the number of observations where each has an exposure of one."""
        return self.size if self.exposure is None else float(self.weights @ self.exposure)
