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

**The floor.** The likelihood is unbounded: a component on a single point, $\sigma \to 0$. The maximum is therefore
taken under the constraint that no eigenvalue of $\Sigma_k$, in coordinates in which the data have unit spread
(``models.Frame``), is below $\varepsilon = 10^{-12}$: whether a component has collapsed does not depend on the units.
Because $Q_k$ separates over the eigenvalues $s_j / N_k$ of the unconstrained solution and falls to both sides of each,
the exact constrained maximiser replaces each by $\max(s_j / N_k, \varepsilon)$, and the likelihood still never falls
(adding a ridge to the diagonal would not keep that promise). An eigenvalue at the floor means that the component has
*collapsed*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from models import Array, Data, Gaussian, GaussianStatistics, Model, NormalInverseWishart, Prior, Rows, Statistics

from .gaussian_chart import GaussianChart, outer
from .kernels.gaussian import DIAGONAL, FULL, SPHERICAL, TIED, GaussianUpdate, gaussian_steps
from .weights import followed_by_empty

FLOOR = 1e-12
STRUCTURES = {"full": FULL, "diagonal": DIAGONAL, "spherical": SPHERICAL, "tied": TIED}
# No matrix whose smallest eigenvalue, on the scale of its features, is less than this share of its largest has a Cholesky
# factor in doubles.
CONDITION = 1e-14


@dataclass(frozen=True)
class GaussianMStep:
    """Maximises Q over means and covariances; with a prior, Q plus its log-density."""

    model: Model
    data: Rows
    prior: Prior | None = None

    def __call__(self, statistics: Statistics) -> Gaussian:
        """The maximising components, given statistics of which no N is zero (with a prior it may be)."""
        given = cast(GaussianStatistics, statistics)
        means, scatter = self._means_and_scatter(given)
        scatter, counts = self.scatter_and_counts(given.counts, scatter)
        shape = (self.model.components, *scatter.shape[1:])
        return Gaussian(means, self._lift(np.broadcast_to(scatter / counts[:, None, None], shape)))

    def steps(
        self, data: Data, weights: Array, components: Gaussian, least_count: float, pseudo_count: float
    ) -> tuple[Array, Gaussian, GaussianStatistics]:
        """Plain EM in compiled code: log-likelihoods, components with a leading axis, the statistics of the last.

        The first row of ``weights``, shape ``(steps, k)``, is given and the others are filled.
        """
        x, seen = data.chunk(0, len(data.values))
        means = followed_by_empty(components.means, len(weights))
        covariances = followed_by_empty(components.covariances, len(weights))
        update = self._update._replace(least_count=least_count, pseudo_count=pseudo_count)
        log_likelihood, counts, first, second = gaussian_steps(x, seen, weights, means, covariances, update)
        visited = len(log_likelihood)
        statistics = GaussianStatistics(counts, first, second, means[visited - 1])
        return log_likelihood, Gaussian(means[:visited], covariances[:visited]), statistics

    def chart(self, components: Gaussian, statistics: Statistics) -> GaussianChart:
        """Coordinates about these components, whose expected statistics are given."""
        return GaussianChart(self, components, cast(GaussianStatistics, statistics))

    def collapse(self, components: Gaussian) -> str | None:
        """Say which component has an eigenvalue at the floor, if one has."""
        narrowest = np.linalg.eigvalsh(self._whitened(components.covariances)).min(axis=-1)
        values = np.linalg.eigvalsh(components.covariances / self._scales)
        singular = values.min(axis=-1) <= 2 * CONDITION * values.max(axis=-1)
        collapsed = np.flatnonzero((narrowest <= 2 * FLOOR) | singular)
        return f"the covariance of component {collapsed[0] + 1} is singular" if collapsed.size else None

    def positive(self, components: Gaussian) -> Gaussian:
        """The variances are positive."""
        variances = np.broadcast_to(np.eye(self.model.dimension), components.covariances.shape)
        return Gaussian(np.zeros_like(components.means), variances)

    def deviation_ratio(self, components: Gaussian) -> float:
        """The root of the smallest eigenvalue of any Σⱼ⁻¹Σₕ (Hathaway 1985)."""
        whitening = np.linalg.inv(np.linalg.cholesky(components.covariances))[:, None]
        relative = whitening @ components.covariances @ np.swapaxes(whitening, -1, -2)
        return float(np.sqrt(np.linalg.eigvalsh(relative).min().clip(0)))

    def edge_value(self, components: Gaussian, component: int) -> float:
        """No parameter of a Gaussian may be zero and regular."""
        return float("inf")

    def held(self, components: Gaussian, component: int, value: float) -> None:
        """There is no such parameter."""

    def shrunk(self, components: Gaussian, component: int, centre: Array, factor: float) -> Gaussian | None:
        """With the mean on the way to the centre; not where all share one covariance, or the only component is."""
        if self.model.covariance == "tied" or self.model.components == 1:
            return None
        means, covariances = components.means.copy(), components.covariances.copy()
        means[component] = centre + factor * (means[component] - centre)
        covariances[component] *= factor**2
        return Gaussian(means, covariances)

    @cached_property
    def hyperparameters(self) -> NormalInverseWishart | None:
        return cast(NormalInverseWishart, self.prior.components) if self.prior else None

    @cached_property
    def _scales(self) -> Array:
        """The units of the entries of a covariance: of each feature its own, of *spherical* ones one for all."""
        variances = np.diag(self.data.covariance)
        if self.model.covariance == "spherical":
            variances = np.full(len(variances), variances.mean())
        return np.outer(np.sqrt(variances), np.sqrt(variances))

    @cached_property
    def _spread(self) -> Array:
        """The data's covariance in these units, as far as the structure knows it."""
        whole = self.model.covariance in ("full", "tied")
        return np.asarray(self.data.covariance / self._scales if whole else np.eye(self.model.dimension))

    @cached_property
    def _factor(self) -> Array:
        """The lower triangular L with LLᵀ that spread in the units of the data."""
        return np.asarray(np.linalg.cholesky(self._spread) * np.sqrt(np.diag(self._scales))[:, None])

    def _whitened(self, covariances: Array) -> Array:
        """The same covariances in coordinates in which the data have unit spread."""
        half = np.linalg.solve(self._factor, covariances)
        return np.linalg.solve(self._factor, np.swapaxes(half, -1, -2))

    def _means_and_scatter(self, given: GaussianStatistics) -> tuple[Array, Array]:
        """The maximising means and, about them, S (with a prior, S plus the term in κ)."""
        prior, counts = self.hyperparameters, given.counts[:, None]
        strength = prior.strength if prior else 0.0
        location = prior.location if prior else np.zeros(self.model.dimension)
        shift = (given.first + strength * (location - given.centres)) / (counts + strength)
        means = given.centres + shift
        cross = outer(given.first, shift)
        scatter = given.second - cross - np.swapaxes(cross, 1, 2) + counts[:, :, None] * outer(shift, shift)
        return means, scatter + strength * outer(means - location, means - location)

    def scatter_and_counts(self, counts: Array, scatter: Array) -> tuple[Array, Array]:
        """The matrices and counts whose ratios are the covariances: for *tied* one in all, else one per component."""
        of_prior, pseudo_count = self._prior_scatter, self._prior_count
        if self.model.covariance == "tied":
            return scatter.sum(axis=0, keepdims=True) + of_prior, counts.sum(keepdims=True) + pseudo_count
        scatter = scatter + of_prior
        if self.model.covariance == "diagonal":
            scatter = scatter * np.eye(self.model.dimension)
        if self.model.covariance == "spherical":
            mean_squares = np.trace(scatter, axis1=1, axis2=2) / self.model.dimension
            scatter = mean_squares[:, None, None] * np.eye(self.model.dimension)
        return scatter, counts + pseudo_count

    @cached_property
    def _update(self) -> GaussianUpdate:
        prior, d = self.hyperparameters, self.model.dimension
        return GaussianUpdate(
            structure=STRUCTURES[self.model.covariance or "full"],
            scales=self._scales,
            spread=self._spread,
            floor=2 * FLOOR,
            condition=2 * CONDITION,
            least_count=0.0,
            equal_weights=not self.model.weights_are_free,
            pseudo_count=0.0,
            location=np.array(prior.location, dtype=float) if prior else np.zeros(d),
            strength=prior.strength if prior else 0.0,
            scatter=np.ascontiguousarray(self._prior_scatter),
            observed=float(self._prior_count),
        )

    @cached_property
    def _prior_scatter(self) -> Array:
        """What the prior adds to the scatter, shape ``(d, d)``; for *spherical* its trace is ψ."""
        prior, d = self.hyperparameters, self.model.dimension
        if prior is None:
            return np.zeros((d, d))
        factors = {"diagonal": np.eye(d), "spherical": np.eye(d) / d}
        return np.asarray(prior.scale * factors.get(self.model.covariance or "full", 1.0))

    @cached_property
    def _prior_count(self) -> float:
        """What the prior adds to the counts; for *spherical* one of the d features' equal shares."""
        prior, d = self.hyperparameters, self.model.dimension
        if prior is None:
            return 0.0
        degrees = prior.degrees_of_freedom
        return {
            "full": degrees + d + 2,
            "tied": degrees + d + 1 + self.model.components,
            "diagonal": degrees + 3,
            "spherical": (degrees + d + 2) / d,
        }[self.model.covariance or "full"]

    def _lift(self, covariances: Array) -> Array:
        """The exact maximiser under the floor: eigenvalues below it are raised to it."""
        symmetric = (covariances + np.swapaxes(covariances, 1, 2)) / 2
        values, vectors = np.linalg.eigh(self._whitened(symmetric))
        if (values < FLOOR).any():
            directions = self._factor @ vectors
            symmetric = (directions * np.maximum(values, FLOOR)[:, None, :]) @ np.swapaxes(directions, 1, 2)
        values, vectors = np.linalg.eigh(symmetric / self._scales)
        least = CONDITION * values.max(axis=-1, keepdims=True)
        if (values > least).all():
            return np.asarray(symmetric)
        lifted = (vectors * np.maximum(values, least)[:, None, :]) @ np.swapaxes(vectors, 1, 2)
        return np.asarray(lifted * self._scales)
