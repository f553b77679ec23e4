"""The search over starts: many short runs, a few long ones, and on large data a subsample before all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np

from models import Data, Mixture, Rows, in_order

from .ascent import Summit
from .e_step import log_likelihoods
from .loop import Climb, Status, climb, short_runs
from .m_step import MStep
from .optimum import SLACK, Place, same_height

# Many short runs find the best optimum of textbook data more often than a few long ones, at less cost.
SHORT_RUN = 30
LONG_RUNS = 10
# So many of them go first; the others end where these did as soon as a step leads there.
SCOUTS = 2
# So many short runs are one call of compiled code: enough that threads do not wait for Python in between.
TOGETHER = 10
# Large data go this way on a subsample of so many rows; so many of its optima are then tried on all rows.
SUBSAMPLE_ROWS = 10_000
FINALISTS = 3
# An optimum that is lower by more nats than this is no rival, and no place for a chain to start in.
RIVALS = 10.0


class Found(NamedTuple):
    """The points that the last runs began at, each with the name of its kind, and how every run ended.

    Those of ``left`` ended on a subsample, and so far their log-likelihoods are those of its rows.
    """

    points: list[tuple[str, Mixture]]
    climbs: list[Climb]
    left: list[int]


@dataclass(frozen=True)
class Search:
    """How points are climbed from: the arguments of :func:`em.climb`, and what is told how many starts are done."""

    m_step: MStep
    tolerance: float
    max_steps: int
    acceleration: str
    on_start: Callable[[int], None] | None = None

    def __call__(self, points: list[tuple[str, Mixture]], data: Rows) -> Found:
        """Run EM from every point; of many on large data, on a subsample first, whose best optima go on to all rows."""
        some = subsample(data)
        # Rows that have to be read for each pass are spared all but the last steps even of a few starts.
        few = LONG_RUNS if isinstance(data, Data) else 1
        if len(points) <= few or some is data:
            return Found(points, self._race(points, data), [])
        climbs = [_onto(data, each) for each in self._race(points, some)]
        points = [(kind, climbed.mixture) for (kind, _), climbed in zip(points, climbs, strict=True)]
        finalists = _distinct_optima(climbs, some, self.tolerance)[:FINALISTS]
        left = [i for i in range(len(climbs)) if i not in finalists]
        highest = -np.inf
        for i in finalists:  # the best of the subsample first
            climbs[i] = self.climbed(data, points[i][1], to_beat=highest - RIVALS)
            if climbs[i].status is Status.CONVERGED:
                highest = max(highest, float(climbs[i].objective[-1]))
        for i in left:
            climbs[i] = _left(climbs[i])
        if all(climbs[i].status is Status.COLLAPSED for i in finalists):
            # The best is then one of all.
            for i, height in zip(left, log_likelihoods(data, [points[i][1] for i in left]), strict=True):
                log_prior = climbs[i].objective - climbs[i].log_likelihood
                climbs[i] = replace(climbs[i], log_likelihood=np.array([height]), objective=height + log_prior)
            left = []
        return Found(points, climbs, left)

    def climbed(
        self,
        data: Rows,
        start: Mixture,
        keep_path: bool = False,
        to_beat: float = -np.inf,
        summits: Sequence[Summit] = (),
    ) -> Climb:
        """Run EM from one start to its end."""
        return climb(
            data,
            start,
            self.m_step,
            self.tolerance,
            self.max_steps,
            self.acceleration,
            keep_path=keep_path,
            to_beat=to_beat,
            summits=summits,
        )

    def _race(self, points: list[tuple[str, Mixture]], data: Rows) -> list[Climb]:
        """Run every point for a short while, and those ahead to the end (Biernacki and others 2003); of few run all."""
        starts = [start for _, start in points]
        if len(points) <= LONG_RUNS:
            return self._counted([climbed] for climbed in in_order(partial(self.climbed, data), starts, None))
        shortly = partial(short_runs, data, self.m_step, self.tolerance, min(SHORT_RUN, self.max_steps))
        together = [starts[i : i + TOGETHER] for i in range(0, len(starts), TOGETHER)]
        climbs = self._counted(in_order(shortly, together, None))
        settled = (Status.COLLAPSED, Status.CONVERGED)
        unfinished = [i for i, climbed in enumerate(climbs) if climbed.status not in settled]
        unfinished.sort(key=lambda i: climbs[i].objective[-1], reverse=True)
        ahead, behind = unfinished[:LONG_RUNS], unfinished[LONG_RUNS:]
        long_runs = set(ahead)
        for some in (ahead[:SCOUTS], ahead[SCOUTS:]):
            to_the_end = partial(self.climbed, data, summits=_summits([climbs[i] for i in ahead], self.tolerance))
            for i, climbed in zip(some, in_order(to_the_end, [starts[i] for i in some], None), strict=True):
                climbs[i] = climbed
        to_the_end = partial(self.climbed, data)
        for i in behind:
            if any(climbed.status is Status.CONVERGED for climbed in climbs):
                climbs[i] = replace(climbs[i], status=Status.OUTRUN)
            else:
                climbs[i] = to_the_end(starts[i])
                long_runs.add(i)
        # A short run that ended has only the word of its gains that the limit is near.
        while (best := best_of(climbs, self.tolerance)) not in long_runs:
            climbs[best] = to_the_end(starts[best])
            long_runs.add(best)
        return climbs

    def _counted(self, climbs: Iterable[list[Climb]]) -> list[Climb]:
        """Runs as they end, some of them together, each of which is told."""
        ended: list[Climb] = []
        for climbed in chain.from_iterable(climbs):
            ended.append(climbed)
            if self.on_start is not None:
                self.on_start(len(ended))
        return ended


def _summits(climbs: list[Climb], tolerance: float) -> list[Summit]:
    """Return the optima that runs have reached, one of each height."""
    reached: list[Climb] = []
    for climbed in climbs:
        height = float(climbed.objective[-1])
        near = same_height(height, tolerance)
        if climbed.status is Status.CONVERGED and all(abs(height - other.objective[-1]) > near for other in reached):
            reached.append(climbed)
    return [Summit(climbed.mixture, climbed.remaining) for climbed in reached]


def _onto(data: Rows, climbed: Climb) -> Climb:
    """Return the end of a run on a subsample as a point from which all rows can be climbed."""
    components = climbed.mixture.components.off_the_edge(data)
    return replace(climbed, mixture=Mixture(climbed.mixture.weights, components))


def _left(climbed: Climb) -> Climb:
    """Return the end of a run on a subsample, without any step on all rows."""
    status = climbed.status if climbed.status is Status.COLLAPSED else Status.OUTRUN
    log_likelihood, objective = climbed.log_likelihood[-1:], climbed.objective[-1:]
    return replace(
        climbed, log_likelihood=log_likelihood, objective=objective, status=status, remaining=np.inf, e_steps=0
    )


def subsample(data: Rows) -> Data:
    """Return enough of large data to draw starts from and to try them on."""
    return data.every(data.rows // SUBSAMPLE_ROWS)


def _distinct_optima(climbs: list[Climb], data: Rows, tolerance: float) -> list[int]:
    """Return one climb for each optimum that was reached, the highest first; any that did not collapse when none was."""
    ends = [i for i, climbed in enumerate(climbs) if climbed.status is Status.CONVERGED]
    ends = ends or [i for i, climbed in enumerate(climbs) if climbed.status is not Status.COLLAPSED] or [0]
    distinct: dict[int, Place] = {}
    for i in sorted(ends, key=lambda i: climbs[i].objective[-1], reverse=True):
        place = Place(climbs[i].mixture, float(climbs[i].objective[-1]), data, tolerance)
        if not any(other.is_same(place) for other in distinct.values()):
            distinct[i] = place
    return list(distinct)


def best_of(climbs: list[Climb], tolerance: float) -> int:
    """Return the highest of the interior optima, and of several runs that reached it the shortest."""
    no_optimum = (Status.COLLAPSED, Status.OUTRUN)
    interior = [i for i, climbed in enumerate(climbs) if climbed.status not in no_optimum] or range(len(climbs))
    highest = max(climbs[i].objective[-1] for i in interior)
    tied = [i for i in interior if climbs[i].objective[-1] >= highest - SLACK * tolerance]
    return min(tied, key=lambda i: (climbs[i].status is not Status.CONVERGED, climbs[i].steps))
