"""The bootstrap: EM again and again on data drawn anew, as another way to standard errors (Efron 1979).

*Nonparametric* replicates draw the rows with replacement: how often each row is seen is multinomial with the observed
shares. *Parametric* replicates draw as many observations from the estimated mixture (McLachlan and Peel 2000, section 2.16).
Where weights are fractions, so that they add up to no whole number, a replicate has as many observations as the whole number
below, and one more with the probability of what is left: so many as there were on average, and in the average of their
information.
Each starts EM at the estimate, so that it stays on the same hill and mostly keeps its labels; what is left of switched
labels is undone by the permutation whose responsibilities for the original data agree best with the estimate's.

Each replicate has a generator of its own, spawned beforehand: neither the executor nor the order in which replicates end
changes a bit of the result. A replicate that collapses or does not end is reported and counted, and enters no standard
error; where there are many, what is left is not representative, and the summary says how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from models import Array, Data, Mixture, Model, Shown, in_digits, in_order, match, require_whole
from models.arguments import require_one_of
from models.units import units_in_words

from .fitted import Fit
from .loop import Climb, Status, climb
from .m_step import MStep
from .starts import draw_starts

if TYPE_CHECKING:
    import pandas as pd

BOOTSTRAPS = ("nonparametric", "parametric")
# Rows of the original data that decide which component is which.
MATCHING_ROWS = 1000


@dataclass(frozen=True)
class Replicate:
    """How EM ended on one data set drawn anew; ``mixture`` has the estimate's labels, ``None`` when EM could not begin.

    ``log_likelihood`` is that of the replicate's own data, in nats; ``reason`` says why EM collapsed, where it did.

    Examples
    --------
    >>> from em import bootstrap, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = bootstrap(fit(x, "poisson", 2, starts=10), replicates=3)
    >>> [str(one.status) for one in found.replicates]
    ['converged', 'converged', 'converged']
    """

    status: Status
    mixture: Mixture | None
    log_likelihood: float
    reason: str | None = None


@dataclass(frozen=True, repr=False)
class Bootstrap(Shown):
    """The replicates of a bootstrap in order, and what they say about the estimate.

    ``fitted`` is the estimate, and ``kind`` is ``"nonparametric"`` or ``"parametric"``.

    Examples
    --------
    >>> from em import bootstrap, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = bootstrap(fit(x, "poisson", 2, starts=10), replicates=20)
    >>> found.draws.shape, round(float(found.table().loc["rates[2]", "standard_error"]), 1)
    ((20, 4), 0.7)
    """

    fitted: Fit
    kind: str
    replicates: tuple[Replicate, ...]

    @property
    def statuses(self) -> dict[Status, int]:
        """How many replicates ended in which way."""
        return dict(Counter(replicate.status for replicate in self.replicates))

    @cached_property
    def draws(self) -> pd.DataFrame:
        """The parameters of each replicate that converged, a row for each, numbered as the replicates are."""
        import pandas as pd

        names, columns = list(self.fitted.parameters), self.fitted.data.columns
        rows = {
            number: [float(value) for value in self.fitted.model.scalars(replicate.mixture, columns).values()]
            for number, replicate in enumerate(self.replicates)
            if replicate.mixture is not None and replicate.status is Status.CONVERGED
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("replicate")

    @property
    def covariance(self) -> pd.DataFrame:
        """The covariance matrix of all parameters over the replicates that converged."""
        return self.draws.cov()

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """A row for each parameter: estimate, bias, standard_error and the percentile interval's lower and upper end."""
        import pandas as pd

        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1, got {level!r}.")
        estimate, tail = pd.Series(self.fitted.parameters, name="estimate"), (1 - level) / 2
        columns = {
            "estimate": estimate,
            "bias": self.draws.mean() - estimate,
            "standard_error": self.draws.std(),
            "lower": self.draws.quantile(tail),
            "upper": self.draws.quantile(1 - tail),
        }
        return pd.DataFrame(columns).rename_axis("parameter")

    def summary(self) -> str:
        """How many replicates there are, and how many of them enter the table."""
        used, total = len(self.draws), len(self.replicates)
        whole = f"{self.kind.capitalize()} bootstrap of {total} replicates"
        if used == total:
            return f"{whole}, all of which converged."
        others = ", ".join(f"{n} {status}" for status, n in self.statuses.items() if status is not Status.CONVERGED)
        return f"{whole}, of which {used} converged and enter the standard errors; left out: {others}."

    def _shown(self) -> pd.DataFrame:
        """The table as text, to the digits that the standard errors justify."""
        table = self.table()
        return in_digits(table, table["standard_error"], {})

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield self.summary()
        yield self._shown()
        yield from units_in_words(self.fitted.data)


def bootstrap(
    fitted: Fit,
    *,
    kind: str = "nonparametric",
    replicates: int = 1000,
    starts: int = 0,
    seed: int | np.random.Generator = 0,
    tolerance: float = 1e-8,
    max_steps: int = 100_000,
    executor: Executor | None = None,
    on_replicate: Callable[[int], None] | None = None,
) -> Bootstrap:
    """Fit the model to data drawn anew, many times.

    Parameters
    ----------
    fitted
        The estimate; a MAP estimate's replicates have the same prior.
    kind
        ``"nonparametric"`` to draw among the observations, ``"parametric"`` to draw from the estimated mixture.
    replicates
        How many data sets to draw.
    starts
        How many starts to try on each besides the estimate; the highest optimum counts.
    seed
        A seed, or the generator that every random draw comes from.
    tolerance, max_steps
        As for :func:`fit`.
    executor
        Where the replicates go; as many threads as there are cores unless given. The result does not depend on it.
    on_replicate
        Called with the number of replicates done so far. When it raises, or the user interrupts, what has not begun is
        cancelled; :func:`replicate` yields the same replicates one by one to whoever wants to keep those that are done.

    Returns
    -------
    Bootstrap
        The replicates in order, with their ``table()`` of standard errors and intervals.

    Raises
    ------
    ValueError
        When an argument cannot be used, or EM collapsed and there is no estimate to start from.

    Examples
    --------
    >>> from em import bootstrap, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = bootstrap(fit(x, family="poisson", components=2, starts=10), replicates=20)
    >>> found.summary()
    'Nonparametric bootstrap of 20 replicates, all of which converged.'
    >>> found.table().columns.to_list()
    ['estimate', 'bias', 'standard_error', 'lower', 'upper']
    """
    done: list[Replicate] = []
    for one in replicate(
        fitted,
        kind=kind,
        replicates=replicates,
        starts=starts,
        seed=seed,
        tolerance=tolerance,
        max_steps=max_steps,
        executor=executor,
    ):
        done.append(one)
        if on_replicate is not None:
            on_replicate(len(done))
    return Bootstrap(fitted, kind, tuple(done))


def replicate(
    fitted: Fit,
    *,
    kind: str = "nonparametric",
    replicates: int = 1000,
    starts: int = 0,
    seed: int | np.random.Generator = 0,
    tolerance: float = 1e-8,
    max_steps: int = 100_000,
    executor: Executor | None = None,
) -> Iterator[Replicate]:
    """The replicates of :func:`bootstrap` in order, each as soon as it and those before it are done.

    Parameters
    ----------
    fitted
        The estimate; a MAP estimate's replicates have the same prior.
    kind
        ``"nonparametric"`` or ``"parametric"``.
    replicates
        How many data sets to draw.
    starts
        How many starts to try on each besides the estimate.
    seed
        A seed, or the generator that every random draw comes from.
    tolerance, max_steps
        As for :func:`fit`.
    executor
        Where the replicates go; as many threads as there are cores unless given.

    Returns
    -------
    iterator of Replicate
        The replicates, which do not depend on the executor.

    Raises
    ------
    ValueError
        When an argument cannot be used, or EM collapsed and there is no estimate to start from.

    Examples
    --------
    >>> from em import fit, replicate
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = replicate(fit(x, "poisson", 2, starts=10), replicates=2)
    >>> [one.mixture.weights.shape for one in found]
    [(2,), (2,)]
    """
    require_one_of("kind", kind, BOOTSTRAPS)
    require_whole("replicates", replicates, least=1)
    require_whole("starts", starts, least=0)
    if fitted.status is Status.COLLAPSED:
        raise ValueError("fitted must have an interior maximum, got one whose every start collapsed.")
    draw = _draw_parametric if kind == "parametric" else _draw_nonparametric
    data = fitted.data.compress()
    chosen = data.every(len(data.values) // MATCHING_ROWS)
    run = partial(_replicate, fitted, data, draw, chosen, starts, tolerance, max_steps)
    rng = np.random.default_rng(seed)
    return in_order(run, (rng.spawn(1)[0] for _ in range(replicates)), executor)


def _replicate(
    fitted: Fit,
    data: Data,
    draw: Callable[[Fit, Data, np.random.Generator], Data],
    chosen: Data,
    starts: int,
    tolerance: float,
    max_steps: int,
    rng: np.random.Generator,
) -> Replicate:
    drawn = draw(fitted, data, rng)
    model = fitted.model
    try:
        Model.of(drawn, model.family, model.components, model.covariance, model.mixing)
    except ValueError as unusable:
        return Replicate(Status.COLLAPSED, None, np.nan, str(unusable))
    m_step = MStep(model, drawn, fitted.prior)
    points = [fitted.mixture, *(point for _, point in draw_starts(starts, drawn, model, rng))]
    climbs = [climb(drawn, point, m_step, tolerance, max_steps, acceleration="quasi-newton") for point in points]
    best = _best(climbs)
    if best.status is Status.COLLAPSED:
        return Replicate(best.status, best.mixture, float(best.log_likelihood[-1]), best.reason)
    reference = fitted.mixture.responsibilities(chosen.values, chosen.exposure, chosen.known)
    matched = match(best.mixture, reference, chosen)
    return Replicate(best.status, matched, float(best.log_likelihood[-1]), best.reason)


def _best(climbs: list[Climb]) -> Climb:
    """The highest that converged; when none did, the one from the estimate."""
    converged = [climbed for climbed in climbs if climbed.status is Status.CONVERGED]
    return max(converged, key=lambda climbed: float(climbed.objective[-1]), default=climbs[0])


def _draw_nonparametric(fitted: Fit, data: Data, rng: np.random.Generator) -> Data:
    """Rows with replacement, as many observations as there were."""
    counts: Array = rng.multinomial(_number_of(data, rng), data.weights / data.size).astype(np.float64)
    seen = counts > 0
    return replace(data.take(seen), weights=counts[seen])


def _draw_parametric(fitted: Fit, data: Data, rng: np.random.Generator) -> Data:
    """Draw as many observations from the mixture as there are data, exposed as these were."""
    return fitted.mixture.sample_like(data, rng, _number_of(data, rng)).compress()


def _number_of(data: Data, rng: np.random.Generator) -> int:
    """How many observations a replicate has: on average as many as the data, whose weights may be fractions."""
    whole = int(np.floor(data.size))
    return whole if whole == data.size else whole + int(rng.random() < data.size - whole)
