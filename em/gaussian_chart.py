r"""The chart of Gaussian components: coordinates about them for accelerated EM and for the observed information.

**The chart** of a component is about a mean $\mu^0$ and a Cholesky factor $L^0$: its coordinates are the shift of the mean
in standard deviations, $\mu = \mu^0 + L^0 m$, and the entries of a lower triangular $T$ with
$\Sigma = L^0 T T^T L^{0T}$, those on the diagonal as logarithms. From the gradient above, and with
$d\Sigma = dL \, L^T + L \, dL^T$ in $\partial Q_k / \partial \Sigma = \frac12 \Sigma^{-1} (S - N \Sigma) \Sigma^{-1}$,

$$\frac{\partial Q_k}{\partial m} = L^{0T} \Sigma^{-1} \sum_i w_i \gamma_{ik} (x_i - \mu) , \qquad
  \frac{\partial Q_k}{\partial T} = \mathrm{lower} \bigl( T^{-T} ( L^{-1} S L^{-T} - N I ) \bigr) ,$$

with $S$ about the current mean and $L = L^0 T$; the logarithms on the diagonal bring a factor $T_{jj}$. The complete
data's information is $N$ for each $m_j$ and each entry below the diagonal, and $2N$ for each logarithm. Under the prior
$S$ and $N$ are the matrices and counts whose ratios are the covariances above.

That is so at a maximum of $Q$. Anywhere else, write $y = L^{0\,-1} (x - \mu^0)$, $a = \sum_i w_i \gamma_{ik} y_i$ and
$S = \sum_i w_i \gamma_{ik} y_i y_i^T$, so that $-Q_k = N \log |T| + \frac12 \sum_i w_i \gamma_{ik} |T^{-1}(y_i - m)|^2$.
From $\partial T^{-1} / \partial T_{ab} = -T^{-1} e_a e_b^T T^{-1}$, at $m = 0$ and $T = I$,

$$\begin{aligned}
  -\frac{\partial^2 Q_k}{\partial m_c \, \partial T_{ab}} &= [b = c] \, a_a + [a = c] \, a_b , \\
  -\frac{\partial^2 Q_k}{\partial T_{ab} \, \partial T_{cd}} &=
    [a = d] \, S_{bc} + [a = c] \, S_{bd} + [b = c] \, S_{ad} - N \, [a = d] \, [b = c] ,
\end{aligned}$$

and a logarithm, with $T_{aa} = e^t$, adds the first derivative, $N - S_{aa}$, to its own entry. For *tied* the entries
of the one $T$ sum over the components; for *spherical* the one logarithm sums over the diagonal. One observation's
**score** under component $k$ is $y$ for the mean and $y_a y_b - [a = b]$ for the entry $T_{ab}$. The **tangents**
are $d\mu = L^0 \, dm$ and $d\Sigma = L^0 (dT + dT^T) L^{0T}$.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from models import Array, Gaussian, GaussianStatistics, Model

from .gaussian_prior import PriorTerms


class GaussianTerms(Protocol):
    """What the chart takes from the M-step: the model, its prior, and the matrices and counts of the covariances."""

    @property
    def model(self) -> Model:
        """The model."""

    @property
    def terms(self) -> PriorTerms:
        """What the prior adds, if there is one."""

    def scatter_and_counts(self, counts: Array, scatter: Array, current: Gaussian | None) -> tuple[Array, Array]:
        """The matrices and counts whose ratios are the covariances."""


def outer(left: Array, right: Array) -> Array:
    """Return the outer product of each row of one with the same row of the other."""
    return np.asarray(left[:, :, None] * right[:, None, :])


@dataclass(frozen=True)
class GaussianChart:
    """Shifts of the means in standard deviations, then the free entries of T for each covariance."""

    m_step: GaussianTerms
    reference: Gaussian
    expected: GaussianStatistics

    @cached_property
    def scales(self) -> Array:
        """The scale of each coordinate: √N of each mean and each entry below the diagonal, √(2N) of each logarithm on it."""
        of_means = np.sqrt(np.diagonal(self._information_of_means, axis1=1, axis2=2)).ravel()
        _, counts = self.m_step.scatter_and_counts(self.expected.counts, self.expected.second, self.reference)
        logarithms = self.m_step.model.dimension if self._spherical else 1
        information = np.where(self._rows == self._columns, 2 * logarithms, 1)[: self._entries]
        return np.concatenate([of_means, np.sqrt(counts[:, None] * information).ravel()])

    def components(self, coordinates: Array) -> Gaussian:
        """The components at these coordinates."""
        return self._moved(*self._unpack(coordinates))

    def place_of(self, components: Gaussian) -> Array:
        """The coordinates of components, of *tied* ones from the covariance of the first."""
        shifts = (self._whitening @ (components.means - self.reference.means)[:, :, None])[:, :, 0]
        triangles = self._whitening @ np.linalg.cholesky(components.covariances)
        blocks = 1 if self.m_step.model.covariance == "tied" else len(triangles)
        entries = triangles[:blocks, self._rows, self._columns]
        on_diagonal = self._rows == self._columns
        entries[:, on_diagonal] = np.log(entries[:, on_diagonal])
        return np.concatenate([shifts.ravel(), entries[:, : self._entries].ravel()])

    def _moved(self, shifts: Array, triangles: Array) -> Gaussian:
        means = self.reference.means + (self._factors @ shifts[:, :, None])[:, :, 0]
        factors = self._factors @ triangles
        return Gaussian(means, factors @ np.swapaxes(factors, 1, 2))

    def gradient(self, coordinates: Array, statistics: GaussianStatistics) -> Array:
        """The gradient of the objective in the shifts and the free entries."""
        shifts, triangles = self._unpack(coordinates)
        current, inverses = self._moved(shifts, triangles), np.linalg.inv(triangles)
        whitening = inverses @ self._whitening
        first, scatter, counts = self._whitened(statistics, whitening, current)
        first = first + (whitening @ self.m_step.terms.pull(current)[:, :, None])[:, :, 0]
        blocks = len(counts)
        inverse = np.swapaxes(inverses, 1, 2)
        of_means = (inverse @ first[:, :, None])[:, :, 0]
        excess = scatter - counts[:, None, None] * np.eye(self.m_step.model.dimension)
        of_entries = (inverse[:blocks] @ excess)[:, self._rows, self._columns]
        of_entries = of_entries * np.where(
            self._rows == self._columns, triangles[:blocks, self._rows, self._columns], 1.0
        )
        if self._spherical:
            of_entries = of_entries.sum(axis=1, keepdims=True)
        return np.concatenate([of_means.ravel(), of_entries.ravel()])

    def information(self) -> Array:
        """The second derivatives above, which at a maximum of Q are the squared scales on the diagonal.

        What a shared scale that is not seen takes away is left out of it, since it does not depend on the observations.
        """
        d = self.m_step.model.dimension
        first, scatter, counts = self._whitened(self.expected, np.linalg.inv(self._factors), self.reference)
        of_entries = linalg.block_diag(*self._information_of_entries(scatter, counts))
        of_entries = of_entries - self.m_step.terms.missing(self._factors[: len(counts)], self._changes)
        whole = linalg.block_diag(*self._information_of_means, of_entries)
        units = np.eye(d)
        crossed = (
            units[:, self._columns] * first[:, None, self._rows] + units[:, self._rows] * first[:, None, self._columns]
        )
        if self._spherical:
            crossed = crossed.sum(axis=2, keepdims=True)
        means, entries = self.places[:, :d], self.places[:, d:]
        whole[means[:, :, None], entries[:, None, :]] = crossed
        whole[entries[:, :, None], means[:, None, :]] = np.swapaxes(crossed, 1, 2)
        return np.asarray(whole)

    @cached_property
    def _information_of_means(self) -> Array:
        """The block of each mean, shape ``(k, d, d)``."""
        d = self.m_step.model.dimension
        strength = self.m_step.terms.moments(self.reference.means)[0]
        counted = (self.expected.counts + strength)[:, None, None] * np.eye(d)
        return np.asarray(counted + self.m_step.terms.information_of_means(self._factors))

    def _information_of_entries(self, scatter: Array, counts: Array) -> Array:
        """The block of each T, shape ``(blocks, entries, entries)``."""
        a, b = self._rows[:, None], self._columns[:, None]
        c, d = a.T, b.T
        counts = counts[:, None, None]
        found = (a == d) * scatter[:, b, c] + (a == c) * scatter[:, b, d] + (b == c) * scatter[:, a, d]
        found = found - counts * ((a == d) & (b == c))
        on_diagonal = (a == b) & (a == c) & (b == d)
        found = found + on_diagonal * (counts - scatter[:, a, b])
        return np.asarray(found.sum(axis=(1, 2), keepdims=True) if self._spherical else found)

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """The means of each component, then the entries of its T, which *tied* components share."""
        k, d = self.reference.means.shape
        blocks = np.zeros(k, dtype=np.intp) if self.m_step.model.covariance == "tied" else np.arange(k)
        means = np.arange(k * d).reshape(k, d)
        return np.concatenate([means, k * d + blocks[:, None] * self._entries + np.arange(self._entries)], axis=1)

    def scores(self, x: Array, exposure: Array | None = None) -> Array:
        """y, then the free entries of yyᵀ − I, shape ``(k, q, n)``."""
        whitened = np.linalg.inv(self._factors) @ (x.T - self.reference.means[:, :, None])
        of_entries = whitened[:, self._rows] * whitened[:, self._columns] - (self._rows == self._columns)[:, None]
        if self._spherical:
            of_entries = of_entries.sum(axis=1, keepdims=True)
        return np.concatenate([whitened, of_entries], axis=1)

    def tangents(self) -> Gaussian:
        """The derivatives of means and covariances in each coordinate."""
        k, d = self.reference.means.shape
        size = len(self.scales)
        means, covariances = np.zeros((size, k, d)), np.zeros((size, k, d, d))
        changes = self._changes
        for j, factor in enumerate(self._factors):
            means[self.places[j, :d], j] = factor.T
            covariances[self.places[j, d:], j] = factor @ (changes + np.swapaxes(changes, 1, 2)) @ factor.T
        return Gaussian(means, covariances)

    @cached_property
    def _changes(self) -> Array:
        """The derivative of T in each of its free entries, shape ``(entries, d, d)``."""
        d = self.m_step.model.dimension
        changes = np.zeros((len(self._rows), d, d))
        changes[np.arange(len(changes)), self._rows, self._columns] = 1
        return changes.sum(axis=0, keepdims=True) if self._spherical else changes

    def _whitened(
        self, statistics: GaussianStatistics, whitening: Array, current: Gaussian
    ) -> tuple[Array, Array, Array]:
        """First and second moments about the current means, and the counts of the second; the prior's among them."""
        _, of_first, of_second = self.m_step.terms.moments(statistics.centres)
        first, scatter = statistics.first + of_first, statistics.second + of_second
        scatter, counts = self.m_step.scatter_and_counts(statistics.counts, scatter, current)
        scatter = whitening[: len(counts)] @ scatter @ np.swapaxes(whitening[: len(counts)], 1, 2)
        return (whitening @ first[:, :, None])[:, :, 0], scatter, counts

    @property
    def _spherical(self) -> bool:
        return self.m_step.model.covariance == "spherical"

    @cached_property
    def _factors(self) -> Array:
        return np.linalg.cholesky(self.reference.covariances)

    @cached_property
    def _whitening(self) -> Array:
        return np.linalg.inv(self._factors)

    @cached_property
    def _rows(self) -> NDArray[np.intp]:
        return self._free_entries[0]

    @cached_property
    def _columns(self) -> NDArray[np.intp]:
        return self._free_entries[1]

    @cached_property
    def _free_entries(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        d = self.m_step.model.dimension
        rows, columns = np.tril_indices(d) if self.m_step.model.covariance in ("full", "tied") else np.diag_indices(d)
        return rows, columns

    @property
    def _entries(self) -> int:
        """How many coordinates one T has."""
        return 1 if self._spherical else len(self._rows)

    def _unpack(self, coordinates: Array) -> tuple[Array, Array]:
        """The shifts, shape ``(k, d)``, and T of each component, shape ``(k, d, d)``."""
        k, d = self.reference.means.shape
        shifts, entries = coordinates[: k * d].reshape(k, d), coordinates[k * d :].reshape(-1, self._entries)
        triangles = np.zeros((len(entries), d, d))
        triangles[:, self._rows, self._columns] = np.where(self._rows == self._columns, np.exp(entries), entries)
        return shifts, np.broadcast_to(triangles, (k, d, d))
