"""Stretches of plain EM: many steps in compiled code, whose last point is looked at as any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models import CHUNK_ROWS, Array, Data, Expectation, Mixture, Rows

from .ascent import Point
from .e_step import e_step
from .m_step import MStep


@dataclass(frozen=True)
class Stretch:
    """Successive mixtures from ``first`` on, with one leading axis, log-likelihood and objective of each, the last point."""

    first: Mixture
    visited: Mixture
    log_likelihood: Array
    objective: Array
    last: Point

    @classmethod
    def of(cls, point: Point) -> Stretch:
        """The stretch that consists of one point."""
        log_likelihood, objective = np.array([point.expectation.log_likelihood]), np.array([point.objective])
        return cls(point.mixture, point.mixture[None], log_likelihood, objective, point)

    def mixtures(self) -> Iterator[Mixture]:
        """Every mixture of the stretch by itself."""
        between = (self.visited[i] for i in range(1, len(self.objective) - 1))
        yield from (self.first, *between, self.last.mixture) if len(self.objective) > 1 else (self.first,)


class Evaluation:
    """The E-step as a function of the mixture alone; ``count`` says how often it was done."""

    def __init__(self, data: Rows, m_step: MStep) -> None:
        self._data, self.m_step = data, m_step
        self.count = 0

    @property
    def products(self) -> int:
        """About how many multiplications a step takes: n·k·d²."""
        model = self.m_step.model
        return self._data.rows * model.components * model.dimension**2

    def __call__(self, mixture: Mixture) -> Point:
        """The mixture with what the E-step finds there, and why EM cannot go on from it if it cannot."""
        self.count += 1
        return self._point(mixture, e_step(self._data, mixture), self._log_prior(mixture))

    def stretch(self, mixture: Mixture, length: int) -> Stretch:
        """The point of the mixture and up to ``length - 1`` of those to which plain EM leads.

        On large data, where a step takes long, on rows that are not in memory, where labels are known, and from where a
        component is not regular it is that one point.
        """
        if length == 1 or not isinstance(self._data, Data) or self._data.rows > CHUNK_ROWS or self._data.labels:
            return Stretch.of(self(mixture))
        log_likelihood, visited, statistics = self.m_step.steps(self._data, mixture, length)
        if not len(log_likelihood):
            return Stretch.of(self(mixture))
        self.count += len(log_likelihood)
        log_prior = np.broadcast_to(self._log_prior(visited), log_likelihood.shape)
        last = mixture if len(log_likelihood) == 1 else visited[-1]
        point = self._point(last, Expectation(float(log_likelihood[-1]), statistics), float(log_prior[-1]))
        return Stretch(mixture, visited, log_likelihood, log_likelihood + log_prior, point)

    def beginning(self, stretch: Stretch, length: int) -> Stretch:
        """The first points of a stretch."""
        if length == len(stretch.objective):
            return stretch
        last = self(stretch.first if length == 1 else stretch.visited[length - 1])
        visited, log_likelihood = stretch.visited[:length], stretch.log_likelihood[:length]
        return Stretch(stretch.first, visited, log_likelihood, stretch.objective[:length], last)

    def _log_prior(self, mixture: Mixture) -> Array | float:
        return 0.0 if self.m_step.prior is None else self.m_step.prior.log_mode_density(mixture)

    def _point(self, mixture: Mixture, expectation: Expectation, log_prior: Array | float) -> Point:
        collapse = self.m_step.collapse(mixture, expectation.statistics)
        if collapse is None and not np.isfinite(expectation.log_likelihood):
            collapse = "the log-likelihood is not finite"
        return Point(mixture, expectation, expectation.log_likelihood + float(log_prior), collapse)
