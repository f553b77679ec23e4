"""Fit a mixture by EM: several starts, the best interior optimum kept, all of them reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from models import (
    Array,
    Data,
    Mixture,
    Model,
    Prior,
    Rows,
    in_memory,
    in_order,
    plain,
    require_memory,
    require_whole,
    rows_of,
)

from .edge import edges_of, objective_of, on_the_edge
from .loop import ACCELERATIONS, Climb, Status, climb
from .m_step import MStep
from .optimum import SLACK, TOLERANCE, Place
from .starts import OWN, draw_starts

if TYPE_CHECKING:
    import pandas as pd

ESTIMATES = ("mle", "map")
# Many short runs find the best optimum of textbook data more often than a few long ones, at less cost.
SHORT_RUN = 30
LONG_RUNS = 10
# Large data go this way on a subsample of so many rows; so many of its optima are then tried on all data.
SUBSAMPLE_ROWS = 10_000
FINALISTS = 3


@dataclass(frozen=True)
class Start:
    """How one start ended: its kind, the status, the log-likelihood and objective in nats, and the steps taken.

    The steps are those on all data; on large data others went before them, on a subsample.
    """

    kind: str
    status: Status
    log_likelihood: float
    objective: float
    steps: int
    mixture: Mixture
    reason: str | None = None


@dataclass(frozen=True)
class Fit:
    """An EM estimate, apart from how it was reached.

    ``mixture`` has its components in ascending order of their (first) mean or rate; ``log_likelihood``, in nats, is its
    own. ``climb`` is the run of EM that led to it, and ``starts`` says how every start ended. ``tolerance`` is how near its
    limit a start had to come to count as converged, in nats. ``observations`` are what was fitted, in memory or not.
    """

    observations: Rows
    model: Model
    prior: Prior | None
    mixture: Mixture
    climb: Climb
    starts: tuple[Start, ...]
    tolerance: float = TOLERANCE

    @property
    def data(self) -> Data:
        """The observations, for whatever needs all of them in memory; a ``ValueError`` where they are not."""
        return in_memory(self.observations)

    @property
    def estimate(self) -> str:
        """``"mle"``, or ``"map"`` when a prior was used (the mode in the weights and the components' parameters)."""
        return "mle" if self.prior is None else "map"

    @property
    def status(self) -> Status:
        """How the best start ended."""
        return self.climb.status

    @property
    def log_likelihood(self) -> float:
        """The total log-likelihood of ``mixture`` in nats."""
        return float(self.climb.log_likelihood[-1])

    @property
    def steps(self) -> int:
        """The EM steps of the best start."""
        return self.climb.steps

    @cached_property
    def parameters(self) -> dict[str, float]:
        """Every free parameter by its name."""
        named = self.model.scalars(self.mixture, self.observations.columns)
        return {name: float(value) for name, value in named.items()}

    def table(self) -> pd.DataFrame:
        """The parameters as a table with one row each."""
        import pandas as pd

        return pd.DataFrame({self.estimate.upper(): self.parameters}).rename_axis("parameter")

    def summary(self) -> str:
        """One line: model, status and log-likelihood."""
        covariance = f", {self.model.covariance} covariance" if self.model.covariance else ""
        return (
            f"{self.estimate.upper()} of a {self.model.components}-component {self.model.family} mixture{covariance}: "
            f"log-likelihood {self.log_likelihood:.6f}, {self.status} after {_counted(self.steps, 'step')}, "
            f"best of {_counted(len(self.starts), 'start')}"
        )

    def _shown(self) -> pd.DataFrame:
        """The table as text; the digits that the data justify are known to an audit, and here are six."""
        return self.table().map(lambda value: plain(value, 6))

    def __repr__(self) -> str:
        return f"{self.summary()}\n{self._shown().to_string()}"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(self.summary())}</p>{self._shown().to_html()}"


def _bytes_of_start(model: Model) -> float:
    """What is kept of a start: its mixture, and how the climb from it ended."""
    return 4000 + 16 * model.components * (1 + model.dimension + model.dimension**2)


def fit(
    x: ArrayLike | Rows,
    family: str,
    components: int,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    estimate: str = "mle",
    prior: Prior | None = None,
    starts: int = 100,
    start: Mixture | None = None,
    seed: int | np.random.Generator = 0,
    tolerance: float = TOLERANCE,
    max_steps: int = 100_000,
    acceleration: str = "quasi-newton",
    keep_path: bool = False,
    on_start: Callable[[int], None] | None = None,
) -> Fit:
    """Fit a mixture by expectation–maximisation.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``; :class:`~models.Data`; or :class:`~models.ChunkedData`, which may
        be larger than memory. Of these the result keeps the distinct rows where they are few.
    family
        ``"gaussian"`` or ``"poisson"``.
    components
        The number of components k.
    covariance
        For Gaussians ``"full"`` (unless told otherwise), ``"diagonal"``, ``"spherical"`` or ``"tied"``.
    mixing
        ``"free"``, or ``"equal"`` for weights fixed at 1/k.
    weights
        How often each observation was seen, shape ``(n,)``.
    estimate
        ``"mle"`` for the maximum of the likelihood, or ``"map"`` for the mode under the conjugate ``prior``.
    prior
        The prior of the MAP estimate; unless given, the weakly informative one that the posterior uses as well.
    starts
        How many starts to try, of all kinds in turn: each gets a short run, and the ten that are then ahead go on to
        the end. With ``start`` given, only that one is tried, and one component needs one.
    seed
        A seed, or the generator that every random draw comes from.
    tolerance
        How near the limit of the objective a start must come to count as converged, in nats.
    max_steps
        The most steps that a start may take.
    acceleration
        ``"quasi-newton"`` for quasi-Newton steps once EM's gains decline geometrically, on the same E-step and to the
        optimum that EM was heading for; ``"none"`` for nothing but EM's own steps.
    keep_path
        Whether to keep the mixture of every step of the best start.
    on_start
        Called with the number of starts done so far.

    Returns
    -------
    Fit
        The best interior optimum found; one of a collapsed start only when every start collapsed.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used; the message names it.
    """
    data = rows_of(x, weights)
    model = Model.of(data, family, components, covariance, mixing)
    m_step = MStep(model, data, _prior(estimate, prior, data, model))
    rng = np.random.default_rng(seed)
    compressed = data.compress()
    require_whole("max_steps", max_steps, least=0)
    if not tolerance > 0:
        raise ValueError(f"tolerance must be positive, got {tolerance!r}.")
    if acceleration not in ACCELERATIONS:
        raise ValueError(f"acceleration must be one of {', '.join(map(repr, ACCELERATIONS))}, got {acceleration!r}.")
    if start is not None:
        _check_start(start, model, compressed)
        points = [(OWN, start)]
    else:
        require_whole("starts", starts, least=1)
        require_memory("starts", starts, _bytes_of_start(model))
        points = draw_starts(starts_of(model, starts), _subsample(compressed), model, m_step, rng)
    ascend = partial(climb, m_step=m_step, tolerance=tolerance, acceleration=acceleration)
    points, climbs = _climb_all(points, compressed, ascend, max_steps, tolerance, on_start)
    best = _best(climbs, tolerance)
    chosen = climbs[best]
    if keep_path:
        chosen = ascend(compressed, points[best][1], max_steps=max_steps, keep_path=True)
    chosen = _at_the_edge(chosen, compressed, m_step, keep_path)
    tried = tuple(_report(kind, climbed) for (kind, _), climbed in zip(points, climbs, strict=True))
    kept = data if isinstance(data, Data) else compressed
    return Fit(kept, model, m_step.prior, chosen.mixture.ascending(), chosen, tried, tolerance)


def _climb_all(
    points: list[tuple[str, Mixture]],
    data: Rows,
    ascend: Callable[..., Climb],
    max_steps: int,
    tolerance: float,
    on_start: Callable[[int], None] | None,
) -> tuple[list[tuple[str, Mixture]], list[Climb]]:
    """Runs from every point; of many on large data, on a subsample first, whose best optima then go on to all data."""
    subsample = _subsample(data)
    # Rows that have to be read for each pass are spared all but the last steps even of a few starts.
    few = LONG_RUNS if isinstance(data, Data) else 1
    if len(points) <= few or subsample is data:
        return points, _race(points, data, ascend, max_steps, tolerance, on_start)
    climbs = _race(points, subsample, ascend, max_steps, tolerance, on_start)
    points = [(kind, climbed.mixture) for (kind, _), climbed in zip(points, climbs, strict=True)]
    finalists = _distinct_optima(climbs, subsample, tolerance)[:FINALISTS]
    left = [i for i in range(len(climbs)) if i not in finalists]
    for i in finalists:
        climbs[i] = ascend(data, points[i][1], max_steps=max_steps)
    # Of all that were left in one pass, since large data may have to be read for each.
    log_likelihoods = data.total(partial(_log_likelihoods, [points[i][1] for i in left]))
    for i, log_likelihood in zip(left, log_likelihoods, strict=True):
        climbs[i] = _left(climbs[i], log_likelihood)
    return points, climbs


def _left(climbed: Climb, log_likelihood: float) -> Climb:
    """The end of a run on a subsample of the data, with its log-likelihood on all of them and no step there."""
    log_prior = climbed.objective[-1] - climbed.log_likelihood[-1]
    status = climbed.status if climbed.status is Status.COLLAPSED else Status.OUTRUN
    return Climb(
        climbed.mixture,
        np.array([log_likelihood]),
        np.array([log_likelihood + log_prior]),
        status,
        np.inf,
        1,
        climbed.reason,
    )


def _log_likelihoods(mixtures: list[Mixture], data: Data) -> Array:
    return np.array([mixture.expectation(data).log_likelihood for mixture in mixtures])


def _race(
    points: list[tuple[str, Mixture]],
    data: Rows,
    ascend: Callable[..., Climb],
    max_steps: int,
    tolerance: float,
    on_start: Callable[[int], None] | None,
) -> list[Climb]:
    """Of many points a short run, and a run to the end for those ahead (Biernacki and others 2003); of few, all."""
    to_the_end = partial(ascend, data, max_steps=max_steps)
    few = len(points) <= LONG_RUNS
    short_run = partial(ascend, data, max_steps=min(SHORT_RUN, max_steps), acceleration="none")
    climbs: list[Climb] = []
    for climbed in in_order(to_the_end if few else short_run, [point for _, point in points], None):
        climbs.append(climbed)
        if on_start is not None:
            on_start(len(climbs))
    if few:
        return climbs
    settled = (Status.COLLAPSED, Status.CONVERGED)
    unfinished = [i for i, climbed in enumerate(climbs) if climbed.status not in settled]
    unfinished.sort(key=lambda i: climbs[i].objective[-1], reverse=True)
    ahead, behind = unfinished[:LONG_RUNS], unfinished[LONG_RUNS:]
    long_runs = set(ahead)
    for i, climbed in zip(ahead, in_order(to_the_end, [points[i][1] for i in ahead], None), strict=True):
        climbs[i] = climbed
    for i in behind:
        if any(climbed.status is Status.CONVERGED for climbed in climbs):
            climbs[i] = replace(climbs[i], status=Status.OUTRUN)
        else:
            climbs[i] = to_the_end(points[i][1])
            long_runs.add(i)
    # A short run that ended has only the word of its gains that the limit is near.
    while (best := _best(climbs, tolerance)) not in long_runs:
        climbs[best] = to_the_end(points[best][1])
        long_runs.add(best)
    return climbs


def _subsample(data: Rows) -> Data:
    """Enough of large data to draw starts from and to try them on."""
    return data.every(data.rows // SUBSAMPLE_ROWS)


def _distinct_optima(climbs: list[Climb], data: Rows, tolerance: float) -> list[int]:
    """One climb for each optimum that was reached, the highest first; any that did not collapse when none was."""
    ends = [i for i, climbed in enumerate(climbs) if climbed.status is Status.CONVERGED]
    ends = ends or [i for i, climbed in enumerate(climbs) if climbed.status is not Status.COLLAPSED] or [0]
    distinct: dict[int, Place] = {}
    for i in sorted(ends, key=lambda i: climbs[i].objective[-1], reverse=True):
        place = Place(climbs[i].mixture, float(climbs[i].objective[-1]), data, tolerance)
        if not any(other.is_same(place) for other in distinct.values()):
            distinct[i] = place
    return list(distinct)


def _best(climbs: list[Climb], tolerance: float) -> int:
    """Of the interior optima the highest, and of several runs that reached it the shortest."""
    no_optimum = (Status.COLLAPSED, Status.OUTRUN)
    interior = [i for i, climbed in enumerate(climbs) if climbed.status not in no_optimum] or range(len(climbs))
    highest = max(climbs[i].objective[-1] for i in interior)
    tied = [i for i in interior if climbs[i].objective[-1] >= highest - SLACK * tolerance]
    return min(tied, key=lambda i: (climbs[i].status is not Status.CONVERGED, climbs[i].steps))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def starts_of(model: Model, starts: int) -> int:
    """How many of so many starts a model needs: one component has a single hill, of which any start finds the top."""
    return starts if model.components > 1 else 1


def require_estimate(given: object) -> None:
    """Raise a ``ValueError`` unless there is such an estimate."""
    if given not in ESTIMATES:
        raise ValueError(f"estimate must be one of {', '.join(map(repr, ESTIMATES))}, got {given!r}.")


def _at_the_edge(climbed: Climb, data: Rows, m_step: MStep, keep_path: bool) -> Climb:
    """One step more, onto the edge of the range that EM only comes near, where the objective is no lower there."""
    if climbed.status is not Status.CONVERGED:
        return climbed
    edge = on_the_edge(climbed.mixture, edges_of(data, climbed.mixture, m_step))
    if all(np.array_equal(array, climbed.mixture.arrays()[name]) for name, array in edge.arrays().items()):
        return climbed
    objective = objective_of(data, edge, m_step)
    if not objective >= climbed.objective[-1]:
        return climbed
    log_prior = 0.0 if m_step.prior is None else float(m_step.prior.log_density(edge))
    # What is no higher is no step of its own.
    before = len(climbed.objective) - (objective == climbed.objective[-1])
    return replace(
        climbed,
        mixture=edge,
        log_likelihood=np.append(climbed.log_likelihood[:before], objective - log_prior),
        objective=np.append(climbed.objective[:before], objective),
        e_steps=climbed.e_steps + 1,
        path=(*climbed.path[:before], edge) if keep_path else (),
    )


def _prior(estimate: str, prior: Prior | None, data: Rows, model: Model) -> Prior | None:
    require_estimate(estimate)
    if estimate == "mle":
        if prior is not None:
            raise ValueError("prior applies to estimate 'map' only: leave it out, or ask for 'map'.")
        return None
    return model.chosen_prior(prior, data)


def _check_start(start: Mixture, model: Model, data: Rows) -> None:
    if not isinstance(start.components, model.family_of_components):
        raise ValueError(f"start must be a mixture of family {model.family!r}.")
    k = model.components
    example = Mixture(np.full(k, 1 / k), model.family_of_components.around(np.repeat(data.mean[None], k, axis=0), data))
    for name, array in example.arrays().items():
        given = np.shape(start.arrays()[name])
        if given != array.shape:
            raise ValueError(f"start must have {name} of shape {array.shape}, got {given}.")
    if (start.weights < 0).any() or not np.isclose(start.weights.sum(), 1):
        raise ValueError("start must have weights that are not negative and sum to one.")
    if model.mixing == "equal" and not np.allclose(start.weights, 1 / k):
        raise ValueError(f"start must have weights of 1/{k}, because mixing is 'equal'.")
    restricted = start.components.structured(model.covariance).arrays()
    for name, array in start.components.arrays().items():
        if not np.allclose(array, restricted[name], rtol=1e-9, atol=0):
            raise ValueError(f"start must have {name} of the structure {model.covariance!r}.")
    try:
        possible = bool(np.isfinite(data.total(partial(_log_likelihood, start))))
    except np.linalg.LinAlgError:
        possible = False
    if not possible:
        raise ValueError("start must give every observation a density above zero, with positive rates or variances.")


def _log_likelihood(mixture: Mixture, data: Data) -> float:
    return float(mixture.log_likelihood(data.values, data.weights))


def _report(kind: str, climbed: Climb) -> Start:
    return Start(
        kind,
        climbed.status,
        float(climbed.log_likelihood[-1]),
        float(climbed.objective[-1]),
        climbed.steps,
        climbed.mixture.ascending(),
        climbed.reason,
    )
