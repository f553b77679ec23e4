r"""The M-step of Poisson components.

The log-density of a count with the exposure $e$, whose mean is $e \lambda$, is
$\log p(x \mid \lambda) = x \log \lambda - e \lambda + (x \log e - \log x!)$, of which the bracket knows no parameter. With
$E_k = \sum_i w_i \gamma_{ik} e_i$, the rate of component $k$ occurs in $Q$ as

$$Q_k(\lambda_k) = \sum_{i=1}^n w_i \gamma_{ik} \, ( x_i \log \lambda_k - e_i \lambda_k ) + \mathrm{const}
  = \log \lambda_k \sum_{i=1}^n w_i \gamma_{ik} x_i - E_k \lambda_k + \mathrm{const} .$$

Its derivative vanishes where

$$\frac{d Q_k}{d \lambda_k} = \frac{1}{\lambda_k} \sum_{i=1}^n w_i \gamma_{ik} x_i - E_k = 0
  \quad \Rightarrow \quad \lambda_k = \frac{\sum_i w_i \gamma_{ik} x_i}{E_k} ,$$

the events by the exposure in which the component has seen them. Where every exposure is one, as it is unless given,
$E_k = N_k = \sum_i w_i \gamma_{ik}$, and the rate is the mean of the data as seen by the component. The second derivative,
$-\lambda_k^{-2} \sum_i w_i \gamma_{ik} x_i$, is negative: it is the maximum.

**Maximum a posteriori.** The Gamma$(a, b)$ prior adds $(a - 1) \log \lambda_k - b \lambda_k$, which has the same form, as
if $a - 1$ events had been counted in $b$ more of exposure:

$$\lambda_k = \frac{a - 1 + \sum_i w_i \gamma_{ik} x_i}{b + E_k} .$$

The mode is taken in the rate itself (in $\log \lambda_k$ it would have $a$ in place of $a - 1$).

Under the **weak prior** (``models/priors/poisson_weak.py``) the rates are exponential with an inverse mean $b$ that they
share and that is not seen, as the labels are not. Given $b$ it adds $\log b - b \lambda_k$, so that the E-step needs
$\mathrm{E}[b \mid \lambda] = (K + 1) / (\bar x + \sum_k \lambda_k)$ alone, at the present rates, and

$$\lambda_k = \frac{\sum_i w_i \gamma_{ik} x_i}{E_k + \mathrm{E}[b \mid \lambda]} .$$

Because $b$ is not seen the information loses $\mathrm{Var}(b \mid \lambda) \, \lambda \lambda^T$ in the chart below, with
$\mathrm{Var}(b \mid \lambda) = (K + 1) / (\bar x + \sum_k \lambda_k)^2$.

**The chart** of a component is $u_k = \log ( \lambda_k / \lambda_k^0 )$. From the derivative above, times
$d \lambda_k / d u_k = \lambda_k$,

$$\frac{\partial Q_k}{\partial u_k} = \sum_i w_i \gamma_{ik} x_i - E_k \lambda_k ,$$

with $a - 1$ added to the sum and $b$ to the exposure under the prior. The complete data's information is
$E_k \lambda_k$, and one observation's score $x - e \lambda_k$.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from models import Array, Data, Gamma, Model, Poisson, PoissonStatistics, Prior, Rows, SharedRate, Statistics

from .kernels.poisson import PoissonUpdate, poisson_steps
from .kernels.poisson_exposure import exposed_poisson_steps
from .weights import Update, followed_by_empty

# A mode at zero (no events, shape of at most one) is kept off the boundary, where the density has no logarithm.
LEAST_EVENTS = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class PoissonMStep:
    """Maximises Q over the rates; with a prior, Q plus its log-density."""

    model: Model
    data: Rows
    prior: Prior | None = None

    def __call__(self, statistics: Statistics, current: Poisson | None = None) -> Poisson:
        """The maximising components, given statistics of which no N is zero (with a prior it may be)."""
        events, exposure = self.events_and_exposure(cast(PoissonStatistics, statistics), current)
        return Poisson(events / exposure)

    def runs(
        self, data: Data, weights: Array, components: Poisson, update: Update
    ) -> list[tuple[Array, Poisson, PoissonStatistics]]:
        """Plain EM in compiled code: of each start the log-likelihoods, components with a leading axis, the last statistics.

        The first row of ``weights`` of each start, shape ``(starts, steps, k)``, is given and the others are filled.
        """
        chunk = data.chunk(0, len(data.values))
        x, seen, exposure, base = chunk.x[0], chunk.weights, chunk.exposure, chunk.log_base
        rates = followed_by_empty(components.rates, weights.shape[1])
        given = self._update._replace(least_count=update.least_count, pseudo_count=update.pseudo_count)
        found: tuple[Iterable[Any], ...]
        if exposure is None:
            found = (*poisson_steps(x, seen, -base, weights, rates, given, update.tolerance), repeat(None, len(rates)))
        else:
            found = exposed_poisson_steps(x, exposure, seen, base, weights, rates, given, update.tolerance)
        return [
            (log_likelihood[:visited], Poisson(rates[s, :visited]), PoissonStatistics(*statistics))
            for s, (visited, log_likelihood, *statistics) in enumerate(zip(*found, strict=True))
        ]

    def chart(self, components: Poisson, statistics: Statistics) -> PoissonChart:
        """Coordinates about these components, whose expected statistics are given."""
        return PoissonChart(self, components, cast(PoissonStatistics, statistics))

    def events_and_exposure(self, given: PoissonStatistics, current: Poisson | None) -> tuple[Array, Array]:
        """The events and exposures whose ratios are the rates, the prior's own events and exposure among them."""
        prior = self.prior.components if self.prior else None
        if isinstance(prior, Gamma):
            return np.maximum(prior.shape - 1 + given.sums, LEAST_EVENTS), prior.rate + given.exposures
        if isinstance(prior, SharedRate):
            if current is None:
                raise ValueError("current must be there under the weak prior, whose shared scale depends on it.")
            return np.maximum(given.sums, LEAST_EVENTS), given.exposures + prior.expected_scale(current.rates)
        return given.sums, given.exposures

    def missing(self, rates: Array) -> Array:
        """What is not known of the logarithms of the rates because a shared scale is not seen, shape ``(k, k)``."""
        prior = self.prior.components if self.prior else None
        if not isinstance(prior, SharedRate):
            return np.zeros((len(rates), len(rates)))
        return np.outer(rates, rates) * (prior.expected_scale(rates) ** 2 / (len(rates) + 1))

    @cached_property
    def _update(self) -> PoissonUpdate:
        given = self.prior.components if self.prior else None
        gamma, shared = given if isinstance(given, Gamma) else None, given if isinstance(given, SharedRate) else None
        return PoissonUpdate(
            least_count=0.0,
            equal_weights=not self.model.weights_are_free,
            pseudo_count=0.0,
            events=gamma.shape - 1 if gamma else 0.0,
            least_events=LEAST_EVENTS if given else 0.0,
            exposure=gamma.rate if gamma else 0.0,
            shared_mean=shared.mean if shared else 0.0,
        )

    def collapse(self, components: object) -> str | None:
        """Poisson likelihoods are bounded, hence no set of rates counts as collapsed."""
        return None

    def positive(self, components: Poisson) -> Poisson:
        """Ones, since all rates are positive."""
        return Poisson(np.ones_like(components.rates))

    def deviation_ratio(self, components: object) -> None:
        """A Poisson's standard deviation follows from its rate."""

    def edge_values(self, components: Poisson) -> Array:
        """The rates, each of which is zero where the component has seen no events, shape ``(k, 1)``."""
        return components.rates[:, None]

    def held(self, components: Poisson, component: int, place: int, value: float) -> Poisson:
        """The rates, with one of them at a value."""
        rates = components.rates.copy()
        rates[component] = value
        return Poisson(rates)

    def shrunk(self, components: object, component: int, centre: Array, factor: float) -> None:
        """Return ``None``: the likelihood of counts is bounded."""


@dataclass(frozen=True)
class PoissonChart:
    """Relative changes of the logarithms of the rates."""

    m_step: PoissonMStep
    reference: Poisson
    expected: PoissonStatistics

    @cached_property
    def scales(self) -> Array:
        """The scale of each rate's coordinate, √(λ Σγe)."""
        return np.asarray(np.sqrt(self._exposure * self.reference.rates))

    def components(self, coordinates: Array) -> Poisson:
        """The components at these coordinates, shape ``(k,)``."""
        return Poisson(self.reference.rates * np.exp(coordinates))

    def place_of(self, components: Poisson) -> Array:
        """The coordinates of components; a rate on its edge, zero, has only that."""
        rates = self.reference.rates
        return np.asarray(np.where(rates > 0, np.log(components.rates / rates), 0.0))

    def gradient(self, coordinates: Array, statistics: PoissonStatistics) -> Array:
        """Events that were seen less those that the rates let expect."""
        current = self.components(coordinates)
        events, exposure = self.m_step.events_and_exposure(statistics, current)
        return np.asarray(events - exposure * current.rates)

    def information(self) -> Array:
        """λ Σγe on the diagonal, less what a shared scale that is not seen takes away."""
        return np.diag(self._exposure * self.reference.rates) - self.m_step.missing(self.reference.rates)

    @cached_property
    def _exposure(self) -> Array:
        return self.m_step.events_and_exposure(self.expected, self.reference)[1]

    @property
    def places(self) -> NDArray[np.intp]:
        """The one coordinate that each component depends on, shape ``(k, 1)``."""
        return np.arange(len(self.reference.rates))[:, None]

    def scores(self, x: Array, exposure: Array | None = None) -> Array:
        """x − e λ, shape ``(k, 1, n)``."""
        rates = self.reference.rates[:, None, None]
        return np.asarray(x.T - (rates if exposure is None else rates * exposure))

    def tangents(self) -> Poisson:
        """The rates, each in a row of its own."""
        return Poisson(np.diag(self.reference.rates))
