"""Fit a mixture by EM: several starts, the best interior optimum kept, all of them reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from models import (
    AnyPrior,
    Data,
    GivenLabels,
    Mixture,
    Model,
    Predicts,
    Prior,
    Rows,
    Shown,
    SparseData,
    aligned,
    in_memory,
    labels_in_words,
    plain,
    require_memory,
    require_whole,
    rows_of,
)
from models.rows import taken_by
from models.units import units_in_words
from models.upward import drawn

from .edge import Edge, edges_of, on_the_edge, onto_the_edge
from .given_start import beside_the_search
from .information import Information, information
from .loop import ACCELERATIONS, Climb, Status
from .m_step import MStep
from .optimum import TOLERANCE, Place
from .search import Search, best_of, subsample
from .starts import OWN, bytes_of_start, check_start, draw_starts, starts_of

if TYPE_CHECKING:
    import pandas as pd

    from models.upward import Axes

ESTIMATES = ("mle", "map")


@dataclass(frozen=True)
class Start:
    """How one start ended: its kind, the status, the log-likelihood and objective in nats, and the steps taken.

    The steps are those on all data; on large data others went before them, on a subsample.

    Examples
    --------
    >>> from em import fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> [(start.kind, str(start.status)) for start in fit(x, "poisson", 2, starts=2).starts]
    [('quantiles', 'converged'), ('k-means++', 'converged')]
    """

    kind: str
    status: Status
    log_likelihood: float
    objective: float
    steps: int
    mixture: Mixture
    reason: str | None = None


@dataclass(frozen=True, repr=False)
class Fit(Shown, Predicts):
    """An EM estimate, apart from how it was reached; ``predict`` and ``score`` say what it makes of new rows.

    ``mixture`` has its components in ascending order of their (first) mean or rate, but for those that a known label names,
    which come in the order of the labels; ``log_likelihood``, in nats, is its own. ``climb`` is the run of EM that led to
    it, and ``starts`` says how every start ended. ``tolerance`` is how near its limit a start had to come to count as
    converged, in nats. ``observations`` are what was fitted, in memory or not. ``search`` is the search over starts that
    stands beside an estimate from a given start; see :func:`beside`.

    Examples
    --------
    >>> from em import fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fitted = fit(x, "poisson", 2, starts=10)
    >>> str(fitted.status), round(fitted.log_likelihood, 2), fitted.mixture.components.rates.round(2).tolist()
    ('converged', -24.68, [1.37, 9.44])
    """

    observations: Rows
    model: Model
    prior: Prior | None
    mixture: Mixture
    climb: Climb
    starts: tuple[Start, ...]
    tolerance: float = TOLERANCE
    search: Fit | None = None

    @property
    def data(self) -> Data:
        """The observations, for whatever needs all of them in memory; a ``ValueError`` where they are not."""
        return in_memory(self.observations)

    @property
    def columns(self) -> tuple[str, ...]:
        """A name for each of the d features."""
        return self.observations.columns

    @property
    def exposure_column(self) -> str | None:
        """The name of the exposure, ``None`` where there was none."""
        return self.observations.exposure_column if self.observations.is_exposed else None

    @property
    def estimate(self) -> str:
        """``"mle"``, or ``"map"`` when a prior was used: the mode in the measure that the prior says."""
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

    @property
    def runs(self) -> tuple[Start, ...]:
        """How every start ended, those of the search beside a given start as well."""
        return self.starts if self.search is None else (*self.starts, *self.search.starts)

    @property
    def highest(self) -> float:
        """The objective of the highest optimum that is known: its own, unless the search beside it found a higher one."""
        own = float(self.climb.objective[-1])
        if self.search is None or self.search.status is Status.COLLAPSED:
            return own
        found = self.search.highest
        return found if self.status is Status.COLLAPSED else max(own, found)

    @cached_property
    def from_where(self) -> str:
        """Which of the starts led to the estimate, in words; of a given one how it stands to the best of the search."""
        if self.search is None:
            return f"best of {_counted(len(self.starts), 'start')}"
        rows = self.observations.compress()
        own, best = (
            Place(each.mixture, float(each.climb.objective[-1]), rows, each.tolerance) for each in (self, self.search)
        )
        found = beside_the_search(own, self.status, best, self.search.status, len(self.search.starts))
        return f"from the given start: {found}"

    @cached_property
    def parameters(self) -> dict[str, float]:
        """Every free parameter by its name."""
        named = self.model.scalars(self.mixture, self.observations.columns)
        return {name: float(value) for name, value in named.items()}

    @cached_property
    def information(self) -> Information | None:
        """The observed information at the estimate; ``None`` where the likelihood is unbounded."""
        if self.status is Status.COLLAPSED:
            return None
        try:
            return information(self.rows.compress(), on_the_edge(self.mixture, self.edges), self.m_step)
        except np.linalg.LinAlgError:
            return None

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """What of the estimate lies on the edge of its range."""
        return edges_of(self.rows.compress(), self.mixture, self.m_step, self.tolerance)

    @cached_property
    def m_step(self) -> MStep:
        """The M-step that led to the estimate, with its prior if it has one."""
        return MStep(self.model, self.rows, self.prior)

    @property
    def rows(self) -> Data | SparseData:
        """The observations in memory, sparse ones as they are; a ``ValueError`` where they are not."""
        return self.observations if isinstance(self.observations, SparseData) else self.data

    def plot(self, feature: int | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw the data and the estimate: two features as a scatter, otherwise one of them, the first unless given.

        Here and below ``ax`` are the axes to draw on, new ones unless given; they are returned.
        """
        if feature is None and self.model.dimension == 2:
            return drawn(ax, "estimate_in_the_plane", self)
        return drawn(ax, "estimate", self, feature or 0)

    def plot_climb(self, *, ax: Axes | None = None) -> Axes:
        """Draw what EM climbs, step by step."""
        return drawn(ax, "climb", self)

    def plot_distance(self, *, ax: Axes | None = None) -> Axes:
        """Draw how far below its limit EM is after each step, on a logarithmic axis."""
        return drawn(ax, "distance", self)

    def plot_starts(self, *, ax: Axes | None = None) -> Axes:
        """Draw how far below the best each start ended."""
        return drawn(ax, "starts", self)

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
            f"{self.from_where}"
        )

    def _shown(self) -> pd.DataFrame:
        """The table as text; the digits that the data justify are known to an audit, and here are six."""
        return self.table().map(lambda value: plain(value, 6))

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield self.summary()
        yield from labels_in_words(self.observations)
        yield self._shown()
        yield from units_in_words(self.observations)


def fit(
    x: ArrayLike | Rows,
    family: str,
    components: int,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    known: GivenLabels | None = None,
    estimate: str = "mle",
    prior: AnyPrior | None = None,
    starts: int = 100,
    start: Any = None,
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
    exposure
        How long, or how much, was watched for each row of counts, shape ``(n,)``, above zero in any unit.
    known
        The label of each observation whose component is known, shape ``(n,)``: a name or the number of a component, and
        ``None``, NaN, an empty text or −1 where nobody knows; see :func:`models.known_of`.
    estimate
        ``"mle"`` for the maximum of the likelihood, or ``"map"`` for the mode under the ``prior``.
    prior
        The prior of the MAP estimate, its parameters ``{"weights": …, "components": …}``, or its name, ``"weak"`` or
        ``"conjugate"``; unless given, the one that the posterior has as well.
    starts
        How many starts to try, of all kinds in turn: each gets a short run, and the ten that are then ahead go on to
        the end. One component needs one.
    start
        The only start, in place of all others: a mixture, or anything else that :meth:`models.Mixture.of` reads. The
        estimate is then the end of the one run from there; :func:`beside` holds it against a search.
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

    Examples
    --------
    >>> from em import fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fitted = fit(x, family="poisson", components=2, starts=10)
    >>> print(fitted)
    MLE of a 2-component poisson mixture: log-likelihood -24.684494, converged after 5 steps, best of 10 starts
                     MLE
    parameter
    weights[1]  0.488393
    weights[2]  0.511607
    rates[1]     1.36798
    rates[2]     9.44453
    >>> fitted.predict([0, 15])
    array([0, 1])
    """
    data = rows_of(x, weights, exposure, known)
    model = Model.of(data, family, components, covariance, mixing)
    data = taken_by(model.family_of_components, data)
    m_step = MStep(model, data, _prior(estimate, prior, data, model))
    rng = np.random.default_rng(seed)
    compressed = data.compress()
    require_whole("max_steps", max_steps, least=0)
    if not tolerance > 0:
        raise ValueError(f"tolerance must be positive, got {tolerance!r}.")
    if acceleration not in ACCELERATIONS:
        raise ValueError(f"acceleration must be one of {', '.join(map(repr, ACCELERATIONS))}, got {acceleration!r}.")
    if start is not None:
        own = start if isinstance(start, Mixture) else Mixture.of(start, data if isinstance(data, Data) else None)
        check_start(own, model, compressed)
        points = [(OWN, aligned(own, compressed) if isinstance(compressed, Data) else own)]
    else:
        require_whole("starts", starts, least=1)
        require_memory("starts", starts, bytes_of_start(model))
        points = draw_starts(starts_of(model, starts), subsample(compressed), model, rng)
    search = Search(m_step, tolerance, max_steps, acceleration, on_start)
    points, climbs = search(points, compressed)
    best = best_of(climbs, tolerance)
    chosen = climbs[best]
    if keep_path:
        chosen = search.climbed(compressed, points[best][1], keep_path=True)
    chosen = onto_the_edge(chosen, compressed, m_step, keep_path)
    tried = tuple(_report(kind, climbed, data.fixed) for (kind, _), climbed in zip(points, climbs, strict=True))
    kept = data if isinstance(data, Data) else compressed
    return Fit(kept, model, m_step.prior, chosen.mixture.ascending(data.fixed), chosen, tried, tolerance)


def beside(fitted: Fit, searched: Fit) -> Fit:
    """Put the fit from a given start beside a search over starts for the same model, which its audit then knows.

    Parameters
    ----------
    fitted
        The fit from a given start.
    searched
        The fit of the same model to the same data by a search over starts.

    Returns
    -------
    Fit
        The first one, which knows of the second.

    Raises
    ------
    ValueError
        When the two are estimates of different models or data.

    Examples
    --------
    >>> from em import beside, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> own = fit(x, "poisson", 2, start={"weights": [0.5, 0.5], "rates": [1.0, 10.0]})
    >>> beside(own, fit(x, "poisson", 2, starts=10)).from_where
    'from the given start: the optimum is the same as the best of the search over 10 starts'
    """
    same = fitted.model == searched.model and fitted.estimate == searched.estimate
    if not same or fitted.observations.sha256 != searched.observations.sha256:
        raise ValueError("searched must be the same estimate of the same model and data as fitted.")
    return replace(fitted, search=searched)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def require_estimate(given: object) -> None:
    """Make sure that there is such an estimate.

    Parameters
    ----------
    given
        What a caller gave for ``estimate``.

    Raises
    ------
    ValueError
        When it is none of ``em.ESTIMATES``.

    Examples
    --------
    >>> from em import require_estimate
    >>> require_estimate("mode")
    Traceback (most recent call last):
    ValueError: estimate must be one of 'mle', 'map', got 'mode'.
    """
    if given not in ESTIMATES:
        raise ValueError(f"estimate must be one of {', '.join(map(repr, ESTIMATES))}, got {given!r}.")


def _prior(estimate: str, prior: AnyPrior | None, data: Rows, model: Model) -> Prior | None:
    require_estimate(estimate)
    if estimate == "mle":
        if prior is not None:
            raise ValueError("prior applies to estimate 'map' only: leave it out, or ask for 'map'.")
        return None
    return model.chosen_prior(prior, data)


def _report(kind: str, climbed: Climb, fixed: tuple[int, ...]) -> Start:
    return Start(
        kind,
        climbed.status,
        float(climbed.log_likelihood[-1]),
        float(climbed.objective[-1]),
        climbed.steps,
        climbed.mixture.ascending(fixed),
        climbed.reason,
    )
