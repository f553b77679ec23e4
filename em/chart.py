r"""A chart: unconstrained coordinates of all mixtures about one of them, with the gradient of EM's objective.

The coordinates are relative changes, zero at the mixture that the chart is about, to which each family adds those of its
components. The weights are $\pi_k \propto \pi_k^0 \, e^{u_k}$ with $u_k = (B y)_k / \sqrt{\pi_k^0}$, where the columns of
$B$ are an orthonormal basis of all vectors orthogonal to $\sqrt{\pi^0}$: a constant added to all $u_k$ would change
nothing, and is left out. By Fisher's identity the gradient of the observed-data log-likelihood is that of $Q$ at the
parameters of the E-step; for the weights

$$\frac{\partial}{\partial u_k} \sum_j N_j \log \pi_j = N_k - n \, \pi_k , \qquad
  - \frac{\partial^2}{\partial u_k \, \partial u_l} \sum_j N_j \log \pi_j = n \, ( \pi_k [k = l] - \pi_k \pi_l ) ,$$

so that the complete data's information in $y$ at zero is $n$ times the identity. A Dirichlet prior adds $\alpha - 1$ to
each $N_k$. The score of one observation with label $k$, its own share of that gradient, is row $k$ of $B$ divided by
$\sqrt{\pi_k^0}$.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from models import Array, Components, Mixture, Model, Prior, Statistics, assigned

SMALLEST_SCALE = 1e-6
SMALLEST_WEIGHT = 1e-12
# Beyond every squared distance of places that a step may lead to.
FAR = 1e100


class ComponentChart(Protocol):
    """A family's part of a chart: coordinates of its components about those that the chart was made for."""

    @property
    def scales(self) -> Array:
        """The square root of the complete data's information in each coordinate, at zero."""

    def components(self, coordinates: Array) -> Components:
        """The components at these coordinates."""

    def place_of(self, components: Any) -> Array:
        """The coordinates of components, which are not finite where these coordinates do not reach them."""

    def gradient(self, coordinates: Array, statistics: Any) -> Array:
        """The gradient of the objective, given the statistics expected at these coordinates."""

    def information(self) -> Array:
        """Minus the second derivatives of the complete-data objective in expectation, at zero."""

    @property
    def places(self) -> NDArray[np.intp]:
        """Which coordinates each component depends on, shape ``(k, q)``."""

    def scores(self, x: Array, exposure: Array | None = None) -> Array:
        """The gradient of each log-density at zero in the coordinates it depends on, shape ``(k, q, n)``."""

    def tangents(self) -> Components:
        """The derivative of the components in every coordinate, which is the leading axis, at zero."""


@dataclass(frozen=True)
class Chart:
    """Coordinates about ``mixture``, whose expected counts are ``counts``, shape ``(k,)``."""

    mixture: Mixture
    counts: Array
    of_components: ComponentChart
    model: Model
    prior: Prior | None

    @cached_property
    def scales(self) -> Array:
        """The square root of the complete data's information in each coordinate, at zero; its length is theirs."""
        of_weights = np.full(self._basis.shape[1], np.sqrt(self._size))
        return np.asarray(np.maximum(np.concatenate([of_weights, self.of_components.scales]), SMALLEST_SCALE))

    def at(self, coordinates: Array) -> Mixture:
        """The mixture at these coordinates."""
        of_weights, of_components = self._split(coordinates)
        return Mixture(self._weights(of_weights), self.of_components.components(of_components))

    def place_of(self, mixture: Mixture) -> Array:
        """The coordinates of a mixture, which are not finite where these coordinates do not reach it."""
        with np.errstate(divide="ignore", invalid="ignore"):
            # The columns of B are orthogonal to √π⁰, so that a constant added to all u does not matter.
            changes = np.where(
                self._is_free, self.mixture.weights * np.log(mixture.weights / self.mixture.weights), 0.0
            )
            return np.concatenate([self._basis.T @ changes, self.of_components.place_of(mixture.components)])

    def named(self, mixture: Mixture, fixed: Sequence[int] = ()) -> Mixture:
        """The mixture, each component but the ``fixed`` ones in the place that it is nearest to in these coordinates."""
        components = np.arange(self.model.components)
        distances = np.empty((len(components), len(components)))
        for turn in components:
            order = np.roll(components, turn)
            with np.errstate(divide="ignore", invalid="ignore"):
                place = self.of_components.place_of(mixture.components.take(order)) * self.of_components.scales
                distances[components, order] = np.square(place[self.of_components.places]).sum(axis=1)
        return mixture.relabel(assigned(np.nan_to_num(distances, nan=FAR, posinf=FAR), fixed))

    def gradient(self, coordinates: Array, statistics: Statistics) -> Array:
        """The gradient of the objective, given the statistics expected at these coordinates."""
        of_weights, of_components = self._split(coordinates)
        counts = statistics.counts + (self.prior.concentration - 1 if self.prior else 0)
        excess = counts - counts.sum() * self._weights(of_weights)
        return np.concatenate([self._basis.T @ excess, self.of_components.gradient(of_components, statistics)])

    def information(self) -> Array:
        """Minus the second derivatives of the complete-data objective in expectation, at zero."""
        of_weights = self._size * np.eye(self._basis.shape[1])
        return np.asarray(linalg.block_diag(of_weights, self.of_components.information()))

    @property
    def places(self) -> NDArray[np.intp]:
        """Which coordinates an observation's score depends on when its label is known, shape ``(k, q)``."""
        k, free = self._basis.shape
        of_weights = np.broadcast_to(np.arange(free), (k, free))
        return np.concatenate([of_weights, free + self.of_components.places], axis=1)

    def scores(self, x: Array, exposure: Array | None = None) -> Array:
        """The gradient at zero of log π_k + log p(x | k) in the coordinates it depends on, shape ``(k, q, n)``."""
        of_weights = np.broadcast_to(self._basis[:, :, None], (*self._basis.shape, len(x)))
        return np.concatenate([of_weights, self.of_components.scores(x, exposure)], axis=1)

    def tangents(self) -> Mixture:
        """The derivative of the mixture in every coordinate, which is the leading axis, at zero."""
        of_weights, of_components = self.mixture.weights * self._basis.T, self.of_components.tangents()

        def below(array: Array) -> Array:
            return np.concatenate([np.zeros((len(of_weights), *array.shape[1:])), array])

        components = of_components.map(below)
        others = np.zeros((len(self.scales) - len(of_weights), self.model.components))
        return Mixture(np.concatenate([of_weights, others]), components)

    @cached_property
    def _size(self) -> float:
        """The number of observations n, and what the prior adds to it."""
        pseudo_counts = self.model.components * (self.prior.concentration - 1) if self.prior else 0.0
        return float(self.counts.sum() + pseudo_counts)

    @cached_property
    def _basis(self) -> Array:
        """B with each row divided by √π, shape ``(k, k - 1)``; no columns where the weights are fixed."""
        if not self.model.weights_are_free:
            return np.empty((self.model.components, 0))
        free = self._is_free
        roots = np.sqrt(self.mixture.weights[free])
        basis = np.zeros((len(free), len(roots) - 1))
        basis[free] = linalg.null_space(roots[None, :]) / roots[:, None]
        return basis

    @property
    def _is_free(self) -> NDArray[np.bool_]:
        """Which weights move: one of zero, where a prior has its mode on the boundary, stays there."""
        return self.mixture.weights > SMALLEST_WEIGHT

    def _split(self, coordinates: Array) -> tuple[Array, Array]:
        at = self._basis.shape[1]
        return coordinates[:at], coordinates[at:]

    def _weights(self, coordinates: Array) -> Array:
        changes = self._basis @ coordinates
        shares = self.mixture.weights * np.exp(changes - changes.max())
        return np.asarray(shares / shares.sum())
