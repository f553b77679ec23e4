"""EM's own steps until the mean log-likelihood hardly changes: scikit-learn's rule, on the steps of this package.

The bound of a step is the mean log-likelihood of the mixture that the step began with, so that the last one lags behind the
mixture that the last step led to, as in scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models import Array, Mixture

from ..gains import PACE
from ..stretch import Evaluation


class Steps(Protocol):
    """Plain steps of EM, many at a time."""

    def __call__(self, start: Mixture, count: int) -> tuple[Array, Callable[[int], Mixture]]:
        """Total log-likelihoods of up to ``count`` mixtures, the start first, and where the step from each leads."""


def compiled_steps(evaluate: Evaluation) -> Steps:
    """The steps of this package's EM, in compiled code on small data, on all cores on large data."""

    def steps(start: Mixture, count: int) -> tuple[Array, Callable[[int], Mixture]]:
        stretch = evaluate.stretch(start, count)

        def after(step: int) -> Mixture:
            if step + 1 < len(stretch.log_likelihood):
                return stretch.visited[step + 1]
            return evaluate.m_step(stretch.last.expectation.statistics, stretch.last.mixture)

        return stretch.log_likelihood, after

    return steps


@dataclass(frozen=True)
class Run:
    """Where the steps from one start led, with the bound of each."""

    mixture: Mixture
    lower_bounds: tuple[float, ...]
    converged: bool

    @property
    def lower_bound(self) -> float:
        """The bound of the last step; minus infinity where none was taken."""
        return self.lower_bounds[-1] if self.lower_bounds else -np.inf


def run(
    steps: Steps,
    start: Mixture,
    size: float,
    tolerance: float,
    most: int,
    before: float = -np.inf,
    on_step: Callable[[int, float], None] | None = None,
) -> Run:
    """Take steps until a bound differs from the one before by less than the tolerance, at most so many.

    Parameters
    ----------
    steps
        Plain EM.
    start
        The mixture to begin with.
    size
        The number of observations, by which log-likelihoods are divided.
    tolerance
        The change of the mean log-likelihood, in nats for each observation, below which EM has converged.
    most
        The most steps to take.
    before
        The bound of the step that led to the start, if there was one.
    on_step
        Called after each step with its number, from one, and the change of the bound.
    """
    bounds: list[float] = []
    mixture, length = start, PACE.first_stretch
    while len(bounds) < most:
        log_likelihood, after = steps(mixture, min(length, most - len(bounds)))
        for step, bound in enumerate(log_likelihood / size):
            change = float(bound) - (bounds[-1] if bounds else before)
            bounds.append(float(bound))
            if on_step is not None:
                on_step(len(bounds), change)
            if abs(change) < tolerance:
                return Run(after(step), tuple(bounds), True)
        mixture = after(step)
        length = min(2 * length, PACE.long_stretch)
    return Run(mixture, tuple(bounds), False)
