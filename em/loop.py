"""The loop: E-step and M-step in turn until the limit is near."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np

from models import Array, Mixture, Rows

from .ascent import Ascent, Point, Summit
from .gains import PACE, distance_to_limit, first_rise, is_outrun, lost_in_rounding, near_limit
from .m_step import MStep
from .stretch import Evaluation, Stretch

ACCELERATIONS = ("quasi-newton", "none")


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
    summits: Sequence[Summit] = (),
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
    summits
        Optima that other runs have reached, onto which quasi-Newton steps go where they may.

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
    stretches: Callable[[Mixture, Evaluation, float, int], Iterator[tuple[Stretch, float]]] = plain_stretches
    if acceleration != "none":
        stretches = partial(accelerated_stretches, summits=summits)
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
    start: Mixture, evaluate: Evaluation, tolerance: float, max_steps: int, summits: Sequence[Summit] = ()
) -> Iterator[tuple[Stretch, float]]:
    """Yield EM's points, with quasi-Newton steps from where its gains have settled, for as long as these can be trusted.

    Only what was found from differences of gradients counts as near the limit, or a gain that is lost in rounding.
    """
    objective: list[float] = []
    history: list[float] = []
    mixture, steps, next_attempt = start, 0, 0
    longest = _longest_stretch(evaluate)
    cheap = PACE.products_of_look // evaluate.products
    while True:
        # Of what is taken in vain, beyond the point at which quasi-Newton steps begin, there is little beside all steps.
        length = max(PACE.between_attempts, min(max(steps // PACE.share_ahead, min(steps, cheap)), longest))
        stretch = evaluate.stretch(mixture, min(length, max_steps + 1 - len(history)))
        objective.extend(stretch.objective.tolist())
        before = len(objective) - len(stretch.objective)
        not_yet = before + max(0, next_attempt - steps - 1)
        end, rise = first_rise(objective, not_yet, tolerance)
        stretch = evaluate.beginning(stretch, end - before)
        steps += end - before
        history.extend(stretch.objective.tolist())
        point, ahead = stretch.last, []
        if rise is not None and point.collapse is None:
            ahead = _ahead(point, evaluate, tolerance, point.objective + 2 * rise, summits)
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


def _ahead(
    point: Point, evaluate: Evaluation, tolerance: float, ceiling: float, summits: Sequence[Summit]
) -> list[tuple[Point, float]]:
    """The point and those to which quasi-Newton steps lead from it; a summit may be the last of them."""
    chart = evaluate.m_step.chart(point.mixture, point.expectation.statistics)
    named = [Summit(chart.named(mixture, evaluate.fixed), left) for mixture, left in summits]
    return Ascent(point, chart, evaluate, named).run(tolerance, ceiling)


def _judge(point: Point, near: bool, exhausted: bool) -> Status | None:
    if point.collapse is not None:
        return Status.COLLAPSED
    if near:
        return Status.CONVERGED
    return Status.OUT_OF_STEPS if exhausted else None
