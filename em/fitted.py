"""What a fit by EM comes to: the estimate, how it was reached, and how every start ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, overload

import numpy as np

from models import Data, Mixture, Model, Predicts, Prior, Rows, Shown, SparseData, in_memory, labels_in_words, plain
from models.units import units_in_words
from models.upward import drawn

from .e_step import log_likelihoods
from .edge import Edge, edges_of, on_the_edge
from .given_start import beside_the_search
from .information import Information, information
from .loop import Climb, Status
from .m_step import MStep
from .optimum import TOLERANCE, Place

if TYPE_CHECKING:
    import pandas as pd

    from models.upward import Axes


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


@dataclass(frozen=True)
class Starts(Sequence[Start]):
    """How every start ended.

    Large data are climbed on a subsample, on which all but a few starts are ``left``. Their log-likelihoods on all
    rows, which ``ends`` do not know yet, take longer than the best optimum does: they are found when somebody looks.

    Examples
    --------
    >>> from em import fit
    >>> starts = fit([0, 1, 1, 2, 3, 8, 9, 9, 10, 12], "poisson", 2, starts=10).starts
    >>> len(starts), starts[0].kind
    (10, 'quantiles')
    """

    ends: tuple[Start, ...]
    left: tuple[int, ...]
    rows: Rows

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, place: int) -> Start: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Start, ...]: ...
    def __getitem__(self, place: int | slice) -> Start | tuple[Start, ...]:
        return self._on_all_rows[place]

    @cached_property
    def _on_all_rows(self) -> tuple[Start, ...]:
        if not self.left:
            return self.ends
        ends = list(self.ends)
        heights = log_likelihoods(self.rows, [ends[i].mixture for i in self.left])
        for i, height in zip(self.left, heights.tolist(), strict=True):
            log_prior = ends[i].objective - ends[i].log_likelihood
            ends[i] = replace(ends[i], log_likelihood=height, objective=height + log_prior)
        return tuple(ends)


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
    starts: Sequence[Start]
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
        return (*self.starts, *(() if self.search is None else self.search.starts))

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
