r"""The M-step of products of Poissons: many columns of counts, independent of one another given the component.

Given its component, a row $x_i \in \mathbb{N}^d$ has the log-probability

$$\sum_{j=1}^d \bigl( x_{ij} \log \lambda_{kj} - e_i \lambda_{kj} + x_{ij} \log e_i - \log x_{ij}! \bigr) ,$$

where $e_i$ is the
exposure of the row, a size factor that all its counts share (one, unless told otherwise). The labels are the
only thing that the columns have in common: they say of which component *all* counts of a row are. In $Q$

$$Q_k(\lambda_k) = \sum_{j=1}^d \Bigl( \log \lambda_{kj} \sum_{i=1}^n w_i \gamma_{ik} x_{ij} - E_k \lambda_{kj} \Bigr)
  + \mathrm{const} , \qquad E_k = \sum_{i=1}^n w_i \gamma_{ik} e_i ,$$

every rate has a term of its own, which is that of one column (``em/poisson.py``), and hence

$$\lambda_{kj} = \frac{\sum_i w_i \gamma_{ik} x_{ij}}{E_k} .$$

What many columns change is the E-step: the log-odds of two components add up over the columns,

$$\log \frac{\gamma_{ik}}{\gamma_{il}} = \log \frac{\pi_k}{\pi_l}
  + \sum_{j=1}^d \Bigl( x_{ij} \log \frac{\lambda_{kj}}{\lambda_{lj}} - e_i (\lambda_{kj} - \lambda_{lj}) \Bigr) ,$$

so that a column tells two components apart by how much their rates differ. With all columns' log-rates as a matrix
$\log \Lambda$ of shape $k \times d$ the E-step is the product $X (\log \Lambda)^T$, less the exposures times the sums of
the rates, and the M-step's sums are $\gamma^T X$: both take the counts that are not zero alone.

**Maximum a posteriori.** A Gamma$(a, \beta_j)$ prior for each column's rates adds $(a - 1) \log \lambda_{kj} - \beta_j
\lambda_{kj}$, and under the weak prior (``models/priors/poisson_product_weak.py``) the E-step needs the column's
$\mathrm{E}[b_j \mid \lambda] = (K + 1) / (\bar x_j + \sum_k \lambda_{kj})$ besides:

$$\lambda_{kj} = \frac{a - 1 + \sum_i w_i \gamma_{ik} x_{ij}}{\beta_j + E_k} , \qquad
  \lambda_{kj} = \frac{\sum_i w_i \gamma_{ik} x_{ij}}{E_k + \mathrm{E}[b_j \mid \lambda]} .$$

Because $b_j$ is not seen the information loses $\mathrm{Var}(b_j \mid \lambda) \, \lambda_{\cdot j} \lambda_{\cdot j}^T$ in
the chart below, among the rates of one column, with
$\mathrm{Var}(b_j \mid \lambda) = (K + 1) / (\bar x_j + \sum_k \lambda_{kj})^2$.

**The chart** is $u_{kj} = \log ( \lambda_{kj} / \lambda_{kj}^0 )$, in which

$$\frac{\partial Q_k}{\partial u_{kj}} = \sum_i w_i \gamma_{ik} x_{ij} - E_k \lambda_{kj} ,$$

the complete data's information is $E_k \lambda_{kj}$, and one observation's score $x_{ij} - e_i \lambda_{kj}$. A rate on its
edge, zero, has none of it: a column in which a component has seen no event.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from models import (
    Array,
    Data,
    Gammas,
    Model,
    PoissonProduct,
    PoissonProductStatistics,
    Prior,
    Rows,
    SharedRates,
    Statistics,
)

from .poisson import LEAST_EVENTS
from .weights import Update, m_step_weights


@dataclass(frozen=True)
class PoissonProductMStep:
    """Maximises Q over the rates; with a prior, Q plus its log-density."""

    model: Model
    data: Rows
    prior: Prior | None = None

    def __call__(self, statistics: Statistics, current: PoissonProduct | None = None) -> PoissonProduct:
        """The maximising components, given statistics of which no N is zero (with a prior it may be)."""
        events, exposure = self.events_and_exposure(cast(PoissonProductStatistics, statistics), current)
        return PoissonProduct(events / exposure)

    def runs(
        self, data: Data, weights: Array, components: PoissonProduct, update: Update
    ) -> list[tuple[Array, PoissonProduct, PoissonProductStatistics]]:
        """Plain EM, whose passes are compiled: of each start log-likelihoods, components with a leading axis, statistics.

        The first row of ``weights`` of each start, shape ``(starts, steps, k)``, is given and the others are filled.
        """
        return [
            self._run(data, of_start, PoissonProduct(rates), update)
            for of_start, rates in zip(weights, components.rates, strict=True)
        ]

    def _run(
        self, data: Data, weights: Array, components: PoissonProduct, update: Update
    ) -> tuple[Array, PoissonProduct, PoissonProductStatistics]:
        log_likelihoods: list[float] = []
        visited: list[Array] = []
        for step in range(len(weights)):
            log_likelihood, statistics = components.expectation(data, weights[step])
            log_likelihoods.append(log_likelihood)
            visited.append(components.rates)
            regular = np.isfinite(log_likelihood) and statistics.counts.min() > update.least_count
            if not regular or step + 1 == len(weights):
                break
            weights[step + 1] = m_step_weights(statistics.counts, self.model, self.prior)
            components = self(statistics, components)
        return np.array(log_likelihoods), PoissonProduct(np.array(visited)), statistics

    def chart(self, components: PoissonProduct, statistics: Statistics) -> PoissonProductChart:
        """Coordinates about these components, whose expected statistics are given."""
        return PoissonProductChart(self, components, cast(PoissonProductStatistics, statistics))

    def events_and_exposure(
        self, given: PoissonProductStatistics, current: PoissonProduct | None
    ) -> tuple[Array, Array]:
        """The events and exposures whose ratios are the rates, the prior's own among them, both of shape ``(k, d)``."""
        prior, exposures = self.prior.components if self.prior else None, given.exposures[:, None]
        if isinstance(prior, Gammas):
            return np.maximum(prior.shape - 1 + given.sums, LEAST_EVENTS), prior.rates + exposures
        if isinstance(prior, SharedRates):
            if current is None:
                raise ValueError("current must be there under the weak prior, whose shared scales depend on it.")
            return np.maximum(given.sums, LEAST_EVENTS), exposures + prior.expected_scales(current.rates)
        return given.sums, np.broadcast_to(exposures, given.sums.shape)

    def missing(self, rates: Array) -> Array:
        """What is not known of the logarithms of the rates because shared scales are not seen, shape ``(kd, kd)``."""
        prior, (k, d) = self.prior.components if self.prior else None, rates.shape
        if not isinstance(prior, SharedRates):
            return np.zeros((k * d, k * d))
        lost = np.sqrt(prior.expected_scales(rates) ** 2 / (k + 1)) * rates
        return np.asarray(np.einsum("kj,lj,ji->kjli", lost, lost, np.eye(d)).reshape(k * d, k * d))

    def collapse(self, components: object) -> str | None:
        """Poisson likelihoods are bounded, hence no set of rates counts as collapsed."""
        return None

    def positive(self, components: PoissonProduct) -> PoissonProduct:
        """Ones, since all rates are positive."""
        return PoissonProduct(np.ones_like(components.rates))

    def deviation_ratio(self, components: object) -> None:
        """A Poisson's standard deviation follows from its rate."""

    def edge_values(self, components: PoissonProduct) -> Array:
        """The rates, each of which is zero where the component has seen no events in the column."""
        return components.rates

    def held(self, components: PoissonProduct, component: int, place: int, value: float) -> PoissonProduct:
        """The rates, with one of them at a value."""
        rates = components.rates.copy()
        rates[component, place] = value
        return PoissonProduct(rates)

    def shrunk(self, components: object, component: int, centre: Array, factor: float) -> None:
        """There is nothing to shrink."""


@dataclass(frozen=True)
class PoissonProductChart:
    """Relative changes of the logarithms of the rates, component by component."""

    m_step: PoissonProductMStep
    reference: PoissonProduct
    expected: PoissonProductStatistics

    @cached_property
    def scales(self) -> Array:
        """The scale of each rate's coordinate, √(λ Σγe)."""
        return np.sqrt(self._complete)

    def components(self, coordinates: Array) -> PoissonProduct:
        """The components at these coordinates, shape ``(kd,)``."""
        rates = self.reference.rates
        return PoissonProduct(rates * np.exp(coordinates.reshape(rates.shape)))

    def place_of(self, components: PoissonProduct) -> Array:
        """The coordinates of components; a rate on its edge, zero, has only that."""
        rates = self.reference.rates
        return np.asarray(np.where(rates > 0, np.log(components.rates / rates), 0.0).ravel())

    def gradient(self, coordinates: Array, statistics: PoissonProductStatistics) -> Array:
        """Events that were seen less those that the rates let expect."""
        current = self.components(coordinates)
        events, exposure = self.m_step.events_and_exposure(statistics, current)
        return np.asarray(events - exposure * current.rates).ravel()

    def information(self) -> Array:
        """λ Σγe on the diagonal, less what shared scales that are not seen take away."""
        return np.diag(self._complete) - self.m_step.missing(self.reference.rates)

    @cached_property
    def _complete(self) -> Array:
        exposure = self.m_step.events_and_exposure(self.expected, self.reference)[1]
        return np.asarray(exposure * self.reference.rates).ravel()

    @property
    def places(self) -> NDArray[np.intp]:
        """The coordinates of each component's rates, shape ``(k, d)``."""
        return np.arange(self.reference.rates.size).reshape(self.reference.rates.shape)

    def scores(self, x: Array, exposure: Array | None = None) -> Array:
        """x − e λ, shape ``(k, d, n)``."""
        rates = self.reference.rates[:, :, None]
        return np.asarray(x.T - (rates if exposure is None else rates * exposure))

    def tangents(self) -> PoissonProduct:
        """The rates, each in a row of its own."""
        k, d = self.reference.rates.shape
        return PoissonProduct(np.diag(self.reference.rates.ravel()).reshape(k * d, k, d))
