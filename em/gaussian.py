r"""The M-step of Gaussian components, for each structure of covariance.

The log-density is
$\log p(x \mid \mu, \Sigma) = -\tfrac d2 \log 2\pi - \tfrac12 \log |\Sigma| - \tfrac12 (x-\mu)^T \Sigma^{-1} (x-\mu)$.
With $N_k = \sum_i w_i \gamma_{ik}$, component $k$ occurs in $Q$ as

$$Q_k(\mu_k, \Sigma_k) = -\frac{N_k}{2} \log |\Sigma_k|
  - \frac12 \sum_{i=1}^n w_i \gamma_{ik} \, (x_i - \mu_k)^T \Sigma_k^{-1} (x_i - \mu_k) + \mathrm{const} .$$

**The mean.** The gradient (with $\Sigma_k^{-1}$, not $\Sigma_k$) vanishes whatever the covariance where

$$\nabla_{\mu_k} Q_k = \Sigma_k^{-1} \sum_{i=1}^n w_i \gamma_{ik} \, (x_i - \mu_k) = 0
  \quad \Rightarrow \quad \mu_k = \frac{1}{N_k} \sum_{i=1}^n w_i \gamma_{ik} \, x_i .$$

**The covariance.** Put $S_k = \sum_i w_i \gamma_{ik} (x_i - \mu_k)(x_i - \mu_k)^T$ at this mean. A scalar is its own
trace, so that $Q_k = -\tfrac{N_k}2 \log |\Sigma_k| - \tfrac12 \mathrm{tr}(\Sigma_k^{-1} S_k)$. In the precision
$P = \Sigma_k^{-1}$, with $\nabla_P \log |P| = P^{-1}$ and $\nabla_P \mathrm{tr}(P S) = S$ for symmetric matrices,

$$\nabla_P Q_k = \frac{N_k}{2} P^{-1} - \frac12 S_k = 0 \quad \Rightarrow \quad \Sigma_k = \frac{S_k}{N_k}
  \qquad \text{(full)} .$$

$\log |P|$ is concave and the trace linear, hence this is the maximum. The other structures restrict $\Sigma_k$, and the
same derivative is taken in what is left free:

$$\begin{aligned}
  \text{diagonal:} & \quad \sigma_{kj}^2 = (S_k)_{jj} / N_k ; \\
  \text{spherical:} & \quad \sigma_k^2 = \mathrm{tr}(S_k) / (d \, N_k) ; \\
  \text{tied:} & \quad \Sigma = \textstyle\sum_k S_k / n .
\end{aligned}$$

**Maximum a posteriori.** Under the normal–inverse-Wishart prior, $\mu_k \mid \Sigma_k \sim N(m, \Sigma_k / \kappa)$ and
$\Sigma_k \sim \mathrm{InvWishart}(\nu, \Psi)$, the log-prior is

$$-\frac{\nu + d + 2}{2} \log |\Sigma_k| - \frac12 \mathrm{tr}(\Sigma_k^{-1} \Psi)
  - \frac{\kappa}{2} (\mu_k - m)^T \Sigma_k^{-1} (\mu_k - m) + \mathrm{const} ,$$

where $\nu + d + 1$ comes from the inverse Wishart and one more from the normal's $|\Sigma_k / \kappa|^{-1/2}$. It acts as
$\kappa$ observations at $m$ and as a scatter $\Psi$ seen before:

$$\mu_k = \frac{\kappa m + \sum_i w_i \gamma_{ik} x_i}{\kappa + N_k} , \qquad
  T_k = \Psi + S_k + \kappa \, (\mu_k - m)(\mu_k - m)^T ,$$

with $S_k$ taken about this mean. The covariance has the form above with $T_k$ for $S_k$ and a larger count:

$$\begin{aligned}
  \text{full:} & \quad \Sigma_k = T_k / (N_k + \nu + d + 2) ; \\
  \text{diagonal:} & \quad \sigma_{kj}^2 = (T_k)_{jj} / (N_k + \nu + 3) ; \\
  \text{spherical:} & \quad \sigma_k^2 = \bigl( \psi + \mathrm{tr}(T_k - \Psi) \bigr) / (d \, N_k + \nu + d + 2) ; \\
  \text{tied:} & \quad \Sigma = \bigl( \Psi + \textstyle\sum_k (T_k - \Psi) \bigr) / (n + \nu + d + 1 + K) .
\end{aligned}$$

For *diagonal* and *spherical* each variance has an inverse-gamma$(\nu/2, \psi/2)$ prior, the inverse Wishart's
one-dimensional case; for *tied* one $\Sigma$ has one prior and $K$ normals. The mode is taken in $(\mu, \Sigma)$.

**The floor.** The likelihood is unbounded: a component on a single point, $\sigma \to 0$. The maximum is therefore taken
under the constraint that no eigenvalue of $\Sigma_k$, on the scale on which every feature has variance one, is below
$\varepsilon = 10^{-12}$. Because $Q_k$ separates over the eigenvalues $s_j / N_k$ of the unconstrained solution and falls
to both sides of each, the exact constrained maximiser replaces each by $\max(s_j / N_k, \varepsilon)$, and the likelihood
still never falls (adding a ridge to the diagonal would not keep that promise). An eigenvalue at the floor means that the
component has *collapsed*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from models import Array, Data, Gaussian, GaussianStatistics, Model, NormalInverseWishart, Prior, Statistics

FLOOR = 1e-12


@dataclass(frozen=True)
class GaussianMStep:
    """Maximises Q over means and covariances; with a prior, Q plus its log-density."""

    model: Model
    data: Data
    prior: Prior | None = None

    def __call__(self, statistics: Statistics) -> Gaussian:
        """The maximising components, given statistics of which no N is zero (with a prior it may be)."""
        given = cast(GaussianStatistics, statistics)
        means, scatter = self._means_and_scatter(given)
        return Gaussian(means, self._lift(self._covariances(given.counts, scatter)))

    def collapse(self, components: Gaussian) -> str | None:
        """Say which component has an eigenvalue at the floor, if one has."""
        smallest = np.linalg.eigvalsh(components.covariances / self._scales).min(axis=-1)
        collapsed = np.flatnonzero(smallest <= 2 * FLOOR)
        return f"the covariance of component {collapsed[0] + 1} is singular" if collapsed.size else None

    @cached_property
    def _hyperparameters(self) -> NormalInverseWishart | None:
        return cast(NormalInverseWishart, self.prior.components) if self.prior else None

    @cached_property
    def _scales(self) -> Array:
        deviations = np.sqrt(np.diag(self.data.covariance))
        return np.outer(deviations, deviations)

    def _means_and_scatter(self, given: GaussianStatistics) -> tuple[Array, Array]:
        """The maximising means and, about them, S (with a prior, S plus the term in κ)."""
        prior, counts = self._hyperparameters, given.counts[:, None]
        strength = prior.strength if prior else 0.0
        location = prior.location if prior else np.zeros(self.model.dimension)
        shift = (given.first + strength * (location - given.centres)) / (counts + strength)
        means = given.centres + shift
        cross = _outer(given.first, shift)
        scatter = given.second - cross - np.swapaxes(cross, 1, 2) + counts[:, :, None] * _outer(shift, shift)
        return means, scatter + strength * _outer(means - location, means - location)

    def _covariances(self, counts: Array, scatter: Array) -> Array:
        structure = self.model.covariance
        if structure == "full":
            return self._full(counts, scatter)
        if structure == "tied":
            return self._tied(counts, scatter)
        variances = np.diagonal(scatter, axis1=1, axis2=2)
        variances = self._diagonal(counts, variances) if structure == "diagonal" else self._spherical(counts, variances)
        return np.asarray(variances[:, :, None] * np.eye(self.model.dimension))

    def _full(self, counts: Array, scatter: Array) -> Array:
        prior, d = self._hyperparameters, self.model.dimension
        if prior is None:
            return np.asarray(scatter / counts[:, None, None])
        return np.asarray((prior.scale + scatter) / (counts + prior.degrees_of_freedom + d + 2)[:, None, None])

    def _diagonal(self, counts: Array, squares: Array) -> Array:
        prior = self._hyperparameters
        if prior is None:
            return np.asarray(squares / counts[:, None])
        return np.asarray((prior.scale + squares) / (counts + prior.degrees_of_freedom + 3)[:, None])

    def _spherical(self, counts: Array, squares: Array) -> Array:
        prior, d = self._hyperparameters, self.model.dimension
        totals = squares.sum(axis=1)
        if prior is None:
            variances = totals / (d * counts)
        else:
            variances = (prior.scale + totals) / (d * counts + prior.degrees_of_freedom + d + 2)
        return np.repeat(variances[:, None], d, axis=1)

    def _tied(self, counts: Array, scatter: Array) -> Array:
        prior, d, k = self._hyperparameters, self.model.dimension, self.model.components
        total, count = scatter.sum(axis=0), counts.sum()
        if prior is not None:
            total, count = total + prior.scale, count + prior.degrees_of_freedom + d + 1 + k
        return np.repeat(total[None] / count, k, axis=0)

    def _lift(self, covariances: Array) -> Array:
        """The exact maximiser under the floor: eigenvalues below it are raised to it."""
        symmetric = (covariances + np.swapaxes(covariances, 1, 2)) / 2
        values, vectors = np.linalg.eigh(symmetric / self._scales)
        if values.min() > FLOOR:
            return np.asarray(symmetric)
        if self.model.covariance == "spherical":
            return self._lift_spherical(symmetric)
        lifted = (vectors * np.maximum(values, FLOOR)[:, None, :]) @ np.swapaxes(vectors, 1, 2)
        return np.asarray(lifted * self._scales)

    def _lift_spherical(self, covariances: Array) -> Array:
        """One variance stands for all features, so that the widest feature's floor binds."""
        floor = FLOOR * self._scales.max()
        variances = np.maximum(covariances[:, :1, 0], floor)
        return np.asarray(variances[:, :, None] * np.eye(self.model.dimension))


def _outer(left: Array, right: Array) -> Array:
    return np.asarray(left[:, :, None] * right[:, None, :])
