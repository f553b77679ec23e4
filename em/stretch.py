"""Stretches of plain EM: many steps in compiled code, whose last point is looked at as any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models import CHUNK_ROWS, Array, Data, Expectation, Mixture, Rows, Statistics, concatenated

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
        expectation = e_step(self._data, mixture)
        collapse = self.m_step.collapse(mixture, expectation.statistics)
        return _point(mixture, expectation, float(self._log_prior(mixture)), collapse)

    def stretch(self, mixture: Mixture, length: int) -> Stretch:
        """The point of the mixture and up to ``length - 1`` of those to which plain EM leads.

        It is that one point where :attr:`takes_stretches` is false, and from where a component is not regular.
        """
        found = next(iter(self.stretches([mixture], length))) if length > 1 else None
        if found is None:
            return Stretch.of(self(mixture))
        self.count += len(found.objective)
        return found

    def stretches(self, mixtures: Sequence[Mixture], length: int, tolerance: float = -1.0) -> list[Stretch | None]:
        """The stretch from each of several mixtures, which ends where its limit may be within ``tolerance``.

        There is none where no step can be taken in compiled code. None of them is counted.
        """
        if not isinstance(self._data, Data) or not self.takes_stretches:
            return [None] * len(mixtures)
        starts = concatenated([mixture[None] for mixture in mixtures])
        runs = self.m_step.runs(self._data, starts, length, tolerance)
        return [self._stretch(mixture, *run) for mixture, run in zip(mixtures, runs, strict=True)]

    @property
    def fixed(self) -> tuple[int, ...]:
        """The components that known labels name."""
        return self._data.fixed

    @property
    def takes_stretches(self) -> bool:
        """Whether steps are taken in compiled code: not on large data, whose steps take long, nor where labels are known."""
        return isinstance(self._data, Data) and self._data.rows <= CHUNK_ROWS and not self._data.labels

    def _stretch(
        self, mixture: Mixture, log_likelihood: Array, visited: Mixture, statistics: Statistics
    ) -> Stretch | None:
        if not len(log_likelihood):
            return None
        log_prior = np.broadcast_to(self._log_prior(visited), log_likelihood.shape)
        last = mixture if len(log_likelihood) == 1 else visited[-1]
        # Compiled steps visit regular components only.
        emptied, expectation = self.m_step.emptied(statistics), Expectation(float(log_likelihood[-1]), statistics)
        point = _point(last, expectation, float(log_prior[-1]), emptied)
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


def _point(mixture: Mixture, expectation: Expectation, log_prior: float, collapse: str | None) -> Point:
    if collapse is None and not np.isfinite(expectation.log_likelihood):
        collapse = "the log-likelihood is not finite"
    return Point(mixture, expectation, expectation.log_likelihood + log_prior, collapse)
