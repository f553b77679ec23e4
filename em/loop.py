"""The loop: E-step and M-step in turn until the limit is near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models import Array, Data, Expectation, Mixture

from .e_step import e_step
from .m_step import MStep


class Status(StrEnum):
    """How a climb ended; *outrun* is a start that was left after a short run because others were ahead of it."""

    CONVERGED = "converged"
    OUT_OF_STEPS = "out of steps"
    COLLAPSED = "collapsed"
    OUTRUN = "outrun"


@dataclass(frozen=True)
class Climb:
    """One run of EM from one start.

    ``log_likelihood`` and ``objective`` (log-likelihood, with a prior plus log p(θ)) hold one entry for each visited
    mixture, the start first, so that their last entries belong to ``mixture``. ``remaining`` estimates in nats how far
    below its limit the objective stopped. ``path`` holds every visited mixture when it was asked for.
    """

    mixture: Mixture
    log_likelihood: Array
    objective: Array
    status: Status
    remaining: float
    reason: str | None = None
    path: tuple[Mixture, ...] = ()

    @property
    def steps(self) -> int:
        """The number of EM steps taken."""
        return len(self.objective) - 1


def climb(
    data: Data,
    start: Mixture,
    m_step: MStep,
    tolerance: float,
    max_steps: int,
    keep_path: bool = False,
    on_step: Callable[[int], None] | None = None,
) -> Climb:
    """Run EM until its objective is within ``tolerance`` nats of the limit, collapses, or ``max_steps`` are taken."""
    mixture, path = start, [start] if keep_path else []
    log_likelihood: list[float] = []
    objective: list[float] = []
    while True:
        expectation = e_step(data, mixture)
        log_likelihood.append(expectation.log_likelihood)
        objective.append(expectation.log_likelihood + _log_prior(m_step, mixture))
        remaining = distance_to_limit(objective)
        status, reason = _judge(expectation, mixture, m_step, remaining <= tolerance, len(objective) > max_steps)
        if status is not None:
            break
        mixture = m_step(expectation.statistics)
        if keep_path:
            path.append(mixture)
        if on_step is not None:
            on_step(len(objective))
    return Climb(mixture, np.array(log_likelihood), np.array(objective), status, remaining, reason, tuple(path))


def distance_to_limit(objective: list[float]) -> float:
    """How far the last value is below the limit of the sequence, by Aitken's extrapolation, in nats.

    Near its limit EM gains a constant share r of what is left with each step (McLachlan and Krishnan 2008, section
    4.9): with the gains a, then b, of m steps each, b/a = rᵐ, and b²/(a−b) is still to come. A span of m steps tells
    something when its gain shrinks by more than the rounding of the objective; of the two shortest such spans the more
    careful counts. When no span does, and the gain itself is lost in rounding, the limit is as near as can be seen.
    """
    if len(objective) < 4:
        return np.inf
    rounding = 8 * np.finfo(float).eps * (1 + abs(objective[-1]))
    distances: list[float] = []
    for span in (1, 10, 100, 1000, 10_000):
        if len(objective) <= 2 * span or len(distances) == 2:
            break
        earlier = objective[-1 - span] - objective[-1 - 2 * span]
        later = objective[-1] - objective[-1 - span]
        if abs(earlier - later) > rounding:
            distances.append(float(later**2 / (earlier - later)) if earlier > later > 0 else np.inf)
    still = len(objective) > 10 and abs(objective[-1] - objective[-11]) <= rounding
    return max(distances, default=0.0 if still else np.inf)


def _judge(
    expectation: Expectation, mixture: Mixture, m_step: MStep, near: bool, exhausted: bool
) -> tuple[Status | None, str | None]:
    reason = m_step.collapse(mixture, expectation.statistics)
    if reason is not None or not np.isfinite(expectation.log_likelihood):
        return Status.COLLAPSED, reason or "the log-likelihood is not finite"
    if near:
        return Status.CONVERGED, None
    return (Status.OUT_OF_STEPS, None) if exhausted else (None, None)


def _log_prior(m_step: MStep, mixture: Mixture) -> float:
    return 0.0 if m_step.prior is None else float(m_step.prior.log_density(mixture))
