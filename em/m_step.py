"""The M-step of a whole mixture: its weights, and its components by their family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from models import Array, Components, Data, Mixture, Model, Prior, Rows, Statistics

from .chart import Chart, ComponentChart
from .gaussian import GaussianMStep
from .poisson import PoissonMStep
from .poisson_product import PoissonProductMStep
from .weights import Update, followed_by_empty, m_step_weights

Run = tuple[Array, Mixture, Statistics]


class ComponentMStep(Protocol):
    """The M-step of a family's components, and what the loop has to know of them."""

    def __call__(self, statistics: Statistics, current: Any = None) -> Components:
        """The components that maximise Q; those under which the statistics are expected are ``current``."""

    def collapse(self, components: Any) -> str | None:
        """Why these components are no interior maximum, or ``None``."""

    def runs(
        self, data: Data, weights: Array, components: Any, update: Update
    ) -> Sequence[tuple[Array, Components, Statistics]]:
        """Plain EM from each start without a return to Python: log-likelihoods, components, the statistics of the last.

        The first row of ``weights`` of each start, shape ``(starts, steps, k)``, is given and the others are filled.
        """

    def chart(self, components: Any, statistics: Statistics) -> ComponentChart:
        """Coordinates about these components, whose expected statistics are given."""

    def positive(self, components: Any) -> Components:
        """Components that hold a one in place of each parameter that is positive by its nature, and a zero elsewhere."""

    def deviation_ratio(self, components: Any) -> float | None:
        """The smallest ratio of two components' standard deviations; ``None`` where that is no sign of collapse."""

    def edge_values(self, components: Any) -> Array:
        """The parameters that may be zero, such as rates, shape ``(k, q)``; a family without any has no column."""

    def held(self, components: Any, component: int, place: int, value: float) -> Components:
        """The components with the one of these parameters that is at this place at a value."""

    def shrunk(self, components: Any, component: int, centre: Array, factor: float) -> Components | None:
        """The components, one of them drawn together about ``centre``; ``None`` where the likelihood is bounded."""


component_m_steps: dict[str, Callable[[Model, Rows, Prior | None], ComponentMStep]] = {
    "gaussian": GaussianMStep,
    "poisson": PoissonMStep,
    "poisson-product": PoissonProductMStep,
}


@dataclass(frozen=True)
class MStep:
    """The M-step: from expected sufficient statistics the mixture that maximises Q, with a prior Q plus its log-density.

    Parameters
    ----------
    model
        The model.
    data
        The rows that it is fitted to.
    prior
        The prior of a MAP estimate; the M-step is otherwise that of maximum likelihood.

    Examples
    --------
    >>> import numpy as np
    >>> from em import MStep, e_step
    >>> from models import Data, Mixture, Model, Poisson
    >>> data = Data.of([0, 1, 9, 10])
    >>> mixture = Mixture(np.array([0.5, 0.5]), Poisson(np.array([2.0, 6.0])))
    >>> MStep(Model("poisson", 2), data)(e_step(data, mixture).statistics, mixture).components.rates.round(3)
    array([0.508, 9.204])
    """

    model: Model
    data: Rows
    prior: Prior | None = None

    def __call__(self, statistics: Statistics, current: Mixture | None = None) -> Mixture:
        """The maximising mixture, given the statistics that are expected under the ``current`` one.

        The current mixture counts under a prior whose scale is unknown: what is expected of that scale depends on it.
        """
        weights = m_step_weights(statistics.counts, self.model, self.prior)
        return Mixture(weights, self._of_components(statistics, current.components if current else None))

    def runs(self, data: Data, starts: Mixture, count: int, tolerance: float = -1.0) -> list[Run]:
        """Each of the starts, along the leading axis, and those to which plain EM leads, ``count`` in all, in compiled code.

        Of each the log-likelihoods, the mixtures with a leading axis, and the statistics of the last. A run ends early,
        perhaps before the first, where a component is not regular: nearly empty, or nearly singular; and where it may be
        within ``tolerance`` of its limit, unless that is negative.
        """
        weights = followed_by_empty(starts.weights, count)
        least_count = -1.0 if self.prior else self._least_count
        pseudo_count = float(self.prior.concentration - 1) if self.prior else 0.0
        found = self._of_components.runs(data, weights, starts.components, Update(least_count, pseudo_count, tolerance))
        return [
            (log_likelihood, Mixture(of_start[: len(log_likelihood)], components), statistics)
            for of_start, (log_likelihood, components, statistics) in zip(weights, found, strict=True)
        ]

    def collapse(self, mixture: Mixture, statistics: Statistics) -> str | None:
        """Why EM cannot go on from this mixture to an interior maximum, or ``None`` when it can.

        Under a prior neither an empty component nor a singular covariance can harm.
        """
        if self.prior is not None:
            return None
        return self.emptied(statistics) or self._of_components.collapse(mixture.components)

    def emptied(self, statistics: Statistics) -> str | None:
        """Which component is empty, if one is and no prior fills it: less than a millionth of one observation is its own."""
        if self.prior is not None:
            return None
        empty = (statistics.counts < self._least_count).nonzero()[0]
        return f"component {empty[0] + 1} is empty" if empty.size else None

    def chart(self, mixture: Mixture, statistics: Statistics) -> Chart:
        """Coordinates about this mixture, whose expected statistics are given."""
        of_components = self._of_components.chart(mixture.components, statistics)
        return Chart(mixture, statistics.counts, of_components, self.model, self.prior)

    def ranges(self, mixture: Mixture) -> Mixture:
        """A mark in place of each parameter: 0 for any number, 1 for positive numbers, 2 for shares."""
        return Mixture(np.full(self.model.components, 2.0), self._of_components.positive(mixture.components))

    def deviation_ratio(self, mixture: Mixture) -> float | None:
        """The smallest ratio of two components' standard deviations; ``None`` where that is no sign of collapse."""
        return self._of_components.deviation_ratio(mixture.components)

    def edge_values(self, components: Components) -> Array:
        """The parameters that may be zero, shape ``(k, q)``."""
        return self._of_components.edge_values(components)

    def held(self, components: Components, component: int, place: int, value: float) -> Components:
        """The components with the one of these parameters that is at this place at a value."""
        return self._of_components.held(components, component, place, value)

    def shrunk(self, mixture: Mixture, component: int, centre: Array, factor: float) -> Mixture | None:
        """The mixture with one component drawn together about ``centre``; ``None`` where the likelihood is bounded."""
        components = self._of_components.shrunk(mixture.components, component, centre, factor)
        return None if components is None else Mixture(mixture.weights, components)

    @property
    def is_closed(self) -> bool:
        """Whether nothing but the labels is unseen, so that with one component a step leads to the maximum."""
        return self.prior is None or self.prior.components.is_conjugate

    @cached_property
    def _least_count(self) -> float:
        return 1e-6 * min(1.0, self.data.smallest_weight)

    @cached_property
    def _of_components(self) -> ComponentMStep:
        return component_m_steps[self.model.family](self.model, self.data, self.prior)
