"""The loop: E-step and M-step in turn until the limit is near."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import pairwise

import numpy as np

from models import Array, Mixture, Rows

from .ascent import Ascent, Point, rounding_of
from .m_step import MStep
from .optimum import SLACK
from .stretch import Evaluation, Stretch

ACCELERATIONS = ("quasi-newton", "none")


@dataclass(frozen=True)
class Pace:
    """When quasi-Newton steps take over from EM's own, and in what stretches EM's own go by.

    With these numbers accelerated EM took 75 % of plain EM's E-steps from 544 deliberately hard starts, ended elsewhere from
    six of them, and took a hundredth of the E-steps where three Poissons with rates 4, 7 and 11 overlap.
    """

    # EM's decline is geometric when the last ratios of its gains differ by no more than this.
    steady: float = 0.01
    # Far from the limit the hill that EM will end on is not settled yet: acceleration waits until no more is left to climb
    # than so many nats, or than this share of what was climbed.
    near: float = 1.0
    share: float = 0.03
    # Plain EM goes by in stretches, which double while nothing else may come in between: up to the long one, and on small
    # data up to the longest, as long as so many products take some ten milliseconds.
    first_stretch: int = 8
    long_stretch: int = 64
    longest_stretch: int = 2048
    products_of_stretch: int = 2**24
    # Before each attempt at quasi-Newton steps EM takes at least so many steps, and a share of those it has taken.
    between_attempts: int = 5
    share_ahead: int = 10
    # After a failed attempt plain EM goes on until it has taken so many times the steps.
    patience: int = 2
    # Before so many steps no two spans of gains tell how far the limit is.
    least_to_judge: int = 21


PACE = Pace()


class Status(StrEnum):
    """How a climb ended; *outrun* is a start that was left because others were ahead, further than it was going to climb.

    Examples
    --------
    >>> from em import Status, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fit(x, "poisson", 2, starts=10).status is Status.CONVERGED
    True
    >>> str(fit(x, "poisson", 2, starts=10, max_steps=1).status)
    'out of steps'
    """

    CONVERGED = "converged"
    OUT_OF_STEPS = "out of steps"
    COLLAPSED = "collapsed"
    OUTRUN = "outrun"


@dataclass(frozen=True)
class Climb:
    """One run of EM from one start.

    ``log_likelihood`` and ``objective`` (log-likelihood, with a prior plus ``Prior.log_mode_density``) hold one entry for
    each visited mixture, the start first, so that their last entries belong to ``mixture``. ``remaining`` estimates in nats
    how far below its limit the objective stopped. ``e_steps`` counts the passes over the data. ``path`` holds every visited
    mixture when it was asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from em import fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> run = fit(x, "poisson", 2, starts=10).climb
    >>> bool((np.diff(run.log_likelihood) > -1e-9).all()), round(float(run.log_likelihood[-1]), 2), str(run.status)
    (True, -24.68, 'converged')
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
    data: Rows,
    start: Mixture,
    m_step: MStep,
    tolerance: float,
    max_steps: int,
    acceleration: str = "none",
    keep_path: bool = False,
    on_step: Callable[[int], None] | None = None,
    to_beat: float = -np.inf,
    begun: Stretch | None = None,
) -> Climb:
    """Run EM until it is within ``tolerance`` nats of its limit, collapses, or has taken ``max_steps``.

    It is left, outrun, once nothing lets expect that its objective will reach ``to_beat``.

    Parameters
    ----------
    data
        The rows, in memory or in parts.
    start
        Where EM begins, without leading axes.
    m_step
        The M-step of the model, with its prior if it has one.
    tolerance
        How near the limit of the objective it has to come, in nats.
    max_steps
        The most steps that it may take.
    acceleration
        ``"none"`` for nothing but EM's own steps, or ``"quasi-newton"``.
    keep_path
        Whether to keep the mixture of every step.
    on_step
        Called with the number of each step.
    to_beat
        The objective, in nats, that it has to promise to reach.
    begun
        The first of EM's own steps, where they were taken together with those of other starts.

    Returns
    -------
    Climb
        Where the run ended, and how it came there.

    Examples
    --------
    >>> import numpy as np
    >>> from em import MStep, climb
    >>> from models import Data, Mixture, Model, Poisson
    >>> data = Data.of([0, 1, 1, 2, 8, 9, 9, 10])
    >>> start = Mixture(np.array([0.5, 0.5]), Poisson(np.array([2.0, 6.0])))
    >>> run = climb(data, start, MStep(Model("poisson", 2), data), tolerance=1e-8, max_steps=1000)
    >>> run.status, run.mixture.components.rates.round(2)
    (<Status.CONVERGED: 'converged'>, array([0.99, 8.94]))
    """
    evaluate = Evaluation(data, m_step)
    stretches = plain_stretches if acceleration == "none" else accelerated_stretches
    if m_step.model.components == 1 and m_step.is_closed:
        stretches = closed_stretches
    if begun is not None:
        stretches = partial(plain_stretches, begun=begun)
        evaluate.count = len(begun.objective)
    log_likelihood: list[float] = []
    objective: list[float] = []
    path: list[Mixture] = []
    for stretch, remaining in stretches(start, evaluate, tolerance, max_steps):
        log_likelihood.extend(stretch.log_likelihood.tolist())
        objective.extend(stretch.objective.tolist())
        if keep_path:
            path.extend(stretch.mixtures())
        point = stretch.last
        status = _judge(point, remaining <= tolerance, len(objective) > max_steps)
        if status is None and is_outrun(objective, to_beat):
            status = Status.OUTRUN
        if on_step is not None:
            for step in range(len(objective) - len(stretch.objective) + 1, len(objective) + (status is None)):
                on_step(step)
        if status is not None:
            break
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


def short_runs(data: Rows, m_step: MStep, tolerance: float, max_steps: int, starts: Sequence[Mixture]) -> list[Climb]:
    """Run plain EM from several starts, whose steps are taken together in compiled code where that can be.

    Parameters
    ----------
    data
        The rows, in memory or in parts.
    m_step
        The M-step of the model, with its prior if it has one.
    tolerance
        How near the limit of the objective a run has to come, in nats.
    max_steps
        The most steps that each may take.
    starts
        Where EM begins, without leading axes.

    Returns
    -------
    list
        How each run ended, as :func:`climb` says it.
    """
    begun = Evaluation(data, m_step).stretches(starts, max_steps + 1, tolerance)
    return [
        climb(data, start, m_step, tolerance, max_steps, begun=stretch)
        for start, stretch in zip(starts, begun, strict=True)
    ]


def closed_stretches(
    start: Mixture, evaluate: Evaluation, tolerance: float, max_steps: int
) -> Iterator[tuple[Stretch, float]]:
    """The start and its M-step: with one component nothing is unseen, and one step leads to the maximum."""
    first = evaluate(start)
    yield Stretch.of(first), np.inf
    while True:
        yield Stretch.of(evaluate(evaluate.m_step(first.expectation.statistics, start))), 0.0


def plain_stretches(
    start: Mixture, evaluate: Evaluation, tolerance: float, max_steps: int, begun: Stretch | None = None
) -> Iterator[tuple[Stretch, float]]:
    """The points that EM visits, the start first, each stretch with an estimate of what is left to climb in nats."""
    objective: list[float] = []
    mixture, length = start, PACE.first_stretch
    longest = _longest_stretch(evaluate)
    while True:
        stretch = begun or evaluate.stretch(mixture, min(length, max_steps + 1 - len(objective)))
        before, begun = len(objective), None
        objective.extend(stretch.objective.tolist())
        end = near_limit(objective, before, tolerance)
        remaining = distance_to_limit(objective, end)
        stretch = evaluate.beginning(stretch, end - before)
        yield stretch, remaining
        mixture = evaluate.m_step(stretch.last.expectation.statistics, stretch.last.mixture)
        length = min(2 * length, longest)


def _longest_stretch(evaluate: Evaluation) -> int:
    return min(PACE.longest_stretch, max(PACE.long_stretch, PACE.products_of_stretch // evaluate.products))


def accelerated_stretches(
    start: Mixture, evaluate: Evaluation, tolerance: float, max_steps: int
) -> Iterator[tuple[Stretch, float]]:
    """Yield EM's points, with quasi-Newton steps from where its gains have settled, for as long as these can be trusted.

    Only what was found from differences of gradients counts as near the limit, or a gain that is lost in rounding.
    """
    objective: list[float] = []
    history: list[float] = []
    mixture, steps, next_attempt = start, 0, 0
    longest = _longest_stretch(evaluate)
    while True:
        # Of what is taken in vain, beyond the point at which quasi-Newton steps begin, there is little beside all steps.
        length = max(PACE.between_attempts, min(steps // PACE.share_ahead, longest))
        stretch = evaluate.stretch(mixture, min(length, max_steps + 1 - len(history)))
        objective.extend(stretch.objective.tolist())
        before = len(objective) - len(stretch.objective)
        steps += len(stretch.objective)
        end, rise = len(objective), None
        if steps >= next_attempt:
            end, rise = first_rise(objective, before, tolerance)
            stretch = evaluate.beginning(stretch, end - before)
        history.extend(stretch.objective.tolist())
        point, ahead = stretch.last, []
        if rise is not None and point.collapse is None:
            chart = evaluate.m_step.chart(point.mixture, point.expectation.statistics)
            ahead = Ascent(point, chart, evaluate).run(tolerance, ceiling=point.objective + 2 * rise)
            next_attempt = PACE.patience * steps
        if ahead:
            yield stretch, ahead[0][1]
            for point, remaining in ahead[1:]:
                yield Stretch.of(point), remaining
                history.append(point.objective)
            objective = [point.objective]
        else:
            del objective[end:]
            yield stretch, 0.0 if lost_in_rounding(history, len(history)) else np.inf
        mixture = evaluate.m_step(point.expectation.statistics, point.mixture)


def first_rise(objective: list[float], before: int, tolerance: float) -> tuple[int, float | None]:
    """The least length above ``before`` at which there is a predicted rise, and that; else all of it, and ``None``."""
    for end in range(before + 1, len(objective) + 1):
        rise = predicted_rise(objective, end, tolerance)
        if rise is not None:
            return end, rise
    return len(objective), None


def predicted_rise(objective: list[float], length: int, tolerance: float) -> float | None:
    """How far EM will still climb after so many values, in nats, once its gains decline geometrically; ``None`` before."""
    near = distance_to_limit(objective, length)
    if near <= tolerance:
        return near + rounding_of(objective[length - 1])
    gains = [later - earlier for earlier, later in pairwise(objective[max(0, length - 5) : length])]
    if len(gains) < 4 or min(gains) <= 0:
        return None
    ratios = [later / earlier for earlier, later in pairwise(gains)]
    if max(ratios) >= 1 or max(ratios) - min(ratios) > PACE.steady:
        return None
    rise = gains[-1] * max(ratios) / (1 - max(ratios))
    return rise if rise <= max(PACE.near, PACE.share * (objective[length - 1] - objective[0])) else None


def distance_to_limit(objective: list[float], length: int | None = None) -> float:
    """How far the last value, of all or of so many, is below the limit of the sequence, by Aitken's extrapolation, in nats.

    Near its limit EM gains a constant share r of what is left with each step (McLachlan and Krishnan 2008, section
    4.9): with the gains a, then b, of m steps each, b/a = rᵐ, and b²/(a−b) is still to come. A span of m steps tells
    something when its gain shrinks by more than the rounding of the objective; of the two shortest such spans the more
    careful counts. When no span does, and the gain itself is lost in rounding, the limit is as near as can be seen.

    Parameters
    ----------
    objective
        What EM maximises, after each step, in nats.
    length
        How many of the entries count; all unless given.

    Returns
    -------
    float
        The distance in nats, infinite where it cannot be told yet.

    Examples
    --------
    >>> from em import distance_to_limit
    >>> round(distance_to_limit([-10.0, -9.0, -8.5, -8.25]), 3)
    0.25
    """
    length = len(objective) if length is None else length
    if length < 4:
        return np.inf
    last = objective[length - 1]
    rounding = rounding_of(last)
    distances: list[float] = []
    for span in (1, 10, 100, 1000, 10_000):
        if length <= 2 * span or len(distances) == 2:
            break
        middle = objective[length - 1 - span]
        earlier, later = middle - objective[length - 1 - 2 * span], last - middle
        if abs(earlier - later) > rounding:
            distances.append(float(later**2 / (earlier - later)) if earlier > later > 0 else np.inf)
    return max(distances, default=0.0 if lost_in_rounding(objective, length) else np.inf)


def is_outrun(objective: list[float], to_beat: float) -> bool:
    """Whether even many times what EM's gains foretell would leave the objective short of ``to_beat``."""
    if objective[-1] >= to_beat or len(objective) < PACE.least_to_judge:
        return False
    return objective[-1] + SLACK * distance_to_limit(objective) < to_beat


def near_limit(objective: list[float], before: int, tolerance: float) -> int:
    """The least length above ``before`` at which the sequence is within ``tolerance`` of its limit; else all of it."""
    values = np.array(objective[max(0, before - 2) :])
    earlier, later = np.diff(values)[:-1], np.diff(values)[1:]
    # What is left is later² / (earlier − later), so that anywhere else it is more, unless rounding hides the difference.
    possible = (later**2 <= tolerance * earlier) | (np.abs(earlier - later) <= rounding_of(objective[-1]))
    if tolerance >= 0:
        for end in len(objective) - len(later) + np.flatnonzero(possible) + 1:
            if end > before and distance_to_limit(objective, int(end)) <= tolerance:
                return int(end)
    return len(objective)


def lost_in_rounding(objective: list[float], length: int) -> bool:
    """Whether the gain of the last ten steps before so many values is within the rounding of the objective."""
    last = objective[length - 1]
    return length > 10 and abs(last - objective[length - 11]) <= rounding_of(last)


def _judge(point: Point, near: bool, exhausted: bool) -> Status | None:
    if point.collapse is not None:
        return Status.COLLAPSED
    if near:
        return Status.CONVERGED
    return Status.OUT_OF_STEPS if exhausted else None
