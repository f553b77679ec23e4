"""The loop: E-step and M-step in turn until the limit is near."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models import Array, Data, Mixture

from .ascent import Ascent, Point, rounding_of
from .e_step import e_step
from .m_step import MStep

ACCELERATIONS = ("quasi-newton", "none")
# EM's decline is geometric when the last ratios of its gains differ by no more than this.
STEADY = 0.01
# Far from the limit the hill that EM will end on is not settled yet: acceleration waits until no more is left to climb
# than a nat, or than this share of what was climbed.
NEAR, SHARE = 1.0, 0.03
# After a failed attempt plain EM goes on until it has taken so many times the steps.
PATIENCE = 2


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
    below its limit the objective stopped. ``e_steps`` counts the passes over the data. ``path`` holds every visited
    mixture when it was asked for.
    """

    mixture: Mixture
    log_likelihood: Array
    objective: Array
    status: Status
    remaining: float
    e_steps: int
    reason: str | None = None
    path: tuple[Mixture, ...] = ()

    @property
    def steps(self) -> int:
        """The number of steps taken, be they EM's own or accelerated."""
        return len(self.objective) - 1


def climb(
    data: Data,
    start: Mixture,
    m_step: MStep,
    tolerance: float,
    max_steps: int,
    acceleration: str = "none",
    keep_path: bool = False,
    on_step: Callable[[int], None] | None = None,
) -> Climb:
    """Run EM until it is within ``tolerance`` nats of its limit, collapses, or has taken ``max_steps``."""
    evaluate = Evaluation(data, m_step)
    points = plain_steps if acceleration == "none" else accelerated_steps
    log_likelihood, objective, path = [], [], []
    for point, remaining in points(evaluate(start), evaluate, m_step, tolerance):
        log_likelihood.append(point.expectation.log_likelihood)
        objective.append(point.objective)
        if keep_path:
            path.append(point.mixture)
        status = _judge(point, remaining <= tolerance, len(objective) > max_steps)
        if status is not None:
            break
        if on_step is not None:
            on_step(len(objective))
    return Climb(
        point.mixture,
        np.array(log_likelihood),
        np.array(objective),
        status or Status.OUT_OF_STEPS,
        remaining,
        evaluate.count,
        point.collapse,
        tuple(path),
    )


class Evaluation:
    """The E-step as a function of the mixture alone; ``count`` says how often it was done."""

    def __init__(self, data: Data, m_step: MStep) -> None:
        self._data, self._m_step = data, m_step
        self.count = 0

    def __call__(self, mixture: Mixture) -> Point:
        """The mixture with what the E-step finds there, and why EM cannot go on from it if it cannot."""
        self.count += 1
        expectation = e_step(self._data, mixture)
        log_prior = 0.0 if self._m_step.prior is None else float(self._m_step.prior.log_density(mixture))
        collapse = self._m_step.collapse(mixture, expectation.statistics)
        if collapse is None and not np.isfinite(expectation.log_likelihood):
            collapse = "the log-likelihood is not finite"
        return Point(mixture, expectation, expectation.log_likelihood + log_prior, collapse)


def plain_steps(point: Point, evaluate: Evaluation, m_step: MStep, tolerance: float) -> Iterator[tuple[Point, float]]:
    """The points that EM visits, the start first, each with an estimate of what is left to climb in nats."""
    objective: list[float] = []
    while True:
        objective.append(point.objective)
        yield point, distance_to_limit(objective)
        point = evaluate(m_step(point.expectation.statistics))


def accelerated_steps(
    point: Point, evaluate: Evaluation, m_step: MStep, tolerance: float
) -> Iterator[tuple[Point, float]]:
    """The same with quasi-Newton steps from where EM's gains have settled, for as long as these can be trusted.

    Only what was found from differences of gradients counts as near the limit, or a gain that is lost in rounding.
    """
    objective: list[float] = []
    history: list[float] = []
    steps, next_attempt = 0, 0
    while True:
        objective.append(point.objective)
        ahead: list[tuple[Point, float]] = []
        rise = predicted_rise(objective, tolerance)
        if rise is not None and steps >= next_attempt:
            chart = m_step.chart(point.mixture, point.expectation.statistics)
            ahead = Ascent(point, chart, evaluate).run(tolerance, ceiling=point.objective + 2 * rise)
            next_attempt = PATIENCE * steps
        if ahead:
            yield from ahead
            point = ahead[-1][0]
            objective = [point.objective]
            history.extend(visited.objective for visited, _ in ahead)
        else:
            history.append(point.objective)
            yield point, 0.0 if lost_in_rounding(history) else np.inf
        point = evaluate(m_step(point.expectation.statistics))
        steps += 1


def predicted_rise(objective: list[float], tolerance: float) -> float | None:
    """How far EM will still climb, in nats, once its gains decline geometrically; ``None`` before."""
    near = distance_to_limit(objective)
    if near <= tolerance:
        return near + rounding_of(objective[-1])
    gains = np.diff(objective[-5:])
    if len(gains) < 4 or gains.min() <= 0:
        return None
    ratios = gains[1:] / gains[:-1]
    if ratios.max() >= 1 or np.ptp(ratios) > STEADY:
        return None
    rise = float(gains[-1] * ratios.max() / (1 - ratios.max()))
    return rise if rise <= max(NEAR, SHARE * (objective[-1] - objective[0])) else None


def distance_to_limit(objective: list[float]) -> float:
    """How far the last value is below the limit of the sequence, by Aitken's extrapolation, in nats.

    Near its limit EM gains a constant share r of what is left with each step (McLachlan and Krishnan 2008, section
    4.9): with the gains a, then b, of m steps each, b/a = rᵐ, and b²/(a−b) is still to come. A span of m steps tells
    something when its gain shrinks by more than the rounding of the objective; of the two shortest such spans the more
    careful counts. When no span does, and the gain itself is lost in rounding, the limit is as near as can be seen.
    """
    if len(objective) < 4:
        return np.inf
    rounding = rounding_of(objective[-1])
    distances: list[float] = []
    for span in (1, 10, 100, 1000, 10_000):
        if len(objective) <= 2 * span or len(distances) == 2:
            break
        earlier = objective[-1 - span] - objective[-1 - 2 * span]
        later = objective[-1] - objective[-1 - span]
        if abs(earlier - later) > rounding:
            distances.append(float(later**2 / (earlier - later)) if earlier > later > 0 else np.inf)
    return max(distances, default=0.0 if lost_in_rounding(objective) else np.inf)


def lost_in_rounding(objective: list[float]) -> bool:
    """Whether the gain of the last ten steps is within the rounding of the objective."""
    return len(objective) > 10 and abs(objective[-1] - objective[-11]) <= rounding_of(objective[-1])


def _judge(point: Point, near: bool, exhausted: bool) -> Status | None:
    if point.collapse is not None:
        return Status.COLLAPSED
    if near:
        return Status.CONVERGED
    return Status.OUT_OF_STEPS if exhausted else None
