r"""The atlas of optima: where all starts ended, and how much of a posterior lies in the basin of the reported optimum.

``em/optimum.py`` says when two runs ended at the same optimum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from models import Data, Mixture, Shown, in_order

from .fitted import Fit, Start
from .loop import Climb, Status, climb
from .m_step import MStep
from .optimum import TOLERANCE, Place, same_height

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Optimum:
    """One optimum: its mixture, log-likelihood and objective in nats, and how many runs ended in it.

    ``gap`` is how far its objective is below that of the reported one, in nats: negative when it is higher.

    Examples
    --------
    >>> from em import atlas, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> highest = atlas(fit(x, "poisson", 2, starts=10)).optima[0]
    >>> highest.hits, round(highest.log_likelihood, 2), highest.mixture.components.rates.round(2).tolist()
    (10, -24.68, [1.37, 9.44])
    """

    mixture: Mixture
    log_likelihood: float
    objective: float
    hits: int
    gap: float


@dataclass(frozen=True, repr=False)
class Atlas(Shown):
    """Every optimum that runs of EM ended in, the highest first, and how many runs ended in each way.

    ``reported`` is the place of the reported estimate among the ``optima``, ``None`` when no run ended there.
    ``allowed`` is how far two of them may differ, in nats, to be as high as each other.

    Examples
    --------
    >>> from em import atlas, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = atlas(fit(x, "poisson", 2, starts=10))
    >>> found.runs, len(found.optima), found.share
    (10, 1, 1.0)
    """

    optima: tuple[Optimum, ...]
    statuses: dict[Status, int]
    reported: int | None
    allowed: float

    @property
    def runs(self) -> int:
        """How many runs there were."""
        return sum(self.statuses.values())

    @property
    def finished(self) -> int:
        """How many of them ran to their end: to an optimum or to a collapse."""
        return self.statuses.get(Status.CONVERGED, 0) + self.statuses.get(Status.COLLAPSED, 0)

    @property
    def collapsed(self) -> float:
        """The share of the finished runs that ran into a singularity."""
        return self.statuses.get(Status.COLLAPSED, 0) / max(1, self.finished)

    @property
    def share(self) -> float:
        """The share of the finished runs that ended in the reported optimum."""
        return 0.0 if self.reported is None else self.optima[self.reported].hits / self.finished

    @property
    def higher(self) -> float:
        """The share of the finished runs that ended in a higher optimum than the one reported."""
        return sum(optimum.hits for optimum in self.optima if optimum.gap < -self.allowed) / max(1, self.finished)

    def table(self) -> pd.DataFrame:
        """A row for each optimum: log-likelihood, gap in nats, hits and share of the finished runs."""
        import pandas as pd

        rows = [(o.log_likelihood, o.gap, o.hits, o.hits / self.finished) for o in self.optima]
        columns = ["log_likelihood", "gap", "hits", "share"]
        return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1, name="optimum"))

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield self.summary()
        yield self.table().transform(
            {"log_likelihood": "{:.6f}".format, "gap": "{:.3g}".format, "hits": str, "share": "{:.0%}".format}
        )

    def summary(self) -> str:
        """How many optima there are, and how the runs ended, in sentences."""
        ended = ", ".join(f"{count} {status}" for status, count in self.statuses.items())
        many = "1 optimum" if len(self.optima) == 1 else f"{len(self.optima)} optima"
        found = (
            f"EM ran {self.runs} times ({ended}); {self.share:.0%} of the finished runs ended in the reported optimum"
        )
        found += f", {many} in all."
        others = [optimum for place, optimum in enumerate(self.optima) if place != self.reported]
        if not others:
            return found
        nearest = min(others, key=lambda optimum: optimum.gap)
        runs = "run" if nearest.hits == 1 else "runs"
        if abs(nearest.gap) <= self.allowed:
            return f"{found} The best of the others is as high as it ({nearest.hits} {runs}): neither is the maximum."
        where = "below" if nearest.gap >= 0 else "above"
        return f"{found} The best of the others is {abs(nearest.gap):.3g} nats {where} it ({nearest.hits} {runs})."


def atlas(fitted: Fit) -> Atlas:
    """All starts of a fit grouped into the distinct optima that they converged to, labels disregarded.

    Beside a given start they are those of the search as well.

    Parameters
    ----------
    fitted
        An estimate.

    Returns
    -------
    Atlas
        Every optimum, the highest first, and how many starts ended in it.

    Examples
    --------
    >>> from em import atlas, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> print(atlas(fit(x, family="poisson", components=2, starts=10)).summary())
    EM ran 10 times (10 converged); 100% of the finished runs ended in the reported optimum, 1 optimum in all.
    """
    return _grouped(fitted, fitted.runs)


def basin_shares(
    fitted: Fit,
    mixtures: Mixture,
    *,
    tolerance: float = TOLERANCE,
    max_steps: int = 100_000,
    executor: Executor | None = None,
    on_run: Callable[[int], None] | None = None,
) -> Atlas:
    """Run EM from given mixtures, such as draws from a posterior, and group where it ends.

    ``share`` of the result is then the share of the posterior that lies in the reported optimum's basin, ``higher`` that
    from which EM climbs to something better.

    Parameters
    ----------
    fitted
        The fit with the reported optimum, whose data, model and prior are used.
    mixtures
        Where to start: any leading axes of draws.
    tolerance, max_steps
        As for :func:`fit`.
    executor
        Where the runs go; as many threads as there are cores unless given. The result does not depend on it.
    on_run
        Called with the number of runs done so far.

    Returns
    -------
    Atlas
        Every optimum that the runs ended in.

    Examples
    --------
    >>> import numpy as np
    >>> from em import basin_shares, fit
    >>> from models import Mixture, Poisson
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fitted = fit(x, "poisson", 2, starts=10)
    >>> draws = Mixture(np.full((3, 2), 0.5), Poisson(np.array([[1.0, 9.0], [2.0, 8.0], [3.0, 12.0]])))
    >>> basin_shares(fitted, draws).share
    1.0
    """
    flat, data = mixtures.flatten(), fitted.data.compress()
    run = partial(_run, data, fitted.m_step, tolerance, max_steps)
    ends = []
    for climbed in in_order(run, [flat[i] for i in range(len(flat.weights))], executor):
        ends.append(_end(climbed, data))
        if on_run is not None:
            on_run(len(ends))
    return _grouped(fitted, ends)


def _run(data: Data, m_step: MStep, tolerance: float, max_steps: int, start: Mixture) -> Climb:
    return climb(data, start, m_step, tolerance, max_steps, acceleration="quasi-newton")


def _end(climbed: Climb, data: Data) -> Start:
    ends = float(climbed.log_likelihood[-1]), float(climbed.objective[-1])
    return Start("given", climbed.status, *ends, climbed.steps, climbed.mixture.ascending(data.fixed), climbed.reason)


def _grouped(fitted: Fit, ends: Iterable[Start]) -> Atlas:
    ends, data, tolerance = list(ends), fitted.observations.compress(), fitted.tolerance
    reported = Place(fitted.mixture, float(fitted.climb.objective[-1]), data, tolerance)
    groups: list[tuple[Place, list[Start]]] = []
    converged = [end for end in ends if end.status is Status.CONVERGED]
    for end in sorted(converged, key=lambda end: -end.objective):
        place = Place(end.mixture, end.objective, data, tolerance)
        same = next((members for other, members in groups if other.is_same(place)), None)
        if same is None:
            groups.append((place, [end]))
        else:
            same.append(end)
    optima = tuple(_optimum(members, reported.objective) for _, members in groups)
    at = [place.is_same(reported) for place, _ in groups]
    statuses = dict(Counter(end.status for end in ends))
    return Atlas(optima, statuses, at.index(True) if any(at) else None, same_height(reported.objective, tolerance))


def _optimum(members: list[Start], reported: float) -> Optimum:
    highest = members[0]
    gap = reported - highest.objective
    return Optimum(highest.mixture, highest.log_likelihood, highest.objective, len(members), gap)
